import { sql } from "kysely";

import type { Officer } from "../bot/command.ts";
import type { Chunk } from "../follow-ups.ts";
import type {
  Caution,
  InformationGrade,
  LegalStatus,
  Pap,
  RequestedAction,
  SourceGrade,
  Tlp,
} from "../labels.ts";
import { newRef } from "../refs.ts";
import { noneOf } from "../store/except.ts";
import { uuidv7 } from "../store/ids.ts";
import type { Keyring } from "../store/seal.ts";
import type { Tx } from "../store/store.ts";
import type { Sensitivity } from "./entry.ts";
import type { Candidate } from "./match.ts";
import { packFound, padded, unpackFound, type FoundEntry, type Purpose, type QueryInputs } from "./query.ts";

const inputsPlace = (agency: string, row: string) => ({
  table: "query",
  column: "inputs_sealed",
  row,
  agency,
});
const foundPlace = (agency: string, row: string) => ({ table: "query", column: "found_sealed", row, agency });

/** A row of the index with what an answer may say of its entry. */
export interface Found extends Candidate {
  readonly ownerAgency: string;
  readonly cautions: readonly Caution[];
  readonly legalStatus: LegalStatus;
  readonly requestedAction: RequestedAction;
  readonly sourceGrade: SourceGrade;
  readonly informationGrade: InformationGrade;
  readonly tlp: Tlp;
  readonly pap: Pap;
  readonly expiresAt: Date;
  /** How secret it is to be kept from whoever asks. */
  readonly sensitivity: Sensitivity;
}

/** Opaque keys to look for. */
export interface LookUp {
  readonly pairs: readonly (readonly [a: string, b: string])[];
  readonly keys: readonly { readonly kind: string; readonly blind: Buffer }[];
}

/**
 * What fits, in both lanes, for the agency that asks, now: the database judges state, expiry and audience. What is
 * hidden by its lane or by its label is hidden, whichever of them says so; TLP:RED is for named persons, not askers.
 */
export async function findEntries(tx: Tx, { pairs, keys }: LookUp): Promise<readonly Found[]> {
  const blinds = JSON.stringify(keys.map(({ kind, blind }) => ({ kind, blind: blind.toString("hex") })));
  const { rows } = await sql<Found>`
    select entry_id as "entryId", owner_agency_id as "ownerAgency", ref, key, tokens, pairs,
           case when lane = 'restricted' then 'RESTRICTED'
                when tlp = 'red' and sensitivity = 'OPEN' then 'AGENCY_ONLY' else sensitivity end as sensitivity,
           date_ids::text[] as "dateIds", cautions, legal_status as "legalStatus",
           requested_action as "requestedAction", tlp, pap, source_grade as "sourceGrade",
           information_grade as "informationGrade", expires_at as "expiresAt"
      from find_entries(${pairs}::bigint[], ${blinds}::jsonb)`.execute(tx);
  return rows;
}

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
  readonly purpose: Purpose;
  readonly inputs: QueryInputs;
  readonly found: readonly FoundEntry[];
}

/** Writes down a question: a row like every other, whatever was found. */
export async function recordQuery(
  tx: Tx,
  {
    keyring,
    officer,
    query,
  }: { readonly keyring: Keyring; readonly officer: Officer; readonly query: NewQuery },
): Promise<string> {
  const id = uuidv7();
  await tx
    .insertInto("query")
    .values({
      id,
      agency_id: officer.agency,
      ref: newRef("query"),
      officer_id: officer.id,
      purpose: query.purpose,
      inputs_sealed: keyring.seal(inputsPlace(officer.agency, id), padded(query.inputs)),
      found_sealed: keyring.seal(foundPlace(officer.agency, id), padded({ found: packFound(query.found) })),
    })
    .execute();
  return id;
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
    found: openFound(keyring, { id, agency, found_sealed }),
  };
}

/** What was found when it was asked. */
export function openFound(
  keyring: Keyring,
  {
    id,
    agency,
    found_sealed,
  }: { readonly id: string; readonly agency: string; readonly found_sealed: Buffer },
): readonly FoundEntry[] {
  return unpackFound(
    keyring.open<{ readonly found: readonly string[] }>(foundPlace(agency, id), found_sealed).found,
  );
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
