import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { SandboxOperator } from "../sandbox/operator.ts";
import { playStory } from "../sandbox/story.ts";
import { openSandbox } from "./cli-sandbox-open.ts";
import { openPage, readFirstPage, showInBrowser } from "./cli-sandbox-page.ts";
import { startPlatforms } from "./cli-sandbox-platforms.ts";
import { markRunning, refuseSecond } from "./cli-sandbox-running.ts";
import { sinceStart } from "./cli-sandbox-since.ts";
import type { Config } from "./config.ts";
import { StartError } from "./errors.ts";
import type { Base } from "./main.ts";

// The sandbox: bot, jobs, a pretend Slack and a pretend Discord, each a process of its own on this machine alone, and a
// page that shows them.

export interface SandboxOptions {
  /** The page's; 0: any that is free. */
  readonly port: number;
  /** Show the page in the browser, where there is one. */
  readonly open: boolean;
  /** Aborted by a stop: one that is being opened is closed, and the signal's reason thrown. */
  readonly stopping: AbortSignal;
}

export interface RunningSandbox extends AsyncDisposable {
  /** The page's address. */
  readonly url: string;
  readonly operator: SandboxOperator;
}

/** Starts the sandbox, the page before everything else, and says where it is. */
export async function startSandbox(
  base: Base,
  { port, open, stopping }: SandboxOptions,
): Promise<RunningSandbox> {
  refuseRealDatabase(base.config);
  const data = base.config.ALLPOINTS_DATA;
  refuseSecond(data);
  const since = sinceStart();
  await using opened = new AsyncDisposableStack();
  const { urls } = opened.use(await startPlatforms());
  const page = opened.use(await openPage({ port, platforms: urls }));
  // Another one may have come as far as this meanwhile.
  refuseSecond(data);
  await markRunning(data, { page: page.url, ...urls });
  console.log(`Allpoints' sandbox: ${page.url}`);
  await readFirstPage(page);
  const firstS = since.read();
  if (open) showInBrowser(page.url);
  keepCompiled(data);
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
    await using sandbox = await openSandbox({ ...base, config }, platforms.urls, { stopping });
    await playStory(sandbox.platforms, {
      ...sandbox.office,
      verifyAudit: () => sandbox.operator.verify(),
      say(line) {
        stopping.throwIfAborted();
        console.log(line);
      },
    });
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
