import { randomBytes, randomUUID } from "node:crypto";

import { sql } from "kysely";

import { claimChunk } from "../../jobs/deliver-lane.ts";
import { addAgency, connectInstallation } from "../../src/agencies/agency-store.ts";
import { useChannel } from "../../src/agencies/channel-store.ts";
import { appendAudit } from "../../src/audit/audit-store.ts";
import type { Platform } from "../../src/chat.ts";
import { findLane, type Claimed } from "../../src/deliveries/claim-store.ts";
import { requestDelivery, type NewDelivery } from "../../src/deliveries/delivery-store.ts";
import { holdClaims, recordIntents, type Held } from "../../src/deliveries/held-store.ts";
import type { Limits } from "../../src/deliveries/pace.ts";
import { newRef } from "../../src/refs.ts";
import { uuidv7 } from "../../src/store/ids.ts";
import type { Tx } from "../../src/store/store.ts";
import { openTestDatabase, type TestDatabase } from "../support/database.ts";

const system = { agency: null, id: "system" } as const;

const free = { everyMs: 0, burst: 1 } as const;
/** Out of the way where they are not the point. All Discord guilds of a bench share one application, so one lane. */
export const lifted: Limits = {
  discord: { calls: free, posts: free, edits: free },
  slack: { posts: free, edits: free, lookUps: free, channelPosts: free },
};

export interface Place {
  readonly agency: string;
  readonly officer: string;
  readonly installation: string;
  readonly workspace: string;
}

/** Agencies with a workspace and channels, and rows of the ledger, without the bot. */
export interface LedgerBench {
  readonly database: TestDatabase;
  /** On Discord those with one application share its limits. */
  readonly addPlace: (platform?: Platform, application?: string) => Promise<Place>;
  readonly addChannel: (place: Place, use?: "bulletins" | "desk") => Promise<string>;
  /** A sent bulletin of this agency, three days long; an emergency is one that nobody has reviewed. */
  readonly addBulletin: (place: Place, basis?: "situational" | "emergency") => Promise<string>;
  readonly subscribe: (place: Place, channelId: string) => Promise<string>;
  readonly request: (place: Place, delivery: Partial<NewDelivery>) => Promise<string>;
  readonly as: <T>(place: Place, work: (tx: Tx) => Promise<T>) => Promise<T>;
  readonly asSystem: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
  /** What a worker takes now: everything that is due there, unless there are limits. */
  readonly take: (place: Place, limits?: Limits) => Promise<readonly Claimed[]>;
  /** Says that the calls are about to be made. */
  readonly announce: (claims: readonly Claimed[]) => Promise<readonly Held[]>;
  readonly rows: (subjectId: string) => Promise<readonly LedgerRow[]>;
  /** The whole of time in which machines wait: leases, quiet times, back-off. */
  readonly letPass: (subjectId: string, interval: string) => Promise<void>;
  readonly audited: (deliveryId: string) => Promise<readonly { action: string; agency_id: string | null }[]>;
}

export type LedgerRow = Awaited<ReturnType<typeof rowsOf>>[number];

export async function openLedgerBench(): Promise<LedgerBench> {
  const database = await openTestDatabase();
  const { store, jobs } = database;
  const asSystem: LedgerBench["asSystem"] = (work) => jobs.transaction(system, work);
  const as: LedgerBench["as"] = ({ agency, officer }, work) =>
    store.transaction({ agency, id: officer }, work);
  return {
    database,
    as,
    asSystem,
    addPlace: (platform = "slack", application = "A1") => addPlace(database, platform, application),
    addChannel: (place, use = "bulletins") =>
      as(place, async (tx) => {
        const at = {
          platform: await platformOf(tx, place),
          workspace: place.workspace,
          channel: randomUUID(),
        };
        const facts = { name: "c", private: true, sharedOutside: false, archived: false, canPost: true };
        await appendAudit(tx, place.agency, { action: "channel.use", subject: "channel:new" });
        const { agency, officer, installation } = place;
        return useChannel(tx, { agency, officer, installation, at, use, facts });
      }),
    addBulletin: (place, basis = "situational") => as(place, (tx) => addBulletin(tx, place, basis)),
    subscribe: (place, channelId) => as(place, (tx) => subscribe(tx, place, channelId)),
    request: async (place, delivery) => {
      const subjectId = delivery.subjectId ?? uuidv7();
      const { agency, installation: installationId } = place;
      // What is fanned out to other agencies is no officer's to ask for one by one.
      const fannedOut = delivery.kind === "bulletin" || delivery.kind === "correction";
      const ask = async (tx: Tx) =>
        requestDelivery(tx, {
          kind: "intake",
          subjectId,
          ownerAgency: agency,
          agency,
          channelId: "",
          installationId,
          urgency: 5,
          ...delivery,
        });
      await (fannedOut ? asSystem(ask) : as(place, ask));
      return subjectId;
    },
    async take({ installation }, limits = lifted) {
      const lane = await asSystem((tx) => findLane(tx, installation));
      if (lane === undefined) throw new Error("the installation is gone");
      return (await claimChunk({ store: jobs, limits }, lane)).booked;
    },
    announce: (claims) =>
      asSystem(async (tx) => {
        const held = await holdClaims(tx, claims);
        await recordIntents(
          tx,
          held.map((one) => ({ held: one, given: undefined })),
        );
        return held;
      }),
    rows: (subjectId) => asSystem((tx) => rowsOf(tx, subjectId)),
    letPass: (subjectId, interval) =>
      asSystem(async (tx) => {
        await sql`
          update delivery
             set due_at = due_at - ${interval}::interval, lease_until = lease_until - ${interval}::interval,
                 quiet_until = quiet_until - ${interval}::interval
           where subject_id = ${subjectId}`.execute(tx);
        await sql`
          update pace set free_at = free_at - ${interval}::interval, closed_until = closed_until - ${interval}::interval`.execute(
          tx,
        );
        await sql`update breaker set open_until = open_until - ${interval}::interval`.execute(tx);
        await appendAudit(tx, null, { action: "test.time", subject: "test:time" });
      }),
    audited: (deliveryId) =>
      asSystem((tx) =>
        tx
          .selectFrom("audit")
          .select(["action", "agency_id"])
          .where("subject", "=", `delivery:${deliveryId}`)
          .orderBy("nr")
          .execute(),
      ),
  };
}

