import { sql } from "kysely";

import type { MessageRef } from "../chat.ts";
import type { Tx } from "../store/store.ts";
import type { Claim } from "./claim-store.ts";
import { statesBefore, type DeliveryKind, type DeliveryState } from "./delivery.ts";

// What became of a claim. As the system. Only the holder of the current epoch writes it down.

/** What there is to say to the audit, and to the owner, when a delivery has come to rest. */
export interface Settled {
  readonly id: string;
  readonly ref: string;
  readonly kind: DeliveryKind;
  readonly subjectId: string;
  readonly ownerAgency: string;
  readonly agency: string;
  readonly channelId: string;
  readonly state: DeliveryState;
  /** A copy is in the channel, and what it shows is over. */
  readonly recalling: boolean;
}

const settled = [
  "id",
  "ref",
  "kind",
  "subject_id as subjectId",
  "owner_agency_id as ownerAgency",
  "agency_id as agency",
  "channel_id as channelId",
  "state",
  sql<boolean>`message is not null and ended_version is not null`.as("recalling"),
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

/** Locks it until the end. False: the claim is no longer good. */
export async function isStillHeld(tx: Tx, { id, epoch }: Claim): Promise<boolean> {
  const row = await tx
    .selectFrom("delivery")
    .select("id")
    .where("id", "=", id)
    .where("epoch", "=", epoch)
    .where("state", "in", ["sending", "checking"])
    .forUpdate()
    .executeTakeFirst();
  return row !== undefined;
}

/** What the platform shows now. */
export interface Arrival {
  readonly claim: Claim;
  readonly version: number;
  /** Posted, or found; left out where a message was changed that is known. */
  readonly message?: MessageRef | undefined;
  /** It could not be changed and was taken away. */
  readonly removed?: boolean | undefined;
}

/** One that shows what it should, or did until just now. */
export interface Arrived extends Settled {
  readonly installationId: string;
  /** There is more to do in its lane because of it. */
  readonly more: boolean;
}

/** The platform shows these versions, and both agencies' audits say so. What is left out was somebody else's by then. */
export async function recordApplied(tx: Tx, arrivals: readonly Arrival[]): Promise<readonly Arrived[]> {
  // In the order in which everybody locks deliveries.
  const sorted = arrivals.toSorted((a, b) => (a.claim.id < b.claim.id ? -1 : 1));
  const rows = sorted.map(({ claim, version, message, removed = false }) => ({
    id: claim.id,
    epoch: claim.epoch,
    version,
    removed,
    message: message?.message ?? null,
    channel: message?.channel ?? null,
    workspace: message?.workspace ?? null,
  }));
  const { rows: done } = await sql<Arrived>`
    with arrived as (
      update delivery d
         set -- A newer version may have been asked for meanwhile.
             state = case when d.wanted_version > a.version then 'pending' else 'applied' end,
             due_at = clock_timestamp(), lease_until = null, quiet_until = null, doubt_since = null,
             intended_version = null, applied_version = a.version, applied_at = clock.now(), attempts = 0, last_error = null,
             -- A change of an old message, or its first appearance.
             edited_late = d.edited_late
               or (a.message is null and d.posted_at < clock_timestamp() - interval '55 minutes'),
             posted_at = coalesce(d.posted_at, clock_timestamp()),
             removed = a.removed,
             message = coalesce(a.message, d.message),
             message_channel = coalesce(a.channel, d.message_channel),
             message_workspace = coalesce(a.workspace, d.message_workspace)
        from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
          as a(id uuid, epoch int, version int, removed boolean, message text, channel text, workspace text)
       where d.id = a.id and d.epoch = a.epoch and d.state = any(${statesBefore("applied")}::text[])
      returning d.*
    ), audited as (
      select append_audits(jsonb_agg(jsonb_build_object('event', gen_random_uuid(),
               'agencies', case when owner_agency_id = agency_id then array[agency_id] else array[owner_agency_id, agency_id] end,
               'action', 'delivery.applied', 'subject', 'delivery:' || id,
               'detail', jsonb_build_object('version', applied_version))))
        from arrived having count(*) > 0
    )
    select d.id, d.ref, d.kind, d.subject_id as "subjectId", d.owner_agency_id as "ownerAgency", d.agency_id as agency,
           d.channel_id as "channelId", d.state, d.installation_id as "installationId", d.ended_version is not null as recalling,
           d.state = 'pending'
             or exists (select from delivery r where r.under_id = d.id and r.state = 'pending') as more
      from arrived d left join audited on true`.execute(tx);
  return done;
}

interface Later {
  readonly afterMs: number;
  readonly error: string;
  /** It surely was not sent, so it does not lengthen the back-off. */
  readonly free?: boolean;
  /** Its card could not be made. */
  readonly failed?: boolean;
  /** From now on it goes out as a repetition; false: what was doubtful did not happen. */
  readonly repeated?: boolean;
}

/** It surely did not happen, or may be repeated: again after a while. */
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
      // An earlier post may still be out there when this one is a repetition.
      ...(repeated === undefined
        ? { doubt_since: sql<Date | null>`case when repeated then doubt_since end` }
        : { repeated, ...(!repeated && { doubt_since: null }) }),
      ...(free && { attempts: sql<number>`greatest(0, attempts - 1)` }),
      ...(failed && { render_failures: sql<number>`render_failures + 1` }),
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

/** Nobody could tell yet what became of it: it is looked for again. */
export async function recordStillDoubtful(
  tx: Tx,
  { id, epoch }: Claim,
  { afterMs, error }: { readonly afterMs: number; readonly error: string },
): Promise<void> {
  await tx
    .updateTable("delivery")
    .where("id", "=", id)
    .where("epoch", "=", epoch)
    .where("state", "=", "checking")
    .set({
      lease_until: null,
      quiet_until: sql<Date>`clock_timestamp() + ${Math.ceil(afterMs)}::int * interval '1 ms'`,
      last_error: error,
    })
    .execute();
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
export async function recordOvertaken(
  tx: Tx,
  { claim, version, error }: { readonly claim: Claim; readonly version: number; readonly error: string },
): Promise<boolean> {
  const { numUpdatedRows } = await moving(tx, claim, "pending")
    .where("state", "=", "sending")
    .where("wanted_version", ">", version)
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
