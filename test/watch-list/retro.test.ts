import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { readIdentifiers } from "../../src/watch-list/identifier.ts";
import { readInputs } from "../../src/watch-list/query.ts";
import { judgeOf } from "../../src/watch-list/retro-judge.ts";
import {
  formsOfPerson,
  formsOfQuestion,
  MOST_FORMS,
  RETRO_KEYS,
  type FindablePerson,
} from "../../src/watch-list/retro.ts";

const letters = Array.from({ length: 26 }, (_none, place) => String.fromCodePoint(97 + place));

type Inputs = Parameters<typeof readInputs>[0];
const person = (names: string, more: Partial<FindablePerson> = {}): FindablePerson => ({
  names: [names],
  birthDates: [],
  identifiers: [],
  ...more,
});

/** Whether a question and an entry after it have a form in common. */
function meet(inputs: Inputs, about: FindablePerson): boolean {
  const forms = new Set(formsOfPerson(about));
  return formsOfQuestion(readInputs(inputs)).some((form) => forms.has(form));
}

describe("a question and the entry that comes after it meet", () => {
  it.each([
    ["John Smith", "Jon Smyth"],
    ["Smith, John", "john smith"],
    ["William Carter", "Bill Carter"],
    ["Catherine O'Connor", "Kathryn OConnor"],
    ["Mohammed al-Rashid", "Muhammad Al Rasheed"],
    ["José Rodríguez García", "Jose Rodrigues"],
    ["Ямал Петров", "Yamal Petrov"],
    ["Johann Müller", "Johann Mueller"],
    ["Robert James Miller Jr", "Bob Miller"],
  ])("by name: %s asked, %s entered", (name, listed) => {
    expect(meet({ name }, person(listed))).toBe(true);
    expect(meet({ name: listed }, person(name))).toBe(true);
  });

  it("by one part of the name and the birth date, also with day and month exchanged, or the year alone", () => {
    const listed = person("Gregory Smith", { birthDates: ["1984-03-02"] });
    expect(meet({ name: "Xavier Smyth", born: "1984-03-02" }, listed)).toBe(true);
    expect(meet({ name: "Smith", born: "1984-02-03" }, listed)).toBe(true);
    expect(meet({ name: "Smith", born: "1984" }, listed)).toBe(true);
    expect(meet({ name: "Xavier Smyth", born: "1971-11-20" }, listed)).toBe(false);
  });

  it("by an identifier, as it was asked or without its state", () => {
    const { identifiers } = readIdentifiers("MD ABC1234\n@ironjack (x)\n+1 410 555 0142");
    const listed = person("Nobody Atall", { identifiers });
    for (const written of ["md abc-1234", "plate ABC1234", "@ironjack", "410-555-0142"]) {
      expect(meet({ identifiers: written }, listed), written).toBe(true);
    }
    expect(meet({ identifiers: "VA ABC1234" }, listed)).toBe(false);
    expect(meet({ identifiers: "MD ABC9999" }, listed)).toBe(false);
  });

  it.each([
    ["John Smith", "Peter Wagner"],
    ["John Smith", "John Wagner"],
    ["Anna Lopez", "Hannah Petrova"],
  ])("not by one usual part alone: %s, %s", (name, listed) => {
    expect(meet({ name }, person(listed))).toBe(false);
  });
});

it("of any question as many forms are kept at most, each once, and the same for the same", () => {
  const word = fc.string({
    minLength: 1,
    maxLength: 12,
    unit: fc.constantFrom(...letters),
  });
  fc.assert(
    fc.property(
      fc.array(word, { maxLength: 10 }),
      fc.option(fc.constantFrom("1984-03-02", "1984", "3/2/1984", "1984 ±5")),
      fc.array(fc.constantFrom("MD ABC1234", "@iron", "a@b.org", "410-555-0142", "AB?12*"), { maxLength: 6 }),
      (words, born, identifiers) => {
        const asked = readInputs({
          name: words.join(" "),
          born: born ?? undefined,
          identifiers: identifiers.join("\n"),
        });
        const forms = formsOfQuestion(asked);
        expect(forms.length).toBeLessThanOrEqual(RETRO_KEYS);
        expect(new Set(forms).size).toBe(forms.length);
        expect(formsOfQuestion(asked)).toEqual(forms);
      },
    ),
  );
});

it("whoever is entered as they were asked about is met, whatever the name", () => {
  const word = fc.string({
    minLength: 3,
    maxLength: 12,
    unit: fc.constantFrom(...letters),
  });
  fc.assert(
    fc.property(fc.uniqueArray(word, { minLength: 2, maxLength: 6 }), (words) => {
      const name = words.join(" ");
      fc.pre(readInputs({ name }).tokens.length >= 2);
      expect(meet({ name }, person(words.toReversed().join(" ")))).toBe(true);
    }),
  );
});

it("of an entry with many names of many parts each is met, and no more is looked for than of any other", () => {
  const parts = "alexander benjamin christopher dominic elizabeth frederick gregory harrison".split(" ");
  const names = letters.slice(0, 10).map((letter) => parts.map((part) => `${part}${letter}`).join(" "));
  const listed = { names, birthDates: ["1984-03-02", "1985"], identifiers: [] };
  expect(formsOfPerson(listed).length).toBeLessThanOrEqual(MOST_FORMS);
  for (const name of names) {
    expect(meet({ name }, listed), name).toBe(true);
    expect(meet({ name: name.split(" ").slice(-2).join(" ") }, listed), name).toBe(true);
    expect(meet({ name: name.split(" ")[0] ?? "", born: "1984-03-02" }, listed), name).toBe(true);
  }
});

describe("whether a question would have hit the entry", () => {
  const { identifiers } = readIdentifiers("MD ABC1234");
  const judge = (audience: readonly string[] | undefined, agency: string, inputs: Inputs) =>
    judgeOf({
      entry: { number: 7, owner: "owner", sensitivity: "OPEN", audience, expiresAt: new Date("2099-01-01") },
      person: person("Gregor Vandersloot", { birthDates: ["1984-03-02"], identifiers }),
      tokens: [],
      counts: new Map([[0, 1_000_000]]),
    })({ asked: readInputs(inputs), agency, now: new Date("2026-01-01") });

  it.each([
    ["its plate", { identifiers: "md abc-1234" }, "STRONG"],
    ["part of its plate", { identifiers: "MD ABC12*" }, "POSSIBLE"],
    ["another state's plate", { identifiers: "VA ABC1234" }, undefined],
    [
      "its name, spelled otherwise, and birth date",
      { name: "Gregor Van der Sloot", born: "1984-03-02" },
      "STRONG",
    ],
    ["somebody else", { name: "Gregor Smith", born: "1971-08-09" }, undefined],
  ] as const)("%s", (_what, inputs, band) => {
    expect(judge(undefined, "asker", inputs)).toBe(band);
    expect(judge(["asker"], "asker", inputs)).toBe(band);
    expect(judge([], "owner", inputs)).toBe(band);
    expect(judge(["another"], "asker", inputs)).toBeUndefined();
  });
});
