import { fork } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";

import type { ChildReply, ParentCall } from "./parent-calls.ts";

export interface Child {
  readonly call: (name: string, argument?: unknown) => Promise<unknown>;
  /** Lets go of it, and waits until it is gone. */
  readonly close: () => Promise<void>;
}

interface Starting {
  readonly file: string;
  /** All it sees of the environment, beside what a program needs to run. */
  readonly settings: Readonly<Record<string, string>>;
  /** Where its log goes. */
  readonly log: string;
}

const PATIENCE_MS = 30_000;

/** Starts a process of the bench's: its module answers by `serveParent`. */
export function startChild({ file, settings, log }: Starting): Child {
  const output = openSync(log, "a");
  const { PATH = "", HOME = "", TMPDIR } = process.env;
  const child = fork(new URL(`../${file}`, import.meta.url), {
    env: { PATH, HOME, ...(TMPDIR !== undefined && { TMPDIR }), ...settings },
    execArgv: [],
    stdio: ["ignore", output, output, "ipc"],
  });
  closeSync(output);
  const gone = once(child, "exit");

  return {
    call: async (call, argument) => {
      const answered = once(child, "message") as Promise<[ChildReply]>;
      child.send({ call, argument } satisfies ParentCall);
      const ended = gone.then((): never => {
        throw new Error(`${file} ended by itself:\n${readFileSync(log, "utf8").slice(-2_000)}`);
      });
      const [reply] = await Promise.race([answered, ended]);
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
