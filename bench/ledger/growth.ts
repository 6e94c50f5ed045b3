import { join } from "node:path";

import { readConfig } from "../../src/config.ts";
import { openLog } from "../../src/log.ts";
import { openGround } from "../../src/main.ts";
import { startChild } from "../shared/child.ts";
import { openFolder } from "../shared/folder.ts";
import { sayWhenBusy } from "../shared/machine.ts";
import { percentile, rounded } from "../shared/numbers.ts";
import type { DrainedSome, Window } from "./draining.ts";
import { settle } from "./settle.ts";
import { layOut } from "./town.ts";

export interface GrowthOptions {
  /** How many wait, the fewest first. */
  readonly backlogs: readonly number[];
  /** How many of them are timed, and how often. */
  readonly deliveries: number;
  readonly rounds: number;
  /** On both platforms together. */
  readonly workspaces: number;
  readonly channels: number;
  readonly profileTo?: string | undefined;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

export interface GrowthLine {
  readonly bench: "growth";
  readonly pending: number;
  /** The median of the rounds. */
  readonly per_delivery_ms: number;
  readonly rss_mib: number;
  /** To the smallest backlog. */
  readonly ratio: number;
}

/** The time one delivery takes while more and more are waiting. */
export async function growth(options: GrowthOptions): Promise<readonly GrowthLine[]> {
  await using opened = new AsyncDisposableStack();
  const { backlogs, workspaces, channels, progress } = options;
  sayWhenBusy(progress);
  const folder = openFolder(opened);
  progress(`database and logs: ${folder}`);
  const { config } = readConfig({ ALLPOINTS_DATA: folder });
  const ground = opened.use(await openGround({ config, log: openLog({ level: "warn" }) }));
  const half = {
    workspaces: workspaces / 2,
    channels: channels / 2,
    // Lanes of one size, on both platforms: what grows is how many wait in each.
    applications: workspaces / 2,
    apiBaseUrl: "http://127.0.0.1:9/",
  };
  const laid = (["slack", "discord"] as const).flatMap((platform) => layOut({ platform, ...half }));
  const desk = await settle(ground, laid);

  const lines: GrowthLine[] = [];
  for (const backlog of backlogs) {
    const window = { desk, backlog, warmUp: options.deliveries, deliveries: options.deliveries };
    // oxlint-disable-next-line no-await-in-loop
    const { perDeliveryMs, rssMiB } = await measure(window, folder, options);
    const ratio = perDeliveryMs / (lines[0]?.per_delivery_ms ?? perDeliveryMs);
    lines.push({
      bench: "growth",
      pending: backlog,
      per_delivery_ms: rounded(perDeliveryMs, 4),
      rss_mib: rounded(rssMiB, 0),
      ratio: rounded(ratio),
    });
  }
  return lines;
}

/** A process of its own for each backlog, so that its memory is its own. */
async function measure(
  window: Window,
  folder: string,
  { rounds, profileTo, signal, progress }: GrowthOptions,
) {
  await using opened = new AsyncDisposableStack();
  const child = opened.adopt(
    startChild({
      file: "engine-process.ts",
      settings: { ALLPOINTS_DATA: folder, LOG_LEVEL: "warn" },
      log: join(folder, `backlog-${window.backlog}.log`),
      signal,
      ...(profileTo !== undefined && { node: ["--cpu-prof", `--cpu-prof-dir=${profileTo}`] }),
    }),
    (one) => one.close(),
  );
  const times: number[] = [];
  let rssMiB = 0;
  for (let round = 0; round < rounds; round += 1) {
    // oxlint-disable-next-line no-await-in-loop
    const done = (await child.call("some", window)) as DrainedSome;
    times.push((done.seconds * 1_000) / window.deliveries);
    rssMiB = Math.max(rssMiB, done.rssMiB);
  }
  progress(`${window.backlog} pending: ${times.map((time) => time.toFixed(3)).join(", ")} ms a delivery`);
  return { perDeliveryMs: percentile(times, 0.5), rssMiB };
}
