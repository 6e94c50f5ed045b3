import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { z } from "zod";

import type { SandboxOperator } from "../sandbox/operator.ts";
import { playStory } from "../sandbox/story.ts";
import { openSandbox } from "./cli-sandbox-open.ts";
import { openPage, readFirstPage, showInBrowser, sinceStart } from "./cli-sandbox-page.ts";
import { startPlatforms } from "./cli-sandbox-platforms.ts";
import { StartError } from "./errors.ts";
import type { Base } from "./main.ts";
import { isAlive, ownName } from "./store/embedded-users.ts";

// The sandbox: bot, jobs, a pretend Slack and a pretend Discord, each a process of its own on this machine alone, and a
// page that shows them.

export interface SandboxOptions {
  /** The page's; 0: any that is free. */
  readonly port: number;
  /** Show the page in the browser, where there is one. */
  readonly open: boolean;
}

export interface RunningSandbox extends AsyncDisposable {
  /** The page's address. */
  readonly url: string;
  readonly operator: SandboxOperator;
}

/** Starts the sandbox, the page before everything else, and says where it is. */
export async function startSandbox(base: Base, { port, open }: SandboxOptions): Promise<RunningSandbox> {
  const data = base.config.ALLPOINTS_DATA;
  const running = join(data, "running.json");
  refuseSecond(running);
  await using opened = new AsyncDisposableStack();
  const { urls } = opened.use(await startPlatforms());
  const page = opened.use(await openPage({ port, platforms: urls }));
  console.log(`Allpoints' sandbox: ${page.url}`);
  const firstS = await readFirstPage(page);
  if (open) showInBrowser(page.url);
  keepCompiled(data);
  const sandbox = opened.use(await openSandbox(base, urls, page.progress));
  writeFileSync(running, JSON.stringify({ process: ownName(), page: page.url, ...urls }));
  page.ready(sandbox.operator);
  console.log(
    [
      `First page after ${firstS.toFixed(1)} s; everything ready after ${sinceStart().toFixed(1)} s.`,
      "Nothing leaves this machine. Stop with Ctrl-C.",
      "  npm start -- --once        plays the story by itself, then ends",
      "  npm start -- --port 4601   shows the page on another port",
    ].join("\n"),
  );
  const closing = opened.move();
  return { url: page.url, operator: sandbox.operator, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}

/** Plays the story in a fresh sandbox. 0: every step showed what it should. */
export async function playOnce(base: Base): Promise<number> {
  const data = mkdtempSync(join(tmpdir(), "allpoints-once-"));
  // The database server may run as another user, who must get through to its own folder; the keys are closed themselves.
  chmodSync(data, 0o711);
  const config = { ...base.config, ALLPOINTS_DATA: data, KEYRING_FILE: join(data, "keyring.json") };
  try {
    await using platforms = await startPlatforms();
    await using sandbox = await openSandbox({ ...base, config }, platforms.urls);
    await playStory(sandbox.platforms, {
      ...sandbox.office,
      verifyAudit: () => sandbox.operator.verify(),
      say: (line) => console.log(line),
    });
    return 0;
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "StoryError") throw error;
    console.error(error.message);
    return 1;
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

const runningFile = z.object({ process: z.string(), page: z.string() });

/** Two sandboxes on one folder would take each other's pretend platforms away. */
function refuseSecond(file: string): void {
  if (!existsSync(file)) return;
  const before = runningFile.safeParse(JSON.parse(readFileSync(file, "utf8"))).data;
  if (before === undefined || !isAlive(before.process)) return;
  throw new StartError(
    `A sandbox is running on this data already: ${before.page}`,
    "Use that one, or stop it with Ctrl-C. For a second one set ALLPOINTS_DATA to another folder.",
    69,
  );
}

/** From the second start on most of the program need not be compiled again: here, and in the bot and the jobs. */
function keepCompiled(data: string): void {
  const { directory } = enableCompileCache(join(data, "compiled"));
  if (directory !== undefined) process.env["NODE_COMPILE_CACHE"] ??= join(data, "compiled");
}
