import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { createEngine } from "../../../src/watch-list/matching/engine.ts";
import type { Born } from "../../../src/watch-list/matching/question.ts";
import { createVocabulary } from "../../../src/watch-list/matching/vocabulary.ts";
import { MOST_SILENT } from "../../../src/watch-list/query.ts";
import {
  exhaustive,
  filled,
  later,
  now,
  search,
  searchSql,
  settle,
  tokens,
  type Person,
} from "./exhaustive.ts";

// Few parts that are close to one another, so that nearly every question has several answers.
const parts =
  "john jon joan jonathan smith smyth smithe schmidt mary marie ann maryann robert bob garcia garzia lopez de la cruz " +
  "delacruz j s m muhammad mohamed katherine catherine kathryn fernandez hernandez oconnor o connor";
const part = fc.constantFrom(...parts.split(" "));
const name = fc
  .tuple(fc.array(part, { minLength: 1, maxLength: 4 }), fc.constantFrom("", "", "", " Jr", " III"))
  .map(([parts, suffix]) => parts.join(" ") + suffix);
const date = fc.constantFrom(19840302, 19840203, 19840303, 19850302, 19840300, 19840000, 19900101, 19711130);
const agency = fc.constantFrom("a", "b", "c");
const person = fc.record(
  {
    names: fc.array(name, { minLength: 1, maxLength: 3 }),
    dates: fc.array(date, { maxLength: 2 }),
    owner: agency,
    audience: fc.uniqueArray(agency, { maxLength: 2 }),
    lane: fc.constantFrom("open" as const, "open" as const, "restricted" as const),
    expires: fc.constantFrom(later, later, later, now.getTime() / 1000),
  },
  { requiredKeys: ["names"] },
);
const people = fc
  .array(person, { maxLength: 40 })
  .map((all): readonly Person[] => all.map((one, place) => ({ ...one, number: place * 3 + 1 })));
const born: fc.Arbitrary<Born | undefined> = fc.option(
  fc.record({
    readings: fc.uniqueArray(fc.constantFrom("1984-03-02", "1984-02-03", "1984-03", "1984", "1990-01-01"), {
      minLength: 1,
      maxLength: 2,
    }),
    years: fc.constantFrom(0, 0, 2),
  }),
  { nil: undefined },
);
const question = fc.record({ name, born, agency, also: fc.uniqueArray(fc.constantFrom(1, 4, 7, 8)) });

