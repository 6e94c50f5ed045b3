import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import type { Matcher, Search } from "../../../src/watch-list/matching/question.ts";
import { superuser } from "../../support/database.ts";
import { freshName, type Agency, type Person } from "../query-bench.ts";
import {
  addMany,
  bornOn,
  numbersOf,
  openMatchingBench,
  searchOf,
  settled,
  type MatchingBench,
} from "./matching-bench.ts";

let bench: MatchingBench;
let metro: Agency;
let cedar: Agency;
let officer: Person;
/** Two processes with the index in memory, and one without. */
let processes: readonly Matcher[];
beforeAll(async () => {
  bench = await openMatchingBench();
  metro = await bench.addAgency();
  cedar = await bench.addAgency();
  officer = await bench.addPerson(cedar, ["officer"]);
  processes = [await bench.matcherOf(), await bench.matcherOf(), await bench.matcherOf({ index: "off" })];
});
afterAll(() => bench.close());

const foundBy = (asked: Partial<Search>) =>
  Promise.all(
    processes.map(async (matcher) => numbersOf((await matcher.search(searchOf(officer, asked))).open)),
  );
/** How long until every process answers so. */
async function until(asked: Partial<Search>, numbers: readonly number[]): Promise<number> {
  const began = performance.now();
  await vi.waitFor(async () => expect(await foundBy(asked)).toEqual(processes.map(() => numbers)), {
    timeout: 10_000,
    interval: 5,
  });
  return performance.now() - began;
}
const SECOND = 1000;

describe("what is committed", () => {
  it("is found within a second by every process, and no more when it ends", async () => {
    const name = freshName();
    const [made] = await bench.addMany(metro, [{ names: [name], birthDates: ["1984-03-02"] }]);
    const entry = made ?? { id: "", number: 0, ref: "" };
    expect(await until({ name, born: bornOn("1984-03-02") }, [entry.number])).toBeLessThan(SECOND);
    await bench.endEntry(metro, entry, "suspended");
    expect(await until({ name, born: bornOn("1984-03-02") }, [])).toBeLessThan(SECOND);
    for (const matcher of processes.slice(0, 2)) {
      expect((await matcher.search(searchOf(officer, { name }))).engine).toBe("memory");
    }
    expect((await processes[2]?.search(searchOf(officer, { name })))?.engine).toBe("sql");
  });

  it("is seen in whatever order transactions that overlap are committed", async () => {
    const names = Array.from({ length: 4 }, freshName);
    const gates = names.map(() => Promise.withResolvers<void>());
    const works = names.map((name, place) =>
      bench.as(metro.analyst, async (tx) => {
        const [made] = await addMany(tx, { keyring: bench.db.keyring, owner: metro }, [{ names: [name] }]);
        await gates[place]?.promise;
        return made?.number ?? 0;
      }),
    );
    for (const place of [3, 1, 2, 0]) {
      gates[place]?.resolve();
      // oxlint-disable-next-line no-await-in-loop
      const number = await works[place];
      // oxlint-disable-next-line no-await-in-loop
      expect(await until({ name: names[place] }, [number ?? 0])).toBeLessThan(SECOND);
    }
  });

  it("is found once it is approved together with hundreds of others", async () => {
    const people = Array.from({ length: 700 }, () => ({ names: [freshName()] }));
    const made = await bench.addMany(metro, people);
    expect(await until({ name: people[699]?.names[0] }, [made[699]?.number ?? 0])).toBeLessThan(10 * SECOND);
    expect(await foundBy({ name: people[0]?.names[0] })).toEqual(processes.map(() => [made[0]?.number]));
  });

  it("is found by another agency once that may match it", async () => {
    const name = freshName();
    const [made] = await bench.addMany(metro, [{ names: [name], audience: [] }]);
    const number = made?.number ?? 0;
    const own = async () =>
      Promise.all(
        processes.map(async (matcher) =>
          numbersOf((await matcher.search(searchOf(metro.analyst, { name }))).open),
        ),
      );
    await vi.waitFor(async () => expect(await own()).toEqual(processes.map(() => [number])));
    expect(await foundBy({ name })).toEqual([[], [], []]);
    await bench.as(metro.analyst, (tx) =>
      tx
        .insertInto("entry_audience")
        .values({ agency_id: metro.id, entry_id: made?.id ?? "", audience_agency_id: cedar.id })
        .execute(),
    );
    expect(await until({ name }, [number])).toBeLessThan(SECOND);
  });

  it.each([
    ["open", "RESTRICTED", "OPEN"],
    ["restricted", "OPEN", "RESTRICTED"],
  ] as const)(
    "is found in the %s lane by a name that was only in the other one",
    async (lane, before, after) => {
      const name = freshName();
      await bench.addMany(metro, [{ names: [name], sensitivity: before }]);
      // Long enough that the words are known, and counted in the lane they came in.
      await new Promise((resolve) => setTimeout(resolve, 2 * SECOND));
      const [made] = await bench.addMany(metro, [{ names: [name], sensitivity: after }]);
      await vi.waitFor(async () => {
        const found = await Promise.all(processes.map((one) => one.search(searchOf(officer, { name }))));
        expect(found.map((one) => numbersOf(one[lane]))).toEqual(processes.map(() => [made?.number]));
      }, SECOND);
    },
  );

  it("is never in the open lane when it is RESTRICTED", async () => {
    const name = freshName();
    const [made] = await bench.addMany(metro, [{ names: [name], sensitivity: "RESTRICTED" }]);
    await vi.waitFor(async () => {
      for (const matcher of processes) {
        // oxlint-disable-next-line no-await-in-loop
        const { open, restricted } = await matcher.search(searchOf(officer, { name }));
        expect(numbersOf(restricted)).toEqual([made?.number]);
        expect(numbersOf(open)).toEqual([]);
      }
    });
  });

  it("has its plate found by a part of it, until no entry has it", async () => {
    const plate = `ZQ${String(Math.floor(Math.random() * 90_000) + 10_000)}`;
    await bench.addMany(metro, [{ identifiers: `MD ${plate}` }]);
    const asked = `${plate.slice(0, 3)}?${plate.slice(4, 5)}*`;
    await vi.waitFor(async () => {
      for (const matcher of processes) {
        // oxlint-disable-next-line no-await-in-loop
        expect((await matcher.plates({ pattern: asked, agency: cedar.id, limit: 50 })).open).toContain(plate);
      }
    });
    for (const pattern of [`${plate}?`, ".*"]) {
      // oxlint-disable-next-line no-await-in-loop
      const found = await processes[0]?.plates({ pattern, agency: cedar.id, limit: 50 });
      expect(found).toEqual({ open: [], restricted: [], more: false });
    }
  });
});

