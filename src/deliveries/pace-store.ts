import { sql } from "kysely";

import type { Tx } from "../store/store.ts";
import { PROBE_EVERY, type Breaker } from "./breaker.ts";
import { recovered, slowedDown, untouched, type Pace } from "./pace.ts";

// What is left of each limit, and which workspaces fail. As the system, on the real clock.

/** What is left of some limits, counted from one moment. */
export interface Paces {
  /** PostgreSQL's moment, as text: JavaScript would cut its microseconds off. */
  readonly at: string;
  readonly left: ReadonlyMap<string, Pace>;
}

interface PaceRow {
  readonly at: string;
  readonly key: string;
  readonly free: number;
  readonly closed: number;
  readonly slower: number;
  readonly quiet: number;
}

const columns = sql`now.at::text as at, key, extract(epoch from free_at - now.at)::float8 * 1000 as free,
  coalesce(extract(epoch from closed_until - now.at)::float8 * 1000, 0) as closed, slower,
  extract(epoch from now.at - slower_at)::float8 * 1000 as quiet`;

/** Locks a lane's limits, and with them the lane, until the transaction ends: only one reserves in it at a time. */
export async function lockPaces(tx: Tx, keys: readonly string[]): Promise<Paces> {
  const { rows } = await sql<PaceRow>`
    with locked as materialized (
      select * from pace where key = any(${keys}::text[]) order by key for update
    ), now as materialized (
      -- After the wait for the lock.
      select clock_timestamp() as at from (select count(*) from locked) as all_of_them
    )
    select ${columns} from locked cross join now`.execute(tx);
  const [first] = rows;
  if (first !== undefined && rows.length === keys.length) return { at: first.at, left: toPaces(rows) };
  await sql`insert into pace (key) select unnest(${keys}::text[]) on conflict (key) do nothing`.execute(tx);
  return lockPaces(tx, keys);
}

/** What is left of the channels' own limits, counted from that moment. */
export async function readPaces(
  tx: Tx,
  keys: readonly string[],
  at: string,
): Promise<ReadonlyMap<string, Pace>> {
  const { rows } = await sql<PaceRow>`
    select ${columns} from pace cross join (select ${at}::timestamptz as at) as now
     where key = any(${keys}::text[])`.execute(tx);
  return toPaces(rows);
}

function toPaces(rows: readonly PaceRow[]): Map<string, Pace> {
  return new Map(
    rows.map(({ key, free, closed, slower, quiet }) => [
      key,
      { freeInMs: free, closedForMs: closed, slower: recovered(slower, quiet) },
    ]),
  );
}

/** From the same moment as they were read: the time in between would be lost at every claim. */
export async function writePaces(tx: Tx, { at, left }: Paces): Promise<void> {
  if (left.size === 0) return;
  const free = [...left.values()].map(({ freeInMs }) => freeInMs);
  await sql`
    insert into pace (key, free_at)
    select key, ${at}::timestamptz + free * interval '1 ms'
      from unnest(${[...left.keys()]}::text[], ${free}::float8[]) as p(key, free)
     order by key
        on conflict (key) do update set free_at = excluded.free_at`.execute(tx);
}

/** The platform said 429: nothing more under this limit until then, and slower from then on. */
export async function closePace(tx: Tx, key: string, forMs: number): Promise<void> {
  const [{ closedForMs, slower } = untouched] = (await lockPaces(tx, [key])).left.values();
  // What was on its way when it was closed is refused too, and teaches nothing new.
  const learned = closedForMs > 0 ? slower : slowedDown(slower);
  await sql`
    update pace
       set closed_until = greatest(closed_until, clock_timestamp() + ${forMs}::float8 * interval '1 ms'),
           slower = ${Math.round(learned)}::int, slower_at = clock_timestamp(),
           refused = refused + 1
     where key = ${key}`.execute(tx);
}

/** The platform says that a budget is used up, without a 429: nothing to learn but when it is whole again. */
export async function restPace(tx: Tx, key: string, forMs: number): Promise<void> {
  await sql`
    insert into pace (key, closed_until) values (${key}, clock_timestamp() + ${forMs}::float8 * interval '1 ms')
        on conflict (key) do update set closed_until = greatest(pace.closed_until, excluded.closed_until)`.execute(
    tx,
  );
}

/** What is known of these workspaces; none: nothing ever failed there. */
export async function lockBreakers(tx: Tx, installations: readonly string[]): Promise<Map<string, Breaker>> {
  const { rows } = await sql<Breaker & { readonly id: string }>`
    select installation_id as id, failures, tried, failed, open_until is not null as open
      from breaker where installation_id = any(${installations}::uuid[]) order by 1 for update`.execute(tx);
  return new Map(rows.map(({ id, ...breaker }) => [id, breaker]));
}

export async function writeBreaker(tx: Tx, installationId: string, breaker: Breaker): Promise<void> {
  const { failures, tried, failed, open } = breaker;
  await sql`
    insert into breaker (installation_id, failures, tried, failed, open_until, opened_at)
    values (${installationId}, ${failures}, ${tried}, ${failed},
            case when ${open} then clock_timestamp() + ${PROBE_EVERY}::int * interval '1 ms' end,
            case when ${open} then clock_timestamp() end)
        on conflict (installation_id) do update
       set failures = excluded.failures, tried = excluded.tried, failed = excluded.failed,
           -- Failures that come late do not put off the probe.
           open_until = case when ${open} then coalesce(breaker.open_until, excluded.open_until) end,
           opened_at = case when ${open} then coalesce(breaker.opened_at, excluded.opened_at) end`.execute(
    tx,
  );
}

/** One delivery is let through to see whether it works again; the next one later. */
export async function putOffProbes(tx: Tx, installations: readonly string[]): Promise<void> {
  if (installations.length === 0) return;
  await sql`
    update breaker set open_until = clock_timestamp() + ${PROBE_EVERY}::int * interval '1 ms'
     where installation_id = any(${installations}::uuid[])`.execute(tx);
}
