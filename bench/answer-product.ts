// The program under test, as its own process: the bot with its jobs and its embedded database, started as
// `allpoints start` starts it.

import { sql } from "kysely";

import { listAgencies } from "../src/agencies/agency-store.ts";
import type { Platform } from "../src/chat.ts";
import { readConfig } from "../src/config.ts";
import { openLog } from "../src/log.ts";
import { openGround, start, type Ground } from "../src/main.ts";
import { admitAgency, connect, inviteOfficer } from "../src/operator.ts";
import { openDatabase } from "../src/store/database.ts";
import { openStore } from "../src/store/store.ts";
import { places } from "./answer/places.ts";
import { serveParent } from "./shared/parent-calls.ts";

const { config } = readConfig(process.env);
const base = { config, log: openLog({ level: config.LOG_LEVEL }) };
let running: AsyncDisposable | undefined;

/** Where each platform's pretended API is. */
type Apis = Readonly<Partial<Record<Platform, string>>>;

serveParent(
  {
    seed: async (apis: Apis) => {
      await using ground = await openGround(base);
      await expectDurable(ground);
      const codes: Partial<Record<Platform, readonly string[]>> = {};
      for (const platform of ["slack", "discord"] as const) {
        const apiBaseUrl = apis[platform];
        // One agency after the other: the first two are members at once.
        // oxlint-disable-next-line no-await-in-loop
        if (apiBaseUrl !== undefined) codes[platform] = await settle(ground, platform, apiBaseUrl);
      }
      return codes;
    },
    start: async () => {
      const started = await start(base, ["bot", "jobs"]);
      running = started;
      return { slackPort: started.slackPort };
    },
    stopAndCount: async () => {
      await running?.[Symbol.asyncDispose]();
      running = undefined;
      return countTips();
    },
  },
  async () => running?.[Symbol.asyncDispose](),
);

/** An agency with its workspace, and a code for each officer; the first is the admin too. */
async function settle(ground: Ground, platform: Platform, apiBaseUrl: string): Promise<readonly string[]> {
  const { agency: name, workspace, application, botUser, token, users } = places[platform];
  const { id: agency } = await admitAgency(ground, {
    name,
    ori: undefined,
    zone: "America/New_York",
    contactName: `${name} watch`,
    contactPhone: "555-0142",
    areas: ["riverton"],
  });
  const installation = { platform, workspace, application, botUser, token, apiBaseUrl };
  await connect(ground, { ...installation, agency, environment: "commercial" });
  return Promise.all(
    users.map((user, index) => {
      const roles = index === 0 ? (["officer", "agency_admin"] as const) : (["officer"] as const);
      return inviteOfficer(ground, { agency, name: `Ofc. ${user}`, roles });
    }),
  );
}

/** A database that forgets would answer faster. */
async function expectDurable({ app }: Ground): Promise<void> {
  const { rows } = await app.pool.query<Record<string, string>>(
    `select name, setting from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes')`,
  );
  if (rows.length !== 3 || rows.some(({ setting }) => setting !== "on")) {
    throw new Error(`the database is not durable: ${JSON.stringify(rows)}`);
  }
}

/** The tips of each agency that are stored with their row of the audit. */
async function countTips(): Promise<Readonly<Record<string, number>>> {
  await using opened = new AsyncDisposableStack();
  const database = opened.adopt(await openDatabase(config), (access) => access.stop());
  const app = opened.adopt(openStore({ connection: database.app }), (store) => store.close());
  const agencies = await app.transaction({ agency: null, id: "operator" }, listAgencies);
  const counted = agencies.map(async ({ id, name }) => {
    const { rows } = await app.transaction({ agency: id, id: "operator" }, (tx) =>
      sql<{ tips: number }>`
        select count(*)::int as tips from tip t
         where exists (select from audit a where a.subject = 'tip:' || t.id and a.action = 'tip.submit')`.execute(
        tx,
      ),
    );
    return [name, rows[0]?.tips ?? 0] as const;
  });
  return Object.fromEntries(await Promise.all(counted));
}
