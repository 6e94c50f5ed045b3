import { sql } from "kysely";

import type { Tx } from "../store/store.ts";
import type { DeliveryState } from "./delivery.ts";
import type { Given, Recorded, Traced } from "./trace.ts";

// One delivery for the operator: everything but content. As the system.

/** A subject's reference, where a bulletin is behind it: directly, acknowledged, or the notice about a lost copy. */
export const bulletinOfDelivery = sql`
  left join acknowledgment k on d.kind = 'acknowledgment' and k.id = d.subject_id
  left join delivery about on d.kind = 'notice' and about.id = d.subject_id
  left join bulletin b on b.id = coalesce(k.bulletin_id, about.subject_id, d.subject_id)`;

/** References are not unique: as many as have it, the newest first. An id finds one. */
export async function findTraced(
  tx: Tx,
  sought: { readonly ref: string } | { readonly id: string },
  limit: number,
): Promise<readonly Traced[]> {
  const { rows } = await sql<Traced>`
    select d.id, d.ref, d.kind, d.subject_id as "subjectId", b.ref as subject, d.owner_agency_id as "ownerId", owner.name as owner,
           d.agency_id as "agencyId", receiver.name as agency, i.platform, i.workspace, i.application, d.lane,
           d.installation_id as "installationId", i.state as installation, d.channel_id as "channelId", c.channel_ref as channel, c.use,
           c.state as "channelState", d.level, d.urgency, d.state, d.reason, d.last_error as "lastError",
           d.wanted_version as wanted, d.applied_version as applied, d.ended_version as ended, d.removed,
           d.attempts, d.epoch, d.repeated, d.message, d.message_workspace as "messageWorkspace",
           d.message_channel as "messageChannel", d.created_at as "createdAt", d.applied_at as "appliedAt",
           d.due_at as "dueAt", d.due_at > clock_timestamp() as "dueLater", d.lease_until as "leaseUntil",
           d.quiet_until as "quietUntil", d.doubt_since as "doubtSince", k2.open_until as "breakerUntil",
           u.ref as under, u.state as "underState", u.message is not null as "underThere",
           -- On the business clock and for bulletins only: null where nothing ends.
           b.state <> 'sent' or b.expires_at <= (select clock.now()) as over,
           array(select jsonb_build_object('at', (step ->> 0)::timestamptz, 'step', step ->> 1,
                                           'epoch', (step ->> 2)::int, 'code', step ->> 3)
                   from jsonb_array_elements(d.life) with ordinality as steps (step, nr) order by nr) as life,
           array(select jsonb_build_object('key', p.key, 'free', p.free_at, 'closed', case when p.closed_until > clock_timestamp() then p.closed_until end,
                                           'slower', p.slower, 'refused', p.refused)
                   from pace p where p.key in (d.lane, d.lane || ' post', d.lane || ' edit', d.lane || ' look-up',
                     'channel:' || d.channel_id || ' post', 'channel:' || d.channel_id || ' edit')
                  order by p.key) as paces
      from delivery d
      join agency owner on owner.id = d.owner_agency_id
      join agency receiver on receiver.id = d.agency_id
      join channel c on c.agency_id = d.agency_id and c.id = d.channel_id
      join installation i on i.id = d.installation_id
      left join breaker k2 on k2.installation_id = d.installation_id
      left join delivery u on u.id = d.under_id
      ${bulletinOfDelivery}
     where ${"id" in sought ? sql`d.id = ${sought.id}` : sql`d.ref = ${sought.ref}`}
     order by d.created_at desc limit ${limit}`.execute(tx);
  return rows;
}

/** Which versions its channel was given of its bulletin. */
export async function findGivings(
  tx: Tx,
  { subjectId, channelId }: Pick<Traced, "subjectId" | "channelId">,
): Promise<readonly Given[]> {
  const { rows } = await sql<Given>`
    select at, version, level, tlp, reason
      from dissemination
     where object = ${`bulletin:${subjectId}`} and channel_id = ${channelId} and kind = 'delivery'
     order by at, id`.execute(tx);
  return rows;
}

/** What the two agencies' audits say of it. */
export async function findAudited(tx: Tx, { id }: Pick<Traced, "id">): Promise<readonly Recorded[]> {
  const { rows } = await sql<Recorded>`
    select min(a.at) as at, a.action, a.actor, a.outcome, a.detail, array_agg(g.name order by g.name) as agencies
      from audit a left join agency g on g.id = a.agency_id
     where a.subject = ${`delivery:${id}`}
     group by a.event_id, a.action, a.actor, a.outcome, a.detail
     order by min(a.nr)`.execute(tx);
  return rows;
}

export interface Listed {
  readonly id: string;
  readonly ref: string;
  readonly kind: string;
  readonly subject: string | null;
  readonly agency: string;
  readonly platform: string;
  readonly state: DeliveryState;
  readonly reason: string | null;
  /** When it came to rest, or has been due. */
  readonly since: Date;
}

export interface Wish {
  readonly state?: DeliveryState | undefined;
  /** The bulletin's reference. */
  readonly bulletin?: string | undefined;
}

/** Deliveries in one state, or of one bulletin, or both. The newest first. */
export async function listDeliveries(
  tx: Tx,
  { state, bulletin }: Wish,
  limit: number,
): Promise<readonly Listed[]> {
  const { rows } = await sql<Listed>`
    select d.id, d.ref, d.kind, b.ref as subject, a.name as agency, i.platform, d.state, d.reason,
           case when d.state in ('applied', 'dead', 'blocked') then coalesce(d.rested_at, d.created_at)
                else d.due_at end as since
      from delivery d
      join agency a on a.id = d.agency_id
      join installation i on i.id = d.installation_id
      ${bulletinOfDelivery}
     where ${state === undefined ? sql`true` : sql`d.state = ${state}`}
       and ${
         bulletin === undefined
           ? sql`true`
           : sql`d.kind in ('bulletin', 'correction')
                 and d.subject_id = (select id from bulletin where ref = ${bulletin})`
       }
     order by since desc, d.id limit ${limit}`.execute(tx);
  return rows;
}
