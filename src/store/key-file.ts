import { randomBytes } from "node:crypto";
import {
  closeSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";

import { z } from "zod";

import { uuidv7 } from "./ids.ts";

const key = z.base64().refine((text) => Buffer.from(text, "base64").length === 32, "a key has 32 bytes");

const keyFile = z.strictObject({
  /** The id of the root key that seals from now on. */
  current: z.string().min(1).max(60),
  /** A key stays until nothing is sealed under it any more, or what it sealed stays shut. */
  keys: z.record(z.string().min(1).max(60), key),
  /** What look-up hashes and the audit chain derive from. Never changes. */
  index: key,
});
export type KeyFile = Readonly<z.infer<typeof keyFile>>;

/** Checks what a caller or a file holds; says what is wrong and never what the keys are. */
export function parseKeys(value: unknown): KeyFile {
  const { success, data } = keyFile.safeParse(value);
  if (!success)
    throw new Error("This is no keyring: it needs current, keys and index, each key 32 bytes in base64.");
  return data;
}

export function readKeyFile(file: string): KeyFile {
  const handle = openSync(file, "r");
  try {
    // On the open file, so that nobody can exchange it between the look and the reading.
    const { mode } = fstatSync(handle);
    if ((mode & 0o077) !== 0) {
      throw new Error(`Others may read the keyring ${file}: chmod 600 it, and consider its keys known.`);
    }
    return parseKeys(parseJson(readFileSync(handle, "utf8")));
  } finally {
    closeSync(handle);
  }
}

/** Makes a keyring with one key; leaves one that is there alone, also when two processes start at once. */
export function createKeyFile(file: string): void {
  const aside = writeAside(file, { current: "1", keys: { "1": newKey() }, index: newKey() });
  try {
    // A link, unlike a rename, does not replace.
    linkSync(aside, file);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    rmSync(aside);
  }
}

/** Adds a root key that opens and does not seal yet; its id, which is none of `used`. */
export function addRootKey(file: string, used: readonly string[] = []): string {
  return replace(file, (before) => {
    const ids = [...Object.keys(before.keys), ...used];
    const highest = Math.max(0, ...ids.map(Number).filter(Number.isInteger));
    const id = String(highest + 1);
    return { after: { ...before, keys: { ...before.keys, [id]: newKey() } }, result: id };
  });
}

/** Values are sealed under this key of the file from now on; `rewrap` moves the others. */
export function activateRootKey(file: string, id: string): void {
  replace(file, (before) => {
    if (before.keys[id] === undefined) throw new Error(`the keyring has no key ${id}`);
    return { after: { ...before, current: id }, result: undefined };
  });
}

/** Takes a root key away, for good: what is still sealed under it stays shut. */
export function removeRootKey(file: string, id: string): void {
  replace(file, (before) => {
    if (before.current === id) throw new Error("the key that seals is not removed");
    const keys = Object.fromEntries(Object.entries(before.keys).filter(([one]) => one !== id));
    return { after: { ...before, keys }, result: undefined };
  });
}

/**
 * Puts a changed keyring in the place of the one before, whole or not at all. Its callers hold a lock: of two that
 * change it at once the later one would undo the earlier. No copy of the old one is left: the new one has all its keys,
 * and a copy beside it would be one more file to guard.
 */
function replace<Result>(
  file: string,
  change: (before: KeyFile) => { readonly after: KeyFile; readonly result: Result },
): Result {
  // Where a link leads to it, the link stays.
  const real = realpathSync(file);
  const { after, result } = change(readKeyFile(real));
  const aside = writeAside(real, after);
  try {
    renameSync(aside, real);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
  syncFolder(dirname(real));
  return result;
}

function newKey(): string {
  return randomBytes(32).toString("base64");
}

/** Whole and on the disk before it gets its name: half a keyring would be the loss of everything sealed. */
function writeAside(file: string, content: KeyFile): string {
  const aside = `${file}.${uuidv7()}`;
  const handle = openSync(aside, "wx", 0o600);
  try {
    writeSync(handle, `${JSON.stringify(content, undefined, 2)}\n`);
    giveToOwner(handle, file);
    fsyncSync(handle);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  } finally {
    closeSync(handle);
  }
  return aside;
}

/** Root may rotate the keys of a bot that runs as somebody else, who still has to be able to read them. */
function giveToOwner(handle: number, file: string): void {
  if (process.getuid?.() !== 0) return;
  const before = statSync(file, { throwIfNoEntry: false });
  if (before !== undefined) fchownSync(handle, before.uid, before.gid);
}

/** The name too is on the disk before anybody relies on it. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message would quote the keys.
    return undefined;
  }
}
