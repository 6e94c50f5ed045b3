import type { Born, PartialDate } from "./question.ts";

// Birth dates as numbers, yyyymmdd with 00 for what is not known: compared by arithmetic alone, a date of a list in a
// few nanoseconds.

/** How a date on record fits the one asked, the closest first. */
export const bornLevels = [
  "same",
  "swapped",
  "day_off",
  "year_off",
  "in_range",
  "month",
  "year",
  "digit",
  "unknown",
  "conflict",
] as const;
export type BornLevel = (typeof bornLevels)[number];

/** For the hot path: positions in bornLevels. */
export const bornUnknown = bornLevels.indexOf("unknown");
export const bornConflict = bornLevels.indexOf("conflict");

/** The readings asked, as numbers, and the years that fit besides. */
export interface BornAsked {
  readonly readings: Int32Array;
  readonly years: number;
}

/** 19840302 from "1984-03-02", 19840300 from "1984-03", 19840000 from "1984"; 0 from anything else. */
export function dateNumber(date: PartialDate): number {
  const read = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/.exec(date);
  return read === null ? 0 : Number(read[1]) * 10_000 + Number(read[2] ?? 0) * 100 + Number(read[3] ?? 0);
}

/** "1984-03-02", "1984-03" or "1984". */
export function dateText(date: number): PartialDate {
  const year = String(Math.floor(date / 10_000)).padStart(4, "0");
  const month = String(Math.floor(date / 100) % 100).padStart(2, "0");
  const day = String(date % 100).padStart(2, "0");
  if (month === "00") return year;
  return day === "00" ? `${year}-${month}` : `${year}-${month}-${day}`;
}

export function bornAsked(born: Born | undefined): BornAsked | undefined {
  if (born === undefined) return undefined;
  const readings = Int32Array.from(born.readings.map(dateNumber).filter((date) => date !== 0));
  return readings.length === 0 ? undefined : { readings, years: born.years };
}

/** 1 January, and everything in 1900: what registers write who do not know. Such a date says at most the year. */
function known(date: number): number {
  const year = Math.floor(date / 10_000);
  if (year <= 1900) return 0;
  return date % 10_000 === 101 ? year * 10_000 : date;
}

/** The best of all readings against one date on record (0: none), as a position in bornLevels. */
export function bornLevel({ readings, years }: BornAsked, listed: number): number {
  let best = bornConflict;
  for (let place = 0; place < readings.length; place += 1) {
    const level = compare(readings[place] ?? 0, listed, years);
    if (level < best) best = level;
  }
  return best;
}

/** Which reading fits best. */
export function bornReading({ readings, years }: BornAsked, listed: number): number {
  let best = readings[0] ?? 0;
  for (const reading of readings)
    if (compare(reading, listed, years) < compare(best, listed, years)) best = reading;
  return best;
}

const levelAt = (level: BornLevel): number => bornLevels.indexOf(level);
const same = levelAt("same");
const swapped = levelAt("swapped");
const dayOff = levelAt("day_off");
const yearOff = levelAt("year_off");
const inRange = levelAt("in_range");
const sameMonth = levelAt("month");
const sameYear = levelAt("year");
const digit = levelAt("digit");

function compare(askedDate: number, listedDate: number, years: number): number {
  const asked = known(askedDate);
  const listed = known(listedDate);
  if (asked === 0 || listed === 0) return bornUnknown;
  const askedYear = Math.floor(asked / 10_000);
  const listedYear = Math.floor(listed / 10_000);
  const apart = Math.abs(askedYear - listedYear);
  const coarse = asked % 100 === 0 || listed % 100 === 0;
  const exact = coarse ? compareCoarse(asked, listed, apart) : compareDays(asked, listed, apart);
  if (exact !== bornConflict) return exact;
  if (years > 0 && apart <= years) return inRange;
  // The year beside a made-up day is made up as well, often: it can speak for somebody, not against.
  return asked !== askedDate || listed !== listedDate ? bornUnknown : bornConflict;
}

/** One of them does not know its day, or not even its month. */
function compareCoarse(asked: number, listed: number, apart: number): number {
  if (apart > 0) return bornConflict;
  const askedMonth = Math.floor(asked / 100) % 100;
  const listedMonth = Math.floor(listed / 100) % 100;
  if (askedMonth === 0 || listedMonth === 0) return sameYear;
  return askedMonth === listedMonth ? sameMonth : bornConflict;
}

function compareDays(asked: number, listed: number, apart: number): number {
  if (asked === listed) return same;
  if (
    apart === 0 &&
    asked % 100 === Math.floor(listed / 100) % 100 &&
    Math.floor(asked / 100) % 100 === listed % 100
  )
    return swapped;
  if (apart <= 1 && Math.abs(dayCount(asked) - dayCount(listed)) === 1) return dayOff;
  if (apart === 1 && asked % 10_000 === listed % 10_000) return yearOff;
  return oneDigit(asked, listed) ? digit : bornConflict;
}

function dayCount(date: number): number {
  return Date.UTC(Math.floor(date / 10_000), (Math.floor(date / 100) % 100) - 1, date % 100) / 86_400_000;
}

/** One of the eight digits is another, or two neighbours have changed places. */
function oneDigit(asked: number, listed: number): boolean {
  // One digit makes a difference of 1 to 9, two neighbours one of 9 to 81, before zeros: most dates end here.
  let apart = Math.abs(asked - listed);
  while (apart > 81 && apart % 10 === 0) apart /= 10;
  if (apart > 81) return false;
  let differing = 0;
  let first = -1;
  let last = -1;
  for (let place = 0, a = asked, b = listed; place < 8; place += 1) {
    if (a % 10 !== b % 10) {
      differing += 1;
      if (first < 0) first = place;
      last = place;
    }
    a = Math.floor(a / 10);
    b = Math.floor(b / 10);
  }
  if (differing === 1) return true;
  if (differing !== 2 || last - first !== 1) return false;
  const at = (date: number, place: number): number => Math.floor(date / 10 ** place) % 10;
  return at(asked, first) === at(listed, last) && at(asked, last) === at(listed, first);
}
