import { growing, grown } from "./growing.ts";
import type { Rows } from "./rows.ts";

// How often what occurs in a lane: how probable it is that a part fits by chance.

/** What judging needs to know of a lane as a whole. */
export interface Statistics {
  /** All names, whoever may match them. */
  readonly names: () => number;
  /** In how many names a part (a number) is. */
  readonly countOf: (token: number) => number;
  /** How many names have a part with this first letter, as traitsOf counts letters. */
  readonly countOfLetter: (letter: number) => number;
  /** How many names there are in the classes that may be matched. */
  readonly visible: (may: Uint8Array) => number;
}

export interface CountedStatistics extends Statistics {
  /** Adds (1) or takes away (-1) the names of an entry. */
  readonly count: (rows: Rows, slot: number, by: 1 | -1) => void;
  readonly bytes: () => number;
}

const LETTERS = 32;
const LETTER_BITS = 31;

export function countStatistics(traits: () => Uint8Array): CountedStatistics {
  let counts = new Int32Array(1024);
  const letters = new Int32Array(LETTERS);
  const byClass = growing(Int32Array);
  let names = 0;

  function countToken(token: number, by: number): void {
    counts = grown(Int32Array, counts, token + 1);
    counts[token] = (counts[token] ?? 0) + by;
    const letter = (traits()[token] ?? 0) & LETTER_BITS;
    letters[letter] = (letters[letter] ?? 0) + by;
  }

  return {
    names: () => names,
    countOf: (token) => counts[token] ?? 0,
    countOfLetter: (letter) => letters[letter] ?? 0,
    visible: (may) => {
      let sum = 0;
      for (let at = 0; at < byClass.length; at += 1) if (may[at] === 1) sum += byClass.array[at] ?? 0;
      return sum;
    },
    count: (rows, slot, by) => {
      const first = rows.firstNames[slot] ?? 0;
      const end = rows.firstNames[slot + 1] ?? 0;
      const last = rows.firstTokens[end] ?? 0;
      for (let at = rows.firstTokens[first] ?? 0; at < last; at += 1) countToken(rows.tokens[at] ?? 0, by);
      const of = rows.classes[slot] ?? 0;
      while (byClass.length <= of) byClass.push(0);
      byClass.array[of] = (byClass.array[of] ?? 0) + by * (end - first);
      names += by * (end - first);
    },
    bytes: () => counts.byteLength,
  };
}

/** As the database counted them: until the index itself is there. */
export function givenStatistics(
  names: number,
  counted: ReadonlyMap<number, number>,
  traits: Uint8Array,
): Statistics {
  const letters = new Int32Array(LETTERS);
  for (const [token, count] of counted) {
    const letter = (traits[token] ?? 0) & LETTER_BITS;
    letters[letter] = (letters[letter] ?? 0) + count;
  }
  return {
    names: () => names,
    countOf: (token) => counted.get(token) ?? 0,
    countOfLetter: (letter) => letters[letter] ?? 0,
    visible: () => names,
  };
}

/** Nothing is known: every part may occur. */
export const noStatistics: Statistics = {
  names: () => 0,
  countOf: () => 1,
  countOfLetter: () => 0,
  visible: () => 0,
};
