import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";

import { SECOND } from "./clock.ts";
import { StartError } from "./errors.ts";

// The bot and the jobs, each a process of its own that is started again when it dies.

export interface RoleOptions {
  readonly role: "bot" | "jobs";
  readonly env: NodeJS.ProcessEnv;
  /** Its programs are loaded meanwhile; it goes to work when this comes true. */
  readonly ground: Promise<unknown>;
  /** After every start but the first. */
  readonly onRestart?: (slackPort: number | undefined) => Promise<void>;
}

export interface Standing {
  readonly state: "running" | "restarting";
  readonly pid: number | undefined;
  readonly restarts: number;
}

export interface Supervised {
  /** Where Slack's requests are taken. */
  readonly slackPort: () => number | undefined;
  readonly standing: () => Standing;
  /** Ends it as a crash would; it is started again. While it is being started there is nothing to kill. */
  readonly kill: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const RESTART_MS = 500;
/** Between tries, when it does not come up. */
const LONGEST_REST = 5 * SECOND;
/** The jobs finish what they are sending, for 25 seconds at most. */
const PATIENCE_MS = 30 * SECOND;

/** Runs one role as a process of its own and starts it again when it dies. */
export async function supervise(options: RoleOptions): Promise<Supervised> {
  const stopping = new AbortController();
  let running: Running | undefined = await startRole(options, stopping.signal);
  let restarts = 0;

  async function keep(first: Running): Promise<void> {
    for (let current: Running | undefined = first; current !== undefined;) {
      running = current;
      // oxlint-disable-next-line no-await-in-loop
      await current.ended;
      running = undefined;
      // oxlint-disable-next-line no-await-in-loop
      current = await startAgain(options, stopping.signal);
      if (current !== undefined) restarts += 1;
    }
  }
  const kept = keep(running);

  return {
    slackPort: () => running?.slackPort,
    standing: () => ({
      state: running === undefined ? "restarting" : "running",
      pid: running?.child.pid,
      restarts,
    }),
    async kill() {
      const killed = running;
      killed?.child.kill("SIGKILL");
      await killed?.ended;
    },
    async stop() {
      stopping.abort();
      await kept;
    },
  };
}

/** Until it is up, or nobody wants it any more (undefined). */
async function startAgain(options: RoleOptions, signal: AbortSignal): Promise<Running | undefined> {
  for (let rest = RESTART_MS; !signal.aborted; rest = Math.min(2 * rest, LONGEST_REST)) {
    // oxlint-disable-next-line no-await-in-loop
    await wait(rest, undefined, { signal }).catch(() => {});
    if (signal.aborted) return undefined;
    try {
      // oxlint-disable-next-line no-await-in-loop
      const next = await startRole(options, signal);
      const told = options.onRestart?.(next.slackPort).catch((error: unknown) => console.error(error));
      // One that ends meanwhile need not be told of any more.
      // oxlint-disable-next-line no-await-in-loop
      await Promise.race([told, next.ended]);
      return next;
    } catch (error) {
      if (!signal.aborted) console.error(error);
    }
  }
  return undefined;
}

interface Running {
  readonly child: ChildProcess;
  readonly slackPort: number | undefined;
  readonly ended: Promise<unknown>;
}

async function startRole({ role, env, ground }: RoleOptions, signal: AbortSignal): Promise<Running> {
  const child = fork(
    join(import.meta.dirname, "cli.ts"),
    ["start", "--sandbox", "--when-told", "--roles", role],
    // Its own group: Ctrl-C reaches us alone, and we stop everything in order.
    { env, stdio: ["ignore", "ignore", "pipe", "ipc"], detached: true },
  );
  const ended = once(child, "exit");
  const said = saidBy(child);
  // From its first moment to its last, or one that comes up while we stop would never end.
  const stop = (): void => void stopChild(child);
  signal.addEventListener("abort", stop);
  child.once("exit", () => signal.removeEventListener("abort", stop));
  try {
    // It may end before it is told; then the word goes nowhere.
    await Promise.race([ground, ended]);
    child.send("go", () => {});
    const message = await Promise.race([once(child, "message"), ended.then(() => undefined)]);
    if (message === undefined)
      throw new StartError(`The ${role} process did not start.`, said.join("\n") || "It said nothing.", 70);
    return { child, ended, slackPort: (message[0] as { slackPort?: number }).slackPort };
  } catch (error) {
    await stopChild(child);
    throw error;
  }
}

/** The supervised process greets its operator; here only its log matters, and why it could not start. */
function saidBy({ stderr }: ChildProcess): readonly string[] {
  const said: string[] = [];
  if (stderr !== null) {
    createInterface(stderr).on("line", (line) =>
      line.startsWith("{") ? console.error(line) : said.push(line),
    );
  }
  return said;
}

/** Asks a process to end, and waits until it has; after `patienceMs` it is not asked any more. */
export async function stopChild(child: ChildProcess, patienceMs = PATIENCE_MS): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  const force = setTimeout(() => child.kill("SIGKILL"), patienceMs);
  await gone;
  clearTimeout(force);
}
