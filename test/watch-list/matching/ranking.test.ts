import { expect, test } from "vitest";

import { filled, search, tokens } from "./exhaustive.ts";

// The ranking that benches measure: the same evidence in the same order, before what nobody would be shown is left out.

const people = [
  { number: 1, names: ["Maria Okonjo"], dates: [19840302] },
  { number: 2, names: ["Mariah Okonjo"] },
  { number: 3, names: ["Maria Whitfield"] },
  { number: 4, names: ["Maria Okonjo"], audience: ["b"], owner: "b" },
  { number: 5, names: ["Maria Okonjo"], lane: "restricted" as const },
  { number: 6, names: ["Maria Okonjo"], expires: 1 },
];
const engine = filled(people, tokens());

test("it holds what would not be shown, behind what would", () => {
  const asked = search({ name: "Mariah Okonjo" });
  const shown = engine.search(asked).open.groups.map(({ numbers }) => numbers);
  const ranked = engine.rank(asked);
  expect(ranked.slice(0, shown.length)).toEqual(shown);
  const other = search({ name: "Mario Okonjo" });
  expect(engine.search(other).open.groups.flatMap(({ numbers }) => numbers)).not.toContain(1);
  expect(engine.rank(other).flat()).toContain(1);
});

test("it holds nothing that may not be matched, is over, or is in the other lane", () => {
  for (const name of ["Mario Okonjo", "Maria Okonjo"]) {
    const numbers = engine.rank(search({ name })).flat();
    expect(numbers).toContain(1);
    for (const hidden of [4, 5, 6]) expect(numbers).not.toContain(hidden);
  }
});

test("it holds what is wrong in both parts, the one being a usual name", () => {
  const list = filled([{ number: 1, names: ["Irma Pursel"] }], tokens());
  expect(list.rank(search({ name: "Ira Pursal" }))).toEqual([[1]]);
  expect(list.search(search({ name: "Ira Pursal" })).open.groups).toEqual([]);
});

test("it leaves nothing behind for the question after it", () => {
  const asked = search({ name: "Mario Okonjo" });
  const before = engine.search(asked);
  engine.rank(asked);
  expect(engine.search(asked)).toEqual(before);
});
