import { randomUUID } from "node:crypto";

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { appendAudit } from "../../../src/audit/audit-store.ts";
import { unindexEntry } from "../../../src/watch-list/index-store.ts";
import { readName } from "../../../src/watch-list/matching/name-reader.ts";
import { openHits } from "../../../src/watch-list/open-hits-store.ts";
import { forgetTokens, tokenNumbers } from "../../../src/watch-list/vocabulary-store.ts";
import { asked, freshName, said, type Agency, type Person } from "../query-bench.ts";
import { openMatchingBench, searchOf, type Listed, type MatchingBench } from "./matching-bench.ts";

// What is told of entries whose number is their owner's to tell, and what is looked for by a part of a plate.

let bench: MatchingBench;
let metro: Agency;
let cedar: Agency;
let officer: Person;
beforeAll(async () => {
  bench = await openMatchingBench();
  metro = await bench.addAgency();
  cedar = await bench.addAgency();
  officer = await bench.addPerson(await bench.addAgency(), ["officer"]);
});
afterAll(() => bench.close());

const times = (count: number, one: Listed): readonly Listed[] => Array.from({ length: count }, () => one);

describe("a group", () => {
  it("counts what may be told, and names some of the others of each owner", async () => {
    const name = freshName();
    const open = await bench.addMany(metro, times(3, { names: [name] }));
    const label = await bench.addMany(metro, times(4, { names: [name], tlp: "red" }));
    const kept = await bench.addMany(cedar, times(12, { names: [name], sensitivity: "AGENCY_ONLY" }));
    const last = await bench.addMany(metro, [{ names: [name] }]);
    for (const index of ["memory", "off"] as const) {
      // oxlint-disable-next-line no-await-in-loop
      const matcher = await bench.matcherOf({ index });
      const groupFor = async (person: Person) =>
        (await matcher.search(searchOf(person, { name }))).open.groups[0];
      // oxlint-disable-next-line no-await-in-loop
      const group = await groupFor(officer);
      expect(group).toMatchObject({ entries: 4, agencies: 1 });
      const numbers = (made: typeof open) => made.map(({ number }) => number);
      // Every open one, and each owner of the others.
      expect(group?.numbers).toEqual(expect.arrayContaining([...numbers(open), ...numbers(last)]));
      expect(group?.kept.slice(0, 2)).toEqual([label[0]?.number, kept[0]?.number]);
      // Its own it may count.
      // oxlint-disable-next-line no-await-in-loop
      expect(await groupFor(cedar.analyst)).toMatchObject({ entries: 16, agencies: 2 });
    }
  });
});

it("a name that was forgotten with its last entry is found again when it comes back", async () => {
  const name = freshName();
  const matchers = [await bench.matcherOf(), await bench.matcherOf({ index: "off" })];
  const found = () =>
    Promise.all(
      matchers.map(async (matcher) =>
        (await matcher.search(searchOf(officer, { name }))).open.groups.flatMap(({ numbers }) => numbers),
      ),
    );
  const tokens = () =>
    bench.as(metro.analyst, async (tx) => {
      const number = await tokenNumbers(
        tx,
        bench.db.keyring,
        readName(name).parts.map((string) => ({ kind: "name", string })),
      );
      return readName(name).parts.map((string) => number({ kind: "name", string }));
    });
  const [one] = await bench.addMany(metro, [{ names: [name] }]);
  if (one === undefined) throw new Error("nobody");
  await vi.waitFor(async () => expect(await found()).toEqual([[one.number], [one.number]]), 5_000);
  const before = await tokens();
  await bench.as(metro.analyst, async (tx) => {
    await unindexEntry(tx, one.id);
    await tx.updateTable("entry").set({ state: "suspended" }).where("id", "=", one.id).execute();
    await appendAudit(tx, metro.id, { action: "entry.suspend", subject: `entry:${one.id}` });
  });
  await bench.db.jobs.transaction({ agency: null, id: "system" }, (tx) => forgetTokens(tx, 100));
  const [other] = await bench.addMany(metro, [{ names: [name] }]);
  expect(await tokens()).not.toEqual(before);
  await vi.waitFor(async () => expect(await found()).toEqual([[other?.number], [other?.number]]), 5_000);
});

