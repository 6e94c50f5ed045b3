import { setTimeout as wait } from "node:timers/promises";

import { percentile, rounded } from "../shared/numbers.ts";
import { compare, listCopies, type Arrivals, type Copy } from "./arrivals.ts";
import { planBulletins } from "./bulletins.ts";
import { setUp, type Stage } from "./fanout-stage.ts";
import { hasOpen } from "./open-deliveries.ts";
import type { Workspace } from "./town.ts";

export interface FanOutOptions {
  readonly slackWorkspaces: number;
  readonly discordGuilds: number;
  /** Half of them on each platform. */
  readonly channels: number;
  readonly workers: number;
  readonly latencyMs: number;
  /** Twice more: once like the first time, once with a Slack workspace that refuses everything. */
  readonly sickWorkspace: boolean;
  /** A CPU profile of each jobs process is left in this folder. */
  readonly profileTo?: string | undefined;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

export interface FanOutLine {
  readonly bench: "fanout";
  readonly channels: number;
  readonly workers: number;
  /** All times from the commit of the plan, by the moments the platforms wrote down. */
  readonly total_s: number;
  readonly bound_s: number;
  readonly ratio: number;
  readonly p50_s: number;
  readonly p95_s: number;
  readonly slack_s: number;
  readonly first_channel_max_s: number;
  readonly rate_limited: number;
  readonly lost: number;
  readonly doubled: number;
  /** The other Slack workspaces, without and with a sick one among them. */
  readonly well_slack_s?: number;
  readonly beside_sick_slack_s?: number;
  readonly sick_ratio?: number;
}

/** One bulletin to every channel, as fast as the platforms allow. */
export async function fanOut(options: FanOutOptions): Promise<FanOutLine> {
  await using opened = new AsyncDisposableStack();
  const stage = await setUp(options, opened);
  const first = await send(stage, options);
  const line = lineOf(first, options, stage);
  if (!options.sickWorkspace) return line;
  const { doubled, ...beside } = await besideSick(stage, options);
  return { ...line, ...beside, doubled: line.doubled + doubled };
}

/** Compared with a second run and not with the first, in which everything was done for the first time. */
async function besideSick(stage: Stage, options: FanOutOptions) {
  const sick = stage.workspaces.findLast(({ platform }) => platform === "slack")?.id;
  const lastOfOthers = ({ arrivals }: Run) =>
    latest(arrivals.arrived.filter(({ platform, workspace }) => platform === "slack" && workspace !== sick));
  await wait(REST_MS, undefined, { signal: options.signal });
  const well = await send(stage, options);
  const refusing = { kind: "rate-limited", share: 1, retryAfter: 1 } as const;
  await stage.platforms.slack.api.addFault({ ...refusing, ...(sick !== undefined && { workspace: sick }) });
  options.progress("one Slack workspace refuses everything from now on");
  await wait(REST_MS, undefined, { signal: options.signal });
  const beside = await send(stage, options, sick);
  return {
    well_slack_s: rounded(lastOfOthers(well)),
    beside_sick_slack_s: rounded(lastOfOthers(beside)),
    sick_ratio: rounded(lastOfOthers(beside) / lastOfOthers(well)),
    doubled: well.arrivals.doubled + beside.arrivals.doubled,
  };
}

interface Run {
  readonly arrivals: Arrived;
  /** Calls the platforms refused for being too many. */
  readonly rateLimited: number;
}
interface Arrived extends Omit<Arrivals, "arrived"> {
  /** `after`: seconds from the commit of the plan. */
  readonly arrived: readonly (Copy & { readonly after: number })[];
}

/** Long enough for every limit to be whole again. */
const REST_MS = 5_000;
const LOOK_EVERY_MS = 250;

/** One bulletin, until every copy is applied; in one workspace they need not be. */
async function send(stage: Stage, options: FanOutOptions, except?: string): Promise<Run> {
  const { ground, desk, platforms, kick, workspaces, cpu } = stage;
  const { progress, signal } = options;
  const [refusedBefore, cpuBefore] = [await refused(stage), cpu()];
  const { bulletins, deliveries, installations } = await planBulletins(ground, desk, 1);
  const begun = Date.now();
  kick(installations);
  const [bulletin = ""] = bulletins;
  const deadline = performance.now() + 60_000 + 3_000 * boundOf(workspaces, options);
  let open = true;
  while (open && performance.now() < deadline) {
    /* oxlint-disable no-await-in-loop */
    await wait(LOOK_EVERY_MS, undefined, { signal });
    open = await hasOpen(ground, except);
    /* oxlint-enable no-await-in-loop */
  }
  const seconds = ((Date.now() - begun) / 1_000).toFixed(1);
  progress(
    `${deliveries} deliveries, ${open ? `not at rest after ${seconds} s` : `at rest in ${seconds} s`}`,
  );
  sayCpu(cpuBefore, cpu(), options);
  const found = await Promise.all(
    [platforms.slack, platforms.discord].map(async ({ api, platform }) =>
      (await api.posts({})).map((post) => ({ ...post, platform })),
    ),
  );
  const { arrived, ...rest } = compare(await listCopies(ground, bulletin), found.flat());
  for (const { id, platform, standing } of rest.lost) progress(`not on ${platform}: ${id} (${standing})`);
  return {
    arrivals: {
      ...rest,
      arrived: arrived.map(({ at, ...copy }) => ({ ...copy, after: (at - begun) / 1_000 })),
    },
    rateLimited: (await refused(stage)) - refusedBefore,
  };
}

async function refused({ platforms }: Stage): Promise<number> {
  const counts = await Promise.all([platforms.slack, platforms.discord].map(({ api }) => api.counts()));
  return counts.flat().reduce((sum, { rateLimited }) => sum + rateLimited, 0);
}

function sayCpu(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
  { progress }: FanOutOptions,
): void {
  const used = Object.entries(after).map(
    ([who, seconds]) => `${who} ${(seconds - (before[who] ?? 0)).toFixed(1)}`,
  );
  progress(`seconds of CPU: ${used.join(", ")}`);
}

/**
 * What no sender can beat: 50 requests a second for each Discord application (there is one), 20 at once and then 5 a
 * second in each Slack workspace, and the time one call takes.
 */
function boundOf(workspaces: readonly Workspace[], { latencyMs }: FanOutOptions): number {
  const on = (name: string) => workspaces.filter(({ platform }) => platform === name);
  const discord = on("discord").reduce((sum, { channels }) => sum + channels.length, 0) / 50;
  const slack = on("slack").map(({ channels }) => Math.max(0, (channels.length - 20) / 5));
  return Math.max(discord, ...slack) + latencyMs / 1_000;
}

function latest(copies: readonly { readonly after: number }[]): number {
  return copies.reduce((most, { after }) => Math.max(most, after), 0);
}

function lineOf({ arrivals, rateLimited }: Run, options: FanOutOptions, { workspaces }: Stage): FanOutLine {
  const { arrived, lost, doubled } = arrivals;
  const moments = arrived.map(({ after }) => after);
  const byWorkspace = Map.groupBy(arrived, ({ platform, workspace }) => `${platform} ${workspace}`);
  const firsts = [...byWorkspace.values()].map((copies) => Math.min(...copies.map(({ after }) => after)));
  const total = latest(arrived);
  const bound = boundOf(workspaces, options);
  return {
    bench: "fanout",
    channels: options.channels,
    workers: options.workers,
    total_s: rounded(total),
    bound_s: rounded(bound),
    ratio: rounded(total / bound, 3),
    p50_s: rounded(percentile(moments, 0.5)),
    p95_s: rounded(percentile(moments, 0.95)),
    slack_s: rounded(latest(arrived.filter(({ platform }) => platform === "slack"))),
    first_channel_max_s: rounded(Math.max(...firsts)),
    rate_limited: rateLimited,
    lost: lost.length,
    doubled,
  };
}
