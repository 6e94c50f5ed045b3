import { describe, expect, it } from "vitest";

import {
  askKeys,
  indexKeys,
  isUnique,
  patternKeys,
  readIdentifiers,
  type Fit,
  type Identifier,
} from "../../src/watch-list/identifier.ts";
import { handleSkeleton, vinAddsUp } from "../../src/watch-list/look-alike.ts";

const shown = (text: string) => readIdentifiers(text).identifiers.map((one) => one.shown);

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
    ["1M8GDM9AXKP042788", "VIN 1M8GDM9AXKP042788"],
    ["1m8gdm9axkpO42788", "VIN 1M8GDM9AXKP042788"],
    ["WVWZZZ1JZXW000001", "VIN WVWZZZ1JZXW000001"],
    ["@Иван_77", "@иван_77"],
  ])("%s is read as %s", (text, expected) => {
    expect(readIdentifiers(text)).toMatchObject({
      identifiers: [{ shown: expected }],
      unread: [],
      wrong: [],
    });
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
    expect(readIdentifiers(text)).toEqual({ identifiers: [], unread: [text], wrong: [] });
  });

  it("beyond twenty are given back, not dropped", () => {
    const text = Array.from({ length: 22 }, (_, place) => `@user${String(place)}`).join("\n");
    expect(readIdentifiers(text)).toMatchObject({
      identifiers: { length: 20 },
      unread: ["@user20", "@user21"],
    });
  });
});

describe("what is known in part", () => {
  const asking = (text: string) => readIdentifiers(text, { asking: true });

  it.each([
    ["AB?12*", "plate AB?12*"],
    ["plate md ab?-12*", "plate MD AB?12*"],
    ["*789 VA", "plate VA *789"],
    ["AB**123", "plate AB*123"],
    ["555-0142", "phone 555-0142, area code not known"],
    ["cell 5550142", "phone 555-0142, area code not known"],
  ])("%s is asked by as %s", (text, expected) => {
    expect(asking(text)).toMatchObject({ identifiers: [{ shown: expected }], unread: [], wrong: [] });
  });

  it.each(["AB?12*", "555-0142"])("%s is no identifier of an entry", (text) => {
    expect(readIdentifiers(text)).toEqual({ identifiers: [], unread: [text], wrong: [] });
  });

  it.each([
    ["A*", "at least 3 letters or figures"],
    ["MD A?1", "at least 3 letters or figures"],
    ["***", "at least 3 letters or figures"],
    ["?", "at least 3 letters or figures"],
    ["@iron*", "Only a plate may have *"],
    ["ann*@example.com", "Only a plate may have *"],
    ["1M8GDM9AXKP042789", "VIN 1M8GDM9AXKP042789 does not add up"],
    ["vin 1M8GDM9AXKP042799", "VIN 1M8GDM9AXKP042799 does not add up"],
  ])("%s is asked about: %s", (text, sentence) => {
    const { wrong } = asking(text);
    expect(wrong).toEqual([expect.stringContaining(sentence)]);
  });

  it("is enough to ask by where its state or more than three signs are known", () => {
    const unique = (text: string) => asking(text).identifiers.map(isUnique);
    expect(unique("AB1*\nAB?12*\nMD AB1*\n555-0142\n+1 410 555 0142\n@ironjack\nplate ABC1234")).toEqual([
      false,
      true,
      true,
      false,
      true,
      true,
      true,
    ]);
  });
});

describe("a VIN's check digit", () => {
  it.each(["1M8GDM9AXKP042788", "11111111111111111", "WVWZZZ1JZXW000001"])(
    "of %s adds up, or is none",
    (vin) => {
      expect(vinAddsUp(vin)).toBe(true);
    },
  );

  it("finds any one wrong figure", () => {
    const vin = "1M8GDM9AXKP042788";
    const figures = Array.from(vin.matchAll(/\d/g), ({ index }) => index).slice(1);
    const wrong = figures.map((place) => {
      const figure = String((Number(vin.charAt(place)) + 1) % 10);
      return vin.slice(0, place) + figure + vin.slice(place + 1);
    });
    expect(wrong.filter(vinAddsUp)).toEqual([]);
  });
});

