import { sql } from "kysely";

import type { MessageRef, Platform } from "../chat.ts";
import type { Tx } from "../store/store.ts";
import { statesBefore, type DeliveryKind, type DeliveryState, type Level } from "./delivery.ts";

// The life of one delivery in the hands of a worker. As the system. Leases run on the real clock (clock_timestamp),
// which in a WHERE stands in a subquery: volatile, it would keep PostgreSQL from using an index.

/** The right to bring one delivery on, until the lease runs out or somebody else claims it. */
export interface Claim {
  readonly id: string;
  readonly epoch: number;
  readonly ownerAgency: string;
}

/** A claim as it was taken. */
export interface Claimed extends Claim {
  /** How often it was tried before, since it last succeeded. */
  readonly attempts: number;
}

/** The one place to ask where an installation is; its token is the agencies' to open. */
export async function findWorkspace(tx: Tx, installationId: string) {
  return tx
    .selectFrom("installation")
    .select(["platform", "workspace"])
    .where("id", "=", installationId)
    .executeTakeFirst();
}

/** Of a delivery p with its channel c, its installation i and u, the one it goes under. The rest is buried by the sweep. */
export const canBeSent = sql`i.state = 'active' and c.state <> 'gone'
  and (c.state <> 'released' or p.message is not null) and (p.under_id is null or u.message is not null)`;

/**
 * Takes what is due in one installation: the urgent first; within that the recalls, then the corrections that follow
 * them, then in the order planned.
 */
export async function claimChunk(tx: Tx, installationId: string, limit: number): Promise<readonly Claimed[]> {
  const { rows } = await sql<Claimed & { readonly place: string }>`
    with taken as (
      select p.id, p.urgency, p.due_at,
             case when p.ended_version is not null then 1 when p.kind = 'correction' then 2 else 3 end as turn
        from delivery p
        join channel c on c.agency_id = p.agency_id and c.id = p.channel_id
        join installation i on i.id = p.installation_id
        left join delivery u on u.id = p.under_id
       where p.installation_id = ${installationId} and p.state = 'pending'
         and p.due_at <= (select clock_timestamp())
         and ${canBeSent}
       order by p.urgency, turn, p.due_at
       limit ${limit} for update of p skip locked
    ), due as (
      select id, row_number() over (order by urgency, turn, due_at) as place from taken
    )
    update delivery d
       set state = 'sending', epoch = d.epoch + 1, lease_until = clock_timestamp() + interval '8 s'
      from due where d.id = due.id
    returning d.id, d.epoch, d.owner_agency_id as "ownerAgency", d.attempts, due.place`.execute(tx);
  return rows.toSorted((a, b) => Number(a.place) - Number(b.place));
}

/** A claimed delivery with everything that decides whether and how it goes out. */
export interface Held extends Claim {
  readonly ref: string;
  readonly kind: DeliveryKind;
  readonly subjectId: string;
  readonly agency: string;
  readonly zone: string;
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
  readonly message: MessageRef | null;
  /** The message whose thread it goes into. */
  readonly under: MessageRef | null;
}

interface HeldRow extends Omit<Held, "message" | "under"> {
  readonly message: string | null;
  readonly message_workspace: string | null;
  readonly message_channel: string | null;
  readonly under_message: string | null;
  readonly under_workspace: string | null;
  readonly under_channel: string | null;
}

/** Locks a claimed delivery until the intent is written. Undefined: the claim is no longer good. */
export async function holdClaim(tx: Tx, { id, epoch }: Claim): Promise<Held | undefined> {
  const { rows } = await sql<HeldRow>`
    select d.id, d.epoch, d.ref, d.kind, d.subject_id as "subjectId", d.owner_agency_id as "ownerAgency",
           d.agency_id as agency, a.time_zone as zone, d.channel_id as "channelId", c.platform, c.workspace,
           c.channel_ref as channel, c.use = 'person' as direct, d.level,
           case when d.kind in ('bulletin', 'correction') then clearance(c, b.tlp) end as allowed,
           coalesce(b.state <> 'sent' or b.expires_at <= (select clock.now()), false) as over,
           d.urgency, d.wanted_version as version, d.ended_version as "endedVersion", d.repeated, d.attempts,
           d.message, d.message_workspace, d.message_channel,
           u.message as under_message, u.message_workspace as under_workspace, u.message_channel as under_channel
      from delivery d
      join channel c on c.agency_id = d.agency_id and c.id = d.channel_id
      join agency a on a.id = d.agency_id
      left join bulletin b on d.kind in ('bulletin', 'correction') and b.id = d.subject_id
       and b.agency_id = d.owner_agency_id
      left join delivery u on u.id = d.under_id
     where d.id = ${id} and d.epoch = ${epoch} and d.state = 'sending' and d.quiet_until is null
       and d.lease_until > clock_timestamp()
       for update of d`.execute(tx);
  const [row] = rows;
  if (row === undefined) return undefined;
  const { message_workspace, message_channel, under_message, under_workspace, under_channel, ...facts } = row;
  const place = (
    workspace: string | null,
    channel: string | null,
    message: string | null,
  ): MessageRef | null =>
    workspace === null || channel === null || message === null
      ? null
      : { platform: row.platform, workspace, channel, message, ...(row.direct && { direct: true }) };
  return {
    ...facts,
    message: place(message_workspace, message_channel, row.message),
    under: place(under_workspace, under_channel, under_message),
  };
}

/** Says that the call is about to be made, before it is. Without this row being committed nothing is sent. */
export async function recordIntent(tx: Tx, { id, epoch }: Claim, level: Level | null): Promise<void> {
  await sql`
    update delivery
       set quiet_until = clock_timestamp() + interval '10 s', lease_until = clock_timestamp() + interval '8 s',
           attempts = attempts + 1, level = ${level}
     where id = ${id} and epoch = ${epoch} and state = 'sending'`.execute(tx);
}

