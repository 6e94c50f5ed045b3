import { sql, type Selectable } from "kysely";

import type { Officer } from "../bot/command.ts";
import { newRef } from "../refs.ts";
import { uuidv7 } from "../store/ids.ts";
import type { Database } from "../store/schema.ts";
import type { Keyring } from "../store/seal.ts";
import type { Tx } from "../store/store.ts";
import { lengthOf, statesBefore, type Entry, type EntryContent, type EntryWords } from "./entry.ts";

type Row = Selectable<Database["entry"]>;

const contentPlace = (agency: string, row: string) => ({
  table: "entry",
  column: "content_sealed",
  row,
  agency,
});
const notePlace = (agency: string, row: string) => ({
  table: "entry",
  column: "returned_note_sealed",
  row,
  agency,
});

/** What one seal holds: everything a person wrote, the offence too. */
type Sealed = EntryContent & { readonly offence?: string | null };

const noWords: Sealed = { names: [], birthDates: [], identifiers: [] };

/** An entry's words for its own row: moved to another row, they are sealed anew. */
export function sealWords(keyring: Keyring, { id, agency, content, offence }: Entry): Buffer {
  const words: Sealed = { ...content, offence };
  return keyring.seal(contentPlace(agency, id), words);
}

/** The words of an entry's own row. */
export function openWords(
  keyring: Keyring,
  { id, agency, sealed }: Pick<Entry, "id" | "agency"> & { readonly sealed: Buffer },
): EntryContent {
  return keyring.open<Sealed>(contentPlace(agency, id), sealed);
}

function asEntry(keyring: Keyring, row: Row, audienceAgencies: readonly string[]): Entry {
  const { id, agency_id: agency, content_sealed: sealed, returned_note_sealed: note } = row;
  const { offence, ...content } =
    sealed === null ? noWords : keyring.open<Sealed>(contentPlace(agency, id), sealed);
  return {
    id,
    agency,
    ref: row.ref,
    exercise: row.exercise,
    version: row.version,
    state: row.state,
    author: row.author_id,
    changes: row.changes_id,
    tip: row.tip_id,
    content,
    hash: row.content_hash,
    predicate: row.predicate,
    offence: offence ?? null,
    firstAmendment: row.first_amendment,
    juvenile: row.juvenile,
    cautions: row.cautions as Entry["cautions"],
    legalStatus: row.legal_status,
    requestedAction: row.requested_action,
    pap: row.pap,
    sensitivity: row.sensitivity,
    tlp: row.tlp === "red" ? null : row.tlp,
    audience: row.audience,
    audienceAgencies,
    validDays: row.valid_days,
    sourceGrade: row.source_grade,
    informationGrade: row.information_grade,
    signedBy: row.hidden_danger_signed_by,
    approver: row.approver_id,
    approvedAt: row.approved_at,
    returnedNote: note === null ? undefined : keyring.open<string>(notePlace(agency, id), note),
    lastValidatedAt: row.last_validated_at,
    validatedBy: row.validated_by,
    reviewDueAt: row.review_due_at,
    expiresAt: row.expires_at,
    endedAt: row.ended_at,
    endReason: row.end_reason,
    suspendedReason: row.suspended_reason,
    challengedAt: row.challenged_at,
  };
}

/** Everything an approver reads. Keyed: a plain hash beside the sealed words would let one guess them. */
function hashOf(keyring: Keyring, entry: Entry): Buffer {
  const read = [
    entry.ref,
    entry.exercise,
    entry.tip,
    Object.entries(entry.content).toSorted(([one], [other]) => (one < other ? -1 : 1)),
    entry.predicate,
    entry.offence,
    entry.firstAmendment,
    entry.juvenile,
    entry.cautions,
    entry.legalStatus,
    entry.requestedAction,
    entry.pap,
    entry.sensitivity,
    entry.tlp,
    entry.audience,
    entry.audienceAgencies,
    entry.validDays,
    entry.sourceGrade,
    entry.informationGrade,
  ];
  return keyring.mac("entry", JSON.stringify(read));
}

interface NewEntry {
  readonly officer: Officer;
  readonly tip?: string | undefined;
}

/** A new draft, empty but for the tip's grade: its first page is saved into it in the same transaction. */
export async function recordEntry(tx: Tx, { officer, tip }: NewEntry): Promise<string> {
  const ofTip = <Value>(column: "exercise" | "source_grade" | "information_grade") =>
    sql<Value>`(select ${sql.ref(column)} from tip where id = ${tip ?? null})`;
  const row = await tx
    .insertInto("entry")
    .values({
      id: uuidv7(),
      agency_id: officer.agency,
      ref: newRef("entry"),
      state: "draft",
      author_id: officer.id,
      tip_id: tip ?? null,
      exercise: sql<boolean>`coalesce(${ofTip<boolean>("exercise")}, false)`,
      source_grade: ofTip<Row["source_grade"]>("source_grade"),
      information_grade: ofTip<Row["information_grade"]>("information_grade"),
    })
    .returning("ref")
    .executeTakeFirstOrThrow();
  return row.ref;
}