describe("the keys of an identifier", () => {
  const one = (text: string): Identifier => {
    const [identifier] = readIdentifiers(text, { asking: true }).identifiers;
    if (identifier === undefined) throw new Error(`${text} is no identifier`);
    return identifier;
  };
  const fitsOf = (entry: string, asked: string): readonly Fit[] =>
    askKeys(one(asked))
      .filter(({ key }) => indexKeys(one(entry)).includes(key))
      .map(({ fit }) => fit);

  it.each<[entry: string, asked: string, fit: Fit | undefined]>([
    ["MD ABC1234", "MD abc-1234", "whole"],
    ["MD ABC1234", "plate ABC1234", "issuer_unknown"],
    ["plate ABC1234", "MD ABC1234", "issuer_unknown"],
    ["plate ABC1234", "plate ABC1234", "issuer_unknown"],
    ["MD ABC1234", "VA ABC1234", undefined],
    ["MD OBZ1561", "MD 08215GI", "look_alike"],
    ["MD OBZ1561", "plate 08215GI", "look_alike"],
    ["plate OBZ1561", "MD 08215GI", "look_alike"],
    ["MD OBZ1561", "VA 08215GI", undefined],
    ["MD ABC1234", "MD ABC1235", undefined],
    ["+1 410 555 0142", "(410) 555-0142", "whole"],
    ["+1 410 555 0142", "+1 202 555 0142", "last_seven"],
    ["+1 410 555 0142", "555-0142", "last_seven"],
    ["+44 20 7946 0142", "+1 202 946 0142", undefined],
    ["Ann@Example.com", "ann@example.com", "whole"],
    ["a.nn@gmail.com", "ann+x@googlemail.com", "same_mailbox"],
    ["a.nn@example.com", "ann@example.com", undefined],
    ["ann@example.com", "ann+list@example.com", "same_mailbox"],
    ["@ironjack (x)", "twitter @IronJack", "whole"],
    ["@ironjack (x)", "@ironjack", "issuer_unknown"],
    ["@ironjack", "@ironjack (x)", "issuer_unknown"],
    ["@ironjack (x)", "@ironjack (instagram)", "other_issuer"],
    ["@ironjack (x)", "@lr0n_Jack", "look_alike"],
    ["@ironjack (x)", "@irоnjасk", "look_alike"],
    ["@ironjack (x)", "@ironjill", undefined],
    ["1M8GDM9AXKP042788", "1M8GDM9AXKP042788", "whole"],
  ])("of %s are found by %s: %s", (...[entry, asked, fit]) => {
    expect(fitsOf(entry, asked)[0]).toBe(fit);
  });

  it("of plates that a part was found to fit leave out those of other states", () => {
    const keys = (asked: string) => patternKeys(one(asked), ["ABX1299"]).map(({ key }) => key);
    const found = (entry: string, asked: string) =>
      keys(asked).some((key) => indexKeys(one(entry)).includes(key));
    expect(found("MD ABX1299", "AB?12*")).toBe(true);
    expect(found("MD ABX1299", "MD AB?12*")).toBe(true);
    expect(found("plate ABX1299", "MD AB?12*")).toBe(true);
    expect(found("MD ABX1299", "VA AB?12*")).toBe(false);
    expect(askKeys(one("AB?12*"))).toEqual([]);
  });

  it("fold what looks alike, and nothing else", () => {
    expect(handleSkeleton("vvlad.burn5")).toBe(handleSkeleton("w1ad-bum_s"));
    expect(handleSkeleton("ironjack")).not.toBe(handleSkeleton("ironjock"));
  });
});
