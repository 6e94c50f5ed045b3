import { randomUUID } from "node:crypto";

import { afterAll, beforeAll, expect, it } from "vitest";

import { askKeys, readIdentifiers } from "../../../src/watch-list/identifier.ts";
import { blindIdentifier } from "../../../src/watch-list/index-store.ts";
import { findIdentified, findNumbers, openHits } from "../../../src/watch-list/open-hits-store.ts";
import type { Agency, Person } from "../query-bench.ts";
import { openMatchingBench, searchOf, type Made, type MatchingBench } from "./matching-bench.ts";

// Right after a file was imported: the database has no statistics of what is in it now.

let bench: MatchingBench;
let metro: Agency;
let officer: Person;
let made: readonly Made[] = [];
const COUNT = 6_000;
const CHUNK = 500;
const plateOf = (at: number) => `ZY${String(10_000 + at)}`;
beforeAll(async () => {
  bench = await openMatchingBench();
  metro = await bench.addAgency();
  officer = await bench.addPerson(await bench.addAgency(), ["officer"]);
  const all: Made[] = [];
  for (let from = 0; from < COUNT; from += CHUNK) {
    const add = () =>
      bench.addMany(
        metro,
        Array.from({ length: CHUNK }, (_none, at) => ({
          names: [`Jon${letters(from + at)} Smyth${letters((from + at) % 50)}`],
          identifiers: `MD ${plateOf(from + at)}`,
        })),
      );
    // Among so many a reference may come up twice.
    // oxlint-disable-next-line no-await-in-loop
    all.push(...(await add().catch(() => add().catch(add))));
  }
  made = all;
}, 120_000);
afterAll(() => bench.close());

function letters(number: number): string {
  return [...String(number)].map((digit) => "abcdefghij".charAt(Number(digit))).join("");
}

async function timed<T>(work: () => Promise<T>): Promise<readonly [T, number]> {
  const began = performance.now();
  const answer = await work();
  return [answer, performance.now() - began];
}

it("a question is answered as fast as ever", async () => {
  const { rows } = await bench.db.store.pool.query<{ known: number }>(
    "select count(*)::int as known from pg_stats where schemaname = 'allpoints' and tablename like 'identifier%'",
  );
  expect(rows).toEqual([{ known: 0 }]);
  const keys = Array.from({ length: 100 }, (_none, at) => `MD ${plateOf(at * 7)}`)
    .flatMap((text) => readIdentifiers(text).identifiers)
    .flatMap((one) =>
      askKeys(one).map(({ key }) => ({
        kind: one.kind,
        blind: blindIdentifier(bench.db.keyring, one.kind, key),
      })),
    );
  const [identified, identifiedMs] = await timed(() => bench.as(officer, (tx) => findIdentified(tx, keys)));
  expect(new Set(identified.map(({ number }) => number)).size).toBe(100);
  expect(identifiedMs).toBeLessThan(2_000);

  const some = made.slice(0, 100);
  const [numbers, numbersMs] = await timed(() =>
    bench.as(officer, (tx) =>
      findNumbers(
        tx,
        some.map(({ id }) => id),
      ),
    ),
  );
  expect(numbers.size).toBe(100);
  expect(numbersMs).toBeLessThan(2_000);

  const opening = { query: randomUUID(), action: "query.ask" as const, tells: true, restricted: [] };
  const [opened, openedMs] = await timed(() =>
    bench.as(officer, (tx) => openHits(tx, { ...opening, open: some.map(({ number }) => number) })),
  );
  expect(opened.open).toHaveLength(5);
  expect(openedMs).toBeLessThan(2_000);

  const matcher = await bench.matcherOf({ index: "off" });
  const name = `Jon${letters(4_321)} Smyth${letters(21)}`;
  const [found, foundMs] = await timed(() => matcher.search(searchOf(officer, { name })));
  expect(found.open.groups[0]?.numbers).toEqual([made[4_321]?.number]);
  expect(foundMs).toBeLessThan(2_000);

  const pattern = `${plateOf(3_210).slice(0, -1)}?`;
  const [plates, platesMs] = await timed(() =>
    matcher.plates({ pattern, agency: officer.agency, limit: 100 }),
  );
  expect(plates.open).toHaveLength(10);
  expect(platesMs).toBeLessThan(2_000);
}, 30_000);