/** What there is to say to the audit, and to the owner, when a delivery has come to rest. */
export interface Settled {
  readonly id: string;
  readonly kind: DeliveryKind;
  readonly subjectId: string;
  readonly ownerAgency: string;
  readonly agency: string;
  readonly channelId: string;
  readonly state: DeliveryState;
}

const settled = [
  "id",
  "kind",
  "subject_id as subjectId",
  "owner_agency_id as ownerAgency",
  "agency_id as agency",
  "channel_id as channelId",
  "state",
] as const;

/** Guards every result: only the holder of the current epoch, and only from a state that leads there. */
function moving(tx: Tx, { id, epoch }: Pick<Claim, "id" | "epoch">, to: DeliveryState) {
  return tx
    .updateTable("delivery")
    .where("id", "=", id)
    .where("epoch", "=", epoch)
    .where("state", "in", statesBefore(to))
    .set({ lease_until: null });
}

/** The platform shows this version. Undefined: the claim was somebody else's by then, and nothing was recorded. */
export async function recordApplied(
  tx: Tx,
  claim: Claim,
  { version, message }: { readonly version: number; readonly message?: MessageRef },
): Promise<Settled | undefined> {
  return moving(tx, claim, "applied")
    .set({
      // A newer version may have been asked for meanwhile.
      state: sql<DeliveryState>`case when wanted_version > ${version} then 'pending' else 'applied' end`,
      due_at: sql<Date>`clock_timestamp()`,
      applied_version: version,
      applied_at: sql<Date>`clock.now()`,
      quiet_until: null,
      attempts: 0,
      last_error: null,
      ...(message && {
        message: message.message,
        message_channel: message.channel,
        message_workspace: message.workspace,
      }),
    })
    .returning(settled)
    .executeTakeFirst();
}

export interface Later {
  readonly afterMs: number;
  readonly error: string | null;
  /** Refused before it was tried: the attempt does not count. */
  readonly free?: boolean;
  /** Not even tried, and yet it counts: it could not be rendered. */
  readonly failed?: boolean;
  /** The outcome is unknown and it is sent again. */
  readonly repeated?: boolean;
}

/** Try again, not before so many milliseconds. */
export async function recordPending(
  tx: Tx,
  claim: Claim,
  { afterMs, error, free, failed, repeated }: Later,
): Promise<boolean> {
  const { numUpdatedRows } = await moving(tx, claim, "pending")
    .where("state", "in", ["sending", "checking"])
    .set({
      state: "pending",
      due_at: sql<Date>`clock_timestamp() + ${Math.ceil(afterMs)}::int * interval '1 ms'`,
      quiet_until: null,
      last_error: error,
      ...(free && { attempts: sql<number>`greatest(0, attempts - 1)` }),
      ...(failed && { attempts: sql<number>`attempts + 1` }),
      ...(repeated && { repeated: true }),
    })
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** It may have happened. Nobody touches it before its quiet time, counted from the intent, is over. */
export async function recordChecking(tx: Tx, claim: Claim, error: string): Promise<boolean> {
  const { numUpdatedRows } = await moving(tx, claim, "checking")
    .where("quiet_until", "is not", null)
    .set({ state: "checking", last_error: error })
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Nobody will try again by itself; whoever revives it begins anew. */
export async function recordDead(
  tx: Tx,
  claim: Claim,
  { reason, error }: { readonly reason: string; readonly error: string },
): Promise<Settled | undefined> {
  return moving(tx, claim, "dead")
    .set({ state: "dead", reason, last_error: error, quiet_until: null, attempts: 0 })
    .returning(settled)
    .executeTakeFirst();
}

/** What was refused is no longer what is wanted: the newer version is tried. False: nothing newer is wanted. */
export async function recordOvertaken(tx: Tx, held: Held, error: string): Promise<boolean> {
  const { numUpdatedRows } = await moving(tx, held, "pending")
    .where("state", "=", "sending")
    .where("wanted_version", ">", held.version)
    .set({
      state: "pending",
      due_at: sql<Date>`clock_timestamp()`,
      quiet_until: null,
      last_error: error,
      attempts: 0,
    })
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** It must not go out. Only before the intent: what may have been sent is not blocked. */
export async function recordBlocked(tx: Tx, claim: Claim, reason: string): Promise<Settled | undefined> {
  return moving(tx, claim, "blocked")
    .where("quiet_until", "is", null)
    .set({ state: "blocked", reason })
    .returning(settled)
    .executeTakeFirst();
}

/** Gives back what was claimed and has not been tried. */
export async function releaseClaims(tx: Tx, claims: readonly Claim[]): Promise<void> {
  const ids = claims.map(({ id }) => id);
  const epochs = claims.map(({ epoch }) => epoch);
  await sql`
    update delivery d set state = 'pending', lease_until = null
      from unnest(${ids}::uuid[], ${epochs}::int[]) as c(id, epoch)
     where d.id = c.id and d.epoch = c.epoch and d.state = 'sending' and d.quiet_until is null`.execute(tx);
}

/** The platform asked this whole installation to slow down. The next issue reserves slots instead. */
export async function postponeInstallation(tx: Tx, installationId: string, afterMs: number): Promise<void> {
  await sql`
    update delivery set due_at = greatest(due_at, clock_timestamp() + ${Math.ceil(afterMs)}::int * interval '1 ms')
     where installation_id = ${installationId} and state = 'pending'`.execute(tx);
}
