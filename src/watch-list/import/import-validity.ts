import { DAY } from "../../clock.ts";
import { cleanText } from "../../text.ts";
import { JUVENILE_DAYS } from "../entry.ts";
import { shown, type Reading } from "./import-reading.ts";

/** 28 CFR 23.20(h): five years at most, leap days or not. */
const MOST_DAYS = 1825;
const DEFAULT_DAYS = 365;

export interface Validity {
  readonly days: number;
  /** As written, where a number was. */
  readonly givenDays: number | undefined;
  readonly expiresOn: string | undefined;
}

/** How long, from a number of days or from a day; for a juvenile 180 days at most. */
export function readValidity(reading: Reading, juvenile: boolean): Validity {
  const { cells, now, refuse } = reading;
  const written = (column: "valid_days" | "expires") => cleanText(cells.get(column) ?? "");
  const [number, day] = [written("valid_days"), written("expires")];
  if (number !== "" && day !== "") refuse("expires", "Give valid_days or expires, not both.");
  const givenDays = number === "" ? undefined : readDays(number, reading);
  const expiresOn = day === "" ? undefined : readExpiry(day, reading);
  const toThatDay = expiresOn === undefined ? undefined : daysUntil(expiresOn, now);
  const most = juvenile ? JUVENILE_DAYS : MOST_DAYS;
  if ((toThatDay ?? givenDays ?? 0) > most)
    refuse(
      toThatDay === undefined ? "valid_days" : "expires",
      `A juvenile's entry is valid for at most ${JUVENILE_DAYS} days.`,
    );
  return { days: Math.min(daysOf(toThatDay, givenDays), most), givenDays, expiresOn };
}

function daysOf(toThatDay: number | undefined, givenDays: number | undefined): number {
  // A day more: it ends later in the agency's own zone, and the day itself is kept beside.
  return toThatDay === undefined ? (givenDays ?? DEFAULT_DAYS) : toThatDay + 1;
}

function readDays(written: string, { refuse }: Reading): number | undefined {
  const days = /^\d{1,9}$/.test(written) ? Number(written) : 0;
  if (days >= 1 && days <= MOST_DAYS) return days;
  refuse(
    "valid_days",
    days > MOST_DAYS
      ? `More than five years: at most ${MOST_DAYS} days.`
      : `“${shown(written)}” is not a number of days: 1 to ${MOST_DAYS}.`,
  );
  return undefined;
}

function readExpiry(written: string, { now, refuse }: Reading): string | undefined {
  const moment = new Date(`${written}T00:00:00Z`);
  const isDay =
    /^\d{4}-\d{2}-\d{2}$/.test(written) &&
    !Number.isNaN(moment.getTime()) &&
    moment.toISOString().startsWith(written);
  if (!isDay) {
    refuse("expires", `“${shown(written)}” is not a day I can be sure of. Write it like 2027-05-01.`);
    return undefined;
  }
  const last = new Date(Date.UTC(now.getUTCFullYear() + 5, now.getUTCMonth(), now.getUTCDate() - 1))
    .toISOString()
    .slice(0, 10);
  if (written <= now.toISOString().slice(0, 10)) refuse("expires", `${written} is over. Give a day to come.`);
  else if (written > last) refuse("expires", `More than five years away. Write ${last} or an earlier day.`);
  else return written;
  return undefined;
}

/** To the end of that day in UTC, rounded up. */
function daysUntil(day: string, now: Date): number {
  return Math.ceil((new Date(`${day}T00:00:00Z`).getTime() - now.getTime()) / DAY) + 1;
}
