import { sql } from "kysely";

import type { Officer } from "../bot/command.ts";
import type { Chunk } from "../follow-ups.ts";
import { newRef } from "../refs.ts";
import { noneOf } from "../store/except.ts";
import type { Keyring } from "../store/seal.ts";
import type { Tx } from "../store/store.ts";
import {
  packFound,
  padded,
  PADDED_LATE_BYTES,
  unpackFound,
  type CountedGroup,
  type FoundEntry,
  type Purpose,
  type QueryInputs,
} from "./query.ts";

const inputsPlace = (agency: string, row: string) => ({
  table: "query",
  column: "inputs_sealed",
  row,
  agency,
});
const foundPlace = (agency: string, row: string) => ({ table: "query", column: "found_sealed", row, agency });

/** Until the end of the transaction this officer's other questions wait: the limit counts them one after the other. */
export async function holdOfficer(tx: Tx, officer: string): Promise<void> {
  await tx.selectFrom("officer").select("id").where("id", "=", officer).forNoKeyUpdate().execute();
}

export interface Asking {
  readonly now: Date;
  readonly inHour: number;
  /** When the first of them is an hour old. */
  readonly freeAt: Date;
}

/** What this officer asked within the last hour. */
export async function findAsking(tx: Tx, officer: string): Promise<Asking> {
  const { rows } = await sql<Asking>`
    select clock.now() as now, count(*)::int as "inHour",
           coalesce(min(at), clock.now()) + interval '1 hour' as "freeAt"
      from query where officer_id = ${officer} and at > (select clock.now()) - interval '1 hour'`.execute(tx);
  const [row] = rows;
  if (row === undefined) throw new Error("a count is always one row");
  return row;
}

interface NewQuery {
  readonly id: string;
  readonly purpose: Purpose;
  readonly inputs: QueryInputs;
  readonly found: readonly FoundEntry[];
  readonly counted: readonly CountedGroup[];
}

/** Writes down a question: a row like every other, whatever was found. */
export async function recordQuery(
  tx: Tx,
  {
    keyring,
    officer,
    query,
  }: { readonly keyring: Keyring; readonly officer: Officer; readonly query: NewQuery },
): Promise<void> {
  const { id, counted } = query;
  const found = { found: packFound(query.found), ...(counted.length > 0 && { counted }) };
  await tx
    .insertInto("query")
    .values({
      id,
      agency_id: officer.agency,
      ref: newRef("query"),
      officer_id: officer.id,
      purpose: query.purpose,
      inputs_sealed: keyring.seal(inputsPlace(officer.agency, id), padded(query.inputs)),
      found_sealed: keyring.seal(foundPlace(officer.agency, id), padded(found)),
    })
    .execute();
}

export interface Query {
  readonly id: string;
  readonly ref: string;
  readonly agency: string;
  readonly officer: string;
  readonly at: Date;
  readonly purpose: Purpose;
  readonly inputs: QueryInputs;
  readonly found: readonly FoundEntry[];
  /** What was counted instead of shown. */
  readonly counted: readonly CountedGroup[];
  /** It may still be shown again. */
  readonly fresh: boolean;
  /** The officer's questions in the hour up to this one, with it. */
  readonly inHour: number;
}

const FRESH = sql<boolean>`query.at > (select clock.now()) - interval '15 minutes'`;

/** A question of the own agency, by id or reference. One whose words are deleted is not to be found. */
export async function findQuery(tx: Tx, keyring: Keyring, idOrRef: string): Promise<Query | undefined> {
  const row = await tx
    .selectFrom("query")
    .select((one) => [
      "id",
      "ref",
      "agency_id as agency",
      "officer_id as officer",
      "at",
      "purpose",
      "inputs_sealed",
      "found_sealed",
      FRESH.as("fresh"),
      sql<number>`(select count(*)::int from query b where b.officer_id = ${one.ref("query.officer_id")}
                      and b.at > ${one.ref("query.at")} - interval '1 hour' and b.at <= ${one.ref("query.at")})`.as(
        "inHour",
      ),
    ])
    .where(idOrRef.length === 36 ? "id" : "ref", "=", idOrRef)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { inputs_sealed, found_sealed, ...query } = row;
  if (inputs_sealed === null || found_sealed === null) return undefined;
  const { id, agency } = query;
  return {
    ...query,
    inputs: openInputs(keyring, { id, agency, inputs_sealed }),
    ...openFound(keyring, { id, agency, found_sealed }),
  };
}

