import type { Worker } from "node:worker_threads";

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { startMatcher } from "../../../src/watch-list/matching/matcher-thread.ts";
import type { Matcher, MatcherFound, Search } from "../../../src/watch-list/matching/question.ts";
import "../../support/properties.ts";
import { freshName, type Agency, type Person } from "../query-bench.ts";
import {
  bornOn,
  numbersOf,
  openMatchingBench,
  searchOf,
  settled,
  type Listed,
  type MatchingBench,
} from "./matching-bench.ts";

let bench: MatchingBench;
let metro: Agency;
let cedar: Agency;
let officer: Person;
beforeAll(async () => {
  bench = await openMatchingBench();
  metro = await bench.addAgency();
  cedar = await bench.addAgency();
  officer = await bench.addPerson(cedar, ["officer"]);
});
afterAll(() => bench.close());

const given = [
  "John",
  "Jon",
  "Maria",
  "Mary",
  "Wei",
  "Ahmed",
  "Anna",
  "Robert",
  "Bob",
  "Katherine",
  "José",
  "Ivan",
];
const family = [
  "Smith",
  "Smyth",
  "Garcia",
  "Al-Hassan",
  "Lee",
  "Li",
  "Petrov",
  "Meyer",
  "Maier",
  "O'Brien",
  "Nguyen",
];
const suffixes = ["", "", "", " Jr.", " III"];

const aName = fc
  .tuple(
    fc.constantFrom(...given),
    fc.option(fc.constantFrom(...given), { nil: undefined, freq: 2 }),
    fc.constantFrom(...family),
    fc.constantFrom(...suffixes),
  )
  .map(([first, middle, last, suffix]) => `${[first, middle, last].filter(Boolean).join(" ")}${suffix}`);
const aDate = fc
  .tuple(
    fc.integer({ min: 1983, max: 1985 }),
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 1, max: 12 }),
  )
  .map(([year, month, day]) =>
    [year, String(month).padStart(2, "0"), String(day).padStart(2, "0")].join("-"),
  );

const aListed = (audiences: readonly (readonly Agency[] | undefined)[]): fc.Arbitrary<Listed> =>
  fc.record({
    names: fc.array(aName, { minLength: 1, maxLength: 2 }),
    birthDates: fc.oneof(
      fc.constant<string[]>([]),
      aDate.map((date) => [date]),
      aDate.map((date) => [date.slice(0, 4)]),
    ),
    sensitivity: fc.constantFrom("OPEN", "OPEN", "OPEN", "AGENCY_ONLY", "RESTRICTED"),
    audience: fc.constantFrom(...audiences),
    days: fc.constantFrom(1, 90),
  });

/** One typing error somewhere. */
const aTypo = fc.tuple(aName, fc.nat(30), fc.constantFrom("e", "n", "")).map(([name, at, sign]) => {
  const place = at % name.length;
  return `${name.slice(0, place)}${sign}${name.slice(place + 1)}`;
});
const aQuestion: fc.Arbitrary<Partial<Search>> = fc.record({
  name: fc.oneof(aName, aTypo, fc.constantFrom(...family)),
  born: fc.option(aDate.map(bornOn), { nil: undefined, freq: 3 }),
});

/** What an answer says, in a form that can be compared. */
const said = ({ open, restricted }: MatcherFound) =>
  [open, restricted].map(({ groups, judged }) => ({
    groups: groups.map(({ numbers, ...group }) => ({
      ...group,
      numbers: [...numbers].toSorted((one, other) => one - other),
    })),
    judged: [...judged].toSorted(([one], [other]) => one - other),
  }));

describe("memory and SQL", () => {
  it("answer alike, of a few hundred entries that were written by their agencies", async () => {
    const audiences = [undefined, undefined, [cedar], []];
    const listed = fc.sample(aListed(audiences), { numRuns: 350, seed: 7 });
    const made = await bench.addMany(metro, listed);
    const memory = await bench.matcherOf();
    const database = await bench.matcherOf({ index: "off" });
    const numbers = made.map(({ number }) => number);
    const soon = new Date(Date.now() + 2 * 86_400_000);
    let found = 0;
    const aSearch = fc
      .record({
        question: aQuestion,
        also: fc.subarray(numbers, { maxLength: 3 }),
        now: fc.constantFrom(new Date(), soon),
        person: fc.constantFrom(officer, metro.analyst),
      })
      .map(({ question, person, ...rest }) => searchOf(person, { ...question, ...rest }));
    await fc.assert(
      fc.asyncProperty(aSearch, async (search) => {
        const [one, other] = await Promise.all([memory.search(search), database.search(search)]);
        expect([one.engine, other.engine]).toEqual(["memory", "sql"]);
        expect(said(other)).toEqual(said(one));
        found += one.open.groups.length;
      }),
      { numRuns: 200 },
    );
    // The comparison would prove nothing if nobody were found.
    expect(found).toBeGreaterThan(100);
  }, 60_000);
});

