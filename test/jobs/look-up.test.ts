import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

import type { Jobs } from "../../jobs/jobs.ts";
import { markInstallationGone } from "../../src/agencies/agency-store.ts";
import { appendAudit } from "../../src/audit/audit-store.ts";
import type { Platform } from "../../src/chat.ts";
import { deliveryCounts, endDeliveries } from "../../src/deliveries/delivery-store.ts";
import { openJobsBench, type JobsBench, type OneCard } from "./jobs-bench.ts";
import type { Mishap } from "./memory-chat.ts";

// What becomes of a post whose outcome is unknown. One backend: the queue has no part in it.

let bench: JobsBench;
let jobs: Jobs;
beforeAll(async () => {
  bench = await openJobsBench(undefined);
  jobs = await bench.startJobs();
});
beforeEach(() => bench.slack.grantHistory(true));
afterEach(() => bench.slack.grantHistory(false));
afterAll(() => bench.close());

const lost: Mishap = { outcome: { kind: "unknown", reason: "timeout" }, on: "post" };

/** A bulletin whose post got no answer; it landed, or it did not. */
async function doubtful(
  use: { readonly lands?: boolean; readonly urgency?: number; readonly platform?: Platform } = {},
) {
  const { lands = false, urgency = 5, platform = "slack" } = use;
  const bulletin = await bench.oneBulletin({ platform, urgency });
  bench[platform].mishap({ ...lost, lands, workspace: bulletin.place.workspace });
  await jobs.idle();
  expect(await bench.rowOf(bulletin.subjectId)).toMatchObject({ state: "checking" });
  return bulletin;
}
/** The quiet time is over. */
async function quiet({ subjectId }: OneCard, interval = "11 seconds"): Promise<void> {
  await bench.letPass(subjectId, interval);
  await jobs.idle();
}
const postsTo = (channel: string, chat = bench.slack) =>
  chat.log().filter((call) => call.channel === channel && call.deed === "post").length;
const repeatedOf = (subjectId: string) =>
  bench.renderings.filter((one) => one.subjectId === subjectId).map(({ repeated }) => repeated);
async function ageDoubt({ subjectId }: OneCard, minutes: number): Promise<void> {
  await bench.asSystem(async (tx) => {
    const row = await bench.rowOf(subjectId);
    const since = new Date((row.doubt_since?.getTime() ?? 0) - minutes * 60_000);
    await tx.updateTable("delivery").set({ doubt_since: since }).where("id", "=", row.id).execute();
    await appendAudit(tx, null, { action: "test.time", subject: "test:time" });
  });
}

