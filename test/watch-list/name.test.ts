import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { howToWriteDates, namePairs, normaliseDate, normaliseName } from "../../src/watch-list/name.ts";

describe("a name", () => {
  it.each([
    ["John A. Smyth", ["john", "a", "smyth"]],
    ["SMYTH, JOHN", ["smyth", "john"]],
    ["Mr. John Smyth, Jr.", ["john", "smyth"]],
    ["J.R. Ewing III", ["j", "r", "ewing"]],
    ["Dr", ["dr"]],
    ["O’Brien", ["obrien"]],
    ["O'Brien", ["obrien"]],
    ["O´Brien", ["obrien"]],
    ["José Müller-Lüdenscheidt", ["jose", "muller", "ludenscheidt"]],
    ["Søren Straße", ["soren", "strasse"]],
    ["Ольга Соловьёва", ["olga", "soloveva"]],
    ["张伟", ["zhang", "wei"]],
    ["ＪＯＨＮ　Smyth", ["john", "smyth"]],
    ["Duran Duran", ["duran"]],
    ["?!", []],
  ])("%s is compared as %j", (text, tokens) => {
    expect(normaliseName(text)).toEqual(tokens);
  });

  it("has at most eight parts of at most 32 letters", () => {
    const tokens = normaliseName(`${"x".repeat(50)} a b c d e f g h i`);
    expect(tokens).toHaveLength(8);
    expect(tokens[0]).toBe("x".repeat(32));
  });

  it("stays as it is when normalised again, whatever was typed", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const once = normaliseName(text);
        expect(normaliseName(once.join(" "))).toEqual(once);
        expect(once.every((token) => /^[a-z0-9]{1,32}$/.test(token))).toBe(true);
      }),
    );
  });

  it("is found by every unordered pair of its parts; one part alone is its own pair", () => {
    expect(namePairs(["a", "b", "c"])).toEqual([
      ["a", "b"],
      ["a", "c"],
      ["b", "c"],
    ]);
    expect(namePairs(["cher"])).toEqual([["cher", "cher"]]);
    expect(namePairs([])).toEqual([]);
  });
});

describe("a birth date", () => {
  it.each([
    "1984-03-02",
    "1984/3/2",
    "1984.03.02",
    "03/02/1984",
    "19840302",
    "3/2/1984",
    "2 Mar 1984",
    "02MAR1984",
    "2nd March 1984",
    "March 2, 1984",
    "mar. 2 1984",
    " 1984-03-02 ",
  ])("%s is 1984-03-02", (text) => {
    expect(normaliseDate(text)).toBe("1984-03-02");
  });

  it.each([
    "1984-02-30",
    "2/29/1983",
    "13/1/1984",
    "13/2/1987",
    "4/2/87",
    "02.04.1987",
    "2.4.1987",
    "2.4.87",
    "2-4-1987",
    "02-04-1987",
    "2/4-1987",
    "2 4 1987",
    "1984-123",
    "1984-3/2",
    "84-03-02",
    "1984123",
    "Mar 1984",
    "1984",
    "1884-03-02",
    "2 Foo 1984",
    "",
  ])("%j is none", (text) => {
    expect(normaliseDate(text)).toBeUndefined();
  });

  const same = (date: string, parts: readonly (number | string)[]) =>
    date.split("-").map(Number).join(" ") === parts.map(Number).join(" ");

  it("with slashes is month, day, year, or none", () => {
    const part = fc.integer({ min: 0, max: 40 });
    fc.assert(
      fc.property(part, part, fc.integer({ min: 1, max: 2100 }), (month, day, year) => {
        const date = normaliseDate(`${month}/${day}/${year}`);
        return date === undefined || same(date, [year, month, day]);
      }),
    );
  });

  it("in digits is never read in another order", () => {
    const digits = fc.stringMatching(/^[0-9]{1,4}[-/.]?[0-9]{1,2}[-/.]?[0-9]{1,4}$/);
    fc.assert(
      fc.property(digits, (text) => {
        const date = normaliseDate(text);
        if (date === undefined || date.replaceAll("-", "") === text) return true;
        const [one = "", two = "", three = ""] = text.match(/\d+/g) ?? [];
        const slashes = text === `${one}/${two}/${three}`;
        return one.length === 4 ? same(date, [one, two, three]) : slashes && same(date, [three, one, two]);
      }),
      { numRuns: 2000 },
    );
  });

  it("is asked for in two ways that are read, and mean one day", () => {
    expect((howToWriteDates.match(/[\d/-]{8,}/g) ?? []).map((date) => normaliseDate(date))).toEqual([
      "1987-04-02",
      "1987-04-02",
    ]);
  });

  it("is not after today", () => {
    const now = new Date("2026-11-22T12:00:00Z");
    expect(normaliseDate("2026-11-22", now)).toBe("2026-11-22");
    expect(normaliseDate("2026-11-23", now)).toBeUndefined();
  });
});
