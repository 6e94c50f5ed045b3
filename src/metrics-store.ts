import { sql } from "kysely";

import type { Tx } from "./store/store.ts";

export interface Gauges {
  readonly pending: number;
  readonly sending: number;
  readonly checking: number;
  readonly dead: number;
  readonly oldestS: number;
  readonly rateLimited: number;
  readonly breakersOpen: number;
  readonly lastCleanS: number | null;
  readonly findings: number | null;
  readonly recoveryLastMs: number | null;
  readonly recoveryMaxMs: number | null;
}

/** What all processes share. As the system; each count has an index of its own, so that what is finished costs nothing. */
export async function readGauges(tx: Tx): Promise<Gauges> {
  const { rows } = await sql<Gauges>`
    select (select count(*)::int from delivery where state = 'pending') as pending,
           (select count(*)::int from delivery where state = 'sending') as sending,
           (select count(*)::int from delivery where state = 'checking') as checking,
           (select count(*)::int from delivery where state = 'dead') as dead,
           (select greatest(0, coalesce(extract(epoch from clock_timestamp() - min(due_at))::float8, 0))
              from delivery where state = 'pending') as "oldestS",
           (select coalesce(sum(refused), 0)::int from pace) as "rateLimited",
           (select count(*)::int from breaker where open_until is not null) as "breakersOpen",
           extract(epoch from c.clean_at)::float8 as "lastCleanS", jsonb_array_length(c.findings) as findings,
           c.recovery_last_ms as "recoveryLastMs", c.recovery_max_ms as "recoveryMaxMs"
      from (select) as one left join standing_check c on true`.execute(tx);
  const [row] = rows;
  if (row === undefined) throw new Error("the ledger cannot be counted");
  return row;
}