/** The own agency's entry, by id or reference. Not one whose words are deleted. */
export async function findEntry(tx: Tx, keyring: Keyring, idOrRef: string): Promise<Entry | undefined> {
  const row = await tx
    .selectFrom("entry")
    .selectAll()
    .select((found) =>
      sql<string[]>`array(select a.audience_agency_id from entry_audience a
                           where a.entry_id = ${found.ref("entry.id")} order by 1)`.as("audience_agencies"),
    )
    .where(idOrRef.length === 36 ? "id" : "ref", "=", idOrRef)
    .where("state", "!=", "purged")
    .executeTakeFirst();
  return row && asEntry(keyring, row, row.audience_agencies);
}

/** How many names a draft has, for a list that must not show them. */
export function countNames(
  keyring: Keyring,
  {
    id,
    agency,
    content_sealed: sealed,
  }: { readonly id: string; readonly agency: string; readonly content_sealed: Buffer | null },
): number {
  return sealed === null ? 0 : keyring.open<Sealed>(contentPlace(agency, id), sealed).names.length;
}

/** One saved page. */
export type EntryPage = Partial<Omit<EntryWords, "content">> & { readonly words?: Partial<EntryContent> };

/**
 * Saves a page of the author's own draft. What already waited for approval becomes a draft again: nobody may approve
 * what they have not read, and a signature that hides a caution was given for what was there before.
 * False: it is not theirs, it is decided, or it changed since it was read.
 */
export async function savePage(
  tx: Tx,
  keyring: Keyring,
  { before, page: { words, ...rest } }: { readonly before: Entry; readonly page: EntryPage },
): Promise<boolean> {
  const after: Entry = {
    ...before,
    ...rest,
    content: { ...before.content, ...words, hiddenReason: undefined },
  };
  const result = await tx
    .updateTable("entry")
    .set({ state: "draft", hidden_danger_signed_by: null, ...columnsOf(keyring, after) })
    .where("id", "=", before.id)
    .where("author_id", "=", before.author)
    .where("state", "in", ["draft", "waiting"])
    .where("content_hash", "is not distinct from", before.hash)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** What was written of an entry, as its row holds it. */
export function columnsOf(keyring: Keyring, entry: Entry) {
  const { content } = entry;
  return {
    content_sealed: sealWords(keyring, entry),
    content_hash: hashOf(keyring, entry),
    predicate: entry.predicate,
    offence_length: lengthOf(entry.offence ?? undefined),
    facts_length: lengthOf(content.facts),
    source_length: lengthOf(content.sources),
    relevance_length: lengthOf(content.relevance),
    direct_relation_length: lengthOf(content.directRelation),
    first_amendment: entry.firstAmendment,
    juvenile: entry.juvenile,
    cautions: entry.cautions === null ? null : [...entry.cautions],
    legal_status: entry.legalStatus,
    requested_action: entry.requestedAction,
    pap: entry.pap,
    sensitivity: entry.sensitivity,
    tlp: entry.tlp,
    audience: entry.audience,
    valid_days: entry.validDays,
    source_grade: entry.sourceGrade,
    information_grade: entry.informationGrade,
  };
}

/** Which agencies may match it, in place of those named before. */
export async function nameAudience(
  tx: Tx,
  { id, agency }: Pick<Entry, "id" | "agency">,
  agencies: readonly string[],
): Promise<void> {
  await tx.deleteFrom("entry_audience").where("entry_id", "=", id).execute();
  if (agencies.length === 0) return;
  await tx
    .insertInto("entry_audience")
    .values(agencies.map((one) => ({ agency_id: agency, entry_id: id, audience_agency_id: one })))
    .execute();
}

export interface Decision {
  readonly entry: Entry;
  readonly officer: string;
  /** The beginning of the hash of what this officer was shown. */
  readonly shown: string;
}

/** A watch commander's name under hiding a caution, for what they were shown. It is part of what is approved. */
export async function signHidden(
  tx: Tx,
  keyring: Keyring,
  { entry, officer, shown, reason }: Decision & { readonly reason: string },
): Promise<boolean> {
  const signed: Entry = { ...entry, content: { ...entry.content, hiddenReason: reason } };
  const result = await tx
    .updateTable("entry")
    .set({
      hidden_danger_signed_by: officer,
      content_sealed: sealWords(keyring, signed),
      content_hash: hashOf(keyring, signed),
    })
    .where("id", "=", entry.id)
    .where("state", "=", "waiting")
    .where(sql`left(encode(content_hash, 'hex'), 12)`, "=", shown)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Back to its author, with a note that is sealed like everything people write. */
export async function returnEntry(
  tx: Tx,
  keyring: Keyring,
  { id, agency, note }: Pick<Entry, "id" | "agency"> & { readonly note: string },
): Promise<boolean> {
  const result = await tx
    .updateTable("entry")
    .set({ state: "draft", returned_note_sealed: keyring.seal(notePlace(agency, id), note) })
    .where("id", "=", id)
    .where("state", "in", statesBefore("draft"))
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}
