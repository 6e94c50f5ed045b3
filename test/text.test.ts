import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { cleanText, tooLong } from "../src/text.ts";

describe("text from people", () => {
  it("keeps words, newlines and tabs, and loses the space around them", () => {
    expect(cleanText("  first\r\n\tsecond\u2028third \n")).toBe("first\n\tsecond\nthird");
  });

  it.each([
    ["bidi override", "a\u202Eb"],
    ["isolate", "a\u2066b\u2069"],
    ["zero-width space", "a\u200Bb"],
    ["joiner", "a\u200Db"],
    ["byte order mark", "\uFEFFab"],
    ["soft hyphen", "a\u00ADb"],
    ["hidden tag characters", "a\u{E0041}\u{E0042}b"],
    ["NUL", "a\u0000b"],
    ["escape", "a\u001Bb"],
    ["Hangul filler", "a\u3164b"],
  ])("loses an unseen %s", (_name, text) => {
    expect(cleanText(text)).toBe("ab");
  });

  it("has one form for each letter, so that equal looks are equal texts", () => {
    expect(cleanText("Jose\u0301")).toBe("Jos\u00E9");
    expect(cleanText("e\u200B\u0301")).toBe("\u00E9");
  });

  it("is well-formed, clean a second time, and never of another language's letters", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const clean = cleanText(text);
        expect(clean.isWellFormed()).toBe(true);
        expect(cleanText(clean)).toBe(clean);
      }),
      { numRuns: 1000 },
    );
    expect(cleanText("Žižek 李明 محمد")).toBe("Žižek 李明 محمد");
  });
});

it("length counts characters, not halves of them", () => {
  expect(tooLong("🚓🚓🚓", 3)).toBe(false);
  expect(tooLong("🚓🚓🚓", 2)).toBe(true);
  expect(tooLong("abc", 3)).toBe(false);
  expect(tooLong("abcd", 3)).toBe(true);
});
