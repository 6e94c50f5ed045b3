import { deletionsOf, MOST_DELETIONS, reach } from "./deletions.ts";
import { createDistance, FAR } from "./distance.ts";
import { grown } from "./growing.ts";
import { codesOf, levelOf, levels, sharedKinds } from "./likeness.ts";
import { traitsOf } from "./scale.ts";
import { createTokenNumbers, type TokenNumbers } from "./token-numbers.ts";
import {
  blockBytes,
  buildVocabularyBlock,
  eachByCode,
  eachByDeletion,
  type VocabularyBlock,
} from "./vocabulary-block.ts";

// All parts of names that occur in the list, and which of them are like a part that was asked. All fuzzy work
// happens here: this grows far slower than the list, and nothing fuzzy ever touches an entry.

/** The parts like one that was asked, in no order: numbers, and how alike (a position in LEVELS). */
export interface Alike {
  readonly tokens: Int32Array;
  readonly levels: Uint8Array;
}

export interface Vocabulary extends Pick<
  TokenNumbers,
  "size" | "add" | "stringOf" | "idOf" | "ofId" | "ofString"
> {
  /** All that levelOf calls alike, but for the initials of an asked initial, which are too many: see firstLetter. */
  readonly alike: (part: string) => Alike;
  /** Those that are at most two edits apart, of short parts one; some perhaps twice. Far quicker. */
  readonly near: (part: string) => readonly number[];
  /** By number, what weighing needs to know of a part: see traitsOf. */
  readonly traits: () => Uint8Array;
  /** Indexes what was added, a little at each step; what waits is compared one by one meanwhile. */
  readonly settling: () => Generator<undefined, void>;
  readonly isSettled: () => boolean;
  readonly bytes: () => number;
}

/** So many parts may wait to be indexed: comparing with all of them takes some hundredths of a millisecond. */
const MOST_WAITING = 256;
/** More than this are not compared one by one: the first loading. */
const TOO_MANY_WAITING = 8192;
/** Asked parts whose likes are kept: about a kilobyte each. */
const MOST_KEPT = 4000;
/** In a mask of shared kinds of code: has been met. */
const MET = 1 << 15;

/** How alike two parts are, or -1, at the distance that the index looks at. */
export function alikeLevel(
  asked: string,
  listed: string,
  found: { distance: number; shared: number },
): number {
  const { distance, shared } = found;
  return levelOf({ distance: distance > reach(asked, listed) ? FAR : distance, asked, listed, shared });
}

// A shape: which letters occur (27 bits), and how many they are, less one (5 bits).
const LETTERS = 27;

function shapeOf(part: string): number {
  let letters = 0;
  for (let at = 0; at < part.length; at += 1) letters |= 1 << (((part.charCodeAt(at) - 96) & 31) % LETTERS);
  return ((Math.min(32, part.length) - 1) << LETTERS) | letters;
}

function isLetter(shape: number): boolean {
  return shape >>> LETTERS === 0;
}

/** More than two edits apart for certain: each changes the length by one at most, and two letters of those that occur. */
function areFar(one: number, other: number): boolean {
  const longer = (one >>> LETTERS) - (other >>> LETTERS);
  return longer > 2 || longer < -2 || bitsIn((one ^ other) & ((1 << LETTERS) - 1)) > 4;
}

