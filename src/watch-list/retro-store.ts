import { randomBytes } from "node:crypto";

import { sql } from "kysely";

import { officerName } from "../agencies/officer-store.ts";
import type { Chunk, Due } from "../follow-ups.ts";
import type { Keyring } from "../store/seal.ts";
import type { Tx } from "../store/store.ts";
import type { Sensitivity } from "./entry.ts";
import type { Asker, Unfollowed } from "./query-hit-store.ts";
import { openFound, openInputs } from "./query-store.ts";
import type { Asked } from "./query.ts";
import { formsOfQuestion, RETRO_KEYS } from "./retro.ts";

/** Short: several forms may share one, and only the matcher says who is meant. */
const BYTES = 8;
const blindOf = (keyring: Keyring, form: string): Buffer => keyring.blind("retro", form).subarray(0, BYTES);

/**
 * Keeps keyed hashes of what was asked, for entries that come within five days. In the transaction of the question,
 * after its row: as many hashes whatever was asked, and nothing of what was found.
 */
export async function keepRetroKeys(
  tx: Tx,
  keyring: Keyring,
  query: { readonly id: string; readonly agency: string; readonly asked: Asked },
): Promise<void> {
  const forms = formsOfQuestion(query.asked);
  const blinds = Array.from({ length: RETRO_KEYS }, (_none, place) => {
    const form = forms[place];
    return form === undefined ? randomBytes(BYTES) : blindOf(keyring, form);
  });
  // In no order that tells which are random.
  blinds.sort((one, other) => one.compare(other));
  await tx.insertInto("retro_key").values({ query_id: query.id, agency_id: query.agency, blinds }).execute();
}

