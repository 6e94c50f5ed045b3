import { sql } from "kysely";

import type { MessageRef, Platform } from "../chat.ts";
import type { Tx } from "../store/store.ts";
import type { Claim } from "./claim-store.ts";
import type { DeliveryKind, DeliveryState, Level, Rendered } from "./delivery.ts";

// From the claim to the intent. As the system, for the owner agency.

/** A claimed delivery with everything that decides whether and how it goes out. */
export interface Held extends Claim {
  readonly ref: string;
  readonly kind: DeliveryKind;
  readonly subjectId: string;
  readonly agency: string;
  readonly zone: string;
  readonly installationId: string;
  readonly lane: string;
  readonly channelId: string;
  readonly platform: Platform;
  readonly workspace: string;
  readonly channel: string;
  readonly direct: boolean;
  readonly level: Level | null;
  readonly allowed: Level | "refused" | null;
  readonly over: boolean;
  readonly urgency: number;
  readonly version: number;
  readonly endedVersion: number | null;
  readonly repeated: boolean;
  readonly attempts: number;
  /** The first post that may be out there and that nobody has seen. */
  readonly doubtSince: Date | null;
  readonly doubtMs: number;
  /** What that post shows. */
  readonly intendedVersion: number | null;
  /** The message is so old that Discord limits changes of it. */
  readonly old: boolean;
  /** It was changed once since it is that old. */
  readonly editedLate: boolean;
  readonly message: MessageRef | null;
  /** The message whose thread it goes into. */
  readonly under: MessageRef | null;
}

interface HeldRow extends Omit<Held, "message" | "under">, Omit<Read, "held"> {
  readonly message: string | null;
  readonly message_workspace: string | null;
  readonly message_channel: string | null;
  readonly under_message: string | null;
  readonly under_workspace: string | null;
  readonly under_channel: string | null;
}

/**
 * Locks claimed deliveries until their intent is written. Those whose claim is no longer good are left out: here, and not
 * in SQL, where `state = 'sending'` would lead through the index of everything that was ever being sent.
 */
export async function holdClaims(tx: Tx, claims: readonly Claim[]): Promise<readonly Held[]> {
  const ids = claims.map(({ id }) => id);
  const epochs = new Map(claims.map(({ id, epoch }) => [id, epoch]));
  const rows = await readHeld(tx, sql`d.id = any(${ids}::uuid[]) for update of d`);
  return rows
    .filter(
      ({ held, state, leased, intended }) =>
        held.epoch === epochs.get(held.id) && state === "sending" && leased && !intended,
    )
    .map(({ held }) => held);
}

/** The same of one whose outcome is looked up. */
export async function findDoubtful(tx: Tx, { id, epoch }: Claim): Promise<Held | undefined> {
  const [row] = await readHeld(tx, sql`d.id = ${id}`);
  return row?.held.epoch === epoch && row.state === "checking" && row.leased ? row.held : undefined;
}

type Sql = ReturnType<typeof sql>;

interface Read {
  readonly held: Held;
  readonly state: DeliveryState;
  /** The lease is not over. */
  readonly leased: boolean;
  /** An intent is written already. */
  readonly intended: boolean;
}

