import { join } from "node:path";

import { verify } from "../../src/auditor/auditor.ts";
import type { Platform } from "../../src/chat.ts";
import type { ProcessRole } from "../../src/main.ts";
import { openStore } from "../../src/store/store.ts";
import { keyringIn, type Cloned, type Cluster } from "./cluster.ts";
import { readLedger, untilRecovered, untilRest } from "./ledger.ts";
import { judge } from "./oracle.ts";
import { places } from "./places.ts";
import type { Arming } from "./points.ts";
import { openSide, type Side } from "./side.ts";
import { compileCacheIn, supervise, type SubjectOptions, type Supervised } from "./supervisor.ts";

/** What every run stands on. */
export interface Stage {
  readonly cluster: Cluster;
  /** The database to clone, by platform. */
  readonly templates: Readonly<Record<Platform, string>>;
  /** An empty Redis for one run. */
  readonly redisUrl: () => string;
}

/** One process under test. */
interface Part extends Partial<Pick<SubjectOptions, "broken">> {
  readonly roles: readonly ProcessRole[];
  readonly settings?: Readonly<Record<string, string>>;
  readonly preload?: readonly string[];
}

export interface Setting {
  readonly name: string;
  readonly platform: Platform;
  readonly redisUrl?: string | undefined;
  /** Slack's optional scope. */
  readonly history?: boolean;
  /** With limits that one bulletin after the other, or a storm of them, fits into. */
  readonly brisk?: boolean;
  readonly parts: readonly Part[];
  /** Channels more than the four that each agency has. */
  readonly crowd?: number;
  /** The database is reached through here. */
  readonly databaseAt?: { readonly host: string; readonly port: number };
  /** Between Slack and the bot. */
  readonly slackGate?: (slackPort: number) => number;
}

export interface Scene extends AsyncDisposable {
  readonly name: string;
  readonly side: Side;
  readonly database: Cloned;
  /** Every channel that a bulletin must reach. */
  readonly audience: readonly string[];
  readonly crew: readonly Supervised[];
  /** The first kills whoever passes it; then the next one is armed, in all of them. */
  readonly arm: (armings: readonly Arming[]) => Promise<void>;
  /** From each kill so far: how long until its orphans were gone, in seconds. */
  readonly recoveries: readonly Promise<number>[];
}

export interface Outcome {
  readonly name: string;
  readonly seconds: number;
  readonly deliveries: number;
  readonly kills: number;
  readonly unknownOutcomes: number;
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  readonly unaudited: number;
  /** What the standing check finds afterwards. */
  readonly violations: readonly string[];
  readonly recoveryS: number;
}

