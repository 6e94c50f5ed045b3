import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import type { Jobs } from "../../jobs/jobs.ts";
import { appendAudit } from "../../src/audit/audit-store.ts";
import type { ChatAdapter, Platform, SendOutcome } from "../../src/chat.ts";
import { endDeliveries, wantNew } from "../../src/deliveries/delivery-store.ts";
import type { Held } from "../../src/deliveries/held-store.ts";
import { lockBreakers, lockPaces } from "../../src/deliveries/pace-store.ts";
import { perSecond, type Limits } from "../../src/deliveries/pace.ts";
import { settle } from "../../src/deliveries/settle.ts";
import { uuidv7 } from "../../src/store/ids.ts";
import { lifted, type Place } from "../deliveries/ledger-bench.ts";
import { openJobsBench, type JobsBench } from "./jobs-bench.ts";

// Platforms that ask for patience, and workspaces that fail. One backend: the queue has no part in it.

let bench: JobsBench;
let jobs: Jobs;
beforeAll(async () => {
  bench = await openJobsBench(undefined);
});
afterEach(() => jobs.stop());
afterAll(() => bench.close());

async function start(limits: Limits): Promise<void> {
  jobs = await bench.startJobs({ limits });
}
const slackPosts = (posts: Limits["slack"]["posts"]): Limits => ({
  ...lifted,
  slack: { ...lifted.slack, posts },
});
const discordCalls = (calls: Limits["discord"]["calls"]): Limits => ({
  ...lifted,
  discord: { ...lifted.discord, calls },
});

let applications = 0;
/** Of an application of their own, so that no test closes another's lane. */
async function guilds(count: number): Promise<readonly Place[]> {
  applications += 1;
  const application = `${applications}`;
  return Promise.all(Array.from({ length: count }, () => bench.addPlace("discord", application)));
}
async function guild(): Promise<Place> {
  const [one] = await guilds(1);
  if (one === undefined) throw new Error("no guild");
  return one;
}

/** One subject in so many channels of one place. */
async function inChannels(place: Place, count: number, use: { readonly urgency?: number } = {}) {
  const subjectId = uuidv7();
  const addresses: string[] = [];
  for (let made = 0; made < count; made += 1) {
    // oxlint-disable-next-line no-await-in-loop
    const { address } = await bench.oneCard({ subjectId, ...use }, place);
    addresses.push(address);
  }
  return { place, subjectId, addresses };
}
const refusal = (scope: "channel" | "workspace" | "application", afterMs = 60_000): SendOutcome => ({
  kind: "rate-limited",
  afterMs,
  scope,
});
const states = async (subjectId: string) => (await bench.rows(subjectId)).map(({ state }) => state);
const waiting = async (subjectId: string) =>
  (await bench.rows(subjectId)).filter(({ state }) => state === "pending");
const callsTo = ({ log }: { readonly log: JobsBench["slack"]["log"] }, addresses: readonly string[]) =>
  log().filter(({ channel }) => addresses.includes(channel));

