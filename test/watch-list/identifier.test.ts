import { describe, expect, it } from "vitest";

import { askKeys, indexKeys, readIdentifiers, type Identifier } from "../../src/watch-list/identifier.ts";

const shown = (text: string) => readIdentifiers(text).identifiers.map((one) => one.shown);
const plate = (issuer?: string): Identifier => ({
  kind: "plate",
  value: "ABC1234",
  ...(issuer !== undefined && { issuer }),
  shown: "",
});

describe("identifiers in free text", () => {
  it.each([
    ["MD ABC1234", "plate MD ABC1234"],
    ["plate ABC-1234 md", "plate MD ABC1234"],
    ["abc 1234", "plate ABC1234"],
    ["tag: COPFAN", "plate COPFAN"],
    ["+1 410 555 0142", "+14105550142"],
    ["(410) 555-0142", "+14105550142"],
    ["cell 410.555.0142 x12", "+14105550142"],
    ["Ann@Example.COM", "ann@example.com"],
    ["@IronJack", "@ironjack"],
    ["handle IronJack", "@ironjack"],
    ["@IronJack (Twitter)", "@ironjack (x)"],
    ["ig @IronJack", "@ironjack (instagram)"],
    ["https://x.com/IronJack?s=20", "@ironjack (x)"],
    ["t.me/IronJack", "@ironjack (telegram)"],
    ["1FTEW1E50FFA00001", "VIN 1FTEW1E50FFA00001"],
  ])("%s is read as %s", (text, expected) => {
    expect(readIdentifiers(text)).toMatchObject({ identifiers: [{ shown: expected }], unread: [] });
  });

  it("stand one a line or with commas, and each counts once", () => {
    expect(shown("MD ABC1234, plate ABC-1234 MD\n@a_b; @a_b (x)")).toEqual([
      "plate MD ABC1234",
      "@a_b",
      "@a_b (x)",
    ]);
  });

  it.each([
    "blue truck",
    "1984-03-02",
    "3/2/1984",
    "555-0142",
    "123-45-6789",
    "white 2015 F-150",
    "bit.ly/xyz",
  ])("%s is none of them, and is given back", (text) => {
    expect(readIdentifiers(text)).toEqual({ identifiers: [], unread: [text] });
  });

  it("beyond twenty are given back, not dropped", () => {
    const text = Array.from({ length: 22 }, (_, place) => `@user${String(place)}`).join("\n");
    expect(readIdentifiers(text)).toMatchObject({
      identifiers: { length: 20 },
      unread: ["@user20", "@user21"],
    });
  });
});

describe("the keys of an identifier", () => {
  const matches = (entry: Identifier, asked: Identifier) =>
    askKeys(asked).some((key) => indexKeys(entry).includes(key));

  it("match where both name the same state, or one of them none", () => {
    expect(matches(plate("MD"), plate("MD"))).toBe(true);
    expect(matches(plate("MD"), plate())).toBe(true);
    expect(matches(plate(), plate("MD"))).toBe(true);
    expect(matches(plate(), plate())).toBe(true);
  });

  it("never match across states", () => {
    expect(matches(plate("MD"), plate("VA"))).toBe(false);
  });
});
