import { sql } from "kysely";

import type { Chunk, Due } from "../follow-ups.ts";
import { noneOf } from "../store/except.ts";
import { uuidv7 } from "../store/ids.ts";
import type { Tx } from "../store/store.ts";

// What the follow-up of confirmations does, as the system.

const DUE = sql<boolean>`step_at <= (select clock.now())`;

/** Requests to be sent, or whose deadline is over, of every agency. */
export async function listDueSteps(tx: Tx, { limit, except }: Chunk): Promise<readonly Due[]> {
  return tx
    .selectFrom("confirmation")
    .select(["id", "owner_agency_id as agency"])
    .where(DUE)
    .where(noneOf(except))
    .orderBy("step_at")
    .limit(limit)
    .execute();
}

/** Holds a request until the end of the transaction. Undefined: answered, moved, or another process has it. */
export async function takeDueStep(tx: Tx, id: string) {
  return tx
    .selectFrom("confirmation")
    .select(["id", "owner_agency_id as owner", "agency_id as agency", "query_ref as queryRef", "state"])
    .select(["wait_minutes as waitMinutes", "posted_at as postedAt", "second_id as secondId"])
    .where("id", "=", id)
    .where(DUE)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst();
}
export type DueStep = NonNullable<Awaited<ReturnType<typeof takeDueStep>>>;

/** The first request is on its way. One that was sent too late to be answered in time gets its whole time. */
export async function markPosted(tx: Tx, id: string): Promise<void> {
  await sql`
    with m as materialized (select clock.now() as at)
    update confirmation c
       set posted_at = m.at,
           due_at = case when c.due_at > m.at then c.due_at else m.at + make_interval(mins => c.wait_minutes) end,
           news = c.news + case when c.due_at > m.at then 0 else 1 end
      from m where c.id = ${id}`.execute(tx);
}

/** A card of a request that arrived while there was time to answer. */
const arrived = (subject: "id" | "second_id") => sql`exists (
  select from delivery d where d.kind = 'confirmation' and d.subject_id = c.${sql.ref(subject)} and d.applied_at <= c.due_at)`;

/** Nobody answered the first one. Returns what the second card is about. */
export async function beginSecond(tx: Tx, id: string): Promise<string> {
  const second = uuidv7();
  await sql`
    with m as materialized (select clock.now() as at)
    update confirmation c
       set state = 'second', second_id = ${second}::uuid, second_at = m.at, reached = ${arrived("id")},
           due_at = m.at + make_interval(mins => c.wait_minutes), news = c.news + 1
      from m where c.id = ${id}`.execute(tx);
  return second;
}

/** Nobody answered the second one either. */
export async function markUnanswered(tx: Tx, id: string): Promise<void> {
  await sql`
    update confirmation c
       set state = 'unanswered', unanswered_at = clock.now(), news = c.news + 1,
           reached = c.reached and ${arrived("second_id")}
     where c.id = ${id}`.execute(tx);
}

/** The agency's active watch commanders. */
export async function findCommanders(tx: Tx, agency: string): Promise<readonly string[]> {
  const rows = await tx
    .selectFrom("officer_role as r")
    .innerJoin("officer as o", (join) =>
      join.onRef("o.agency_id", "=", "r.agency_id").onRef("o.id", "=", "r.officer_id"),
    )
    .select("o.id")
    .where("r.agency_id", "=", agency)
    .where("r.role", "=", "watch_commander")
    .where("o.state", "=", "active")
    .orderBy("o.id")
    .execute();
  return rows.map((row) => row.id);
}

/** Requests whose askers have to hear of a step, of every agency. */
export async function listNews(tx: Tx, { limit, except }: Chunk): Promise<readonly Due[]> {
  return tx
    .selectFrom("confirmation")
    .select(["id", "agency_id as agency"])
    .whereRef("told", "<", "news")
    .where(noneOf(except))
    .orderBy("asked_at")
    .limit(limit)
    .execute();
}

/** Marks all news of a request as told. Undefined: another process was first. */
export async function takeNews(tx: Tx, id: string) {
  return tx
    .updateTable("confirmation")
    .set((row) => ({ told: row.ref("news") }))
    .where("id", "=", id)
    .whereRef("told", "<", "news")
    .returning(["agency_id as agency", "query_ref as queryRef", "asked_by as askedBy"])
    .executeTakeFirst();
}
