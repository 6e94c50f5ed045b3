import { sql } from "kysely";

import type { Tx } from "../store/store.ts";
import { canBeSent, type Claim } from "./claim-store.ts";
import type { DeadReason, Quiet } from "./outcome.ts";

// What the sweep finds, whatever became of the jobs. As the system.

/** The worker is gone. What it had not announced was not sent; anything else may have been. */
export async function expireLeases(tx: Tx): Promise<number> {
  const { numAffectedRows } = await sql`
    update delivery
       set state = case when quiet_until is null then 'pending' else 'checking' end, lease_until = null
     where id in (
       select id from delivery
        where state = 'sending' and lease_until <= (select clock_timestamp())
        order by id limit 500 for update skip locked)`.execute(tx);
  return Number(numAffectedRows ?? 0n);
}

export interface QuietDelivery extends Claim {
  readonly quiet: Quiet;
}

/** Whose outcome is still unknown, and can no longer change by itself. Locked until the transaction ends. */
export async function findQuiet(tx: Tx, limit: number): Promise<readonly QuietDelivery[]> {
  const { rows } = await sql<Claim & Quiet>`
    select d.id, d.epoch, d.owner_agency_id as "ownerAgency", c.platform, d.message is not null as edit,
           d.ended_version is not null as ended, d.urgency, d.repeated, d.attempts
      from delivery d
      join channel c on c.agency_id = d.agency_id and c.id = d.channel_id
     where d.state = 'checking' and d.quiet_until <= (select clock_timestamp())
     order by d.quiet_until limit ${limit} for update of d skip locked`.execute(tx);
  return rows.map(({ id, epoch, ownerAgency, ...quiet }) => ({ id, epoch, ownerAgency, quiet }));
}

export interface Unreachable extends Claim {
  readonly reason: DeadReason;
}

/** What waits for a place that is not there any more. Locked until the transaction ends. */
export async function findUnreachable(tx: Tx, limit: number): Promise<readonly Unreachable[]> {
  const { rows } = await sql<Unreachable>`
    select d.id, d.epoch, d.owner_agency_id as "ownerAgency",
           case when i.state = 'gone' then 'tenant_gone' when c.state = 'gone' then 'channel_gone'
                when c.state = 'released' then 'channel_released' else 'thread_gone' end as reason
      from delivery d
      join channel c on c.agency_id = d.agency_id and c.id = d.channel_id
      join installation i on i.id = d.installation_id
      left join delivery u on u.id = d.under_id
     where d.state = 'pending'
       and (i.state = 'gone' or c.state = 'gone' or (c.state = 'released' and d.message is null)
            or (u.message is null and u.state in ('dead', 'blocked')))
     order by d.id limit ${limit} for update of d skip locked`.execute(tx);
  return rows;
}

/** The installations in which something is due. */
export async function findDueInstallations(tx: Tx): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select distinct i.id
      from delivery p
      join channel c on c.agency_id = p.agency_id and c.id = p.channel_id
      join installation i on i.id = p.installation_id
      left join delivery u on u.id = p.under_id
     where p.state = 'pending' and p.due_at <= (select clock_timestamp()) and ${canBeSent}`.execute(tx);
  return rows.map(({ id }) => id);
}

/** Whether anything is in a worker's hands. */
export async function isSending(tx: Tx): Promise<boolean> {
  const row = await tx
    .selectFrom("delivery")
    .select("id")
    .where("state", "=", "sending")
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** How long until the next row falls due by the clock alone. Undefined: nothing is planned. */
export async function msUntilNext(tx: Tx): Promise<number | undefined> {
  const { rows } = await sql<{ ms: number | null }>`
    select ceil(extract(epoch from min(moment) - clock_timestamp()) * 1000)::int as ms
      from (select min(due_at) as moment from delivery
             where state = 'pending' and due_at > (select clock_timestamp())
            union all
            select min(lease_until) from delivery where state = 'sending'
            union all
            select min(quiet_until) from delivery where state = 'checking') as moments`.execute(tx);
  return rows[0]?.ms ?? undefined;
}

/** The platform says that the channel is not there, or not for us. Conversations with persons stay as they are. */
export async function markChannelGone(tx: Tx, channelId: string): Promise<string | undefined> {
  const row = await tx
    .updateTable("channel")
    .set({ state: "gone" })
    .where("id", "=", channelId)
    .where("state", "=", "active")
    .where("use", "!=", "person")
    .returning("agency_id")
    .executeTakeFirst();
  return row?.agency_id;
}

/** A channel that is gone gets nothing more until somebody subscribes it again. */
export async function suspendSubscription(tx: Tx, channelId: string): Promise<string | undefined> {
  const row = await tx
    .updateTable("subscription")
    .set({ state: "suspended" })
    .where("channel_id", "=", channelId)
    .where("state", "in", ["active", "paused"])
    .returning("id")
    .executeTakeFirst();
  return row?.id;
}
