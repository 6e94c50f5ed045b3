import { sql } from "kysely";

import type { Platform } from "../chat.ts";
import type { Tx } from "../store/store.ts";
import type { DeliveryKind } from "./delivery.ts";
import type { Quiet } from "./outcome.ts";
import type { Errand } from "./pace.ts";

// How a worker gets hold of deliveries. As the system. Leases run on the real clock (clock_timestamp), which in a WHERE
// stands in a subquery: volatile, it would keep PostgreSQL from using an index.

/** The right to bring one delivery on, until the lease runs out or somebody else claims it. */
export interface Claim {
  readonly id: string;
  readonly epoch: number;
  readonly ownerAgency: string;
}

/** A claim as it was taken. */
export interface Claimed extends Claim {
  readonly installationId: string;
  /** How often it was tried before, since it last succeeded. */
  readonly attempts: number;
  /** How often its card could not be made, in a row. */
  readonly renderFailures: number;
}

export interface Lane {
  readonly lane: string;
  readonly platform: Platform;
}

/** Which lane an installation's deliveries wait in. Undefined: there is no such installation, or it is gone. */
export async function findLane(tx: Tx, installationId: string): Promise<Lane | undefined> {
  const { rows } = await sql<Lane>`
    select lane_of(id) as lane, platform from installation where id = ${installationId} and state = 'active'`.execute(
    tx,
  );
  return rows[0];
}

/** Of a delivery p with its channel c, its installation i and u, the one it goes under. The rest is buried by the sweep. */
export const canBeSent = sql`i.state = 'active' and c.state <> 'gone'
  and (c.state <> 'released' or p.message is not null) and (p.under_id is null or u.message is not null)`;

/** One that is due, with what decides which limits it falls under. */
export interface Candidate extends Errand {
  readonly id: string;
  readonly installationId: string;
  /** Its workspace kept failing: one delivery goes there to see, no more. */
  readonly probing: boolean;
  /** Its workspace failed lately, so whether this one works is worth writing down. */
  readonly troubled: boolean;
}

interface Looking {
  readonly lane: string;
  readonly limit: number;
  /** False: that limit has nothing left for now, and what falls under it would only be in the way. */
  readonly posts: boolean;
  readonly edits: boolean;
}

/**
 * What is due in a lane: the urgent first; within that recalls, then the corrections that follow them, new cards and
 * other changes; of those the first channel of every agency before the second of any. Locked until the end.
 */
export async function findDue(tx: Tx, { lane, limit, posts, edits }: Looking): Promise<readonly Candidate[]> {
  const { rows } = await sql<Candidate>`
    select p.id, p.installation_id as "installationId", p.lane, c.platform, p.channel_id as "channelId", p.kind,
           p.message is not null as edit, c.use = 'person' as direct, p.under_id is not null as threaded,
           b.open_until is not null as probing, coalesce(b.failed > 0 or b.open_until is not null, false) as troubled
      from delivery p
      join channel c on c.agency_id = p.agency_id and c.id = p.channel_id
      join installation i on i.id = p.installation_id
      left join delivery u on u.id = p.under_id
      left join breaker b on b.installation_id = p.installation_id
     where p.lane = ${lane} and p.state = 'pending' and p.due_at <= (select clock_timestamp())
       and (case when p.message is null then ${posts}::boolean else ${edits}::boolean end)
       and (b.open_until is null
            or (b.open_until <= (select clock_timestamp())
                -- A half-open one lets its first through: the others would only fill the chunk.
                and p.id = (select q.id
                              from delivery q
                              join channel qc on qc.agency_id = q.agency_id and qc.id = q.channel_id
                              left join delivery qu on qu.id = q.under_id
                             where q.lane = p.lane and q.state = 'pending' and q.installation_id = p.installation_id
                               and q.due_at <= (select clock_timestamp()) and qc.state <> 'gone'
                               and (qc.state <> 'released' or q.message is not null)
                               and (q.under_id is null or qu.message is not null)
                               and (case when q.message is null then ${posts}::boolean else ${edits}::boolean end)
                             order by q.rank, q.round, q.due_at, q.id limit 1)))
       and ${canBeSent}
     order by p.rank, p.round, p.due_at, p.id
     limit ${limit} for update of p skip locked`.execute(tx);
  return rows;
}

/** Takes them: from now on a result counts only with the new epoch, and before the lease is over. */
export async function claim(tx: Tx, ids: readonly string[]): Promise<readonly Claimed[]> {
  const { rows } = await sql<Claimed>`
    update delivery
       set state = 'sending', epoch = epoch + 1, lease_until = clock_timestamp() + interval '8 s'
     where id = any(${ids}::uuid[])
    returning id, epoch, owner_agency_id as "ownerAgency", installation_id as "installationId", attempts,
              render_failures as "renderFailures"`.execute(tx);
  return rows;
}

/** Their own channel is not free yet. */
export async function putOff(
  tx: Tx,
  later: readonly { readonly id: string; readonly inMs: number }[],
): Promise<void> {
  if (later.length === 0) return;
  const ids = later.map(({ id }) => id);
  const waits = later.map(({ inMs }) => inMs);
  await sql`
    update delivery d set due_at = clock_timestamp() + l.ms * interval '1 ms'
      from unnest(${ids}::uuid[], ${waits}::float8[]) as l(id, ms) where d.id = l.id`.execute(tx);
}

/** One whose outcome is unknown and cannot change by itself any more, in the hands of whoever looks. */
export interface Doubtful extends Claim {
  readonly installationId: string;
  readonly kind: DeliveryKind;
  readonly quiet: Quiet;
}

/** Takes those whose quiet time is over, to find out what became of them. */
export async function claimDoubtful(tx: Tx, lane: string, limit: number): Promise<readonly Doubtful[]> {
  const { rows } = await sql<Omit<Doubtful, "quiet"> & Quiet>`
    with taken as (
      select id from delivery
       where lane = ${lane} and state = 'checking' and quiet_until <= (select clock_timestamp())
         and (lease_until is null or lease_until <= (select clock_timestamp()))
       order by rank, quiet_until limit ${limit} for update skip locked
    )
    update delivery d set epoch = epoch + 1, lease_until = clock_timestamp() + interval '8 s'
      from taken, channel c
     where d.id = taken.id and c.agency_id = d.agency_id and c.id = d.channel_id
    returning d.id, d.epoch, d.owner_agency_id as "ownerAgency", d.installation_id as "installationId", d.kind,
              c.platform, d.message is not null as edit, d.ended_version is not null as ended, d.urgency, d.repeated,
              d.attempts,
              extract(epoch from clock_timestamp() - coalesce(d.doubt_since, d.quiet_until))::float8 * 1000
                as "doubtMs"`.execute(tx);
  return rows.map(({ id, epoch, ownerAgency, installationId, kind, ...quiet }) => ({
    id,
    epoch,
    ownerAgency,
    installationId,
    kind,
    quiet,
  }));
}

/** Gives back what was claimed and has not been tried. */
export async function releaseClaims(tx: Tx, claims: readonly Claim[]): Promise<void> {
  if (claims.length === 0) return;
  const ids = claims.map(({ id }) => id);
  const epochs = claims.map(({ epoch }) => epoch);
  await sql`
    update delivery d set state = 'pending', lease_until = null
      from unnest(${ids}::uuid[], ${epochs}::int[]) as c(id, epoch)
     where d.id = c.id and d.epoch = c.epoch and d.state = 'sending' and d.quiet_until is null`.execute(tx);
}
