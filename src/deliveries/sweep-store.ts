import { sql } from "kysely";

import type { Tx } from "../store/store.ts";
import { canBeSent, type Claim } from "./claim-store.ts";
import type { DeadReason } from "./outcome.ts";
import type { Settled } from "./result-store.ts";

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

export interface Unreachable extends Claim {
  readonly reason: DeadReason;
}

/** What waits for a place that is not there any more, found from the place. Locked until the transaction ends. */
export async function findUnreachable(tx: Tx, limit: number): Promise<readonly Unreachable[]> {
  const { rows } = await sql<Unreachable>`
    with lost as (
      select p.id, case c.state when 'gone' then 'channel_gone' else 'channel_released' end as reason
        from channel c join delivery p on p.channel_id = c.id and p.state = 'pending'
       where c.state <> 'active' and (c.state = 'gone' or p.message is null)
      union
      select p.id, 'tenant_gone'
        from installation i join delivery p on p.lane = lane_of(i.id) and p.installation_id = i.id and p.state = 'pending'
       where i.state = 'gone'
      union
      -- Nobody can look there any more.
      select p.id, 'outcome_unknown'
        from delivery p join installation i on i.id = p.installation_id
       where p.state = 'checking' and i.state = 'gone' and p.quiet_until <= (select clock_timestamp())
      union
      select p.id, 'thread_gone'
        from delivery p join delivery u on u.id = p.under_id
       where p.state = 'pending' and p.under_id is not null and u.message is null and u.state in ('dead', 'blocked')
    )
    select d.id, d.epoch, d.owner_agency_id as "ownerAgency", l.reason
      from delivery d join (select id, max(reason) as reason from lost group by id) l on l.id = d.id
     where d.state in ('pending', 'checking')
     order by d.id limit ${limit} for update of d skip locked`.execute(tx);
  return rows;
}

/** One installation of every lane in which something can be done now. */
export async function findDueLanes(tx: Tx): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    with recursive waiting as (
      (select lane from delivery where state = 'pending' order by lane limit 1)
      union all
      select (select d.lane from delivery d where d.state = 'pending' and d.lane > w.lane order by d.lane limit 1)
        from waiting w where w.lane is not null
    )
    select due.id
      from waiting w cross join lateral (
        select p.installation_id as id
          from delivery p
          join channel c on c.agency_id = p.agency_id and c.id = p.channel_id
          join installation i on i.id = p.installation_id
          left join delivery u on u.id = p.under_id
          left join breaker b on b.installation_id = p.installation_id
          left join pace l on l.key = case when c.platform = 'discord' then p.lane
                                           when p.message is null then p.lane || ' post' else p.lane || ' edit' end
         where p.lane = w.lane and p.state = 'pending' and p.due_at <= (select clock_timestamp())
           and (b.open_until is null or b.open_until <= (select clock_timestamp()))
           and (l.closed_until is null or l.closed_until <= (select clock_timestamp()))
           and ${canBeSent}
         order by p.rank, p.round, p.due_at
         limit 1) as due
    union
    select distinct on (lane) installation_id from delivery
     where state = 'checking' and quiet_until <= (select clock_timestamp())
       and (lease_until is null or lease_until <= (select clock_timestamp()))`.execute(tx);
  return rows.map(({ id }) => id);
}

/** Whether anything is in a worker's hands. */
export async function isSending(tx: Tx): Promise<boolean> {
  const row = await tx
    .selectFrom("delivery")
    .select("id")
    .where((eb) =>
      eb.or([
        eb("state", "=", "sending"),
        eb.and([eb("state", "=", "checking"), eb("lease_until", "is not", null)]),
      ]),
    )
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** How long until something falls due by the clock alone. Undefined: nothing is planned. */
export async function msUntilNext(tx: Tx): Promise<number | undefined> {
  const { rows } = await sql<{ ms: number | null }>`
    select ceil(extract(epoch from min(moment) - clock_timestamp()) * 1000)::int as ms
      from (select min(due_at) as moment from delivery
             where state = 'pending' and due_at > (select clock_timestamp())
            union all
            select min(lease_until) from delivery where state = 'sending'
            union all
            select min(coalesce(lease_until, quiet_until)) from delivery where state = 'checking') as moments`.execute(
    tx,
  );
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

/** Whether the owner's desk has a notice already about this bulletin, this agency and this reason. */
export async function isToldOf(
  tx: Tx,
  { id, kind, subjectId, agency }: Settled,
  reason: string,
): Promise<boolean> {
  const row = await tx
    .selectFrom("delivery as d")
    .innerJoin("delivery as n", (join) =>
      join.onRef("n.subject_id", "=", "d.id").on("n.kind", "=", "notice").on("n.state", "<>", "dead"),
    )
    .select("n.id")
    .where("d.subject_id", "=", subjectId)
    .where("d.kind", "=", kind)
    .where("d.agency_id", "=", agency)
    .where("d.state", "=", "dead")
    .where("d.reason", "=", reason)
    .where("d.id", "<>", id)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
