import { sql } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";

import { startMatcher } from "../../../src/watch-list/matching/matcher-thread.ts";
import { openMatchingBench, settled, type MatchingBench } from "./matching-bench.ts";

let bench: MatchingBench;
beforeAll(async () => {
  bench = await openMatchingBench();
});
afterAll(() => bench.close());

it("no table of the index says a name, a birth date or a plate, nor does anything the thread tells", async () => {
  const metro = await bench.addAgency();
  const secrets = ["zebulon", "quartermain", "1961-07-19", "19610719", "QZX7788"];
  const trouble: unknown[] = [];
  const matcher = startMatcher({
    connection: bench.db.connection.app,
    keyring: { keys: bench.db.keys },
    onTrouble: (error) => void trouble.push(error),
  });
  try {
    await settled(matcher, "ready");
    await bench.addMany(metro, [
      { names: ["Zebulon Quartermain"], birthDates: ["1961-07-19"], identifiers: "MD QZX7788" },
      {
        names: ["Zebulon Quartermain"],
        birthDates: ["1961-07-19"],
        identifiers: "MD QZX7788",
        sensitivity: "RESTRICTED",
      },
    ]);
    const tables = ["entry_name", "entry_pair", "entry_birth", "entry_plate", "identifier", "entry"];
    const dump = await bench.as(metro.analyst, async (tx) => {
      const rows = await Promise.all(
        [...tables, "token"].map(
          async (table) =>
            (await sql`select ${sql.table(table)}::text from ${sql.table(table)}`.execute(tx)).rows,
        ),
      );
      for (const [place, of] of rows.entries()) expect(of.length, tables[place]).toBeGreaterThan(0);
      return JSON.stringify(rows).toLowerCase();
    });
    // As bytea is written, too.
    for (const secret of secrets.flatMap((one) => [one.toLowerCase(), Buffer.from(one).toString("hex")])) {
      expect(dump).not.toContain(secret);
    }
    expect(trouble).toEqual([]);
  } finally {
    await matcher.close();
  }
});
