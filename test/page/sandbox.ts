import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { pretend } from "../../sandbox/pretend.ts";
import type { Platforms } from "../../sandbox/settle.ts";
import { openBench } from "../cli/bench.ts";

export interface RunningSandbox {
  /** The page's address, as it was printed. */
  readonly url: string;
  /** Everything the command has written so far. */
  readonly output: () => string;
  /** The pretend platforms behind the page, for what happens while nobody looks. */
  readonly platforms: Platforms;
  readonly addresses: { readonly slack: string; readonly discord: string };
  readonly stop: () => Promise<void>;
}

const START_MS = 90_000;

/** What it prints when the page can be opened, and when everything answers. */
const heard = { page: /sandbox: http:\/\/\S+\n/, everything: /everything ready after/ };

/** `allpoints start` as a newcomer runs it, with no settings, in a folder of its own; it returns when that much is there. */
export async function startSandbox(
  { until }: { readonly until: keyof typeof heard } = { until: "everything" },
): Promise<RunningSandbox> {
  const bench = openBench();
  const child = bench.spawn(["start", "--port", "0", "--no-open"]);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => (output += text));
  }
  const stop = async (): Promise<void> => {
    await end(child);
    bench.close();
  };
  // Also where this process ends by a mistake of its own.
  process.once("exit", () => child.kill("SIGTERM"));
  try {
    await says(child, () => heard[until].test(output));
  } catch (error) {
    await stop();
    throw new Error(`the sandbox did not start: ${output}`, { cause: error });
  }
  const addresses = JSON.parse(readFileSync(join(bench.data, "running.json"), "utf8")) as {
    readonly slack: string;
    readonly discord: string;
  };
  return {
    url: /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0] ?? "",
    output: () => output,
    platforms: { slack: pretend(addresses.slack), discord: pretend(addresses.discord) },
    addresses,
    stop,
  };
}

async function says(child: ChildProcess, heard: () => boolean): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const look = (): void => {
    if (heard()) resolve();
  };
  const timer = setTimeout(() => reject(new Error(`not within ${START_MS} ms`)), START_MS);
  child.stdout?.on("data", look);
  child.once("exit", (code) => reject(new Error(`it ended with ${code}`)));
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    child.stdout?.off("data", look);
  }
}

/** Ctrl-C's quiet sister, and patience until everything it started has ended. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  await gone;
}
