import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

type Settings = Readonly<Record<string, string>>;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line in a folder of the test's own, as an operator runs it. */
export interface Bench {
  readonly data: string;
  /** One command, until it ends. */
  readonly run: (args: readonly string[], settings?: Settings) => Promise<Ended>;
  /** A command that stays; the caller ends it. */
  readonly spawn: (args: readonly string[], settings?: Settings) => ChildProcess;
  readonly close: () => void;
}

const entry = join(import.meta.dirname, "../../src/cli.ts");

export function openBench(): Bench {
  // A name by which the next run finds and removes what a killed one left.
  const folder = mkdtempSync(
    join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), `allpoints-test-${process.pid}-`),
  );
  // The embedded server does not run as root, and has to get through.
  chmodSync(folder, 0o755);
  const settled = join(folder, "data");
  // Without a platform's token everything works on the sandbox's data.
  const data = join(settled, "sandbox");
  const start = (args: readonly string[], settings: Settings = {}) =>
    spawn(process.execPath, [entry, ...args], {
      // Nothing of the machine's own settings.
      env: {
        PATH: process.env["PATH"],
        ALLPOINTS_DATA: settled,
        LOG_LEVEL: "error",
        NODE_COMPILE_CACHE: join(tmpdir(), "allpoints-test-compiled"),
        ...settings,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
  return {
    data,
    spawn: start,
    async run(args, settings) {
      const child = start(args, settings);
      const said = { stdout: "", stderr: "" };
      child.stdout.on("data", (text) => (said.stdout += String(text)));
      child.stderr.on("data", (text) => (said.stderr += String(text)));
      const [code] = (await once(child, "close")) as [number | null];
      return { code, ...said };
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
