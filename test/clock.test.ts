import { describe, expect, it } from "vitest";

import { DAY, durationWords, HOUR, inBoth, inZone, isZone, MINUTE, SECOND, zulu } from "../src/clock.ts";

const newYork = "America/New_York";

describe("a time", () => {
  it("is shown in the reader's zone", () => {
    expect(inZone(new Date("2026-11-22T07:14:59Z"), newYork)).toBe("Sun 22 Nov 02:14 EST");
  });

  it("is shown in Zulu beside it", () => {
    expect(zulu(new Date("2026-11-25T07:00:00Z"))).toBe("07:00Z");
    expect(inBoth(new Date("2026-11-25T07:00:00Z"), newYork)).toBe("Wed 25 Nov 02:00 EST (07:00Z)");
  });

  it("names the Zulu day where it is not the reader's", () => {
    expect(inBoth(new Date("2026-11-25T03:00:00Z"), newYork)).toBe("Tue 24 Nov 22:00 EST (Wed 03:00Z)");
  });

  it.each([
    ["a year from now", "2027-11-22T21:48:00Z", "Mon 22 Nov 2027 16:48 EST (21:48Z)"],
    ["soon, but in another year", "2027-01-01T05:00:00Z", "Fri 1 Jan 2027 00:00 EST (05:00Z)"],
    ["in another year in Zulu alone", "2027-01-01T04:59:59Z", "Thu 31 Dec 23:59 EST (Fri 04:59Z)"],
    ["180 days ago", "2026-05-26T21:48:00Z", "Tue 26 May 17:48 EDT (21:48Z)"],
    ["longer ago than that", "2026-05-26T21:47:59Z", "Tue 26 May 2026 17:47 EDT (21:47Z)"],
  ])("%s has its year where a day alone would mislead", (_where, at, shown) => {
    expect(inBoth(new Date(at), newYork, new Date("2026-11-22T21:48:00Z"))).toBe(shown);
  });

  it("follows daylight saving time, through the hour that comes twice", () => {
    expect(inZone(new Date("2026-11-01T05:30:00Z"), newYork)).toBe("Sun 1 Nov 01:30 EDT");
    expect(inZone(new Date("2026-11-01T06:30:00Z"), newYork)).toBe("Sun 1 Nov 01:30 EST");
    expect(inZone(new Date("2026-07-01T12:00:00Z"), "America/Phoenix")).toBe("Wed 1 Jul 05:00 MST");
  });

  it("is shown in UTC, and says so, when the zone is unknown", () => {
    expect(inZone(new Date("2026-11-25T07:00:00Z"), "Mars/Olympus")).toBe("Wed 25 Nov 07:00 UTC");
  });

  it("at midnight is 00:00, not 24:00", () => {
    expect(inZone(new Date("2026-11-25T05:00:00Z"), newYork)).toBe("Wed 25 Nov 00:00 EST");
  });
});

it.each([
  [newYork, true],
  ["UTC", true],
  ["Eastern", false],
  ["", false],
  ["+05:00", false],
])("%j is a zone: %s", (zone, expected) => {
  expect(isZone(zone)).toBe(expected);
});

it.each([
  [-5, "0 min"],
  [0, "0 min"],
  [45 * SECOND, "45 s"],
  [MINUTE - 1, "59 s"],
  [MINUTE, "1 min"],
  [12 * MINUTE + 59 * SECOND, "12 min"],
  [90 * MINUTE, "90 min"],
  [2 * HOUR, "2 h"],
  [47 * HOUR, "47 h"],
  [48 * HOUR, "2 d"],
  [30 * DAY, "30 d"],
])("%d ms is said as %s", (ms, words) => {
  expect(durationWords(ms)).toBe(words);
});