describe("a lane that is asked to wait", () => {
  it("on Slack gets nothing more, what was claimed is given back, and it costs no attempt", async () => {
    await start(slackPosts({ everyMs: 400, burst: 10 }));
    const { place, subjectId, addresses } = await inChannels(await bench.addPlace(), 13);
    bench.slack.mishap({ outcome: refusal("workspace"), workspace: place.workspace });
    await jobs.idle();
    // Ten have a slot at once; those that had not gone when the answer came have stayed.
    expect(callsTo(bench.slack, addresses).length).toBeLessThanOrEqual(10);
    expect((await waiting(subjectId)).length).toBeGreaterThanOrEqual(4);
    expect((await waiting(subjectId)).every(({ attempts }) => attempts === 0)).toBe(true);
    await bench.letPass(subjectId, "61 seconds");
    await jobs.idle();
    expect(await waiting(subjectId)).toEqual([]);
    // Every channel once, and the one that was refused twice.
    expect(callsTo(bench.slack, addresses)).toHaveLength(14);
  });

  it("on Discord gets nothing more either, also of what was announced and waits for its slot", async () => {
    await start(discordCalls(perSecond(48)));
    const { subjectId, addresses } = await inChannels(await guild(), 60);
    bench.discord.mishap({ outcome: refusal("application"), channel: addresses[0] ?? "" });
    jobs.kick([(await bench.rows(subjectId))[0]?.installation_id ?? ""]);
    await jobs.idle();
    await new Promise((resolve) => setTimeout(resolve, 400));
    // The answer takes no time here: what is on its way by then is what was late for its slot.
    expect(callsTo(bench.discord, addresses).length).toBeLessThanOrEqual(3);
    expect((await waiting(subjectId)).every(({ attempts }) => attempts === 0)).toBe(true);
  });

  it("learns from one refusal once, however many were on their way when it came", async () => {
    await start(lifted);
    const { place, subjectId } = await inChannels(await bench.addPlace(), 20);
    bench.slack.mishap({ outcome: refusal("workspace", 5000), workspace: place.workspace, times: 20 });
    await jobs.idle();
    const lane = (await bench.rows(subjectId))[0]?.lane ?? "";
    const [pace] = (await bench.asSystem((tx) => lockPaces(tx, [`${lane} post`]))).left.values();
    expect(pace?.slower).toBeGreaterThan(124);
    expect(pace?.slower).toBeLessThan(126);
  });
});

