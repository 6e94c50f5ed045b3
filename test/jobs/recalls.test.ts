import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Jobs } from "../../jobs/jobs.ts";
import { appendAudit } from "../../src/audit/audit-store.ts";
import type { Platform, SendOutcome } from "../../src/chat.ts";
import { deliveryCounts, endDeliveries, wantNew } from "../../src/deliveries/delivery-store.ts";
import { openJobsBench, type JobsBench, type OneBulletin } from "./jobs-bench.ts";

// How what is there is changed, and how it is taken back. One backend: the queue has no part in it.

let bench: JobsBench;
let jobs: Jobs;
beforeAll(async () => {
  bench = await openJobsBench(undefined);
  jobs = await bench.startJobs();
});
afterAll(() => bench.close());

/** A bulletin that is in a channel, since so many minutes. */
async function delivered(platform: Platform = "slack", minutes = 0) {
  const bulletin = await bench.oneBulletin({ platform });
  await jobs.idle();
  await bench.asSystem(async (tx) => {
    await sql`update delivery set posted_at = posted_at - ${minutes} * interval '1 minute'
      where subject_id = ${bulletin.subjectId}`.execute(tx);
    await appendAudit(tx, null, { action: "test.time", subject: "test:time" });
  });
  return bulletin;
}
async function change({ owner, subjectId }: OneBulletin, headline: string): Promise<void> {
  bench.words.set(subjectId, headline);
  await bench.as(owner, (tx) => wantNew(tx, { subjectId }));
  await jobs.idle();
}
async function recall({ owner, subjectId }: OneBulletin): Promise<void> {
  bench.words.set(subjectId, "CANCELLED");
  await bench.as(owner, async (tx) => {
    await endDeliveries(tx, { subjectId, kind: "bulletin" });
    await appendAudit(tx, owner.agency, { action: "bulletin.cancel", subject: `bulletin:${subjectId}` });
  });
  await jobs.idle();
}
const countsOf = ({ owner, subjectId }: OneBulletin) =>
  bench.as(owner, (tx) => deliveryCounts(tx, { subjectId, kind: "bulletin" }));
const deedsIn = (address: string) =>
  [...bench.slack.log(), ...bench.discord.log()]
    .filter(({ channel }) => channel === address)
    .map(({ deed }) => deed);
const refused = { kind: "edit-refused", reason: "cant_update_message" } as const;
/** The next of these, in this bulletin's workspace, ends so. */
function mishap({ place }: OneBulletin, on: "edit" | "remove", outcome: SendOutcome): void {
  for (const chat of [bench.slack, bench.discord]) chat.mishap({ on, outcome, workspace: place.workspace });
}

describe("a Discord message that is older than 55 minutes", () => {
  it("is changed once, and then left as it is", async () => {
    const one = await delivered("discord", 56);
    await change(one, "Second words");
    await change(one, "Third words");
    expect(bench.shown(one.address)).toEqual(["Second words"]);
    expect(deedsIn(one.address)).toEqual(["post", "edit"]);
    // It is not owed any more.
    expect(await bench.rowOf(one.subjectId)).toMatchObject({ state: "applied", applied_version: 3 });
  });

  it("still gets its thread's lines", async () => {
    const one = await delivered("discord", 56);
    await change(one, "Second words");
    const { id: underId } = await bench.rowOf(one.subjectId);
    const { channelId } = one;
    const line = await bench.request(one.place, { kind: "acknowledgment", channelId, underId });
    await change(one, "Third words");
    expect(await bench.rowOf(line)).toMatchObject({ state: "applied" });
    expect(bench.shown(one.address)).toEqual(["Second words", "Words"]);
  });

  it("is turned into a tombstone where that is its one change", async () => {
    const one = await delivered("discord", 56);
    await recall(one);
    expect(bench.shown(one.address)).toEqual(["CANCELLED"]);
    expect(await countsOf(one)).toMatchObject({ copies: 1, recalled: 1 });
  });

  it("is taken away by a recall where it was changed before", async () => {
    const one = await delivered("discord", 56);
    await change(one, "Second words");
    await recall(one);
    expect(bench.shown(one.address)).toEqual([]);
    expect(deedsIn(one.address)).toEqual(["post", "edit", "remove"]);
    expect(await bench.rowOf(one.subjectId)).toMatchObject({ state: "applied", removed: true });
    expect(await countsOf(one)).toMatchObject({ copies: 1, recalled: 1, dead: [] });
  });

  it("is taken away by a recall where Discord allows no change now", async () => {
    const one = await delivered("discord", 56);
    mishap(one, "edit", { kind: "rate-limited", afterMs: 600_000, scope: "channel" });
    await recall(one);
    expect(bench.shown(one.address)).toEqual([]);
    expect(await countsOf(one)).toMatchObject({ copies: 1, recalled: 1 });
  });
});

