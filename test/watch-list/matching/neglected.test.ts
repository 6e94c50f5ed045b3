import { randomUUID } from "node:crypto";

import { sql } from "kysely";
import { Client } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";

import { askKeys, readIdentifiers } from "../../../src/watch-list/identifier.ts";
import { blindIdentifier } from "../../../src/watch-list/index-store.ts";
import { findNames } from "../../../src/watch-list/matching-store.ts";
import { findIdentified, openHits } from "../../../src/watch-list/open-hits-store.ts";
import { superuser } from "../../support/database.ts";
import { freshName, type Agency, type Person } from "../query-bench.ts";
import { numbersOf, openMatchingBench, searchOf, type Made, type MatchingBench } from "./matching-bench.ts";

// INV-04: whether an entry is in force is judged now, not when a job ran. No job runs here.

let bench: MatchingBench;
let metro: Agency;
let officer: Person;
beforeAll(async () => {
  bench = await openMatchingBench();
  metro = await bench.addAgency();
  officer = await bench.addPerson(await bench.addAgency(), ["officer"]);
});
afterAll(() => bench.close());

/** Without a word to whoever follows the index. */
async function force(column: "review_due_at" | "challenged_at", at: Date, { id }: Made): Promise<void> {
  const root = new Client({
    ...superuser(String(bench.db.connection.owner.database)),
    options: "-c search_path=allpoints -c session_replication_role=replica",
  });
  await root.connect();
  await root.query(`update entry set ${column} = $2 where id = $1`, [id, at]);
  await root.end();
}

const clock = async () => {
  const { rows } = await bench.db.store.pool.query<{ now: Date }>("select clock.now() as now");
  return rows[0]?.now ?? new Date();
};
const DAY = 86_400_000;

it.each([
  ["a review that was missed", "review_due_at", 14],
  ["a challenge that nobody decided", "challenged_at", 30],
] as const)("%s takes an entry out of every answer by itself", async (_what, column, days) => {
  const plate = `ZX${String(Math.floor(Math.random() * 90_000) + 10_000)}`;
  const name = freshName();
  const [made] = await bench.addMany(metro, [{ names: [name], identifiers: `MD ${plate}` }]);
  if (made === undefined) throw new Error("nobody");
  const stale = await bench.matcherOf({ follows: false });
  // An hour more than the days that are left to its owner.
  await force(column, new Date((await clock()).getTime() + 3_600_000 - days * DAY), made);
  const read = await bench.matcherOf();
  const bySql = await bench.matcherOf({ index: "off" });
  const keys = readIdentifiers(`MD ${plate}`).identifiers.flatMap((one) =>
    askKeys(one).map(({ key }) => ({
      kind: one.kind,
      blind: blindIdentifier(bench.db.keyring, one.kind, key),
    })),
  );
  const nothing = { pairs: [], single: [], anyDate: 0, limit: 10, dates: [], parts: [] };
  async function ways() {
    const now = await clock();
    const search = searchOf(officer, { name, now });
    const opened = { query: randomUUID(), action: "query.ask" as const, tells: true, restricted: [] };
    const also = [made?.number ?? 0];
    return {
      opened: (await bench.as(officer, (tx) => openHits(tx, { ...opened, open: also }))).open.length,
      names: (await bench.as(officer, (tx) => findNames(tx, { lookUps: [nothing, nothing], also, now })))
        .length,
      identified: new Set(
        (await bench.as(officer, (tx) => findIdentified(tx, keys))).map((row) => row.number),
      ).size,
      plates: (await read.plates({ pattern: `${plate}*`, agency: officer.agency, limit: 5 })).open.length,
      memory: numbersOf((await read.search(search)).open).length,
      sql: numbersOf((await bySql.search(search)).open).length,
    };
  }
  const all = { opened: 1, names: 1, identified: 1, plates: 1, memory: 1, sql: 1 };
  expect(await ways()).toEqual(all);
  await bench.db.moveClock("2 hours");
  expect(await ways()).toEqual({ opened: 0, names: 0, identified: 0, plates: 0, memory: 0, sql: 0 });
  // What knows nothing of it may still propose it: the last word is the database's.
  expect(numbersOf((await stale.search(searchOf(officer, { name, now: await clock() }))).open)).toEqual([
    made.number,
  ]);
  const { rows } = await bench.as(metro.analyst, (tx) =>
    sql<{ state: string }>`select state from entry where id = ${made.id}`.execute(tx),
  );
  expect(rows).toEqual([{ state: "active" }]);
});
