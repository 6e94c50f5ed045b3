import { join } from "node:path";

import { openKick, type Kick } from "../../jobs/jobs.ts";
import type { Platform } from "../../src/chat.ts";
import { readConfig } from "../../src/config.ts";
import { openLog } from "../../src/log.ts";
import { openGround, type Ground } from "../../src/main.ts";
import { readPostmaster } from "../../src/store/embedded-postmaster.ts";
import { startChild, type Child } from "../shared/child.ts";
import { cpuOf, cpuOfTree } from "../shared/cpu.ts";
import { openFolder } from "../shared/folder.ts";
import { sayWhenBusy } from "../shared/machine.ts";
import type { FanOutOptions } from "./fanout.ts";
import { signingSecret, startPlatform, type RunningPlatform } from "./platforms.ts";
import { settle, type Desk } from "./settle.ts";
import { discordApplication, layOut, type Workspace } from "./town.ts";

/** Everything a fan-out needs: the platforms, the database with the agencies, and the jobs processes. */
export interface Stage {
  readonly ground: Ground;
  readonly desk: Desk;
  readonly workspaces: readonly Workspace[];
  readonly platforms: Readonly<Record<Platform, RunningPlatform>>;
  /** As the bot does after a commit. */
  readonly kick: Kick["kick"];
  /** Seconds of CPU so far, by who used them. */
  readonly cpu: () => Readonly<Record<string, number>>;
}

/** This process is the bot's side: it plans, and wakes the jobs processes. */
export async function setUp(options: FanOutOptions, opened: AsyncDisposableStack): Promise<Stage> {
  const { latencyMs, progress } = options;
  sayWhenBusy(progress);
  const folder = openFolder(opened);
  progress(`database and logs: ${folder}`);
  const begin = async (platform: Platform) =>
    opened.adopt(await startPlatform({ platform, limits: "real", latencyMs, progress }), (one) =>
      one.close(),
    );
  const platforms = { slack: await begin("slack"), discord: await begin("discord") };
  const settings = settingsFor(folder, platforms);
  const { config } = readConfig(settings);
  const log = openLog({ level: "warn" });
  const ground = opened.use(await openGround({ config, log }));

  const laid = {
    slack: layOut({ ...sizeOf(options, "slack"), apiBaseUrl: platforms.slack.apiBaseUrl }),
    discord: layOut({ ...sizeOf(options, "discord"), apiBaseUrl: platforms.discord.apiBaseUrl }),
  };
  const workspaces = [...laid.slack, ...laid.discord];
  await Promise.all([platforms.slack.addPlaces(laid.slack), platforms.discord.addPlaces(laid.discord)]);
  const desk = await settle(ground, workspaces);
  progress(`${workspaces.length} agencies with ${options.channels} channels moved in`);
  const workers = await startWorkers(options, { settings, folder, opened });
  const queue = opened.adopt(await openKick({ connection: ground.database.app, log }), (one) => one.close());
  const postmaster = readPostmaster(join(folder, "pg"))?.pid ?? 0;
  return {
    ground,
    desk,
    workspaces,
    platforms,
    kick: queue.kick,
    cpu: () => ({
      workers: workers.reduce((sum, { pid }) => sum + cpuOf(pid), 0),
      postgres: cpuOfTree(postmaster),
      slack: cpuOf(platforms.slack.pid),
      discord: cpuOf(platforms.discord.pid),
    }),
  };
}

function sizeOf({ slackWorkspaces, discordGuilds, channels }: FanOutOptions, platform: Platform) {
  return {
    platform,
    workspaces: platform === "slack" ? slackWorkspaces : discordGuilds,
    channels: channels / 2,
  };
}

function settingsFor(
  folder: string,
  { slack, discord }: Stage["platforms"],
): Readonly<Record<string, string>> {
  const { token, application } = discordApplication;
  return {
    ALLPOINTS_DATA: folder,
    LOG_LEVEL: "warn",
    PORT: "0",
    HEALTH_PORT: "0",
    SLACK_SIGNING_SECRET: signingSecret,
    SLACK_API_URL: slack.apiBaseUrl,
    DISCORD_TOKEN: token,
    DISCORD_APPLICATION_ID: application,
    DISCORD_API_URL: discord.apiBaseUrl,
  };
}

interface Around {
  readonly settings: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly opened: AsyncDisposableStack;
}

async function startWorkers(
  { workers, profileTo, signal }: FanOutOptions,
  { settings, folder, opened }: Around,
): Promise<readonly Child[]> {
  const children = Array.from({ length: workers }, (_, index) =>
    opened.adopt(
      startChild({
        file: "jobs-process.ts",
        settings,
        log: join(folder, `worker-${index + 1}.log`),
        signal,
        ...(profileTo !== undefined && { node: ["--cpu-prof", `--cpu-prof-dir=${profileTo}`] }),
      }),
      (child) => child.close(),
    ),
  );
  await Promise.all(children.map((child) => child.call("start")));
  return children;
}
