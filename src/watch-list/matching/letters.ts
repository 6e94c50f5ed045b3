import { shareOf } from "./population.ts";

// Parts of names as they look and as they are spelled.

const vowelBits = "a e i o u y"
  .split(" ")
  .reduce((bits, vowel) => bits | (1 << (vowel.charCodeAt(0) & 31)), 0);

/** Few vowels, as Arabic and Hebrew are written: less than one letter of five. */
export function withoutVowels(part: string): boolean {
  let vowels = 0;
  for (let at = 0; at < part.length; at += 1) {
    const sign = part.charCodeAt(at);
    if (sign > 96 && ((vowelBits >>> (sign & 31)) & 1) === 1) vowels += 1;
  }
  return vowels * 5 < part.length;
}

// Letters that stand for one another from language to language, and that Arabic does not tell apart.
const heard = Uint8Array.from({ length: 128 }, (_, sign) => sign);
for (const group of ["eiy", "ouw", "pb", "vf", "ckqg", "sz"])
  for (const letter of group) heard[letter.charCodeAt(0)] = group.charCodeAt(0);
const heardOf = (part: string, at: number): number => heard[part.charCodeAt(at) & 127] ?? 0;
const letterCounts = new Int8Array(128);

/** The share of letters that both have, 0 to 1, whatever their order. */
export function overlap(one: string, other: string): number {
  for (let at = 0; at < one.length; at += 1) bump(heardOf(one, at), 1);
  let common = 0;
  for (let at = 0; at < other.length; at += 1) {
    const letter = heardOf(other, at);
    if ((letterCounts[letter] ?? 0) > 0) {
      common += 1;
      bump(letter, -1);
    }
  }
  for (let at = 0; at < one.length; at += 1) letterCounts[heardOf(one, at)] = 0;
  return (2 * common) / (one.length + other.length);
}

function bump(letter: number, by: number): void {
  letterCounts[letter] = (letterCounts[letter] ?? 0) + by;
}

// What a machine or a tired eye takes for one another: the same number.
const looks = new Uint8Array(128);
for (let letter = 0; letter < 128; letter += 1) looks[letter] = letter;
for (const group of ["0o", "1li", "5s", "8b", "69g", "2z"])
  for (const sign of group) looks[sign.charCodeAt(0)] = group.charCodeAt(0);
const looksOf = (part: string, at: number): number => looks[part.charCodeAt(at) & 127] ?? 0;
/** Two letters that look like one. */
const ligatures = ["rnm", "cld", "vvw"] as const;

/** Whether all that differs between them is what looks alike. */
export function misread(one: string, other: string): boolean {
  let mine = 0;
  let theirs = 0;
  while (mine < one.length && theirs < other.length) {
    if (looksOf(one, mine) === looksOf(other, theirs)) {
      mine += 1;
      theirs += 1;
    } else if (ligature(one, mine, other.charAt(theirs))) {
      mine += 2;
      theirs += 1;
    } else if (ligature(other, theirs, one.charAt(mine))) {
      mine += 1;
      theirs += 2;
    } else return false;
  }
  return mine === one.length && theirs === other.length;
}

function ligature(part: string, at: number, as: string): boolean {
  for (const letters of ligatures)
    if (letters.charAt(2) === as && part.startsWith(letters.slice(0, 2), at)) return true;
  return false;
}

/**
 * One of several usual spellings. ae, oe and ue stand for ä, ö and ü, which are romanised to a, o and u; "ue" after
 * "q" or at the end does not. Mac is Mc.
 */
export function spelling(written: string): string {
  const part = written.length > 6 && written.startsWith("mac") ? `mc${written.slice(3)}` : written;
  if (!part.includes("ae") && !part.includes("oe") && !part.includes("ue")) return part;
  return part.replaceAll(/ae|oe(?!$)|(?<![aeq])ue(?!$|l)/g, (pair) => pair.charAt(0));
}

// The longest first; four letters must remain.
const prefixes: ReadonlyMap<string, readonly string[]> = Map.groupBy(
  "abdul abdel abdal vander delos della dela bin ben ibn del van von abu al el de di da st".split(" "),
  (prefix) => prefix.charAt(0),
);

/** "assad" of "alassad", or undefined: Albert and Delgado only begin so. */
export function withoutParticle(part: string): string | undefined {
  if (shareOf(part) > 0 && !isServant(part)) return undefined;
  const prefix = prefixes
    .get(part.charAt(0))
    ?.find((start) => part.length >= start.length + 4 && part.startsWith(start));
  return prefix === undefined ? undefined : part.slice(prefix.length);
}

/** "Servant of" begins it: Abdulaziz. */
export function isServant(part: string): boolean {
  return part.startsWith("abd");
}
