import { appendFileSync, existsSync, readFileSync } from "node:fs";

import { z } from "zod";

import type { Keyring } from "../store/seal.ts";
import type { Store } from "../store/store.ts";
import {
  chainStart,
  countStrays,
  dropWaiting,
  findHeads,
  findUnsealed,
  linkOf,
  lockSealer,
  operatorChain,
  readSeals,
  writeHeads,
  writeSeals,
  type Head,
} from "./seal-store.ts";

const system = { agency: null, id: "system" };
/** As many rows as are sealed or read at once. */
export const SEAL_CHUNK = 1000;

/** Chains what was written since: each row to the one before it on its agency's chain. Says how many it sealed. */
export async function sealAudit(store: Store, keyring: Keyring): Promise<number> {
  return store.transaction(system, async (tx) => {
    await lockSealer(tx);
    const rows = await findUnsealed(tx, SEAL_CHUNK);
    if (rows.length === 0) return 0;
    const heads = new Map((await findHeads(tx)).map((head) => [head.chain, head]));
    const touched = new Map<string, Head>();
    const seals = rows.map((row) => {
      const chain = row.agency_id ?? operatorChain;
      const before = touched.get(chain) ??
        heads.get(chain) ?? { chain, seq: 0, hash: chainStart(keyring, chain) };
      const seq = before.seq + 1;
      const hash = linkOf(keyring, { before: before.hash, seq }, row);
      touched.set(chain, { chain, seq, hash });
      return { chain, seq, audit: row.id, hash };
    });
    await writeSeals(tx, seals);
    await dropWaiting(
      tx,
      rows.map(({ id }) => id),
    );
    await writeHeads(tx, [...touched.values()]);
    return rows.length;
  });
}

/** The audit as it was found: whole, or the places where it is not. */
export interface Verification {
  readonly rows: number;
  readonly chains: number;
  /** One sentence a place, naming chain and number. */
  readonly broken: readonly string[];
}

/**
 * Seals first, then walks every chain and compares it with its head and with the last exported checkpoint, which is
 * what shows a chain cut at its end. Names an edited, removed, reordered or cut row.
 */
export async function verifyAudit(
  store: Store,
  keyring: Keyring,
  checkpoints: string,
): Promise<Verification> {
  while ((await sealAudit(store, keyring)) === SEAL_CHUNK);
  // The sealer of the jobs goes on meanwhile: a chain may grow beyond the heads read before, and not beyond those after.
  const heads = await store.transaction(system, findHeads);
  const { broken, ends, rows } = await walk(store, keyring);
  const later = await store.transaction(system, findHeads);
  broken.push(...misfitHeads(heads, ends), ...overgrown(later, ends));
  broken.push(...misfitCheckpoints(checkpoints, ends));
  const strays = await store.transaction(system, countStrays);
  if (strays > 0) broken.push(`${strays} rows were written past the audit's own function`);
  if (broken.length === 0) exportCheckpoints(checkpoints, heads);
  return { rows, chains: ends.size, broken };
}

/** A chain that ends before its head was cut at its end. */
function misfitHeads(heads: readonly Head[], ends: Ends): readonly string[] {
  return heads.flatMap(({ chain, seq, hash }) => {
    const end = ends.get(chain);
    if (end === undefined || end.seq < seq) {
      return [`${named(chain)}: cut after row ${end?.seq ?? 0}; the head says ${seq}`];
    }
    const there = end.passed.get(seq);
    return there === hash.toString("hex") ? [] : [`${named(chain)}: the head does not fit row ${seq}`];
  });
}

/** A chain that goes on after its head had its head put back. */
function overgrown(heads: readonly Head[], ends: Ends): readonly string[] {
  const seqs = new Map(heads.map(({ chain, seq }) => [chain, seq]));
  return [...ends.values()]
    .filter(({ chain, seq }) => seq > (seqs.get(chain) ?? 0))
    .map(({ chain, seq }) => `${named(chain)}: the head does not fit row ${seq}`);
}

/** What left the database cannot be cut or rewritten in it. */
function misfitCheckpoints(file: string, ends: Ends): readonly string[] {
  return [...readCheckpoints(file).values()].flatMap(({ chain, seq, hash }) => {
    const there = ends.get(chain)?.passed.get(seq);
    if (there === undefined) return [`${named(chain)}: cut before row ${seq}, which a checkpoint has`];
    return there === hash ? [] : [`${named(chain)}: row ${seq} is not the one of the checkpoint`];
  });
}

type Ends = ReadonlyMap<string, End>;

interface End extends Head {
  /** Hash by number, for the checkpoints. */
  readonly passed: Map<number, string>;
}

async function walk(store: Store, keyring: Keyring) {
  const broken: string[] = [];
  const ends = new Map<string, End>();
  let rows = 0;
  let at = { chain: operatorChain, seq: -1 };
  for (;;) {
    const from = at;
    const seals = await store.transaction(system, (tx) => readSeals(tx, from, SEAL_CHUNK));
    for (const { chain, seq, hash, row } of seals) {
      const before = ends.get(chain) ?? {
        chain,
        seq: 0,
        hash: chainStart(keyring, chain),
        passed: new Map(),
      };
      if (seq !== before.seq + 1) {
        broken.push(
          `${named(chain)}: row${seq === before.seq + 2 ? "" : "s"} ${gap(before.seq + 1, seq - 1)} removed`,
        );
      } else if (row === undefined) {
        broken.push(`${named(chain)}: row ${seq} removed`);
      } else if (!linkOf(keyring, { before: before.hash, seq }, row).equals(hash)) {
        broken.push(
          `${named(chain)}: row ${seq} edited or out of order (${row.action}, ${row.at.toISOString()})`,
        );
      }
      before.passed.set(seq, hash.toString("hex"));
      ends.set(chain, { ...before, seq, hash });
      at = { chain, seq };
      rows += 1;
    }
    if (seals.length < SEAL_CHUNK) return { broken, ends, rows };
  }
}

function gap(first: number, last: number): string {
  return first === last ? String(first) : `${first} to ${last}`;
}

function named(chain: string): string {
  return chain === operatorChain ? "operator" : `agency ${chain}`;
}

const checkpointLine = z.object({ at: z.string(), chain: z.uuid(), seq: z.number().int(), hash: z.string() });
type Checkpoint = z.infer<typeof checkpointLine>;

/** The last checkpoint of each chain: a file beside the database, to be copied where the database's keeper cannot write. */
function readCheckpoints(file: string): ReadonlyMap<string, Checkpoint> {
  if (!existsSync(file)) return new Map();
  const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
  return new Map(
    lines.map((line) => checkpointLine.parse(JSON.parse(line))).map((point) => [point.chain, point]),
  );
}

function exportCheckpoints(file: string, heads: readonly Head[]): void {
  const known = readCheckpoints(file);
  const at = new Date().toISOString();
  const lines = heads
    .filter(({ chain, seq }) => known.get(chain)?.seq !== seq)
    .map(({ chain, seq, hash }) => `${JSON.stringify({ at, chain, seq, hash: hash.toString("hex") })}\n`);
  if (lines.length > 0) appendFileSync(file, lines.join(""), { mode: 0o600 });
}
