import { afterAll, beforeAll, expect, it } from "vitest";

import { expireEntries, purgeEntries } from "../../src/watch-list/entry-follow-ups.ts";
import { openQueryBench, type Agency, type QueryBench } from "./query-bench.ts";

let bench: QueryBench;
let agency: Agency;
beforeAll(async () => {
  bench = await openQueryBench();
  agency = await bench.addAgency();
});
afterAll(() => bench.db.close());

it("an entry that cannot be expired keeps no other in the index, nor its words", async () => {
  const [broken, whole] = [
    await bench.addEntry(agency, { days: 1 }),
    await bench.addEntry(agency, { days: 2 }),
  ];
  const root = await bench.db.ownerClient();
  await root.query(`create trigger broken before update on entry for each row
    when (old.id = '${broken.id}') execute function refuse_change()`);
  const { jobs, keyring } = bench.db;
  const state = ({ id }: { readonly id: string }) =>
    bench.as(agency.analyst, (tx) =>
      tx.selectFrom("entry").select("state").where("id", "=", id).executeTakeFirst(),
    );
  await bench.db.moveClock("3 days");
  const { failed } = await expireEntries.run(jobs, keyring);
  expect(failed?.map(({ subject }) => subject)).toEqual([broken.id]);
  expect([await state(broken), await state(whole)]).toEqual([{ state: "active" }, { state: "expired" }]);
  await bench.db.moveClock("2 days");
  expect(await purgeEntries.run(jobs, keyring)).toMatchObject({ failed: [] });
  expect(await state(whole)).toEqual({ state: "purged" });
});
