import { romanise } from "./scripts.ts";

// How names are brought to one spelling, for the index and for the question alike. Pure: the same text gives the same
// parts on every machine.

/** Raised whenever the same text would give other parts: what was indexed before is indexed anew. */
export const INDEX_VERSION = 2;

export const MOST_PARTS = 8;
const MOST_LETTERS = 32;
/** Longer than any name; what follows is not read. */
const MOST_TEXT = 500;

export const suffixes = ["jr", "sr", "ii", "iii", "iv"] as const;
export type Suffix = (typeof suffixes)[number];

export interface ReadName {
  /**
   * Lower-case ASCII letters and digits, at most 8 of at most 32, each once, in the order written; only "LAST, First"
   * is turned round.
   */
  readonly parts: readonly string[];
  readonly suffix?: Suffix;
}

const apostrophes = /['`´‘’‛ʹʻʼʽˈ′＇]/gu;

/** The name in parts, whatever the order, script and spelling. Never throws; nothing readable gives no parts. */
export function readName(text: string): ReadName {
  // Apostrophes go first: NFKC turns some of them into a space.
  const plain = romanise(
    text
      .slice(0, MOST_TEXT)
      .replaceAll(apostrophes, "")
      .replaceAll(/[，、،]/gu, ","),
  );
  const phrases = plain.replaceAll(apostrophes, "").toLowerCase().split(",").map(wordsOf);
  const written = phrases.map((words) => takeSuffix(words));
  const suffix = written.findLast((phrase) => phrase.suffix !== undefined)?.suffix;
  const [last = [], ...first] = written.map(({ words }) => words).filter((words) => words.length > 0);
  const told = withoutTitles([...first.flat(), ...last]);
  const parts = shorten([...new Set(joinPrefixes(told).map((word) => word.slice(0, MOST_LETTERS)))]);
  if (suffix === undefined) return { parts };
  // Somebody known only as "Junior" keeps that name.
  return parts.length === 0 ? { parts: [suffix] } : { parts, suffix };
}

function wordsOf(phrase: string): readonly string[] {
  return phrase.match(/[a-z0-9]+/g) ?? [];
}

const suffixWords: ReadonlyMap<string, Suffix> = new Map([
  ...suffixes.map((suffix) => [suffix, suffix] as const),
  ["jnr", "jr"],
  ["snr", "sr"],
  ["2nd", "ii"],
  ["3rd", "iii"],
  ["4th", "iv"],
]);

/** "John Smith Jr" and ", Jr": at the end of a phrase, not at its beginning unless it is all of it. */
function takeSuffix(words: readonly string[]): {
  readonly words: readonly string[];
  readonly suffix?: Suffix;
} {
  const suffix = suffixWords.get(words.at(-1) ?? "");
  if (suffix !== undefined) return { words: words.slice(0, -1), suffix };
  // Junior and Senior are given names and surnames too: a suffix only behind a whole name.
  const long = words.length > 2 ? longSuffixes.get(words.at(-1) ?? "") : undefined;
  return long === undefined ? { words } : { words: words.slice(0, -1), suffix: long };
}
const longSuffixes: ReadonlyMap<string, Suffix> = new Map([
  ["junior", "jr"],
  ["senior", "sr"],
]);

// What stands before a name. Words that are also usual names (Major, Earl, Prince, Bishop) are not here.
const titles: ReadonlySet<string> = new Set(
  "mr mrs ms miss mx mister dr doctor doktor prof professor sir madam madame mme monsieur herr frau senor senora senorita sgt sergeant cpl capt captain lt lieutenant col colonel gen general cmdr officer detective det agent president prasident senator rep hon honorable rev reverend fr father".split(
    " ",
  ),
);

function withoutTitles(words: readonly string[]): readonly string[] {
  const start = words.findIndex((word) => !titles.has(word));
  // Somebody known only as "Doctor" keeps that name.
  if (start < 0) return words;
  const short = new Set(["mr", "mrs", "ms", "dr", "prof", "md", "phd", "esq"]);
  const rest = words.slice(start);
  const told = rest.filter((word, place) => place === 0 || !short.has(word));
  return told;
}

const servants: ReadonlySet<string> = new Set(
  "abd abdul abdel abdal abdur abdus abdoul abdol abdu".split(" "),
);
const articles: ReadonlySet<string> = new Set("al el ul ur ar as us ad ud an un az uz".split(" "));

/** Abd al-Rahman is Abdulrahman, Mc Donald is McDonald: however apart they were written. */
function joinPrefixes(words: readonly string[]): readonly string[] {
  const joined: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    const skipped = word.startsWith("abd") && articles.has(words[at + 1] ?? "") ? 2 : 1;
    const next = words[at + skipped] ?? "";
    if (servants.has(word) && next.length > 2 && !servants.has(next)) {
      joined.push(`abdul${next}`);
      at += skipped;
    } else if (word === "mc" && next.length > 2) {
      joined.push(word + next);
      at += 1;
    } else joined.push(word);
  }
  return joined;
}

/** Of a very long name, what is no name by itself goes first. */
function shorten(parts: readonly string[]): readonly string[] {
  if (parts.length <= MOST_PARTS) return parts;
  const full = parts.filter((part) => part.length > 2);
  return (full.length >= MOST_PARTS ? full : parts).slice(0, MOST_PARTS);
}