describe("where the history can be read", () => {
  it("nobody looks before the quiet time is over", async () => {
    const one = await doubtful({ lands: true });
    const looks = bench.slack.looks().length;
    await quiet(one, "8 seconds");
    expect(bench.slack.looks()).toHaveLength(looks);
    expect(await bench.rowOf(one.subjectId)).toMatchObject({ state: "checking" });
  });

  it("what is found counts as delivered, with no second message", async () => {
    const one = await doubtful({ lands: true });
    await quiet(one);
    const row = await bench.rowOf(one.subjectId);
    expect(row).toMatchObject({ state: "applied", applied_version: 1, repeated: false, doubt_since: null });
    expect(bench.slack.messages(one.address)).toMatchObject([{ id: row.message, key: row.id }]);
    expect(postsTo(one.address)).toBe(1);
    const [sought] = bench.slack.looks().slice(-1);
    expect(sought).toMatchObject({ key: row.id, to: { channel: one.address } });
    const actions = (await bench.audited(row.id)).map(({ action }) => action);
    expect(actions).toContain("delivery.applied");
  });

  it("what is not there is sent again, as if for the first time", async () => {
    const one = await doubtful({ urgency: 1 });
    await quiet(one);
    expect(await bench.rowOf(one.subjectId)).toMatchObject({ state: "applied", repeated: false });
    expect(bench.slack.messages(one.address)).toHaveLength(1);
    expect(repeatedOf(one.subjectId)).toEqual([false, false]);
  });

  it("what landed and was recalled meanwhile becomes a tombstone", async () => {
    const one = await doubtful({ lands: true });
    bench.words.set(one.subjectId, "CANCELLED");
    await bench.as(one.owner, (tx) => endDeliveries(tx, { subjectId: one.subjectId, kind: "bulletin" }));
    await quiet(one);
    expect(bench.shown(one.address)).toEqual(["CANCELLED"]);
    expect(await bench.rowOf(one.subjectId)).toMatchObject({ state: "applied", applied_version: 2 });
  });

  it("what did not land and was recalled meanwhile is not sent any more", async () => {
    const one = await doubtful();
    await bench.as(one.owner, (tx) => endDeliveries(tx, { subjectId: one.subjectId, kind: "bulletin" }));
    await quiet(one);
    expect(postsTo(one.address)).toBe(1);
    expect(await bench.rowOf(one.subjectId)).toMatchObject({ state: "blocked", reason: "ended" });
  });

  it("a look-up that has to wait is tried again later", async () => {
    const one = await doubtful({ lands: true });
    bench.slack.misSee({ kind: "later", afterMs: 20_000, reason: "rate_limited" });
    await quiet(one);
    expect(await bench.rowOf(one.subjectId)).toMatchObject({ state: "checking", last_error: "rate_limited" });
    await quiet(one);
    expect(await bench.rowOf(one.subjectId)).toMatchObject({ state: "checking" });
    await quiet(one);
    expect(await bench.rowOf(one.subjectId)).toMatchObject({ state: "applied" });
  });

  it("one that nobody can look for within an hour is for a person", async () => {
    const one = await doubtful({ lands: true });
    bench.slack.misSee({ kind: "later", afterMs: 1000, reason: "rate_limited" });
    await ageDoubt(one, 61);
    await quiet(one);
    expect(await bench.rowOf(one.subjectId)).toMatchObject({ state: "dead", reason: "outcome_unknown" });
  });

  it("a look-up with a bug in it holds up no other, and is not tried for ever", async () => {
    const [one, other] = [await doubtful({ lands: true }), await doubtful({ lands: true })];
    bench.slack.misSee("throws");
    await bench.letPass(other.subjectId, "11 seconds");
    await quiet(one);
    const rows = [await bench.rowOf(one.subjectId), await bench.rowOf(other.subjectId)];
    expect(rows.map(({ state }) => state).toSorted()).toEqual(["applied", "checking"]);
    const left = rows[0]?.state === "checking" ? one : other;
    await ageDoubt(left, 61);
    bench.slack.misSee("throws");
    await quiet(left);
    expect(await bench.rowOf(left.subjectId)).toMatchObject({ state: "dead", reason: "outcome_unknown" });
  });
});

