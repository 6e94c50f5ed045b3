import { bornUnknown, bornLevels, bornReading, bornLevel, dateText, type BornLevel } from "./birth.ts";
import { createDistance, FAR } from "./distance.ts";
import { type Weighed } from "./evidence.ts";
import { LEVELS, levels, type Level } from "./likeness.ts";
import type { Judgement } from "./question.ts";
import { usualRarity } from "./rarity.ts";
import { isParticle, single, type Scale } from "./scale.ts";

// From evidence to a band and to sentences that stay the same: only for what is shown.

/** The listed name that was weighed, in words. */
export interface Strings {
  readonly listed: readonly string[];
  /** The entry's dates, yyyymmdd. */
  readonly born: readonly number[];
  /** More than five groups fit equally well: none of them is STRONG. */
  readonly tied?: boolean;
}

export function judge(scale: Scale, weighed: Weighed, strings: Strings): Judgement {
  return {
    band: bandOf(scale, weighed, strings.tied ?? false),
    bits: weighed.bits,
    chance: expected(scale, weighed.chance),
    why: [...nameSentences(scale, weighed, strings), ...bornSentences(scale, weighed, strings)],
    conflict: weighed.suffixConflict || bornLevels[weighed.born] === "conflict",
  };
}

/** So many others at most may be expected to fit as well by chance, for a strong hit. */
export const strongest = 0.05;
/** So many, for whatever does not agree in a whole name. */
export const usualLimit = 5;
/** log2 of how improbable a way of writing one name may be, to be shown at all. */
export const leastLikely = -9;
/** The same of two of its parts, to be looked at: some of what is rarer is shown where hardly anybody else fits. */
export const leastPair = -13.1;
/** The same for a strong hit: whole names with a slip or two, not everything that is like them. */
const closeEnough = -5.5;
const agreeing = bornLevels.indexOf("year_off");
const conflicting = bornLevels.indexOf("conflict");

function expected({ names }: Scale, chance: number): number {
  return names * 2 ** chance;
}

/** Whether a name is shown at all. Cheap: it is asked of every name that was weighed. */
export function isShown(scale: Scale, weighed: Weighed): boolean {
  return weighed.matched > 0 && plausible(scale, weighed);
}

function bandOf(scale: Scale, weighed: Weighed, tied: boolean): Judgement["band"] {
  if (!isShown(scale, weighed)) return undefined;
  if (tied || !close(weighed) || vetoed(scale, weighed)) return "POSSIBLE";
  return expected(scale, weighed.chance) <= strongest ? "STRONG" : "POSSIBLE";
}

/** A birth date that agrees makes up for how the name is written. */
function close({ nameLikely, born }: Weighed): boolean {
  return nameLikely >= (born <= agreeing ? leastLikely : closeEnough);
}

function plausible(scale: Scale, weighed: Weighed): boolean {
  // Another birth date is another person, unless the whole of a rare name is the same.
  if (weighed.born === conflicting)
    return weighed.exact && weighed.matched > 1 && expected(scale, weighed.nameChance) <= strongest;
  // Hardly anybody would fit by chance: then a part that is another one, or a digit of the date, may be a mistake.
  const chance = expected(scale, weighed.chance);
  if (weighed.likely + allowance(weighed, chance) < leastLikely) return false;
  // Mario is Maria's brother as often as a slip of the pen: only a birth date tells.
  if (weighed.namesakes > 0 && !excused(weighed, chance)) return false;
  if (weighed.conflicts > 0) return excused(weighed, chance) && chance <= usualLimit;
  // A whole name that fits is shown however usual it is: as a counted group.
  return weighed.matched > 1 || weighed.exact || chance <= usualLimit;
}

/** A birth date that agrees allows for a part that is another one, or for a slip in each. */
function allowance({ born }: Weighed, chance: number): number {
  return Math.max(born <= agreeing ? 6 : 0, allowanceAt(Math.log2(chance)));
}

/**
 * The fewer would fit by chance (log2 of how many), the more may be mistaken: from nothing at the usual limit to nine
 * bits.
 */
export function allowanceAt(expectedByChance: number): number {
  return Math.max(0, Math.min(9, (9 * (usualLog - expectedByChance)) / (usualLog - Math.log2(strongest))));
}
const usualLog = Math.log2(usualLimit);

/** Brothers and namesakes: another given name needs a birth date that at least comes near. */
function excused({ born }: Weighed, chance: number): boolean {
  return born <= agreeing || (chance <= strongest && born < bornUnknown);
}