describe("three ways to the same first ten", () => {
  test("memory, SQL rows and looking at everything answer alike", () => {
    fc.assert(
      fc.property(people, fc.array(question, { minLength: 1, maxLength: 5 }), (list, questions) => {
        const known = tokens();
        const rows = list.map(known.rowOf);
        const engine = filled(list, known);
        const everything = exhaustive(list, known);
        for (const asked of questions.map(search)) {
          const found = everything(asked);
          expect(engine.search(asked)).toEqual(found);
          expect(searchSql(engine, rows, asked)).toEqual(found);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("while the index is loaded, with the counts of the database", () => {
    fc.assert(
      fc.property(people, question, (all, asked) => {
        const list = all.map((one) => ({ ...one, audience: ["a", "b", "c"] }));
        const known = tokens();
        const rows = list.map(known.rowOf);
        const warming = createEngine();
        known.fill(warming);
        for (const lane of ["open", "restricted"] as const) {
          const names = rows.filter((row) => row.lane === lane).flatMap((row) => row.names);
          const counts = new Map<number, number>();
          for (const token of names.flatMap((one) => Array.from(one.tokens))) {
            counts.set(token, (counts.get(token) ?? 0) + 1);
          }
          warming.addStatistics({
            lane,
            names: names.length,
            tokens: [...counts.keys()],
            counts: [...counts.values()],
          });
        }
        expect(searchSql(warming, rows, search(asked))).toEqual(filled(list, known).search(search(asked)));
      }),
      { numRuns: 200 },
    );
  });
});

test("a rare name in full is shown although its birth date contradicts, and says so", () => {
  const known = tokens();
  const others = Array.from({ length: 3000 }, (_none, place): Person => {
    const letters = [...String(place)].map((digit) => "bdfghklmnp".charAt(Number(digit))).join("o");
    return { number: place + 10, names: [`Ta${letters} Ve${letters}a`], dates: [19600101 + (place % 28)] };
  });
  const rare: Person = { number: 1, names: ["Zbigniew Quesenberry"], dates: [19711130] };
  const engine = filled([rare, ...others], known);
  const everything = exhaustive([rare, ...others], known);
  const born = { readings: ["1950-06-17"], years: 0 };
  for (const [name, numbers] of [
    ["Quesenberry Zbigniew", [[1]]],
    ["Zbigniew Quesenbury", []],
  ] as const) {
    const asked = search({ name, born });
    expect(engine.search(asked)).toEqual(everything(asked));
    const { groups } = engine.search(asked).open;
    expect(groups.map((group) => group.numbers)).toEqual(numbers);
    expect(groups.every(({ conflict, band }) => conflict && band === "POSSIBLE")).toBe(true);
  }
});

describe("what comes and goes", () => {
  const change = fc.record({ number: fc.constantFrom(1, 2, 3, 4, 5, 6), of: fc.option(person) });

  test("adding, changing and removing in any order is as if all had been there from the start", () => {
    fc.assert(
      fc.property(
        people,
        fc.array(change, { maxLength: 60 }),
        fc.array(question, { minLength: 1, maxLength: 4 }),
        (list, changes, questions) => {
          const known = tokens();
          const engine = filled(list, known);
          const present = new Map(list.map((one) => [one.number, one]));
          for (const { number, of } of changes) {
            if (of === null) {
              engine.remove(number);
              present.delete(number);
            } else {
              const row = known.rowOf({ ...of, number });
              known.fill(engine);
              engine.put(row);
              present.set(number, { ...of, number });
            }
            engine.work(0);
          }
          const anew = filled([...present.values()], known);
          expect(engine.status()).toMatchObject({ entries: present.size, names: anew.status().names });
          for (const asked of questions.map(search)) expect(engine.search(asked)).toEqual(anew.search(asked));
        },
      ),
      { numRuns: 200 },
    );
  });

  test("what is put and taken out while thousands are merged is neither lost nor doubled", () => {
    const known = tokens();
    const list = Array.from({ length: 4000 }, (_none, place): Person => ({
      number: place + 1,
      names: [`${given[place % given.length] ?? ""} Testman${String.fromCharCode(97 + (place % 26))}`],
      dates: [19800101 + (place % 28)],
    }));
    const engine = createEngine();
    const rows = list.map(known.rowOf);
    known.fill(engine);
    engine.load(rows.slice(0, 1500));
    engine.loaded();
    // Half a step of work between any two changes: merges are always under way.
    for (const [place, row] of rows.entries()) {
      if (place % 7 === 0) engine.work(0);
      if (place % 3 === 0) engine.remove(row.number);
      else engine.put({ ...row, dates: [19900615] });
    }
    const anew = filled(
      list.filter((_one, place) => place % 3 !== 0).map((one) => ({ ...one, dates: [19900615] })),
      known,
    );
    const born = { readings: ["1990-06-15"], years: 0 };
    const questions = "a b c d e f g h"
      .split(" ")
      .flatMap((letter) =>
        [born, undefined].map((date) => search({ name: `Mary Testman${letter}`, born: date })),
      );
    for (const asked of questions) expect(engine.search(asked)).toEqual(anew.search(asked));
    settle(engine);
    expect(engine.status()).toMatchObject({ ready: true, entries: 2666, names: 2666 });
    for (const asked of questions) expect(engine.search(asked)).toEqual(anew.search(asked));
    expect(questions.every((asked) => engine.search(asked).open.groups.length > 0)).toBe(true);
  });

  test("a token that nobody added is an error, not a name that is never found", () => {
    const engine = createEngine();
    engine.loaded();
    const row = tokens().rowOf({ number: 1, names: ["John Smith"] });
    expect(() => engine.put(row)).toThrow("not added to the vocabulary");
  });
});

const given = ["Mary", "John", "Marie", "Peter", "Paul", "Anna", "Hannah"];

describe("who may match", () => {
  test("what an agency may not match changes nothing but how usual names are", () => {
    fc.assert(
      fc.property(people, person, question, (list, hidden, asked) => {
        const known = tokens();
        const visible = list.filter(
          ({ owner = "a", audience }) =>
            owner === asked.agency || audience === undefined || audience.includes(asked.agency),
        );
        const others: readonly Person[] = [
          ...list.filter((one) => !visible.includes(one)),
          { ...hidden, number: 1001, owner: "z", audience: [] },
        ];
        const found = filled([...visible, ...others], known).search(search({ ...asked, also: [1001] }));
        const numbers = [...found.open.groups, ...found.restricted.groups].flatMap((group) => group.numbers);
        expect(numbers.filter((number) => others.some((one) => one.number === number))).toEqual([]);
        expect([...found.open.judged, ...found.restricted.judged]).toEqual([]);
        // The same names, nobody's secret: then they count as usual, and nothing else of them shows.
        const elsewhere = others.map((one) => ({ ...one, expires: now.getTime() / 1000 }));
        expect(filled([...visible, ...elsewhere], known).search(search({ ...asked, also: [1001] }))).toEqual(
          found,
        );
      }),
      { numRuns: 200 },
    );
  });

  test("what is over is not shown from the second on in which it ends", () => {
    const known = tokens();
    const ends = now.getTime() / 1000;
    const engine = filled([{ number: 5, names: ["John Smith"], expires: ends }], known);
    const at = (moment: number) =>
      engine.search(search({ name: "John Smith", now: new Date(moment * 1000), also: [5] })).open;
    expect(at(ends - 1).groups.map(({ numbers }) => numbers)).toEqual([[5]]);
    expect([...at(ends - 1).judged.keys()]).toEqual([5]);
    expect(at(ends)).toEqual({ groups: [], judged: new Map() });
  });

  test("nothing restricted changes the open answer", () => {
    fc.assert(
      fc.property(
        people,
        fc.array(person, { minLength: 1, maxLength: 20 }),
        question,
        (list, secrets, asked) => {
          const known = tokens();
          const open = list.map((one) => ({ ...one, lane: "open" as const }));
          const secret = secrets.map((one, place): Person => ({
            ...one,
            number: 2000 + place,
            lane: "restricted",
          }));
          const without = filled(open, known).search(search(asked));
          expect(filled([...open, ...secret], known).search(search(asked)).open).toEqual(without.open);
        },
      ),
      { numRuns: 200 },
    );
  });
});

test("of names that are alike those born in the year asked are found, on its first day and on its last", () => {
  const known = tokens();
  const list = Array.from({ length: 60 }, (_none, place): Person => ({
    number: place + 1,
    names: [["Jon Smyth", "Smythe John", "Catherine Lopez"][place % 3] ?? ""],
    dates: [(1970 + place) * 10_000 + (place % 2 === 0 ? 102 : 1231)],
  }));
  const engine = filled(list, known);
  const everything = exhaustive(list, known);
  for (let year = 1970; year < 2030; year += 1) {
    const born = { readings: [String(year)], years: 0 };
    for (const name of ["John Smith", "Kathryn Lopes"]) {
      const asked = search({ name, born });
      expect(engine.search(asked)).toEqual(everything(asked));
    }
  }
  const born = { readings: ["1999"], years: 0 };
  expect(engine.search(search({ name: "Catherine Lopes", born })).open.groups).toHaveLength(1);
});

describe("what nobody is to notice", () => {
  test("how rare a name is said to be does not tell of entries that only others may match", () => {
    const whyWith = (hidden: number) => {
      const known = tokens();
      const list: readonly Person[] = [
        { number: 1, names: ["Zbigniew Quesenberry"] },
        ...Array.from({ length: hidden }, (_none, place): Person => ({
          number: 10 + place,
          names: ["Zbigniew Quesenberry"],
          owner: "z",
          audience: [],
        })),
      ];
      return filled(list, known)
        .search(search({ name: "Zbigniew Quesenberry", also: [1] }))
        .open.groups.map(({ why, entries, agencies }) => ({ why, entries, agencies }));
    };
    const alone = whyWith(0);
    expect(alone).toHaveLength(1);
    for (const hidden of [1, 2, 50]) expect(whyWith(hidden)).toEqual(alone);
  });

  test("a lane in which nothing is takes the same work as one in which something is", () => {
    const workWith = (secrets: readonly Person[]) => {
      const known = tokens();
      const vocabulary = createVocabulary();
      let lookedUp = 0;
      const counting = {
        ...vocabulary,
        ofString: (part: string) => {
          lookedUp += 1;
          return vocabulary.ofString(part);
        },
      };
      const other: Person = { number: 1, names: ["Maria Lopez"] };
      const secret = secrets.map((one): Person => ({ ...one, lane: "restricted" }));
      // The vocabulary is the same either way: it belongs to both lanes.
      known.rowOf({ number: 2, names: ["Igor Petrov"] });
      const engine = filled([other, ...secret], known, createEngine({ vocabulary: counting }));
      lookedUp = 0;
      engine.search(search({ name: "John Michael Smith" }));
      return lookedUp;
    };
    expect(workWith([])).toBe(workWith([{ number: 2, names: ["Igor Petrov"] }]));
  });

  test("of a crowd in the restricted lane as many are given as their owners are told of", () => {
    const known = tokens();
    const crowd = (lane: "open" | "restricted", from: number): readonly Person[] =>
      Array.from({ length: 60 }, (_none, place) => ({ number: from + place, names: ["John Smith"], lane }));
    const engine = filled([...crowd("open", 1), ...crowd("restricted", 1001)], known);
    const { open, restricted } = engine.search(search({ name: "John Smith" }));
    expect(open.groups.map(({ entries, numbers }) => [entries, numbers.length])).toEqual([[60, 10]]);
    expect(restricted.groups.map(({ entries, numbers }) => [entries, numbers.length])).toEqual([
      [60, MOST_SILENT],
    ]);
  });
});

describe("groups", () => {
  test("people whom the question cannot tell apart are one group, with how many there are and whose", () => {
    const known = tokens();
    const list = Array.from({ length: 30 }, (_none, place): Person => ({
      number: 100 - place,
      names: [place % 2 === 0 ? "John Smith" : "John Michael Smith"],
      dates: [19500101 + place * 10_000 + 213],
      owner: ["a", "b", "c"][place % 3] ?? "a",
    }));
    const engine = filled(list, known);
    const [group, ...others] = engine.search(search({ name: "john smith" })).open.groups;
    expect(group).toMatchObject({ entries: 30, agencies: 3 });
    expect(group?.numbers).toHaveLength(10);
    // Of those that fit equally well the oldest entry first.
    expect(group?.numbers.slice(0, 3)).toEqual([72, 74, 76]);
    expect(others).toEqual([]);
    const born = { readings: ["1953-03-14"], years: 0 };
    expect(engine.search(search({ name: "john smith", born })).open.groups[0]).toMatchObject({
      entries: 1,
      numbers: [97],
    });
  });

  test("an entry counts once, by the best of its names", () => {
    const known = tokens();
    const engine = filled([{ number: 1, names: ["Jon Smith", "John Smith", "Johnny Smith"] }], known);
    const { groups } = engine.search(search({ name: "John Smith" })).open;
    expect(groups).toHaveLength(1);
    expect(groups[0]).toMatchObject({ entries: 1, numbers: [1] });
    expect(groups[0]?.why[0]).toContain("john = john");
  });
});
