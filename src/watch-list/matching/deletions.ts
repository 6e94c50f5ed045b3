// The deletion neighbourhood of a part of a name: the part itself and everything it becomes when letters are taken
// out. Two parts that are few edits apart meet in one of these, so whoever looks up all of his own finds all that are
// alike (the symmetric deletion of Garbe's SymSpell). Only the first letters count, or long parts had hundreds;
// only numbers are made of them, no strings.

const PREFIX = 8;
/** So many letters at most: one edit. More: two. */
const SHORT = 4;
/** Of the longest prefix: itself, eight without one letter, 28 without two. */
export const MOST_DELETIONS = 1 + PREFIX + (PREFIX * (PREFIX - 1)) / 2;

const BASE = 0x01000193;

/** How many edits apart two parts may be to be found by one another. */
export function reach(one: string, other: string): number {
  return one.length <= SHORT && other.length <= SHORT ? 1 : 2;
}

/** Mixes all bits of a number into all others. */
export function mixed(value: number): number {
  let hash = value ^ (value >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Writes the hashes of a part's deletions, some perhaps twice, and says how many they are. */
export function deletionsOf(part: string, hashes: Uint32Array): number {
  const length = Math.min(part.length, PREFIX);
  let count = 0;
  hashes[count++] = mixed(hashed(part, 0, 0, length));
  let head = 0;
  for (let first = 0; first < length; first += 1) {
    const letter = part.charCodeAt(first);
    // Of two equal letters side by side it does not matter which is taken out.
    if (first + 1 === length || letter !== part.charCodeAt(first + 1)) {
      hashes[count++] = mixed(hashed(part, head, first + 1, length));
    }
    if (part.length > SHORT) {
      let middle = head;
      for (let second = first + 1; second < length; second += 1) {
        hashes[count++] = mixed(hashed(part, middle, second + 1, length));
        middle = (Math.imul(middle, BASE) + part.charCodeAt(second)) | 0;
      }
    }
    head = (Math.imul(head, BASE) + letter) | 0;
  }
  return count;
}

// oxlint-disable-next-line max-params -- called 37 times for each part of a million: no object for each
function hashed(part: string, start: number, from: number, to: number): number {
  let hash = start;
  for (let place = from; place < to; place += 1) hash = (Math.imul(hash, BASE) + part.charCodeAt(place)) | 0;
  return hash;
}
