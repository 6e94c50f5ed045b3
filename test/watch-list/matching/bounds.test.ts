import fc from "fast-check";
import { describe, expect, it, test } from "vitest";

import { createEngine } from "../../../src/watch-list/matching/engine.ts";
import type { Engine } from "../../../src/watch-list/matching/feed.ts";
import {
  exhaustive,
  filled,
  scanningVocabulary,
  search,
  searchSql,
  settle,
  tokens,
  type Person,
} from "./exhaustive.ts";

// What an index leaves out unweighed must be nothing that would have been shown. The names are made of parts of which
// most are usual in this list and a few are not; a question is somebody's name with some parts misspelt.

/** Parts that are alike, in one line: whole names, names that are particles elsewhere, initials, halves. */
const alike = [
  "lewis elvis luis louis",
  "smith smyth smit",
  "maria mario mary",
  "maryann ann anne",
  "thomas tomas tomaz",
  "ben benn bent bin",
  "al all",
  "van vane",
  "j jo joe",
  "m",
  "salman salaman",
].map((line) => line.split(" "));
const unusual = ["xanthakos xantakos santhakos", "oquendo okendo", "szymborska simborska"].map((line) =>
  line.split(" "),
);
const dates = [19840302, 19840203, 19840303, 19850302, 19840711, 19620302, 19000101, 19840101];

const group = fc.oneof(
  { arbitrary: fc.constantFrom(...alike), weight: 12 },
  { arbitrary: fc.constantFrom(...unusual), weight: 1 },
);
const part = group.chain((parts) => fc.constantFrom(...parts));
const people = fc.array(
  fc.record({
    names: fc.array(
      fc.array(part, { minLength: 1, maxLength: 4 }).map((some) => some.join(" ")),
      { minLength: 1, maxLength: 2 },
    ),
    dates: fc.array(fc.constantFrom(...dates), { maxLength: 2 }),
  }),
  { minLength: 300, maxLength: 300 },
);
const questions = fc.array(
  fc.record({
    whose: fc.nat(299),
    // By place: which of the parts alike to it is written instead; none: left out.
    slips: fc.array(fc.constantFrom(0, 0, 1, 2, 3, undefined), { minLength: 4, maxLength: 4 }),
    born: fc.option(
      fc.record({
        readings: fc.constantFrom(["1984-03-02"], ["1984-03-02", "1984-02-03"], ["1984"]),
        years: fc.constantFrom(0, 0, 2),
      }),
      { nil: undefined, freq: 2 },
    ),
  }),
  { minLength: 150, maxLength: 150 },
);

function misspelt(name: string, slips: readonly (number | undefined)[]): string {
  const parts = name.split(" ").flatMap((one, place) => {
    const slip = slips[place];
    const others = [...alike, ...unusual].find((some) => some.includes(one)) ?? [one];
    return slip === undefined ? [] : [others[(others.indexOf(one) + slip) % others.length] ?? one];
  });
  return parts.length === 0 ? name : parts.join(" ");
}

test("what is left out unweighed is nothing that would be shown", { timeout: 120_000 }, () => {
  let shown = 0;
  fc.assert(
    fc.property(people, questions, (some, all) => {
      const list = some.map((person, place): Person => ({ number: place + 1, ...person }));
      const known = tokens();
      const rows = list.map(known.rowOf);
      const engine = filled(list, known);
      const everything = exhaustive(list, known);
      for (const { whose, slips, born } of all) {
        const name = misspelt(list[whose]?.names[0] ?? "", slips);
        const asked = search({ name, born });
        const found = everything(asked);
        expect(engine.search(asked), name).toEqual(found);
        expect(searchSql(engine, rows, asked), name).toEqual(found);
        shown += found.open.groups.length;
      }
    }),
    { numRuns: 12, seed: 20_261_123, endOnFailure: true },
  );
  expect(shown).toBeGreaterThan(1_000);
});

describe("what is left out unweighed is nothing that would be shown, beside parts that do not count", () => {
  const usual = ["maria smith", "j ann", "john lewis", "ben lewis", "al jones", "ali brown"];
  const born = { readings: ["1984-03-02"], years: 0 };
  const conflict = [19500505];

  it.each([
    { asked: "Ben J", listed: "Bem Jonas" },
    { asked: "Al J", listed: "Ali Jonas" },
    { asked: "Bin J.", listed: "Vin Jonas" },
    { asked: "Ben Lewis", listed: "Ben Elvis" },
    { asked: "Szymborska Xanthakos Ben", born, listed: "Szymborska Xanthakos Benn", dates: conflict },
    { asked: "Szymborska van Xanthakos", born, listed: "Szymborska Vane Xanthakos", dates: conflict },
  ])("$asked finds $listed", ({ asked, listed, dates = [], born: day }) => {
    const list = [listed, ...Array.from({ length: 1_800 }, (_none, at) => usual[at % usual.length] ?? "")];
    const people = list.map((name, place) => ({
      number: place + 1,
      names: [name],
      dates: place === 0 ? dates : [],
    }));
    const known = tokens();
    const engine = filled(people, known);
    const question = search({ name: asked, born: day });
    const found = exhaustive(people, known)(question);
    expect(found.open.groups.some(({ numbers }) => numbers.includes(1))).toBe(true);
    expect(engine.search(question)).toEqual(found);
    expect(searchSql(engine, people.map(known.rowOf), question)).toEqual(found);
  });

  it("among a million names of which the database alone has counted the parts", () => {
    const people = ["Xanthi Benn", "Xanthi Bem", "Xanthi Ben"].map((name, place) => ({
      number: place + 1,
      names: [name],
    }));
    const known = tokens();
    const rows = people.map(known.rowOf);
    const counts = { xanthi: 3, benn: 2_000, bem: 2_000, ben: 9_000 };
    const idOf = (part: string) => known.rowOf({ number: 0, names: [part] }).names[0]?.tokens[0] ?? -1;
    const statistics = {
      names: 1_000_000,
      tokens: Int32Array.from(Object.keys(counts), idOf),
      counts: Int32Array.from(Object.values(counts)),
    };
    const counted = (engine: Engine): Engine => {
      known.fill(engine);
      for (const lane of ["open", "restricted"] as const) engine.addStatistics({ lane, ...statistics });
      settle(engine);
      return engine;
    };
    const question = search({ name: "X Ben" });
    const found = counted(createEngine({ vocabulary: scanningVocabulary(), thorough: true })).searchRows(
      question,
      rows,
    );
    expect(found.open.groups).toHaveLength(3);
    expect(searchSql(counted(createEngine()), rows, question)).toEqual(found);
  });
});
