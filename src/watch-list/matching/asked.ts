import { bornAsked, type BornAsked } from "./birth.ts";
import { datesToLookUp } from "./date-block.ts";
import { interpretationsOf } from "./interpretations.ts";
import { LEVELS, levels } from "./likeness.ts";
import { SLOTS } from "./marks.ts";
import { readName, type ReadName } from "./name-reader.ts";
import type { Question } from "./question.ts";
import { smooth } from "./rarity.ts";
import { chanceOf, likelyOf, particleTrait, scaleOf, single, traitsOf, type Scale } from "./scale.ts";
import type { Statistics } from "./statistics.ts";
import type { Alike, Vocabulary } from "./vocabulary.ts";

// A question as one lane understands it: its parts, what they are alike to there, and what that is worth.

/** So many parts of names at most stand for an asked one, the most alike first. */
const MOST_ALIKE = 190;

/** A part of so few letters that hardly any name has is not taken for one half of a part. */
const SHORT = 3;
const RARE = 1e-5;

/** log2 of how likely it is that two parts which are close are the same person's. */
const CLOSE = -5.5;

/** Entries weighed for a question of one part: if more are called so, it is not one person who is looked for. */
const MOST_ALONE = 1_000;

/** Names of a lane that speaks for itself. */
const LARGE = 500_000;

/** One way to read the name: as written, with two parts joined, with one taken apart. */
export interface Reading {
  readonly scale: Scale;
  /** By place in this reading: its slot in the marks. */
  readonly slots: Int8Array;
  /** A bit for each place that counts: whole parts, unless there are only initials and particles. */
  readonly counting: number;
  /** Only one part counts: names that have one like it are candidates. Otherwise those that have two. */
  readonly alone: boolean;
  /** A bit for each slot that the first reading has not. */
  readonly novel: number;
}

/** An asked part, and the parts of listed names that stand for it: numbers, the likeliest first. */
export interface Slot {
  readonly part: string;
  readonly tokens: Int32Array;
  readonly levels: Uint8Array;
  /** log2 of the share of all names that have a part at least this alike, by level. */
  readonly chances: Float64Array;
}

export interface Asked {
  readonly name: ReadName | undefined;
  readonly readings: readonly Reading[];
  readonly slots: readonly Slot[];
  /** Bits of slots: of which two have to be found, and of which one is enough. */
  readonly paired: number;
  readonly alone: number;
  /** By slot, the bits of those that make a pair with it: other parts of the same reading. */
  readonly companions: Int32Array;
  /** So many names at most are weighed that have no more in common than one part. */
  readonly mostAlone: number;
  readonly born: BornAsked | undefined;
  /** yyyymmdd, in order. */
  readonly dates: readonly number[];
}

export interface Asking {
  readonly vocabulary: Vocabulary;
  readonly statistics: Statistics;
  /** How many names may be matched. */
  readonly visible: number;
  /** The same part is looked up once for both lanes. */
  readonly alike: (part: string) => Alike;
  readonly near: (part: string) => readonly number[];
}

export function ask(question: Question, asking: Asking): Asked {
  const { vocabulary, statistics } = asking;
  const name = question.name === undefined ? undefined : readName(question.name);
  const rare = statistics.names() * RARE;
  // Among a million names every two letters are somebody's: what is that short has to be a usual name.
  const known = (part: string) => {
    const token = vocabulary.ofString(part);
    return token !== -1 && statistics.countOf(token) > (part.length <= SHORT ? rare : 0);
  };
  const countOf = (part: string) => statistics.countOf(vocabulary.ofString(part));
  const occurs = (token: number) => statistics.countOf(token) > 0;
  // What is looked up anyway answers at once; for what is only thought of that would take several times as long.
  const strange = (part: string) =>
    name?.parts.includes(part) === true
      ? !hasClose(asking.alike(part), statistics)
      : !asking.near(part).some(occurs);
  const interpretations =
    name === undefined
      ? [[]]
      : interpretationsOf(name.parts, { known, strange }).filter(isTelling(name.parts, countOf));
  const slots: Slot[] = [];
  const slotOf = new Map<string, number>();
  const rarity: Float64Array[] = [];
  for (const part of new Set(interpretations.flat())) {
    const alike = asking.alike(part);
    slotOf.set(part, slots.length);
    const shares = rarityOf(alike, part, statistics);
    slots.push({ part, ...likeliest(alike, part, asking), chances: shares.map(chanceOf) });
    rarity.push(shares);
  }
  const readings = interpretations.map((parts) => {
    const places = Int8Array.from(parts, (part) => slotOf.get(part) ?? 0);
    const scale = scaleOf({
      parts,
      suffix: name?.suffix,
      rarity: Array.from(places, (slot) => rarity[slot] ?? new Float64Array(LEVELS.length)),
      names: asking.visible,
      born: question.born,
    });
    return { scale, slots: places, ...countingOf(parts), novel: 0 };
  });
  return {
    mostAlone: MOST_ALONE,
    name,
    slots,
    born: bornAsked(question.born),
    dates: datesToLookUp(question.born),
    ...together(readings),
  };
}

