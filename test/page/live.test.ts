import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { world } from "../../sandbox/world.ts";
import { openFaultProxy, type FaultProxy } from "../support/fault-proxy.ts";
import { haveBrowser, openBrowser, type Desktop } from "./browser.ts";
import { openPanel } from "./panel.ts";
import { clientOf, expectSeen, having, peopleAt } from "./person.ts";
import { expectNoTroubles, setStage } from "./stage.ts";

const stage = setStage();
const { metro, cedar } = world;

/** Somebody else in an agency's channel says this, one message after the other. */
async function said(
  agency: typeof metro | typeof cedar,
  { channel, texts }: { readonly channel: string; readonly texts: readonly string[] },
): Promise<void> {
  const platform = stage().sandbox.platforms[agency.platform];
  const [user = ""] = Object.values(agency.people).map((person) => person.user);
  for (const text of texts) {
    // Their order is what is looked at.
    // oxlint-disable-next-line no-await-in-loop
    await platform.say({ workspace: agency.workspace, user, channel, text });
  }
}

const numbered = (what: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${what} ${index + 1} of ${count}`);

/** How often each of the texts stands on screen. */
async function copies(
  page: Page,
  platform: "slack" | "discord",
  texts: readonly string[],
): Promise<number[]> {
  const { log } = clientOf(page, platform);
  return Promise.all(texts.map((text) => log.getByText(text, { exact: true }).count()));
}

const LOST = "Connection lost. Trying again…";

describe.runIf(haveBrowser)("a connection that is lost", () => {
  let proxy: FaultProxy;
  let desktop: Desktop;
  beforeAll(async () => {
    const { hostname, port } = new URL(stage().sandbox.url);
    proxy = await openFaultProxy({ to: { host: hostname, port: Number(port) } });
    desktop = await openBrowser(`http://${proxy.host}:${proxy.port}`);
  });
  // The browser itself tells the console of a connection that is lost.
  afterEach(() => expectNoTroubles(desktop, /net::ERR_/));
  afterAll(async () => {
    await desktop.close();
    await proxy.close();
  });

  it("is said, and what was missed is there afterwards, once", async () => {
    const page = await desktop.tab();
    const [reyes, moss] = [peopleAt(page)("metro", "reyes"), peopleAt(page)("cedar", "moss")];
    await reyes.goes("bulletins");
    await moss.goes("bulletins");
    const before = ["said before the connection was lost"];
    const [slack, discord] = [
      { channel: metro.channels.bulletins.id },
      { channel: cedar.channels.bulletins.id },
    ];
    await said(metro, { ...slack, texts: before });
    await expectSeen(reyes, ...before);

    await proxy.set("refuse");
    await page.getByText(LOST).waitFor();
    const missed = numbered("missed", 20);
    await said(metro, { ...slack, texts: missed });
    await said(cedar, { ...discord, texts: missed });
    await proxy.set("pass");
    await expectSeen(reyes, "missed 20 of 20");
    await expectSeen(moss, "missed 20 of 20");
    expect(await copies(page, "slack", [...before, ...missed])).toEqual(Array(21).fill(1));
    expect(await copies(page, "discord", missed)).toEqual(Array(20).fill(1));
    await page.getByText(LOST).waitFor({ state: "hidden" });
  });

  it("in the middle of something comes back without a word lost or doubled", async () => {
    const page = await desktop.tab();
    const reyes = peopleAt(page)("metro", "reyes");
    await reyes.goes("bulletins");
    const texts = numbered("through thick and thin", 40);
    const saying = said(metro, { channel: metro.channels.bulletins.id, texts });
    await expectSeen(reyes, "through thick and thin 1 of 40");
    await proxy.set("reset");
    await saying;
    await expectSeen(reyes, "through thick and thin 40 of 40");
    expect(await copies(page, "slack", texts)).toEqual(Array(40).fill(1));
  });

  it("what one writes meanwhile is given back, with a word, and can be sent afterwards", async () => {
    const page = await desktop.tab();
    const reyes = peopleAt(page)("metro", "reyes");
    await reyes.goes("bulletins");
    await proxy.set("refuse");
    await page.getByText(LOST).waitFor();
    const { composer, notice } = clientOf(page, "slack");
    await composer.fill("written in a tunnel");
    await composer.press("Enter");
    await having(notice, ["The sandbox does not answer"]).waitFor();
    expect(await composer.inputValue()).toBe("written in a tunnel");
    await proxy.set("pass");
    await page.getByText(LOST).waitFor({ state: "hidden" });
    await composer.press("Enter");
    await expectSeen(reyes, "written in a tunnel");
    expect(await copies(page, "slack", ["written in a tunnel"])).toEqual([1]);
  });
});

