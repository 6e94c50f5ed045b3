import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { ProcessRole } from "../../src/main.ts";
import type { Arming } from "./points.ts";

export interface SubjectOptions {
  readonly roles: readonly ProcessRole[];
  /** The ledger without its look-up, which must double. */
  readonly broken?: boolean;
}
export interface ToSubject {
  readonly arming?: Arming;
}
export type FromSubject =
  | { readonly ready: true; readonly slackPort?: number | undefined }
  | { readonly armed: boolean };

/** One process under test, and whatever is started in its place. */
export interface Supervised {
  readonly arm: (arming: Arming | undefined) => Promise<void>;
  /** Ends it at once, from outside. */
  readonly kill: (signal?: "SIGKILL" | "SIGSTOP" | "SIGCONT") => void;
  /** Resolves when the one that runs now has started. */
  readonly up: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export interface Supervision extends SubjectOptions {
  readonly settings: Readonly<Record<string, string>>;
  readonly log: string;
  /** Modules loaded before anything else. */
  readonly preload?: readonly string[];
  /** A new one listens. */
  readonly onUp: (slackPort: number | undefined) => Promise<void>;
  /** It is dead; the next one is being started. */
  readonly onKilled: () => void;
}

const subject = new URL("subject.ts", import.meta.url);
const onePlatform = new URL("one-platform.ts", import.meta.url).href;

export function compileCacheIn({ folder }: { readonly folder: string }): string {
  return join(folder, "compile-cache");
}

/** Loads everything once and ends in an orderly way: a process that is killed leaves no compiled code to the next. */
export async function warmUp(place: { readonly folder: string }): Promise<void> {
  const log = join(place.folder, "logs", "warm-up.log");
  for (const token of [{}, { DISCORD_TOKEN: "not-needed" }]) {
    const settings = { ...token, NODE_COMPILE_CACHE: compileCacheIn(place) };
    const child = launch({ roles: [], settings, log });
    // oxlint-disable-next-line no-await-in-loop -- what the first compiled, the second need not
    const [code] = await once(child, "exit");
    if (code !== 0) throw new Error(`the process under test cannot be loaded: ${tail(log)}`);
  }
}

/** Starts a process and, whenever it is killed, another one at once. */
export async function supervise(supervision: Supervision): Promise<Supervised> {
  let stopping = false;
  let failure: Error | undefined;
  let armed = false;
  let child!: ChildProcess;
  let up = start();
  await up;

  async function start(): Promise<void> {
    child = launch(supervision);
    armed = false;
    const mine = child;
    mine.once("exit", (code, signal) => {
      if (stopping) return;
      if (signal !== "SIGKILL")
        failure = new Error(`a process ended with ${code ?? signal}: ${tail(supervision.log)}`);
      up = start();
      up.catch((error: Error) => (failure = error));
      supervision.onKilled();
    });
    const port = await readiness(mine, supervision.log);
    if (port === "killed") return up;
    return supervision.onUp(port);
  }

  return {
    async arm(arming) {
      if (arming !== undefined) await up;
      if (failure) throw failure;
      if (!child.connected || (arming === undefined && !armed)) return;
      armed = arming !== undefined;
      const heard = new AbortController();
      const answered = once(child, "message", heard);
      child.send({ ...(arming && { arming }) } satisfies ToSubject);
      // One that dies meanwhile is armed no more.
      await Promise.race([answered, once(child, "exit", heard)]);
      heard.abort();
    },
    kill: (signal = "SIGKILL") => void child.kill(signal),
    async up() {
      await up;
      if (failure) throw failure;
    },
    async stop() {
      stopping = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

type Launch = Omit<Supervision, "onUp" | "onKilled">;

function launch({ settings, log, preload = [], ...options }: Launch): ChildProcess {
  const output = openSync(log, "a");
  const { PATH = "", HOME = "", TMPDIR } = process.env;
  const child = fork(subject, [JSON.stringify(options)], {
    env: { PATH, HOME, ...(TMPDIR !== undefined && { TMPDIR }), ...settings },
    // Most of a short life is its start, and a fifth of that would be spent on collecting garbage.
    execArgv: [
      "--max-semi-space-size=64",
      ...[onePlatform, ...preload].flatMap((file) => ["--import", file]),
    ],
    stdio: ["ignore", output, output, "ipc"],
  });
  closeSync(output);
  return child;
}

async function readiness(child: ChildProcess, log: string): Promise<number | undefined | "killed"> {
  const exit = once(child, "exit").then(([code, signal]): "killed" => {
    if (signal === "SIGKILL") return "killed";
    throw new Error(`a process did not start (${code ?? signal}): ${tail(log)}`);
  });
  const said = once(child, "message").then(([message]: FromSubject[]) =>
    message && "ready" in message ? message.slackPort : undefined,
  );
  return Promise.race([said, exit]);
}

function tail(log: string): string {
  return readFileSync(log, "utf8").slice(-1_500);
}