it("a younger one is changed as often as there is something new", async () => {
  const one = await delivered("discord", 50);
  await change(one, "Second words");
  await change(one, "Third words");
  expect(bench.shown(one.address)).toEqual(["Third words"]);
});

it("a message on Slack is changed however old it is", async () => {
  const one = await delivered("slack", 600);
  await change(one, "Second words");
  await change(one, "Third words");
  expect(bench.shown(one.address)).toEqual(["Third words"]);
});

describe("a recall that cannot change a copy", () => {
  it("takes it away, and counts that", async () => {
    const one = await delivered();
    mishap(one, "edit", refused);
    await recall(one);
    expect(bench.shown(one.address)).toEqual([]);
    expect(await bench.rowOf(one.subjectId)).toMatchObject({ state: "applied", removed: true });
    expect(await countsOf(one)).toMatchObject({ copies: 1, recalled: 1, dead: [] });
    expect(bench.shown(one.desk)).toEqual([]);
  });

  it("does not take away what is only out of date", async () => {
    const one = await delivered();
    mishap(one, "edit", refused);
    await change(one, "Second words");
    expect(bench.shown(one.address)).toEqual(["Words"]);
    expect(await bench.rowOf(one.subjectId)).toMatchObject({ state: "dead", reason: "edit_refused" });
  });

  it("and cannot take it away either is a person's task: the desk is told whom to call", async () => {
    const one = await delivered();
    mishap(one, "edit", refused);
    mishap(one, "remove", refused);
    await recall(one);
    expect(bench.shown(one.address)).toEqual(["Words"]);
    expect(await bench.rowOf(one.subjectId)).toMatchObject({ state: "dead", reason: "edit_refused" });
    const counts = await countsOf(one);
    expect(counts).toMatchObject({ copies: 1, recalled: 0 });
    expect(counts.dead).toHaveLength(1);
    const [notice] = bench.slack.messages(one.desk);
    const said = JSON.stringify(notice?.shown.at(-1));
    expect(said).toContain("could not be taken back from");
    // The agency's, as the bench registers it.
    expect(said).toContain("Watch desk");
    expect(said).toContain("+1 555 0100");
  });

  it("tells the desk also where it was told before that an update had failed", async () => {
    const one = await delivered();
    mishap(one, "edit", refused);
    await change(one, "Second words");
    expect(bench.shown(one.desk)).toHaveLength(1);
    mishap(one, "edit", refused);
    mishap(one, "remove", refused);
    await recall(one);
    expect(await countsOf(one)).toMatchObject({ copies: 1, recalled: 0 });
    expect(bench.shown(one.desk).at(-1)).toContain("could not be taken back from");
  });

  it("tells the desk also where another channel of that agency was lost for the same reason", async () => {
    const one = await delivered();
    const { owner, place, subjectId } = one;
    const gone = { kind: "channel-gone", reason: "is_archived" } as const;
    const channelId = await bench.addChannel(place);
    bench.slack.mishap({ on: "post", outcome: gone, workspace: place.workspace });
    const to = { kind: "bulletin", subjectId, channelId, ownerAgency: owner.agency, level: "full" } as const;
    await bench.request(place, to);
    await jobs.idle();
    expect(bench.shown(one.desk)).toHaveLength(1);
    mishap(one, "edit", gone);
    await recall(one);
    expect(await countsOf(one)).toMatchObject({ copies: 1, recalled: 0 });
    expect(bench.shown(one.desk).at(-1)).toContain("could not be taken back from");
  });

  it("because it is not there any more has nothing left to do", async () => {
    const one = await delivered();
    bench.slack.clear(one.address);
    await recall(one);
    expect(await countsOf(one)).toMatchObject({ copies: 1, recalled: 1, dead: [] });
  });
});

it("an edit whose answer is lost is made again after the quiet time, and makes one change", async () => {
  const one = await delivered();
  bench.slack.mishap({
    on: "edit",
    outcome: { kind: "unknown", reason: "timeout" },
    lands: true,
    workspace: one.place.workspace,
  });
  await change(one, "Second words");
  expect(await bench.rowOf(one.subjectId)).toMatchObject({ state: "pending" });
  await bench.letPass(one.subjectId, "11 seconds");
  await jobs.idle();
  expect(await bench.rowOf(one.subjectId)).toMatchObject({ state: "applied", applied_version: 2 });
  expect(bench.slack.messages(one.address)).toHaveLength(1);
});
