import { fork } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

import type { ChildReply, ParentCall } from "./parent-calls.ts";

export interface Child {
  /** One call at a time. */
  readonly call: (name: string, argument?: unknown) => Promise<unknown>;
  readonly pid: number;
  /** Lets go of it, and waits until it is gone. */
  readonly close: () => Promise<void>;
}

interface Starting {
  readonly file: string;
  /** All it sees of the environment, beside what a program needs to run. */
  readonly settings: Readonly<Record<string, string>>;
  /** Where its log goes. */
  readonly log: string;
  /** Node's own options, such as --cpu-prof. */
  readonly node?: readonly string[];
  /** Calls under way end with it. */
  readonly signal?: AbortSignal;
}

const PATIENCE_MS = 30_000;
/** Nothing that is measured takes longer: whatever does is stuck. */
const LONGEST_CALL_MS = 600_000;

/** Starts a process of the bench's: its module answers by `serveParent`. */
export function startChild({ file, settings, log, node = [], signal }: Starting): Child {
  const output = openSync(log, "a");
  const { PATH = "", HOME = "", TMPDIR } = process.env;
  const child = fork(new URL(`../${file}`, import.meta.url), {
    env: { PATH, HOME, ...(TMPDIR !== undefined && { TMPDIR }), ...settings },
    execArgv: [...node],
    stdio: ["ignore", output, output, "ipc"],
  });
  closeSync(output);
  const gone = once(child, "exit");
  const lastWords = () => readFileSync(log, "utf8").slice(-2_000);

  return {
    pid: child.pid ?? 0,
    call: async (call, argument) => {
      const answered = once(child, "message", signal && { signal }) as Promise<[ChildReply]>;
      child.send({ call, argument } satisfies ParentCall);
      const ended = gone.then((): never => {
        throw new Error(`${file} ended by itself:\n${lastWords()}`);
      });
      const timer = new AbortController();
      const late = wait(LONGEST_CALL_MS, undefined, { signal: timer.signal }).then((): never => {
        throw new Error(`${file}, ${call}: no end in ${LONGEST_CALL_MS} ms:\n${lastWords()}`);
      });
      const [reply] = await Promise.race([answered, ended, late]).finally(() => timer.abort());
      if ("error" in reply) throw new Error(`${file}, ${call}: ${reply.error}`);
      return reply.value;
    },
    close: async () => {
      if (child.connected) child.disconnect();
      const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
      await gone;
      clearTimeout(timer);
    },
  };
}
