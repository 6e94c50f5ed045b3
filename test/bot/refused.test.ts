import { afterAll, beforeAll, expect, it } from "vitest";

import { countRefused } from "../../src/bot/refused.ts";
import { openLog } from "../../src/log.ts";
import { openTestDatabase, type TestDatabase } from "../support/database.ts";

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

it("refused requests are counted by reason on the operator's chain, at the latest when the bot stops", async () => {
  const refused = countRefused(db.store, openLog({ to: { write: () => {} } }));
  for (const why of ["signature", "signature", "timestamp"]) refused.count(why);
  await refused[Symbol.asyncDispose]();
  const rows = await db.store.transaction({ agency: null, id: "operator" }, (tx) =>
    tx.selectFrom("audit").select(["action", "outcome", "detail", "agency_id"]).execute(),
  );
  expect(rows).toEqual([
    { action: "inbound.refused", outcome: "denied", detail: { signature: 2, timestamp: 1 }, agency_id: null },
  ]);
});

it("nothing refused, nothing written", async () => {
  const refused = countRefused(db.jobs, openLog({ to: { write: () => {} } }));
  await refused[Symbol.asyncDispose]();
  const rows = await db.store.transaction({ agency: null, id: "operator" }, (tx) =>
    tx.selectFrom("audit").select("id").execute(),
  );
  expect(rows).toHaveLength(1);
});
