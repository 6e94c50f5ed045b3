/* oxlint-disable complexity -- what is counted are the "?? 0" of typed arrays, which branch nowhere */
import type { Asked, Reading } from "./asked.ts";
import { bornConflict, bornUnknown } from "./birth.ts";
import { grown } from "./growing.ts";
import { allowanceAt, leastLikely, strongest, usualLimit } from "./judgement.ts";
import { levels } from "./likeness.ts";
import { isParticle, likelyOf, particleTrait, sameName, single } from "./scale.ts";

// What a name can come to at most, told from the parts it was found by, before anything else of it is read: most of
// what an index finds ends here. Never less than what weigh (evidence.ts) and isShown (judgement.ts) arrive at.

/** Parts are rows of marks.ts; `other` 0: found by one part alone. */
export interface Bounds {
  /** As far as the birth date (a level of birth.ts, or another number where it is not known yet) and the parts tell. */
  readonly mayFit: (bornLevel: number, row: number, other: number) => boolean;
  /** Whether a name can be shown whose birth date says nothing: there is none, or none was asked. */
  readonly undated: (row: number, other: number) => boolean;
  /** Whether one can be shown although its birth date contradicts. */
  readonly contradicted: (row: number, other: number) => boolean;
}

export interface BoundsOfQuestion extends Bounds {
  /** Begins with a question. `all`: whatever is found may be shown. */
  readonly start: (asked: Asked, all: boolean) => void;
  readonly note: (row: number, noted: Noted) => void;
}

/** A part of the list that is alike to one asked. */
export interface Noted {
  /** Of the listed part. */
  readonly trait: number;
  /** Position in LEVELS. */
  readonly level: number;
  /** log2 of the rarity of the asked part, by level. */
  readonly chances: Float64Array;
  /** A row not noted before in this question. */
  readonly isNew: boolean;
}

/** Against rounding. */
const SLACK = 1e-6;
const usual = Math.log2(usualLimit);
const otherName = likelyOf[levels.namesake] ?? 0;

/** What bounds names by lies by row, written anew for each question: see start and note. */
// oxlint-disable-next-line max-lines-per-function -- one state, and everything that may touch it
export function createBounds(): BoundsOfQuestion {
  // By row: how likely at most, how improbable by chance at most, and the least by which it is more probable than the
  // asked part itself (log2). Row 0 stays 0.
  let likely = new Float64Array(1024);
  let chances = new Float64Array(1024);
  let excess = new Float64Array(1024);
  let everything = true;
  let names = 0;
  /** Where every part of the rarest reading is met by itself. */
  let least = 0;
  /** A reading has more parts than a name is found by; and some by which none is: initials, and Ben in Ben Lewis. */
  let hasMore = false;
  let hasUncounted = false;

  function start({ readings }: Asked, all: boolean): void {
    // Where no whole part was asked initials and particles count, which otherwise do not: such questions are rare.
    everything = all || readings.some((reading) => !hasWhole(reading));
    names = Math.log2(Math.max(...readings.map(({ scale }) => scale.names)));
    least = Math.min(...readings.map(leastChance));
    hasMore = readings.some((reading) => weightyOf(reading) > (reading.alone ? 1 : 2));
    hasUncounted = readings.some((reading) => weightyOf(reading) > countedIn(reading.counting));
  }

  function note(row: number, { trait, level, chances: rarity, isNew }: Noted): void {
    if (row >= likely.length) {
      likely = grown(Float64Array, likely, row + 1);
      chances = grown(Float64Array, chances, likely.length);
      excess = grown(Float64Array, excess, likely.length);
    }
    const chance = rarity[level] ?? 0;
    // A particle of the listed name may be matched and not weighed.
    const isWeighed = (trait & particleTrait) === 0;
    const one = isWeighed ? (likelyOf[level] ?? 0) : 0;
    const more = isWeighed ? chance - (rarity[0] ?? 0) : 0;
    likely[row] = isNew ? one : Math.max(likely[row] ?? 0, one);
    chances[row] = isNew ? chance : Math.min(chances[row] ?? 0, chance);
    excess[row] = isNew ? more : Math.min(excess[row] ?? 0, more);
  }

  function undated(row: number, other: number): boolean {
    if (everything) return true;
    const one = likely[row] ?? 0;
    const two = likely[other] ?? 0;
    // Mario for Maria is shown only beside a birth date that agrees.
    if (one <= otherName || two <= otherName) return false;
    const both = one + two + SLACK;
    const chance = (chances[row] ?? 0) + (chances[other] ?? 0);
    // A part alone is shown where hardly anybody else has it, or where it is the whole of both names.
    const tooUsual = other === 0 && names + chance > usual + SLACK && (one < sameName || hasMore);
    if (!tooUsual && both + allowanceAt(names + chance) >= leastLikely) return true;
    if (!hasMore) return false;
    // Of the parts that a name is found by these two are the likeliest.
    const third = hasUncounted ? 0 : Math.min(one, two);
    const all = least + (excess[row] ?? 0) + (excess[other] ?? 0);
    return both + third + allowanceAt(names + all) >= leastLikely;
  }

  function contradicted(row: number, other: number): boolean {
    if (everything) return true;
    if ((likely[row] ?? 0) < sameName || (likely[other] ?? 0) < sameName) return false;
    return names + least + (excess[row] ?? 0) + (excess[other] ?? 0) - SLACK <= Math.log2(strongest);
  }

  return {
    start,
    note,
    undated,
    contradicted,
    mayFit: (level, row, other) => {
      if (level === bornUnknown) return undated(row, other);
      return level !== bornConflict || contradicted(row, other);
    },
  };
}

function leastChance({ scale: { asked, chances } }: Reading): number {
  return asked.reduce((sum, _part, place) => sum + (chances[place * 16] ?? 0), 0);
}

function weightyOf({ scale: { traits } }: Reading): number {
  return traits.filter((trait, place) => !isParticle(trait, place)).length;
}

function hasWhole({ scale: { traits } }: Reading): boolean {
  return traits.some((trait) => (trait & (single | particleTrait)) === 0);
}

function countedIn(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}
