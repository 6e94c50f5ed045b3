import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { onTestFinished } from "vitest";

interface Ended {
  readonly code: number | null;
  readonly stderr: string;
}

export interface AtTerminal {
  readonly stdout: () => string;
  readonly closed: Promise<Ended>;
  /** The process id of a pretend platform. */
  readonly platform: (name: "slack" | "discord") => number;
  /** Ctrl-C: the terminal sends it to everybody in the foreground, and npm hands it on once more. */
  readonly interrupt: () => Promise<Ended>;
}

/**
 * `allpoints start` on the settings' data folder as a shell starts it: in a group of its own. What it keeps for a
 * moment goes beside that folder.
 */
export function atTerminal(settled: string, args: readonly string[]): AtTerminal {
  const child = spawn(process.execPath, [join(import.meta.dirname, "../../src/cli.ts"), "start", ...args], {
    env: {
      PATH: process.env["PATH"],
      ALLPOINTS_DATA: settled,
      TMPDIR: dirname(settled),
      NODE_COMPILE_CACHE: join(tmpdir(), "allpoints-test-compiled"),
      LOG_LEVEL: "error",
    },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const said = { stdout: "", stderr: "" };
  child.stdout.on("data", (text) => (said.stdout += String(text)));
  child.stderr.on("data", (text) => (said.stderr += String(text)));
  const closed = once(child, "close").then(([code]) => ({
    code: code as number | null,
    stderr: said.stderr,
  }));
  return {
    stdout: () => said.stdout,
    platform: (name) => platformOf(child.pid ?? 0, name),
    closed,
    async interrupt() {
      process.kill(-(child.pid ?? 0), "SIGINT");
      await wait(10);
      process.kill(child.pid ?? 0, "SIGINT");
      return closed;
    },
  };
}

function platformOf(parent: number, name: string): number {
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8").trim().split(" ");
  const found = children.find((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(`sandbox/${name}/main.ts`),
  );
  return Number(found);
}

/** The test's own time limit ends it. */
export async function until(holds: () => boolean): Promise<void> {
  // oxlint-disable-next-line no-await-in-loop
  while (!holds()) await wait(10);
}
