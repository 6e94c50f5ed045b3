import { sql } from "kysely";

import type { Tx } from "../store/store.ts";
import type { DeliveryKind, DeliveryState, Level } from "./delivery.ts";
import { bulletinOfDelivery } from "./trace-store.ts";

// The ledger at a glance, for somebody who looks at it all the time. As the system.

export interface Recent {
  readonly id: string;
  readonly ref: string;
  readonly kind: DeliveryKind;
  /** The bulletin's reference, where there is one behind it. */
  readonly subject: string | null;
  readonly agency: string;
  readonly platform: "slack" | "discord";
  readonly workspace: string;
  /** Where the message is, or will be: the platform's own id. */
  readonly channel: string;
  readonly level: Level | null;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly wanted: number;
  readonly applied: number;
  readonly lastError: string | null;
  /** When it came to rest, or has been due, on the real clock. */
  readonly since: Date;
}

const finished = sql`state in ('applied', 'dead', 'blocked')`;

/**
 * The deliveries in which something happened last, the newest first. Each of the five parts is read from an index of its
 * own, however long the ledger is: together they hold whatever may be among the newest.
 */
export async function findRecent(tx: Tx, limit: number): Promise<readonly Recent[]> {
  const { rows } = await sql<Recent>`
    with recent as (
      (select id, rested_at as since from delivery
        where ${finished} and rested_at is not null order by rested_at desc limit ${limit})
      union all
      -- Blocked from the beginning: they never came to rest.
      (select id, due_at from delivery where ${finished} and rested_at is null order by due_at desc limit ${limit})
      union all
      (select id, due_at from delivery where state = 'pending' order by due_at desc limit ${limit})
      union all
      (select id, due_at from delivery where state = 'sending' order by due_at desc limit ${limit})
      union all
      (select id, due_at from delivery where state = 'checking' order by due_at desc limit ${limit})
    )
    select d.id, d.ref, d.kind, b.ref as subject, a.name as agency, i.platform,
           coalesce(d.message_workspace, i.workspace) as workspace,
           coalesce(d.message_channel, c.channel_ref) as channel, d.level, d.state, d.attempts,
           d.wanted_version as wanted, d.applied_version as applied, d.last_error as "lastError", r.since
      from (select id, since from recent order by since desc, id desc limit ${limit}) r
      join delivery d on d.id = r.id
      join agency a on a.id = d.agency_id
      join installation i on i.id = d.installation_id
      join channel c on c.agency_id = d.agency_id and c.id = d.channel_id
      ${bulletinOfDelivery}
     order by r.since desc, d.id desc`.execute(tx);
  return rows;
}

/** How many deliveries are in each state. Reads them all. */
export async function countStates(tx: Tx): Promise<Readonly<Record<DeliveryState, number>>> {
  const { rows } = await sql<Record<DeliveryState, number>>`
    select (select count(*)::int from delivery where state = 'pending') as pending,
           (select count(*)::int from delivery where state = 'sending') as sending,
           (select count(*)::int from delivery where state = 'checking') as checking,
           count(*) filter (where state = 'applied')::int as applied,
           count(*) filter (where state = 'dead')::int as dead,
           count(*) filter (where state = 'blocked')::int as blocked
      from delivery where ${finished}`.execute(tx);
  const [row] = rows;
  if (row === undefined) throw new Error("the ledger cannot be counted");
  return row;
}

/** Which deliveries were posted, and came to rest as applied, since a moment on the wall clock. */
export async function findAppliedSince(
  tx: Tx,
  at: Date,
): Promise<readonly { readonly id: string; readonly platform: "slack" | "discord" }[]> {
  const { rows } = await sql<{ id: string; platform: "slack" | "discord" }>`
    select d.id, i.platform
      from (select id, installation_id from delivery
             where ${finished} and rested_at >= ${at} and posted_at >= ${at} and state = 'applied') d
      join installation i on i.id = d.installation_id`.execute(tx);
  return rows;
}
