import { setTimeout as wait } from "node:timers/promises";

import { Command } from "commander";

import { appendAudit } from "./audit/audit-store.ts";
import { changing, operator, print, values, withKeys, type GetBase } from "./cli-keys-ground.ts";
import { activateCommand, addCommand, rotateCommand } from "./cli-keys-making.ts";
import { StartError } from "./errors.ts";
import type { Ground } from "./main.ts";
import { readKeyFile, removeRootKey } from "./store/key-file.ts";
import {
  countSealed,
  findActive,
  holdKeys,
  listIdle,
  listKnown,
  listRetired,
  olderAreOver,
  retireKey,
  unretireKey,
} from "./store/key-store.ts";
import { restartRewrapping, rewrappingProgress } from "./store/rewrap-store.ts";

/** The root keys of the keyring: a new one, how far the old ones are, the end of one. Never shows a key. */
export function keysCommands(base: GetBase): Command {
  return new Command("keys")
    .description("the root keys under which everything personal is sealed")
    .addCommand(rotateCommand(base))
    .addCommand(addCommand(base))
    .addCommand(activateCommand(base))
    .addCommand(statusCommand(base))
    .addCommand(retireCommand(base));
}

// ------------------------------------------------------------------------------------------------ status

interface KeyStanding {
  readonly id: string;
  readonly current: boolean;
  /** Without it what is under it stays shut. */
  readonly inKeyring: boolean;
  readonly retired: boolean;
  /** It was added, and never sealed yet. */
  readonly added: boolean;
  readonly values: number;
}

function statusCommand(base: GetBase): Command {
  return new Command("status")
    .description("each root key by its id, and how many values are under it; reads every sealed column")
    .option("--json", "for machines")
    .action(({ json }: { json?: boolean }) =>
      withKeys(base, async ({ config, jobs }) => {
        const { current, keys: inFile } = readKeyFile(config.KEYRING_FILE);
        const { held, known, idle, retired, progress } = await jobs.transaction(operator, async (tx) => {
          const counted = await countSealed(tx);
          return {
            held: counted,
            known: await listKnown(tx, counted.keys()),
            idle: await listIdle(tx),
            retired: await listRetired(tx),
            progress: await rewrappingProgress(tx, current),
          };
        });
        const all = new Set(
          [...Object.keys(inFile), ...known, ...held.keys()].filter((id) => id !== undefined),
        );
        const keys = [...all].map((id) => ({
          id,
          current: id === current,
          inKeyring: inFile[id] !== undefined,
          retired: retired.includes(id),
          added: idle.includes(id) && id !== current,
          values: held.get(id) ?? 0,
        }));
        const foreign = held.get(undefined) ?? 0;
        print(json, { current, keys, foreign, rewrapping: progress }, [
          ...keys.map(keyLine),
          ...(foreign === 0 ? [] : [`${values(foreign)} in sealed columns were sealed by nobody.`]),
          ...(keys.length > 1 ? [progressLine(progress)] : []),
        ]);
      }),
    );
}

function keyLine(key: KeyStanding): string {
  return `key ${key.id} · ${values(key.values)} · ${standingOf(key)}${key.retired ? " (retired)" : ""}`;
}

function standingOf({ id, current, inKeyring, added, values: held }: KeyStanding): string {
  if (current) return "seals";
  if (!inKeyring) {
    return held === 0
      ? "NOT IN THE KEYRING: copy the keyring here from the machine that made it"
      : "NOT IN THE KEYRING: put it back from a backup, nothing else opens them";
  }
  if (held > 0) return "waiting to be wrapped anew";
  return added
    ? `added: once every machine has it, allpoints keys activate ${id}`
    : `nothing is under it: allpoints keys retire ${id}`;
}

function progressLine({ clean, columns, failed }: Awaited<ReturnType<typeof rewrappingProgress>>): string {
  const stuck = failed === 0 ? "" : ` ${values(failed)} cannot be opened: they are damaged.`;
  return clean < columns
    ? `Wrapping anew: ${clean} of ${columns} columns are done. It needs a running jobs process.${stuck}`
    : `Wrapping anew: done, all ${columns} columns.${stuck}`;
}

// ------------------------------------------------------------------------------------------------ retire

