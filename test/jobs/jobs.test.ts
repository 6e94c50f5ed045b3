import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { openKick, type Jobs } from "../../jobs/jobs.ts";
import { deliveryCounts, endDeliveries, wantNew } from "../../src/deliveries/delivery-store.ts";
import type { FollowUp } from "../../src/follow-ups.ts";
import { openLog } from "../../src/log.ts";
import { uuidv7 } from "../../src/store/ids.ts";
import { lifted } from "../deliveries/ledger-bench.ts";
import { haveRedis, startRedis, withoutRedis, type RedisServer } from "../support/redis-server.ts";
import { openJobsBench, type JobsBench } from "./jobs-bench.ts";

if (!haveRedis) process.stderr.write(`skipped on Redis: ${withoutRedis}\n`);

/** Ten at once, and then one by one. */
const tenAtOnce = { ...lifted, slack: { ...lifted.slack, posts: { everyMs: 400, burst: 10 } } };

const backends = haveRedis ? (["postgres", "redis"] as const) : (["postgres"] as const);
describe.each(backends)("deliveries with the queue on %s", (backend) => {
  let redis: RedisServer | undefined;
  let bench: JobsBench;
  let jobs: Jobs;
  beforeAll(async () => {
    redis = backend === "redis" ? await startRedis() : undefined;
    bench = await openJobsBench(redis?.url);
    jobs = await bench.startJobs();
  });
  afterAll(async () => {
    // Also where the bench could not be opened: nobody else stops it.
    try {
      await bench.close();
    } finally {
      await redis?.stop();
    }
  });

  it("a kick after commit brings a card to its channel", async () => {
    const { place, subjectId, address } = await bench.oneCard();
    const { kick, close } = await openKick({
      connection: bench.database.connection.app,
      redisUrl: redis?.url,
      log: openLog({ to: { write: () => {} } }),
    });
    kick([place.installation]);
    await vi.waitFor(
      async () => expect(await bench.rowOf(subjectId)).toMatchObject({ state: "applied" }),
      5000,
    );
    expect(bench.shown(address)).toEqual(["Words"]);
    await close();
    const { id } = await bench.rowOf(subjectId);
    expect(await bench.audited(id)).toEqual([{ action: "delivery.applied", agency_id: place.agency }]);
  });

  it("a card that nobody kicked for is found by the sweep", async () => {
    const { subjectId, place } = await bench.oneCard();
    expect((await jobs.sweep()).woken).toContain(place.installation);
    await jobs.idle();
    expect(await bench.rowOf(subjectId)).toMatchObject({ state: "applied", applied_version: 1 });
  });

  it("losing the whole queue loses nothing", async () => {
    const many = await Promise.all(Array.from({ length: 3 }, () => bench.oneCard()));
    jobs.kick(many.map(({ place }) => place.installation));
    if (redis === undefined) {
      const owner = await bench.database.ownerClient();
      await owner.query("delete from bullmq.job");
    } else await redis.flush();
    await jobs.idle();
    for (const { address } of many) expect(bench.shown(address)).toEqual(["Words"]);
  });

  it("two workers never send one card twice, and both work", async () => {
    const place = await bench.addPlace();
    const subjectId = uuidv7();
    const addresses = await Promise.all(
      Array.from({ length: 60 }, async () => {
        const channelId = await bench.addChannel(place);
        await bench.request(place, { subjectId, channelId });
        return bench.addressOf(channelId);
      }),
    );
    const other = await bench.startJobs();
    for (let kicks = 0; kicks < 4; kicks += 1) {
      jobs.kick([place.installation]);
      other.kick([place.installation]);
    }
    await Promise.all([jobs.idle(), other.idle()]);
    expect(addresses.map((address) => bench.slack.messages(address).length)).toEqual(addresses.map(() => 1));
    await other.stop();
  });

  it("a newer version changes the message that is there", async () => {
    const { place, subjectId, address } = await bench.oneCard();
    await jobs.idle();
    bench.words.set(subjectId, "New words");
    jobs.kick(await bench.as(place, (tx) => wantNew(tx, { subjectId })));
    await jobs.idle();
    expect(
      bench.slack.messages(address).map((message) => message.shown.map((card) => card.headline)),
    ).toEqual([["Words", "New words"]]);
    expect(await bench.rowOf(subjectId)).toMatchObject({ state: "applied", applied_version: 2 });
  });

  it("a version wanted while the card was on its way is brought there at once", async () => {
    const { place, subjectId, address } = await bench.oneCard();
    const calls = bench.slack.calls();
    const release = bench.slack.hold();
    jobs.kick([place.installation]);
    await vi.waitFor(() => expect(bench.slack.calls()).toBe(calls + 1), 5000);
    bench.words.set(subjectId, "New words");
    await bench.as(place, (tx) => wantNew(tx, { subjectId }));
    release();
    await jobs.idle();
    expect(bench.shown(address)).toEqual(["New words"]);
  });

  it("INV-17: what was recalled before it went out is not posted late", async () => {
    const { place, subjectId, address } = await bench.oneCard();
    await bench.as(place, (tx) => endDeliveries(tx, { subjectId, kind: "intake" }));
    jobs.kick([place.installation]);
    await jobs.idle();
    expect(bench.shown(address)).toEqual([]);
    expect(await bench.rowOf(subjectId)).toMatchObject({ state: "blocked", reason: "ended" });
  });

  it("a recall in the middle of a sending turns the copy into a tombstone, and counts it", async () => {
    const { owner, place, subjectId, address } = await bench.oneBulletin();
    const calls = bench.slack.calls();
    const release = bench.slack.hold();
    jobs.kick([place.installation]);
    await vi.waitFor(() => expect(bench.slack.calls()).toBe(calls + 1), 5000);
    bench.words.set(subjectId, "CANCELLED");
    const subject = { subjectId, kind: "bulletin" } as const;
    expect(await bench.as(owner, (tx) => endDeliveries(tx, subject))).toMatchObject({
      toRecall: 1,
      blocked: 0,
    });
    release();
    await jobs.idle();
    expect(bench.shown(address)).toEqual(["CANCELLED"]);
    const counts = await bench.as(owner, (tx) => deliveryCounts(tx, subject));
    expect(counts).toMatchObject({ copies: 1, recalled: 1 });
  });

  it("a copy that somebody deleted counts as recalled", async () => {
    const { owner, subjectId, address } = await bench.oneBulletin();
    await jobs.idle();
    bench.slack.clear(address);
    const subject = { subjectId, kind: "bulletin" } as const;
    await bench.as(owner, (tx) => endDeliveries(tx, subject));
    await jobs.idle();
    const counts = await bench.as(owner, (tx) => deliveryCounts(tx, subject));
    expect(counts).toMatchObject({ copies: 1, recalled: 1, dead: [] });
  });

  it("INV-05: what is given is written down before it is sent, once", async () => {
    const { owner, place, subjectId, channelId } = await bench.oneBulletin();
    const given = () =>
      bench.as(owner, (tx) =>
        tx
          .selectFrom("dissemination")
          .select(["level", "agency_id", "channel_id", "kind"])
          .where("object", "=", `bulletin:${subjectId}`)
          .execute(),
      );
    const calls = bench.slack.calls();
    const release = bench.slack.hold();
    jobs.kick([place.installation]);
    await vi.waitFor(() => expect(bench.slack.calls()).toBe(calls + 1), 5000);
    const row = { level: "summary", agency_id: place.agency, channel_id: channelId, kind: "delivery" };
    // Planned as full; nobody has signed the channel for that.
    expect(await given()).toEqual([row]);
    release();
    await jobs.idle();
    await bench.as(owner, (tx) => wantNew(tx, { subjectId }));
    await jobs.idle();
    expect(await given()).toEqual([row]);
  });

  it("INV-07: a channel that became public meanwhile gets no more than a pointer", async () => {
    const { place, subjectId, channelId } = await bench.oneBulletin();
    await bench.as(place, (tx) =>
      tx.updateTable("channel").set({ private: false }).where("id", "=", channelId).execute(),
    );
    await jobs.idle();
    expect(await bench.rowOf(subjectId)).toMatchObject({ state: "applied", level: "pointer" });
    expect(bench.renderings.findLast((one) => one.subjectId === subjectId)?.level).toBe("pointer");
  });

  it("a bulletin that has expired is not posted, whoever has noticed", async () => {
    const { subjectId, address } = await bench.oneBulletin();
    await bench.database.moveClock("73 hours");
    await jobs.idle();
    await bench.database.moveClock("-73 hours");
    expect(bench.shown(address)).toEqual([]);
    expect(await bench.rowOf(subjectId)).toMatchObject({ state: "blocked", reason: "ended" });
  });

  it("a channel that is gone ends the delivery and the subscription, and the owner's desk is told", async () => {
    const { owner, place, subjectId, channelId, desk } = await bench.oneBulletin();
    const subscription = await bench.subscribe(place, channelId);
    bench.slack.mishap({ outcome: { kind: "channel-gone", reason: "is_archived" } });
    jobs.kick([place.installation]);
    await jobs.idle();
    expect(await bench.rowOf(subjectId)).toMatchObject({
      state: "dead",
      reason: "channel_gone",
      last_error: "is_archived",
    });
    const { id } = await bench.rowOf(subjectId);
    expect((await bench.audited(id)).filter(({ action }) => action === "delivery.dead")).toEqual([
      { action: "delivery.dead", agency_id: owner.agency },
      { action: "delivery.dead", agency_id: place.agency },
    ]);
    const state = await bench.asSystem((tx) =>
      tx
        .selectFrom("subscription")
        .innerJoin("channel", "channel.id", "subscription.channel_id")
        .select(["subscription.state as subscription", "channel.state as channel"])
        .where("subscription.id", "=", subscription)
        .executeTakeFirst(),
    );
    expect(state).toEqual({ subscription: "suspended", channel: "gone" });
    expect(bench.shown(desk)).toEqual([
      expect.stringMatching(/^B-\S+ could not be delivered to Agency \S+ \(channel_gone\)\.$/),
    ]);
  });

  it("a workspace that is gone buries everything that waited for it, with one call", async () => {
    const { place, subjectId } = await bench.oneCard();
    const second = await bench.oneCard({ urgency: 6 }, place);
    const calls = bench.slack.calls();
    // Both are claimed together; the second answer is the same.
    for (let times = 0; times < 2; times += 1) {
      bench.slack.mishap({ outcome: { kind: "tenant-gone", reason: "token_revoked" } });
    }
    await jobs.idle();
    expect(bench.slack.calls() - calls).toBe(2);
    const third = await bench.oneCard({}, place);
    await jobs.idle();
    for (const one of [subjectId, second.subjectId, third.subjectId]) {
      // oxlint-disable-next-line no-await-in-loop
      expect(await bench.rowOf(one)).toMatchObject({ state: "dead", reason: "tenant_gone" });
    }
    expect(bench.slack.calls() - calls).toBe(2);
  });

  it("an answer that is lost leads to one message on Discord, and to a person on Slack", async () => {
    const lost = { outcome: { kind: "unknown", reason: "timeout" }, lands: true } as const;
    const there = await bench.oneBulletin({ platform: "discord" });
    bench.discord.mishap(lost);
    await jobs.idle();
    expect(await bench.rowOf(there.subjectId)).toMatchObject({ state: "checking" });
    await bench.letPass(there.subjectId, "11 seconds");
    await jobs.idle();
    expect(bench.shown(there.address)).toEqual(["Words"]);
    expect(await bench.rowOf(there.subjectId)).toMatchObject({ state: "applied" });

    const here = await bench.oneCard();
    bench.slack.mishap(lost);
    await jobs.idle();
    await bench.letPass(here.subjectId, "11 seconds");
    await jobs.idle();
    expect(bench.shown(here.address)).toEqual(["Words"]);
    expect(await bench.rowOf(here.subjectId)).toMatchObject({ state: "dead", reason: "outcome_unknown" });
  });

  it("a critical card on Slack is repeated once, and says so", async () => {
    const { subjectId, address } = await bench.oneCard({ urgency: 1 });
    bench.slack.mishap({ outcome: { kind: "unknown", reason: "timeout" } });
    await jobs.idle();
    await bench.letPass(subjectId, "11 seconds");
    await jobs.idle();
    expect(bench.shown(address)).toEqual(["Words"]);
    const renderings = bench.renderings.filter((one) => one.subjectId === subjectId);
    expect(renderings.map(({ repeated }) => repeated)).toEqual([false, true]);
  });

  it("a reply goes into the thread of its message, when that is there", async () => {
    const { place, channelId, subjectId, address } = await bench.oneCard();
    const { id } = await bench.rowOf(subjectId);
    await bench.request(place, { channelId, kind: "acknowledgment", underId: id, urgency: 1 });
    await jobs.idle();
    const [card, line] = bench.slack.messages(address);
    expect(line).toMatchObject({ under: card?.id });
  });

  it("a card that cannot be made keeps no other back, and is given up after three tries", async () => {
    const broken = await bench.oneCard();
    bench.words.set(broken.subjectId, "unrenderable");
    const whole = await bench.oneCard({}, broken.place);
    await jobs.idle();
    expect(bench.shown(whole.address)).toEqual(["Words"]);
    for (let tries = 0; tries < 2; tries += 1) {
      // oxlint-disable-next-line no-await-in-loop
      await bench.letPass(broken.subjectId, "31 seconds");
      // oxlint-disable-next-line no-await-in-loop
      await jobs.idle();
    }
    expect(await bench.rowOf(broken.subjectId)).toMatchObject({ state: "dead", reason: "render_failed" });
    expect(bench.shown(broken.address)).toEqual([]);
  });

  it("a follow-up that fails keeps no other back, and a full one runs again", async () => {
    let left = 3;
    const { place, subjectId } = await bench.oneCard();
    const followUps: readonly FollowUp[] = [
      { name: "broken", run: () => Promise.reject(new Error("no")) },
      { name: "long", run: () => Promise.resolve({ wake: [place.installation], again: (left -= 1) > 0 }) },
    ];
    const other = await bench.startJobs({ followUps });
    await other.idle();
    expect(left).toBeLessThanOrEqual(0);
    expect(await bench.rowOf(subjectId)).toMatchObject({ state: "applied" });
    expect(bench.logged.some((line) => line.includes("a follow-up failed") && line.includes("broken"))).toBe(
      true,
    );
    await other.stop();
  });

  it("the sweep runs by itself, at least once a second", async () => {
    const { subjectId } = await bench.oneCard();
    const other = await bench.startJobs({ sweeping: true });
    await vi.waitFor(
      async () => expect(await bench.rowOf(subjectId)).toMatchObject({ state: "applied" }),
      5000,
    );
    await other.stop();
  });

  // The last one: it stops the jobs that the others use.
  it("stopping waits for what is under way, and leaves the rest for others", async () => {
    const place = await bench.addPlace();
    const cards = [];
    for (let count = 0; count < 12; count += 1) {
      // oxlint-disable-next-line no-await-in-loop
      cards.push(await bench.oneCard({}, place));
    }
    const calls = bench.slack.calls();
    const release = bench.slack.hold();
    await jobs.stop();
    const stopping = await bench.startJobs({ limits: tenAtOnce });
    await stopping.sweep();
    await vi.waitFor(() => expect(bench.slack.calls()).toBe(calls + 10), 5000);
    const stopped = stopping.stop();
    release();
    await stopped;
    const rows = await Promise.all(cards.map(({ subjectId }) => bench.rowOf(subjectId)));
    expect(rows.filter(({ state }) => state === "applied")).toHaveLength(10);
    expect(rows.filter(({ state, attempts }) => state === "pending" && attempts === 0)).toHaveLength(2);
    const other = await bench.startJobs();
    await other.idle();
    for (const { address } of cards) expect(bench.shown(address)).toEqual(["Words"]);
  });
});

it("a Redis that is not there is said in a sentence, with what to do", async () => {
  await expect(
    openKick({
      connection: {},
      redisUrl: "redis://:secret@127.0.0.1:9/",
      log: openLog({ to: { write: () => {} } }),
    }),
  ).rejects.toMatchObject({ message: "Redis does not answer at REDIS_URL.", exitCode: 69 });
});
