import { sql } from "kysely";

import type { Chunk } from "../follow-ups.ts";
import { noneOf } from "../store/except.ts";
import { uuidv7 } from "../store/ids.ts";
import type { Keyring } from "../store/seal.ts";
import type { Tx } from "../store/store.ts";
import type { Sensitivity } from "./entry.ts";
import { openFound, openInputs } from "./query-store.ts";
import type { FoundEntry, Purpose, QueryInputs } from "./query.ts";

// What the follow-up of queries writes, as the system, and what an entry's owner then reads.

const askerPlace = (agency: string, row: string) => ({ table: "hit", column: "asker_sealed", row, agency });

/** Questions whose owners were not told yet, the oldest first. */
export async function listUnfollowed(tx: Tx, { limit, except }: Chunk) {
  return tx
    .selectFrom("query")
    .select(["id", "agency_id as agency"])
    .where("followed_at", "is", null)
    .where("found_sealed", "is not", null)
    .where(noneOf(except))
    .orderBy("at")
    .limit(limit)
    .execute();
}

export interface Unfollowed {
  readonly id: string;
  readonly ref: string;
  readonly agency: string;
  readonly officer: string;
  readonly at: Date;
  readonly purpose: Purpose;
  readonly inputs: QueryInputs;
  readonly found: readonly FoundEntry[];
}

/** Marks a question as followed, for its agency. Undefined: another process has it, or had. */
export async function takeUnfollowed(tx: Tx, keyring: Keyring, id: string): Promise<Unfollowed | undefined> {
  const row = await tx
    .updateTable("query")
    .set({ followed_at: sql<Date>`clock.now()` })
    .where("id", "in", (waiting) =>
      waiting
        .selectFrom("query")
        .select("id")
        .where("id", "=", id)
        .where("followed_at", "is", null)
        .forUpdate()
        .skipLocked(),
    )
    .returning([
      "id",
      "ref",
      "agency_id as agency",
      "officer_id as officer",
      "at",
      "purpose",
      "inputs_sealed",
      "found_sealed",
    ])
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { inputs_sealed, found_sealed, ...query } = row;
  // Its time was over before its owners could be told.
  if (inputs_sealed === null || found_sealed === null) return undefined;
  const { agency } = query;
  return {
    ...query,
    inputs: openInputs(keyring, { id, agency, inputs_sealed }),
    found: openFound(keyring, { id, agency, found_sealed }).found,
  };
}

export interface HitEntry {
  readonly id: string;
  readonly ref: string;
  readonly owner: string;
  readonly version: number;
  readonly tlp: string;
}

/** The entries behind a question's hits, whatever became of them since. */
export async function listHitEntries(tx: Tx, ids: readonly string[]): Promise<readonly HitEntry[]> {
  if (ids.length === 0) return [];
  const rows = await tx
    .selectFrom("entry")
    .select(["id", "ref", "agency_id as owner", "version", "tlp"])
    .where("id", "in", [...ids])
    .execute();
  return rows.map((row) => ({ ...row, tlp: row.tlp ?? "amber" }));
}

export type Shown = "full" | "owner_only" | "nothing";

/** Who asked, as the owner's analysts may read it. */
export interface Asker {
  readonly name: string;
  readonly caseRef: string;
  readonly unit?: string | undefined;
}

interface NewHit {
  readonly query: Unfollowed;
  readonly entry: HitEntry;
  readonly sensitivity: Sensitivity;
  readonly shown: Shown;
  readonly asker: Asker;
  /** It was asked before the entry was in force. */
  readonly retro?: true;
}

/** Undefined: this question's hit on this entry is on record already, because it came into force just then. */
export async function recordHit(tx: Tx, keyring: Keyring, hit: NewHit): Promise<string | undefined> {
  const id = uuidv7();
  const { query, entry } = hit;
  const recorded = await tx
    .insertInto("hit")
    .values({
      id,
      owner_agency_id: entry.owner,
      agency_id: query.agency,
      query_id: query.id,
      query_ref: query.ref,
      entry_id: entry.id,
      entry_ref: entry.ref,
      sensitivity: hit.sensitivity,
      purpose: query.purpose,
      shown: hit.shown,
      asked_by: query.officer,
      asker_sealed: keyring.seal(askerPlace(query.agency, id), hit.asker),
      asked_at: query.at,
      retro: hit.retro === true,
    })
    .onConflict((conflict) => conflict.columns(["query_id", "entry_id"]).doNothing())
    .returning("id")
    .executeTakeFirst();
  return recorded?.id;
}

/** That an answer gave this away, to whom and why; or that nothing was given to whoever hit a RESTRICTED entry. */
export async function recordHitGiving(
  tx: Tx,
  { query, entry, shown }: Omit<NewHit, "asker" | "sensitivity" | "retro">,
): Promise<void> {
  await tx
    .insertInto("dissemination")
    .values({
      id: uuidv7(),
      kind: "query_hit",
      object: `entry:${entry.id}`,
      version: entry.version,
      owner_agency_id: entry.owner,
      agency_id: query.agency,
      officer_id: query.officer,
      reason: query.purpose,
      tlp: entry.tlp,
      level: shown,
    })
    .execute();
}

/** A hit on an entry of the own agency. */
export async function findHit(tx: Tx, id: string, owner: string) {
  return tx
    .selectFrom("hit")
    .select([
      "id",
      "agency_id as agency",
      "query_id as queryId",
      "query_ref as queryRef",
      "entry_id as entryId",
      "entry_ref as entryRef",
      "sensitivity",
      "purpose",
      "shown",
      "asker_sealed",
      "asked_at as askedAt",
      "retro",
    ])
    .where("id", "=", id)
    .where("owner_agency_id", "=", owner)
    .executeTakeFirst();
}
export type Hit = NonNullable<Awaited<ReturnType<typeof findHit>>>;

/** Undefined: it was a year ago. */
export function openAsker(keyring: Keyring, { id, agency, asker_sealed }: Hit): Asker | undefined {
  return asker_sealed === null ? undefined : keyring.open<Asker>(askerPlace(agency, id), asker_sealed);
}

/** Deletes who asked from the hits of a question; that there was one, by which agency and why, stays. */
export async function forgetAskers(tx: Tx, query: string) {
  return tx
    .updateTable("hit")
    .set({ asker_sealed: null })
    .where("query_id", "=", query)
    .where("asker_sealed", "is not", null)
    .returning(["id", "owner_agency_id as owner"])
    .execute();
}
