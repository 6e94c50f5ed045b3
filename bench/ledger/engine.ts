import { join } from "node:path";

import { startEmbedded } from "../../src/store/embedded-postgres.ts";
import { startRedis } from "../../test/support/redis-server.ts";
import { startChild, type Child } from "../shared/child.ts";
import { openFolder } from "../shared/folder.ts";
import { sayWhenBusy } from "../shared/machine.ts";
import { rounded } from "../shared/numbers.ts";
import type { DrainedAll, Transport } from "./draining.ts";
import { signingSecret, startPlatform, type RunningPlatform } from "./platforms.ts";
import type { Desk } from "./settle.ts";
import { countingStatements, forgetStatements, listStatements } from "./statements.ts";
import type { Spent } from "./stopwatch.ts";
import { discordApplication, layOut } from "./town.ts";

export type Backend = "pg" | "redis";

export interface EngineOptions {
  readonly backend: Backend;
  readonly transport: Transport;
  readonly deliveries: number;
  /** On both platforms together. */
  readonly workspaces: number;
  readonly channels: number;
  /** The most expensive statements are told at the end; the counting makes everything slower. */
  readonly statements?: boolean;
  /** A CPU profile of the jobs process is left in this folder. */
  readonly profileTo?: string | undefined;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

export interface EngineLine {
  readonly bench: "engine";
  readonly backend: Backend;
  readonly transport: Transport;
  readonly deliveries: number;
  readonly per_s: number;
  readonly raw_per_s: number;
  readonly ratio: number;
}

const HALVES = 2;
/** Discord applications: one alone would never have to go faster than its 50 calls a second. */
const APPLICATIONS = 20;

/** Deliveries a second, from planned and woken to applied, beside one BullMQ job for each that does nothing. */
export async function engine(options: EngineOptions): Promise<EngineLine> {
  await using opened = new AsyncDisposableStack();
  const { backend, transport, progress } = options;
  sayWhenBusy(progress);
  const folder = openFolder(opened);
  progress(`database and logs: ${folder}`);
  const redis = backend === "redis" ? opened.adopt(await startRedis(), (one) => one.stop()) : undefined;
  const platforms = transport === "http" ? await openPlatforms(options, opened) : [];
  const counting = options.statements === true ? await countStatements(folder, opened) : undefined;
  const child = opened.adopt(startEngine(options, { folder, redisUrl: redis?.url, platforms }), (one) =>
    one.close(),
  );
  const desk = await moveIn(child, options, platforms);
  await counting?.begin();
  const { ours, raw } = await takeTurns(child, desk, options);
  for (const line of (await counting?.list()) ?? []) progress(line);
  const per_s = rounded(ours.count / ours.seconds, 0);
  const raw_per_s = rounded(raw.count / raw.seconds, 0);
  const ratio = rounded(per_s / raw_per_s);
  return { bench: "engine", backend, transport, deliveries: ours.count, per_s, raw_per_s, ratio };
}

/** Starts the database before the jobs process does, with the counting on. */
async function countStatements(folder: string, opened: AsyncDisposableStack) {
  const cluster = opened.adopt(
    await startEmbedded({ dataDir: join(folder, "pg"), settings: countingStatements }),
    (one) => one.stop(),
  );
  return {
    begin: () => forgetStatements(cluster.url("allpoints")),
    list: () => listStatements(cluster.url("allpoints")),
  };
}

async function openPlatforms(
  { progress }: EngineOptions,
  opened: AsyncDisposableStack,
): Promise<readonly RunningPlatform[]> {
  const start = async (platform: "slack" | "discord") =>
    opened.adopt(await startPlatform({ platform, limits: "off", latencyMs: 0, progress }), (one) =>
      one.close(),
    );
  return [await start("slack"), await start("discord")];
}

interface Around {
  readonly folder: string;
  readonly redisUrl: string | undefined;
  readonly platforms: readonly RunningPlatform[];
}

function startEngine({ profileTo, signal }: EngineOptions, { folder, redisUrl, platforms }: Around): Child {
  const { token, application } = discordApplication;
  const apiOf = (name: string) => platforms.find(({ platform }) => platform === name)?.apiBaseUrl;
  const [slack, discord] = [apiOf("slack"), apiOf("discord")];
  return startChild({
    file: "engine-process.ts",
    log: join(folder, "engine.log"),
    signal,
    ...(profileTo !== undefined && { node: ["--cpu-prof", `--cpu-prof-dir=${profileTo}`] }),
    settings: {
      ALLPOINTS_DATA: folder,
      LOG_LEVEL: "warn",
      SLACK_SIGNING_SECRET: signingSecret,
      DISCORD_TOKEN: token,
      DISCORD_APPLICATION_ID: application,
      ...(slack !== undefined && { SLACK_API_URL: slack }),
      ...(discord !== undefined && { DISCORD_API_URL: discord }),
      ...(redisUrl !== undefined && { REDIS_URL: redisUrl }),
    },
  });
}

/** The same places in the database and, where there are any, on the platforms: half of everything on each. */
async function moveIn(
  child: Child,
  { workspaces, channels, progress }: EngineOptions,
  platforms: readonly RunningPlatform[],
): Promise<Desk> {
  const places = (["slack", "discord"] as const).map((platform) => {
    const running = platforms.find((one) => one.platform === platform);
    const apiBaseUrl = running?.apiBaseUrl ?? "http://127.0.0.1:9/";
    return {
      running,
      laid: layOut({
        platform,
        workspaces: workspaces / 2,
        channels: channels / 2,
        applications: APPLICATIONS,
        apiBaseUrl,
      }),
    };
  });
  await Promise.all(places.map(async ({ running, laid }) => running?.addPlaces(laid)));
  const desk = (await child.call(
    "settle",
    places.flatMap(({ laid }) => laid),
  )) as Desk;
  progress(`${workspaces} agencies with ${channels} channels moved in`);
  return desk;
}

interface Sum {
  readonly count: number;
  readonly seconds: number;
}

/** A-B-A-B, so that whatever else the machine does meets both; a first small round of each warms up. */
async function takeTurns(
  child: Child,
  desk: Desk,
  { transport, deliveries, channels, progress }: EngineOptions,
): Promise<{ readonly ours: Sum; readonly raw: Sum }> {
  const bulletins = Math.max(1, Math.round(deliveries / HALVES / channels));
  let [ours, raw]: Sum[] = [
    { count: 0, seconds: 0 },
    { count: 0, seconds: 0 },
  ] as const;
  for (let half = 0; half <= HALVES; half += 1) {
    const load = { desk, transport, bulletins: half === 0 ? 1 : bulletins };
    /* oxlint-disable no-await-in-loop */
    const done = (await child.call("ours", load)) as DrainedAll;
    const alone = (await child.call("raw", done.deliveries)) as Spent;
    /* oxlint-enable no-await-in-loop */
    const round = half === 0 ? "warm-up" : `half ${half}`;
    progress(`${round}, ours: ${inWords(done.deliveries, done)}`);
    progress(`${round}, raw: ${inWords(done.deliveries, alone)}`);
    if (half === 0) {
      // oxlint-disable-next-line no-await-in-loop
      await child.call("analyze");
      continue;
    }
    ours = { count: ours.count + done.deliveries, seconds: ours.seconds + done.seconds };
    raw = { count: raw.count + done.deliveries, seconds: raw.seconds + alone.seconds };
  }
  return { ours, raw };
}

function inWords(count: number, { seconds, cpu, postgres }: Spent): string {
  const each = (used: number) => `${((used * 1_000) / count).toFixed(2)} ms`;
  return `${count} in ${seconds.toFixed(2)} s; CPU for each: ours ${each(cpu)}, PostgreSQL's ${each(postgres)}`;
}
