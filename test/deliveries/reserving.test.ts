import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { claimChunk } from "../../jobs/deliver-lane.ts";
import { appendAudit } from "../../src/audit/audit-store.ts";
import { planDeliveries } from "../../src/bulletins/bulletin-life-store.ts";
import { findLane } from "../../src/deliveries/claim-store.ts";
import { endDeliveries, wantNew } from "../../src/deliveries/delivery-store.ts";
import { closePace, lockPaces } from "../../src/deliveries/pace-store.ts";
import { perMinute, perSecond } from "../../src/deliveries/pace.ts";
import { arrive } from "../../src/deliveries/settle.ts";
import { findDueLanes } from "../../src/deliveries/sweep-store.ts";
import { lifted, openLedgerBench, type LedgerBench, type Place } from "./ledger-bench.ts";

let bench: LedgerBench;
beforeAll(async () => {
  bench = await openLedgerBench();
});
afterAll(() => bench.database.close());

const message = { platform: "slack", workspace: "W", channel: "C", message: "1.1" } as const;
const slackPosts = (posts = perSecond(5)) => ({ ...lifted, slack: { ...lifted.slack, posts } });

/** So many cards, each in a channel of its own. */
async function cards(place: Place, count: number, use: Parameters<LedgerBench["request"]>[1] = {}) {
  const subjects: string[] = [];
  for (let made = 0; made < count; made += 1) {
    // One after the other: their order is the point.
    // oxlint-disable-next-line no-await-in-loop
    subjects.push(await bench.request(place, { channelId: await bench.addChannel(place), ...use }));
  }
  return subjects;
}
async function idOf(subjectId: string): Promise<string> {
  const [row] = await bench.rows(subjectId);
  if (row === undefined) throw new Error("no delivery");
  return row.id;
}
const idsOf = (subjects: readonly string[]) => Promise.all(subjects.map(idOf));
/** Copies that are in their channels. */
async function copies(place: Place, count: number, use: Parameters<LedgerBench["request"]>[1] = {}) {
  const subjects = await cards(place, count, use);
  const chunks = [await bench.take(place), await bench.take(place)];
  const all = chunks.flat();
  await bench.announce(all);
  await bench.asSystem((tx) =>
    arrive(
      tx,
      all.map((claim) => ({ claim, version: 1, message })),
    ),
  );
  return subjects;
}
/** As a member: only members are sent bulletins. */
function admit({ agency }: Place): Promise<void> {
  return bench.database.store.transaction({ agency: null, id: "operator" }, async (tx) => {
    await tx.updateTable("agency").set({ state: "active" }).where("id", "=", agency).execute();
    await appendAudit(tx, null, { action: "agency.approve", subject: `agency:${agency}` });
  });
}
async function laneOf({ installation }: Place) {
  const lane = await bench.asSystem((tx) => findLane(tx, installation));
  if (lane === undefined) throw new Error("no lane");
  return lane;
}

describe("two workers", () => {
  it("share a lane's slots: no two go out at once, and none takes what the other has", async () => {
    const place = await bench.addPlace();
    await cards(place, 12);
    const lane = await laneOf(place);
    const limits = slackPosts({ everyMs: 100, burst: 1 });
    const { jobs: store } = bench.database;
    const before = performance.now();
    const chunks = await Promise.all([1, 2, 3].map(() => claimChunk({ store, limits }, lane)));
    const taking = performance.now() - before;
    const booked = chunks.flatMap((chunk) => chunk.booked).toSorted((a, b) => a.startAt - b.startAt);
    expect(new Set(booked.map(({ id }) => id)).size).toBe(booked.length);
    expect(booked.length).toBeGreaterThanOrEqual(10);
    const gaps = booked.slice(1).map(({ startAt }, index) => startAt - (booked[index]?.startAt ?? 0));
    // Two processes' clocks are compared through the database, to within what asking it takes.
    expect(Math.min(...gaps)).toBeGreaterThan(100 - taking - 1);
    // The reservations themselves are exact.
    const [pace] = (await bench.asSystem((tx) => lockPaces(tx, [`${lane.lane} post`]))).left.values();
    expect(pace?.freeInMs).toBeGreaterThan(booked.length * 100 - (performance.now() - before));
  });
});

describe("the order of a lane", () => {
  it("is the first channel of every agency before the second of any", async () => {
    const owner = await bench.addPlace();
    const subjectId = await bench.addBulletin(owner);
    const guilds: Place[] = [];
    for (const channels of [3, 1, 2]) {
      // oxlint-disable-next-line no-await-in-loop
      const guild = await bench.addPlace("discord");
      guilds.push(guild);
      // oxlint-disable-next-line no-await-in-loop
      await admit(guild);
      for (let made = 0; made < channels; made += 1) {
        // oxlint-disable-next-line no-await-in-loop
        await bench.subscribe(guild, await bench.addChannel(guild));
      }
    }
    await bench.as(owner, (tx) => planDeliveries(tx, { id: subjectId, kind: "bulletin", urgency: 3 }));
    const [first] = guilds;
    if (first === undefined) throw new Error("no guild");
    const agencies = new Map((await bench.rows(subjectId)).map(({ id, agency_id }) => [id, agency_id]));
    const order = (await bench.take(first)).flatMap(({ id }) => agencies.get(id) ?? []);
    expect(order).toHaveLength(6);
    expect(new Set(order.slice(0, 3))).toEqual(new Set(guilds.map(({ agency }) => agency)));
    expect(new Set(order.slice(3, 5)).size).toBe(2);
    expect(order[5]).toBe(first.agency);
  });

  it("is critical before routine, and recall, correction, new, changed within that", async () => {
    const place = await bench.addPlace();
    const changed = await copies(place, 1, { urgency: 3 });
    const over = await copies(place, 1, { urgency: 3 });
    await bench.as(place, (tx) => wantNew(tx, { subjectId: changed[0] ?? "" }));
    await bench.as(place, (tx) => endDeliveries(tx, { subjectId: over[0] ?? "", kind: "intake" }));
    const routine = await cards(place, 1, { urgency: 5 });
    const fresh = await cards(place, 1, { urgency: 3 });
    const [bulletin] = [await bench.addBulletin(place)];
    const corrected = await cards(place, 1, { urgency: 3, kind: "correction", subjectId: bulletin });
    const critical = await cards(place, 1, { urgency: 1 });
    const order = (await bench.take(place)).map(({ id }) => id);
    expect(order).toEqual(await idsOf([critical, over, corrected, fresh, changed, routine].flat()));
  });
});