async function readHeld(tx: Tx, condition: Sql): Promise<readonly Read[]> {
  const { rows } = await sql<HeldRow>`
    select d.id, d.epoch, d.state, coalesce(d.lease_until > clock_timestamp(), false) as leased,
           d.quiet_until is not null as intended, d.ref, d.kind, d.subject_id as "subjectId", d.owner_agency_id as "ownerAgency",
           d.agency_id as agency, a.time_zone as zone, d.installation_id as "installationId", d.lane,
           d.channel_id as "channelId", c.platform, c.workspace, c.channel_ref as channel,
           c.use = 'person' as direct, d.level,
           case when d.kind in ('bulletin', 'correction') then clearance(c, b.tlp) end as allowed,
           coalesce(b.state <> 'sent' or b.expires_at <= (select clock.now()), false) as over,
           d.urgency, d.wanted_version as version, d.ended_version as "endedVersion", d.repeated, d.attempts,
           d.doubt_since as "doubtSince", d.intended_version as "intendedVersion",
           coalesce(extract(epoch from clock_timestamp() - d.doubt_since)::float8 * 1000, 0) as "doubtMs",
           coalesce(d.posted_at < clock_timestamp() - interval '55 minutes', false) as old,
           d.edited_late as "editedLate",
           d.message, d.message_workspace, d.message_channel,
           u.message as under_message, u.message_workspace as under_workspace, u.message_channel as under_channel
      from delivery d
      join channel c on c.agency_id = d.agency_id and c.id = d.channel_id
      join agency a on a.id = d.agency_id
      left join bulletin b on d.kind in ('bulletin', 'correction') and b.id = d.subject_id
       and b.agency_id = d.owner_agency_id
      left join delivery u on u.id = d.under_id
     where ${condition}`.execute(tx);
  return rows.map(toHeld);
}

function toHeld({ state, leased, intended, ...row }: HeldRow): Read {
  const { message_workspace, message_channel, under_message, under_workspace, under_channel, ...facts } = row;
  const place = (
    workspace: string | null,
    channel: string | null,
    message: string | null,
  ): MessageRef | null =>
    workspace === null || channel === null || message === null
      ? null
      : { platform: row.platform, workspace, channel, message, ...(row.direct && { direct: true }) };
  const held = {
    ...facts,
    message: place(message_workspace, message_channel, row.message),
    under: place(under_workspace, under_channel, under_message),
  };
  return { held, state, leased, intended };
}

export interface Intent {
  readonly held: Held;
  readonly given: Rendered["given"];
}

/**
 * Says that the calls are about to be made, before they are: without this being committed nothing is sent. And writes
 * down what each channel is about to be given, once for each version and level, however often it is sent; the rows are
 * held, which keeps a second one out.
 */
export async function recordIntents(tx: Tx, intents: readonly Intent[]): Promise<void> {
  const rows = intents.map(({ held, given }) => ({
    id: held.id,
    shown: held.level,
    owner: held.ownerAgency,
    agency: held.agency,
    channel: held.channelId,
    ...given,
  }));
  await sql`
    with intended as (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        as i(id uuid, shown text, owner uuid, agency uuid, channel uuid, object text, version int, reason text, tlp text,
             level text)
    ), announced as (
      update delivery d
         set quiet_until = clock_timestamp() + interval '10 s', lease_until = clock_timestamp() + interval '8 s',
             intended_version = case when doubt_since is null then wanted_version
                                     else coalesce(intended_version, wanted_version) end,
             doubt_since = coalesce(doubt_since, clock_timestamp()), attempts = attempts + 1, render_failures = 0, level = i.shown
        from intended i where d.id = i.id
    ), fresh as (
      select i.* from intended i
       where i.object is not null
         -- Asked row by row: as a join PostgreSQL may read all that the bulletin was ever given.
         and (select g.id from dissemination g
               where g.object = i.object and g.channel_id = i.channel and g.version = i.version and g.level = i.level
                 and g.kind = 'delivery' limit 1) is null
    ), written as (
      insert into dissemination (id, kind, object, version, owner_agency_id, agency_id, channel_id, reason, tlp, level)
      select gen_random_uuid(), 'delivery', object, version, owner, agency, channel, reason, tlp, level from fresh
    )
    select append_audits(jsonb_agg(jsonb_build_object('event', gen_random_uuid(),
             'agencies', case when owner = agency then array[agency] else array[owner, agency] end,
             'action', 'delivery.given', 'subject', 'delivery:' || id,
             'detail', jsonb_build_object('version', version, 'level', level))))
      from fresh having count(*) > 0`.execute(tx);
}