describe("a birth date, in memory and by SQL", () => {
  const born = bornOn("1984-03-02");
  let memory: Matcher;
  let database: Matcher;
  beforeAll(async () => {
    [memory, database] = [await bench.matcherOf(), await bench.matcherOf({ index: "off" })];
  });

  const cases = [
    {
      what: "that is near one of several",
      slip: true,
      birthDates: ["1951-11-30", "1984-03-07"],
      isFound: true,
    },
    { what: "that is none of several leaves a rare name in full", birthDates: ["1951-11-30"], isFound: true },
    {
      what: "that is none of several leaves out another name",
      slip: true,
      birthDates: ["1951-11-30"],
      isFound: false,
    },
    { what: "that nobody knows leaves out nothing", slip: true, birthDates: [], isFound: true },
    { what: "of which only the year is known", slip: true, birthDates: ["1984"], isFound: true },
  ];
  const names = ["Q. Zachariadopoulos", "Szymborska Zachariadopoulos"];

  it.each(names.flatMap((asked) => cases.map((one) => ({ asked, ...one }))))(
    "$what ($asked)",
    async (one) => {
      const { asked, slip = false, birthDates, isFound } = one;
      const question = { name: asked, born };
      const name = slip ? asked.replace(/s$/, "u") : asked;
      const [made, certain] = await bench.addMany(metro, [
        { names: [name], birthDates },
        { names: [asked], birthDates: ["1984-03-02"] },
      ]);
      for (const matcher of [memory, database]) {
        const found = async () => (await matcher.search(searchOf(officer, question))).open.groups;
        const has = async (one: typeof made) =>
          (await found()).some(({ numbers }) => numbers.includes(one?.number ?? 0));
        // oxlint-disable-next-line no-await-in-loop -- one engine after the other
        await expect.poll(() => has(certain), { timeout: 10_000 }).toBe(true);
        // oxlint-disable-next-line no-await-in-loop
        expect(await has(made)).toBe(isFound);
      }
    },
  );
});

describe("the thread", () => {
  const open: Matcher[] = [];
  afterAll(() => Promise.all(open.map((matcher) => matcher.close())));

  function start(options: { readonly index?: "off" } = {}) {
    const threads: Worker[] = [];
    const trouble: unknown[] = [];
    const matcher = startMatcher({
      connection: bench.db.connection.app,
      keyring: { keys: bench.db.keys },
      onThread: (thread) => threads.push(thread),
      onTrouble: (error) => void trouble.push(error),
      ...options,
    });
    open.push(matcher);
    return { matcher, threads, trouble };
  }

  it("answers what the process itself would, and follows", async () => {
    const { matcher, trouble } = start();
    const name = freshName();
    // While the vocabulary is opened a question waits, and is answered.
    expect((await matcher.search(searchOf(officer, { name }))).open.groups).toEqual([]);
    await settled(matcher, "ready");
    const [made] = await bench.addMany(metro, [
      { names: [name], birthDates: ["1984-03-02"], identifiers: "plate ZZTHREAD" },
    ]);
    const began = performance.now();
    const search = searchOf(officer, { name, born: bornOn("1984-03-02"), also: [made?.number ?? 0] });
    await vi.waitFor(
      async () => expect(numbersOf((await matcher.search(search)).open)).toEqual([made?.number]),
      5000,
    );
    expect(performance.now() - began).toBeLessThan(1000);
    const here = await bench.matcherOf();
    expect(said(await matcher.search(search))).toEqual(said(await here.search(search)));
    const plates = await matcher.plates({ pattern: "ZZTH*", agency: cedar.id, limit: 5 });
    expect(plates).toEqual({ open: ["ZZTHREAD"], restricted: [], more: false });
    expect(await matcher.status()).toMatchObject({ state: "ready" });
    expect(trouble).toEqual([]);
  });

  it("that dies is started again: who asked it is told to ask again, who asks next is answered", async () => {
    const { matcher, threads, trouble } = start();
    await settled(matcher, "ready");
    const name = freshName();
    const [made] = await bench.addMany(metro, [{ names: [name] }]);
    const search = searchOf(officer, { name });
    const asked = Array.from({ length: 20 }, () =>
      matcher.search(search).then(
        () => "answered",
        (error: unknown) => error,
      ),
    );
    await threads[0]?.terminate();
    const answers = await Promise.all(asked);
    // Never an answer that says nothing was found.
    const refused = answers.filter((answer) => answer !== "answered");
    expect(refused.length).toBeGreaterThan(0);
    expect(refused).toEqual(refused.map(() => expect.objectContaining({ code: "NOT_SEARCHED" })));
    expect(numbersOf((await matcher.search(search)).open)).toEqual([made?.number]);
    expect(threads.length).toBe(2);
    expect(String(trouble[0])).toContain("started again");
  });

  it("closes in the middle of anything", async () => {
    const { matcher } = start();
    const asked = matcher.search(searchOf(officer, { name: "Jon Smyth" })).catch((error: unknown) => error);
    await matcher.close();
    await asked;
    await expect(matcher.search(searchOf(officer, { name: "Jon Smyth" }))).rejects.toMatchObject({
      code: "NOT_SEARCHED",
    });
  });
});

it("an index that cannot be read says that it could not search", async () => {
  const matcher = startMatcher({
    connection: { ...bench.db.connection.app, password: "not this one" },
    keyring: { keys: bench.db.keys },
  });
  try {
    await expect(matcher.search(searchOf(officer, { name: "Jon Smyth" }))).rejects.toMatchObject({
      code: "NOT_SEARCHED",
    });
    expect(await matcher.status()).toMatchObject({ state: "loading", entries: 0 });
  } finally {
    await matcher.close();
  }
}, 20_000);
