import { sql } from "kysely";

import type { Officer } from "../bot/command.ts";
import type { Chunk } from "../follow-ups.ts";
import { newRef } from "../refs.ts";
import { noneOf } from "../store/except.ts";
import { uuidv7 } from "../store/ids.ts";
import type { Keyring } from "../store/seal.ts";
import type { Tx } from "../store/store.ts";
import { proposedPriority, type Outcome, type Source, type Tip, type TipWords, type Urgency } from "./tip.ts";

const wordsPlace = (agency: string, row: string) => ({ table: "tip", column: "words_sealed", row, agency });
const notePlace = (agency: string, row: string) => ({
  table: "tip_note",
  column: "words_sealed",
  row,
  agency,
});

export interface NewTip {
  readonly words: TipWords;
  readonly urgency: Urgency;
  readonly source: Source;
}

/** Stores a tip; its words sealed under its own id. Kept 30 days unread. */
export async function recordTip(
  tx: Tx,
  { keyring, officer, tip }: { readonly keyring: Keyring; readonly officer: Officer; readonly tip: NewTip },
): Promise<{ readonly id: string; readonly ref: string; readonly submittedAt: Date }> {
  const id = uuidv7();
  const row = await tx
    .insertInto("tip")
    .values({
      id,
      agency_id: officer.agency,
      ref: newRef("tip"),
      submitted_by: officer.id,
      urgency: tip.urgency,
      source: tip.source,
      priority: proposedPriority[tip.urgency],
      words_sealed: keyring.seal(wordsPlace(officer.agency, id), tip.words),
      state: "new",
      retention_until: sql<Date>`clock.now() + interval '30 days'`,
    })
    .returning(["id", "ref", "submitted_at"])
    .executeTakeFirstOrThrow();
  return { id: row.id, ref: row.ref, submittedAt: row.submitted_at };
}

/** The own agency's tip, by id or reference. */
export async function findTip(tx: Tx, keyring: Keyring, idOrRef: string): Promise<Tip | undefined> {
  const row = await tx
    .selectFrom("tip")
    .selectAll()
    .where(idOrRef.length === 36 ? "id" : "ref", "=", idOrRef)
    .where("state", "!=", "purged")
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    id: row.id,
    ref: row.ref,
    agency: row.agency_id,
    submittedBy: row.submitted_by,
    submittedAt: row.submitted_at,
    urgency: row.urgency,
    source: row.source,
    priority: row.priority,
    state: row.state,
    takenBy: row.taken_by,
    grade:
      row.source_grade === null || row.information_grade === null || row.threat_to_life === null
        ? undefined
        : { source: row.source_grade, information: row.information_grade, threatToLife: row.threat_to_life },
    protectedSpeech: row.protected_speech ?? false,
    outcome: row.outcome,
    words:
      row.words_sealed === null
        ? undefined
        : keyring.open<TipWords>(wordsPlace(row.agency_id, row.id), row.words_sealed),
  };
}

