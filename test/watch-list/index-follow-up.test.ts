import { sql } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";

import { openReindexing } from "../../src/watch-list/index-follow-up.ts";
import { unindexEntry } from "../../src/watch-list/index-store.ts";
import { INDEX_VERSION } from "../../src/watch-list/matching/name-reader.ts";
import { approved, openEntryBench, type Agency, type EntryBench } from "./entry-bench.ts";

let bench: EntryBench;
let metro: Agency;
let cedar: Agency;
beforeAll(async () => {
  bench = await openEntryBench();
  metro = await bench.addAgency();
  cedar = await bench.addAgency();
});
afterAll(() => bench.db.close());

/** As the version before this one left it: in force, and not in this one's index. */
async function leftBehind(agency: Agency, version: number | null = null): Promise<string> {
  const { ref } = await approved(bench, agency);
  await bench.as(agency.analyst, async (tx) => {
    const { id } = await tx.selectFrom("entry").select("id").where("ref", "=", ref).executeTakeFirstOrThrow();
    if (version === null) await unindexEntry(tx, id);
    await tx.updateTable("entry").set({ index_version: version }).where("id", "=", id).execute();
  });
  return ref;
}
const isIndexed = async (agency: Agency, ref: string) => (await bench.indexed(agency.analyst, ref))?.names;
const versionOf = (agency: Agency, ref: string) =>
  bench.as(agency.analyst, async (tx) => {
    const row = await tx
      .selectFrom("entry")
      .select("index_version")
      .where("ref", "=", ref)
      .executeTakeFirst();
    return row?.index_version;
  });

it("entries of another version are indexed anew, a few at a time, whoever's they are", async () => {
  const { jobs, keyring } = bench.db;
  const refs = [await leftBehind(metro), await leftBehind(metro), await leftBehind(cedar)];
  const old = await leftBehind(metro, INDEX_VERSION - 1);
  const owners = [metro, metro, cedar] as const;
  const found = () => Promise.all(refs.map((ref, place) => isIndexed(owners[place] ?? metro, ref)));
  expect(await found()).toEqual([false, false, false]);
  const reindexing = openReindexing(2);
  expect(await reindexing.run(jobs, keyring)).toMatchObject({ again: true, failed: [] });
  expect((await found()).filter(Boolean).length).toBeLessThan(3);
  expect(await reindexing.run(jobs, keyring)).toMatchObject({ again: true, failed: [] });
  expect(await reindexing.run(jobs, keyring)).toMatchObject({ again: false, failed: [] });
  expect(await found()).toEqual([true, true, true]);
  expect(await versionOf(metro, old)).toBe(INDEX_VERSION);
});

it("two processes at once do it once, and one that ended meanwhile is left alone", async () => {
  const { jobs, keyring } = bench.db;
  const refs = [await leftBehind(metro), await leftBehind(metro)];
  const ended = await leftBehind(metro);
  await bench.as(metro.analyst, async (tx) => {
    await sql`select append_audit(gen_random_uuid(), array[${metro.id}]::uuid[], 'entry.cancel', 'entry:x', 'ok', '{}')`.execute(
      tx,
    );
    await sql`update entry set state = 'cancelled', end_reason = 'error', ended_at = clock.now() where ref = ${ended}`.execute(
      tx,
    );
  });
  const runs = await Promise.all([
    openReindexing(50).run(jobs, keyring),
    openReindexing(50).run(jobs, keyring),
  ]);
  for (const { failed } of runs) expect(failed).toEqual([]);
  expect(await Promise.all(refs.map((ref) => isIndexed(metro, ref)))).toEqual([true, true]);
  expect(await isIndexed(metro, ended)).toBe(false);
});

it("what a newer version indexed is left to it", async () => {
  const newer = await leftBehind(metro, INDEX_VERSION + 1);
  await openReindexing(50).run(bench.db.jobs, bench.db.keyring);
  expect(await versionOf(metro, newer)).toBe(INDEX_VERSION + 1);
});

it("one that cannot be read keeps no other from being found", async () => {
  const { jobs, keyring } = bench.db;
  const [broken, whole] = [await leftBehind(metro), await leftBehind(metro)];
  const root = await bench.db.ownerClient();
  await root.query("alter table entry no force row level security");
  await root.query("alter table entry disable trigger user");
  await root.query("update entry set content_sealed = 'spoilt' where ref = $1", [broken]);
  await root.query("alter table entry enable trigger user");
  await root.query("alter table entry force row level security");
  const reindexing = openReindexing(50);
  const { failed } = await reindexing.run(jobs, keyring);
  expect(failed).toHaveLength(1);
  expect(await isIndexed(metro, whole)).toBe(true);
  // Nor is it tried at every sweep.
  expect(await reindexing.run(jobs, keyring)).toMatchObject({ failed: [], again: false });
});
