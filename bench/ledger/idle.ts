import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { readConfig } from "../../src/config.ts";
import { openLog } from "../../src/log.ts";
import { openGround } from "../../src/main.ts";
import { startEmbedded } from "../../src/store/embedded-postgres.ts";
import { readPostmaster } from "../../src/store/embedded-postmaster.ts";
import { startChild } from "../shared/child.ts";
import { cpuOf, cpuOfTree } from "../shared/cpu.ts";
import { openFolder } from "../shared/folder.ts";
import { sayWhenBusy } from "../shared/machine.ts";
import { rounded } from "../shared/numbers.ts";
import { approveBulletins } from "./bulletins.ts";
import { makeHistory } from "./history.ts";
import { signingSecret } from "./platforms.ts";
import { settle } from "./settle.ts";
import { layOut } from "./town.ts";

export interface IdleOptions {
  /** Deliveries that came to rest long ago. */
  readonly finished: number;
  /** On both platforms together. */
  readonly workspaces: number;
  readonly channels: number;
  readonly seconds: number;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

export interface IdleLine {
  readonly bench: "idle";
  readonly finished: number;
  readonly seconds: number;
  /** Shares of one core: the jobs process, and the whole PostgreSQL server. */
  readonly jobs_percent: number;
  readonly postgres_percent: number;
  readonly percent: number;
}

/** Whatever a process does once, when it starts, is not idling. */
const SETTLING_MS = 10_000;

/** What a jobs process and its database cost while there is nothing to do. */
export async function idle(options: IdleOptions): Promise<IdleLine> {
  await using opened = new AsyncDisposableStack();
  const { channels, seconds, signal, progress } = options;
  sayWhenBusy(progress);
  const folder = openFolder(opened);
  progress(`database and logs: ${folder}`);
  const dataDir = join(folder, "pg");
  const made = await makePast(folder, options, opened);
  progress(`${made} finished deliveries in ${channels} channels`);
  const settings = {
    ALLPOINTS_DATA: folder,
    LOG_LEVEL: "warn",
    PORT: "0",
    HEALTH_PORT: "0",
    SLACK_SIGNING_SECRET: signingSecret,
  };
  const child = opened.adopt(
    startChild({ file: "jobs-process.ts", settings, log: join(folder, "jobs.log"), signal }),
    (one) => one.close(),
  );
  await child.call("start");
  await wait(Math.min(SETTLING_MS, seconds * 1_000), undefined, { signal });
  const postmaster = readPostmaster(dataDir)?.pid ?? 0;
  const used = () => ({ jobs: cpuOf(child.pid), postgres: cpuOfTree(postmaster) });
  const before = used();
  await wait(seconds * 1_000, undefined, { signal });
  const after = used();
  const share = (who: "jobs" | "postgres") => ((after[who] - before[who]) / seconds) * 100;
  return {
    bench: "idle",
    finished: made,
    seconds,
    jobs_percent: rounded(share("jobs")),
    postgres_percent: rounded(share("postgres")),
    percent: rounded(share("jobs") + share("postgres")),
  };
}

/** The database stays open until the end of the bench. */
async function makePast(
  folder: string,
  { finished, workspaces, channels }: IdleOptions,
  opened: AsyncDisposableStack,
): Promise<number> {
  const { config } = readConfig({ ALLPOINTS_DATA: folder });
  const cluster = opened.adopt(await startEmbedded({ dataDir: join(folder, "pg") }), (one) => one.stop());
  await using ground = await openGround({ config, log: openLog({ level: "warn" }) });
  const half = { workspaces: workspaces / 2, channels: channels / 2, apiBaseUrl: "http://127.0.0.1:9/" };
  const laid = (["slack", "discord"] as const).flatMap((platform) => layOut({ platform, ...half }));
  const desk = await settle(ground, laid);
  const bulletins = await approveBulletins(ground, desk, Math.ceil(finished / channels));
  return makeHistory(cluster.url("allpoints"), bulletins, finished);
}