describe("when the database goes away", () => {
  /** Ends every connection of the index's processes, as a restart would. */
  async function cut(): Promise<void> {
    const root = new Client(superuser());
    await root.connect();
    await root.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and usename = $2",
      [bench.db.connection.app.database, bench.db.connection.app.user],
    );
    await root.end();
  }

  it("and comes back, what changed meanwhile is found within a second again", async () => {
    await cut();
    const name = freshName();
    const [made] = await vi.waitFor(() => bench.addMany(metro, [{ names: [name] }]), { timeout: 5000 });
    expect(await until({ name }, [made?.number ?? 0])).toBeLessThan(2 * SECOND);
    await settled(processes[0] as Matcher, "ready");
    // And it is told again, not only asked every second.
    const next = freshName();
    const [another] = await bench.addMany(metro, [{ names: [next] }]);
    expect(await until({ name: next }, [another?.number ?? 0])).toBeLessThan(SECOND);
  });

  it("for good, memory that may be too old says that it could not search, and nothing else", async () => {
    const lost = await bench.matcherOf();
    const name = freshName();
    await bench.addMany(metro, [{ names: [name] }]);
    await vi.waitFor(async () =>
      expect(numbersOf((await lost.search(searchOf(officer, { name }))).open)).toHaveLength(1),
    );
    const owner = new Client(superuser());
    await owner.connect();
    const { database } = bench.db.connection.app;
    try {
      await owner.query(`alter database ${database} with allow_connections false`);
      await cut();
      await vi.waitFor(
        async () =>
          expect(
            await lost.search(searchOf(officer, { name })).catch((error: unknown) => error),
          ).toMatchObject({
            code: "NOT_SEARCHED",
          }),
        { timeout: 12_000, interval: 500 },
      );
    } finally {
      await owner.query(`alter database ${database} with allow_connections true`);
      await owner.end();
    }
    await vi.waitFor(
      async () => expect((await lost.search(searchOf(officer, { name }))).engine).toBe("memory"),
      { timeout: 15_000, interval: 200 },
    );
  }, 40_000);
});

it("a start while entries are written misses none of them", async () => {
  const people = Array.from({ length: 120 }, () => ({ names: [freshName()] }));
  const numbers: number[] = [];
  let late: Matcher | undefined;
  await Promise.all([
    (async () => {
      for (let at = 0; at < people.length; at += 4) {
        // oxlint-disable-next-line no-await-in-loop
        const made = await bench.addMany(metro, people.slice(at, at + 4));
        numbers.push(...made.map(({ number }) => number));
      }
    })(),
    bench.matcherOf().then((matcher) => {
      late = matcher;
    }),
  ]);
  await vi.waitFor(async () => {
    for (const [place, { names }] of people.entries()) {
      // oxlint-disable-next-line no-await-in-loop
      const found = await late?.search(searchOf(officer, { name: names[0] }));
      expect(found?.engine).toBe("memory");
      expect(found && numbersOf(found.open)).toContain(numbers[place]);
    }
  }, 5000);
});
