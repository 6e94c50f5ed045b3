import { sql } from "kysely";

import type { Chunk } from "../follow-ups.ts";
import { noneOf } from "../store/except.ts";
import type { Tx } from "../store/store.ts";
import type { Decision } from "./entry-store.ts";
import {
  FIRST_REVIEW_DAYS,
  statesBefore,
  type EndReason,
  type Entry,
  type EntryState,
  type Predicate,
  type SuspendedReason,
} from "./entry.ts";

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

/** False: it no longer waits, or it is no longer what was shown. A change of another entry is not approved by this. */
export async function approveEntry(tx: Tx, { entry, officer, shown }: Decision): Promise<boolean> {
  const { numAffectedRows } = await sql`
    with moment as materialized (select clock.now() as at)
    update entry e
       set state = 'active', approver_id = ${officer}, approved_at = m.at, last_validated_at = m.at,
           review_due_at = m.at + make_interval(days => least(${FIRST_REVIEW_DAYS}::int, e.valid_days)),
           expires_at = m.at + make_interval(days => e.valid_days)
      from moment m
     where e.id = ${entry.id} and e.changes_id is null and e.state = any(${statesBefore("active")})
       and e.author_id <> ${officer}
       and left(encode(e.content_hash, 'hex'), 12) = ${shown}`.execute(tx);
  return numAffectedRows === 1n;
}

/** False: it is not active. */
export async function suspendEntry(
  tx: Tx,
  id: string,
  reason: SuspendedReason = "by_hand",
): Promise<boolean> {
  const result = await tx
    .updateTable("entry")
    .set({ state: "suspended", suspended_reason: reason })
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

export interface Listed {
  readonly id: string;
  readonly agency: string;
  readonly ref: string;
  readonly state: "draft" | "waiting" | "active" | "suspended";
  readonly predicate: Predicate | null;
  readonly begun_at: Date;
  /** The reference of the entry that a draft changes. */
  readonly changes: string | null;
  readonly content_sealed: Buffer | null;
  readonly next_at: Date | null;
  readonly ends: boolean;
  readonly due: boolean;
  readonly challenged: boolean;
}

/** Open entries of the own agency, the next deadline first; `due`: with a review or an end within that many days. */
export async function listEntries(
  tx: Tx,
  { due, limit }: { readonly due?: number | undefined; readonly limit: number },
): Promise<readonly Listed[]> {
  const { rows } = await sql<Listed>`
    select e.id, e.agency_id as agency, e.ref, e.state, e.predicate, b.ref as changes,
           coalesce(e.begun_at, uuid_extract_timestamp(e.id)) as begun_at,
           case when e.state in ('draft', 'waiting') then e.content_sealed end as content_sealed,
           least(e.review_due_at, e.expires_at) as next_at, e.expires_at <= e.review_due_at as ends,
           coalesce(e.state = 'active' and e.review_due_at <= (select clock.now()), false) as due,
           e.challenged_at is not null as challenged
      from entry e left join entry b on b.id = e.changes_id
     where e.state in ('draft', 'waiting', 'active', 'suspended')
       -- What came in with a file waits as a whole, and would fill every list.
       and not exists (select from entry_import i where i.entry_id = e.id and i.open)
       and (${due ?? null}::int is null
            or least(e.review_due_at, e.expires_at) <= (select clock.now()) + make_interval(days => ${due ?? 0}::int))
     order by least(e.review_due_at, e.expires_at) nulls first, e.id desc
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
  readonly suspendedReason: SuspendedReason | null;
  readonly version: number;
  /** The reference of the entry that it changes, or changed. */
  readonly changes: string | null;
}

/** Of the own agency's entry, also when its words are deleted. */
export async function entryStanding(tx: Tx, ref: string): Promise<EntryStanding | undefined> {
  return tx
    .selectFrom("entry")
    .leftJoin("entry as base", "base.id", "entry.changes_id")
    .select(["entry.ref", "entry.state", "entry.author_id as author", "entry.approver_id as approver"])
    .select(["entry.approved_at as approvedAt", "entry.ended_at as endedAt", "entry.end_reason as endReason"])
    .select(["entry.suspended_reason as suspendedReason", "entry.version", "base.ref as changes"])
    .select(sql<boolean>`entry.returned_note_sealed is not null`.as("returned"))
    .where("entry.ref", "=", ref)
    .executeTakeFirst();
}

/** What waits for this officer: their own drafts that came back, and what others of the agency have sent. */
export async function listWaiting(tx: Tx, officer: string) {
  const { rows } = await sql<{
    ref: string;
    state: "draft" | "waiting";
    sensitive: boolean;
    unsigned: boolean;
  }>`
    select e.ref, e.state,
           coalesce(e.first_amendment or e.juvenile or e.sensitivity = 'RESTRICTED', false)
             or coalesce(b.first_amendment or b.juvenile or b.sensitivity = 'RESTRICTED', false) as sensitive,
           e.hidden_danger_signed_by is null and coalesce(e.sensitivity = 'RESTRICTED', false)
             and coalesce(e.cautions, '{}') && array['armed', 'violent'] as unsigned
      from entry e left join entry b on b.id = e.changes_id
     where (e.state = 'draft' and e.author_id = ${officer} and e.returned_note_sealed is not null)
        or (e.state = 'waiting' and e.author_id <> ${officer}
            and not exists (select from entry_import i where i.entry_id = e.id and i.open))
     order by e.id
     limit 12`.execute(tx);
  return rows;
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

/** As the system: entries that ended so long ago that their words are gone within a day, sweep and all. */
export async function listPurgeable(tx: Tx, { limit, except }: Chunk) {
  return tx
    .selectFrom("entry")
    .select(["id", "agency_id as agency", "ref"])
    .where(noneOf(except))
    .where("state", "in", ["cancelled", "expired"])
    .where("ended_at", "<=", sql<Date>`(select clock.now()) - interval '23 hours'`)
    .orderBy("ended_at")
    .limit(limit)
    .execute();
}

/** Deletes the words of what ended; the reference, its dates and the reason stay. */
export async function purgeEntry(tx: Tx, id: string): Promise<boolean> {
  const result = await tx
    .updateTable("entry")
    .set({
      state: "purged",
      content_sealed: null,
      content_hash: null,
      returned_note_sealed: null,
      validation_sealed: null,
    })
    .where("id", "=", id)
    .where("state", "in", ["cancelled", "expired"])
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}
