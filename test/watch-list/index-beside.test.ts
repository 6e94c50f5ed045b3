import { sql } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";

import { findEntry } from "../../src/watch-list/entry-store.ts";
import { openReindexing } from "../../src/watch-list/index-follow-up.ts";
import { unindexEntry } from "../../src/watch-list/index-store.ts";
import { namePairs, normaliseName } from "../../src/watch-list/name.ts";
import { tokenNumbers } from "../../src/watch-list/vocabulary-store.ts";
import { approved, openEntryBench, type Agency, type EntryBench } from "./entry-bench.ts";

// While this version is rolled out, bots of the one before it answer beside it: by find_entries, as they read names.

let bench: EntryBench;
let metro: Agency;
beforeAll(async () => {
  bench = await openEntryBench();
  metro = await bench.addAgency();
});
afterAll(() => bench.db.close());

interface Old {
  readonly id: string;
  readonly names: readonly string[];
  readonly births: number;
}

async function entryOf(ref: string): Promise<Old> {
  const { keyring } = bench.db;
  return bench.as(metro.analyst, async (tx) => {
    const { id } = await tx.selectFrom("entry").select("id").where("ref", "=", ref).executeTakeFirstOrThrow();

    const entry = await findEntry(tx, keyring, id);
    return { id, names: entry?.content?.names ?? [], births: entry?.content?.birthDates.length ?? 0 };
  });
}

/** As a bot of the version before this one asks. */
async function asked({ id, names }: Old) {
  const parts = normaliseName(names[0] ?? "");
  return bench.as(metro.analyst, async (tx) => {
    const number = await tokenNumbers(
      tx,
      bench.db.keyring,
      parts.map((string) => ({ kind: "name", string })),
    );
    const pairs = namePairs(parts).map((pair) =>
      pair.map((string) => number({ kind: "name", string })).toSorted((one, other) => one - other),
    );
    const { rows } = await sql<{ entry_id: string; name_id: string; pairs: number; dates: number }>`
      select entry_id, name_id, pairs, cardinality(date_ids) as dates
        from find_entries(${JSON.stringify(pairs).replaceAll("[", "{").replaceAll("]", "}")}::bigint[][], '[]')
       where entry_id = ${id}`.execute(tx);
    return rows;
  });
}

it("what is written now is found by the version before this one, until it ends", async () => {
  const { ref } = await approved(bench, metro);
  const entry = await entryOf(ref);
  expect(entry.names.length).toBeGreaterThan(0);
  const found = [
    { entry_id: entry.id, name_id: expect.any(String), pairs: expect.any(Number), dates: entry.births },
  ];
  expect(await asked(entry)).toEqual(found);
  await bench.as(metro.analyst, (tx) => unindexEntry(tx, entry.id));
  expect(await asked(entry)).toEqual([]);
});

// Its rows stay as they are: that version may read the names in another way.
it("what that version wrote is still found by it after it was indexed anew", async () => {
  const { jobs, keyring } = bench.db;
  const { ref } = await approved(bench, metro);
  const entry = await entryOf(ref);
  const before = await asked(entry);
  expect(before).toHaveLength(1);
  await bench.as(metro.analyst, (tx) =>
    tx.updateTable("entry").set({ index_version: null }).where("id", "=", entry.id).execute(),
  );
  expect(await openReindexing(50).run(jobs, keyring)).toMatchObject({ failed: [] });
  expect((await bench.indexed(metro.analyst, ref))?.names).toBe(true);
  expect(await asked(entry)).toEqual(before);
});
