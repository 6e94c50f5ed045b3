import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { namePairs, normaliseDate, normaliseName } from "../../src/watch-list/name.ts";

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
    "19840302",
    "3/2/1984",
    "03-02-1984",
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

  it("is not after today", () => {
    const now = new Date("2026-11-22T12:00:00Z");
    expect(normaliseDate("2026-11-22", now)).toBe("2026-11-22");
    expect(normaliseDate("2026-11-23", now)).toBeUndefined();
  });
});
