import anyAscii from "any-ascii";

import type { Born, PartialDate } from "./matching/question.ts";

// A birth date as somebody who asks writes it: whole or partial, give or take some years, or one that means two days.
// Pure. The form says how it was understood, so nothing here guesses in silence.

export interface ReadBorn extends Born {
  /** "born 1984-03-02 ±1 year", "born 1984-03-02 or 1984-02-03 (03/02 read as 2 March and 3 February)" */
  readonly shown: string;
}
/** What cannot be searched as it stands, in a sentence that says what to do. */
export interface BornProblem {
  readonly problem: string;
}

/** The widest "give or take": beyond it a birth date tells nobody from anybody. */
const MOST_YEARS = 5;
/** What "about 1984" is taken for. */
const ABOUT = 2;
const FIRST_YEAR = 1900;

/** What to say wherever a birth date was not read. */
const howToWriteBorn =
  "Write 1984-03-02, 3/2/1984, 1984-03, March 1984 or 1984; 1984 ±2 for two years either way.";

/** `now`: a birth date after it is a slip. Without it, the words were judged before. */
export function readBorn(text: string, now?: Date): ReadBorn | BornProblem {
  const { rest, years } = splitYears(plain(text));
  if (years === undefined) return { problem: "After ± write years: 1984-03-02 ±1." };
  if (years > MOST_YEARS) return { problem: `Give at most ±${MOST_YEARS} years: 1984 ±${MOST_YEARS}.` };
  const date = readDate(rest);
  if ("problem" in date) return date;
  const judged = date.readings.filter((reading) => isReal(reading));
  if (judged.length === 0)
    return { problem: "There is no such day in the calendar. Check it and search again." };
  return (
    wrongTime(judged, now) ??
    told(
      judged.filter((one) => !isLater(one, now)),
      years,
    )
  );
}

/** One spelling: digits of any script, plain dashes and spaces, lower case, without "born". */
function plain(text: string): string {
  return text
    .normalize("NFKC")
    .replaceAll(/\p{Nd}/gu, (digit) => anyAscii(digit))
    .replaceAll(/(?<=\d)[年년月월]\s*(?=\d)/gu, "-")
    .replace(/(?<=\d)[年년月월日일]$/u, "")
    .replaceAll(/[‐-―−]/gu, "-")
    .replaceAll(/\s+/gu, " ")
    .trim()
    .toLowerCase()
    .replace(/^(?:born(?: on| in)?|d\.?o\.?b\.?|b\.)[\s:]*(?=\S)/, "");
}

const around = /^(?:about|around|approx(?:\.|imately)?|circa|ca?\.|~|≈)\s*/;
const giveOrTake = /\s*(?:±|\+\s*\/?\s*-)\s*(?:(\d{1,3})\s*(?:y|yrs?|years?)?)?$/;

/** `years` undefined: something other than years stands behind the sign. */
function splitYears(text: string): { readonly rest: string; readonly years: number | undefined } {
  const about = text.replace(around, "");
  const rest = about.replace(giveOrTake, "");
  if (rest !== about) {
    const [, years] = giveOrTake.exec(about) ?? [];
    return { rest, years: years === undefined ? undefined : Number(years) };
  }
  if (/[±]|\+\s*\/?\s*-/.test(about)) return { rest, years: undefined };
  return { rest, years: about === text ? 0 : ABOUT };
}

// ------------------------------------------------------------------------------------------------ shapes

interface Dated {
  /** As written, calendar or not; the more usual reading first. */
  readonly readings: readonly PartialDate[];
}

const twoDigits: BornProblem = { problem: "Write the year with four digits: 1984, not 84." };
const unreadable: BornProblem = { problem: `I cannot read this date. ${howToWriteBorn}` };

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const monthNames = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

interface Parts {
  readonly year?: string;
  readonly month?: string;
  readonly day?: string;
  /** Day and month, in whichever order. */
  readonly first?: string;
  readonly second?: string;
  readonly word?: string;
}
type Shape = readonly [RegExp, (parts: Parts, text: string) => Dated | BornProblem];

// NCIC and many forms write 00, XX or ?? for what is not known.
const unknown = String.raw`(?:00|xx|\?\?)`;
const year = String.raw`(?<year>\d{4})`;
const month = String.raw`(?<month>\d{1,2})`;
const day = String.raw`(?<day>\d{1,2})(?:st|nd|rd|th)?`;
const word = "(?<word>[a-z]{3,9})";