describe("one that is asked to wait delays no other", () => {
  it("workspace", async () => {
    await start(lifted);
    const [sick, well] = [
      await inChannels(await bench.addPlace(), 3),
      await inChannels(await bench.addPlace(), 3),
    ];
    bench.slack.mishap({ outcome: refusal("workspace"), workspace: sick.place.workspace, times: 100 });
    await jobs.idle();
    expect(await states(well.subjectId)).toEqual(["applied", "applied", "applied"]);
    expect(await states(sick.subjectId)).toEqual(["pending", "pending", "pending"]);
  });

  it("channel of its workspace", async () => {
    await start(lifted);
    const place = await bench.addPlace();
    const [sick, well] = [await inChannels(place, 1), await inChannels(place, 3)];
    bench.slack.mishap({ outcome: refusal("channel"), channel: sick.addresses[0] ?? "", times: 100 });
    await jobs.idle();
    expect(await states(well.subjectId)).toEqual(["applied", "applied", "applied"]);
    // Nor is it tried again before its time.
    const again = await bench.oneCard(
      { channelId: (await bench.rows(sick.subjectId))[0]?.channel_id ?? "" },
      place,
    );
    await jobs.idle();
    expect(callsTo(bench.slack, sick.addresses)).toHaveLength(1);
    expect(await bench.rowOf(again.subjectId)).toMatchObject({ state: "pending", attempts: 0 });
  });

  it("channel of its workspace, also where more wait for it than fit in one claim", async () => {
    await start(lifted);
    const place = await bench.addPlace();
    const shut = await bench.oneCard({}, place);
    bench.slack.mishap({ outcome: refusal("channel"), channel: shut.address });
    await jobs.idle();
    for (let more = 0; more < 60; more += 1) {
      // oxlint-disable-next-line no-await-in-loop
      await bench.oneCard({ channelId: shut.channelId }, place);
    }
    const other = await bench.oneCard({ urgency: 6 }, place);
    jobs.kick([place.installation]);
    // Nobody sweeps: one wake-up finds it.
    await vi.waitFor(
      async () => expect(await bench.rowOf(other.subjectId)).toMatchObject({ state: "applied" }),
      3000,
    );
  });

  it("channel whose turn comes in a moment, while a worker waits for that", async () => {
    await start(lifted);
    const place = await bench.addPlace();
    const shut = await bench.oneCard({}, place);
    bench.slack.mishap({ outcome: refusal("channel", 1900), channel: shut.address });
    jobs.kick([place.installation]);
    await vi.waitFor(() => expect(callsTo(bench.slack, [shut.address])).toHaveLength(1), 3000);
    const next = await bench.oneCard({ channelId: shut.channelId }, place);
    jobs.kick([place.installation]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const urgent = await bench.oneCard({ urgency: 1 }, place);
    const asked = performance.now();
    jobs.kick([place.installation]);
    await vi.waitFor(() => expect(callsTo(bench.slack, [urgent.address])).toHaveLength(1), {
      timeout: 3000,
      interval: 10,
    });
    expect(performance.now() - asked).toBeLessThan(800);
    await bench.letPass(next.subjectId, "61 seconds");
    await jobs.idle();
  });

  it("edits, where it is the posts that have to wait", async () => {
    await start(lifted);
    const place = await bench.addPlace();
    const there = await bench.oneCard({}, place);
    await jobs.idle();
    bench.slack.mishap({ outcome: refusal("workspace"), workspace: place.workspace });
    const fresh = await bench.oneCard({}, place);
    await jobs.idle();
    await bench.as(place, (tx) => wantNew(tx, { subjectId: there.subjectId }));
    await jobs.idle();
    expect(await bench.rowOf(there.subjectId)).toMatchObject({ state: "applied", applied_version: 2 });
    expect(await bench.rowOf(fresh.subjectId)).toMatchObject({ state: "pending" });
  });

  it("posts, where it is an edit that was refused in the same run", async () => {
    await start(lifted);
    const place = await bench.addPlace();
    const recalled = await bench.oneCard({}, place);
    await jobs.idle();
    const fresh = await inChannels(place, 60);
    await bench.as(place, (tx) => endDeliveries(tx, { subjectId: recalled.subjectId, kind: "intake" }));
    bench.slack.mishap({ on: "edit", outcome: refusal("workspace"), workspace: place.workspace });
    jobs.kick([place.installation]);
    // Nobody sweeps: one wake-up finds them all.
    await vi.waitFor(async () => expect(await waiting(fresh.subjectId)).toEqual([]), 3000);
    const refused = async () =>
      expect(await bench.rowOf(recalled.subjectId)).toMatchObject({ state: "pending", attempts: 0 });
    await vi.waitFor(refused, 3000);
  });
});

it("what a platform says about a channel's budget is kept to, without a 429", async () => {
  await start(lifted);
  const place = await guild();
  const first = await bench.oneCard({}, place);
  bench.discord.rest(60_000);
  await jobs.idle();
  const second = await bench.oneCard({ channelId: first.channelId }, place);
  const other = await bench.oneCard({}, place);
  await jobs.idle();
  expect(await bench.rowOf(other.subjectId)).toMatchObject({ state: "applied" });
  expect(await bench.rowOf(second.subjectId)).toMatchObject({ state: "pending" });
  await bench.letPass(second.subjectId, "61 seconds");
  await jobs.idle();
  expect(await bench.rowOf(second.subjectId)).toMatchObject({ state: "applied" });
});

it("a lane's cards go out in the order of their urgency, evenly, and no faster than it bears", async () => {
  await start(discordCalls(perSecond(20)));
  const place = await guild();
  const routine = await inChannels(place, 12, { urgency: 5 });
  const critical = await inChannels(place, 12, { urgency: 1 });
  const before = bench.discord.calls();
  jobs.kick([place.installation]);
  await jobs.idle();
  const calls = bench.discord.log().slice(before);
  expect(calls.map(({ channel }) => channel)).toEqual([...critical.addresses, ...routine.addresses]);
  // Timers come late on a busy machine, one by one; over ten of them that is no matter.
  const tens = calls.slice(10).map(({ at }, index) => at - (calls[index]?.at ?? 0));
  for (const ms of tens) expect(ms).toBeGreaterThan(10 * 50 * 0.98 - 40);
});

describe("a workspace that keeps failing", () => {
  const down = { kind: "unavailable", reason: "ECONNREFUSED" } as const;
  const breakerOf = async ({ installation }: Place) =>
    (await bench.asSystem((tx) => lockBreakers(tx, [installation]))).get(installation);

  it("is left alone after five failures, then tried with one, and is as new once that worked", async () => {
    await start(lifted);
    const { place, subjectId, addresses } = await inChannels(await bench.addPlace(), 5);
    const other = await inChannels(await bench.addPlace(), 1);
    bench.slack.mishap({ outcome: down, workspace: place.workspace, times: 6 });
    await jobs.idle();
    expect(await breakerOf(place)).toMatchObject({ open: true });
    expect(await states(other.subjectId)).toEqual(["applied"]);
    const calls = () => callsTo(bench.slack, addresses).length;
    expect(calls()).toBe(5);
    const later = await inChannels(place, 3);
    await jobs.idle();
    expect(await states(later.subjectId)).toEqual(["pending", "pending", "pending"]);
    // The probe fails: nobody else goes.
    await bench.letPass(subjectId, "16 seconds");
    await jobs.idle();
    expect(calls() + callsTo(bench.slack, later.addresses).length).toBe(6);
    await bench.letPass(subjectId, "16 seconds");
    await jobs.idle();
    expect(await breakerOf(place)).toMatchObject({ open: false, failures: 0 });
    await bench.letPass(subjectId, "31 seconds");
    await jobs.idle();
    expect([...(await states(subjectId)), ...(await states(later.subjectId))]).toEqual(
      Array.from({ length: 8 }, () => "applied"),
    );
  });

  it("delays no other guild of the application, however much waits for it", async () => {
    await start(lifted);
    const [sick = await guild(), well = sick] = await guilds(2);
    const failing = await inChannels(sick, 55, { urgency: 4 });
    bench.discord.mishap({ outcome: down, workspace: sick.workspace, times: 60 });
    await jobs.idle();
    expect(await breakerOf(sick)).toMatchObject({ open: true });
    await bench.letPass(failing.subjectId, "31 seconds");
    const other = await inChannels(well, 1, { urgency: 6 });
    jobs.kick([well.installation]);
    // Nobody sweeps: one wake-up finds it.
    await vi.waitFor(async () => expect(await states(other.subjectId)).toEqual(["applied"]), 3000);
  });

  it("is not one whose calls we were too late for ourselves", async () => {
    await start(lifted);
    const place = await bench.addPlace();
    await inChannels(place, 6);
    const held = await bench.announce(await bench.take(place));
    const late = { kind: "unavailable", reason: "too_late" } as const;
    const called = (one: Held) => ({ held: one, outcome: late, removing: false, troubled: false });
    await bench.asSystem((tx) => settle(tx, held.map(called)));
    expect((await breakerOf(place))?.open ?? false).toBe(false);
  });
});

it("a token that cannot be opened keeps no other guild's cards back, and is no unknown outcome", async () => {
  await start(lifted);
  const [broken = await guild(), whole = broken] = await guilds(2);
  await bench.as(broken, async (tx) => {
    const sealed = Buffer.from("not sealed by us");
    await tx
      .updateTable("installation")
      .set({ token_sealed: sealed })
      .where("id", "=", broken.installation)
      .execute();
    await appendAudit(tx, broken.agency, { action: "test.change", subject: "test:1" });
  });
  const one = await bench.oneCard({ urgency: 1 }, broken);
  const other = await bench.oneCard({ urgency: 1 }, whole);
  jobs.kick([whole.installation]);
  await vi.waitFor(async () => expect(await states(other.subjectId)).toEqual(["applied"]), 3000);
  expect(await states(one.subjectId)).not.toContain("checking");
});

it.each<Platform>(["slack", "discord"])("an adapter for %s that throws may have sent", async (platform) => {
  await start(lifted);
  const place = await bench.addPlace(platform);
  const { subjectId } = await bench.oneCard({}, place);
  const chat: ChatAdapter & Pick<JobsBench["slack"], "mishap"> = bench[platform];
  chat.mishap({ outcome: "throws", lands: true, workspace: place.workspace });
  jobs.kick([place.installation]);
  await jobs.idle();
  expect(await states(subjectId)).toEqual(["checking"]);
});
