import { sql } from "kysely";

import type { Tx } from "../store/store.ts";
import type { Finding, Invariant } from "./invariant.ts";

// Asks the invariants' questions and remembers what came of it. As the system.

/** How much is looked at. */
export interface Span {
  /** What came to rest since, on the real clock. Undefined: everything there is. */
  readonly since?: Date | undefined;
  /** The same moment on the business clock. */
  readonly clockSince?: Date | undefined;
  /** Subjects that were found before: they are asked about until they are well. */
  readonly known?: readonly string[] | undefined;
  /** The limits cannot be reserved further ahead than this. */
  readonly reachMs: number;
}

/** More of one invariant say nothing new. */
const MOST_FINDINGS = 100;

/** Deliveries that came to rest within the span; the two halves of the condition have an index each. */
function touched({ since, known = [] }: Span) {
  return since === undefined
    ? sql`true`
    : sql`(state in ('applied', 'dead', 'blocked') and rested_at > ${since}) or id = any(${known}::uuid[])`;
}

/** Where this does not hold. */
export async function findOffenders(
  tx: Tx,
  { id, sql: question }: Invariant,
  span: Span,
): Promise<readonly Finding[]> {
  const { since, clockSince, known = [], reachMs } = span;
  const { rows } = await sql<Finding>`
    with span as materialized (
      select coalesce(${since ?? null}::timestamptz, '-infinity') as since,
             coalesce(${clockSince ?? null}::timestamptz, '-infinity') as clock_since,
             clock_timestamp() as now, clock.now() as clock_now, ${since === undefined}::boolean as whole,
             ${known}::uuid[] as known, ${reachMs}::float8 as reach_ms
    ), touched as not materialized (
      select * from delivery where ${touched(span)}
    )
    select ${id} as invariant, subject, ref, what
      from (${sql.raw(question)}) as offenders limit ${MOST_FINDINGS}`.execute(tx);
  return rows;
}

/** How long it took at worst to learn what became of a send whose outcome was unknown. Null: there was none. */
export async function worstRecovery(tx: Tx, span: Span): Promise<number | null> {
  const { rows } = await sql<{ ms: number | null }>`
    select max(extract(epoch from
             (select min((l.step ->> 0)::timestamptz) from jsonb_array_elements(t.life) with ordinality as l (step, nr)
               where l.nr > c.nr and l.step ->> 1 in ('applied', 'pending', 'dead'))
             - (select max((l.step ->> 0)::timestamptz) from jsonb_array_elements(t.life) with ordinality as l (step, nr)
                 where l.nr < c.nr and l.step ->> 1 = 'intent')) * 1000)::int as ms
      from delivery t cross join jsonb_array_elements(t.life) with ordinality as c (step, nr)
     where (${touched(span)}) and c.step ->> 1 = 'checking'
       and (c.step ->> 0)::timestamptz > ${span.since ?? null}::timestamptz - interval '10 minutes'`.execute(
    tx,
  );
  return rows[0]?.ms ?? null;
}

/** A look at everything reads for longer than any other statement may. */
export async function allowLongStatements(tx: Tx): Promise<void> {
  await sql`set local statement_timeout = '10min'`.execute(tx);
}

/** Only one process at a time makes the standing check. False: another one is at it. */
export async function lockCheck(tx: Tx): Promise<boolean> {
  const { rows } = await sql<{ taken: boolean }>`select pg_try_advisory_xact_lock(7022004) as taken`.execute(
    tx,
  );
  return rows[0]?.taken === true;
}

export interface LastCheck {
  readonly ranAt: Date;
  readonly ranAtClock: Date;
  readonly ageMs: number;
  readonly cleanAt: Date | null;
  readonly findings: readonly Finding[];
}

/** Undefined: it never ran. */
export async function readLastCheck(tx: Tx): Promise<LastCheck | undefined> {
  const { rows } = await sql<LastCheck>`
    select ran_at as "ranAt", ran_at_clock as "ranAtClock", clean_at as "cleanAt", findings,
           extract(epoch from clock_timestamp() - ran_at)::float8 * 1000 as "ageMs"
      from standing_check`.execute(tx);
  return rows[0];
}

/** Both of the database's clocks at this moment. */
export async function readClocks(tx: Tx): Promise<{ readonly real: Date; readonly business: Date }> {
  const { rows } = await sql<{ real: Date; business: Date }>`
    select clock_timestamp() as real, clock.now() as business`.execute(tx);
  const [row] = rows;
  if (row === undefined) throw new Error("the database has no clock");
  return row;
}

export interface Check {
  /** When it began, on both clocks: what happens meanwhile is the next one's. */
  readonly began: { readonly real: Date; readonly business: Date };
  readonly findings: readonly Finding[];
  readonly recoveryMs: number | null;
}

export async function writeCheck(tx: Tx, { began, findings, recoveryMs }: Check): Promise<void> {
  const clean = findings.length === 0;
  await sql`
    insert into standing_check (ran_at, ran_at_clock, clean_at, findings, recovery_last_ms, recovery_max_ms)
    values (${began.real}, ${began.business}, case when ${clean} then ${began.real}::timestamptz end,
            ${JSON.stringify(findings)}::jsonb, ${recoveryMs}, ${recoveryMs})
        on conflict (one) do update
       set ran_at = excluded.ran_at, ran_at_clock = excluded.ran_at_clock, findings = excluded.findings,
           clean_at = coalesce(excluded.clean_at, standing_check.clean_at),
           recovery_last_ms = coalesce(excluded.recovery_last_ms, standing_check.recovery_last_ms),
           recovery_max_ms = greatest(excluded.recovery_max_ms, standing_check.recovery_max_ms)`.execute(tx);
}
