import { LEVELS, levels } from "./likeness.ts";
import { shareOf, usualParts } from "./population.ts";
import { createVocabulary, type Vocabulary } from "./vocabulary.ts";

// How many people have a part of a name at least this alike, as far as the population tells: for two names without a
// list behind them, and so that in a list of three entries not everything usual seems rare.

/** A list counts for as much as the population once it has so many names. */
const POPULATION_NAMES = 10_000;
/** The share of a name that the population's table does not have. */
const UNUSUAL = 1e-5;
const MOST_REMEMBERED = 5_000;

const remembered = new Map<string, Float64Array>();

/** By level, cumulative: the share of people with a part at least this alike. Computed once for a part, 0.05 ms. */
export function usualRarity(part: string): Float64Array {
  const known = remembered.get(part);
  if (known !== undefined) return known;
  const shares = compareWithUsual(part);
  if (remembered.size >= MOST_REMEMBERED) remembered.clear();
  remembered.set(part, shares);
  return shares;
}

/** A list's own shares (cumulative, by level, of `names` names), steadied by the population's. Written in place. */
export function smooth(shares: Float64Array, part: string, names: number): Float64Array {
  const usual = usualRarity(part);
  for (let level = 0; level < shares.length; level += 1) {
    const seen = (shares[level] ?? 0) * names + (usual[level] ?? 0) * POPULATION_NAMES;
    shares[level] = Math.min(1, seen / (names + POPULATION_NAMES));
  }
  return shares;
}

let usual: Vocabulary | undefined;

/** The usual parts, numbered by their place, and indexed so that those alike to another are found quickly. */
function readUsual(): Vocabulary {
  const vocabulary = createVocabulary();
  for (const [place, [part]] of [...usualParts()].entries()) vocabulary.add(place, part);
  for (const _step of vocabulary.settling());
  return vocabulary;
}

function compareWithUsual(part: string): Float64Array {
  usual ??= readUsual();
  const found = new Float64Array(LEVELS.length);
  const { tokens, levels: alike } = usual.alike(part);
  for (let at = 0; at < tokens.length; at += 1) {
    const level = alike[at] ?? 0;
    found[level] = (found[level] ?? 0) + shareOf(usual.stringOf(tokens[at] ?? 0));
  }
  // An initial beside a whole part fits everything that begins so.
  found[levels.initial] = part.length === 1 ? shareOfLetter(part) : 0.05;
  found[levels.same] = Math.max(found[levels.same] ?? 0, UNUSUAL);
  return summed(found);
}

function shareOfLetter(letter: string): number {
  let sum = 0;
  for (const [part, share] of usualParts()) if (part.startsWith(letter)) sum += share;
  return sum;
}

function summed(shares: Float64Array): Float64Array {
  let sum = 0;
  for (let level = 0; level < shares.length; level += 1) {
    sum += shares[level] ?? 0;
    shares[level] = Math.min(1, sum);
  }
  return shares;
}
