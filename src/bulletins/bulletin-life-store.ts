import { sql } from "kysely";

import { onePerLane } from "../deliveries/delivery-store.ts";
import type { Chunk, Due } from "../follow-ups.ts";
import { newRef } from "../refs.ts";
import { noneOf } from "../store/except.ts";
import type { Keyring } from "../store/seal.ts";
import type { Tx } from "../store/store.ts";
import type { BulletinRow } from "./bulletin-store.ts";
import type { CancelReason } from "./bulletin.ts";

/**
 * The life of a bulletin; every guard is in the WHERE of its statement.
 *
 *   draft ──▶ waiting ──▶ sent ──▶ cancelled       by one person of the owner agency
 *     ▲          │          └────▶ expired
 *     └──────────┘ returned with a note
 *     └───────────────────▶ sent                   an emergency, by the watch commander who wrote it
 */
const now = sql<Date>`(select clock.now())`;
/** One moment for all that begins with it: asked twice, the clock gives two, and thirty days become too long. */
const moment = sql<{ at: Date }>`(select clock.now() as at)`.as("moment");
const sentFor = {
  sent_at: sql<Date>`moment.at`,
  expires_at: sql<Date>`moment.at + make_interval(hours => valid_hours)`,
};

/** The author asks for approval. False: not theirs, or no longer a draft. */
export async function submitBulletin(tx: Tx, ref: string, author: string): Promise<boolean> {
  const result = await tx
    .updateTable("bulletin")
    .set({ state: "waiting" })
    .where("ref", "=", ref)
    .where("author_id", "=", author)
    .where("state", "=", "draft")
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

interface Approval {
  readonly ref: string;
  readonly approver: string;
  /** The first characters of the hash of what the approver was shown, in hex. */
  readonly shown: string;
}

/** Sends what the approver was shown, and nothing else. Undefined: changed since, or decided by somebody else. */
export async function approveBulletin(
  tx: Tx,
  { ref, approver, shown }: Approval,
): Promise<BulletinRow | undefined> {
  return tx
    .updateTable("bulletin")
    .from(moment)
    .set((row) => ({
      state: "sent",
      approver_id: approver,
      approved_hash: row.ref("content_hash"),
      ...sentFor,
    }))
    .where("ref", "=", ref)
    .where("state", "=", "waiting")
    .where("author_id", "!=", approver)
    .where(sql<boolean>`left(encode(content_hash, 'hex'), ${shown.length}::int) = ${shown}`)
    .returningAll()
    .executeTakeFirst();
}

const notePlace = (agency: string, row: string) => ({
  table: "bulletin",
  column: "returned_note_sealed",
  row,
  agency,
});

interface Return {
  readonly row: BulletinRow;
  readonly by: string;
  readonly note: string;
}

/** Gives a waiting bulletin back to its author. False: it is not waiting any more. */
export async function returnBulletin(tx: Tx, keyring: Keyring, { row, by, note }: Return): Promise<boolean> {
  const result = await tx
    .updateTable("bulletin")
    .set({
      state: "draft",
      returned_note_sealed: keyring.seal(notePlace(row.agency_id, row.id), note),
      returned_by: by,
      returned_at: now,
    })
    .where("id", "=", row.id)
    .where("state", "=", "waiting")
    .where("author_id", "!=", by)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Why it came back, if it did. */
export function openReturnNote(keyring: Keyring, row: BulletinRow): string | undefined {
  return row.returned_note_sealed === null
    ? undefined
    : keyring.open<string>(notePlace(row.agency_id, row.id), row.returned_note_sealed);
}

/** Sends an emergency at once, on the watch commander's word alone. Undefined: not theirs, or sent already. */
export async function sendEmergency(tx: Tx, ref: string, author: string): Promise<BulletinRow | undefined> {
  return tx
    .updateTable("bulletin")
    .from(moment)
    .set({
      state: "sent",
      ...sentFor,
      review_due_at: sql<Date>`moment.at + interval '30 minutes'`,
    })
    .where("ref", "=", ref)
    .where("author_id", "=", author)
    .where("basis", "=", "emergency")
    .where("state", "=", "draft")
    .returningAll()
    .executeTakeFirst();
}

/** A second person has read it and stands by it. False: it is over, reviewed already, or their own. */
export async function reviewBulletin(tx: Tx, ref: string, reviewer: string): Promise<boolean> {
  const result = await tx
    .updateTable("bulletin")
    .set({ reviewed_by: reviewer, reviewed_at: now })
    .where("ref", "=", ref)
    .where("state", "=", "sent")
    .where("basis", "=", "emergency")
    .where("reviewed_at", "is", null)
    .where("author_id", "!=", reviewer)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

interface Cancel {
  readonly ref: string;
  readonly by: string;
  readonly reason: CancelReason;
}

/** Undefined: it was never sent, or it is over. */
export async function cancelBulletin(tx: Tx, { ref, by, reason }: Cancel): Promise<BulletinRow | undefined> {
  return tx
    .updateTable("bulletin")
    .set({ state: "cancelled", cancelled_by: by, cancel_reason: reason, ended_at: now })
    .where("ref", "=", ref)
    .where("state", "=", "sent")
    .returningAll()
    .executeTakeFirst();
}

// --------------------------------------------------------------------------- found due by the clock, as the system

/** Sent bulletins whose time is over, of every agency. */
export async function findExpired(tx: Tx, { limit, except }: Chunk): Promise<readonly Due[]> {
  return tx
    .selectFrom("bulletin")
    .select(["id", "agency_id as agency"])
    .where(noneOf(except))
    .where("state", "=", "sent")
    .where("expires_at", "<=", now)
    .orderBy("expires_at")
    .limit(limit)
    .execute();
}

/** False: cancelled or expired in the meantime. It ended when its time was over, not when this was noticed. */
export async function expireBulletin(tx: Tx, id: string): Promise<boolean> {
  const result = await tx
    .updateTable("bulletin")
    .set((row) => ({ state: "expired", ended_at: row.ref("expires_at") }))
    .where("id", "=", id)
    .where("state", "=", "sent")
    .where("expires_at", "<=", now)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/**
 * Emergencies whose second review is due and was not asked for yet. Where there was nobody to ask, once a minute:
 * these are not set aside for longer and longer, because a desk may be there again any moment.
 */
export async function findUnpaged(tx: Tx, { limit, except }: Chunk): Promise<readonly Due[]> {
  return tx
    .selectFrom("bulletin")
    .select(["id", "agency_id as agency"])
    .where("state", "=", "sent")
    .where("reviewed_at", "is", null)
    .where("review_paged_at", "is", null)
    .where("review_due_at", "<=", now)
    .where((where) =>
      where.or([
        where.and([where("review_tried_at", "is", null), noneOf(except)]),
        where("review_tried_at", "<=", sql<Date>`(select clock.now()) - interval '1 minute'`),
      ]),
    )
    .orderBy("review_due_at")
    .limit(limit)
    .execute();
}

export async function markPaged(tx: Tx, id: string): Promise<boolean> {
  const result = await tx
    .updateTable("bulletin")
    .set({ review_paged_at: now })
    .where("id", "=", id)
    .where("state", "=", "sent")
    .where("reviewed_at", "is", null)
    .where("review_paged_at", "is", null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** There was nobody to ask, so nobody was. */
export async function markTried(tx: Tx, id: string): Promise<void> {
  await tx
    .updateTable("bulletin")
    .set({ review_paged_at: null, review_tried_at: now })
    .where("id", "=", id)
    .execute();
}

/** Who may review it: the agency's active supervisors and watch commanders, but not its author. */
export async function findReviewers(tx: Tx, { id, agency }: Due): Promise<readonly string[]> {
  const rows = await tx
    .selectFrom("officer_role as r")
    .innerJoin("officer as o", (join) =>
      join.onRef("o.agency_id", "=", "r.agency_id").onRef("o.id", "=", "r.officer_id"),
    )
    .innerJoin("bulletin as b", "b.agency_id", "r.agency_id")
    .select("o.id")
    .distinct()
    .where("r.agency_id", "=", agency)
    .where("r.role", "in", ["supervisor", "watch_commander"])
    .where("o.state", "=", "active")
    .where("b.id", "=", id)
    .whereRef("o.id", "!=", "b.author_id")
    .execute();
  return rows.map((row) => row.id);
}

/** Emergencies that nobody reviewed for a day. */
export async function findUnreviewed(tx: Tx, { limit, except }: Chunk): Promise<readonly Due[]> {
  return tx
    .selectFrom("bulletin")
    .select(["id", "agency_id as agency"])
    .where(noneOf(except))
    .where("state", "=", "sent")
    .where("basis", "=", "emergency")
    .where("reviewed_at", "is", null)
    .where("shrunk_at", "is", null)
    .where("sent_at", "<=", sql<Date>`(select clock.now()) - interval '24 hours'`)
    .orderBy("sent_at")
    .limit(limit)
    .execute();
}

export async function shrinkBulletin(tx: Tx, id: string): Promise<boolean> {
  const result = await tx
    .updateTable("bulletin")
    .set({ shrunk_at: now })
    .where("id", "=", id)
    .where("state", "=", "sent")
    .where("reviewed_at", "is", null)
    .where("shrunk_at", "is", null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

// ------------------------------------------------------------------------------------------------- who gets it

export interface Audience {
  readonly channels: number;
  readonly agencies: number;
  readonly full: number;
  readonly summary: number;
  readonly pointer: number;
  readonly refused: number;
}

/** Where it would go now: counts, never names. */
export async function previewAudience(tx: Tx, id: string): Promise<Audience> {
  const { rows } = await sql<{ level: string; channels: number; agencies: number }>`
    select * from preview_deliveries(${id})`.execute(tx);
  const of = (level: string) => rows.find((row) => row.level === level)?.channels ?? 0;
  return {
    channels: of("all"),
    agencies: rows.find((row) => row.level === "all")?.agencies ?? 0,
    full: of("full"),
    summary: of("summary"),
    pointer: of("pointer"),
    refused: of("refused"),
  };
}

interface Plan {
  readonly id: string;
  readonly kind: "bulletin" | "correction";
  readonly urgency: number;
}

export interface Planned {
  /** That will be sent; 0: nobody gets it. */
  readonly channels: number;
  /** An installation of every lane. */
  readonly wake: readonly string[];
}

/** Makes all deliveries at once. */
export async function planDeliveries(tx: Tx, { id, kind, urgency }: Plan): Promise<Planned> {
  const { rows: counted } = await sql<{
    count: number;
  }>`select count_deliveries(${id}, ${kind}) as count`.execute(tx);
  // A few to spare: somebody may subscribe between the two statements.
  const refs = Array.from({ length: (counted[0]?.count ?? 0) + 10 }, () => newRef("delivery"));
  const { rows } = await sql<{ installation_id: string; level: string }>`
    select * from plan_deliveries(${id}, ${kind}, ${refs}::text[], ${urgency}::int)`.execute(tx);
  const going = rows.filter((row) => row.level !== "refused").map((row) => row.installation_id);
  return { channels: going.length, wake: await onePerLane(tx, [...new Set(going)]) };
}
