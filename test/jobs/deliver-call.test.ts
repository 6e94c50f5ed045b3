import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";

import { call } from "../../jobs/deliver-call.ts";
import { prepare } from "../../jobs/deliver-prepare.ts";
import { openLog } from "../../src/log.ts";
import { openLedgerBench, type LedgerBench } from "../deliveries/ledger-bench.ts";
import { openMemoryChat } from "./memory-chat.ts";

let bench: LedgerBench;
beforeAll(async () => {
  bench = await openLedgerBench();
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => bench.database.close());

/** Everything up to the outcome of the call, with the process standing still between the intent and the call. */
async function callAfter(stallMs: number) {
  const place = await bench.addPlace();
  await bench.request(place, { channelId: await bench.addChannel(place) });
  const [claim] = await bench.take(place);
  if (claim === undefined) throw new Error("nothing was due");
  let stalled = 0;
  const now = performance.now.bind(performance);
  vi.spyOn(performance, "now").mockImplementation(() => now() + stalled);
  const render = () => Promise.resolve([{ card: { headline: "Words", blocks: [] } }]);
  const { jobs: store } = bench.database;
  const at = () => void (stalled = stallMs);
  const { prepared } = await prepare({ store, notices: { render }, at }, [claim]);
  const [one] = prepared;
  if (one === undefined) throw new Error("it was not to be sent");
  const adapter = openMemoryChat("slack");
  const installation = {
    id: place.installation,
    platform: "slack",
    workspace: place.workspace,
    application: "A1",
    botUser: "UBOT",
    token: "token",
    apiBaseUrl: "http://127.0.0.1:9/",
    environment: "commercial",
  } as const;
  const log = openLog({ to: { write: () => {} } });
  const { outcome } = await call({ ...one, installation, adapter, key: one.held.id, log });
  return { outcome, calls: adapter.calls() };
}

it("what comes too late after its intent is not sent: somebody else may be sending by then", async () => {
  expect(await callAfter(2_001)).toEqual({ outcome: { kind: "unavailable", reason: "too_late" }, calls: 0 });
});

it("what was held up for a moment is sent", async () => {
  expect(await callAfter(1_500)).toMatchObject({ outcome: { kind: "sent" }, calls: 1 });
});
