import { sql } from "kysely";

import type { Keyring } from "../store/seal.ts";
import type { Tx } from "../store/store.ts";

/** The operator's events have no agency: they are chained under the nil id. */
export const operatorChain = "00000000-0000-0000-0000-000000000000";

interface AuditRow {
  readonly id: string;
  readonly event_id: string;
  readonly agency_id: string | null;
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly outcome: string;
  readonly detail: unknown;
}

/** One link: an HMAC over the link before and everything the row says, with a key that is not in the database. */
export function linkOf(
  keyring: Keyring,
  { before, seq }: { readonly before: Buffer; readonly seq: number },
  row: AuditRow,
): Buffer {
  const said = JSON.stringify([
    seq,
    row.id,
    row.event_id,
    row.agency_id,
    row.at.toISOString(),
    row.actor,
    row.action,
    row.subject,
    row.outcome,
    canonical(row.detail),
  ]);
  return keyring.mac("audit", Buffer.concat([before, Buffer.from(said)]));
}

/** jsonb keeps no order of its own that we may rely on. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, inner]) => [key, canonical(inner)]),
  );
}

/** The first link of a chain hangs on this. */
export function chainStart(keyring: Keyring, chain: string): Buffer {
  return keyring.mac("audit-chain", chain);
}

/** Only one sealer at a time; the lock goes with the transaction. */
export async function lockSealer(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(7022003)`.execute(tx);
}

/** Rows that no link covers yet, in the order they were written. */
export async function findUnsealed(tx: Tx, limit: number): Promise<readonly AuditRow[]> {
  const { rows } = await sql<AuditRow>`
    select a.id, a.event_id, a.agency_id, a.at, a.actor, a.action, a.subject, a.outcome, a.detail
      from audit_waiting w join audit a on a.id = w.audit_id
     order by a.nr limit ${limit}`.execute(tx);
  return rows;
}

export interface Head {
  readonly chain: string;
  readonly seq: number;
  readonly hash: Buffer;
}

export async function findHeads(tx: Tx): Promise<readonly Head[]> {
  const rows = await tx.selectFrom("audit_head").selectAll().orderBy("chain_id").execute();
  return rows.map((row) => ({ chain: row.chain_id, seq: Number(row.seq), hash: row.hash }));
}

interface Seal {
  readonly chain: string;
  readonly seq: number;
  readonly audit: string;
  readonly hash: Buffer;
}

export async function writeSeals(tx: Tx, seals: readonly Seal[]): Promise<void> {
  const [chains, seqs, audits, hashes] = [
    seals.map(({ chain }) => chain),
    seals.map(({ seq }) => seq),
    seals.map(({ audit }) => audit),
    seals.map(({ hash }) => hash),
  ];
  await sql`
    insert into audit_seal (chain_id, seq, audit_id, hash)
    select * from unnest(${chains}::uuid[], ${seqs}::bigint[], ${audits}::uuid[], ${hashes}::bytea[])`.execute(
    tx,
  );
}

export async function dropWaiting(tx: Tx, audits: readonly string[]): Promise<void> {
  await sql`delete from audit_waiting where audit_id = any(${audits}::uuid[])`.execute(tx);
}

export async function writeHeads(tx: Tx, heads: readonly Head[]): Promise<void> {
  const [chains, seqs, hashes] = [
    heads.map(({ chain }) => chain),
    heads.map(({ seq }) => seq),
    heads.map(({ hash }) => hash),
  ];
  await sql`
    insert into audit_head (chain_id, seq, hash)
    select * from unnest(${chains}::uuid[], ${seqs}::bigint[], ${hashes}::bytea[])
        on conflict (chain_id) do update set seq = excluded.seq, hash = excluded.hash`.execute(tx);
}

export interface SealedRow {
  readonly chain: string;
  readonly seq: number;
  readonly hash: Buffer;
  readonly audit: string;
  /** Undefined: the sealed row is gone. */
  readonly row: AuditRow | undefined;
}

/** The next links of all chains after this place, with the rows they cover. */
export async function readSeals(
  tx: Tx,
  after: { readonly chain: string; readonly seq: number },
  limit: number,
): Promise<readonly SealedRow[]> {
  const { rows } = await sql<
    { chain_id: string; seq: string; hash: Buffer; audit_id: string } & {
      [Key in keyof AuditRow]: AuditRow[Key] | null;
    }
  >`
    select s.chain_id, s.seq, s.hash, s.audit_id,
           a.id, a.event_id, a.agency_id, a.at, a.actor, a.action, a.subject, a.outcome, a.detail
      from audit_seal s left join audit a on a.id = s.audit_id
     where (s.chain_id, s.seq) > (${after.chain}::uuid, ${after.seq}::bigint)
     order by s.chain_id, s.seq limit ${limit}`.execute(tx);
  return rows.map(({ chain_id, seq, hash, audit_id, ...row }) => ({
    chain: chain_id,
    seq: Number(seq),
    hash,
    audit: audit_id,
    row: row.id === null ? undefined : (row as AuditRow),
  }));
}

/** Rows that neither a link nor the waiting list knows: written past the one function that writes them. */
export async function countStrays(tx: Tx): Promise<number> {
  const { rows } = await sql<{ strays: string }>`
    select count(*) as strays from audit a
     where not exists (select from audit_seal s where s.audit_id = a.id)
       and not exists (select from audit_waiting w where w.audit_id = a.id)`.execute(tx);
  return Number(rows[0]?.strays ?? 0);
}
