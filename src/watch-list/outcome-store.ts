import { sql } from "kysely";

import type { Chunk, Due } from "../follow-ups.ts";
import { noneOf } from "../store/except.ts";
import type { Keyring } from "../store/seal.ts";
import type { Tx } from "../store/store.ts";
import type { OutcomeCode } from "./outcome.ts";

const notePlace = (agency: string, row: string) => ({ table: "outcome", column: "note_sealed", row, agency });

interface HitOf {
  readonly query: string;
  readonly entry: string;
}

/** What was said of a hit, for either of the two agencies. */
export async function findOutcome(tx: Tx, { query, entry }: HitOf) {
  return tx
    .selectFrom("outcome")
    .select([
      "id",
      "agency_id as agency",
      "outcome",
      "note_sealed as noteSealed",
      "at",
      "changed_at as changedAt",
    ])
    .select(sql<boolean>`at + interval '24 hours' > (select clock.now())`.as("changeable"))
    .where("query_id", "=", query)
    .where("entry_id", "=", entry)
    .executeTakeFirst();
}
export type Outcome = NonNullable<Awaited<ReturnType<typeof findOutcome>>>;

/** Undefined: there was no note, or it was a year ago. */
export function openNote(
  keyring: Keyring,
  { id, agency, noteSealed }: Pick<Outcome, "id" | "agency" | "noteSealed">,
): string | undefined {
  return noteSealed === null ? undefined : keyring.open<string>(notePlace(agency, id), noteSealed);
}

interface NewOutcome extends HitOf {
  /** Of the outcome that is there, or a new one. */
  readonly id: string;
  readonly agency: string;
  readonly outcome: OutcomeCode;
  readonly note: string | undefined;
}

/** Says it, or says it anew within a day. Undefined: it is too late, or there is no such hit any more. */
export async function recordOutcome(
  tx: Tx,
  keyring: Keyring,
  { id, agency, query, entry, outcome, note }: NewOutcome,
): Promise<{ readonly owner: string } | undefined> {
  const sealed = note === undefined ? null : keyring.seal(notePlace(agency, id), note);
  const { rows } = await sql<{ owner: string }>`
    select owner_agency_id as owner
      from record_outcome(${id}::uuid, ${query}::uuid, ${entry}::uuid, ${outcome}, ${sealed}::bytea)`.execute(
    tx,
  );
  return rows[0];
}

/** As the owner: what was said after hits on an entry within 90 days, by code. */
export async function countOutcomes(
  tx: Tx,
  { owner, entry }: { readonly owner: string; readonly entry: string },
): Promise<readonly { readonly outcome: OutcomeCode; readonly count: number }[]> {
  const { rows } = await sql<{ outcome: OutcomeCode; count: number }>`
    select outcome, count(distinct query_id)::int as count
      from (select outcome, query_id from outcome
             where owner_agency_id = ${owner} and entry_id = ${entry}
               and at > (select clock.now()) - interval '90 days'
            union all
            -- The owner said so itself.
            select answer, query_id from confirmation
             where owner_agency_id = ${owner} and entry_id = ${entry} and answer = 'not_same_person'
               and answered_at > (select clock.now()) - interval '90 days') as said
     group by outcome order by count desc, outcome`.execute(tx);
  return rows;
}

/** As the system: outcomes whose owners' desks were not told yet, the oldest first. */
export async function listUntold(tx: Tx, { limit, except }: Chunk): Promise<readonly Due[]> {
  return tx
    .selectFrom("outcome")
    .select(["id", "owner_agency_id as agency"])
    .whereRef("told", "<", "news")
    .where(noneOf(except))
    .orderBy("at")
    .limit(limit)
    .execute();
}

/** Undefined: another process was first. */
export async function takeUntold(tx: Tx, id: string) {
  return tx
    .updateTable("outcome")
    .set((row) => ({ told: row.ref("news") }))
    .where("id", "=", id)
    .whereRef("told", "<", "news")
    .returning(["owner_agency_id as owner", "entry_ref as entryRef"])
    .executeTakeFirst();
}

/** Deletes the notes about the hits of a question; what came of them stays. */
export async function forgetNotes(tx: Tx, query: string): Promise<void> {
  await tx
    .updateTable("outcome")
    .set({ note_sealed: null })
    .where("query_id", "=", query)
    .where("note_sealed", "is not", null)
    .execute();
}
