import { isServant, misread, overlap, spelling, withoutParticle, withoutVowels } from "./letters.ts";
import { namesakes, shareOf } from "./population.ts";
import { skeletonOf, soundsOf, strictSoundOf } from "./sounds.ts";

// How two parts of names are alike. INVARIANT: levelOf finds two parts alike only if at most two edits lie between
// them, or they share a code, or one is the initial of the other: an index that finds those misses nothing.

/** The closest first; at most 16. */
export const LEVELS = [
  "same",
  // Another spelling of the same name: Mohammed and Muhammad, Müller and Mueller, al-Assad and Assad.
  "variant",
  // One edit, and the same to the ear: Smyth and Smith.
  "one_letter_sounds",
  "nickname",
  // One edit, a vowel mostly: to a broad ear the same.
  "one_letter_vowel",
  "misread",
  "one_letter",
  // In a short name one letter is much.
  "one_letter_short",
  // Written without its vowels in the one script, with them in the other.
  "consonants",
  "sounds_alike",
  "two_letters",
  // Two edits in a name of five or six letters; or the same to a broad ear, or the same consonants, while three letters
  // and more differ.
  "distant",
  // Abdulaziz and Aziz: often one man, and often not.
  "part_of",
  // Short forms that hardly anybody uses: Hetty for Heather. Two edits in a name of four letters.
  "doubtful",
  "initial",
  // One or two letters apart, and each a usual name of its own: Mario and Maria, Fernandez and Hernandez.
  "namesake",
] as const;
export type Level = (typeof LEVELS)[number];

const place = (level: Level): number => LEVELS.indexOf(level);
export const levels = Object.freeze({
  same: place("same"),
  variant: place("variant"),
  nickname: place("nickname"),
  oneLetterSounds: place("one_letter_sounds"),
  oneLetterVowel: place("one_letter_vowel"),
  misread: place("misread"),
  oneLetter: place("one_letter"),
  oneLetterShort: place("one_letter_short"),
  consonants: place("consonants"),
  soundsAlike: place("sounds_alike"),
  twoLetters: place("two_letters"),
  distant: place("distant"),
  partOf: place("part_of"),
  doubtful: place("doubtful"),
  initial: place("initial"),
  namesake: place("namesake"),
});

/** The kind of a code: its low four bits, and the bit in a mask of shared kinds. */
const kinds = { sound: 0, strict: 1, nickname: 2, variant: 3, skeleton: 4, seldom: 5 } as const;

/** What an index files a part under, each once; unsigned, 32 bits, the kind in the low four. At most about a dozen. */
export function codesOf(part: string): readonly number[] {
  if (part.length < 2) return [];
  const codes: number[] = [];
  for (const sound of soundsOf(part)) if (sound.length > 1) put(codes, code(sound, kinds.sound));
  putWritten(codes, part);
  // Al-Assad written in one: as Assad, besides.
  const rest = withoutParticle(part);
  if (rest !== undefined) putWritten(codes, rest);
  const { nicknames, seldom } = namesakes(part);
  for (const head of nicknames) put(codes, code(head, kinds.nickname));
  for (const pair of seldom) put(codes, code(pair, kinds.seldom));
  return codes;
}

function putWritten(codes: number[], part: string): void {
  put(codes, code(strictSoundOf(spelling(part)), kinds.strict));
  const skeleton = skeletonOf(part);
  if (skeleton.length > 1) put(codes, code(skeleton, kinds.skeleton));
  for (const group of namesakes(part).variants) put(codes, code(group, kinds.variant));
}

function put(codes: number[], one: number): void {
  if (!codes.includes(one)) codes.push(one);
}

/** Which kinds of code two parts share, as levelOf takes it: bit 0 is kind 0. */
export function sharedKinds(one: readonly number[], other: readonly number[]): number {
  let mask = 0;
  for (const mine of one) if (other.includes(mine)) mask |= 1 << (mine & 15);
  return mask;
}

/** FNV-1a, the last four bits given over to the kind. */
function code(text: string, kind: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash ^= hash >>> 15;
  return ((hash & ~15) | kind) >>> 0;
}

export interface Compared {
  /** Optimal string alignment distance: 0, 1, 2, or 3 for more. */
  readonly distance: number;
  readonly asked: string;
  readonly listed: string;
  /** A bit for each kind of code they share. */
  readonly shared: number;
}

const soundBit = 1 << kinds.sound;
const strictBit = 1 << kinds.strict;
const nicknameBit = 1 << kinds.nickname;
const variantBit = 1 << kinds.variant;
const skeletonBit = 1 << kinds.skeleton;
const seldomBit = 1 << kinds.seldom;