/** Somebody's name has a part with a slip or two less. */
function hasClose({ tokens, levels: found }: Alike, { countOf }: Statistics): boolean {
  for (let at = 0; at < tokens.length; at += 1) {
    if ((likelyOf[found[at] ?? 0] ?? 0) >= CLOSE && countOf(tokens[at] ?? 0) > 0) return true;
  }
  return false;
}

/** Johnson is not John Son: both halves of a part have to be at least as usual as the whole. */
function isTelling(written: readonly string[], countOf: (part: string) => number) {
  return (parts: readonly string[]): boolean => {
    const [whole, ...others] = written.filter((part) => !parts.includes(part));
    if (whole === undefined || others.length > 0) return true;
    const halves = parts.filter((part) => !written.includes(part));
    return Math.min(...halves.map(countOf)) >= countOf(whole);
  };
}

function countingOf(parts: readonly string[]): Pick<Reading, "counting" | "alone"> {
  const whole = parts.map((part) => (traitsOf(part) & (single | particleTrait)) === 0);
  const some = whole.includes(true);
  const counting = whole.reduce((bits, is, place) => (is || !some ? bits | (1 << place) : bits), 0);
  return { counting, alone: whole.filter(Boolean).length < 2 };
}

function together(readings: readonly Reading[]): Pick<Asked, "readings" | "paired" | "alone" | "companions"> {
  const [first] = readings;
  const written = bitsOf(first?.slots ?? new Int8Array(), -1);
  const companions = new Int32Array(SLOTS);
  let [paired, alone] = [0, 0];
  for (const reading of readings) {
    const bits = bitsOf(reading.slots, reading.counting);
    if (reading.alone) {
      alone |= bits;
      continue;
    }
    paired |= bits;
    // A part is in a reading once only.
    for (const slot of reading.slots) {
      const isOne = (bits & (1 << slot)) !== 0;
      if (isOne) companions[slot] = (companions[slot] ?? 0) | (bits & ~(1 << slot));
    }
  }
  return {
    readings: readings.map((reading) => ({ ...reading, novel: bitsOf(reading.slots, -1) & ~written })),
    paired,
    alone,
    companions,
  };
}

function bitsOf(slots: Int8Array, places: number): number {
  let bits = 0;
  for (const [place, slot] of slots.entries()) if ((places & (1 << place)) !== 0) bits |= 1 << slot;
  return bits;
}

/** In a number to sort by: a level, then how many names have the part (the most first), then the part. */
const COUNTS = 2 ** 24;
const TOKENS = 2 ** 24;

/** Those that occur in this lane, by how alike they are and then by how many names have them. */
function likeliest(
  { tokens, levels: found }: Alike,
  part: string,
  { statistics }: Asking,
): Pick<Slot, "tokens" | "levels"> {
  const keys = new Float64Array(tokens.length);
  let count = 0;
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at] ?? 0;
    const names = statistics.countOf(token);
    if (names === 0) continue;
    keys[count] = ((found[at] ?? 0) * COUNTS + COUNTS - 1 - Math.min(names, COUNTS - 1)) * TOKENS + token;
    count += 1;
  }
  const sorted = keys.subarray(0, count).sort();
  const levelAt = (at: number) => Math.floor((sorted[at] ?? 0) / (COUNTS * TOKENS));
  // Not by "%": on fractions of this size that takes longer than all the rest.
  const tokenAt = (at: number) => (sorted[at] ?? 0) - Math.floor((sorted[at] ?? 0) / TOKENS) * TOKENS;
  let kept = Math.min(count, MOST_ALIKE);
  for (let at = kept; at < count; at += 1) {
    // The initial stands for any part that begins so, however many are more alike.
    if (levelAt(at) !== levels.initial || part.length === 1) continue;
    sorted[kept] = sorted[at] ?? 0;
    kept += 1;
  }
  return {
    tokens: Int32Array.from({ length: kept }, (_none, at) => tokenAt(at)),
    levels: Uint8Array.from({ length: kept }, (_none, at) => levelAt(at)),
  };
}

/**
 * By level: the share of names that have a part at least this alike, steadied by the population's: in a list of three
 * entries not everything usual is rare, nor everything common. All names of the lane count, also of entries that the
 * asker may not match: how probable a chance hit is does not depend on who asks. So they may move the order and the
 * band, by one name in ten thousand each and in no sentence: what is said of how rare a part is, is the population's
 * alone (judgement.ts).
 */
function rarityOf({ tokens, levels: found }: Alike, part: string, statistics: Statistics): Float64Array {
  const shares = new Float64Array(LEVELS.length);
  for (let at = 0; at < tokens.length; at += 1) {
    const level = found[at] ?? 0;
    shares[level] = (shares[level] ?? 0) + statistics.countOf(tokens[at] ?? 0);
  }
  if (part.length === 1) shares[levels.initial] = statistics.countOfLetter(traitsOf(part) & 31);
  const names = statistics.names();
  let sum = 0;
  for (let level = 0; level < shares.length; level += 1) {
    sum += shares[level] ?? 0;
    shares[level] = Math.min(1, sum / Math.max(1, names));
  }
  // To so many names the population adds nothing but time.
  return names < LARGE ? smooth(shares, part, names) : shares;
}
