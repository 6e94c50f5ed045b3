import { bornAsked } from "./birth.ts";
import type { Born } from "./question.ts";

// The dates under which somebody may be on record who was asked about with another one.

/** More years than this either side are not looked up day by day. */
const MOST_YEARS = 10;

/**
 * As yyyymmdd: each reading, its day and month swapped, a day and a year off, the asked years either side, and its
 * month with the day not known. Of a month all its days. A year alone is half a per cent of all people: nothing.
 */
export function datesToLookUp(born: Born | undefined): readonly number[] {
  const asked = bornAsked(born);
  if (asked === undefined) return [];
  const years = Math.min(MOST_YEARS, Math.max(1, asked.years));
  const dates = new Set<number>();
  for (const reading of asked.readings) {
    const year = Math.floor(reading / 10_000);
    const month = Math.floor(reading / 100) % 100;
    const day = reading % 100;
    if (month === 0) continue;
    const near = day === 0 ? wholeMonth(year, month) : nearDays({ year, month, day }, years);
    for (const date of near) dates.add(date);
  }
  return [...dates].toSorted((one, other) => one - other);
}

interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

function nearDays({ year, month, day }: Day, years: number): readonly number[] {
  const near = [
    number({ year, month, day }),
    number({ year, month, day: 0 }),
    number({ year, month: 0, day: 0 }),
  ];
  if (day <= 12) near.push(number({ year, month: day, day: month }));
  for (const by of [-1, 1]) {
    const beside = new Date(Date.UTC(year, month - 1, day + by));
    near.push(
      number({ year: beside.getUTCFullYear(), month: beside.getUTCMonth() + 1, day: beside.getUTCDate() }),
    );
    for (let off = 1; off <= years; off += 1) near.push(number({ year: year + by * off, month, day }));
  }
  return near;
}

function wholeMonth(year: number, month: number): readonly number[] {
  return Array.from({ length: 32 }, (_none, day) => number({ year, month, day }));
}

function number({ year, month, day }: Day): number {
  return year * 10_000 + month * 100 + day;
}
