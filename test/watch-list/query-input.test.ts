import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { queryFeature } from "../../src/watch-list/query-command.ts";
import {
  askedBytes,
  inputLimits,
  MOST_COUNTED,
  MOST_SHOWN,
  MOST_SILENT,
  packFound,
  padded,
  PADDED_BYTES,
  readCaseRef,
  readInputs,
  tooLittle,
  unpackFound,
  type FoundEntry,
} from "../../src/watch-list/query.ts";

describe("a case number", () => {
  it.each([
    ["24-118833", { caseRef: "24-118833" }],
    [" cad 24-118833 ", { caseRef: "24-118833" }],
    ["Case no. mpd/24.7", { caseRef: "MPD/24.7" }],
    ["24-118833 for 4A12", { caseRef: "24-118833", unit: "4A12" }],
    ["24-118833 for unit Adam 12", { caseRef: "24-118833", unit: "Adam 12" }],
    ["none 4A12", { caseRef: "NONE", unit: "4A12" }],
    ["NONE for 4A12", { caseRef: "NONE", unit: "4A12" }],
  ])("is read from %j", (text, read) => {
    expect(readCaseRef(text)).toEqual(read);
  });

  it.each(["", "NONE", "Smyth", "Jon Smyth 4A12", `1${"0".repeat(32)}`, `24-1 for ${"x".repeat(21)}`])(
    "is not %j",
    (text) => {
      expect(readCaseRef(text)).toBeUndefined();
    },
  );
});

const protectedAttributes = /race|ethnic|relig|national|immigra|orient|gender|sex|politic|descri|colou?r/i;

describe("what may be asked by", () => {
  const page = queryFeature.forms?.find(({ form }) => form === "watch");

  it("has no place for a protected attribute", () => {
    const fields = Object.keys(page?.values.shape ?? {});
    expect(fields).toEqual(["purpose", "ref", "name", "born", "identifiers"]);
    expect(Object.keys(readInputs({}))).toEqual([
      "name",
      "tokens",
      "suffix",
      "born",
      "identifiers",
      "unread",
      "problems",
    ]);
    const verbs = (queryFeature.commands ?? []).flatMap(({ verbs: all }) => all);
    expect(
      verbs.flatMap(({ input }) => Object.keys(input.shape)).filter((name) => protectedAttributes.test(name)),
    ).toEqual([]);
  });

  it("drops any other value that comes with a form", () => {
    const base = { purpose: ["traffic_stop"], ref: "24-1", name: "Jon Smyth" };
    const extras = fc.dictionary(
      fc.constantFrom("race", "ethnicity", "religion", "nationality", "gender", "politics", "description"),
      fc.oneof(fc.string(), fc.array(fc.string())),
      { minKeys: 1 },
    );
    fc.assert(
      fc.property(extras, (extra) => {
        expect(page?.values.parse({ ...extra, ...base })).toEqual(page?.values.parse(base));
      }),
    );
  });
});

describe("too little to find one person by", () => {
  it.each([
    [{}, true],
    [{ name: "Smyth" }, true],
    [{ born: "1984-03-02" }, true],
    [{ name: "Smyth", born: "1984-03-02" }, false],
    [{ name: "Jon Smyth" }, false],
    [{ name: "Mr. Smyth Jr." }, true],
    [{ identifiers: "+1 410 555 0142" }, false],
    [{ identifiers: "555-0142" }, true],
    [{ identifiers: "555-0142", born: "1984" }, false],
    [{ identifiers: "AB1*" }, true],
    [{ identifiers: "AB1*", name: "Smyth" }, false],
    [{ identifiers: "AB1* MD" }, false],
    [{ identifiers: "AB?12*" }, false],
    [{ identifiers: "the red truck", name: "Smyth" }, true],
  ])("is %j: %s", (inputs, little) => {
    expect(tooLittle(readInputs(inputs))).toBe(little);
  });
});