describe("where nobody can look", () => {
  beforeEach(() => bench.slack.grantHistory(false));

  it("a routine card waits for a person, and the owner's desk is told", async () => {
    const one = await doubtful({ lands: true });
    await quiet(one);
    expect(await bench.rowOf(one.subjectId)).toMatchObject({ state: "dead", reason: "outcome_unknown" });
    expect(bench.shown(one.address)).toEqual(["Words"]);
    expect(bench.shown(one.desk)).toEqual([
      expect.stringMatching(/^B-\S+ may not have reached Agency \S+ \(outcome_unknown\)\.$/),
    ]);
  });

  it("a critical card is repeated once, marked, and then waits for a person", async () => {
    const one = await doubtful({ lands: true, urgency: 3 });
    bench.slack.mishap({ ...lost, lands: true, workspace: one.place.workspace });
    await quiet(one);
    await quiet(one);
    expect(repeatedOf(one.subjectId)).toEqual([false, true]);
    expect(postsTo(one.address)).toBe(2);
    expect(await bench.rowOf(one.subjectId)).toMatchObject({ state: "dead", reason: "outcome_unknown" });
    expect(bench.shown(one.desk)).toHaveLength(1);
  });

  it("a critical card that may be out there cannot be recalled by forgetting it: somebody is told", async () => {
    const one = await doubtful({ lands: true, urgency: 1 });
    const subject = { subjectId: one.subjectId, kind: "bulletin" } as const;
    // Its repetition has to wait, and is overtaken by the recall.
    bench.slack.mishap({
      outcome: { kind: "rate-limited", afterMs: 60_000, scope: "workspace" },
      workspace: one.place.workspace,
    });
    await quiet(one);
    expect(await bench.rowOf(one.subjectId)).toMatchObject({ state: "pending", repeated: true });
    const ended = await bench.as(one.owner, (tx) => endDeliveries(tx, subject));
    expect(ended).toMatchObject({ toRecall: 1, blocked: 0 });
    await jobs.idle();
    expect(await bench.rowOf(one.subjectId)).toMatchObject({ state: "dead", reason: "outcome_unknown" });
    const counts = await bench.as(one.owner, (tx) => deliveryCounts(tx, subject));
    expect(counts).toMatchObject({ copies: 1, recalled: 0 });
    expect(bench.shown(one.desk)).toHaveLength(1);
  });
});

describe("on Discord", () => {
  it("the same key within two minutes makes one message", async () => {
    const one = await doubtful({ lands: true, platform: "discord" });
    await quiet(one);
    expect(await bench.rowOf(one.subjectId)).toMatchObject({ state: "applied" });
    expect(bench.discord.messages(one.address)).toHaveLength(1);
    expect(postsTo(one.address, bench.discord)).toBe(2);
    // There is one message: nothing to mark.
    expect(repeatedOf(one.subjectId)).toEqual([false, false]);
  });

  it("after two minutes it would make two: a routine card waits for a person", async () => {
    const one = await doubtful({ lands: true, platform: "discord" });
    await ageDoubt(one, 2);
    bench.discord.forgetKeys();
    await quiet(one);
    expect(postsTo(one.address, bench.discord)).toBe(1);
    expect(await bench.rowOf(one.subjectId)).toMatchObject({ state: "dead", reason: "outcome_unknown" });
  });

  it("a repetition that was held up for two minutes is not sent any more", async () => {
    const one = await doubtful({ lands: true, platform: "discord" });
    const refused = { kind: "rate-limited", afterMs: 150_000, scope: "channel" } as const;
    bench.discord.mishap({ outcome: refused, workspace: one.place.workspace });
    await quiet(one);
    expect(await bench.rowOf(one.subjectId)).toMatchObject({ state: "pending", repeated: true });
    await ageDoubt(one, 3);
    bench.discord.forgetKeys();
    await quiet(one, "160 seconds");
    await quiet(one);
    expect(bench.discord.messages(one.address)).toHaveLength(1);
    expect(await bench.rowOf(one.subjectId)).toMatchObject({ state: "dead", reason: "outcome_unknown" });
  });
});

// The last one: it stops the jobs that the others use.
it("what is in doubt where the workspace is gone is for a person, not in doubt for ever", async () => {
  const one = await doubtful({ lands: true });
  const { workspace, agency } = one.place;
  await bench.asSystem(async (tx) => {
    await markInstallationGone(tx, "slack", workspace);
    await appendAudit(tx, agency, { action: "installation.gone", subject: `workspace:${workspace}` });
  });
  await jobs.stop();
  const other = await bench.startJobs({ sweeping: true });
  await bench.letPass(one.subjectId, "11 seconds");
  await vi.waitFor(
    async () =>
      expect(await bench.rowOf(one.subjectId)).toMatchObject({ state: "dead", reason: "outcome_unknown" }),
    4000,
  );
  await other.stop();
});
