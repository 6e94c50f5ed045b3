import anyAscii from "any-ascii";

// How names and birth dates are brought to one spelling, for the index and for the question alike. Pure: the same
// text gives the same tokens on every machine and in every version, or the index would have to be made anew.

const MOST_TOKENS = 8;
const MOST_LETTERS = 32;

const apostrophes = /['`´‘’‛ʹʻʼʽˈ′＇]/gu;
// One sign is one syllable and one part of a name; transliterated together they would become one word.
const syllables = /[\p{Script=Han}\p{Script=Hangul}]/gu;
const titles: ReadonlySet<string> = new Set(["mr", "mrs", "ms", "miss", "mx", "dr", "prof"]);
const suffixes: ReadonlySet<string> = new Set(["jr", "sr", "ii", "iii", "iv"]);

/** The parts of a name as they are compared: lower-case ASCII, each once, in the order written. */
export function normaliseName(text: string): readonly string[] {
  // Apostrophes go before NFKC, which turns some of them into a space.
  const plain = anyAscii(text.replaceAll(apostrophes, "").normalize("NFKC").replaceAll(syllables, " $& "));
  const words =
    plain
      .replaceAll(apostrophes, "")
      .toLowerCase()
      .match(/[a-z0-9]+/g) ?? [];
  const parts = [...new Set(words)].map((word) => word.slice(0, MOST_LETTERS));
  const telling = parts.filter((part) => !titles.has(part) && !suffixes.has(part));
  // Somebody known only as "Doctor" or "Junior" keeps that name.
  return (telling.length > 0 ? telling : parts).slice(0, MOST_TOKENS);
}

/** All unordered pairs of the parts; a name of one part is paired with itself. */
export function namePairs(tokens: readonly string[]): readonly (readonly [string, string])[] {
  const [only] = tokens;
  if (only !== undefined && tokens.length === 1) return [[only, only]];
  return tokens.flatMap((one, place) => tokens.slice(place + 1).map((other) => [one, other] as const));
}

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** What to say wherever a date was not read. */
export const howToWriteDates = "Write 1987-04-02 or 4/2/1987 (month first).";

/**
 * A whole birth date as "1984-03-02", from what people write: 1984-03-02, 19840302, 3/2/1984 (month first),
 * 2 Mar 1984, March 2, 1984. Undefined: not a date, one that never was, one after `now`, or one that means another
 * day to another reader.
 */
export function normaliseDate(text: string, now?: Date): string | undefined {
  const date = readDate(text.normalize("NFKC").trim().toLowerCase());
  if (date === undefined) return undefined;
  return now !== undefined && date > now.toISOString().slice(0, 10) ? undefined : date;
}

function readDate(text: string): string | undefined {
  // "1984123" and "1984-123" could be two dates: either both separators, or all eight digits.
  const eight = /^(\d{4})(\d{2})(\d{2})$/.exec(text);
  if (eight !== null) return calendar(eight[1], eight[2], eight[3]);
  const yearFirst = /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})$/.exec(text);
  if (yearFirst !== null) return calendar(yearFirst[1], yearFirst[3], yearFirst[4]);
  // With slashes alone: "02.04.1987" and "02-04-1987" are 2 April to many who write so, and a date that was
  // understood wrongly finds nobody.
  const american = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text);
  if (american !== null) return calendar(american[3], american[1], american[2]);
  const dayFirst = /^(\d{1,2})(?:st|nd|rd|th)?[\s.-]*([a-z]{3,9})[\s.,-]*(\d{4})$/.exec(text);
  if (dayFirst !== null) return calendar(dayFirst[3], monthNumber(dayFirst[2]), dayFirst[1]);
  const monthFirst = /^([a-z]{3,9})[\s.]*(\d{1,2})(?:st|nd|rd|th)?[\s,]+(\d{4})$/.exec(text);
  return monthFirst === null ? undefined : calendar(monthFirst[3], monthNumber(monthFirst[1]), monthFirst[2]);
}

function monthNumber(word = ""): string {
  return String(months.indexOf(word.slice(0, 3)) + 1);
}

/** A day that the calendar really has. */
function calendar(year = "", month = "", day = ""): string | undefined {
  const written = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  const at = new Date(`${written}T00:00:00Z`);
  const real = !Number.isNaN(at.getTime()) && at.toISOString().startsWith(written);
  return real && Number(year) >= 1900 ? written : undefined;
}
