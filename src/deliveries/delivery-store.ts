import { sql } from "kysely";

import type { ChannelUse } from "../agencies/channel.ts";
import { addNotice } from "../agencies/notice-store.ts";
import { newRef } from "../refs.ts";
import { uuidv7 } from "../store/ids.ts";
import type { Tx } from "../store/store.ts";
import { auditDeliveries, type AuditedDelivery } from "./delivery-audit-store.ts";
import type { DeliveryKind, DeliveryState, Level } from "./delivery.ts";
import { countStandings, type DeliveryCounts, type Standing } from "./standing.ts";

// What the core asks of the ledger. What the jobs do with it is in claim-store.ts and settle.ts.

export interface NewDelivery {
  readonly kind: DeliveryKind;
  readonly subjectId: string;
  readonly ownerAgency: string;
  /** The agency whose channel it goes to. */
  readonly agency: string;
  readonly channelId: string;
  readonly installationId: string;
  /** 1 is sent first, 9 last. */
  readonly urgency: number;
  /** Left out where clearance does not apply: the agency's own cards. */
  readonly level?: Level;
  /** Goes into the thread under this delivery's message. */
  readonly underId?: string;
}

/** Asks for one card in one channel. Asking again changes nothing. */
export async function requestDelivery(tx: Tx, delivery: NewDelivery): Promise<void> {
  await tx
    .insertInto("delivery")
    .values({
      id: uuidv7(),
      ref: newRef("delivery"),
      kind: delivery.kind,
      subject_id: delivery.subjectId,
      owner_agency_id: delivery.ownerAgency,
      agency_id: delivery.agency,
      channel_id: delivery.channelId,
      installation_id: delivery.installationId,
      urgency: delivery.urgency,
      level: delivery.level ?? null,
      under_id: delivery.underId ?? null,
      state: "pending",
    })
    .onConflict((conflict) => conflict.columns(["kind", "subject_id", "channel_id"]).doNothing())
    .execute();
}

type OwnCard = Pick<NewDelivery, "kind" | "subjectId" | "agency" | "urgency">;

/** Asks for a card in every channel the agency has for this. Returns whom to wake; nobody: there is no such channel. */
export async function requestInChannels(
  tx: Tx,
  { use, ...card }: OwnCard & { readonly use: ChannelUse },
): Promise<readonly string[]> {
  const channels = await tx
    .selectFrom("channel")
    .select(["id", "installation_id"])
    .where("agency_id", "=", card.agency)
    .where("use", "=", use)
    .where("state", "=", "active")
    .orderBy("created_at")
    .execute();
  return requestEach(tx, card, channels);
}

/** Asks for a direct message to an officer, where they were linked last. Returns whom to wake; nobody: not reachable. */
export async function requestToPerson(
  tx: Tx,
  { officerId, ...card }: OwnCard & { readonly officerId: string },
): Promise<readonly string[]> {
  const account = await accountOf(tx, card.agency, officerId);
  if (account === undefined) return [];
  await addPersonChannel(tx, card.agency, account);
  const channels = await tx
    .selectFrom("channel")
    .select(["id", "installation_id"])
    .where("agency_id", "=", card.agency)
    .where("platform", "=", account.platform)
    .where("workspace", "=", account.workspace)
    .where("channel_ref", "=", account.user_id)
    .where("use", "=", "person")
    .where("state", "=", "active")
    .execute();
  return requestEach(tx, card, channels);
}

async function requestEach(
  tx: Tx,
  card: OwnCard,
  channels: readonly { readonly id: string; readonly installation_id: string }[],
): Promise<readonly string[]> {
  for (const { id, installation_id } of channels) {
    // One after the other: it is one connection.
    // oxlint-disable-next-line no-await-in-loop
    await requestDelivery(tx, {
      ...card,
      ownerAgency: card.agency,
      channelId: id,
      installationId: installation_id,
    });
  }
  return [...new Set(channels.map((channel) => channel.installation_id))];
}

interface Account {
  readonly platform: "slack" | "discord";
  readonly workspace: string;
  readonly user_id: string;
  readonly installation_id: string;
}

async function accountOf(tx: Tx, agency: string, officer: string): Promise<Account | undefined> {
  const { rows } = await sql<Account>`
    select c.platform, c.workspace, c.user_id, i.id as installation_id
      from chat_account c cross join lateral installation_of(c.platform, c.workspace) i
     where c.agency_id = ${agency} and c.officer_id = ${officer}
     order by c.linked_at desc limit 1`.execute(tx);
  return rows[0];
}