describe("a name as it is asked", () => {
  it.each([
    ["jon o'smyth jr.", ["jon", "osmyth"], "jr"],
    ["Jon 🎂 Smyth 🇺🇸👍🏽", ["jon", "smyth"], undefined],
    ["Иван Петров", ["ivan", "petrov"], undefined],
  ])("%j has these parts", (name, tokens, suffix) => {
    expect(readInputs({ name })).toMatchObject({ tokens, suffix, problems: {} });
  });

  it.each([
    ["🎂🎂", "I find no name in this."],
    ["!!", "I find no name in this."],
    ["12345", "I find no name in this."],
    ["\u0000", "I find no name in this."],
    ["J", "A letter is no name."],
    ["j. s.", "A letter is no name."],
    ["Smi*", "without * and ?"],
    ["J* Smyth", "without * and ?"],
  ])("%j is asked about: %s", (name, sentence) => {
    expect(readInputs({ name }).problems.name).toContain(sentence);
  });

  it("of one sign is a name where a sign is a syllable", () => {
    expect(readInputs({ name: "오", born: "1984" }).problems).toEqual({});
  });
});

describe("what outlives a question", () => {
  const bytes = (inputs: Parameters<typeof readInputs>[0]) => askedBytes("agency", readInputs(inputs));

  it("is one spelling of it, whatever was written", () => {
    expect(bytes({ name: "Smyth, JON", born: "1984-03-02" })).toBe(
      bytes({ name: "jon smyth", born: "2 Mar 1984" }),
    );
    expect(bytes({ name: "Jon Smyth", born: "1984-03-02" })).toBe(
      bytes({ name: "Jon Smyth", born: "3/2/1984" }),
    );
  });

  it.each<[Parameters<typeof readInputs>[0]]>([
    [{ name: "Jon Smyth" }],
    [{ name: "Jon Smyth", born: "1984-03" }],
    [{ name: "Jon Smyth", born: "1984-03-02 ±1" }],
    [{ name: "Jon Smyth", born: "2/3/1984" }],
    [{ name: "Jon Smyth Jr", born: "1984-03-02" }],
    [{ name: "Jon Smyth", born: "1984-03-02", identifiers: "MD AB?12*" }],
  ])("tells %j from the same with its birth date", (inputs) => {
    expect(bytes(inputs)).not.toBe(bytes({ name: "Jon Smyth", born: "1984-03-02" }));
  });
});

const found: fc.Arbitrary<FoundEntry> = fc.record({
  entryId: fc.uuid(),
  sensitivity: fc.constantFrom("OPEN", "AGENCY_ONLY", "RESTRICTED"),
  band: fc.constantFrom("STRONG", "POSSIBLE"),
});

describe("what is kept of a query", () => {
  it("has one size, however much was found and counted", () => {
    const counted = fc.array(fc.record({ entries: fc.nat(9_999_999), agencies: fc.nat(99_999) }), {
      maxLength: MOST_COUNTED,
    });
    fc.assert(
      fc.property(fc.array(found, { maxLength: MOST_SHOWN + MOST_SILENT }), counted, (all, groups) => {
        const kept = padded({ found: packFound(all), counted: groups });
        expect(Buffer.byteLength(JSON.stringify(kept))).toBe(PADDED_BYTES);
        expect(unpackFound(packFound(all))).toEqual(all);
      }),
    );
  });

  it("has one size, however much was asked", () => {
    const text = (most: number) =>
      fc.string({ unit: fc.constantFrom("a", "\u{1F600}", '"', "\n", "ß"), maxLength: most });
    fc.assert(
      fc.property(
        text(inputLimits.name),
        text(inputLimits.identifiers),
        text(inputLimits.born),
        (name, identifiers, born) => {
          const inputs = {
            caseRef: "1".repeat(inputLimits.caseRef),
            unit: "ß".repeat(inputLimits.unit),
            name,
            identifiers,
            born,
          };
          expect(Buffer.byteLength(JSON.stringify(padded(inputs)))).toBe(PADDED_BYTES);
        },
      ),
    );
  });
});