/** As the system: what was kept for five days. How many rows were deleted, at most `limit`. */
export async function deleteRetroKeys(tx: Tx, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from retro_key where query_id in (
      select query_id from retro_key where at <= (select clock.now()) - interval '5 days' order by at limit ${limit})`.execute(
    tx,
  );
  return Number(numAffectedRows ?? 0);
}

// ------------------------------------------------------------------------------------------------ entries that came

interface WaitingEntry extends Due {
  /** When it came, to the microsecond, which no Date has. */
  readonly at: string;
}

/**
 * Longer than a question takes from where it looked, in an index some seconds old, to where what is kept of it can be
 * seen. On the real clock.
 */
const UNDER_WAY = sql<Date>`clock_timestamp() - interval '10 seconds'`;

/** As the system: entries that were not compared with the questions before them yet, those approved by hand first. */
export async function listRetroWaiting(tx: Tx, { limit, except }: Chunk): Promise<readonly WaitingEntry[]> {
  return tx
    .selectFrom("retro_waiting")
    .select(["entry_id as id", "agency_id as agency", sql<string>`at::text`.as("at")])
    .where("noted_at", "<", UNDER_WAY)
    .where(sql<boolean>`entry_id <> all(${except}::uuid[])`)
    .orderBy("imported")
    .orderBy("retro_waiting.at")
    .limit(limit)
    .execute();
}

/** As the system: where nobody asked for five days, an import of a million is compared with nothing. True: so it was. */
export async function skipRetroWaiting(tx: Tx, limit: number): Promise<boolean> {
  const { numAffectedRows } = await sql`
    delete from retro_waiting where entry_id in (
      select entry_id from retro_waiting
       where noted_at < ${UNDER_WAY} and not exists (select from retro_key) limit ${limit})`.execute(tx);
  return (numAffectedRows ?? 0n) > 0n;
}

/** Done with, unless it changed again in the meantime. */
export async function deleteRetroWaiting(tx: Tx, { id, at }: WaitingEntry): Promise<void> {
  await tx
    .deleteFrom("retro_waiting")
    .where("entry_id", "=", id)
    .where("at", "=", sql<Date>`${at}::timestamptz`)
    .execute();
}

export interface RetroEntry {
  readonly number: number;
  readonly owner: string;
  readonly version: number;
  /** How secret it is to whoever asks: TLP:RED is told to nobody. */
  readonly sensitivity: Sensitivity;
  /** Agencies that may match it beside its owner; undefined: all. */
  readonly audience: readonly string[] | undefined;
  readonly expiresAt: Date;
}

/** As the system: an entry of any agency, if it can be found now. */
export async function findRetroEntry(tx: Tx, id: string): Promise<RetroEntry | undefined> {
  const { rows } = await sql<Omit<RetroEntry, "audience"> & { readonly audience: readonly string[] | null }>`
    select number, owner, version, expires as "expiresAt", sensitivity, audience from retro_entry(${id}::uuid)`.execute(
    tx,
  );
  const [row] = rows;
  return row && { ...row, audience: row.audience ?? undefined };
}

/** The parts of its names as the index has them, in order: by place, then by part. */
export async function listNameTokens(tx: Tx, number: number): Promise<readonly (readonly number[])[]> {
  const rows = await tx
    .selectFrom("entry_name")
    .select("tokens")
    .where("lane", "in", ["open", "restricted"])
    .where("entry_number", "=", number)
    .orderBy("place")
    .execute();
  return rows.map(({ tokens }) => tokens);
}

/** As the system: in how many names of its lane each of an entry's parts is; 0: how many names there are, about. */
export async function countNames(tx: Tx, number: number): Promise<ReadonlyMap<number, number>> {
  const { rows } = await sql<{ token: number; names: number }>`
    select token, names from retro_counts(${number})`.execute(tx);
  return new Map(rows.map(({ token, names }) => [token, names]));
}

/** As the system: questions of any agency that may be about the person with these forms, the latest first. */
export async function findRetroCandidates(
  tx: Tx,
  keyring: Keyring,
  { forms, at, limit }: { readonly forms: readonly string[]; readonly at: string; readonly limit: number },
): Promise<readonly Due[]> {
  const blinds = forms.map((form) => blindOf(keyring, form));
  const { rows } = await sql<Due>`
    select id, agency from retro_candidates(${blinds}::bytea[], ${at}::timestamptz, ${limit})`.execute(tx);
  return rows;
}

// ------------------------------------------------------------------------------------------------ questions before

/** A question of the own agency, held until the transaction ends, so that it is told of an entry once. */
export async function holdQuery(tx: Tx, keyring: Keyring, id: string): Promise<Unfollowed | undefined> {
  const row = await tx
    .selectFrom("query")
    .select([
      "id",
      "ref",
      "agency_id as agency",
      "officer_id as officer",
      "at",
      "purpose",
      "inputs_sealed",
      "found_sealed",
    ])
    .where("id", "=", id)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { inputs_sealed, found_sealed, ...query } = row;
  if (inputs_sealed === null || found_sealed === null) return undefined;
  const { agency } = query;
  return {
    ...query,
    inputs: openInputs(keyring, { id, agency, inputs_sealed }),
    found: openFound(keyring, { id, agency, found_sealed }).found,
  };
}

/** As the system: whether this question hit this entry already, then or since. */
export async function wasHit(tx: Tx, query: string, entry: string): Promise<boolean> {
  const row = await tx
    .selectFrom("hit")
    .select("id")
    .where("query_id", "=", query)
    .where("entry_id", "=", entry)
    .executeTakeFirst();
  return row !== undefined;
}

/** Whoever asked, as the owner reads it. */
export async function askerOf(tx: Tx, keyring: Keyring, { officer, inputs }: Unfollowed): Promise<Asker> {
  const { caseRef, unit } = inputs;
  return { name: await officerName(tx, keyring, officer), caseRef, unit };
}

/** Whether this officer of the own agency, and the agency, still stand; and what they are. */
export async function rolesInForce(tx: Tx, officer: string): Promise<readonly string[]> {
  const rows = await tx
    .selectFrom("officer")
    .innerJoin("officer_role", "officer_role.officer_id", "officer.id")
    .innerJoin("agency", "agency.id", "officer.agency_id")
    .select("officer_role.role")
    .where("officer.id", "=", officer)
    .where("officer.state", "=", "active")
    .where("agency.state", "=", "active")
    .execute();
  return rows.map(({ role }) => role);
}

/** How many entries whoever asked was told of, or whom to call about, after this question. */
export async function countLateHits(tx: Tx, query: string): Promise<number> {
  const row = await tx
    .selectFrom("hit")
    .select(sql<number>`count(*)::int`.as("told"))
    .where("query_id", "=", query)
    .where("retro", "=", true)
    .where("shown", "<>", "nothing")
    .executeTakeFirstOrThrow();
  return row.told;
}

/** Entries that came after this question and that whoever asked, which is who calls, may be shown now. */
export async function listLateHits(tx: Tx, query: string): Promise<readonly string[]> {
  const { rows } = await sql<{ readonly entry: string }>`
    select entry_id as entry from late_hits() where query_id = ${query}::uuid`.execute(tx);
  return rows.map(({ entry }) => entry);
}

/** The caller's questions with an answer that came later, may be shown now and was not opened yet. */
export async function listLateAnswers(tx: Tx): Promise<readonly string[]> {
  const { rows } = await sql<{ readonly ref: string }>`
    select distinct query_ref as ref from late_hits() where unread order by 1`.execute(tx);
  return rows.map(({ ref }) => ref);
}

/** By whoever asked. */
export async function markLateAnswersRead(tx: Tx, query: string): Promise<void> {
  await sql`select mark_late_answers_read(${query})`.execute(tx);
}
