import { mixed } from "./deletions.ts";
import { grown } from "./growing.ts";

/**
 * The parts of names that occur, numbered from 0 in the order they came: ids of the database have gaps, because a
 * sequence is used up by what was there already. Two Maps would take three times the memory.
 */
export interface TokenNumbers {
  readonly size: () => number;
  /** A known id is left as it is. A known string keeps its number, under the new id: its old one was forgotten. */
  readonly add: (id: number, string: string) => void;
  readonly stringOf: (number: number) => string;
  readonly idOf: (number: number) => number;
  /** -1: not there. */
  readonly ofId: (id: number) => number;
  readonly ofString: (string: string) => number;
  readonly bytes: () => number;
}

/** A one-byte string of up to twelve letters, and its place in a list. */
const STRING_BYTES = 32;

// oxlint-disable-next-line max-lines-per-function -- one state, and everything that may touch it
export function createTokenNumbers(): TokenNumbers {
  const strings: string[] = [];
  let ids = new Int32Array(1024);
  // Open addressing: a number plus one; 0 is free. Never more than half full.
  let byId = new Int32Array(2048);
  let byString = new Int32Array(2048);
  /** Places in byId. */
  let used = 0;

  function idSlot(id: number): number {
    const last = byId.length - 1;
    let slot = mixed(id) & last;
    for (let held = byId[slot] ?? 0; held !== 0 && ids[held - 1] !== id; held = byId[slot] ?? 0) {
      slot = (slot + 1) & last;
    }
    return slot;
  }

  function stringSlot(string: string): number {
    const last = byString.length - 1;
    let slot = hashOf(string) & last;
    for (
      let held = byString[slot] ?? 0;
      held !== 0 && strings[held - 1] !== string;
      held = byString[slot] ?? 0
    ) {
      slot = (slot + 1) & last;
    }
    return slot;
  }

  function enlarge(): void {
    byId = new Int32Array(byId.length * 2);
    byString = new Int32Array(byString.length * 2);
    for (const [number, string] of strings.entries()) {
      byId[idSlot(ids[number] ?? 0)] = number + 1;
      byString[stringSlot(string)] = number + 1;
    }
    used = strings.length;
  }

  return {
    size: () => strings.length,
    add: (id, string) => {
      const slot = idSlot(id);
      if (byId[slot] !== 0) return;
      used += 1;
      const named = byString[stringSlot(string)] ?? 0;
      if (named === 0) {
        ids = grown(Int32Array, ids, strings.length + 1);
        ids[strings.length] = id;
        strings.push(string);
        byString[stringSlot(string)] = strings.length;
      } else ids[named - 1] = id;
      byId[slot] = named === 0 ? strings.length : named;
      if (used * 2 > byId.length) enlarge();
    },
    stringOf: (number) => strings[number] ?? "",
    idOf: (number) => ids[number] ?? -1,
    ofId: (id) => (byId[idSlot(id)] ?? 0) - 1,
    ofString: (string) => (byString[stringSlot(string)] ?? 0) - 1,
    bytes: () => ids.byteLength + byId.byteLength + byString.byteLength + strings.length * STRING_BYTES,
  };
}

function hashOf(string: string): number {
  let hash = string.length;
  for (let place = 0; place < string.length; place += 1) {
    hash = (Math.imul(hash, 31) + string.charCodeAt(place)) | 0;
  }
  return mixed(hash);
}