function bitsIn(bits: number): number {
  let rest = bits - ((bits >>> 1) & 0x55555555);
  rest = (rest & 0x33333333) + ((rest >>> 2) & 0x33333333);
  return Math.imul((rest + (rest >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

// oxlint-disable-next-line max-lines-per-function -- one state, and everything that may touch it
export function createVocabulary(): Vocabulary {
  const numbers = createTokenNumbers();
  const distance = createDistance();
  const hashes = new Uint32Array(MOST_DELETIONS);
  let blocks: readonly VocabularyBlock[] = [];
  /** From here on nothing is indexed yet. */
  let indexed = 0;
  /** Codes of parts that wait, by number from `indexed`. */
  let waitingCodes: (readonly number[])[] = [];
  // The parts met so far, and for each a mask of the kinds of code shared; all 0 between two calls.
  let met = new Int32Array(1024);
  let metCount = 0;
  let masks = new Uint16Array(1024);
  let levelsFound = new Uint8Array(1024);
  let traits = new Uint8Array(1024);
  let shapes = new Uint32Array(1024);
  const kept = new Map<string, Alike>();
  let keptAt = 0;

  function meet(number: number): void {
    const mask = masks[number] ?? 0;
    if (mask !== 0) return;
    masks[number] = MET;
    met[metCount++] = number;
  }

  function meetCodes(block: VocabularyBlock, codes: readonly number[]): void {
    for (const code of codes) {
      const bit = 1 << (code & 15);
      eachByCode(block, code, (number) => {
        meet(number);
        masks[number] = (masks[number] ?? 0) | bit;
      });
    }
  }

  function meetWaiting(codes: readonly number[]): void {
    for (let number = indexed; number < numbers.size(); number += 1) {
      const theirs = (waitingCodes[number - indexed] ??= codesOf(numbers.stringOf(number)));
      meet(number);
      masks[number] = MET | sharedKinds(codes, theirs);
    }
  }

  /** Keeps of what was met only what is alike, and cleans up behind itself. */
  // The loop over everything that was met: nothing is called in it that need not be.
  // oxlint-disable-next-line complexity
  function keepAlike(part: string): Alike {
    distance.from(part);
    const shape = shapeOf(part);
    let count = 0;
    for (let at = 0; at < metCount; at += 1) {
      const number = met[at] ?? 0;
      const shared = (masks[number] ?? 0) & ~MET;
      masks[number] = 0;
      const far = areFar(shape, shapes[number] ?? 0);
      // Most of what is met by chance ends here, before its letters are fetched from somewhere in memory.
      if (far && shared === 0 && !isLetter(shapes[number] ?? 0)) continue;
      const listed = numbers.stringOf(number);
      const found = far ? FAR : distance.to(listed);
      if (found === FAR && shared === 0 && listed.length > 1) continue;
      const level = alikeLevel(part, listed, { distance: found, shared });
      if (level === -1 || (level === levels.initial && part.length === 1)) continue;
      met[count] = number;
      levelsFound[count] = level;
      count += 1;
    }
    metCount = 0;
    return { tokens: met.slice(0, count), levels: levelsFound.slice(0, count) };
  }

  /** The same given names are asked about all day; a larger vocabulary may hold more that is alike. */
  function alike(part: string): Alike {
    if (keptAt !== numbers.size() || kept.size >= MOST_KEPT) {
      kept.clear();
      keptAt = numbers.size();
    }
    const found = kept.get(part) ?? lookUp(part);
    kept.set(part, found);
    return found;
  }

  function lookUp(part: string): Alike {
    if (numbers.size() - indexed > TOO_MANY_WAITING) for (const _step of settling());
    met = grown(Int32Array, met, numbers.size());
    masks = grown(Uint16Array, masks, numbers.size());
    levelsFound = grown(Uint8Array, levelsFound, numbers.size());
    for (const exact of [part, part.charAt(0)]) {
      const number = numbers.ofString(exact);
      if (number !== -1) meet(number);
    }
    if (part.length > 1) {
      const codes = codesOf(part);
      const found = deletionsOf(part, hashes);
      for (const block of blocks) {
        meetCodes(block, codes);
        for (let at = 0; at < found; at += 1) eachByDeletion(block, hashes[at] ?? 0, meet);
      }
      meetWaiting(codes);
    }
    return keepAlike(part);
  }

  function near(part: string): readonly number[] {
    distance.from(part);
    const shape = shapeOf(part);
    const all: number[] = [];
    const look = (number: number): void => {
      if (areFar(shape, shapes[number] ?? 0)) return;
      const listed = numbers.stringOf(number);
      if (distance.to(listed) <= reach(part, listed)) all.push(number);
    };
    const found = deletionsOf(part, hashes);
    for (const block of blocks) {
      for (let at = 0; at < found; at += 1) eachByDeletion(block, hashes[at] ?? 0, look);
    }
    for (let number = indexed; number < numbers.size(); number += 1) look(number);
    return all;
  }

  function isSettled(): boolean {
    return numbers.size() - indexed <= MOST_WAITING;
  }

  function* settling(): Generator<undefined, void> {
    while (!isSettled()) {
      const to = numbers.size();
      // Blocks that are not much larger than what is new are made anew with it: there are never many.
      const kept = blocks.filter((block) => block.to - block.from > 2 * (to - block.to));
      const from = kept.at(-1)?.to ?? 0;
      const block = yield* buildVocabularyBlock(numbers, from, to);
      blocks = [...kept, block];
      waitingCodes = waitingCodes.slice(to - indexed);
      indexed = to;
    }
  }

  return {
    ...numbers,
    add: (id, string) => {
      const number = numbers.size();
      numbers.add(id, string);
      if (numbers.size() === number) return;
      traits = grown(Uint8Array, traits, number + 1);
      traits[number] = traitsOf(string);
      shapes = grown(Uint32Array, shapes, number + 1);
      shapes[number] = shapeOf(string);
    },
    alike,
    near,
    traits: () => traits,
    settling,
    isSettled,
    bytes: () =>
      numbers.bytes() +
      met.byteLength +
      traits.byteLength +
      shapes.byteLength +
      masks.byteLength +
      levelsFound.byteLength +
      blocks.reduce((sum, block) => sum + blockBytes(block), 0),
  };
}