describe("what is in the way", () => {
  it("a channel that was refused waits by itself, and what is for it keeps its place", async () => {
    const place = await bench.addPlace();
    const shut = await bench.addChannel(place);
    await bench.asSystem((tx) => closePace(tx, `channel:${shut} post`, 60_000));
    const waiting = await cards(place, 3, { channelId: shut, urgency: 1 });
    const others = await cards(place, 2, { urgency: 9 });
    expect((await bench.take(place)).map(({ id }) => id)).toEqual(await idsOf(others));
    for (const subject of waiting) {
      // oxlint-disable-next-line no-await-in-loop
      await bench.letPass(subject, "61 seconds");
    }
    const slow = { ...lifted, slack: { ...lifted.slack, channelPosts: perSecond(1) } };
    const [first] = await bench.take(place, slow);
    expect(first?.id).toBe(await idOf(waiting[0] ?? ""));
  });

  it("a budget for edits that is used up keeps no new card back, however many edits wait", async () => {
    const place = await bench.addPlace();
    const changed = await copies(place, 70, { urgency: 1 });
    for (const subjectId of changed) {
      // oxlint-disable-next-line no-await-in-loop
      await bench.as(place, (tx) => wantNew(tx, { subjectId }));
    }
    const fresh = await cards(place, 1, { urgency: 5 });
    const limits = { ...lifted, slack: { ...lifted.slack, edits: perMinute(40) } };
    // The first takes what the edits have left.
    const taken = [await bench.take(place, limits), await bench.take(place, limits)].flat();
    expect(taken.map(({ id }) => id)).toContain(await idOf(fresh[0] ?? ""));
  });

  it("a penalty of one workspace leaves the others as they were", async () => {
    const [sick, well] = [await bench.addPlace(), await bench.addPlace()];
    await cards(sick, 2);
    await cards(well, 2);
    const { lane } = await laneOf(sick);
    await bench.asSystem((tx) => closePace(tx, `${lane} post`, 60_000));
    expect(await bench.take(sick)).toEqual([]);
    expect(await bench.take(well)).toHaveLength(2);
  });
});

describe("what the sweep wakes", () => {
  it("is every lane that can do something now, and none that has to wait for its limit", async () => {
    const [ready, shut] = [await bench.addPlace(), await bench.addPlace()];
    await cards(ready, 1);
    await cards(shut, 1);
    const { lane } = await laneOf(shut);
    await bench.asSystem((tx) => closePace(tx, `${lane} post`, 60_000));
    const due = await bench.asSystem(findDueLanes);
    expect(due).toContain(ready.installation);
    expect(due).not.toContain(shut.installation);
  });

  it("is a workspace in which the next edit may go, not only when its whole burst is back", async () => {
    const place = await bench.addPlace();
    const changed = await copies(place, 12);
    for (const subjectId of changed) {
      // oxlint-disable-next-line no-await-in-loop
      await bench.as(place, (tx) => wantNew(tx, { subjectId }));
    }
    const limits = { ...lifted, slack: { ...lifted.slack, edits: perMinute(40) } };
    expect(await bench.take(place, limits)).toHaveLength(10);
    // The eleventh has its slot two seconds after the first ten.
    await bench.letPass(changed[11] ?? "", "2 seconds");
    expect(await bench.asSystem(findDueLanes)).toContain(place.installation);
  });
});

it("what is learned from a 429 slows the lane once for all that were on their way, and is counted", async () => {
  const place = await bench.addPlace();
  const { lane } = await laneOf(place);
  const key = `${lane} post`;
  const paceNow = async () => (await bench.asSystem((tx) => lockPaces(tx, [key]))).left.get(key);
  await bench.asSystem((tx) => closePace(tx, key, 1000));
  await bench.asSystem((tx) => closePace(tx, key, 10));
  // The longer of the two counts.
  expect((await paceNow())?.closedForMs).toBeGreaterThan(500);
  expect((await paceNow())?.slower).toBeCloseTo(125, 0);
  const subjectId = await bench.request(place, { channelId: await bench.addChannel(place) });
  await bench.letPass(subjectId, "2 seconds");
  await bench.asSystem((tx) => closePace(tx, key, 10));
  expect((await paceNow())?.slower).toBeCloseTo(156, 0);
  const { rows } = await bench.asSystem((tx) => sql`select refused from pace where key = ${key}`.execute(tx));
  expect(rows).toEqual([{ refused: 3 }]);
});
