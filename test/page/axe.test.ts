import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import type { BrowserContextOptions, Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";

import { castOf, channelView, expectWords } from "../../sandbox/cast.ts";
import { ACKNOWLEDGE } from "../../sandbox/story-values.ts";
import { haveBrowser } from "./browser.ts";
import { expectPanel, openPanel } from "./panel.ts";
import { clientOf, expectSeen, peopleAt } from "./person.ts";
import { approvedEntry, gradedTip, subscribeBoth, waitingBulletin } from "./scenario.ts";
import { setStage } from "./stage.ts";

const stage = setStage();
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
let ref = "";

beforeAll(async () => {
  if (!haveBrowser) return;
  const { platforms } = stage().sandbox;
  await subscribeBoth(platforms);
  const entry = await approvedEntry(platforms, await gradedTip(platforms));
  const bulletin = await waitingBulletin(platforms, entry);
  await bulletin.approve();
  ref = bulletin.ref;
  const card = await channelView(platforms, "riverton", "bulletins").shows(ref);
  expectWords(await castOf(platforms)("riverton", "diaz").presses(card, ACKNOWLEDGE), ref);
});

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary: string }[];
}

/** What axe finds serious or worse, one line each. */
async function violations(page: Page): Promise<readonly string[]> {
  // Evaluated, not added as a script: the page's policy allows no other.
  await page.evaluate(axe);
  const found = await page.evaluate<readonly Violation[]>(
    `axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations)`,
  );
  return found
    .filter(({ impact }) => ["serious", "critical"].includes(impact))
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary}`),
    );
}

const screens: readonly (readonly [string, BrowserContextOptions])[] = [
  ["a light desktop", { colorScheme: "light" }],
  ["a dark desktop", { colorScheme: "dark" }],
  ["a light phone", { colorScheme: "light", viewport: { width: 390, height: 844 } }],
  ["a dark phone", { colorScheme: "dark", viewport: { width: 390, height: 844 } }],
];

describe.runIf(haveBrowser).each(screens)("on %s axe finds nothing serious", (_screen, options) => {
  let page: Page;
  beforeAll(async () => {
    page = await stage().desktop.tab({ ...options, reducedMotion: "reduce" });
  });
  const isPhone = options.viewport !== undefined;

  async function show(platform: "Slack" | "Discord"): Promise<void> {
    if (isPhone) await page.getByRole("button", { name: platform, exact: true }).click();
  }

  it.each([
    ["Slack", "riverton", "diaz"],
    ["Discord", "cedar", "ruiz"],
  ] as const)("in the main view, with messages on %s", async (platform, agency, key) => {
    await show(platform);
    const person = agency === "cedar" ? peopleAt(page)(agency, key) : peopleAt(page)(agency, key);
    await person.goes("bulletins");
    await expectSeen(person, ref);
    await person.types("/allpoints whoami", "bulletins");
    await expectSeen(person, `${person.name}, `);
    expect(await violations(page)).toEqual([]);
  });

  it("in what the composer offers", async () => {
    const { composer, pane } = clientOf(page, "discord");
    await composer.fill("/");
    await pane.getByRole("listbox").getByRole("option").first().waitFor();
    expect(await violations(page)).toEqual([]);
    await composer.press("Escape");
    await composer.fill("");
  });

  it.each([
    ["Slack", "riverton", "hale"],
    ["Discord", "cedar", "moss"],
  ] as const)("in a form on %s, filled in wrongly", async (platform, agency, key) => {
    await show(platform);
    const person = agency === "cedar" ? peopleAt(page)(agency, key) : peopleAt(page)(agency, key);
    await person.types("/tip", "intake");
    await person.fills({});
    await page.locator('[aria-invalid="true"]').first().waitFor();
    expect(await violations(page)).toEqual([]);
    await person.goes("bulletins");
  });

  it("in an open thread", async () => {
    await show("Slack");
    const diaz = peopleAt(page)("riverton", "diaz");
    await diaz.goes("bulletins");
    await diaz.opensThread(ref, "Acknowledged v1");
    expect(await violations(page)).toEqual([]);
  });

  it("in the panel", async () => {
    const panel = await openPanel(page);
    await expectPanel(panel, /^\d+ pending/);
    expect(await violations(page)).toEqual([]);
    await panel.close();
  });

  it("in the guided tour", async () => {
    await page.getByRole("button", { name: "Play the story" }).click();
    await page.getByRole("region", { name: "Guided tour" }).waitFor();
    await page.getByRole("button", { name: "Pause" }).click();
    expect(await violations(page)).toEqual([]);
  });
});

const MOST_BYTES = 300_000;
const MOST_MS = 100;

describe.runIf(haveBrowser)("the first load", () => {
  it("weighs at most 300 kB uncompressed", async () => {
    const profile = await stage().desktop.profile();
    const weights: Promise<number>[] = [];
    profile.on("response", (response) => {
      // The stream of what is new has no end, and so no size.
      if (!response.url().includes("/live")) weights.push(response.body().then((body) => body.length));
    });
    const page = await stage().desktop.tabOf(profile);
    await page.waitForLoadState("load");
    await peopleAt(page)("riverton", "hale").goes("bulletins");
    const sum = (await Promise.all(weights)).reduce((one, other) => one + other, 0);
    process.stderr.write(`page weight: ${sum} bytes in ${weights.length} responses\n`);
    expect(weights.length).toBeGreaterThan(5);
    expect(sum).toBeLessThanOrEqual(MOST_BYTES);
  });

  it("asks for nothing that takes over 100 ms", async () => {
    const loads: (readonly Asked[])[] = [];
    // One at a time; what is slow of itself is slow each time, whatever else the machine does.
    for (const _ of [1, 2, 3]) {
      // oxlint-disable-next-line no-await-in-loop
      loads.push(await requestsOf(await stage().tab()));
    }
    const names = (loads[0] ?? []).map(({ name }) => name);
    const fastest = names.map((name) => ({
      name,
      ms: Math.min(...loads.flat().flatMap((one) => (one.name === name ? [one.ms] : []))),
    }));
    expect(names.length).toBeGreaterThan(5);
    expect(fastest.filter(({ ms }) => ms > MOST_MS)).toEqual([]);
  });
});

interface Asked {
  readonly name: string;
  readonly ms: number;
}

/** How long the answers took that this tab has asked for so far. */
async function requestsOf(page: Page): Promise<readonly Asked[]> {
  await page.waitForLoadState("load");
  const asked = await page.evaluate<readonly Asked[]>(
    `performance.getEntries()
      .filter(({ entryType }) => ["resource", "navigation"].includes(entryType))
      .map(({ name, responseEnd, requestStart }) => ({ name, ms: responseEnd - requestStart }))`,
  );
  // The stream of what is new does not end.
  return asked.filter(({ name }) => !name.includes("/live"));
}