/** What keeps a hit from being STRONG, however rare it is by chance. */
function vetoed({ asked, traits }: Scale, weighed: Weighed): boolean {
  if (weighed.born === conflicting || weighed.suffixConflict) return true;
  if (weighed.initialConflict || weighed.conflicts > 0) return true;
  const full = asked.filter(
    (_part, place) => ((traits[place] ?? 0) & single) === 0 && !isParticle(traits[place], place),
  ).length;
  // A single name needs its date; one name out of several is a surname, or somebody's brother.
  if (weighed.matched - weighed.initials > 1) return false;
  return full > 1 || weighed.born > agreeing;
}

const words: Readonly<Record<Level, string>> = {
  same: "",
  variant: "another spelling",
  nickname: "short form or the same name in another language",
  one_letter_sounds: "one letter different and sounds alike",
  one_letter_vowel: "one letter different and sounds nearly alike",
  misread: "letters that are easily misread",
  one_letter: "one letter different",
  one_letter_short: "one letter different in a short name",
  consonants: "same consonants, written without vowels",
  sounds_alike: "two letters different and sounds alike",
  two_letters: "two letters different",
  distant: "sounds alike",
  part_of: "one is part of the other",
  doubtful: "seldom a short form",
  initial: "initial",
  namesake: "close, but a usual name of its own",
};

/** These levels hold what is written alike as well. */
function wordsOf(level: Level, asked: string, listed: string): string {
  if (level !== "distant" && level !== "doubtful") return words[level];
  distance.from(asked);
  return distance.to(listed) === FAR ? words[level] : "two letters different in a short name";
}
const distance = createDistance();

function nameSentences(scale: Scale, weighed: Weighed, { listed }: Strings): readonly string[] {
  const { asked } = scale;
  const used = new Set(asked.map((_part, place) => weighed.matches[place] ?? -1));
  const said = asked.map((part, place) => {
    const other = listed[weighed.matches[place] ?? -1];
    if (other === undefined) return `"${part}" is not in the listed name`;
    const level = LEVELS[weighed.levels[place] ?? 0] ?? "same";
    const alike = wordsOf(level, part, other);
    const share = howRare(scale, weighed, place);
    return `${part} ${alike === "" ? "=" : "≈"} ${other}${alike === "" ? share : ` — ${alike}${share.replace(" — ", "; ")}`}`;
  });
  const extra = listed.filter((_part, place) => !used.has(place));
  return [
    ...said,
    ...extra.map((part) => `the listed name has an extra "${part}"`),
    ...(weighed.initialConflict ? ["CONFLICT: different middle initial"] : []),
    ...(weighed.swapped ? ["order swapped"] : []),
    ...(weighed.suffixConflict ? ["CONFLICT: another suffix (Jr, Sr, II …)"] : []),
  ];
}

/**
 * " — 1 name in 116", or nothing where the part says nothing. Of all people, as the population tells: the list's own
 * counts hold entries that whoever asks may not know of.
 */
function howRare({ asked, traits }: Scale, weighed: Weighed, place: number): string {
  const level = weighed.levels[place] ?? 0;
  if (isParticle(traits[place], place)) return "";
  const one = 1 / (usualRarity(asked[place] ?? "")[level] ?? 1);
  const count = one < 10 ? Math.max(1, Math.round(one)) : Number(one.toPrecision(2));
  const many = one > 50_000 ? "fewer than 1 name in 50,000" : `1 name in ${grouped(count)}`;
  return ` — ${many}${level === levels.same ? "" : " is this close"}`;
}

/** 24820 is 24,820. (Intl would take longer than everything else here.) */
function grouped(count: number): string {
  return String(count).replaceAll(/(?<=\d)(?=(?:\d{3})+$)/g, ",");
}

const bornWords: Readonly<Record<BornLevel, string>> = {
  same: "",
  swapped: "day and month swapped",
  day_off: "one day apart",
  year_off: "one year apart, same day",
  in_range: "within the years asked",
  month: "same month and year, day not known",
  year: "same year, more is not known",
  digit: "one digit different",
  unknown: "not known",
  conflict: "",
};

function bornSentences({ born }: Scale, weighed: Weighed, strings: Strings): readonly string[] {
  if (born === undefined) return [];
  const level = bornLevels[weighed.born] ?? "unknown";
  if (level === "unknown") return ["birth date not on record"];
  const listed = strings.born.find((date) => bornLevel(born, date) === weighed.born) ?? 0;
  const reading = dateText(bornReading(born, listed));
  if (level === "conflict") return [`CONFLICT: born ${dateText(listed)}`];
  const read = born.readings.length > 1 ? ` (read as ${reading})` : "";
  if (level === "same") return [`born ${reading} = ${dateText(listed)} — 1 in 24,820 by chance${read}`];
  return [`born ${reading} ≈ ${dateText(listed)} — ${bornWords[level]}${read}`];
}
