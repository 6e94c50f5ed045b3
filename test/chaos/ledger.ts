import { setTimeout as wait } from "node:timers/promises";

import type { Pool } from "pg";

// What the runner reads from a run's database, as the superuser.

export interface LedgerRow {
  readonly id: string;
  readonly epoch: number;
  readonly ref: string;
  readonly kind: string;
  readonly state: string;
  readonly reason: string | null;
  readonly workspace: string;
  readonly channel: string;
  readonly message: string | null;
  readonly ended: boolean;
  readonly removed: boolean;
  readonly repeated: boolean;
  /** Somebody was told that it is dead. */
  readonly told: boolean;
  /** Steps that have to be audited, and are not. */
  readonly unaudited: number;
  /** How often nobody knew. */
  readonly unknown: number;
}

/** Everything that was ever planned. */
export async function readLedger(look: Pool): Promise<readonly LedgerRow[]> {
  const { rows } = await look.query<LedgerRow>(`
    select d.id, d.epoch, d.ref, d.kind, d.state, d.reason, c.workspace, c.channel_ref as channel, d.message,
           d.ended_version is not null as ended, d.removed, d.repeated,
           -- One notice speaks for all channels of an agency that were lost for one reason; a failed recall has its own.
           exists (select from delivery o
                     left join allpoints.notice t on t.kind = 'recall_failed' and t.ref = o.id::text
                     join delivery n on n.kind = 'notice' and n.subject_id in (o.id, t.id)
                    where o.subject_id = d.subject_id and o.kind = d.kind and o.agency_id = d.agency_id
                      and o.reason = d.reason) as told,
           (select coalesce(sum(greatest(0, steps.times - audited.times)), 0)::int
              from (select step ->> 1 as name, count(*) as times
                      from jsonb_array_elements(d.life) step
                     where step ->> 1 in ('applied', 'dead', 'blocked') group by 1) steps
             cross join lateral (select count(distinct event_id) as times from audit a
                                  where a.subject = 'delivery:' || d.id
                                    and a.action = 'delivery.' || steps.name) audited) as unaudited,
           (select count(*)::int from jsonb_array_elements(d.life) step where step ->> 1 = 'checking') as unknown
      from delivery d join channel c on c.agency_id = d.agency_id and c.id = d.channel_id
     order by d.created_at, d.id`);
  return rows;
}

const BETWEEN_LOOKS_MS = 100;

/** Waits until nothing is on its way any more. False: that did not happen in time. */
export async function untilRest(look: Pool, patienceMs: number): Promise<boolean> {
  const deadline = performance.now() + patienceMs;
  while (performance.now() < deadline) {
    /* oxlint-disable no-await-in-loop */
    if ((await countOpen(look)) === 0) return true;
    await wait(BETWEEN_LOOKS_MS);
    /* oxlint-enable no-await-in-loop */
  }
  return false;
}

/** What has not come to rest. While the server is away, nobody knows. */
async function countOpen(look: Pool): Promise<number> {
  try {
    const { rows } = await look.query<{ open: number }>(
      "select count(*)::int as open from delivery where state in ('pending', 'sending', 'checking')",
    );
    return rows[0]?.open ?? 0;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/**
 * From now until no row that was in somebody's hands at this moment is left there, in seconds: when a process was
 * just killed, until its orphans are gone.
 */
export async function untilRecovered(look: Pool): Promise<number> {
  const start = performance.now();
  const { rows } = await look.query<{ id: string; epoch: number }>(
    "select id, epoch from delivery where state in ('sending', 'checking')",
  );
  const [ids, epochs] = [rows.map(({ id }) => id), rows.map(({ epoch }) => epoch)];
  let left = rows.length;
  // A scene that was broken off recovers no more.
  while (left > 0 && !look.ending) {
    // oxlint-disable-next-line no-await-in-loop
    await wait(BETWEEN_LOOKS_MS);
    // oxlint-disable-next-line no-await-in-loop
    left = await countOrphans(look, ids, epochs).catch(() => left);
  }
  return (performance.now() - start) / 1_000;
}

async function countOrphans(look: Pool, ids: readonly string[], epochs: readonly number[]): Promise<number> {
  const { rows } = await look.query<{ left: number }>(
    `select count(*)::int as left from delivery d
       join unnest($1::uuid[], $2::int[]) o(id, epoch) on o.id = d.id and o.epoch = d.epoch
      where d.state in ('sending', 'checking')`,
    [ids, epochs],
  );
  return rows[0]?.left ?? 0;
}
