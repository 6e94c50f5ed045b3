import { statSync } from "node:fs";

import { readKeyFile, type KeyFile } from "./key-file.ts";

/** Where a keyring takes its keys from: keys change while processes run. */
export interface KeySource {
  /** The keys as they were a second ago or later. */
  readonly lately: () => KeyFile;
  /** The keys as they are at this moment. */
  readonly now: () => KeyFile;
}

/** A file is looked at no more often than this, because sealing asks every time. */
const LOOK_MS = 1000;

/**
 * Reads a keyring's file again when it changed, so that whoever rotates keys need not stop anything. What cannot be
 * read at that moment, or is another deployment's, is not taken: what was read before is used on.
 */
export function followKeyFile(file: string): KeySource {
  let keys = readKeyFile(file);
  let stamp = stampOf(file);
  let lookedMs = performance.now();
  const now = (): KeyFile => {
    lookedMs = performance.now();
    const seen = stampOf(file);
    if (seen === undefined || seen === stamp) return keys;
    const read = readIfWhole(file);
    if (read === undefined || read.index !== keys.index) return keys;
    // Only now: half a file that is being copied is looked at again.
    stamp = seen;
    keys = read;
    return keys;
  };
  return { now, lately: () => (performance.now() - lookedMs < LOOK_MS ? keys : now()) };
}

export function fixedKeys(keys: KeyFile): KeySource {
  return { now: () => keys, lately: () => keys };
}

function stampOf(file: string): string | undefined {
  const found = statSync(file, { throwIfNoEntry: false });
  return found && `${found.dev} ${found.ino} ${found.mtimeMs} ${found.size}`;
}

function readIfWhole(file: string): KeyFile | undefined {
  try {
    const read = readKeyFile(file);
    return read.keys[read.current] === undefined ? undefined : read;
  } catch {
    return undefined;
  }
}
