import { assign } from "./assignment.ts";
import { bornConflict, bornLevel, bornUnknown } from "./birth.ts";
import { levels } from "./likeness.ts";
import { MOST_PARTS } from "./name-reader.ts";
import { isParticle, likelyOf, single, sonOf, type Scale } from "./scale.ts";

// What one listed name says for or against the one asked. How an index uses it:
//
//   const { parts, suffix } = readName(text)
//   for each reading of interpretationsOf(parts, known)       // parts as written, neighbours joined, one part split
//     expand each part: every alike token with levelOf(...)   // -> level of token for asked place
//     rarity[place][level] = share of all names with a part at least this alike (cumulative), steadied by smooth()
//     const scale = scaleOf({ parts, suffix, rarity, names, born })         // once for each question and lane
//     const listed = emptyListed(), out = emptyWeighed()                    // once; used again for every name
//     for each candidate name:
//       listed.parts = its number of parts (<= 8)
//       listed.traits[k] = traitsOf(part k)                   // kept per token as one byte: Uint8Array
//       listed.levels[asked place * 8 + k] = level or -1      // ALL asked * parts cells
//       listed.suffix = suffixNumber(suffix)                  // 0: none
//       listed.born = the entry's dates, yyyymmdd             // none: empty
//       weigh(scale, listed, out)
//       // order by out.bits, the greatest first; one entry's best name and best interpretation count
//     judge(scale, out, { listed: strings, born, tied })      // judgement.ts: only for what is shown or asked for
//
// An initial has no code and no neighbourhood: where asked part or token has one letter, the level is
// levels.initial if their first letters are equal (traits & 31). More than five groups with the same bits: pass
// `tied: true` to judge, and nothing is STRONG.

/** One listed name, written into again and again. */
export interface Listed {
  parts: number;
  /** [asked place * 8 + listed place]: level, or -1. */
  readonly levels: Int8Array;
  readonly traits: Uint8Array;
  suffix: number;
  born: Readonly<ArrayLike<number>>;
}

/** What a name weighs, written into again and again. */
export interface Weighed {
  /** Evidence in bits: for the order. */
  bits: number;
  /** log2 of how probable it is that the same person's name was written so differently. */
  likely: number;
  /** The same without the birth date. */
  nameLikely: number;
  /** log2 of how probable it is that another person fits as well: the name alone, and with the date. */
  nameChance: number;
  chance: number;
  /** Per asked place: the listed place or -1. */
  readonly matches: Int8Array;
  readonly levels: Int8Array;
  /** Parts of weight that found their like; and of those, initials, and usual names that are close to another. */
  matched: number;
  initials: number;
  namesakes: number;
  /** What contradicts: full parts left over on both sides, father and son the other way round. */
  conflicts: number;
  /** An initial that fits nothing on the other side. */
  initialConflict: boolean;
  suffixConflict: boolean;
  extraAsked: number;
  extraListed: number;
  swapped: boolean;
  /** Every part of both names found its like, spelled the same or as a usual variant. */
  exact: boolean;
  /** Position in bornLevels. */
  born: number;
}

export function emptyListed(): Listed {
  return {
    parts: 0,
    levels: new Int8Array(64).fill(-1),
    traits: new Uint8Array(MOST_PARTS),
    suffix: 0,
    born: [],
  };
}

export function emptyWeighed(): Weighed {
  return {
    bits: 0,
    likely: 0,
    nameLikely: 0,
    nameChance: 0,
    chance: 0,
    matches: new Int8Array(MOST_PARTS),
    levels: new Int8Array(MOST_PARTS),
    matched: 0,
    initials: 0,
    namesakes: 0,
    conflicts: 0,
    initialConflict: false,
    suffixConflict: false,
    extraAsked: 0,
    extraListed: 0,
    swapped: false,
    exact: false,
    born: bornUnknown,
  };
}

const worth = new Float64Array(MOST_PARTS * MOST_PARTS);
const tables = { worth, matches: new Int8Array(MOST_PARTS) };

/** Weighs one listed name into `out`. No allocation: called for hundreds of names in every question. */
export function weigh(scale: Scale, listed: Listed, out: Weighed): void {
  fillWorth(scale, listed);
  const asked = scale.asked.length;
  assign(asked, listed.parts, tables);
  out.matches.set(tables.matches);
  sumMatches(scale, listed, out);
  sumLeftOver(scale, listed, out);
  sumOther(scale, listed, out);
  out.bits = out.likely - out.chance;
}

function fillWorth({ asked, worths }: Scale, listed: Listed): void {
  const lastAsked = asked.length - 1;
  const lastListed = listed.parts - 1;
  for (let one = 0; one <= lastAsked; one += 1)
    for (let other = 0; other <= lastListed; other += 1) {
      const level = listed.levels[one * MOST_PARTS + other] ?? -1;
      // Short forms are of given names: Hal is Henry at the beginning of a name, not at its end.
      const surnames = one === lastAsked && other === lastListed && lastAsked > 0 && lastListed > 0;
      const none = level < 0 || (level === levels.nickname && surnames);
      // Where two fit equally well, the one in the same place.
      worth[one * MOST_PARTS + other] = none
        ? 0
        : (worths[one * 16 + level] ?? 0) - Math.abs(one - other) * 0.01;
    }
}