/** A pretend platform, a database in which everybody has moved in, and the processes under test. */
export async function openScene(stage: Stage, setting: Setting): Promise<Scene> {
  const { name, platform, crowd = 0 } = setting;
  await using opened = new AsyncDisposableStack();
  const database = opened.adopt(await stage.cluster.clone(stage.templates[platform]), (one) => one.drop());
  const side = opened.adopt(await openSide(platform, setting), (one) => one.close());
  // The template's installations point to the platform that was there when it was made.
  await database.look.query("update installation set api_base_url = $1", [side.apiUrl]);
  const more = await addCrowd({ database, side }, crowd);

  const crew: Supervised[] = [];
  opened.defer(async () => void (await Promise.all(crew.map((process) => process.stop()))));
  const recoveries: Promise<number>[] = [];
  let following: readonly Arming[] = [];
  const armNext = async () => {
    const [next, ...rest] = following;
    following = rest;
    // Who is not up yet is armed when it is.
    await Promise.all(crew.map((process) => process.arm(next)));
  };
  for (const part of setting.parts) {
    // The first one migrates, and takes the people's words.
    // oxlint-disable-next-line no-await-in-loop
    const one = await supervise({
      ...part,
      settings: { ...settingsFor(stage, setting, { database, side }), ...part.settings },
      log: join(stage.cluster.folder, "logs", `${name.replaceAll(/[^a-z0-9]+/g, "-")}.log`),
      onUp: async (slackPort) => {
        if (!part.roles.includes("bot")) return;
        const gate = setting.slackGate ?? ((port) => port);
        await side.attach({ slackPort: slackPort === undefined ? undefined : gate(slackPort) });
      },
      onKilled() {
        const recovery = untilRecovered(database.look);
        // Whoever waits for it hears of it.
        recovery.catch(() => {});
        recoveries.push(recovery);
        armNext().catch(() => {});
      },
    });
    crew.push(one);
  }
  const closing = opened.move();
  return {
    name,
    side,
    database,
    audience: [...places[platform].flatMap(({ bulletins }) => bulletins), ...more],
    crew,
    async arm(armings) {
      following = armings;
      await armNext();
    },
    recoveries,
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

type Ground = Pick<Scene, "database" | "side">;

const briskSettings = {
  DISCORD_EDITS_PER_SECOND: "40",
  SLACK_POSTS_PER_SECOND: "40",
  SLACK_POST_BURST: "40",
  SLACK_CHANNEL_POSTS_PER_SECOND: "4",
  SLACK_EDITS_PER_MINUTE: "1000",
  SLACK_LOOKUPS_PER_MINUTE: "1000",
};

function settingsFor({ cluster }: Stage, setting: Setting, { database, side }: Ground) {
  const { redisUrl, databaseAt, brisk = false } = setting;
  return {
    ...(databaseAt === undefined ? database.settings : database.settingsAt(databaseAt)),
    ...side.settings,
    ...(redisUrl !== undefined && { REDIS_URL: redisUrl }),
    ALLPOINTS_DATA: cluster.folder,
    KEYRING_FILE: keyringIn(cluster),
    ...(brisk && briskSettings),
    // What is approved is read first, on Discord too.
    PRIVATE_ANSWERS_DISCORD: "full",
    LOG_LEVEL: "warn",
    PORT: "0",
    HEALTH_PORT: "0",
    NODE_COMPILE_CACHE: compileCacheIn(cluster),
  };
}

/** Each agency gets so many channels more, like its first one. */
async function addCrowd({ database, side }: Ground, each: number): Promise<readonly string[]> {
  const { api, platform } = side;
  const added: string[] = [];
  for (const [index, { workspace, bulletins }] of places[platform].entries()) {
    const prefix = platform === "slack" ? `C1CROWD${index}` : `61000000000000${index}`;
    const ids = Array.from({ length: each }, (_, nr) => `${prefix}${String(nr).padStart(3, "0")}`);
    /* oxlint-disable no-await-in-loop -- one workspace after the other */
    for (const id of ids) await api.addChannel({ workspace, id, name: `c-${id.toLowerCase()}` });
    await copyChannel(database, bulletins[0] ?? "", ids);
    /* oxlint-enable no-await-in-loop */
    added.push(...ids);
  }
  return added;
}

async function copyChannel({ look }: Cloned, from: string, to: readonly string[]): Promise<void> {
  const client = await look.connect();
  try {
    // Nobody said that these are for bulletins, so there is nothing to audit.
    await client.query("begin; set local session_replication_role = replica");
    await client.query(
      `with made as (
         insert into channel
         select (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid(), 'channel_ref', ref))).*
           from channel c cross join unnest($2::text[]) ref where c.channel_ref = $1
         returning id)
       insert into subscription
       select (jsonb_populate_record(s, jsonb_build_object('id', gen_random_uuid(), 'channel_id', made.id))).*
         from subscription s join channel c on c.id = s.channel_id and c.channel_ref = $1 cross join made`,
      [from, to],
    );
    await client.query("commit");
  } finally {
    client.release();
  }
}

export const REST_MS = 90_000;

/** How a scene stood when a run began. */
export interface Beginning {
  readonly started: number;
  readonly known: ReadonlySet<string>;
  readonly kills: number;
}

export async function begin({ database, recoveries }: Scene): Promise<Beginning> {
  const started = performance.now();
  const known = new Set((await readLedger(database.look)).map(({ id }) => id));
  return { started, known, kills: recoveries.length };
}

/** Waits until everything rests, and holds the whole ledger against the platform. */
export async function conclude(scene: Scene, { started, known, kills }: Beginning): Promise<Outcome> {
  const { name, database, side, audience } = scene;
  const rested = await untilRest(database.look, REST_MS);
  const recoveries = await Promise.all(scene.recoveries.slice(kills));
  const ledger = await readLedger(database.look);
  const fresh = ledger.filter(({ id }) => !known.has(id));
  const { lost, doubled } = judge({ ledger, fresh, posts: await side.api.posts({}), audience });
  return {
    name,
    seconds: (performance.now() - started) / 1_000,
    deliveries: fresh.length,
    kills: recoveries.length,
    unknownOutcomes: fresh.reduce((sum, { unknown }) => sum + unknown, 0),
    lost: [...(rested ? [] : ["it never came to rest"]), ...lost],
    doubled,
    unaudited: ledger.reduce((sum, { unaudited }) => sum + unaudited, 0),
    violations: await violationsIn(database),
    recoveryS: Math.max(0, ...recoveries),
  };
}

/** The product's own check, as the jobs run it. */
async function violationsIn({ settings }: Cloned): Promise<readonly string[]> {
  const store = openStore({ connection: { connectionString: settings.DATABASE_JOBS_URL }, max: 2 });
  try {
    const findings = await verify(store);
    return findings.map(({ invariant, subject, what }) => `${invariant} ${subject}: ${what}`);
  } finally {
    await store.close();
  }
}

/** A run that breaks off has shown nothing: that is a loss. */
export async function attempt(name: string, play: () => Promise<Outcome>): Promise<Outcome> {
  const started = performance.now();
  try {
    return await play();
  } catch (error) {
    return {
      name,
      seconds: (performance.now() - started) / 1_000,
      deliveries: 0,
      kills: 0,
      unknownOutcomes: 0,
      lost: [
        error instanceof Error ? (error.stack?.split("\n    at ", 3).join(" at ") ?? "") : String(error),
      ],
      doubled: [],
      unaudited: 0,
      violations: [],
      recoveryS: 0,
    };
  }
}
