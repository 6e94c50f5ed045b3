import { accessSync, constants, mkdirSync } from "node:fs";

import { hasAgencies, listAgencies, listInstallations } from "./agencies/agency-store.ts";
import { StartError } from "./errors.ts";
import { clockMoved } from "./store/clock-store.ts";
import { keysFit, markKeys } from "./store/key-mark-store.ts";
import { openKeyring, type Keyring } from "./store/seal.ts";
import type { Store } from "./store/store.ts";

// What must be right before anything starts, each with a sentence that says what to do.

/** A keyring of another installation opens, and would seal what nobody with the right one can open. */
export async function refuseStrangeKeys(file: string, keyring: Keyring, jobs: Store): Promise<void> {
  await markKeys(keyring, jobs);
  if ((await keysFit(keyring, jobs)) === true) return;
  throw new StartError(
    `The keyring ${file} is not the one this database was run with.`,
    "Put the right one back from its backup, or set KEYRING_FILE. Nothing was changed.",
    78,
  );
}

export function keyringOf(file: string, createIfMissing: boolean): Keyring {
  try {
    return openKeyring({ file, createIfMissing });
  } catch (error) {
    const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
    throw new StartError(
      missing
        ? `The keyring ${file} is missing, and the database holds what was sealed with it.`
        : `The keyring ${file} cannot be used.`,
      missing
        ? "Put it back from its backup: without it nothing that was sealed can be opened. Or set KEYRING_FILE."
        : "It must be the file as it was made, and only the bot may read it (chmod 600). See: allpoints doctor",
      78,
    );
  }
}

export function makeDataFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "no code";
    throw new StartError(
      `The data folder ${folder} cannot be used (${code}).`,
      "Set ALLPOINTS_DATA to a folder that the bot may make or write to.",
      78,
    );
  }
}

/** A new keyring could not open what an old one sealed, so one is made only where nothing is sealed yet. */
export async function isEmpty(jobs: Store): Promise<boolean> {
  return !(await jobs.transaction({ agency: null, id: "system" }, hasAgencies));
}

/** Business deadlines follow a clock that tests and the sandbox may move; anywhere else that would be an error. */
export async function refuseMovedClock(app: Store): Promise<void> {
  if (await clockMoved(app)) {
    throw new StartError(
      "The business clock of this database has been moved: it is a sandbox's or a test's.",
      "Use another database. Or, as its owner: update clock.shift set by = '0'",
      78,
    );
  }
}

export async function whatIsMissing(app: Store): Promise<string | undefined> {
  const [agencies, installations] = await app.transaction({ agency: null, id: "operator" }, async (tx) => [
    await listAgencies(tx),
    await listInstallations(tx),
  ]);
  if (agencies.length === 0) return "No agency yet: allpoints agency add";
  if (installations.length === 0) {
    return "No workspace is connected yet: allpoints slack connect, allpoints discord connect";
  }
  return undefined;
}
