import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants, setPriority } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { pretend, type PretendApi } from "../../sandbox/pretend.ts";
import type { Platform } from "../../src/chat.ts";
import { discordApplication, type Workspace } from "./town.ts";

/** A pretend platform in a process of its own. */
export interface RunningPlatform {
  readonly platform: Platform;
  readonly apiBaseUrl: string;
  readonly pid: number;
  readonly api: PretendApi;
  readonly addPlaces: (workspaces: readonly Workspace[]) => Promise<void>;
  readonly close: () => Promise<void>;
}

interface Starting {
  readonly platform: Platform;
  readonly limits: "real" | "off";
  readonly latencyMs: number;
  readonly progress: (line: string) => void;
}

export const signingSecret = "bench-signing-secret";
const SIDE_BY_SIDE = 20;

/** Starts one. It must not starve because we are busy, so it goes before every other process where that is allowed. */
export async function startPlatform({
  platform,
  limits,
  latencyMs,
  progress,
}: Starting): Promise<RunningPlatform> {
  const { application, botUser, token } = discordApplication;
  const own = platform === "slack" ? { signingSecret } : { applicationId: application, botUser, token };
  const main = fileURLToPath(new URL(`../../sandbox/${platform}/main.ts`, import.meta.url));
  // It ends when its standard input does: with us, however we end.
  const child = spawn(process.execPath, [main, JSON.stringify({ ...own, limits, latencyMs })], {
    stdio: ["pipe", "pipe", "inherit"],
    env: {},
  });
  const exited = once(child, "exit");
  const died = exited.then((): never => {
    throw new Error(`the pretend ${platform} ended by itself`);
  });
  const [line] = await Promise.race([once(createInterface(child.stdout), "line"), died]);
  const { url } = JSON.parse(String(line)) as { readonly url: string };
  try {
    setPriority(child.pid ?? 0, constants.priority.PRIORITY_HIGHEST);
    progress(`the pretend ${platform} goes before every other process: it stands for another machine`);
  } catch {
    progress(`the pretend ${platform} runs at ordinary priority: what starves it looks like latency`);
  }
  const api = pretend(url);
  return {
    platform,
    apiBaseUrl: `${url}/api/`,
    pid: child.pid ?? 0,
    api,
    addPlaces: (workspaces) => addPlaces(api, workspaces),
    close: async () => {
      child.kill("SIGTERM");
      await exited;
    },
  };
}

async function addPlaces(api: PretendApi, workspaces: readonly Workspace[]): Promise<void> {
  await inBatches(workspaces, ({ id, token, botUser }) =>
    api.addWorkspace({ id, name: `Workspace ${id}`, token, botUser }),
  );
  const channels = workspaces.flatMap(({ id, channels: those }) =>
    those.map((channel, index) => ({ workspace: id, id: channel, name: `alerts-${index + 1}` })),
  );
  await inBatches(channels, (channel) => api.addChannel(channel));
}

async function inBatches<T>(all: readonly T[], add: (one: T) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < all.length; at += SIDE_BY_SIDE) {
    // oxlint-disable-next-line no-await-in-loop
    await Promise.all(all.slice(at, at + SIDE_BY_SIDE).map(add));
  }
}
