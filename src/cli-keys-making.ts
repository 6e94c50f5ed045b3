import { Command } from "commander";

import { appendAudit } from "./audit/audit-store.ts";
import { changing, operator, print, values, withKeys, type GetBase } from "./cli-keys-ground.ts";
import { StartError } from "./errors.ts";
import type { Ground } from "./main.ts";
import { activateRootKey, addRootKey, readKeyFile } from "./store/key-file.ts";
import { countSealed, holdKeys, listKnown, listRetired, noteActive, noteKey } from "./store/key-store.ts";
import { prepareRewrapping, restartRewrapping } from "./store/rewrap-store.ts";
import type { Tx } from "./store/store.ts";

// A new root key, in two steps: a machine that does not have it yet cannot open what the others seal under it.

/** `add`: into the file. */
export function addCommand(base: GetBase): Command {
  return new Command("add")
    .description("add a root key that does not seal yet: copy the keyring to every machine, then activate it")
    .option("--json", "for machines")
    .action(({ json }: { json?: boolean }) =>
      withKeys(base, async ({ config, jobs }) => {
        const file = config.KEYRING_FILE;
        const id = await jobs.transaction(operator, async (tx) => {
          await holdKeys(tx);
          const known = await knownHere(tx, file, (await countSealed(tx)).keys());
          const added = await addKey(tx, { file, known, command: "keys add" });
          await appendAudit(tx, null, { action: "keys.add", subject: `key:${added}` });
          return added;
        });
        print(json, { added: id }, [
          `Key ${id} is in ${file} and does not seal yet.`,
          "Copy the keyring to its backup, and to every other machine that runs Allpoints on this database.",
          `Then, on each of them: allpoints keys activate ${id}`,
        ]);
      }),
    );
}

/** `activate`: it seals. */
export function activateCommand(base: GetBase): Command {
  return new Command("activate")
    .argument("<id>", "as allpoints keys add named it")
    .description("seal under this key from now on, once the keyring of every machine has it")
    .option("--json", "for machines")
    .action((id: string, { json }: { json?: boolean }) =>
      withKeys(base, async ({ config, jobs }) => {
        const file = config.KEYRING_FILE;
        const before = await jobs.transaction(operator, async (tx) => {
          await holdKeys(tx);
          const { current, keys } = readKeyFile(file);
          await refuseActivating(tx, { id, keys: Object.keys(keys) });
          await activateKey(tx, { file, id, command: `keys activate ${id}` });
          await appendAudit(tx, null, {
            action: "keys.activate",
            subject: `key:${id}`,
            detail: { before: current },
          });
          return current;
        });
        print(json, { current: id, before }, [
          sealsNow(id),
          `A machine whose keyring lacks key ${id} opens nothing that is sealed from now on: copy the keyring to it.`,
          `Where an older key seals still, run the same there: allpoints keys activate ${id}`,
        ]);
      }),
    );
}

/** `rotate`: both at once. */
export function rotateCommand(base: GetBase): Command {
  return new Command("rotate")
    .description(
      "add and activate in one step, where one machine runs everything; on several: add, copy the keyring, activate",
    )
    .option("--anyway", "also while values are still under an older key")
    .option("--json", "for machines")
    .action(({ anyway, json }: { anyway?: boolean; json?: boolean }) =>
      withKeys(base, async (ground) => {
        const { before, id } = await rotate(ground, anyway === true);
        print(json, { current: id, before }, [
          sealsNow(id),
          `What key ${before} sealed is wrapped anew by the jobs process. See: allpoints keys status`,
          `No copy of the old keyring was kept: ${ground.config.KEYRING_FILE} has all its keys.`,
          "Now copy it to where its backup is, and to every other machine that runs Allpoints on this database: until",
          "then they cannot open what is sealed here.",
        ]);
      }),
    );
}

function sealsNow(id: string): string {
  return `Key ${id} seals from now on; running processes take it within a second.`;
}

async function rotate({ config, jobs }: Ground, anyway: boolean) {
  return jobs.transaction(operator, async (tx) => {
    await holdKeys(tx);
    const file = config.KEYRING_FILE;
    // Only now: somebody may have rotated it while we waited.
    const { current: before } = readKeyFile(file);
    const sealed = await countSealed(tx);
    const known = await knownHere(tx, file, sealed.keys());
    const others = [...sealed].filter(([key]) => key !== undefined && key !== before);
    const left = others.reduce((sum, [, held]) => sum + held, 0);
    if (left > 0 && !anyway) {
      throw new StartError(
        `${values(left)} ${left === 1 ? "is" : "are"} still under an older key than ${before}, which seals now.`,
        "Wait until allpoints keys status says that all are under it; or add --anyway.",
      );
    }
    const id = await addKey(tx, { file, known, command: "keys rotate" });
    await activateKey(tx, { file, id, command: "keys rotate" });
    await appendAudit(tx, null, { action: "keys.rotate", subject: `key:${id}`, detail: { before } });
    return { before, id };
  });
}

/** One id is one key, whichever machine made it: a keyring that lacks one that there is makes none. */
async function knownHere(
  tx: Tx,
  file: string,
  sealing: Iterable<string | undefined>,
): Promise<readonly string[]> {
  const known = await listKnown(tx, sealing);
  const { keys } = readKeyFile(file);
  const missing = known.filter((id) => keys[id] === undefined);
  if (missing.length > 0) throw oldCopy(file, missing);
  return known;
}

interface Adding {
  readonly file: string;
  readonly known: readonly string[];
  readonly command: string;
}

async function addKey(tx: Tx, { file, known, command }: Adding): Promise<string> {
  const retired = await listRetired(tx);
  const id = changing(file, command, () => addRootKey(file, [...known, ...retired]));
  await noteKey(tx, id);
  return id;
}

function oldCopy(file: string, missing: readonly string[]): StartError {
  const [key, it] = missing.length === 1 ? ["key", "it"] : ["keys", "them"];
  return new StartError(
    `The database knows ${key} ${missing.join(", ")}, and the keyring ${file} does not have ${it}. Nothing was changed.`,
    [
      `This keyring is an old copy: put the newest one in its place, from the machine that made ${it} or from the backup, and try again.`,
      `If no copy has ${it} any more: allpoints keys status says whether anything is sealed under ${it}, which nobody can open then.`,
      `While nothing is: allpoints keys retire ${missing[0]}`,
    ].join("\n"),
    78,
  );
}

async function refuseActivating(
  tx: Tx,
  { id, keys }: { readonly id: string; readonly keys: readonly string[] },
): Promise<void> {
  if (!keys.includes(id)) {
    throw new StartError(
      `The keyring has no key ${id}.`,
      `Its keys are: ${keys.join(", ")}. Copy the keyring here from the machine where it was added.`,
      64,
    );
  }
  if ((await listRetired(tx)).includes(id)) {
    throw new StartError(
      `Key ${id} was retired: the database takes nothing under it.`,
      "This keyring is an old copy: put the newest one in its place. For another key: allpoints keys add",
      64,
    );
  }
}

interface Activating {
  readonly file: string;
  readonly id: string;
  readonly command: string;
}

async function activateKey(tx: Tx, { file, id, command }: Activating): Promise<void> {
  await noteActive(tx, id);
  await prepareRewrapping(tx, id);
  await restartRewrapping(tx, id);
  changing(file, command, () => activateRootKey(file, id));
}
