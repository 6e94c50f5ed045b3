import { DateTime, IANAZone } from "luxon";

// How times look to people. What time it is, is the database's to say (design: two clocks, both the database's).

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Whether this is a zone we can show times in: "America/Chicago", "UTC". */
export function isZone(zone: string): boolean {
  // Not "+05:00", which PostgreSQL reads the other way round.
  // Unlike isValidZone, a zone made by `create` remembers its answer.
  return /^[A-Z]/i.test(zone) && IANAZone.create(zone).isValid;
}

/** A wrong zone must not stop an alert: the time is then shown in UTC, and says so. */
function local(at: Date, zone: string): DateTime {
  return DateTime.fromJSDate(at, { zone: isZone(zone) ? zone : "UTC" }).setLocale("en-US");
}

// A day without a year is taken for the nearest one of that name.
const NEAR = 180 * DAY;

/**
 * "Sun 22 Nov 02:14 EST". For a moment that may be far from `now` give that too: in another year, or more than 180 days
 * away, it is "Mon 22 Nov 2027 16:48 EST".
 */
export function inZone(at: Date, zone: string, now: Date = at): string {
  const here = local(at, zone);
  const far = here.year !== local(now, zone).year || Math.abs(at.getTime() - now.getTime()) > NEAR;
  return here.toFormat(far ? "ccc d LLL yyyy HH:mm ZZZZ" : "ccc d LLL HH:mm ZZZZ");
}

/** "07:00Z" */
export function zulu(at: Date): string {
  return local(at, "UTC").toFormat("HH:mm'Z'");
}

/** As `inZone`, with Zulu: "Wed 25 Nov 02:00 EST (07:00Z)"; names the Zulu day where it is another: "(Thu 03:00Z)". */
export function inBoth(at: Date, zone: string, now: Date = at): string {
  const here = local(at, zone);
  const there = local(at, "UTC");
  const sameDay = here.toISODate() === there.toISODate();
  return `${inZone(at, zone, now)} (${there.toFormat(sameDay ? "HH:mm'Z'" : "ccc HH:mm'Z'")})`;
}

/** "45 s", "12 min", "3 h", "2 d": whole units, rounded down. */
export function durationWords(ms: number): string {
  const left = Math.max(0, ms);
  if (left >= 2 * DAY) return `${Math.floor(left / DAY)} d`;
  if (left >= 2 * HOUR) return `${Math.floor(left / HOUR)} h`;
  if (left >= MINUTE || left < SECOND) return `${Math.floor(left / MINUTE)} min`;
  return `${Math.floor(left / SECOND)} s`;
}