/** False: somebody has it already, or it is no longer open. */
export async function takeTip(tx: Tx, tip: string, officer: string): Promise<boolean> {
  const result = await tx
    .updateTable("tip")
    .set({ state: "taken", taken_by: officer, taken_at: sql<Date>`clock.now()` })
    .where("id", "=", tip)
    .where("state", "=", "new")
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Their open tips wait for somebody again. */
export async function untakeTips(tx: Tx, officer: string): Promise<readonly string[]> {
  const rows = await tx
    .updateTable("tip")
    .set({ state: "new", taken_by: null, taken_at: null })
    .where("taken_by", "=", officer)
    .where("state", "=", "taken")
    .returning("id")
    .execute();
  return rows.map(({ id }) => id);
}

interface Grade {
  readonly source: "A" | "B" | "C" | "D" | "E" | "F";
  readonly information: "1" | "2" | "3" | "4" | "5" | "6";
  readonly threatToLife: "yes" | "unclear" | "no";
  readonly protectedSpeech: boolean;
  readonly retentionDays: number;
}

export async function gradeTip(
  tx: Tx,
  { tip, officer }: { readonly tip: string; readonly officer: string },
  grade: Grade,
): Promise<boolean> {
  const result = await tx
    .updateTable("tip")
    .set({
      source_grade: grade.source,
      information_grade: grade.information,
      threat_to_life: grade.threatToLife,
      protected_speech: grade.protectedSpeech,
      graded_by: officer,
      graded_at: sql<Date>`clock.now()`,
      retention_until: sql<Date>`clock.now() + make_interval(days => ${grade.retentionDays})`,
    })
    .where("id", "=", tip)
    .where("state", "in", ["new", "taken"])
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

export async function closeTip(
  tx: Tx,
  { tip, officer, outcome }: { readonly tip: string; readonly officer: string; readonly outcome: Outcome },
): Promise<boolean> {
  const result = await tx
    .updateTable("tip")
    .set({
      state: "closed",
      outcome,
      closed_by: officer,
      closed_at: sql<Date>`clock.now()`,
      ...(outcome === "information_only" && { retention_until: sql<Date>`clock.now() + interval '7 days'` }),
    })
    .where("id", "=", tip)
    .where("state", "in", ["new", "taken"])
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Only while nobody has begun to work on it. */
export async function withdrawTip(tx: Tx, tip: string): Promise<boolean> {
  const result = await tx
    .updateTable("tip")
    .set({ state: "withdrawn" })
    .where("id", "=", tip)
    .where("state", "=", "new")
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

export type NoteKind = "person" | "online" | "weapons" | "grade" | "question" | "answer" | "outcome";

export interface TipNote {
  readonly kind: NoteKind;
  readonly author: string;
  readonly at: Date;
  /** Field label → what was written. */
  readonly words: Readonly<Record<string, string>>;
}

export async function addTipNote(
  tx: Tx,
  {
    keyring,
    officer,
    tip,
    kind,
    words,
  }: {
    readonly keyring: Keyring;
    readonly officer: Officer;
    readonly tip: string;
    readonly kind: NoteKind;
    readonly words: TipNote["words"];
  },
): Promise<void> {
  const id = uuidv7();
  await tx
    .insertInto("tip_note")
    .values({
      id,
      agency_id: officer.agency,
      tip_id: tip,
      kind,
      author_id: officer.id,
      words_sealed: keyring.seal(notePlace(officer.agency, id), words),
    })
    .execute();
}

export async function listTipNotes(tx: Tx, keyring: Keyring, tip: string): Promise<readonly TipNote[]> {
  const rows = await tx
    .selectFrom("tip_note")
    .selectAll()
    .where("tip_id", "=", tip)
    .orderBy("at")
    .orderBy("id")
    .execute();
  return rows.map((row) => ({
    kind: row.kind,
    author: row.author_id,
    at: row.at,
    words: keyring.open<TipNote["words"]>(notePlace(row.agency_id, row.id), row.words_sealed),
  }));
}

/** Open tips, the most urgent and oldest first: for the queue and for completion. Without words. */
export async function listOpenTips(tx: Tx, limit: number) {
  return tx
    .selectFrom("tip")
    .select(["id", "ref", "priority", "state", "submitted_at", "submitted_by", "taken_by"])
    .where("state", "in", ["new", "taken"])
    .orderBy("priority")
    .orderBy("submitted_at")
    .limit(limit)
    .execute();
}

/** The officer's own tips that wait for their answer: the last word in the dialogue is a question. */
export async function listQuestions(tx: Tx, officer: string) {
  const { rows } = await sql<{ ref: string; id: string }>`
    select t.ref, t.id from tip t
     where t.submitted_by = ${officer} and t.state in ('new', 'taken')
       and 'question' = (select n.kind from tip_note n
                          where n.agency_id = t.agency_id and n.tip_id = t.id and n.kind in ('question', 'answer')
                          order by n.at desc, n.id desc limit 1)
     order by t.submitted_at`.execute(tx);
  return rows;
}

export interface DueTip {
  readonly id: string;
  readonly ref: string;
  readonly agency: string;
  /** Nobody graded it in all that time. */
  readonly unread: boolean;
}

const isDue = sql<boolean>`retention_until <= (select clock.now()) and state <> 'purged'`;

/** As the system: tips of all agencies whose time is over. */
export async function findDueTips(tx: Tx, { limit, except }: Chunk): Promise<readonly DueTip[]> {
  return tx
    .selectFrom("tip")
    .select([
      "id",
      "ref",
      "agency_id as agency",
      sql<boolean>`graded_at is null and state in ('new', 'taken')`.as("unread"),
    ])
    .where(isDue)
    .where(noneOf(except))
    .orderBy("retention_until")
    .limit(limit)
    .execute();
}

/** False: somebody graded it or kept it longer in the meantime. */
export async function keepLonger(tx: Tx, tip: string): Promise<boolean> {
  const result = await tx
    .updateTable("tip")
    .set({ retention_until: sql<Date>`clock.now() + interval '30 days'` })
    .where("id", "=", tip)
    .where("graded_at", "is", null)
    .where(isDue)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

export async function purgeTip(tx: Tx, tip: string): Promise<boolean> {
  const result = await tx
    .updateTable("tip")
    .set({ state: "purged", words_sealed: null })
    .where("id", "=", tip)
    .where(isDue)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

export async function deleteTipNotes(tx: Tx, tip: string): Promise<void> {
  await tx.deleteFrom("tip_note").where("tip_id", "=", tip).execute();
}
