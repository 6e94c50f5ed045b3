import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { readIfThere } from "./embedded-postmaster.ts";
import { uuidv7 } from "./ids.ts";

/**
 * The processes that use one embedded database, a file each in a folder beside it. Whoever leaves last stops
 * the server: neither may a short command stop it under the bot, nor the bot under a command.
 */
export interface Users {
  /** Leaves; true when nobody else is left. */
  readonly leave: () => boolean;
}

/** Registers this process; done before looking for a server, so that one that is leaving sees us. */
export function joinUsers(folder: string): Users {
  mkdirSync(folder, { recursive: true });
  const self = ownName();
  writeFileSync(join(folder, self), "");
  return {
    leave() {
      rmSync(join(folder, self), { force: true });
      for (const name of readdirSync(folder)) {
        if (isAlive(name)) return false;
        rmSync(join(folder, name), { force: true });
      }
      return true;
    },
  };
}

/** A name for what this process leaves in the file system, by which others see whether it still runs. */
export function ownName(): string {
  return `${process.pid}.${startTime(process.pid)}.${uuidv7()}`;
}

/** Whether the process that made this name still runs. */
export function isAlive(name: string): boolean {
  const [pid, started] = name.split(".");
  const now = startTime(Number(pid));
  return now !== "" && now === started;
}

/** Tells a process from a later one that was given the same id. Empty for one that is gone. */
function startTime(pid: number): string {
  if (process.platform !== "linux") {
    try {
      process.kill(pid, 0);
      return "running";
    } catch {
      return "";
    }
  }
  // After the name in parentheses: the state is field 3, the start time field 22.
  const fields = readIfThere(`/proc/${pid}/stat`)?.split(") ").at(-1)?.split(" ");
  return fields === undefined || fields[0] === "Z" ? "" : (fields[19] ?? "");
}
