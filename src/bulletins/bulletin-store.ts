import { sql, type Selectable } from "kysely";

import type { Level } from "../deliveries/delivery.ts";
import { newRef } from "../refs.ts";
import { uuidv7 } from "../store/ids.ts";
import type { Database } from "../store/schema.ts";
import type { Keyring } from "../store/seal.ts";
import type { Tx } from "../store/store.ts";
import type { EntryFacts, Grade, TipFacts } from "./bulletin-basis-store.ts";
import { openStates, type Bulletin, type BulletinContent } from "./bulletin.ts";

// Writing and reading bulletins. What happens to them once they are written is in bulletin-life-store.ts.

/** A bulletin as it stands: until all pages are filled in, much of it is null. */
export type BulletinRow = Selectable<Database["bulletin"]>;

const contentPlace = (agency: string, row: string) => ({
  table: "bulletin",
  column: "content_sealed",
  row,
  agency,
});

/** The words of a bulletin; of a purged one there are none. */
export function openContent(keyring: Keyring, row: BulletinRow): BulletinContent | undefined {
  return row.content_sealed === null
    ? undefined
    : keyring.open<BulletinContent>(contentPlace(row.agency_id, row.id), row.content_sealed);
}

const filledIn = [
  "basis",
  "type",
  "severity",
  "legal_status",
  "requested_action",
  "cautions",
  "tlp",
  "pap",
  "areas",
  "valid_hours",
  "content_hash",
] as const satisfies readonly (keyof BulletinRow)[];
type Filled = BulletinRow & { readonly [Name in (typeof filledIn)[number]]: NonNullable<BulletinRow[Name]> };

function isFilled(row: BulletinRow): row is Filled {
  return filledIn.every((column) => row[column] !== null);
}

/** The bulletin behind a row, once all three pages are filled in. */
export function asBulletin(keyring: Keyring, row: BulletinRow): Bulletin | undefined {
  const content = openContent(keyring, row);
  if (content === undefined || !isFilled(row) || row.tlp === "red") return undefined;
  return {
    id: row.id,
    agency: row.agency_id,
    ref: row.ref,
    version: row.version,
    exercise: row.exercise,
    state: row.state,
    basis: row.basis,
    entryId: row.entry_id,
    tipId: row.tip_id,
    type: row.type,
    severity: row.severity,
    content,
    hash: row.content_hash,
    personal: row.personal ?? true,
    legalStatus: row.legal_status,
    requestedAction: row.requested_action,
    cautions: row.cautions,
    sourceGrade: row.source_grade ?? "F",
    informationGrade: row.information_grade ?? "6",
    tlp: row.tlp,
    pap: row.pap,
    areas: row.areas,
    validHours: row.valid_hours,
    ...historyOf(row),
  };
}

/** What is known of it even when its words are gone. */
export function overOf(row: BulletinRow) {
  return {
    ref: row.ref,
    exercise: row.exercise,
    cancelReason: row.cancel_reason,
    endedAt: row.ended_at,
    expiresAt: row.expires_at,
  };
}

function historyOf(row: BulletinRow) {
  return {
    authorId: row.author_id,
    approverId: row.approver_id,
    returnedBy: row.returned_by,
    returnedAt: row.returned_at,
    sentAt: row.sent_at,
    expiresAt: row.expires_at,
    reviewDueAt: row.review_due_at,
    reviewedBy: row.reviewed_by,
    reviewedAt: row.reviewed_at,
    shrunkAt: row.shrunk_at,
    cancelReason: row.cancel_reason,
    endedAt: row.ended_at,
  };
}

/** Everything that receivers see of it. Keyed: a plain hash beside the sealed words would let one guess them. */
function hashOf(
  keyring: Keyring,
  row: Omit<BulletinRow, "content_hash" | "content_sealed">,
  content: BulletinContent,
): Buffer {
  const shown = [
    row.ref,
    row.version,
    row.exercise,
    row.basis,
    row.entry_id,
    row.type,
    row.severity,
    Object.entries(content).toSorted(([one], [other]) => (one < other ? -1 : 1)),
    row.legal_status,
    row.requested_action,
    row.cautions,
    row.source_grade,
    row.information_grade,
    row.tlp,
    row.pap,
    row.areas,
    row.valid_hours,
  ];
  return keyring.mac("bulletin", JSON.stringify(shown));
}

interface Begun {
  readonly agency: string;
  readonly author: string;
  readonly basis: "emergency" | "entry" | null;
  readonly entry?: EntryFacts | undefined;
  readonly tip?: TipFacts | undefined;
  readonly grade?: Grade | undefined;
}

