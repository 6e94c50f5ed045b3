import { sql } from "kysely";

import type { Chunk, Due } from "../../follow-ups.ts";
import { noneOf } from "../../store/except.ts";
import { ruleOf } from "../../store/refusal.ts";
import type { Tx } from "../../store/store.ts";

// What a decision about a batch does to its entries.

export interface DueBatch extends Due {
  readonly state: "approved" | "returned";
  readonly hash: string;
  readonly author: string;
}

/** As the system: decided batches with entries that do not say so yet. */
export async function listDecided(tx: Tx, { limit, except }: Chunk): Promise<readonly DueBatch[]> {
  const rows = await tx
    .selectFrom("import_batch")
    .select(["id", "agency_id as agency", "state", "author_id as author"])
    .select(sql<string>`encode(hash, 'hex')`.as("hash"))
    .where(noneOf(except))
    .where("state", "in", ["approved", "returned"])
    .where("finished_at", "is", null)
    .orderBy("decided_at")
    .limit(limit)
    .execute();
  return rows.flatMap(({ state, ...row }) =>
    state === "approved" || state === "returned" ? [{ ...row, state }] : [],
  );
}

/** The next entries of a batch, for this transaction alone: another process takes others. */
export async function claimOpen(
  tx: Tx,
  { batch, limit }: { readonly batch: string; readonly limit: number },
): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select entry_id as id from entry_import where batch_id = ${batch} and open
     order by place limit ${limit} for update skip locked`.execute(tx);
  return rows.map(({ id }) => id);
}

export interface Activated {
  readonly id: string;
  readonly sensitivity: "OPEN" | "AGENCY_ONLY" | "RESTRICTED";
  readonly sealed: Buffer;
}

interface Claimed {
  readonly batch: string;
  readonly ids: readonly string[];
}

/**
 * Puts them in force as their batch was approved, all or none: where the database refuses one, the name of the rule.
 * One that is no longer what was approved stays what it is: its author has it back.
 */
export async function tryActivation(
  tx: Tx,
  claimed: Claimed,
): Promise<{ readonly active: readonly Activated[] } | { readonly refusedBy: string }> {
  await sql`savepoint activation`.execute(tx);
  try {
    return { active: await activateEntries(tx, claimed) };
  } catch (error) {
    const refusedBy = ruleOf(error);
    if (refusedBy === undefined) throw error;
    await sql`rollback to savepoint activation`.execute(tx);
    return { refusedBy };
  }
}

async function activateEntries(tx: Tx, { batch, ids }: Claimed): Promise<readonly Activated[]> {
  const { rows } = await sql<Activated>`
    with chosen as materialized (
      select i.entry_id, i.content_hash, b.approver_id, b.decided_at,
             (i.expires_on + 1)::timestamp at time zone a.time_zone as until
        from import_batch b
        join agency a on a.id = b.agency_id
        cross join unnest(${ids}::uuid[]) as n(id)
        cross join lateral (select * from entry_import o where o.entry_id = n.id and o.batch_id = b.id offset 0) i
       where b.id = ${batch} and b.state = 'approved'
    )
    update entry e
       set state = 'active', approver_id = c.approver_id, approved_at = c.decided_at, last_validated_at = c.decided_at,
           review_due_at = least(c.decided_at + make_interval(days => least(90, e.valid_days)), c.until),
           expires_at = least(c.decided_at + make_interval(days => e.valid_days), c.until)
      from chosen c
     where e.id = c.entry_id and e.state = 'waiting' and e.content_hash = c.content_hash
    returning e.id, e.sensitivity, e.content_sealed as sealed`.execute(tx);
  return rows;
}

/** Back to their author as drafts. */
export async function giveBackEntries(tx: Tx, ids: readonly string[]): Promise<void> {
  await sql`update entry set state = 'draft' where id = any(${ids}::uuid[]) and state = 'waiting'`.execute(
    tx,
  );
}

/** Nothing is left to do about them. By id, why one is not in force though its batch was approved. */
export async function closeRows(
  tx: Tx,
  ids: readonly string[],
  keptOut: ReadonlyMap<string, string>,
): Promise<void> {
  await sql`
    update entry_import i set open = false, kept_out = x.reason
      from unnest(${ids}::uuid[], ${ids.map((id) => keptOut.get(id) ?? null)}::text[]) as x(id, reason)
     where i.entry_id = x.id`.execute(tx);
}

/**
 * Undefined: something of it is left to do, or another transaction says so. A batch of which nothing could be put in
 * force is returned, whoever approved it.
 */
export async function finishBatch(tx: Tx, batch: string): Promise<"active" | "returned" | undefined> {
  const { rows } = await sql<{ state: "active" | "returned" }>`
    update import_batch
       set finished_at = clock.now(),
           state = case when state = 'approved' and exists (
             select from entry_import i where i.batch_id = ${batch}
                and coalesce(i.kept_out, ${SUSPENDED}) = ${SUSPENDED}) then 'active' else 'returned' end
     where id = ${batch} and state in ('approved', 'returned') and finished_at is null
       and not exists (select from entry_import i where i.batch_id = ${batch} and i.open)
    returning state`.execute(tx);
  return rows[0]?.state;
}

/** As an entry that its agency's silence suspended has it. */
export const SUSPENDED = "confirmations_unanswered";

/**
 * The suspension of the agency's entries that is open and began after this batch was approved. Until the end of the
 * transaction none begins: the agency's row is what a new one waits for.
 */
export async function findSuspensionSince(
  tx: Tx,
  { id, agency }: Pick<DueBatch, "id" | "agency">,
): Promise<string | undefined> {
  await tx.selectFrom("agency").select("id").where("id", "=", agency).forShare().execute();
  const row = await tx
    .selectFrom("import_batch as b")
    .innerJoin("suspension as s", "s.agency_id", "b.agency_id")
    .select("s.id")
    .where("b.id", "=", id)
    .where("s.lifted_at", "is", null)
    .whereRef("s.at", ">=", "b.decided_at")
    .executeTakeFirst();
  return row?.id;
}

export async function suspendAtOnce(tx: Tx, ids: readonly string[]): Promise<void> {
  await sql`
    update entry set state = 'suspended', suspended_reason = ${SUSPENDED}
     where id = any(${ids}::uuid[]) and state = 'active'`.execute(tx);
}