/** How alike two parts are: a position in LEVELS, or -1: not at all. The same whichever is asked and which listed. */
export function levelOf({ distance, asked, listed, shared }: Compared): number {
  if (distance === 0) return levels.same;
  if (Math.min(asked.length, listed.length) === 1) return initialLevel(asked, listed);
  const one = oneName({ distance, asked, listed, shared });
  if (one !== -1) return one;
  // Two edits are half of a short name, and an index does not look there.
  const edits = distance === 2 && Math.max(asked.length, listed.length) <= 4 ? 3 : distance;
  if (edits <= 2 && misread(asked, listed)) return levels.misread;
  const level = written({ distance: edits, asked, listed, shared });
  if (level !== -1 || (shared & seldomBit) === 0) return level;
  return usualBoth(asked, listed) ? levels.namesake : levels.doubtful;
}

/** Two ways to write or to say one name, as far as tables and the ear tell. */
function oneName({ distance, asked, listed, shared }: Compared): number {
  if (distance === 1 && (shared & strictBit) !== 0) return sameSound(asked, listed, levels.oneLetterSounds);
  if ((shared & (variantBit | strictBit)) !== 0) return sameSound(asked, listed, levels.variant);
  return (shared & nicknameBit) === 0 ? -1 : levels.nickname;
}

/** By their letters, and by their sound and consonants where letters do not tell. */
function written({ distance, asked, listed, shared }: Compared): number {
  const shorter = Math.min(asked.length, listed.length);
  const sounds = (shared & soundBit) !== 0;
  if (distance <= 2 && shorter >= 3 && ownNames(asked, listed, sounds)) return levels.namesake;
  if (distance === 1) return oneLetter(asked, listed, sounds);
  const consonants = (shared & skeletonBit) !== 0;
  if (consonants && withoutVowels(asked) !== withoutVowels(listed)) return levels.consonants;
  if (distance === 2) return twoLetters(asked, listed, sounds || consonants);
  if (!near(asked, listed, Number(sounds) + Number(consonants))) return -1;
  return usualBoth(asked, listed) ? levels.namesake : levels.distant;
}

/** Broad sounds and bare consonants are shared by much that is not alike ("krn"): many letters must be, as well. */
function near(asked: string, listed: string, codes: number): boolean {
  if (codes === 0) return false;
  const shorter = Math.min(asked.length, listed.length);
  return shorter >= 5 && overlap(asked, listed) >= (codes === 2 ? 0.7 : 0.8) && skeletonOf(asked).length > 2;
}

function sameSound(asked: string, listed: string, level: number): number {
  return isServant(asked) === isServant(listed) ? level : levels.partOf;
}

function initialLevel(asked: string, listed: string): number {
  return asked.charCodeAt(0) === listed.charCodeAt(0) ? levels.initial : -1;
}

function oneLetter(asked: string, listed: string, sounds: boolean): number {
  const shorter = Math.min(asked.length, listed.length);
  // Ry for Ray; but Li is not Lo.
  if (shorter === 2) return asked.length === listed.length ? -1 : levels.oneLetterShort;
  if (sounds) return levels.oneLetterVowel;
  // Where no vowels are written, a letter is a consonant.
  const bare = withoutVowels(asked) || withoutVowels(listed);
  return shorter >= 5 && !bare ? levels.oneLetter : levels.oneLetterShort;
}

function twoLetters(asked: string, listed: string, sounds: boolean): number {
  const shorter = Math.min(asked.length, listed.length);
  if (sounds && shorter >= 4) return levels.soundsAlike;
  if (shorter >= 7) return levels.twoLetters;
  if (shorter >= 5) return levels.distant;
  return shorter === 4 ? levels.doubtful : -1;
}

function usualBoth(one: string, other: string): boolean {
  return Math.min(shareOf(one), shareOf(other)) >= USUAL;
}
const USUAL = 1e-4;

/** Usual names both. One that is far rarer than another that sounds like it is a way to write that: Margret; and an "s"
 *  at the end is nobody's choice: Rodger and Rodgers. */
function ownNames(one: string, other: string, sounds: boolean): boolean {
  const [mine, theirs] = [shareOf(one), shareOf(other)];
  const rarer = Math.min(mine, theirs);
  if (`${one}s` === other || `${other}s` === one) return false;
  return rarer >= USUAL && !(sounds && Math.max(mine, theirs) > 30 * rarer);
}
