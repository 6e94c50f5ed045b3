import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import type { SandboxOperator } from "../sandbox/operator.ts";
import { playStory } from "../sandbox/story.ts";
import { openSandbox } from "./cli-sandbox-open.ts";
import { openPage, readFirstPage, showInBrowser } from "./cli-sandbox-page.ts";
import { startPlatforms, type PlatformUrls } from "./cli-sandbox-platforms.ts";
import { markRunning, refuseSecond } from "./cli-sandbox-running.ts";
import { sinceStart, type Stopwatch } from "./cli-sandbox-since.ts";
import type { Config } from "./config.ts";
import { StartError } from "./errors.ts";
import type { Base } from "./main.ts";

// The sandbox: bot, jobs, a pretend Slack and a pretend Discord, each a process of its own on this machine alone, and a
// page that shows them.

const HEARD_MS = 200;

export interface SandboxOptions {
  /** The page's; 0: any that is free. */
  readonly port: number;
  /** Show the page in the browser, where there is one. */
  readonly open: boolean;
  /** Aborted by a stop: one that is being opened is closed, and the signal's reason thrown. */
  readonly stopping: AbortSignal;
}

/** So long the rest of the start waits for somebody at the page. */
const VISIT_MS = 1_000;

export interface RunningSandbox extends AsyncDisposable {
  /** The page's address. */
  readonly url: string;
  readonly operator: SandboxOperator;
  /** Aborted with a StartError when a pretend platform ends by itself: nothing is left to be shown. */
  readonly over: AbortSignal;
}

/** Starts the sandbox, the page before everything else, and says where it is. */
export async function startSandbox(base: Base, options: SandboxOptions): Promise<RunningSandbox> {
  refuseRealDatabase(base.config);
  refuseSecond(base.config.ALLPOINTS_DATA);
  const since = sinceStart();
  await using opened = new AsyncDisposableStack();
  const { urls, over } = opened.use(await startPlatforms());
  const shown = opened.use(await unlessOver(over, show({ base, urls, since }, options)));
  const closing = opened.move();
  return {
    url: shown.url,
    operator: shown.operator,
    over,
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

interface Showing {
  readonly base: Base;
  readonly urls: PlatformUrls;
  readonly since: Stopwatch;
}

/** The page, and then what is behind it. */
async function show(
  { base, urls, since }: Showing,
  { port, open, stopping }: SandboxOptions,
): Promise<Omit<RunningSandbox, "over">> {
  const data = base.config.ALLPOINTS_DATA;
  await using opened = new AsyncDisposableStack();
  const page = opened.use(await openPage({ port, platforms: urls }));
  // Another one may have come as far as this meanwhile.
  refuseSecond(data);
  await markRunning(data, { page: page.url, ...urls });
  console.log(`Allpoints' sandbox: ${page.url}`);
  await readFirstPage(page);
  const firstS = since.read();
  if (open) showInBrowser(page.url);
  keepCompiled(data);
  // Loading the product takes both cores: whoever waits at the page sees it first.
  await Promise.race([page.visited, wait(VISIT_MS)]);
  const sandbox = opened.use(await openSandbox(base, urls, { stopping, tell: page.progress }));
  page.ready(sandbox.operator);
  console.log(
    [
      `First page after ${firstS.toFixed(1)} s; everything ready after ${since.read().toFixed(1)} s (since ${since.from}).`,
      "Nothing leaves this machine. Stop with Ctrl-C.",
      "  npm start -- --once        plays the story by itself, then ends",
      "  npm start -- --port 4601   shows the page on another port",
    ].join("\n"),
  );
  const closing = opened.move();
  return { url: page.url, operator: sandbox.operator, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}

/** Plays the story in a fresh sandbox. 0: every step showed what it should; 130: it was stopped. */
export async function playOnce(base: Base, stopping: AbortSignal): Promise<number> {
  refuseRealDatabase(base.config);
  const data = mkdtempSync(join(tmpdir(), "allpoints-once-"));
  // The database server may run as another user, who must get through to its own folder; the keys are closed themselves.
  chmodSync(data, 0o711);
  const config = { ...base.config, ALLPOINTS_DATA: data, KEYRING_FILE: join(data, "keyring.json") };
  try {
    await using platforms = await startPlatforms();
    const opening = openSandbox({ ...base, config }, platforms.urls, { stopping });
    await using sandbox = await unlessOver(platforms.over, opening);
    const playing = playStory(sandbox.platforms, {
      ...sandbox.office,
      verifyAudit: () => sandbox.operator.verify(),
      say(line) {
        stopping.throwIfAborted();
        console.log(line);
      },
    });
    await unlessOver(platforms.over, playing);
    return 0;
  } catch (error) {
    if (stopping.aborted && error === stopping.reason) return 130;
    if (!(error instanceof Error) || error.name !== "StoryError") throw error;
    console.error(error.message);
    return 1;
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

/** What fails because a pretend platform has ended is told as that. */
async function unlessOver<T>(over: AbortSignal, doing: Promise<T>): Promise<T> {
  try {
    return await doing;
  } catch (error) {
    // Its connections end a moment before we hear of the process.
    if (!over.aborted) await wait(HEARD_MS, undefined, { signal: over }).catch(() => {});
    over.throwIfAborted();
    throw error;
  }
}

/** A token that is missing or mistyped must not fill a real database with pretend agencies. */
function refuseRealDatabase({ DATABASE_URL }: Config): void {
  if (DATABASE_URL === undefined) return;
  throw new StartError(
    "The sandbox does not run on the database of DATABASE_URL: it would fill it with pretend agencies.",
    "Set the platform's tokens, or unset DATABASE_URL to try the sandbox.",
    78,
  );
}

/** From the second start on most of the program need not be compiled again: here, and in the bot and the jobs. */
function keepCompiled(data: string): void {
  const { directory } = enableCompileCache(join(data, "compiled"));
  if (directory !== undefined) process.env["NODE_COMPILE_CACHE"] ??= join(data, "compiled");
}