function sumMatches({ asked, chances, traits }: Scale, listed: Listed, out: Weighed): void {
  out.likely = 0;
  out.nameChance = 0;
  out.matched = 0;
  out.initials = 0;
  out.namesakes = 0;
  out.swapped = false;
  out.exact = true;
  let before = -1;
  for (let one = 0; one < asked.length; one += 1) {
    const other = out.matches[one] ?? -1;
    if (other < 0) {
      out.levels[one] = -1;
      continue;
    }
    const level = listed.levels[one * MOST_PARTS + other] ?? -1;
    out.levels[one] = level;
    if (isParticle(traits[one], one) || isParticle(listed.traits[other], other)) continue;
    out.likely += likelyOf[level] ?? 0;
    out.nameChance += chances[one * 16 + level] ?? 0;
    out.matched += 1;
    countLevel(level, out);
    if (other < before) out.swapped = true;
    before = other;
  }
}

function countLevel(level: number, out: Weighed): void {
  if (level > levels.variant) out.exact = false;
  if (level === levels.initial) out.initials += 1;
  if (level === levels.namesake) out.namesakes += 1;
}

const conflictCost = 9;
const initialConflictCost = 6;
const extraAskedCost = 1.5;
const extraListedCost = 0.7;
const swappedCost = 0.5;
const reversedCost = 9;
const suffixCost = 7;

function sumLeftOver({ asked, traits }: Scale, listed: Listed, out: Weighed): void {
  let askedUsed = 0;
  let listedUsed = 0;
  for (let one = 0; one < asked.length; one += 1) {
    const other = out.matches[one] ?? -1;
    if (other < 0) continue;
    askedUsed |= 1 << one;
    listedUsed |= 1 << other;
  }
  const askedLeft = leftOver(traits, asked.length, askedUsed);
  const listedLeft = leftOver(listed.traits, listed.parts, listedUsed);
  const conflicts = Math.min(askedLeft & FULL, listedLeft & FULL);
  const moreAsked = (askedLeft & FULL) + (askedLeft >> INITIALS) - conflicts;
  const moreListed = (listedLeft & FULL) + (listedLeft >> INITIALS) - conflicts;
  const initialConflicts = Math.min(moreAsked, moreListed);
  out.conflicts = conflicts;
  out.initialConflict = initialConflicts > 0;
  out.extraAsked = moreAsked - initialConflicts;
  out.extraListed = moreListed - initialConflicts;
  out.likely -= conflicts * conflictCost + initialConflicts * initialConflictCost;
  out.likely -= out.extraAsked * extraAskedCost + out.extraListed * extraListedCost;
  if (askedLeft + listedLeft > 0) out.exact = false;
}

// Two small counts in one number, for want of allocating: full parts in the low four bits, initials above.
const FULL = 15;
const INITIALS = 4;

/** How many full parts, and how many initials, found nothing like them. Particles do not count. */
function leftOver(traits: Uint8Array, parts: number, used: number): number {
  let left = 0;
  for (let place = 0; place < parts; place += 1) {
    const trait = traits[place] ?? 0;
    if ((used & (1 << place)) !== 0 || isParticle(trait, place)) continue;
    left += (trait & single) === 0 ? 1 : 1 << INITIALS;
  }
  return left;
}

// By the levels of birth.ts: how probable with the same person. By chance: scale.ts.
const bornLikely = Float64Array.of(-0.4, -4, -5, -5, -1, -0.5, -0.5, -6, 0, -9);

function sumOther(scale: Scale, listed: Listed, out: Weighed): void {
  const { suffix } = scale;
  const otherWay = out.swapped && reversed(scale, listed, out);
  if (otherWay) out.conflicts += 1;
  if (out.swapped) out.likely -= otherWay ? reversedCost : swappedCost;
  out.suffixConflict = suffix !== 0 && listed.suffix !== 0 && suffix !== listed.suffix;
  if (out.suffixConflict) out.likely -= suffixCost;
  out.nameLikely = out.likely;
  out.born = bestBorn(scale, listed);
  out.likely += bornLikely[out.born] ?? 0;
  out.chance = out.nameChance + (scale.bornChances[out.born] ?? 0);
}

/** Of all dates that an entry gives, the one that fits best. */
function bestBorn({ born }: Scale, listed: Listed): number {
  if (born === undefined || listed.born.length === 0) return bornUnknown;
  let best = bornConflict;
  for (let place = 0; place < listed.born.length; place += 1) {
    const level = bornLevel(born, listed.born[place] ?? 0);
    if (level < best) best = level;
  }
  return best;
}

/** Salman bin Muhammad is not Muhammad bin Salman: in such names the order tells father and son apart. */
function reversed(scale: Scale, listed: Listed, out: Weighed): boolean {
  if (!descends(scale.traits, scale.traits.length) || !descends(listed.traits, listed.parts)) return false;
  let first = -1;
  let before = -1;
  let falls = 0;
  let counted = 0;
  for (let one = 0; one < scale.asked.length; one += 1) {
    const other = out.matches[one] ?? -1;
    if (other < 0 || isParticle(scale.traits[one], one)) continue;
    if (first < 0) first = other;
    if (other < before) falls += 1;
    before = other;
    counted += 1;
  }
  // Only begun at another place ("al-Rawi Salman bin Muhammad"), it is in order still.
  return falls + Number(first < before) > 1 || counted === 2;
}

/** "Son of" stands between two names. */
function descends(traits: Uint8Array, parts: number): boolean {
  for (let place = 1; place < parts - 1; place += 1)
    if (((traits[place] ?? 0) & sonOf) !== 0) return ((traits[0] ?? 0) & sonOf) === 0;
  return false;
}
