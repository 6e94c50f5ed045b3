import { buildLists, type Lists } from "./buckets.ts";
import { deletionsOf, mixed, MOST_DELETIONS } from "./deletions.ts";
import { growing } from "./growing.ts";
import { codesOf } from "./likeness.ts";
import type { TokenNumbers } from "./token-numbers.ts";

// An index of parts of names, made once and never changed: by their deletions and by their codes.

/** Parts numbered `from` up to, not including, `to`. */
export interface VocabularyBlock {
  readonly from: number;
  readonly to: number;
  /**
   * A bucket for the upper bits of a deletion's hash. An item is a part, counted from `from`, in the lower
   * `tokenBits`; what bits are left hold the lower ones of the hash, so that hardly any other one answers.
   */
  readonly deletions: Lists;
  readonly deletionShift: number;
  readonly tokenBits: number;
  /** A bucket for the upper bits of a code's hash; beside each part (a number) its whole code. */
  readonly parts: Lists;
  readonly codes: Uint32Array;
  readonly codeShift: number;
}

/** Parts between two breaths: a fraction of a millisecond. */
const BREATH = 128;

/** Stops after every few parts, for whoever wants to do something else in between. */
// oxlint-disable-next-line max-lines-per-function, complexity -- two rounds over the same parts, with pauses
export function* buildVocabularyBlock(
  numbers: TokenNumbers,
  from: number,
  to: number,
): Generator<undefined, VocabularyBlock> {
  const tokenBits = bitsFor(to - from);
  // Both aim at a handful of items in a bucket.
  const deletionShift = 32 - bitsFor((to - from) * 10);
  const codeShift = 32 - bitsFor(to - from);
  const deletions = buildLists(2 ** (32 - deletionShift));
  const parts = buildLists(2 ** (32 - codeShift));
  const hashes = new Uint32Array(MOST_DELETIONS);
  const all = growing(Uint32Array, (to - from) * 4);
  const counts = new Uint8Array(to - from);

  for (let number = from; number < to; number += 1) {
    const string = numbers.stringOf(number);
    const found = deletionsOf(string, hashes);
    for (let at = 0; at < found; at += 1) deletions.count((hashes[at] ?? 0) >>> deletionShift);
    const codes = codesOf(string);
    counts[number - from] = codes.length;
    for (const code of codes) {
      parts.count(mixed(code) >>> codeShift);
      all.push(code);
    }
    if (number % BREATH === 0) yield;
  }
  deletions.counted();
  yield;
  parts.counted();
  const codes = new Uint32Array(all.length);
  for (let number = from, next = 0; number < to; number += 1) {
    const found = deletionsOf(numbers.stringOf(number), hashes);
    for (let at = 0; at < found; at += 1) {
      const hash = hashes[at] ?? 0;
      deletions.add(hash >>> deletionShift, ((hash << tokenBits) | (number - from)) >>> 0);
    }
    for (const end = next + (counts[number - from] ?? 0); next < end; next += 1) {
      const code = all.array[next] ?? 0;
      codes[parts.add(mixed(code) >>> codeShift, number)] = code;
    }
    if (number % BREATH === 0) yield;
  }
  return {
    from,
    to,
    deletions: deletions.lists(),
    deletionShift,
    tokenBits,
    parts: parts.lists(),
    codes,
    codeShift,
  };
}

/** The bits of a number that counts up to `count`; shifting by 32 would not shift at all. */
function bitsFor(count: number): number {
  return Math.min(24, Math.max(1, Math.ceil(Math.log2(Math.max(1, count)))));
}

/** The parts that have one of these deletions; some perhaps several times, some perhaps by chance. */
export function eachByDeletion(block: VocabularyBlock, hash: number, visit: (number: number) => void): void {
  const { deletions, deletionShift, tokenBits, from } = block;
  const { starts, items } = deletions;
  const bucket = hash >>> deletionShift;
  const wanted = hash << tokenBits;
  const last = (1 << tokenBits) - 1;
  const end = starts[bucket + 1] ?? 0;
  for (let at = starts[bucket] ?? 0; at < end; at += 1) {
    const item = items[at] ?? 0;
    if ((item ^ wanted) >>> tokenBits === 0) visit(from + (item & last));
  }
}

/** The parts that have this code. */
export function eachByCode(block: VocabularyBlock, code: number, visit: (number: number) => void): void {
  const { parts, codes, codeShift } = block;
  const bucket = mixed(code) >>> codeShift;
  const end = parts.starts[bucket + 1] ?? 0;
  for (let at = parts.starts[bucket] ?? 0; at < end; at += 1) {
    if (codes[at] === code) visit(parts.items[at] ?? 0);
  }
}

export function blockBytes({ deletions, parts, codes }: VocabularyBlock): number {
  return (
    deletions.starts.byteLength +
    deletions.items.byteLength +
    parts.starts.byteLength +
    parts.items.byteLength +
    codes.byteLength
  );
}