async function addPersonChannel(tx: Tx, agency: string, account: Account): Promise<void> {
  await sql`
    insert into channel (id, agency_id, installation_id, platform, workspace, channel_ref, use, state, private,
                         shared_outside, archived, can_post, facts_at)
    values (${uuidv7()}, ${agency}, ${account.installation_id}, ${account.platform}, ${account.workspace},
            ${account.user_id}, 'person', 'active', true, false, false, true, (select clock.now()))
    on conflict (platform, workspace, channel_ref) do nothing`.execute(tx);
}

interface Wanted {
  readonly subjectId: string;
  /** Left out: every kind of card about this subject. */
  readonly kinds?: readonly DeliveryKind[];
  /** Left out: in every agency's channels. */
  readonly agency?: string;
  /** Also the copies that could not be changed before: what they show must not stay. */
  readonly reviving?: boolean;
}

/** The cards about this look different now. Returns the installations to wake. */
export async function wantNew(
  tx: Tx,
  { subjectId, kinds, agency, reviving = false }: Wanted,
): Promise<readonly string[]> {
  // Locked in one order, so that two acknowledgments of one bulletin cannot deadlock.
  const { rows } = await sql<InLane>`
    with affected as (
      select id from delivery
       where subject_id = ${subjectId}
         and (state not in ('blocked', 'dead') or (state = 'dead' and message is not null and ${reviving}::boolean))
         and (${kinds ?? null}::text[] is null or kind = any(${kinds ?? null}::text[]))
         and (${agency ?? null}::uuid is null or agency_id = ${agency ?? null}::uuid)
       order by id for update
    )
    update delivery d
       set wanted_version = wanted_version + 1,
           state = case when state in ('applied', 'dead') then 'pending' else state end,
           reason = null,
           -- What they show must not stay, however old they are.
           edited_late = edited_late and not ${reviving}::boolean,
           due_at = case when state in ('applied', 'dead') then clock_timestamp() else due_at end
      from affected where d.id = affected.id
    returning d.installation_id, d.lane`.execute(tx);
  return lanesOf(rows);
}

interface Ending {
  readonly subjectId: string;
  readonly kind: DeliveryKind;
  /** Its time is over: nobody has to hurry, as with what was wrong. */
  readonly lapsed?: boolean;
}

export interface Ended {
  /** Copies that are out there, or may be. */
  readonly toRecall: number;
  /** Not sent yet, and now never. */
  readonly blocked: number;
  readonly installations: readonly string[];
}

interface EndedRow extends InLane {
  readonly id: string;
  readonly was: DeliveryState;
  readonly state: DeliveryState;
  readonly reason: string | null;
  readonly may_exist: boolean;
  readonly owner_agency_id: string;
  readonly agency_id: string;
}

/**
 * The subject is over: every copy becomes what its renderer now makes of it, and what was not sent never is.
 * Ending twice ends once. A copy that could not be changed before is tried again.
 */
export async function endDeliveries(tx: Tx, { subjectId, kind, lapsed = false }: Ending): Promise<Ended> {
  await lockDeliveries(tx, { subjectId, kind });
  const { rows } = await sql<EndedRow>`
    with affected as (
      select id, state as was,
             case when message is not null and state in ('applied', 'dead', 'pending') then 'pending'
                  when message is null and not repeated
                   and (state = 'pending' or (state = 'sending' and quiet_until is null)) then 'blocked'
                  -- An earlier sending may have arrived: a person has to look.
                  when message is null and state = 'pending' then 'dead'
                  else state end as next
        from delivery
       where subject_id = ${subjectId} and kind = ${kind} and state <> 'blocked' and ended_version is null
       order by id for update
    )
    update delivery d
       set wanted_version = d.wanted_version + 1,
           ended_version = d.wanted_version + 1,
           state = a.next,
           reason = case when a.next = 'pending' then null when a.next = 'blocked' then 'ended'
                         when a.next = 'dead' and a.was <> 'dead' then 'outcome_unknown' else d.reason end,
           -- Not before a change of unknown outcome can have landed any more: it would overwrite the tombstone.
           due_at = case when a.next = 'pending' then greatest(d.due_at, clock_timestamp()) else d.due_at end,
           lapsed = ${lapsed}::boolean,
           lease_until = case when a.next = 'blocked' then null else d.lease_until end
      from affected a where d.id = a.id
    returning d.id, a.was, d.state, d.reason, d.owner_agency_id, d.agency_id, d.installation_id, d.lane,
              d.message is not null or d.state in ('sending', 'checking')
                or coalesce(d.reason = 'outcome_unknown', false) as may_exist`.execute(tx);
  await auditDeliveries(tx, rows.filter(cameToRest).map(ended));
  const told = await tellOfDoubts(
    tx,
    rows.filter(({ reason, state }) => state === "dead" && reason === "outcome_unknown"),
  );
  return {
    toRecall: rows.filter((row) => row.may_exist).length,
    blocked: rows.filter((row) => row.state === "blocked").length,
    installations: [...lanesOf(rows.filter((row) => row.state === "pending")), ...told],
  };
}

