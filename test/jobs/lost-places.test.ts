import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Jobs } from "../../jobs/jobs.ts";
import type { SendOutcome } from "../../src/chat.ts";
import type { Place } from "../deliveries/ledger-bench.ts";
import { openJobsBench, type JobsBench } from "./jobs-bench.ts";

// What the platforms refuse for good, and who hears of it. One backend: the queue has no part in it.

let bench: JobsBench;
let jobs: Jobs;
beforeAll(async () => {
  bench = await openJobsBench(undefined);
  jobs = await bench.startJobs();
});
afterAll(() => bench.close());

/** A bulletin on its way to several channels of one agency, which has a desk as its owner has. */
async function fannedOut(channels: number) {
  const first = await bench.oneBulletin();
  const { owner, place, subjectId } = first;
  const theirDesk = await bench.addressOf(await bench.addChannel(place, "desk"));
  const addresses = [first.address];
  for (let more = 1; more < channels; more += 1) {
    // oxlint-disable-next-line no-await-in-loop
    const channelId = await bench.addChannel(place);
    const to = { kind: "bulletin", subjectId, channelId, ownerAgency: owner.agency } as const;
    // oxlint-disable-next-line no-await-in-loop
    await bench.request(place, { ...to, urgency: 3, level: "full" });
    // oxlint-disable-next-line no-await-in-loop
    addresses.push(await bench.addressOf(channelId));
  }
  return { ...first, theirDesk, addresses };
}
const refuse = ({ workspace }: Place, channel: string, outcome: SendOutcome) =>
  bench.slack.mishap({ outcome, workspace, channel, times: 100 });
const attempts = (address: string) => bench.slack.log().filter(({ channel }) => channel === address).length;
const alarms = (id: string) =>
  bench.logged.filter((line) => line.includes(id) && line.includes('"level":"error"'));

describe("channels that are gone", () => {
  it("are each told to their own agency once, and to the bulletin's owner once for the agency", async () => {
    const { place, subjectId, desk, theirDesk, addresses } = await fannedOut(3);
    const gone = { kind: "channel-gone", reason: "not_in_channel" } as const;
    for (const address of addresses) refuse(place, address, gone);
    await jobs.idle();
    expect((await bench.rows(subjectId)).map(({ state, reason }) => [state, reason])).toEqual(
      addresses.map(() => ["dead", "channel_gone"]),
    );
    expect(bench.shown(theirDesk)).toEqual(
      addresses.map(() => expect.stringContaining("found one of your channels closed to the bot")),
    );
    expect(bench.shown(desk)).toEqual([
      expect.stringMatching(/^B-\S+ could not be delivered to Agency \S+ \(channel_gone\)\.$/),
    ]);
    expect(addresses.map(attempts)).toEqual([1, 1, 1]);
  });

  it("get nothing more, not even a try", async () => {
    const { place, subjectId, channelId, theirDesk, address } = await fannedOut(1);
    refuse(place, address, { kind: "channel-gone", reason: "is_archived" });
    await jobs.idle();
    const later = await bench.oneCard({ channelId }, place);
    await jobs.idle();
    expect(await bench.rowOf(later.subjectId)).toMatchObject({ state: "dead", reason: "channel_gone" });
    expect(await bench.rowOf(subjectId)).toMatchObject({ state: "dead" });
    expect(attempts(address)).toBe(1);
    const told = bench.shown(theirDesk).filter((line) => line?.includes("closed to the bot") === true);
    expect(told).toHaveLength(1);
  });
});

describe("a permission that is missing", () => {
  const missing = { kind: "scope-missing", reason: "missing_scope: chat:write" } as const;

  it("is said once where it is missing, with what to do, and what was needed is kept", async () => {
    const { place, subjectId, theirDesk, addresses } = await fannedOut(3);
    for (const address of addresses) refuse(place, address, missing);
    await jobs.idle();
    for (const row of await bench.rows(subjectId)) {
      expect(row).toMatchObject({ state: "dead", reason: "scope_missing", last_error: missing.reason });
    }
    expect(bench.shown(theirDesk)).toEqual([
      expect.stringContaining("the app lacks a permission here. An admin of this workspace"),
    ]);
  });

  it("everywhere in a workspace does not make notices of notices without end", async () => {
    const { place, subjectId, theirDesk } = await fannedOut(1);
    bench.slack.mishap({ outcome: missing, workspace: place.workspace, times: 30 });
    await jobs.idle();
    expect(await bench.rowOf(subjectId)).toMatchObject({ state: "dead", reason: "scope_missing" });
    expect(attempts(theirDesk)).toBeLessThanOrEqual(1);
  });
});