/** The first shape that fits is it. */
const shapes: readonly Shape[] = (
  [
    [year, one],
    [String.raw`${year}(?<month>\d\d)(?<day>\d\d)`, eightDigits],
    [String.raw`${year}([-/.])${unknown}\2${unknown}`, one],
    [String.raw`${year}([-/.])${month}\2${unknown}`, one],
    // "1984123" and "1984-123" could be two dates: either both separators, or all eight digits.
    [String.raw`${year}([-/.])${month}\2(?<day>\d{1,2})`, one],
    [String.raw`${year}[-/.]${month}`, one],
    [String.raw`${month}[-/.]${year}`, one],
    [String.raw`(?<first>\d{1,2})([-/. ])(?<second>\d{1,2})\2${year}`, either],
    [String.raw`${day}[\s.-]*(?:of )?${word}[\s.,-]*${year}`, worded],
    [String.raw`${word}[\s.-]*${day}[\s,.-]+${year}`, worded],
    [String.raw`${word}[\s.,-]*${year}`, worded],
    [String.raw`${year}[\s.,-]*${word}(?:[\s.-]*${day})?`, worded],
    [String.raw`'?\d\d`, () => twoDigits],
    [String.raw`\d{1,2}([-/. ])\d{1,2}\1'?\d\d`, () => twoDigits],
    [String.raw`(?:\d{1,2}[\s.-]*)?[a-z]{3,9}[\s.-]*(?:\d{1,2},?[\s.-]*)?'?\d\d`, agedOrShort],
    [String.raw`\d{1,3} ?(?:y\/?o|years?(?: old)?)`, () => aged],
  ] as const
).map(([shape, read]) => [new RegExp(`^${shape}$`), read]);

const aged: BornProblem = { problem: "An age is no birth date. Write the year, about 1984 for example." };

function agedOrShort(_parts: Parts, text: string): BornProblem {
  return text.startsWith("age") ? aged : twoDigits;
}

function readDate(text: string): Dated | BornProblem {
  for (const [shape, read] of shapes) {
    const found = shape.exec(text);
    if (found !== null) return read(found.groups ?? {}, text);
  }
  return unreadable;
}

function one(parts: Parts): Dated {
  const written = [parts.year, parts.month, parts.day].filter((part) => part !== undefined);
  return { readings: [written.map((part) => part.padStart(2, "0")).join("-")] };
}

/** 19840302, and as they are typed elsewhere 03021984: where the year stands is never in doubt. */
function eightDigits({ year = "", month = "", day = "" }: Parts): Dated {
  const first = one({ year, month, day });
  if (isReal(first.readings[0] ?? "") && Number(year) >= FIRST_YEAR) return first;
  return either({ first: year.slice(0, 2), second: year.slice(2), year: month + day });
}

/** 3/2/1984: 2 March to most who will type it here, 3 February to many others. */
function either({ year = "", first = "", second = "" }: Parts): Dated {
  const monthFirst = one({ year, month: first, day: second });
  const dayFirst = one({ year, month: second, day: first });
  const both = [...new Set([...monthFirst.readings, ...dayFirst.readings])];
  const real = both.filter((reading) => isReal(reading));
  return { readings: real.length > 0 ? real : both };
}

function worded({ year = "", word = "", day }: Parts): Dated | BornProblem {
  const month = months.indexOf(word.slice(0, 3)) + 1;
  if (month === 0) return unreadable;
  return one({ year, month: String(month), ...(day !== undefined && { day }) });
}

// ------------------------------------------------------------------------------------------------ judging

/** A day, month or year that the calendar really has. */
function isReal(date: PartialDate): boolean {
  const [year = "", month = "01", day = "01"] = date.split("-");
  const whole = `${year}-${month}-${day}`;
  const at = new Date(`${whole}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(whole);
}

function isLater(date: PartialDate, now: Date | undefined): boolean {
  return now !== undefined && date > now.toISOString().slice(0, date.length);
}

function wrongTime(readings: readonly PartialDate[], now: Date | undefined): BornProblem | undefined {
  const [first = ""] = readings;
  const year = first.slice(0, 4);
  if (Number(year) < 100)
    return { problem: `The year ${year} is not meant, I think. Write all four digits: 1984.` };
  if (Number(year) < FIRST_YEAR) {
    return { problem: `Nobody is searched who was born in ${year}. Check the year and search again.` };
  }
  return readings.every((one) => isLater(one, now))
    ? { problem: `${first} is still to come. Check it and search again.` }
    : undefined;
}

function told(readings: readonly PartialDate[], years: number): ReadBorn {
  const span = years === 0 ? "" : ` ±${years} ${years === 1 ? "year" : "years"}`;
  const [first = ""] = readings;
  const both =
    readings.length === 1 ? "" : ` (${first.slice(5).replace("-", "/")} read as ${spoken(readings)})`;
  return { readings, years, shown: `born ${readings.join(" or ")}${span}${both}` };
}

/** "2 March and 3 February" */
function spoken(readings: readonly PartialDate[]): string {
  return readings
    .map((date) => `${Number(date.slice(8))} ${monthNames[Number(date.slice(5, 7)) - 1] ?? ""}`)
    .join(" and ");
}
