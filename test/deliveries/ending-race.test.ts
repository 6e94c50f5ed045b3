import { sql } from "kysely";
import { afterAll, beforeAll, expect, it, vi } from "vitest";

import { claim } from "../../src/deliveries/claim-store.ts";
import { endDeliveries, wantNew } from "../../src/deliveries/delivery-store.ts";
import { arrive } from "../../src/deliveries/settle.ts";
import { openLedgerBench, type LedgerBench, type Place } from "./ledger-bench.ts";

let bench: LedgerBench;
beforeAll(async () => {
  bench = await openLedgerBench();
});
afterAll(() => bench.database.close());

const message = { platform: "slack", workspace: "W", channel: "C", message: "1.1" } as const;

async function take(place: Place) {
  const [one] = await bench.take(place);
  if (one === undefined) throw new Error("nothing was due");
  return one;
}

/** A card that is in its channel. */
async function sentCard() {
  const place = await bench.addPlace();
  const subjectId = await bench.request(place, { channelId: await bench.addChannel(place) });
  const one = await take(place);
  await bench.announce([one]);
  await bench.asSystem((tx) => arrive(tx, [{ claim: one, version: 1, message }]));
  return { place, subjectId, id: one.id };
}

/** Until another transaction of the bot's waits for a row that this one holds. */
async function somebodyWaits(place: Place): Promise<void> {
  await vi.waitFor(async () => {
    const { rows } = await bench.as(place, (tx) =>
      sql`select from pg_stat_activity
           where datname = current_database() and wait_event_type = 'Lock'`.execute(tx),
    );
    expect(rows).not.toEqual([]);
  }, 5000);
}

it("a copy that a worker takes at the moment of a recall does not keep the recall from happening", async () => {
  const { place, subjectId, id } = await sentCard();
  const end = () => bench.as(place, (tx) => endDeliveries(tx, { subjectId, kind: "intake" }));
  await bench.as(place, (tx) => wantNew(tx, { subjectId }));
  const ended = await bench.asSystem(async (tx) => {
    await claim(tx, [id]);
    // Settled either way, so that a failure is this test's and not an unhandled rejection.
    const ending = Promise.allSettled([end()]);
    await somebodyWaits(place);
    return { ending };
  });
  expect(await ended.ending).toEqual([
    { status: "fulfilled", value: { toRecall: 1, blocked: 0, installations: [] } },
  ]);
  const [row] = await bench.rows(subjectId);
  expect(row).toMatchObject({ state: "sending", wanted_version: 3, ended_version: 3 });
});
