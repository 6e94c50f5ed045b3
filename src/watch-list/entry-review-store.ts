import { sql } from "kysely";

import type { Chunk } from "../follow-ups.ts";
import { noneOf } from "../store/except.ts";
import type { Keyring } from "../store/seal.ts";
import type { Tx } from "../store/store.ts";
import { CHALLENGE_DAYS, NEXT_REVIEW_DAYS, REVIEW_GRACE_DAYS, type Entry } from "./entry.ts";

// An entry's reviews: what is due, what was missed, and the validation that sets the next one.

const validationPlace = ({ id, agency }: Pick<Entry, "id" | "agency">) => ({
  table: "entry",
  column: "validation_sealed",
  row: id,
  agency,
});

interface Validation {
  readonly entry: Entry;
  readonly officer: string;
  /** The beginning of the hash of what this officer was shown. */
  readonly shown: string;
  readonly reason: string;
  /** From now; absent: as long as before. */
  readonly validDays: number | undefined;
}

/** How it stands, until the end of the transaction: whoever suspends or ends it meanwhile waits, or was first. */
export async function holdEntry(tx: Tx, id: string) {
  return tx
    .selectFrom("entry")
    .select(["state", "suspended_reason as suspendedReason"])
    .where("id", "=", id)
    .forUpdate()
    .executeTakeFirst();
}

/** A second person says that it still holds. False: it is over, is under review, or was changed since it was shown. */
export async function validateEntry(
  tx: Tx,
  keyring: Keyring,
  { entry, officer, shown, reason, validDays }: Validation,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    with moment as materialized (select clock.now() as at), life as (
      select e.id, m.at, coalesce(m.at + make_interval(days => ${validDays ?? null}::int), e.expires_at) as expires_at
        from entry e, moment m where e.id = ${entry.id})
    update entry e
       set state = 'active', last_validated_at = l.at, validated_by = ${officer},
           validation_sealed = ${keyring.seal(validationPlace(entry), reason)}, expires_at = l.expires_at,
           review_due_at = least(l.expires_at, l.at + make_interval(days => ${NEXT_REVIEW_DAYS}::int)),
           review_told_at = null
      from life l
     where e.id = l.id and e.state in ('active', 'suspended') and e.expires_at > l.at and e.challenged_at is null
       and e.author_id <> ${officer} and left(encode(e.content_hash, 'hex'), 12) = ${shown}`.execute(tx);
  return numAffectedRows === 1n;
}

/** As the system: entries in force whose review is due, and nobody was told. What ends that day needs no review. */
export async function listReviewsDue(tx: Tx, { limit, except }: Chunk) {
  return tx
    .selectFrom("entry")
    .select(["id", "agency_id as agency", "ref", "author_id as author"])
    .where(noneOf(except))
    .where("state", "=", "active")
    .where("review_told_at", "is", null)
    .where("review_due_at", "<=", sql<Date>`(select clock.now())`)
    .where("expires_at", ">", sql<Date>`(select clock.now())`)
    .orderBy("review_due_at")
    .limit(limit)
    .execute();
}

/** False: another process was first, or somebody validated it in the meantime. */
export async function markReviewTold(tx: Tx, id: string): Promise<boolean> {
  const result = await tx
    .updateTable("entry")
    .set({ review_told_at: sql<Date>`clock.now()` })
    .where("id", "=", id)
    .where("state", "=", "active")
    .where("review_told_at", "is", null)
    .where("review_due_at", "<=", sql<Date>`(select clock.now())`)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

const ago = (days: number) => sql<Date>`(select clock.now()) - make_interval(days => ${days}::int)`;
const sinceOf = { review_missed: "review_due_at", challenge_undecided: "challenged_at" } as const;
const lastOf = { review_missed: ago(REVIEW_GRACE_DAYS), challenge_undecided: ago(CHALLENGE_DAYS) } as const;

interface Neglected {
  readonly id: string;
  readonly agency: string;
  readonly ref: string;
  readonly author: string;
  readonly reason: "review_missed" | "challenge_undecided";
}

/** As the system: entries in force whose review was missed, or a challenge of which nobody has decided. */
export async function listNeglected(tx: Tx, { limit, except }: Chunk): Promise<readonly Neglected[]> {
  const late = (reason: Neglected["reason"]) =>
    tx
      .selectFrom("entry")
      .select(["id", "agency_id as agency", "ref", "author_id as author"])
      .select(sql<Neglected["reason"]>`${reason}::text`.as("reason"))
      .where(noneOf(except))
      .where("state", "=", "active")
      .where(sinceOf[reason], "<=", lastOf[reason])
      .where("expires_at", ">", sql<Date>`(select clock.now())`)
      .orderBy(sinceOf[reason])
      .limit(limit);
  // Each has an index of its own. What is late in both ways is suspended once, for the challenge.
  const challenged = await late("challenge_undecided").execute();
  const known = new Set(challenged.map(({ id }) => id));
  const missed = (await late("review_missed").execute()).filter(({ id }) => !known.has(id));
  return [...challenged, ...missed].slice(0, limit);
}

/** Suspends it if that is still so. False: another process was first, or somebody acted in the meantime. */
export async function suspendNeglected(
  tx: Tx,
  { id, reason }: Pick<Neglected, "id" | "reason">,
): Promise<boolean> {
  const result = await tx
    .updateTable("entry")
    .set({ state: "suspended", suspended_reason: reason })
    .where("id", "=", id)
    .where("state", "=", "active")
    .where(sinceOf[reason], "<=", lastOf[reason])
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

interface Attention {
  readonly ref: string;
  readonly author: string;
  readonly sensitive: boolean;
  /** Since when its review is due. */
  readonly due: Date | null;
  /** Until when its challenge is to be decided. */
  readonly decide_by: Date | null;
}

/** What the own agency has to look at: challenges that nobody has decided, then reviews that are due. */
export async function listAttention(tx: Tx): Promise<readonly Attention[]> {
  const sensitive = sql`first_amendment or juvenile or sensitivity = 'RESTRICTED'`;
  const { rows } = await sql<Attention>`
    (select ref, author_id as author, ${sensitive} as sensitive, null::timestamptz as due,
            challenged_at + make_interval(days => ${CHALLENGE_DAYS}::int) as decide_by
       from entry
      where challenged_at is not null and state in ('active', 'suspended') and expires_at > (select clock.now())
      order by challenged_at, id limit 12)
    union all
    (select ref, author_id, ${sensitive}, review_due_at, null
       from entry
      where challenged_at is null and state = 'active' and expires_at > (select clock.now())
        and review_due_at <= (select clock.now())
      order by review_due_at, id limit 12)`.execute(tx);
  return rows;
}
