import type { Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";

import { castOf, channelView, refIn } from "../../sandbox/cast.ts";
import type { Posted } from "../../sandbox/pretend.ts";
import { tip } from "../../sandbox/story-values.ts";
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

/** How many calls of the bot were answered with 429 so far. */
async function refusedCalls(): Promise<number> {
  const { slack, discord } = stage().sandbox.platforms;
  const counts = [...(await slack.counts()), ...(await discord.counts())];
  return counts.reduce((sum, { rateLimited }) => sum + rateLimited, 0);
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
    const before = await refusedCalls();
    await bulletin.approve();
    await expect.poll(refusedCalls, { timeout: 30_000 }).toBeGreaterThan(before);
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

  const shownClock = async (): Promise<number> => {
    const [words = ""] = /\d{4}-\d\d-\d\d \d\d:\d\dZ/.exec(await panel.fact("Clock")) ?? [];
    return Date.parse(words.replace(" ", "T"));
  };

  it.each([
    ["+10 min", 10],
    ["+1 h", 60],
    ["+1 day", 1_440],
  ])("%s moves the clock that it shows", async (button, minutes) => {
    const before = await shownClock();
    await panel.presses(button);
    const passed = async () => ((await shownClock()) - before) / 60_000;
    await expect.poll(passed, { timeout: 20_000 }).toBeGreaterThanOrEqual(minutes);
    // One more may pass by itself.
    expect(await passed()).toBeLessThanOrEqual(minutes + 1);
  });

  it("the product goes by the clock that is shown", async () => {
    // A channel as nobody in particular sees it.
    const day = new Intl.DateTimeFormat("en-GB", {
      timeZone: "UTC",
      weekday: "short",
      day: "numeric",
      month: "short",
    });
    const shown = day.format(await shownClock()).replace(",", "");
    expect(shown).not.toBe(day.format(Date.now()).replace(",", ""));
    const { platforms } = stage().sandbox;
    const reyes = castOf(platforms)("metro", "reyes");
    const ref = refIn(await reyes.submits(await reyes.types("/tip"), tip), "T");
    const card = await channelView(platforms, "metro", "intake").shows(`NEW TIP ${ref}`);
    expect(card.lines.join("\n")).toContain(`received ${shown}`);
  });

  it("Verify recomputes the audit, and says what it found", async () => {
    await panel.presses("Verify");
    await expectPanel(panel, /\d+ rows.* in \d+ chains/);
  });
});