describe("the places of an answer", () => {
  const opened = (numbers: readonly number[]) =>
    bench.as(officer, (tx) =>
      openHits(tx, {
        query: randomUUID(),
        action: "query.ask",
        tells: true,
        open: numbers,
        restricted: [],
      }),
    );
  const numbersOf = (made: readonly { readonly number: number }[]) => made.map(({ number }) => number);

  it("are taken once by an owner that keeps the details, however many it has", async () => {
    const kept = await bench.addMany(cedar, times(7, { names: [freshName()], sensitivity: "AGENCY_ONLY" }));
    const armed = await bench.addMany(metro, times(3, { names: [freshName()] }));
    const { open, more } = await opened([...numbersOf(kept), ...numbersOf(armed)]);
    expect(numbersOf(open.filter(({ sensitivity }) => sensitivity === "OPEN"))).toEqual(numbersOf(armed));
    // Its first, and one more where there was room.
    expect(numbersOf(open)).toEqual([...numbersOf(kept).slice(0, 2), ...numbersOf(armed)]);
    expect(more).toBe(false);
  });

  it("are five owners or open entries, and what does not come is said", async () => {
    const kept = await bench.addMany(cedar, times(3, { names: [freshName()], sensitivity: "AGENCY_ONLY" }));
    const armed = await bench.addMany(metro, times(5, { names: [freshName()] }));
    const { open, more } = await opened([...numbersOf(kept), ...numbersOf(armed)]);
    expect(numbersOf(open)).toEqual([kept[0]?.number, ...numbersOf(armed).slice(0, 4)]);
    expect(more).toBe(true);
  });
});

describe("a part of a plate", () => {
  const digits = () => String(Math.floor(Math.random() * 900) + 100);

  it("finds of each lane what may be matched, whatever the other one has", async () => {
    const start = `Y${digits()}`;
    const plate = (at: number) => `MD ${start}${String(at).padStart(3, "0")}`;
    await bench.addMany(
      metro,
      Array.from({ length: 8 }, (_none, at) => ({
        identifiers: plate(at),
        sensitivity: "RESTRICTED" as const,
      })),
    );
    // Another audience's.
    await bench.addMany(
      metro,
      Array.from({ length: 8 }, (_none, at) => ({ identifiers: plate(100 + at), audience: [] })),
    );
    await bench.addMany(metro, [{ identifiers: plate(200) }, { identifiers: plate(201), days: 1 }]);
    const matcher = await bench.matcherOf();
    const pattern = { pattern: `${start}*`, agency: officer.agency, limit: 3 };
    const found = await matcher.plates(pattern);
    expect(found.open).toEqual([`${start}200`, `${start}201`]);
    expect(found.restricted).toHaveLength(3);
    expect(found.more).toBe(false);
    expect((await matcher.plates({ ...pattern, agency: metro.id })).more).toBe(true);
  });

  it("that fits more than a hundred is said on the card, what is not shown of them hides nothing", async () => {
    const start = `V${digits()}`;
    const identifiers = (at: number) => `VA ${start}${String(at).padStart(3, "0")}`;
    const many = (from: number, to: number, listed: Listed) =>
      Array.from({ length: to - from }, (_none, at) => ({ ...listed, identifiers: identifiers(from + at) }));
    await bench.addMany(metro, many(0, 120, { sensitivity: "RESTRICTED" }));
    const [made] = await bench.addMany(metro, [{ identifiers: `MD ${start}500` }]);
    const ask = async () => said(await bench.screen().form(officer, asked({ identifiers: `MD ${start}*` })));
    await vi.waitFor(async () => expect(await ask()).toContain(made?.ref), 5_000);
    expect(await ask()).not.toContain("fits too many plates");
    await bench.addMany(metro, many(600, 701, {}));
    await vi.waitFor(
      async () =>
        expect(await ask()).toContain(`The plate MD ${start}* fits too many plates: give more of it.`),
      5_000,
    );
    const again = await bench.screen().command(officer, "allpoints", { kind: "words", words: "again" });
    expect(said(again)).toContain("fits too many plates");
    expect(
      said(await bench.screen("summary").form(officer, asked({ identifiers: `MD ${start}*` }))),
    ).toContain("Part of a plate fits too many plates");
  });

  it("that fits more than are looked at is said, and nothing of it for the restricted lane", async () => {
    const start = `W${digits()}`;
    const many = (from: number, listed: Listed) =>
      Array.from({ length: 4 }, (_none, at) => ({ ...listed, identifiers: `MD ${start}${from + at}` }));
    await bench.addMany(metro, many(10, { sensitivity: "RESTRICTED" }));
    await bench.addMany(metro, many(50, {}).slice(0, 3));
    const matcher = await bench.matcherOf();
    const pattern = { pattern: `${start}*`, agency: officer.agency, limit: 3 };
    expect(await matcher.plates(pattern)).toMatchObject({ more: false });
    await bench.addMany(metro, many(60, {}).slice(0, 1));
    const after = await matcher.plates(pattern);
    expect(after.more).toBe(true);
    expect(after.open).toHaveLength(3);
  });
});
