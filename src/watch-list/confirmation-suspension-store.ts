import { sql } from "kysely";

import type { Chunk, Due } from "../follow-ups.ts";
import { noneOf } from "../store/except.ts";
import { uuidv7 } from "../store/ids.ts";
import type { Tx } from "../store/store.ts";

// An agency that keeps silent: its entries are found by nobody until it validates them again.

/** So many requests that count, within thirty days, of at least so many questions. */
const MOST_UNANSWERED = 3;
const LEAST_QUESTIONS = 2;

/** Until the end of the transaction this agency's other deadlines wait: the third is the third for one of them. */
export async function holdAgency(tx: Tx, agency: string): Promise<void> {
  await tx.selectFrom("agency").select("id").where("id", "=", agency).forNoKeyUpdate().execute();
}

/**
 * Whether an agency kept silent too often, within thirty days and since the last lifting, the request that was just
 * written included. What counts against it is its own silence and nothing else: not what its own people asked, not a
 * request whose cards did not both arrive in time (no channel, a platform that was down), and of one officer's requests
 * about one entry only one. All of one question are one occasion, so there must be two questions.
 */
export async function keptSilent(tx: Tx, owner: string): Promise<boolean> {
  const { rows } = await sql<{ silent: boolean }>`
    select count(distinct (c.asked_by, c.entry_id)) >= ${MOST_UNANSWERED}::int
             and count(distinct c.query_id) >= ${LEAST_QUESTIONS}::int as silent
      from confirmation c
     where c.owner_agency_id = ${owner} and c.agency_id <> c.owner_agency_id and c.reached
       and c.unanswered_at > greatest((select clock.now()) - interval '30 days',
                                      (select max(s.lifted_at) from suspension s where s.agency_id = ${owner}))`.execute(
    tx,
  );
  return rows[0]?.silent ?? false;
}

/** Undefined: the agency is suspended already. */
export async function beginSuspension(tx: Tx, agency: string): Promise<string | undefined> {
  const row = await tx
    .insertInto("suspension")
    .values({ id: uuidv7(), agency_id: agency })
    .onConflict((conflict) => conflict.column("agency_id").where("lifted_at", "is", null).doNothing())
    .returning("id")
    .executeTakeFirst();
  return row?.id;
}

/** Suspensions whose entries are not all taken out yet, of every agency; not one that another process is at. */
export async function listUnswept(tx: Tx, { limit, except }: Chunk): Promise<readonly Due[]> {
  return tx
    .selectFrom("suspension")
    .select(["id", "agency_id as agency"])
    .where("swept_at", "is", null)
    .where(noneOf(except))
    .orderBy("at")
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute();
}

/** Holds it until the end of the transaction. False: it is done, or another process is at it. */
export async function holdSuspension(tx: Tx, id: string): Promise<boolean> {
  const row = await tx
    .selectFrom("suspension")
    .select("id")
    .where("id", "=", id)
    .where("swept_at", "is", null)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst();
  return row !== undefined;
}

interface Taking {
  readonly suspension: string;
  readonly limit: number;
}

/** The agency's next active entries that nobody validated since; exercises are not real, and stay. */
export async function listToSuspend(tx: Tx, { suspension, limit }: Taking) {
  return tx
    .selectFrom("suspension as s")
    .innerJoin("entry as e", "e.agency_id", "s.agency_id")
    .select(["e.id", "e.ref", "e.agency_id as agency"])
    .where("s.id", "=", suspension)
    .whereRef("e.id", ">", "s.swept_to")
    .where("e.state", "=", "active")
    .where("e.exercise", "=", false)
    .whereRef("e.last_validated_at", "<=", "s.at")
    .orderBy("e.id")
    .limit(limit)
    .execute();
}

interface Taken {
  readonly suspension: string;
  readonly entries: number;
  /** Entries up to this one were looked at. */
  readonly to?: string | undefined;
  /** That was all of them. */
  readonly last: boolean;
}

export async function noteSuspended(tx: Tx, { suspension, entries, to, last }: Taken): Promise<void> {
  await tx
    .updateTable("suspension")
    .set((row) => ({
      entries: sql<number>`${row.ref("entries")} + ${entries}`,
      ...(to !== undefined && { swept_to: to }),
      ...(last && { swept_at: sql<Date>`clock.now()` }),
    }))
    .where("id", "=", suspension)
    .execute();
}

/** The own agency's suspension that nobody has lifted. */
export async function findSuspension(tx: Tx, agency: string) {
  return tx
    .selectFrom("suspension")
    .select(["id", "at", "entries"])
    .where("agency_id", "=", agency)
    .where("lifted_at", "is", null)
    .executeTakeFirst();
}

/**
 * The agency validates its entries again: unanswered requests count from now. In the transaction that puts an entry
 * back, under its audit row. False: the agency was not suspended.
 */
export async function liftSuspension(
  tx: Tx,
  { agency, officer }: { readonly agency: string; readonly officer: string },
): Promise<boolean> {
  const result = await tx
    .updateTable("suspension")
    .set({ lifted_at: sql<Date>`clock.now()`, lifted_by: officer })
    .where("agency_id", "=", agency)
    .where("lifted_at", "is", null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}