/** What may have arrived, and cannot be taken back because nobody knows where: a person has to look. */
async function tellOfDoubts(tx: Tx, lost: readonly EndedRow[]): Promise<readonly string[]> {
  const woken: string[] = [];
  for (const { id, owner_agency_id: agency } of lost) {
    // oxlint-disable-next-line no-await-in-loop
    const subjectId = await addNotice(tx, { agency, kind: "recall_failed", ref: id });
    const notice = { kind: "notice", subjectId, agency } as const;
    // oxlint-disable-next-line no-await-in-loop
    woken.push(...(await requestInChannels(tx, { ...notice, use: "desk", urgency: 4 })));
  }
  return woken;
}

/**
 * A statement that waits for a row is given its newest state by the lock, but checks its constraints on the state the
 * row had when the statement began. The next statement begins later, and sees one state only.
 */
async function lockDeliveries(
  tx: Tx,
  { subjectId, kind }: { readonly subjectId: string; readonly kind: DeliveryKind },
): Promise<void> {
  await tx
    .selectFrom("delivery")
    .select("id")
    .where("subject_id", "=", subjectId)
    .where("kind", "=", kind)
    .orderBy("id")
    .forUpdate()
    .execute();
}

function cameToRest({ was, state }: EndedRow): boolean {
  return was !== state && (state === "blocked" || state === "dead");
}

function ended(row: EndedRow): AuditedDelivery {
  return {
    id: row.id,
    ownerAgency: row.owner_agency_id,
    agency: row.agency_id,
    action: `delivery.${row.state}`,
    detail: { reason: row.reason ?? "" },
  };
}

/** How every copy stands. Shows the owner all of them, another agency its own. */
async function listStandings(
  tx: Tx,
  { subjectId, kind }: { readonly subjectId: string; readonly kind: DeliveryKind },
): Promise<readonly Standing[]> {
  return tx
    .selectFrom("delivery")
    .select((eb) => [
      "id",
      "ref",
      "agency_id as agency",
      "channel_id as channelId",
      "level",
      "state",
      "reason",
      "applied_version as appliedVersion",
      "ended_version as endedVersion",
      eb
        .or([
          eb("message", "is not", null),
          eb("state", "in", ["sending", "checking"]),
          eb("repeated", "=", true),
          eb("reason", "=", "outcome_unknown"),
        ])
        .$castTo<boolean | null>()
        .as("may_exist"),
      "applied_at as appliedAt",
    ])
    .where("subject_id", "=", subjectId)
    .where("kind", "=", kind)
    .orderBy("agency_id")
    .orderBy("created_at")
    .execute()
    .then((rows) => rows.map(({ may_exist, ...row }) => ({ ...row, mayExist: may_exist === true })));
}

/** The ledger's account of one subject: how far its copies are, and whose are not. */
export async function deliveryCounts(
  tx: Tx,
  subject: { readonly subjectId: string; readonly kind: DeliveryKind },
): Promise<DeliveryCounts> {
  return countStandings(await listStandings(tx, subject));
}

interface InLane {
  readonly installation_id: string;
  readonly lane: string;
}

/** One installation of every lane: who works in it does all of it. */
function lanesOf(rows: readonly InLane[]): readonly string[] {
  return [...new Map(rows.map(({ lane, installation_id }) => [lane, installation_id])).values()];
}

/** The same where only the installations are known. */
export async function onePerLane(tx: Tx, installations: readonly string[]): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select distinct on (lane_of(id)) id from unnest(${installations}::uuid[]) as i(id)`.execute(tx);
  return rows.map(({ id }) => id);
}
