import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "vitest";

import { registerCommands } from "../../adapters/discord/register-commands.ts";
import { castOf, channelView } from "../../sandbox/cast.ts";
import { startPretendDiscord } from "../../sandbox/discord/pretend-discord.ts";
import { pretend } from "../../sandbox/pretend.ts";
import { buildPlaces, settleIn, type Operator } from "../../sandbox/settle.ts";
import { configurePretendSlack, startPretendSlack } from "../../sandbox/slack/pretend-slack.ts";
import { discordApplication, slackApplication, type AgencyKey } from "../../sandbox/world.ts";
import { verifyAudit, type Verification } from "../../src/audit/sealer.ts";
import {
  discordCommands,
  globalShortcuts,
  messageShortcut,
  slackSlashCommands,
} from "../../src/bot/registration.ts";
import { readConfig } from "../../src/config.ts";
import { openTable } from "../../src/features.ts";
import { openLog } from "../../src/log.ts";
import { openAdapters, startBot, startJobs, type Ground } from "../../src/main.ts";
import { admitAgency, agencyNamed, connect, inviteOfficer, rolesOf } from "../../src/operator.ts";
import { openTestDatabase, type TestDatabase } from "./database.ts";

const signingSecret = "pretend-signing-secret";
const discordToken = "pretend-discord-token";

export interface TownOptions {
  readonly settings?: Readonly<Record<string, string>>;
  /** Nobody is linked and no channel has a use yet. */
  readonly empty?: boolean;
  /** Log lines that this town's stories are about; any other warning or error fails the test file. */
  readonly expected?: RegExp;
}

export type Town = Awaited<ReturnType<typeof openTown>>;

/** The seeded world, run by the real bot and jobs in this process, against pretend platforms on loopback. */
export async function openTown({ settings = {}, empty = false, expected }: TownOptions = {}) {
  const slackServer = await startPretendSlack({
    signingSecret,
    appId: slackApplication,
    limits: "off",
    patienceMs: 1_000,
  });
  const discordServer = await startPretendDiscord({
    applicationId: discordApplication,
    token: discordToken,
    botUser: discordApplication,
    limits: "off",
  });
  const platforms = { slack: pretend(slackServer.url), discord: pretend(discordServer.url) };
  await buildPlaces(platforms);
  const table = openTable();
  await registerCommands({
    apiBaseUrl: `${discordServer.url}/api/`,
    token: discordToken,
    application: discordApplication,
    commands: discordCommands(table, ""),
  });

  const data = mkdtempSync(join(tmpdir(), "allpoints-town-"));
  const { config } = readConfig({
    ALLPOINTS_DATA: data,
    SLACK_SIGNING_SECRET: signingSecret,
    SLACK_API_URL: `${slackServer.url}/api/`,
    DISCORD_TOKEN: discordToken,
    DISCORD_APPLICATION_ID: discordApplication,
    DISCORD_API_URL: `${discordServer.url}/api/`,
    PORT: "0",
    HEALTH_PORT: "0",
    // Pacing has tests of its own: here nobody waits a second for the next card.
    DISCORD_CALLS_PER_SECOND: "1000",
    DISCORD_EDITS_PER_SECOND: "1000",
    SLACK_POSTS_PER_SECOND: "1000",
    SLACK_CHANNEL_POSTS_PER_SECOND: "1000",
    SLACK_EDITS_PER_MINUTE: "1000",
    // What was approved a moment ago is found at once, not within a second.
    WATCH_INDEX: "off",
    ...settings,
  });
  const logged: string[] = [];
  const log = openLog({ to: { write: (line) => void logged.push(line) } });
  const db = await openTestDatabase();
  const ground = groundOf(db, { config, log });
  const adapters = openAdapters(ground);
  const jobs = await startJobs(ground, adapters);
  const bot = await startBot(ground, adapters);
  await configurePretendSlack(slackServer.url, {
    requestUrl: `http://127.0.0.1:${bot.slackPort}/slack/events`,
    slashCommands: slackSlashCommands(table, ""),
    shortcuts: [
      ...globalShortcuts.map(({ name, callbackId }) => ({ name, callbackId, type: "global" as const })),
      { name: messageShortcut.name, callbackId: messageShortcut.callbackId, type: "message" },
    ],
  });
  const operator = operatorOf(ground, { slack: slackServer.url, discord: discordServer.url });
  if (!empty) await settleIn(platforms, operator);
  const checkpoints = join(data, "checkpoints.jsonl");

  return {
    db,
    ground,
    jobs,
    platforms,
    operator,
    log: () => logged,
    slackUrl: slackServer.url,
    discordUrl: discordServer.url,
    requestUrl: `http://127.0.0.1:${bot.slackPort}/slack/events`,
    person: castOf(platforms),
    channel: (agency: AgencyKey, name: string) => channelView(platforms, agency, name),
    /** Everything that is due or on its way has arrived. */
    idle: () => jobs.idle(),
    /** Lets time pass and everything that fell due by it happen. */
    async pass(interval: string) {
      await db.moveClock(interval);
      await jobs.sweep();
      await jobs.idle();
    },
    verifyAudit: (): Promise<Verification> => verifyAudit(ground.jobs, ground.keyring, checkpoints),
    async close() {
      await bot[Symbol.asyncDispose]();
      await jobs.stop();
      await slackServer.close();
      await discordServer.close();
      await db.close();
      rmSync(data, { recursive: true, force: true });
      const alarms = logged.filter(
        (line) => /"level":(40|50|60|"warn"|"error")/.test(line) && expected?.test(line) !== true,
      );
      expect(alarms, "nothing unexpected was logged").toEqual([]);
    },
  };
}

function groundOf(db: TestDatabase, base: Pick<Ground, "config" | "log">): Ground {
  const { owner, app, jobs } = db.connection;
  return {
    ...base,
    database: { owner, app, jobs, embedded: true, stop: async () => {} },
    app: db.store,
    jobs: db.jobs,
    keyring: db.keyring,
    keys: { keys: db.keys },
  };
}

function operatorOf(ground: Ground, urls: { readonly slack: string; readonly discord: string }): Operator {
  return {
    async admit(agency) {
      const { name, zone, contactName, contactPhone, areas, platform, workspace, botUser, token } = agency;
      const added = await admitAgency(ground, {
        name,
        ori: undefined,
        zone,
        contactName,
        contactPhone,
        areas,
      });
      await connect(ground, {
        agency: added.id,
        platform,
        workspace,
        application: platform === "slack" ? slackApplication : discordApplication,
        botUser,
        token,
        apiBaseUrl: `${urls[platform]}/api/`,
        environment: "commercial",
      });
      return added.state === "active" ? "member" : "pending";
    },
    async invite(agency, person) {
      const id = await agencyNamed(ground, agency.name);
      return inviteOfficer(ground, { agency: id, name: person.name, roles: rolesOf(person.roles.join(",")) });
    },
  };
}
