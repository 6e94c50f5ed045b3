import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { deletionsOf, MOST_DELETIONS, reach } from "../../../src/watch-list/matching/deletions.ts";
import { createDistance } from "../../../src/watch-list/matching/distance.ts";
import { levels } from "../../../src/watch-list/matching/likeness.ts";
import { createVocabulary, type Vocabulary } from "../../../src/watch-list/matching/vocabulary.ts";
import { scanningVocabulary, textbookDistance } from "./exhaustive.ts";

const letter = fc.constantFrom("a", "b", "c", "d", "e");
const part = fc.string({ unit: letter, minLength: 1, maxLength: 32 });

/** Parts that are a few edits apart. */
const pair = fc
  .tuple(
    part,
    fc.array(fc.tuple(fc.nat(40), fc.constantFrom("out", "in", "other", "swap"), letter), { maxLength: 3 }),
  )
  .map(([one, edits]) => {
    const other = edits.reduce((text, [where, edit, by]) => {
      const at = where % (text.length + 1);
      const rest = text.slice(at);
      if (edit === "out") return text.slice(0, at) + rest.slice(1);
      if (edit === "in") return text.slice(0, at) + by + rest;
      if (edit === "other") return text.slice(0, at) + by + rest.slice(1);
      return text.slice(0, at) + rest.charAt(1) + rest.charAt(0) + rest.slice(2);
    }, one);
    return [one, other.slice(0, 32) || "a"] as const;
  });

test("distances are the textbook's, up to two", () => {
  const distance = createDistance();
  fc.assert(
    fc.property(pair, ([one, other]) => {
      distance.from(one);
      expect(distance.to(other)).toBe(Math.min(3, textbookDistance(one, other)));
    }),
    { numRuns: 3000 },
  );
});

test("parts within reach share a deletion", () => {
  const hashes = (text: string) => {
    const all = new Uint32Array(MOST_DELETIONS);
    return all.slice(0, deletionsOf(text, all));
  };
  fc.assert(
    fc.property(pair, ([one, other]) => {
      fc.pre(textbookDistance(one, other) <= reach(one, other));
      expect(hashes(one).some((hash) => hashes(other).includes(hash))).toBe(true);
    }),
    { numRuns: 3000 },
  );
});

test("a part that was forgotten and comes back keeps its number, under its new id", () => {
  const vocabulary = createVocabulary();
  vocabulary.add(1, "j");
  vocabulary.add(2, "smith");
  for (let id = 3; id < 20_000; id += 2) {
    vocabulary.add(id, "j");
    vocabulary.add(id + 1, `smith${id % 7}`);
  }
  expect(vocabulary.size()).toBe(9);
  expect([vocabulary.ofId(19_999), vocabulary.ofString("j")]).toEqual([0, 0]);
  expect(vocabulary.idOf(0)).toBe(19_999);
  expect(vocabulary.ofId(2)).toBe(1);
  expect(vocabulary.ofId(30_000)).toBe(-1);
});

function all(vocabulary: Vocabulary, asked: string): readonly string[] {
  const { tokens, levels: found } = vocabulary.alike(asked);
  return Array.from(tokens, (token, at) => `${found[at] ?? -1} ${vocabulary.stringOf(token)}`).toSorted();
}

function settle(vocabulary: Vocabulary): void {
  for (const step of vocabulary.settling()) expect(step).toBeUndefined();
}

describe("what is alike", () => {
  const names = fc.stringMatching(
    /^(j|sm|k|mac)?[aeiou]?(hn|ck|th|rt|nn|y)[aeiou]{0,2}(son|man|rn|s)?[1-9]?$/,
  );

  test("is what comparing with every part finds, however it was indexed", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(names, { maxLength: 700 }),
        fc.array(names, { minLength: 5 }),
        (listed, asked) => {
          const everything = scanningVocabulary();
          // All at once; one by one, indexed as it goes; and never indexed.
          const [once, gradual, waiting] = [createVocabulary(), createVocabulary(), createVocabulary()];
          for (const [place, string] of listed.entries()) {
            for (const one of [everything, once, gradual, waiting]) one.add(place + 1, string);
            if (place % 50 === 0) settle(gradual);
          }
          settle(once);
          for (const one of asked) {
            const found = all(everything, one);
            expect(all(once, one)).toEqual(found);
            expect(all(gradual, one)).toEqual(found);
            expect(all(waiting, one)).toEqual(found);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test("is found in a part that was added after it was asked before", () => {
    const vocabulary = createVocabulary();
    vocabulary.add(1, "smith");
    expect(all(vocabulary, "smitt")).toHaveLength(1);
    vocabulary.add(2, "smitts");
    expect(all(vocabulary, "smitt")).toHaveLength(2);
  });

  test("an initial stands for a part, and is not every part that begins so", () => {
    const vocabulary = createVocabulary();
    for (const [place, string] of ["j", "john", "jane", "k"].entries()) vocabulary.add(place + 1, string);
    expect(all(vocabulary, "john")).toContain(`${levels.initial} j`);
    expect(all(vocabulary, "j")).toEqual(["0 j"]);
  });

  test("a known id is left as it is", () => {
    const vocabulary = createVocabulary();
    vocabulary.add(7, "john");
    vocabulary.add(7, "john");
    expect(vocabulary.size()).toBe(1);
    expect([vocabulary.ofId(7), vocabulary.ofString("john"), vocabulary.ofId(8)]).toEqual([0, 0, -1]);
  });
});
