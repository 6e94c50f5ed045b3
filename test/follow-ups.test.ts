import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { createSweeper } from "../jobs/sweeper.ts";
import { MINUTE, SECOND } from "../src/clock.ts";
import { eachDue, type Due } from "../src/follow-ups.ts";
import { openLog } from "../src/log.ts";
import { uuidv7 } from "../src/store/ids.ts";
import { openTestDatabase, type TestDatabase } from "./support/database.ts";

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());
afterEach(() => vi.restoreAllMocks());

/** Rows one to `count`, of which these fail, found three at a time in their order. */
function due(count: number, broken: Set<string>) {
  const rows: Due[] = Array.from({ length: count }, (_, place) => ({ id: String(place + 1), agency: "a" }));
  const done: string[] = [];
  const followUp = eachDue<Due>({
    name: "rows",
    limit: 3,
    find: async (_tx, { limit, except }) =>
      rows.filter(({ id }) => !done.includes(id) && !except.includes(id)).slice(0, limit),
    async work(_store, { id }) {
      if (broken.has(id)) throw new Error(`row ${id}`);
      done.push(id);
      return ["installation"];
    },
  });
  return { done, run: () => followUp.run(db.jobs, db.keyring) };
}

function later(ms: number): void {
  const now = performance.now();
  vi.spyOn(performance, "now").mockReturnValue(now + ms);
}

describe("what is due row after row", () => {
  it("goes on behind a row that fails, and says which it was", async () => {
    const { done, run } = due(3, new Set(["1"]));
    expect(await run()).toEqual({
      wake: ["installation"],
      again: true,
      failed: [{ subject: "1", error: new Error("row 1") }],
    });
    expect(done).toEqual(["2", "3"]);
  });

  it("is found behind a whole chunk that fails", async () => {
    const { done, run } = due(4, new Set(["1", "2", "3"]));
    expect(await run()).toMatchObject({ again: true, wake: [] });
    expect(await run()).toMatchObject({ again: false, failed: [] });
    expect(done).toEqual(["4"]);
  });

  it("is tried again after a while, each time a longer one", async () => {
    const broken = new Set(["1"]);
    const { done, run } = due(1, broken);
    expect((await run()).failed).toHaveLength(1);
    later(4 * SECOND);
    expect((await run()).failed).toEqual([]);
    later(2 * SECOND);
    expect((await run()).failed).toHaveLength(1);
    later(6 * SECOND);
    expect((await run()).failed).toEqual([]);
    broken.clear();
    later(MINUTE);
    await run();
    expect(done).toEqual(["1"]);
  });
});

it("a row that fails is logged by its id, without what the error says, and the sweep goes on", async () => {
  const id = uuidv7();
  const [logged, woken]: [string[], string[]] = [[], []];
  const failing = eachDue<Due>({
    name: "rows",
    find: async (_tx, { except }) => [{ id, agency: "a" }].filter((row) => !except.includes(row.id)),
    work: () => Promise.reject(new Error("John A. Smyth")),
  });
  const { sweep } = createSweeper({
    store: db.jobs,
    keyring: db.keyring,
    followUps: [failing, { name: "next", run: () => Promise.resolve({ wake: ["other"], again: false }) }],
    log: openLog({ to: { write: (line) => logged.push(line) } }),
    wake: async (installations) => void woken.push(...installations),
    at: () => {},
  });
  await sweep();
  expect(woken).toEqual(["other"]);
  expect(logged.map((line) => JSON.parse(line) as unknown)).toEqual([
    expect.objectContaining({ event: "a follow-up left a row for later", part: "rows", subject: id }),
  ]);
  expect(logged.join()).not.toContain("Smyth");
});