/** A new draft, empty: its first page is saved into it in the same transaction. */
export async function beginBulletin(
  tx: Tx,
  { agency, author, basis, entry, tip, grade }: Begun,
): Promise<BulletinRow> {
  return tx
    .insertInto("bulletin")
    .values({
      id: uuidv7(),
      agency_id: agency,
      ref: newRef("bulletin"),
      state: "draft",
      author_id: author,
      basis,
      entry_id: entry?.id ?? null,
      tip_id: tip?.id ?? null,
      exercise: (entry ?? tip)?.exercise ?? false,
      source_grade: grade?.source ?? null,
      information_grade: grade?.information ?? null,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** One saved page: columns to set, and words to add to the sealed ones. */
export type Page = Partial<
  Pick<
    BulletinRow,
    | "basis"
    | "entry_id"
    | "exercise"
    | "type"
    | "severity"
    | "personal"
    | "legal_status"
    | "requested_action"
    | "cautions"
    | "source_grade"
    | "information_grade"
    | "tlp"
    | "pap"
    | "areas"
    | "valid_hours"
    | "danger_length"
  >
> & { readonly words: Partial<BulletinContent> };

/** Saves a page of the author's own draft. Undefined: it is not theirs, or it is decided already. */
export async function savePage(
  tx: Tx,
  keyring: Keyring,
  { row, page: { words, ...columns } }: { readonly row: BulletinRow; readonly page: Page },
): Promise<BulletinRow | undefined> {
  const content = { headline: "", known: "", ...openContent(keyring, row), ...words };
  const next = { ...row, ...columns };
  return (
    tx
      .updateTable("bulletin")
      .set({
        ...columns,
        content_sealed: keyring.seal(contentPlace(row.agency_id, row.id), content),
        content_hash: hashOf(keyring, next, content),
      })
      .where("id", "=", row.id)
      .where("author_id", "=", row.author_id)
      .where("state", "in", [...openStates])
      // What this page did not touch is as it was read: two pages saved at once must not undo each other.
      .where("content_hash", "is not distinct from", row.content_hash)
      .returningAll()
      .executeTakeFirst()
  );
}

/** The own agency's bulletin. */
export async function findBulletin(tx: Tx, ref: string): Promise<BulletinRow | undefined> {
  return tx.selectFrom("bulletin").selectAll().where("ref", "=", ref).executeTakeFirst();
}

export async function bulletinById(tx: Tx, id: string): Promise<BulletinRow | undefined> {
  return tx.selectFrom("bulletin").selectAll().where("id", "=", id).executeTakeFirst();
}

/** A bulletin that one of the own agency's channels was given, whoever owns it. */
export async function receivedBulletin(tx: Tx, id: string): Promise<BulletinRow | undefined> {
  const { rows } = await sql<BulletinRow>`select * from received_bulletin(${id})`.execute(tx);
  return rows[0];
}

export interface Received {
  readonly row: BulletinRow;
  /** The best that any of the agency's channels may see of it. */
  readonly level: Level;
}

/** What the own agency's channels were given, newest first; `ref` for one of them. */
export async function listReceived(
  tx: Tx,
  { agency, ref, limit = 25 }: { readonly agency: string; readonly ref?: string; readonly limit?: number },
): Promise<readonly Received[]> {
  const { rows } = await sql<BulletinRow & { readonly level: Level }>`
    select b.*, d.level
      from (select subject_id,
                   case max(array_position(array['pointer', 'summary', 'full'], coalesce(level, 'pointer')))
                     when 3 then 'full' when 2 then 'summary' else 'pointer' end as level
              from delivery
             where agency_id = ${agency} and kind = 'bulletin' and state <> 'blocked'
             group by subject_id) d
     cross join lateral received_bulletin(d.subject_id) b
     where ${ref ?? null}::text is null or b.ref = ${ref ?? null}
     order by b.sent_at desc
     limit ${limit}`.execute(tx);
  return rows.map(({ level, ...row }) => ({ row, level }));
}

const listed = { draft: ["draft", "waiting"], open: ["sent"], ended: ["cancelled", "expired"] } as const;
export type Listed = keyof typeof listed;
export const listedStates = Object.keys(listed) as [Listed, ...Listed[]];

/** The own agency's bulletins, newest first: codes and references only. */
export async function listBulletins(tx: Tx, state: Listed | undefined) {
  const states = state === undefined ? [...listed.draft, ...listed.open] : [...listed[state]];
  return tx
    .selectFrom("bulletin")
    .select(["ref", "version", "exercise", "type", "severity", "state", "expires_at", "ended_at"])
    .where("state", "in", states)
    .orderBy("id", "desc")
    .limit(25)
    .execute();
}

interface Reading {
  readonly bulletin: Bulletin;
  readonly agency: string;
  readonly officer: string;
  readonly level: Level;
}

/** Somebody was shown it privately: recorded like any other giving away. */
export async function recordReading(tx: Tx, { bulletin, agency, officer, level }: Reading): Promise<void> {
  await tx
    .insertInto("dissemination")
    .values({
      id: uuidv7(),
      kind: "reading",
      object: `bulletin:${bulletin.id}`,
      version: bulletin.version,
      owner_agency_id: bulletin.agency,
      agency_id: agency,
      officer_id: officer,
      reason: "reading",
      tlp: bulletin.tlp,
      level,
    })
    .execute();
}
