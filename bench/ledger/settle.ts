import { sql } from "kysely";
import { Client } from "pg";

import { connectInstallation } from "../../src/agencies/agency-store.ts";
import { namePlace } from "../../src/agencies/officer-store.ts";
import { appendAudit } from "../../src/audit/audit-store.ts";
import { SEAL_CHUNK, sealAudit } from "../../src/audit/sealer.ts";
import type { Ground } from "../../src/main.ts";
import { uuidv7 } from "../../src/store/ids.ts";
import type { Tx } from "../../src/store/store.ts";
import type { Workspace } from "./town.ts";

/** Who writes the bulletins, and who approves them. */
export interface Desk {
  readonly agency: string;
  readonly author: string;
  readonly approver: string;
}

interface Settled extends Workspace {
  readonly agency: string;
  readonly installation: string;
}

/**
 * An agency for every workspace, with all its channels subscribed. Through the same roles and row-level security as
 * everything else, and in bulk. The first agency has the desk.
 */
export async function settle(ground: Ground, workspaces: readonly Workspace[]): Promise<Desk> {
  await expectDurable(ground);
  const settled = await admit(ground, workspaces);
  const desks: Desk[] = [];
  for (const workspace of settled) {
    // oxlint-disable-next-line no-await-in-loop
    desks.push(await furnish(ground, workspace));
  }
  await analyze(ground);
  // What was made here is on its chain before anything is measured.
  // oxlint-disable-next-line no-await-in-loop
  while ((await sealAudit(ground.jobs, ground.keyring)) === SEAL_CHUNK);
  const [desk] = desks;
  if (desk === undefined) throw new Error("a bench needs a workspace");
  return desk;
}

/** As autovacuum does after a minute, which is longer than some benches take: without it plans are guesses. */
export async function analyze({ database }: Ground): Promise<void> {
  const client = new Client(database.owner);
  await client.connect();
  try {
    await client.query("analyze");
  } finally {
    await client.end();
  }
}

/** A database that forgets would answer faster. */
async function expectDurable({ app }: Ground): Promise<void> {
  const { rows } = await app.pool.query<{ readonly setting: string }>(
    `select setting from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes')`,
  );
  if (rows.length !== 3 || rows.some(({ setting }) => setting !== "on")) {
    throw new Error(`the database is not durable: ${JSON.stringify(rows)}`);
  }
}

function admit({ app, keyring }: Ground, workspaces: readonly Workspace[]): Promise<readonly Settled[]> {
  return app.transaction({ agency: null, id: "operator" }, async (tx) => {
    const settled: Settled[] = [];
    for (const workspace of workspaces) {
      const { platform, id, application, botUser, token, apiBaseUrl } = workspace;
      const agency = uuidv7();
      /* oxlint-disable no-await-in-loop -- it is one connection */
      await tx
        .insertInto("agency")
        .values({
          id: agency,
          name: `Agency of ${id}`,
          state: "active",
          time_zone: "America/New_York",
          contact_name: "Watch desk",
          contact_phone: "555-0142",
          areas: ["riverton"],
        })
        .execute();
      const connection = { platform, workspace: id, application, botUser, token, apiBaseUrl };
      const installation = await connectInstallation(tx, keyring, {
        ...connection,
        agency,
        environment: "commercial",
      });
      /* oxlint-enable no-await-in-loop */
      settled.push({ ...workspace, agency, installation });
    }
    await appendAudit(tx, null, { action: "agency.add", subject: "agency:bench" });
    return settled;
  });
}

function furnish({ app, keyring }: Ground, place: Settled): Promise<Desk> {
  const { agency } = place;
  const desk = { agency, author: uuidv7(), approver: uuidv7() };
  return app.transaction({ agency, id: "system" }, async (tx) => {
    const officers = [
      { id: desk.author, name: "Ofc. Author", role: "officer" },
      { id: desk.approver, name: "Sgt. Approver", role: "supervisor" },
    ] as const;
    for (const { id, name, role } of officers) {
      const name_sealed = keyring.seal(namePlace(agency, id), name);
      /* oxlint-disable no-await-in-loop -- it is one connection */
      await tx
        .insertInto("officer")
        .values({ id, agency_id: agency, name_sealed, state: "active" })
        .execute();
      await tx.insertInto("officer_role").values({ agency_id: agency, officer_id: id, role }).execute();
      /* oxlint-enable no-await-in-loop */
    }
    if (place.channels.length > 0) await subscribeAll(tx, place, desk);
    await appendAudit(tx, agency, { action: "channel.use", subject: "channel:bench" });
    return desk;
  });
}

/** As much as each platform's channels may be cleared for: Slack's for everything, Discord's for summaries. */
async function subscribeAll(tx: Tx, place: Settled, { approver }: Desk): Promise<void> {
  const { agency, installation, platform, id: workspace } = place;
  const cleared = platform === "slack" ? "full" : "summary";
  const channels = place.channels.map((channel) => ({
    id: uuidv7(),
    agency_id: agency,
    installation_id: installation,
    platform,
    workspace,
    channel_ref: channel,
    use: "bulletins" as const,
    state: "active" as const,
    private: true,
    shared_outside: false,
    archived: false,
    can_post: true,
    facts_at: sql<Date>`clock.now()`,
    cleared_for: cleared as "full" | "summary",
    cleared_by: approver,
    cleared_until: sql<Date>`clock.now() + interval '30 days'`,
    set_by: approver,
  }));
  await tx.insertInto("channel").values(channels).execute();
  const subscriptions = channels.map(({ id }) => ({
    id: uuidv7(),
    agency_id: agency,
    channel_id: id,
    types: ["situational"],
    min_severity: "minor" as const,
    areas: [],
    max_tlp: "amber" as const,
    state: "active" as const,
    set_by: approver,
  }));
  await tx.insertInto("subscription").values(subscriptions).execute();
}
