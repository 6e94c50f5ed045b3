import { afterAll, beforeAll, expect, it } from "vitest";

import { playStory } from "../../sandbox/story.ts";
import { verify } from "../../src/auditor/auditor.ts";
import { openTown, type Town } from "../support/town.ts";

let town: Town;
beforeAll(async () => {
  town = await openTown();
  await playStory(town.platforms, { verifyAudit: town.verifyAudit, say: () => {} });
  await town.idle();
}, 120_000);
afterAll(() => town.close());

it("after the whole story, from a tip to a recalled bulletin, everything that must hold does", async () => {
  const delivered = await town.db.jobs.transaction({ agency: null, id: "system" }, (tx) =>
    tx.selectFrom("delivery").select("kind").distinct().where("rested_at", "is not", null).execute(),
  );
  // It would prove nothing on an empty ledger.
  expect(new Set(delivered.map(({ kind }) => kind))).toEqual(
    new Set(["bulletin", "correction", "intake", "approval", "notice", "acknowledgment", "hit"]),
  );
  expect(await verify(town.db.jobs)).toEqual([]);
  expect(await verify(town.db.jobs, { recent: true })).toEqual([]);
});

it("an expired bulletin leaves nothing behind that should not be there", async () => {
  await town.pass("49 hours");
  expect(await verify(town.db.jobs)).toEqual([]);
});
