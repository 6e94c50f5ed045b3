import { randomBytes } from "node:crypto";
import {
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";

import { z } from "zod";

import { uuidv7 } from "./ids.ts";

const key = z.base64().refine((text) => Buffer.from(text, "base64").length === 32, "a key has 32 bytes");

const keyFile = z.strictObject({
  /** The id of the root key that seals from now on. */
  current: z.string().min(1).max(60),
  /** Retired keys stay, or what they sealed stays shut. */
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

/** Adds a root key and makes it current. Values are sealed under it from the next start; `rewrap` moves old ones. */
export function addRootKey(file: string): string {
  const before = readKeyFile(file);
  const highest = Math.max(0, ...Object.keys(before.keys).map(Number).filter(Number.isInteger));
  const id = String(highest + 1);
  renameSync(writeAside(file, { ...before, current: id, keys: { ...before.keys, [id]: newKey() } }), file);
  return id;
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
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  return aside;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message would quote the keys.
    return undefined;
  }
}
