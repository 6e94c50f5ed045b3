import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { match, type Candidate, type Key, type Question } from "../../src/watch-list/match.ts";

const entry = "E-1";
function named(tokens: number, pairs: number, dateIds: readonly string[] = []): Candidate {
  return { entryId: entry, ref: entry, key: null, tokens, pairs, dateIds };
}
function identified(key: number, dateIds: readonly string[] = []): Candidate {
  return { entryId: entry, ref: entry, key, tokens: null, pairs: null, dateIds };
}
const exact: Key = { kind: "plate", exact: true };
const loose: Key = { kind: "plate", exact: false };

describe("a match", () => {
  it.each<[string, Question, readonly Candidate[], string, readonly string[]]>([
    [
      "the name alone",
      { tokens: 2, keys: [] },
      [named(2, 1)],
      "POSSIBLE",
      ["same name", "birth date not given"],
    ],
    [
      "the name, and no birth date on record",
      { tokens: 2, keys: [], born: { id: "7" } },
      [named(2, 1)],
      "POSSIBLE",
      ["same name", "birth date not on record"],
    ],
    [
      "the name and the birth date",
      { tokens: 3, keys: [], born: { id: "7" } },
      [named(3, 3, ["5", "7"])],
      "STRONG",
      ["same name", "same birth date"],
    ],
    [
      "a whole identifier",
      { tokens: 0, keys: [exact] },
      [identified(1)],
      "STRONG",
      ["same plate and state", "name not given", "birth date not given"],
    ],
    [
      "a whole identifier of somebody with another name",
      { tokens: 2, keys: [exact] },
      [identified(1)],
      "STRONG",
      ["same plate and state", "another name, or spelled differently", "birth date not given"],
    ],
    [
      "a whole identifier of somebody born on another day",
      { tokens: 0, keys: [exact], born: { id: "7" } },
      [identified(1, ["5"])],
      "POSSIBLE",
      ["same plate and state", "name not given", "CONFLICT: another birth date"],
    ],
    [
      "a plate whose state one side does not know",
      { tokens: 0, keys: [loose] },
      [identified(1)],
      "POSSIBLE",
      ["same plate, state not known on one side", "name not given", "birth date not given"],
    ],
    [
      "the second of two identifiers",
      { tokens: 0, keys: [exact, { kind: "phone", exact: true }] },
      [identified(2)],
      "STRONG",
      ["same phone number", "name not given", "birth date not given"],
    ],
  ])("of %s is what it is", (...[_what, question, rows, band, why]) => {
    expect(match(question, rows)).toEqual([{ candidate: rows[0], band, why }]);
  });

  it.each<[string, Question, readonly Candidate[]]>([
    ["of a name with more parts", { tokens: 2, keys: [] }, [named(3, 1)]],
    ["of a name with fewer parts", { tokens: 3, keys: [] }, [named(2, 1)]],
    ["of a name with one part in common", { tokens: 3, keys: [] }, [named(3, 1)]],
    ["of the name with another birth date", { tokens: 2, keys: [], born: { id: "7" } }, [named(2, 1, ["5"])]],
    [
      "of the name with a birth date nobody has",
      { tokens: 2, keys: [], born: { id: undefined } },
      [named(2, 1, ["5"])],
    ],
    [
      "of half a plate with another birth date",
      { tokens: 0, keys: [loose], born: { id: "7" } },
      [identified(1, ["5"])],
    ],
  ])("is never made %s", (_what, question, rows) => {
    expect(match(question, rows)).toEqual([]);
  });
});

const dates = fc.subarray(["1", "2", "3"]);
const questions: fc.Arbitrary<Question> = fc.record(
  {
    tokens: fc.integer({ min: 0, max: 3 }),
    keys: fc.array(fc.record({ kind: fc.constantFrom("plate", "handle"), exact: fc.boolean() }), {
      maxLength: 3,
    }),
    born: fc.record({ id: fc.option(fc.constantFrom("1", "2"), { nil: undefined }) }),
  },
  { requiredKeys: ["tokens", "keys"] },
);
const entries: fc.Arbitrary<readonly Candidate[]> = fc
  .uniqueArray(fc.integer({ min: 1, max: 9 }), { maxLength: 6 })
  .chain((ids) =>
    fc.tuple(
      ...ids.map((id) =>
        fc
          .record({
            dateIds: dates,
            rows: fc.array(
              fc.oneof(
                fc.record({
                  key: fc.constant(null),
                  tokens: fc.integer({ min: 1, max: 3 }),
                  pairs: fc.integer({ min: 1, max: 3 }),
                }),
                fc.record({
                  key: fc.integer({ min: 1, max: 3 }),
                  tokens: fc.constant(null),
                  pairs: fc.constant(null),
                }),
              ),
              { minLength: 1, maxLength: 3 },
            ),
          })
          .map(({ dateIds, rows }) =>
            rows.map((row) => ({ ...row, dateIds, entryId: `${id}`, ref: `E-${id}` })),
          ),
      ),
    ),
  )
  .map((all) => all.flat());

/** What an answer says of an entry; which of its rows came first is nobody's business. */
const told = (question: Question, rows: readonly Candidate[]) =>
  match(question, rows).map(({ candidate, band, why }) => ({ entry: candidate.entryId, band, why }));

describe("matching", () => {
  it("does not depend on the order of the rows", () => {
    const shuffled = entries.chain((rows) =>
      fc.tuple(fc.constant(rows), fc.shuffledSubarray([...rows], { minLength: rows.length })),
    );
    fc.assert(
      fc.property(questions, shuffled, (question, [rows, other]) => {
        expect(told(question, other)).toEqual(told(question, rows));
      }),
    );
  });

  it("judges every entry by itself, so that one lane cannot be noticed in the other", () => {
    fc.assert(
      fc.property(questions, entries, fc.constantFrom("1", "2", "3"), (question, rows, hidden) => {
        const without = rows.filter(({ entryId }) => entryId !== hidden);
        expect(told(question, without)).toEqual(
          told(question, rows).filter(({ entry: one }) => one !== hidden),
        );
      }),
    );
  });

  it("puts every strong match before any possible one", () => {
    fc.assert(
      fc.property(questions, entries, (question, rows) => {
        const bands = match(question, rows).map(({ band }) => band);
        expect(bands).toEqual(bands.toSorted().toReversed());
      }),
    );
  });

  it("sees nothing of a person but names, dates and identifiers", () => {
    const extras = fc.dictionary(
      fc.constantFrom(
        "race",
        "ethnicity",
        "religion",
        "nationality",
        "immigration",
        "orientation",
        "gender",
        "politics",
        "description",
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(questions, entries, extras, (question, rows, extra) => {
        const more = rows.map((row) => Object.assign({}, extra, row));
        expect(told(Object.assign({}, extra, question), more)).toEqual(told(question, rows));
      }),
    );
  });
});