/** Insists that these words, in the Slack client, are where the reader sees them. */
async function expectOnScreen(page: Page, words: string): Promise<void> {
  const { log } = clientOf(page, "slack");
  const isThere = async () => {
    const [outer, inner] = await Promise.all([
      log.boundingBox(),
      log.getByText(words, { exact: true }).boundingBox(),
    ]);
    return outer !== null && inner !== null && inner.y > outer.y && inner.y < outer.y + outer.height;
  };
  await expect.poll(isThere, { timeout: 10_000 }).toBe(true);
}

const MOST_IN_PAGE = 120;

describe.runIf(haveBrowser)("a channel of 500 messages", () => {
  let page: Page;
  const texts = numbered("long channel", 500);
  beforeAll(async () => {
    await said(metro, { channel: metro.channels.desk.id, texts });
    page = await stage().desktop.tab();
    await peopleAt(page)("metro", "okafor").goes("desk");
  });

  /** Turns the wheel until the text is there; the most messages that were ever in the page at once. */
  async function wheelTo(text: string, by: number): Promise<number> {
    const { log } = clientOf(page, "slack");
    const wanted = log.getByText(text, { exact: true });
    let most = 0;
    await log.hover();
    await expect
      .poll(
        async () => {
          await page.mouse.wheel(0, by);
          most = Math.max(most, await log.getByRole("article").count());
          return wanted.isVisible();
        },
        { timeout: 60_000, interval: 60 },
      )
      .toBe(true);
    return most;
  }

  it("begins at its end, and never has more in the page than a window", async () => {
    const { log } = clientOf(page, "slack");
    await expectOnScreen(page, "long channel 500 of 500");
    expect(await log.getByRole("article").count()).toBeLessThanOrEqual(MOST_IN_PAGE);
  });

  it("is read up to its first message and down again to its last", async () => {
    expect(await wheelTo("long channel 1 of 500", -1_500)).toBeLessThanOrEqual(MOST_IN_PAGE);
    expect(await wheelTo("long channel 500 of 500", 1_500)).toBeLessThanOrEqual(MOST_IN_PAGE);
  });

  it("stays where one reads while others write, and leads back to the newest", async () => {
    await wheelTo("long channel 470 of 500", -200);
    const { log } = clientOf(page, "slack");
    const reading = log.getByText("long channel 470 of 500", { exact: true });
    const place = (await reading.boundingBox())?.y ?? 0;
    await said(metro, { channel: metro.channels.desk.id, texts: numbered("meanwhile", 5) });
    const newer = clientOf(page, "slack").pane.getByRole("button", { name: "Newer messages" });
    await newer.waitFor();
    expect(Math.abs(((await reading.boundingBox())?.y ?? 0) - place)).toBeLessThan(2);
    await newer.click();
    await log.getByText("meanwhile 5 of 5", { exact: true }).waitFor();
  });

  it("grows at its top by a part, and no further until one reads on", async () => {
    const { log } = clientOf(page, "slack");
    const top = await log
      .getByText(/long channel \d+ of 500/)
      .first()
      .innerText();
    const number = Number(/\d+/.exec(top)?.[0]);
    await log.press("Home");
    const earlier = `long channel ${number - 20} of 500`;
    await log.getByText(earlier, { exact: true }).waitFor({ state: "attached" });
    await settled();
    await expectOnScreen(page, `long channel ${number} of 500`);
    expect(await log.getByText("long channel 1 of 500", { exact: true }).count()).toBe(0);
  });

  it("leads back to the newest from far up, and stays there", async () => {
    await wheelTo("long channel 200 of 500", -1_500);
    const newer = clientOf(page, "slack").pane.getByRole("button", { name: "Newer messages" });
    await newer.click();
    await expectOnScreen(page, "meanwhile 5 of 5");
    await settled();
    await expectOnScreen(page, "meanwhile 5 of 5");
    expect(await newer.isVisible()).toBe(false);
  });

  it("shows what one writes from far up", async () => {
    await wheelTo("long channel 200 of 500", -1_500);
    const { composer } = clientOf(page, "slack");
    await composer.fill("written from far up");
    await composer.press("Enter");
    await expectOnScreen(page, "written from far up");
  });

  it("stays where one reads when the answer to a button is an edit, and shows a new answer", async () => {
    await wheelTo("long channel 300 of 500", -1_500);
    const { log, pane } = clientOf(page, "slack");
    const message = await log
      .getByRole("article")
      .filter({ has: page.getByText("long channel 300 of 500", { exact: true }) })
      .getAttribute("data-message");
    const shortcut = (said: object) => shortcutAnswered(page, { message: message ?? "", said });
    await shortcut({ show: "message", message });
    await settled();
    await expectOnScreen(page, "long channel 300 of 500");
    await pane.getByRole("button", { name: "Newer messages" }).waitFor();
    await shortcut({ show: "message", message: "9999999999.000001" });
    await expectOnScreen(page, "written from far up");
  });

  it("stays where one reads when the first message on screen is edited", async () => {
    const at = { channel: metro.channels.desk.id };
    const { ts } = await slackCall("chat.postMessage", { ...at, text: "not edited yet" });
    await said(metro, { ...at, texts: numbered("below the edit", 40) });
    const { log } = clientOf(page, "slack");
    await log.getByText("below the edit 40 of 40", { exact: true }).waitFor();
    await log
      .getByText("not edited yet", { exact: true })
      .evaluate((element) => element.scrollIntoView({ block: "start" }));
    await clientOf(page, "slack").pane.getByRole("button", { name: "Newer messages" }).waitFor();
    const next = log.getByText("below the edit 1 of 40", { exact: true });
    const place = (await next.boundingBox())?.y ?? 0;
    await slackCall("chat.update", { ...at, ts, text: "edited by now" });
    await log.getByText("edited by now").waitFor();
    expect(Math.abs(((await next.boundingBox())?.y ?? 0) - place)).toBeLessThan(2);
  });
});

