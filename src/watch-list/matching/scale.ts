import { bornAsked, bornLevels, type BornAsked } from "./birth.ts";
import { LEVELS } from "./likeness.ts";
import { MOST_PARTS, suffixes, type Suffix } from "./name-reader.ts";
import type { Born } from "./question.ts";

// A question, made ready for weighing: what each of its parts is worth when it is met, and how probable that is by chance.

export interface ScaleInput {
  /** One interpretation of the name asked. */
  readonly parts: readonly string[];
  readonly suffix?: Suffix | undefined;
  /** rarity[place][level]: share of the lane's names with a part at least this alike, above 0 to 1. */
  readonly rarity: readonly Readonly<ArrayLike<number>>[];
  /** How many names the asker may match in this lane. */
  readonly names: number;
  readonly born?: Born | undefined;
}

/** A question, made ready for weighing. */
export interface Scale {
  readonly asked: readonly string[];
  readonly traits: Uint8Array;
  /** log2 of the rarity, [place * 16 + level]. */
  readonly chances: Float64Array;
  /** What a match is worth, in bits: [place * 16 + level]. */
  readonly worths: Float64Array;
  readonly suffix: number;
  readonly names: number;
  readonly born: BornAsked | undefined;
  /** log2 of how probable each level of birth.ts is by chance. */
  readonly bornChances: Float64Array;
}

/** Bits of traits: the first letter (1 = a … 26; 27: a digit), a single letter, a particle, "son of". */
export const single = 32;
export const particleTrait = 64;
export const sonOf = 128;
const sonWords: ReadonlySet<string> = new Set(["bin", "ben", "ibn", "bint", "bat"]);
const particles: ReadonlySet<string> = new Set(
  "al el ul ur ud bin ben bint ibn abu umm haji hajji hajj mullah mulla qari sheikh shaikh shaykh de da do dos das del della di der den du la las le los van von zu zum und ter ten af av st san santa bar bat na".split(
    " ",
  ),
);

/** At the beginning of a name Ben, Al and Van are names. */
export function isParticle(trait: number | undefined, place: number): boolean {
  return place > 0 && ((trait ?? 0) & particleTrait) !== 0;
}

/** What weighing needs to know of a part, in a byte. */
export function traitsOf(part: string): number {
  const first = part.charCodeAt(0) - 96;
  const letter = first >= 1 && first <= 26 ? first : 27;
  const particle = particles.has(part) ? particleTrait : 0;
  return letter | particle | (part.length === 1 ? single : 0) | (sonWords.has(part) ? sonOf : 0);
}

/** 0 for none; otherwise its place, from 1. */
export function suffixNumber(suffix: Suffix | undefined): number {
  return suffix === undefined ? 0 : suffixes.indexOf(suffix) + 1;
}

/** log2 of how often the same person's part differs so, by level. */
const likelihood: Readonly<Record<(typeof LEVELS)[number], number>> = {
  same: -0.4,
  variant: -2,
  nickname: -3,
  one_letter_sounds: -2.2,
  one_letter_vowel: -3,
  misread: -3.5,
  one_letter: -3.5,
  one_letter_short: -5.5,
  consonants: -3.5,
  sounds_alike: -4.5,
  two_letters: -5.5,
  distant: -7,
  part_of: -7,
  doubtful: -8.7,
  initial: -3,
  namesake: -9.5,
};
export const likelyOf = Float64Array.from(LEVELS, (level) => likelihood[level]);
/** As likely at least is a part that counts as the same. */
export const sameName = likelihood.variant;

const rarest = 1e-6;
/** A list of fewer names is no reason to think a name rare. */
const FEWEST_NAMES = 10_000;

// By the levels of birth.ts: how probable by chance (one in 68 years).
const bornChances = Float64Array.of(-14.6, -13.6, -13, -13, -3, -9.5, -6, -9, 0, 0);

export function scaleOf({ parts, suffix, rarity, names, born }: ScaleInput): Scale {
  const chances = new Float64Array(MOST_PARTS * 16);
  const worths = new Float64Array(MOST_PARTS * 16);
  const traits = Uint8Array.from(parts, traitsOf);
  for (let place = 0; place < parts.length; place += 1) {
    const particle = isParticle(traits[place], place);
    for (let level = 0; level < LEVELS.length; level += 1) {
      const chance = particle ? 0 : chanceOf(rarity[place]?.[level] ?? rarest);
      chances[place * 16 + level] = chance;
      // Whatever is alike is worth being matched: it must not be left over.
      worths[place * 16 + level] = particle ? 0.1 : Math.max(0.2, (likelyOf[level] ?? 0) + 12 - chance / 10);
    }
  }
  return {
    asked: parts,
    traits,
    chances,
    worths,
    suffix: suffixNumber(suffix),
    names: Math.max(names, FEWEST_NAMES),
    born: bornAsked(born),
    bornChances: bornChances.with(bornLevels.indexOf("in_range"), yearsChance(born?.years ?? 0)),
  };
}

/** log2 of a share of all names, which is taken for no smaller than one in a million. */
export function chanceOf(share: number): number {
  return Math.log2(Math.min(1, Math.max(rarest, share)));
}

/** log2 of the share of people born within so many years, one way or the other, of some day. */
function yearsChance(years: number): number {
  return Math.log2(Math.min(1, (2 * years + 1) / 70));
}