interface SealedFound {
  readonly id: string;
  readonly agency: string;
  readonly found_sealed: Buffer;
}

/** What was found when it was asked. */
export function openFound(
  keyring: Keyring,
  { id, agency, found_sealed }: SealedFound,
): Pick<Query, "found" | "counted"> {
  const { found, counted = [] } = keyring.open<{
    readonly found: readonly string[];
    readonly counted?: readonly CountedGroup[];
  }>(foundPlace(agency, id), found_sealed);
  return { found: unpackFound(found), counted };
}

/**
 * What came after the question, in a transaction that holds the question's row. Behind the last one that may be
 * noticed: places in the record are in buttons, and are not to tell how many silent ones there are.
 */
export async function addFound(
  tx: Tx,
  keyring: Keyring,
  { id, one }: { readonly id: string; readonly one: FoundEntry },
): Promise<void> {
  const { agency_id: agency, found_sealed } = await tx
    .selectFrom("query")
    .select(["agency_id", "found_sealed"])
    .where("id", "=", id)
    .executeTakeFirstOrThrow();
  if (found_sealed === null) return;
  const { found, counted } = openFound(keyring, { id, agency, found_sealed });
  const silent = found.findIndex(({ sensitivity }) => sensitivity === "RESTRICTED");
  const all = found.toSpliced(silent < 0 ? found.length : silent, 0, one);
  const after = { found: packFound(all), ...(counted.length > 0 && { counted }) };
  await tx
    .updateTable("query")
    .set({ found_sealed: keyring.seal(foundPlace(agency, id), padded(after, PADDED_LATE_BYTES)) })
    .where("id", "=", id)
    .execute();
}

/** What was entered, for whoever asked. */
export function openInputs(
  keyring: Keyring,
  {
    id,
    agency,
    inputs_sealed,
  }: { readonly id: string; readonly agency: string; readonly inputs_sealed: Buffer },
): QueryInputs {
  return keyring.open<QueryInputs>(inputsPlace(agency, id), inputs_sealed);
}

/** This officer's latest questions, without what was asked. */
export async function listQueries(tx: Tx, officer: string, limit: number) {
  return tx
    .selectFrom("query")
    .select(["id", "ref", "at", "purpose", FRESH.as("fresh")])
    .where("officer_id", "=", officer)
    .orderBy("at", "desc")
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
}

/** As the system: questions of all agencies whose words were kept for a year. */
export async function listOldQueries(tx: Tx, { limit, except }: Chunk) {
  return tx
    .selectFrom("query")
    .select(["id", "agency_id as agency"])
    .where("inputs_sealed", "is not", null)
    .where("at", "<=", sql<Date>`(select clock.now()) - interval '1 year'`)
    .where(noneOf(except))
    .orderBy("at")
    .limit(limit)
    .execute();
}

/** What a question asked; undefined when that is deleted. */
export async function findInputs(tx: Tx, keyring: Keyring, id: string): Promise<QueryInputs | undefined> {
  const row = await tx
    .selectFrom("query")
    .select(["agency_id as agency", "inputs_sealed"])
    .where("id", "=", id)
    .executeTakeFirst();
  if (row === undefined || row.inputs_sealed === null) return undefined;
  return openInputs(keyring, { id, agency: row.agency, inputs_sealed: row.inputs_sealed });
}

/** Puts a keyed hash in the place of what was asked and found. False: another process was first. */
export async function forgetInputs(
  tx: Tx,
  { id, hash }: { readonly id: string; readonly hash: Buffer },
): Promise<boolean> {
  const result = await tx
    .updateTable("query")
    .set({ inputs_sealed: null, found_sealed: null, inputs_hash: hash })
    .where("id", "=", id)
    .where("inputs_sealed", "is not", null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}
