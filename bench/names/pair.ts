import { createDistance } from "../../src/watch-list/matching/distance.ts";
import { emptyListed, emptyWeighed, weigh } from "../../src/watch-list/matching/evidence.ts";
import { interpretationsOf, type Known } from "../../src/watch-list/matching/interpretations.ts";
import { judge } from "../../src/watch-list/matching/judgement.ts";
import { codesOf, levelOf, levels, sharedKinds } from "../../src/watch-list/matching/likeness.ts";
import { readName, type ReadName } from "../../src/watch-list/matching/name-reader.ts";
import type { Born, Judgement } from "../../src/watch-list/matching/question.ts";
import { usualRarity } from "../../src/watch-list/matching/rarity.ts";
import { scaleOf, suffixNumber, traitsOf } from "../../src/watch-list/matching/scale.ts";

// Two names beside one another, with the very scorer of the search: there is no list behind them, so how rare a part
// is comes from the population alone.

export interface Pair {
  readonly query: string;
  readonly list: string;
  readonly queryBorn?: Born | undefined;
  /** yyyymmdd; 0 or left out: not known. */
  readonly listBorn?: number | undefined;
}

export interface Compared extends Judgement {
  /** For the order of pairs with different questions: the more the likelier the same person. */
  readonly score: number;
}

/** What being alike is worth beside how likely the way of writing is; see scoreOf. */
const rarityWeight = 0.15;
const dateWeight = 0.3;
/** What would not be shown comes after nearly all that would, and what is strong before. */
const hidden = 12;
const strong = 6;

const listed = emptyListed();
const weighed = emptyWeighed();
const distance = createDistance();

export function comparePair({ query, list, queryBorn, listBorn = 0 }: Pair): Compared {
  const asked = readName(query);
  const other = listedName(readName(list), listBorn);
  const weighedAs = (parts: readonly string[]): Compared & { readonly whole: boolean } => {
    const scale = scaleOf({
      parts,
      suffix: asked.suffix,
      rarity: parts.map(usualRarity),
      names: 10_000,
      born: queryBorn,
    });
    fillLevels(parts, other);
    weigh(scale, listed, weighed);
    const judged = judge(scale, weighed, { listed: other.parts, born: other.dates });
    return { ...judged, score: scoreOf(judged.band), whole: weighed.conflicts + weighed.extraAsked === 0 };
  };
  let { whole, ...best } = weighedAs(asked.parts);
  if (whole) return best;
  for (const parts of interpretationsOf(asked.parts, knownOf(other)).slice(1)) {
    const { whole: _whole, ...one } = weighedAs(parts);
    if (one.score > best.score) best = one;
  }
  return best;
}

function scoreOf(band: Judgement["band"]): number {
  const { likely, nameChance, chance } = weighed;
  const rare = -rarityWeight * nameChance - dateWeight * (chance - nameChance);
  if (band === undefined) return likely + rare - hidden;
  return likely + rare + (band === "STRONG" ? strong : 0);
}

interface Other {
  readonly parts: readonly string[];
  readonly codes: readonly (readonly number[])[];
  readonly dates: readonly number[];
}

/** Writes the listed name where it is weighed. */
function listedName({ parts, suffix }: ReadName, born: number): Other {
  const dates = born === 0 ? [] : [born];
  listed.parts = parts.length;
  listed.suffix = suffixNumber(suffix);
  listed.born = dates;
  for (const [place, part] of parts.entries()) listed.traits[place] = traitsOf(part);
  return { parts, dates, codes: parts.map(codesOf) };
}

function knownOf(other: Other): Known {
  const known = (part: string): boolean => alikeToSome(part, other);
  return { known, strange: (part) => !known(part) };
}

function alikeToSome(part: string, { parts, codes }: Other): boolean {
  const mine = codesOf(part);
  distance.from(part);
  return parts.some((name, at) => {
    // "Ben Okonjo" in one is not another way to write "Okonjo".
    if (Math.abs(part.length - name.length) > 1) return false;
    const level = levelOf({
      distance: distance.to(name),
      asked: part,
      listed: name,
      shared: sharedKinds(mine, codes[at] ?? []),
    });
    return level >= 0 && level <= levels.oneLetter;
  });
}

function fillLevels(asked: readonly string[], { parts, codes }: Other): void {
  for (const [place, part] of asked.entries()) {
    const mine = codesOf(part);
    distance.from(part);
    for (const [at, name] of parts.entries())
      listed.levels[place * 8 + at] = levelOf({
        distance: distance.to(name),
        asked: part,
        listed: name,
        shared: sharedKinds(mine, codes[at] ?? []),
      });
  }
}
