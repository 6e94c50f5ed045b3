import { sql } from "kysely";

import type { Chunk } from "../follow-ups.ts";
import { noneOf } from "../store/except.ts";
import type { Tx } from "../store/store.ts";
import type { Decision } from "./entry-store.ts";
import { statesBefore, type EndReason, type Entry, type EntryState } from "./entry.ts";

// What becomes of an entry once it is written: its states, and who it waits for.

/** The author's draft goes to a second person. */
export async function submitEntry(tx: Tx, { id, author }: Entry): Promise<boolean> {
  const result = await tx
    .updateTable("entry")
    .set({ state: "waiting", returned_note_sealed: null })
    .where("id", "=", id)
    .where("author_id", "=", author)
    .where("state", "in", statesBefore("waiting"))
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** False: it no longer waits, or it is no longer what was shown. Its first review is due in 90 days. */
export async function approveEntry(tx: Tx, { entry, officer, shown }: Decision): Promise<boolean> {
  const { numAffectedRows } = await sql`
    with moment as materialized (select clock.now() as at)
    update entry e
       set state = 'active', approver_id = ${officer}, approved_at = m.at, last_validated_at = m.at,
           review_due_at = m.at + make_interval(days => least(90, e.valid_days)),
           expires_at = m.at + make_interval(days => e.valid_days)
      from moment m
     where e.id = ${entry.id} and e.state = any(${statesBefore("active")}) and e.author_id <> ${officer}
       and left(encode(e.content_hash, 'hex'), 12) = ${shown}`.execute(tx);
  return numAffectedRows === 1n;
}

/** False: it is not active. */
export async function suspendEntry(tx: Tx, id: string): Promise<boolean> {
  const result = await tx
    .updateTable("entry")
    .set({ state: "suspended" })
    .where("id", "=", id)
    .where("state", "in", statesBefore("suspended"))
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Ends a record that was approved once. False: it never was, or it is over. */
export async function endEntry(
  tx: Tx,
  id: string,
  { state, reason }: { readonly state: "cancelled" | "expired"; readonly reason: EndReason },
): Promise<boolean> {
  const result = await tx
    .updateTable("entry")
    .set({ state, end_reason: reason, ended_at: sql<Date>`clock.now()` })
    .where("id", "=", id)
    .where("state", "in", statesBefore(state))
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Deletes what nobody approved, and leaves the reference. */
export async function discardEntry(tx: Tx, id: string, reason: EndReason | null): Promise<boolean> {
  const result = await tx
    .updateTable("entry")
    .set({
      state: "purged",
      content_sealed: null,
      content_hash: null,
      returned_note_sealed: null,
      offence_length: null,
      end_reason: reason,
      ended_at: sql<Date>`clock.now()`,
    })
    .where("id", "=", id)
    .where("state", "in", ["draft", "waiting"])
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Open entries of the own agency, the next deadline first; `due`: with a review or an end within that many days. */
export async function listEntries(
  tx: Tx,
  { due, limit }: { readonly due?: number | undefined; readonly limit: number },
) {
  const { rows } = await sql<{
    ref: string;
    state: "draft" | "waiting" | "active" | "suspended";
    next_at: Date | null;
    ends: boolean;
  }>`
    select ref, state, least(review_due_at, expires_at) as next_at, expires_at <= review_due_at as ends
      from entry
     where state in ('draft', 'waiting', 'active', 'suspended')
       and (${due ?? null}::int is null
            or least(review_due_at, expires_at) <= (select clock.now()) + make_interval(days => ${due ?? 0}::int))
     order by next_at nulls first, id desc
     limit ${limit}`.execute(tx);
  return rows;
}

/** Where an entry stands, and who brought it there: nothing about the person. */
export interface EntryStanding {
  readonly ref: string;
  readonly state: EntryState;
  readonly author: string;
  /** A draft that came back with a note. */
  readonly returned: boolean;
  readonly approver: string | null;
  readonly approvedAt: Date | null;
  readonly endedAt: Date | null;
  readonly endReason: EndReason | null;
}

/** Of the own agency's entry, also when its words are deleted. */
export async function entryStanding(tx: Tx, ref: string): Promise<EntryStanding | undefined> {
  return tx
    .selectFrom("entry")
    .select(["ref", "state", "author_id as author", "approver_id as approver", "approved_at as approvedAt"])
    .select(["ended_at as endedAt", "end_reason as endReason"])
    .select(sql<boolean>`returned_note_sealed is not null`.as("returned"))
    .where("ref", "=", ref)
    .executeTakeFirst();
}

/** What waits for this officer: their own drafts that came back, and what others of the agency have sent. */
export async function listWaiting(tx: Tx, officer: string) {
  return tx
    .selectFrom("entry")
    .select(["ref", "state", "first_amendment as firstAmendment", "juvenile", "sensitivity"])
    .select(
      sql<boolean>`hidden_danger_signed_by is null and sensitivity = 'RESTRICTED' and coalesce(cautions, '{}') && array['armed', 'violent']`.as(
        "unsigned",
      ),
    )
    .where((is) =>
      is.or([
        is.and([
          is("state", "=", "draft"),
          is("author_id", "=", officer),
          is("returned_note_sealed", "is not", null),
        ]),
        is.and([is("state", "=", "waiting"), is("author_id", "!=", officer)]),
      ]),
    )
    .orderBy("id")
    .limit(12)
    .execute();
}

/** As the system: entries whose time is over and whose row does not say so yet. */
export async function listOverdue(tx: Tx, { limit, except }: Chunk) {
  return tx
    .selectFrom("entry")
    .select(["id", "agency_id as agency", "ref"])
    .where(noneOf(except))
    .where("state", "in", statesBefore("expired"))
    .where("expires_at", "<=", sql<Date>`(select clock.now())`)
    .orderBy("expires_at")
    .limit(limit)
    .execute();
}

/** As the system: entries that ended a day ago and whose words are still there. */
export async function listPurgeable(tx: Tx, { limit, except }: Chunk) {
  return tx
    .selectFrom("entry")
    .select(["id", "agency_id as agency", "ref"])
    .where(noneOf(except))
    .where("state", "in", ["cancelled", "expired"])
    .where("ended_at", "<=", sql<Date>`(select clock.now()) - interval '24 hours'`)
    .orderBy("ended_at")
    .limit(limit)
    .execute();
}

/** Deletes the words of what ended; the reference, its dates and the reason stay. */
export async function purgeEntry(tx: Tx, id: string): Promise<boolean> {
  const result = await tx
    .updateTable("entry")
    .set({ state: "purged", content_sealed: null, content_hash: null, returned_note_sealed: null })
    .where("id", "=", id)
    .where("state", "in", ["cancelled", "expired"])
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}
