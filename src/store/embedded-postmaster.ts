import { execFileSync } from "node:child_process";
import { readFileSync, readlinkSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

/** What postmaster.pid says about the server of a data folder. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly socketDir: string;
  readonly ready: boolean;
}

/** Undefined without a pid file. That there is one proves nothing: see `isPostmaster`. */
export function readPostmaster(dataDir: string): Postmaster | undefined {
  const lines = readIfThere(join(dataDir, "postmaster.pid"))?.split("\n");
  if (!lines?.[0]) return undefined;
  return {
    pid: Number(lines[0]),
    port: Number(lines[3] ?? 0),
    socketDir: lines[4]?.trim() ?? "",
    ready: lines[7]?.trim() === "ready",
  };
}

/**
 * Whether the process of that id really is this folder's server. After a container restart the id in the file
 * is somebody else's, and PostgreSQL would refuse to start because of it.
 */
export function isPostmaster(pid: number, dataDir: string): boolean {
  try {
    if (process.platform !== "linux") {
      return execFileSync("ps", ["-o", "comm=", "-p", String(pid)], { encoding: "utf8" }).includes(
        "postgres",
      );
    }
    const name = readFileSync(`/proc/${pid}/comm`, "utf8");
    return name.startsWith("postgres") && readlinkSync(`/proc/${pid}/cwd`) === realpathSync(dataDir);
  } catch {
    return false;
  }
}

/** Fast shutdown: open transactions are rolled back. After `patienceMs` the server is told to drop everything. */
export async function stopPostmaster(pid: number, dataDir: string, patienceMs = 20_000): Promise<void> {
  for (const signal of ["SIGINT", "SIGQUIT"] as const) {
    if (!isPostmaster(pid, dataDir)) return;
    process.kill(pid, signal);
    const deadline = performance.now() + patienceMs;
    while (performance.now() < deadline) {
      if (!isPostmaster(pid, dataDir)) return;
      // oxlint-disable-next-line no-await-in-loop
      await wait(5);
    }
  }
  throw new Error(`The PostgreSQL of ${dataDir} (process ${pid}) does not stop.`);
}

export function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
