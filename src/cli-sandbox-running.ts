import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

import type { PlatformUrls } from "./cli-sandbox-platforms.ts";
import { StartError } from "./errors.ts";
import { isAlive, ownName } from "./store/embedded-users.ts";

// running.json in the data folder names the sandbox that runs on it. It stays when that one ends: its process tells.

const runningFile = z.object({ process: z.string(), page: z.string() });

/** Two sandboxes on one folder would take each other's pretend platforms away. */
export function refuseSecond(data: string): void {
  const before = runningFile.safeParse(read(join(data, "running.json"))).data;
  if (before === undefined || !isAlive(before.process)) return;
  throw new StartError(
    `A sandbox is running on this data already: ${before.page}`,
    "Use that one, or stop it with Ctrl-C. For a second one set ALLPOINTS_DATA to another folder.",
    69,
  );
}

/** Says that this process runs a sandbox on the folder, and where; makes the folder. */
export async function markRunning(
  data: string,
  where: PlatformUrls & { readonly page: string },
): Promise<void> {
  const file = join(data, "running.json");
  const aside = `${file}.${process.pid}`;
  try {
    mkdirSync(data, { recursive: true });
    writeFileSync(aside, JSON.stringify({ process: ownName(), ...where }));
    renameSync(aside, file);
  } catch (error) {
    // It knows what to say of such a folder; loaded only here, because the first page is being waited for.
    const { makeDataFolder } = await import("./start-checks.ts");
    makeDataFolder(data);
    throw error;
  }
}

/** What cannot be read says nothing of anybody who runs. */
function read(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