function retireCommand(base: GetBase): Command {
  return new Command("retire")
    .argument("<id>", "as allpoints keys status names it")
    .description("remove an old root key from the keyring, once nothing is under it any more")
    .option("--json", "for machines")
    .action((id: string, { json }: { json?: boolean }) =>
      withKeys(base, async (ground) => {
        await refuseRetiring(ground, id);
        await refuseWhileHeld(ground, id);
        await waitOutOlder(ground, id);
        await remove(ground, id);
        print(json, { retired: id }, [
          `Key ${id} is removed from ${ground.config.KEYRING_FILE}, and the database takes nothing under it any more.`,
          `Backups of the database from before hold values under key ${id}: keep the copy of the keyring that belongs ` +
            "to them, apart from them, for as long as you keep them. Then destroy it.",
          "Copy the keyring to its backup, and to every other machine that runs Allpoints on this database.",
        ]);
      }),
    );
}

/** One that this keyring lacks may be retired too: it is lost, and nothing was ever sealed under it. */
async function refuseRetiring({ config, jobs }: Ground, id: string): Promise<void> {
  const { current, keys } = readKeyFile(config.KEYRING_FILE);
  const { known, active } = await jobs.transaction(operator, async (tx) => ({
    known: await listKnown(tx, []),
    active: await findActive(tx),
  }));
  if (keys[id] === undefined && !known.includes(id)) {
    throw new StartError(
      `The keyring has no key ${id}.`,
      `Its keys are: ${Object.keys(keys).join(", ")}.`,
      64,
    );
  }
  if (id === current) {
    throw new StartError(
      `Key ${id} is the one that seals.`,
      "First: allpoints keys rotate; on several machines: keys add, copy the keyring, keys activate",
    );
  }
  if (id === active) {
    throw new StartError(
      `Key ${id} is the one that seals, on another machine. This keyring is an old copy.`,
      `Put the newest one in its place, and run allpoints keys status. If no copy has key ${id} any more: allpoints keys activate ${current}`,
    );
  }
}

/** Also asks for another look at every column, in case the last one found none. */
async function refuseWhileHeld({ config, jobs }: Ground, id: string): Promise<void> {
  const { current } = readKeyFile(config.KEYRING_FILE);
  const held = await jobs.transaction(operator, async (tx) => {
    const count = (await countSealed(tx)).get(id) ?? 0;
    if (count > 0) await restartRewrapping(tx, current);
    return count;
  });
  if (held > 0) throw stillHeld(id, held);
}

function stillHeld(id: string, held: number): StartError {
  return new StartError(
    `${values(held)} ${held === 1 ? "is" : "are"} still under key ${id}. Nothing was changed.`,
    "The jobs process wraps them anew while it runs: see allpoints keys status, and try again.",
  );
}

const PATIENCE_MS = 20_000;

/** What began before the key was over may still write under it: it has to end before the last count. */
async function waitOutOlder({ jobs }: Ground, id: string): Promise<void> {
  const xact = await jobs.transaction(operator, (tx) => retireKey(tx, id));
  const untilMs = performance.now() + PATIENCE_MS;
  // oxlint-disable-next-line no-await-in-loop
  while (!(await jobs.transaction(operator, (tx) => olderAreOver(tx, xact)))) {
    if (performance.now() > untilMs) {
      // oxlint-disable-next-line no-await-in-loop
      await jobs.transaction(operator, (tx) => unretireKey(tx, id));
      throw new StartError(
        "Some transaction in the database has been open for longer than 20 seconds. Nothing was changed.",
        "It may still write under the old key: find it in pg_stat_activity, or try again later.",
      );
    }
    // oxlint-disable-next-line no-await-in-loop
    await wait(100);
  }
}

async function remove({ config, jobs }: Ground, id: string): Promise<void> {
  const file = config.KEYRING_FILE;
  const left = await jobs
    .transaction(operator, async (tx) => {
      await holdKeys(tx);
      const held = (await countSealed(tx)).get(id) ?? 0;
      if (held > 0) {
        await unretireKey(tx, id);
        return held;
      }
      await appendAudit(tx, null, { action: "keys.retire", subject: `key:${id}` });
      changing(file, `keys retire ${id}`, () => removeRootKey(file, id));
      return 0;
    })
    .catch(async (error: unknown) => {
      // The keyring was not changed, and still has it.
      if (error instanceof StartError) await jobs.transaction(operator, (tx) => unretireKey(tx, id));
      throw error;
    });
  if (left > 0) throw stillHeld(id, left);
}
