import { sql } from "kysely";

import { uuidv7 } from "../store/ids.ts";
import type { Tx } from "../store/store.ts";
import type { Confirmation, ConfirmationAnswer } from "./confirmation.ts";

// What the two sides of a confirmation read and write. What falls due by the clock is in confirmation-due-store.ts.

interface NewConfirmation {
  readonly query: string;
  readonly entry: string;
  /** As the asker was shown it. */
  readonly sensitivity: "OPEN" | "AGENCY_ONLY";
  readonly minutes: number;
}

/** Asks once. Undefined: it was asked before, is not shown to this officer any more, or they were told of it a day ago. */
export async function askConfirmation(
  tx: Tx,
  { query, entry, sensitivity, minutes }: NewConfirmation,
): Promise<{ readonly id: string; readonly owner: string } | undefined> {
  const id = uuidv7();
  const { rows } = await sql<{ owner: string }>`
    select owner_agency_id as owner from ask_confirmation(${id}::uuid, ${query}::uuid, ${entry}::uuid, ${sensitivity}, ${minutes}::int)`.execute(
    tx,
  );
  const [asked] = rows;
  return asked === undefined ? undefined : { id, owner: asked.owner };
}

function select(tx: Tx) {
  return tx
    .selectFrom("confirmation")
    .select(["id", "owner_agency_id as owner", "agency_id as agency", "query_id as queryId"])
    .select([
      "query_ref as queryRef",
      "entry_id as entryId",
      "entry_ref as entryRef",
      "sensitivity",
      "purpose",
    ])
    .select(["asked_by as askedBy", "asked_at as askedAt", "wait_minutes as waitMinutes", "state"])
    .select(["due_at as dueAt", "extensions", "second_id as secondId", "second_at as secondAt"])
    .select(["unanswered_at as unansweredAt", "answer", "answered_by as answeredBy"])
    .select("answered_at as answeredAt");
}

/** By the id of the request, of either card about it. */
export async function findConfirmation(tx: Tx, id: string): Promise<Confirmation | undefined> {
  return select(tx)
    .where((is) => is.or([is("id", "=", id), is("second_id", "=", id)]))
    .executeTakeFirst();
}

/** What was asked about the hits of one question, the first first. */
export async function listOfQuery(tx: Tx, query: string): Promise<readonly Confirmation[]> {
  return select(tx).where("query_id", "=", query).orderBy("asked_at").orderBy("id").execute();
}

/** Whether the entry behind one's own request is not in force any more. */
export async function hasEnded(tx: Tx, id: string): Promise<boolean> {
  const { rows } = await sql<{ ended: boolean }>`select confirmation_ended(${id}::uuid) as ended`.execute(tx);
  return rows[0]?.ended === true;
}

const LATELY = sql<Date>`(select clock.now()) - interval '24 hours'`;

/** What this officer asked within a day, the newest first. */
export async function listAskedBy(
  tx: Tx,
  { agency, officer }: { readonly agency: string; readonly officer: string },
): Promise<readonly Confirmation[]> {
  return select(tx)
    .where("agency_id", "=", agency)
    .where("asked_by", "=", officer)
    .where("asked_at", ">", LATELY)
    .orderBy("asked_at", "desc")
    .limit(10)
    .execute();
}

/** What waits for an answer of this agency, also where its time ran out within a day; the next deadline first. */
export async function listToAnswer(tx: Tx, owner: string): Promise<readonly Confirmation[]> {
  return select(tx)
    .where("owner_agency_id", "=", owner)
    .where("state", "!=", "answered")
    .where("due_at", ">", LATELY)
    .orderBy("due_at")
    .limit(10)
    .execute();
}

interface Answering {
  readonly id: string;
  readonly owner: string;
  readonly officer: string;
  readonly answer: ConfirmationAnswer;
}

/** As the owner. False: somebody answered before. */
export async function answerConfirmation(
  tx: Tx,
  { id, owner, officer, answer }: Answering,
): Promise<boolean> {
  const result = await tx
    .updateTable("confirmation")
    .set((row) => ({
      state: "answered",
      answer,
      answered_by: officer,
      answered_at: sql<Date>`clock.now()`,
      news: sql<number>`${row.ref("news")} + 1`,
    }))
    .where("id", "=", id)
    .where("owner_agency_id", "=", owner)
    .where("state", "!=", "answered")
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

interface Extending {
  readonly id: string;
  readonly owner: string;
  readonly minutes: number;
  readonly most: number;
}

/** As the owner: the request that waits is due later. False: it waits no more, or was moved too often. */
export async function extendConfirmation(tx: Tx, { id, owner, minutes, most }: Extending): Promise<boolean> {
  const result = await tx
    .updateTable("confirmation")
    .set((row) => ({
      due_at: sql<Date>`greatest(${row.ref("due_at")}, clock.now() + make_interval(mins => ${minutes}::int))`,
      extensions: sql<number>`${row.ref("extensions")} + 1`,
      news: sql<number>`${row.ref("news")} + 1`,
    }))
    .where("id", "=", id)
    .where("owner_agency_id", "=", owner)
    .where("state", "in", ["asked", "second"])
    .where("extensions", "<", most)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** As the owner: what an answer says of its entry, and whether that is in force now. */
export async function findAnswered(tx: Tx, entry: string) {
  return tx
    .selectFrom("entry")
    .select(["version", "tlp"])
    .select(sql<boolean>`in_force(entry, clock.now())`.as("inForce"))
    .where("id", "=", entry)
    .executeTakeFirstOrThrow();
}

interface Giving {
  readonly confirmation: Confirmation;
  readonly version: number;
  readonly tlp: string;
}

/** As the owner: that its answer tells the asker something of the entry, or no more than whom to call. */
export async function recordAnswerGiving(tx: Tx, { confirmation, version, tlp }: Giving): Promise<void> {
  await tx
    .insertInto("dissemination")
    .values({
      id: uuidv7(),
      kind: "confirmation",
      object: `entry:${confirmation.entryId}`,
      version,
      owner_agency_id: confirmation.owner,
      agency_id: confirmation.agency,
      officer_id: confirmation.askedBy,
      reason: confirmation.purpose,
      tlp,
      level: confirmation.sensitivity === "OPEN" ? "summary" : "owner_only",
    })
    .execute();
}

/** As its owner: the hit that a request is about. Undefined: its follow-up has not written it yet. */
export async function findHitOf(
  tx: Tx,
  { queryId, entryId }: Pick<Confirmation, "queryId" | "entryId">,
): Promise<string | undefined> {
  const row = await tx
    .selectFrom("hit")
    .select("id")
    .where("query_id", "=", queryId)
    .where("entry_id", "=", entryId)
    .executeTakeFirst();
  return row?.id;
}