/** Until nothing comes any more that was asked for while scrolling. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 700));

/** Uses a message's shortcut, to which the app answers so. */
async function shortcutAnswered(
  page: Page,
  { message, said: answer }: { readonly message: string; readonly said: object },
): Promise<void> {
  await page.route("**/act/slack", (route) => route.fulfill({ json: answer }), { times: 1 });
  const article = clientOf(page, "slack").log.locator(`[data-message="${message}"]`);
  await article.hover();
  await article.locator("summary").click();
  const answered = page.waitForResponse("**/act/slack");
  await article.locator("[data-shortcut]").first().click();
  await answered;
}

/** The app calls Slack's Web API. */
async function slackCall(method: string, body: object): Promise<{ readonly ts: string }> {
  const answer = await fetch(`${stage().sandbox.addresses.slack}/api/${method}`, {
    method: "POST",
    headers: { authorization: `Bearer ${metro.token}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return (await answer.json()) as { readonly ts: string };
}

describe.runIf(haveBrowser)("a tab that nobody looks at", () => {
  it("holds no connection, whatever happens in it, until somebody looks", async () => {
    const page = await stage().tab();
    const { log } = clientOf(page, "slack");
    await peopleAt(page)("metro", "reyes").goes("bulletins");
    let asked = 0;
    page.on("request", (request) => (asked += new URL(request.url()).pathname === "/live" ? 1 : 0));
    await page.evaluate(look("away"));
    await openPanel(page);
    await said(metro, { channel: metro.channels.bulletins.id, texts: ["while nobody looked"] });
    await settled();
    expect(asked).toBe(0);
    expect(await log.getByText("while nobody looked", { exact: true }).count()).toBe(0);
    await page.evaluate(look("here"));
    await log.getByText("while nobody looked", { exact: true }).waitFor();
    expect(asked).toBe(1);
  });
});

/** As the browser tells a page that its tab went behind another one, or came to the front. */
const look = (where: "away" | "here"): string => `
  Object.defineProperty(document, "hidden", { configurable: true, value: ${where === "away"} });
  document.dispatchEvent(new Event("visibilitychange"));
`;

describe.runIf(haveBrowser)("a reader at the end of a channel", () => {
  it("stays there when the panel takes some of the room", async () => {
    const page = await stage().tab();
    const okafor = peopleAt(page)("metro", "okafor");
    const channel = metro.channels.desk.id;
    await said(metro, { channel, texts: numbered("before the panel", 60) });
    await okafor.goes("desk");
    await expectSeen(okafor, "before the panel 60 of 60");
    await openPanel(page);
    await said(metro, { channel, texts: ["after the panel"] });
    await expectSeen(okafor, "after the panel");
    await expectOnScreen(page, "after the panel");
  });
});

describe.runIf(haveBrowser)("a burst of 1,000 messages", () => {
  it("does not freeze the page", async () => {
    const page = await stage().tab();
    const okafor = peopleAt(page)("metro", "okafor");
    await okafor.goes("desk");
    await page.evaluate(watchFrames);
    const texts = numbered("burst", 1_000);
    const ms = performance.now();
    await said(metro, { channel: metro.channels.desk.id, texts });
    await expectSeen(okafor, "burst 1000 of 1000");
    const seconds = ((performance.now() - ms) / 1000).toFixed(1);
    const longest = await page.evaluate<number>("globalThis.longestFrameMs");
    process.stderr.write(`1,000 messages in ${seconds} s: longest gap between two frames ${longest} ms\n`);
    expect(longest).toBeGreaterThan(0);
    expect(longest).toBeLessThan(1_000);
    expect(await clientOf(page, "slack").log.getByRole("article").count()).toBeLessThanOrEqual(MOST_IN_PAGE);
  });
});

const watchFrames = `
  globalThis.longestFrameMs = 0;
  let before = performance.now();
  requestAnimationFrame(function frame(now) {
    globalThis.longestFrameMs = Math.max(globalThis.longestFrameMs, Math.round(now - before));
    before = now;
    requestAnimationFrame(frame);
  });
`;
