import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { pretend } from "../sandbox/pretend.ts";
import { buildPlaces } from "../sandbox/settle.ts";
import { agencies, discordApplication, slackApplication } from "../sandbox/world.ts";
import { stopChild } from "./cli-sandbox-roles.ts";
import { StartError } from "./errors.ts";

// The pretend platforms, each a process of its own on this machine alone.

export const signingSecret = "pretend-signing-secret";
export const discordToken = agencies.find(({ platform }) => platform === "discord")?.token ?? "";

export interface PlatformUrls {
  readonly slack: string;
  readonly discord: string;
}

export interface RunningPlatforms extends AsyncDisposable {
  readonly urls: PlatformUrls;
  /** Aborted with a StartError when one ends by itself: a new one would look as if nothing had ever been said. */
  readonly over: AbortSignal;
}

/** Starts both; they end with us, however we end. */
export async function startPlatforms(): Promise<RunningPlatforms> {
  await using opened = new AsyncDisposableStack();
  const starting = [
    startPretend("slack", { signingSecret, appId: slackApplication }),
    startPretend("discord", {
      applicationId: discordApplication,
      token: discordToken,
      botUser: discordApplication,
    }),
  ] as const;
  const over = new AbortController();
  for (const { platform, child } of starting) {
    opened.defer(() => stopChild(child));
    child.once("exit", () => over.abort(endedByItself(platform)));
  }
  const [slack, discord] = await Promise.all(starting.map(({ url }) => url));
  if (slack === undefined || discord === undefined) throw new Error("a pretend platform is missing");
  // Before anybody looks: the first page shows who and what there is.
  await buildPlaces({ slack: pretend(slack), discord: pretend(discord) });
  const closing = opened.move();
  return { urls: { slack, discord }, over: over.signal, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}

function endedByItself(platform: string): StartError {
  return new StartError(
    `The pretend ${platform} ended by itself, and everything that was said there with it.`,
    "Start again: npm start",
    70,
  );
}

interface Starting {
  readonly platform: string;
  readonly child: ChildProcess;
  readonly url: Promise<string>;
}

function startPretend(platform: "slack" | "discord", options: object): Starting {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, "..", "sandbox", platform, "main.ts"), JSON.stringify(options)],
    {
      stdio: ["ignore", "pipe", "inherit", "ipc"],
      // Its own group: Ctrl-C reaches us alone, and we stop everything in order.
      detached: true,
    },
  );
  return { platform, child, url: addressOf(platform, child) };
}

async function addressOf(platform: string, child: ChildProcess): Promise<string> {
  const { stdout } = child;
  if (stdout === null) throw new Error("a pretend platform has no output");
  const first = await Promise.race([
    once(createInterface(stdout), "line"),
    once(child, "exit").then(() => undefined),
  ]);
  if (first === undefined)
    throw new StartError(`The pretend ${platform} did not start.`, "Its own words are above.", 70);
  return (JSON.parse(String(first[0])) as { url: string }).url;
}
