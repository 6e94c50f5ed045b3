import { afterAll, beforeAll, expect, it } from "vitest";

import { appendAudit } from "../../src/audit/audit-store.ts";
import { newRef } from "../../src/refs.ts";
import { uuidv7 } from "../../src/store/ids.ts";
import { tipRetention } from "../../src/tips/tip-retention.ts";
import { openQueryBench, type Agency, type QueryBench } from "../watch-list/query-bench.ts";

let bench: QueryBench;
let agency: Agency;
beforeAll(async () => {
  bench = await openQueryBench();
  agency = await bench.addAgency();
});
afterAll(() => bench.db.close());

function closedTip(): Promise<string> {
  const { analyst } = agency;
  const id = uuidv7();
  return bench.as(analyst, async (tx) => {
    await tx
      .insertInto("tip")
      .values({
        id,
        agency_id: agency.id,
        ref: newRef("tip"),
        submitted_by: analyst.id,
        urgency: "days",
        source: "online",
        priority: "P2",
        words_sealed: Buffer.from("sealed"),
        state: "closed",
        outcome: "unfounded",
        closed_by: analyst.id,
        closed_at: new Date(),
        retention_until: new Date(Date.now() + 86_400_000),
      })
      .execute();
    await appendAudit(tx, agency.id, { action: "tip.submit", subject: `tip:${id}` });
    return id;
  });
}

it("a tip that cannot be purged keeps no other's words", async () => {
  const [broken, whole] = [await closedTip(), await closedTip()];
  const root = await bench.db.ownerClient();
  await root.query(`create trigger broken before update on tip for each row
    when (old.id = '${broken}') execute function refuse_change()`);
  await bench.db.moveClock("2 days");
  const { failed } = await tipRetention.run(bench.db.jobs, bench.db.keyring);
  expect(failed?.map(({ subject }) => subject)).toEqual([broken]);
  const states = await bench.as(agency.analyst, (tx) =>
    tx.selectFrom("tip").select(["id", "state"]).orderBy("id").execute(),
  );
  expect(states).toEqual([
    { id: broken, state: "closed" },
    { id: whole, state: "purged" },
  ]);
});
