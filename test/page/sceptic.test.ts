import type { Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";

import { castOf } from "../../sandbox/cast.ts";
import type { Posted } from "../../sandbox/pretend.ts";
import { world } from "../../sandbox/world.ts";
import { haveBrowser } from "./browser.ts";
import { expectPanel, openPanel, type Panel } from "./panel.ts";
import { expectSeen, peopleAt } from "./person.ts";
import { approvedEntry, gradedTip, subscribeBoth, waitingBulletin } from "./scenario.ts";
import { setStage } from "./stage.ts";

const stage = setStage();
const { riverton, cedar } = world;

/** The messages about a bulletin that the two subscribed channels ever held, as the platforms themselves have it. */
async function arrived(ref: string): Promise<readonly Posted[]> {
  const { slack, discord } = stage().sandbox.platforms;
  const posts = [
    ...(await slack.posts({ workspace: riverton.workspace })),
    ...(await discord.posts({ workspace: cedar.workspace })),
  ];
  const there: readonly string[] = [riverton.channels.bulletins.id, cedar.channels.bulletins.id];
  return posts.filter(
    ({ channel, headline, under }) =>
      there.includes(channel) && under === undefined && headline.includes(ref),
  );
}

describe.runIf(haveBrowser)("the panel for the sceptic", () => {
  let page: Page;
  let panel: Panel;
  let entry = "";
  beforeAll(async () => {
    const { platforms } = stage().sandbox;
    await subscribeBoth(platforms);
    entry = await approvedEntry(platforms, await gradedTip(platforms));
    page = await stage().desktop.tab();
    panel = await openPanel(page);
  });

  /** At the end of every trouble: each copy is there, once, and the panel says so. */
  async function expectArrivedOnce(ref: string): Promise<void> {
    await expect.poll(async () => (await arrived(ref)).length, { timeout: 60_000, interval: 250 }).toBe(2);
    await expectPanel(panel, /^0 pending · 0 sending · 0 checking/);
    await expectPanel(panel, /^[1-9]\d* messages · lost 0 · doubled 0/);
    expect(await arrived(ref)).toHaveLength(2);
    const people = peopleAt(page);
    await panel.close();
    for (const person of [people("riverton", "hale"), people("cedar", "moss")]) {
      // oxlint-disable-next-line no-await-in-loop
      await person.goes("bulletins");
      // oxlint-disable-next-line no-await-in-loop
      await expectSeen(person, ref);
    }
    panel = await openPanel(page);
  }

  it("Slack down while a bulletin is approved, and up again: nothing is lost, nothing doubled", async () => {
    const bulletin = await waitingBulletin(stage().sandbox.platforms, entry);
    await panel.switches("Slack down", true);
    await bulletin.approve();
    await expect.poll(async () => (await arrived(bulletin.ref)).length, { timeout: 30_000 }).toBe(1);
    await expectPanel(panel, /^[1-9]\d* pending/);
    await panel.switches("Slack down", false);
    await expectArrivedOnce(bulletin.ref);
  });

  it("a storm of 429s on both platforms delays, and neither loses nor doubles", async () => {
    const bulletin = await waitingBulletin(stage().sandbox.platforms, entry);
    await panel.switches("Slack 429 storm", true);
    await panel.switches("Discord 429 storm", true);
    await bulletin.approve();
    await panel.switches("Slack 429 storm", false);
    await panel.switches("Discord 429 storm", false);
    await expectArrivedOnce(bulletin.ref);
  });

  it("the jobs process killed in the middle: started again, and each delivery arrives once", async () => {
    const bulletin = await waitingBulletin(stage().sandbox.platforms, entry);
    const before = await panel.fact("Processes");
    const approving = bulletin.approve();
    await panel.presses("Kill the jobs process");
    await approving;
    await expectPanel(panel, /jobs: running \(process \d+\) restarted 1 ×/);
    expect(await panel.fact("Processes")).not.toBe(before);
    await expectArrivedOnce(bulletin.ref);
  });

  it.each([
    ["+10 min", 10],
    ["+1 h", 60],
    ["+1 day", 1_440],
  ])("%s moves the clock that it shows, and the product's", async (button, minutes) => {
    const clock = async (): Promise<number> =>
      Date.parse(/\d{4}-\d\d-\d\d \d\d:\d\d/.exec(await panel.fact("Clock"))?.[0].replace(" ", "T") ?? "");
    const before = await clock();
    await panel.presses(button);
    // One minute may pass by itself.
    await expect
      .poll(async () => (await clock()) - before, { timeout: 20_000 })
      .toBeGreaterThanOrEqual(minutes * 60_000);
    expect((await clock()) - before).toBeLessThanOrEqual((minutes + 1) * 60_000);
  });

  it("Verify recomputes the audit, and says what it found", async () => {
    await panel.presses("Verify");
    await expectPanel(panel, /\d+ rows.* in \d+ chains/);
  });

  it("after all that the person at the page still gets answers", async () => {
    const who = castOf(stage().sandbox.platforms)("metro", "okafor");
    expect(await who.types("/allpoints whoami")).toMatchObject({ kind: "message" });
  });
});