function rowsOf(tx: Tx, subjectId: string) {
  return tx
    .selectFrom("delivery")
    .selectAll()
    .where("subject_id", "=", subjectId)
    .orderBy("created_at")
    .orderBy("id")
    .execute();
}

async function addPlace(
  { store, keyring }: TestDatabase,
  platform: Platform,
  application: string,
): Promise<Place> {
  const officer = uuidv7();
  const workspace = `W${randomBytes(5).toString("hex").toUpperCase()}`;
  const placed = await store.transaction({ agency: null, id: "operator" }, async (tx) => {
    const { id: agency } = await addAgency(tx, {
      name: `Agency ${workspace}`,
      ori: undefined,
      zone: "America/New_York",
      contactName: "Watch desk",
      contactPhone: "+1 555 0100",
      areas: ["NY"],
    });
    const installation = await connectInstallation(tx, keyring, {
      agency,
      platform,
      workspace,
      application,
      botUser: "UBOT",
      token: "token",
      apiBaseUrl: "http://127.0.0.1:9/",
      environment: "commercial",
    });
    await appendAudit(tx, null, { action: "agency.add", subject: `agency:${agency}` });
    return { agency, installation };
  });
  await store.transaction({ agency: placed.agency, id: "system" }, async (tx) => {
    await addCommander(tx, placed.agency, officer);
    await appendAudit(tx, placed.agency, { action: "officer.add", subject: `officer:${officer}` });
  });
  return { ...placed, officer, workspace };
}

async function platformOf(tx: Tx, { installation }: Place): Promise<Platform> {
  const row = await tx
    .selectFrom("installation")
    .select("platform")
    .where("id", "=", installation)
    .executeTakeFirstOrThrow();
  return row.platform;
}

async function addCommander(tx: Tx, agency: string, officer: string): Promise<void> {
  await tx
    .insertInto("officer")
    .values({ id: officer, agency_id: agency, name_sealed: Buffer.from("x"), state: "active" })
    .execute();
  await tx
    .insertInto("officer_role")
    .values({ agency_id: agency, officer_id: officer, role: "watch_commander" })
    .execute();
}

async function addBulletin(
  tx: Tx,
  { agency, officer }: Place,
  basis: "situational" | "emergency",
): Promise<string> {
  const id = uuidv7();
  const hash = Buffer.from("hash");
  const author = uuidv7();
  await addCommander(tx, agency, author);
  await tx
    .insertInto("bulletin")
    .values({
      id,
      agency_id: agency,
      ref: newRef("bulletin"),
      basis,
      type: "situational",
      severity: "severe",
      content_sealed: Buffer.from("sealed"),
      content_hash: hash,
      personal: false,
      legal_status: "no_warrant",
      requested_action: "awareness",
      cautions: [],
      tlp: "green",
      pap: "clear",
      areas: ["NY"],
      valid_hours: 72,
      state: "sent",
      author_id: author,
      ...(basis === "situational"
        ? { approver_id: officer, approved_hash: hash }
        : { danger_length: 20, review_due_at: sql<Date>`clock.now() + interval '30 minutes'` }),
      sent_at: sql<Date>`clock.now()`,
      expires_at: sql<Date>`clock.now() + interval '72 hours'`,
    })
    .execute();
  await appendAudit(tx, agency, { action: "bulletin.approve", subject: `bulletin:${id}` });
  return id;
}

async function subscribe(tx: Tx, { agency, officer }: Place, channelId: string): Promise<string> {
  const id = uuidv7();
  await tx
    .insertInto("subscription")
    .values({
      id,
      agency_id: agency,
      channel_id: channelId,
      types: ["situational"],
      min_severity: "minor",
      areas: [],
      max_tlp: "green",
      state: "active",
      set_by: officer,
    })
    .execute();
  await appendAudit(tx, agency, { action: "subscription.set", subject: `subscription:${id}` });
  return id;
}