describe("an answer that nobody has seen before", () => {
  it("is kept whole, is never tried again, and is an alarm", async () => {
    const { place, subjectId, address, desk } = await fannedOut(1);
    const reason = `{"ok":false,"error":"wormhole_collapsed","detail":"${"x".repeat(1500)}"}`;
    refuse(place, address, { kind: "unheard-of", reason });
    await jobs.idle();
    await bench.letPass(subjectId, "1 hour");
    await jobs.idle();
    const row = await bench.rowOf(subjectId);
    expect(row).toMatchObject({ state: "dead", reason: "unheard_of", last_error: reason });
    expect(attempts(address)).toBe(1);
    expect(alarms(row.id)).toHaveLength(1);
    // What it said may quote the card.
    expect(alarms(row.id).join("")).not.toContain("wormhole");
    expect(bench.shown(desk)).toHaveLength(1);
  });

  it("that PostgreSQL cannot hold as it is does not take the others' results with it", async () => {
    const { place, subjectId, addresses } = await fannedOut(3);
    refuse(place, addresses[0] ?? "", { kind: "unheard-of", reason: "<html>\u0000</html>" });
    jobs.kick([place.installation]);
    await jobs.idle();
    expect((await bench.rows(subjectId)).map(({ state }) => state).toSorted()).toEqual([
      "applied",
      "applied",
      "dead",
    ]);
  });
});

it("a card that the platform takes for malformed is dead at once, and an alarm", async () => {
  const { place, subjectId, address } = await fannedOut(1);
  refuse(place, address, { kind: "payload-invalid", reason: "invalid_blocks" });
  await jobs.idle();
  const row = await bench.rowOf(subjectId);
  expect(row).toMatchObject({ state: "dead", reason: "payload_invalid", last_error: "invalid_blocks" });
  expect(alarms(row.id)).toHaveLength(1);
  expect(attempts(address)).toBe(1);
});

it("a workspace that is gone is marked, and what is for it is not even tried", async () => {
  const { place, subjectId, addresses } = await fannedOut(2);
  bench.slack.mishap({
    outcome: { kind: "tenant-gone", reason: "account_inactive" },
    workspace: place.workspace,
    times: 100,
  });
  await jobs.idle();
  const later = await bench.oneCard({}, place);
  await jobs.idle();
  expect((await bench.rows(subjectId)).map(({ reason }) => reason)).toEqual(["tenant_gone", "tenant_gone"]);
  expect(await bench.rowOf(later.subjectId)).toMatchObject({ state: "dead", reason: "tenant_gone" });
  expect(attempts(later.address)).toBe(0);
  expect(addresses.map(attempts)).toEqual([1, 1]);
});

it("a card that could be made once it had been tried in vain is not given up for one mistake", async () => {
  const { subjectId, address } = await bench.oneCard();
  bench.slack.mishap({ outcome: { kind: "unavailable", reason: "refused" }, channel: address, times: 2 });
  for (let tries = 0; tries < 2; tries += 1) {
    // oxlint-disable-next-line no-await-in-loop
    await jobs.idle();
    // oxlint-disable-next-line no-await-in-loop
    await bench.letPass(subjectId, "31 seconds");
  }
  bench.words.set(subjectId, "unrenderable");
  await jobs.idle();
  expect(await bench.rowOf(subjectId)).toMatchObject({ state: "pending", last_error: "render_failed" });
  bench.words.delete(subjectId);
  await bench.letPass(subjectId, "31 seconds");
  await jobs.idle();
  expect(bench.shown(address)).toEqual(["Words"]);
});
