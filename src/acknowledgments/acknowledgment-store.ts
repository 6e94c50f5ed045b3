import { sql } from "kysely";

import type { Level } from "../deliveries/delivery.ts";
import { uuidv7 } from "../store/ids.ts";
import type { Keyring } from "../store/seal.ts";
import type { Tx } from "../store/store.ts";
import type { AcknowledgedKind, Acknowledgment } from "./acknowledgment.ts";

/** The card that carried the button, in a channel of the own agency. */
export interface Copy {
  readonly id: string;
  readonly kind: AcknowledgedKind;
  readonly bulletinId: string;
  readonly channelId: string;
  readonly installationId: string;
  readonly level: Level;
}

const isId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Row-level security also shows an owner its copies elsewhere: the agency must be named. */
export async function findCopy(tx: Tx, id: string, agency: string): Promise<Copy | undefined> {
  if (!isId.test(id)) return undefined;
  const row = await tx
    .selectFrom("delivery")
    .select(["id", "kind", "subject_id", "channel_id", "installation_id", "level"])
    .where("id", "=", id)
    .where("agency_id", "=", agency)
    .where("kind", "in", ["bulletin", "correction"])
    .executeTakeFirst();
  return (
    row && {
      id: row.id,
      kind: row.kind === "correction" ? "correction" : "bulletin",
      bulletinId: row.subject_id,
      channelId: row.channel_id,
      installationId: row.installation_id,
      level: row.level ?? "pointer",
    }
  );
}

interface NewAcknowledgment {
  readonly copy: Copy;
  readonly ownerAgency: string;
  readonly agency: string;
  readonly version: number;
  readonly officer: string;
  readonly officerName: string;
  readonly role: string;
  readonly shown: Level;
}

const namePlace = (agency: string, row: string) => ({
  table: "acknowledgment",
  column: "officer_name_sealed",
  row,
  agency,
});

/** The first of an agency for a version is recorded. Undefined: somebody of the agency was first. */
export async function recordAcknowledgment(
  tx: Tx,
  keyring: Keyring,
  { copy, agency, ...by }: NewAcknowledgment,
): Promise<string | undefined> {
  const id = uuidv7();
  const row = await tx
    .insertInto("acknowledgment")
    .values({
      id,
      owner_agency_id: by.ownerAgency,
      agency_id: agency,
      kind: copy.kind,
      bulletin_id: copy.bulletinId,
      version: by.version,
      delivery_id: copy.id,
      officer_id: by.officer,
      officer_name_sealed: keyring.seal(namePlace(agency, id), by.officerName),
      role: by.role,
      shown: by.shown,
    })
    .onConflict((conflict) => conflict.columns(["agency_id", "kind", "bulletin_id", "version"]).doNothing())
    .returning("id")
    .executeTakeFirst();
  return row?.id;
}

type Which =
  | { readonly id: string }
  | {
      readonly bulletinId: string;
      readonly kind?: AcknowledgedKind;
      readonly agency?: string;
      readonly agencies?: readonly string[];
      readonly version?: number;
    };

/** Earliest first. An agency sees its own, an owner those of its bulletins. */
export async function listAcknowledgments(
  tx: Tx,
  keyring: Keyring,
  which: Which,
): Promise<readonly Acknowledgment[]> {
  let query = tx.selectFrom("acknowledgment as a").selectAll("a");
  if ("id" in which) query = query.where("a.id", "=", which.id);
  else {
    query = query.where("a.bulletin_id", "=", which.bulletinId);
    if (which.kind !== undefined) query = query.where("a.kind", "=", which.kind);
    if (which.agency !== undefined) query = query.where("a.agency_id", "=", which.agency);
    if (which.agencies !== undefined) query = query.where("a.agency_id", "in", which.agencies);
    if (which.version !== undefined) query = query.where("a.version", "=", which.version);
  }
  const rows = await query
    .select(
      sql<number>`(select count(*)::int from acknowledgment_note n
                    where n.agency_id = a.agency_id and n.acknowledgment_id = a.id)`.as("notes"),
    )
    .orderBy("a.at")
    .execute();
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    bulletinId: row.bulletin_id,
    version: row.version,
    agency: row.agency_id,
    officer: row.officer_id,
    officerName: keyring.open<string>(namePlace(row.agency_id, row.id), row.officer_name_sealed),
    role: row.role,
    shown: row.shown,
    at: row.at,
    notes: row.notes,
  }));
}

const wordsPlace = (agency: string, row: string) => ({
  table: "acknowledgment_note",
  column: "words_sealed",
  row,
  agency,
});

interface NewNote {
  readonly acknowledgment: string;
  readonly agency: string;
  readonly officer: string;
  readonly words: string;
}

/** Adds a note to an acknowledgment of the own agency; the record itself never changes. Undefined: there is none. */
export async function addNote(
  tx: Tx,
  keyring: Keyring,
  { acknowledgment, agency, officer, words }: NewNote,
): Promise<string | undefined> {
  if (!isId.test(acknowledgment)) return undefined;
  const id = uuidv7();
  const row = await tx
    .insertInto("acknowledgment_note")
    .columns(["id", "owner_agency_id", "agency_id", "acknowledgment_id", "officer_id", "words_sealed"])
    .expression((from) =>
      from
        .selectFrom("acknowledgment")
        .select([
          sql<string>`${id}::uuid`.as("id"),
          "owner_agency_id",
          "agency_id",
          "acknowledgment.id as acknowledgment_id",
          sql<string>`${officer}::uuid`.as("officer_id"),
          sql<Buffer>`${keyring.seal(wordsPlace(agency, id), words)}::bytea`.as("words_sealed"),
        ])
        .where("acknowledgment.id", "=", acknowledgment)
        .where("agency_id", "=", agency),
    )
    .returning("id")
    .executeTakeFirst();
  return row?.id;
}

export interface Note {
  readonly agency: string;
  readonly at: Date;
  readonly words: string;
}

/** The notes on a bulletin's acknowledgments, oldest first. */
export async function listNotes(tx: Tx, keyring: Keyring, bulletinId: string): Promise<readonly Note[]> {
  const rows = await tx
    .selectFrom("acknowledgment_note as n")
    .innerJoin("acknowledgment as a", (join) =>
      join.onRef("a.agency_id", "=", "n.agency_id").onRef("a.id", "=", "n.acknowledgment_id"),
    )
    .select(["n.id", "n.agency_id", "n.at", "n.words_sealed"])
    .where("a.bulletin_id", "=", bulletinId)
    .orderBy("n.at")
    .execute();
  return rows.map((row) => ({
    agency: row.agency_id,
    at: row.at,
    words: keyring.open<string>(wordsPlace(row.agency_id, row.id), row.words_sealed),
  }));
}
