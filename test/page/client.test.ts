import { setTimeout as pause } from "node:timers/promises";

import type { Page, Route } from "playwright-core";
import { describe, expect, it } from "vitest";

import { world } from "../../sandbox/world.ts";
import { haveBrowser } from "./browser.ts";
import { focusedName, tabTo } from "./keyboard.ts";
import { clientOf, expectSeen, peopleAt } from "./person.ts";
import { setStage } from "./stage.ts";

const stage = setStage();
const { metro, cedar } = world;

const LATE_MS = 600;
/** The first answer comes late; everything else as ever. */
async function delayFirst(page: Page, pattern: string): Promise<void> {
  const late = async (route: Route): Promise<void> => {
    await pause(LATE_MS);
    await route.fallback();
  };
  await page.route(pattern, late, { times: 1 });
}

/** Where the Slack client stands, after every late answer has come. */
async function standing(
  page: Page,
): Promise<{ readonly user: string | null; readonly channel: string | null }> {
  await pause(2 * LATE_MS);
  const { pane } = clientOf(page, "slack");
  return { user: await pane.getAttribute("data-user"), channel: await pane.getAttribute("data-channel") };
}

describe.runIf(haveBrowser)("going from place to place", () => {
  it("ends where the last click led, however late the answer to the first", async () => {
    const page = await stage().tab();
    await peopleAt(page)("metro", "reyes").goes("bulletins");
    const channel = (name: string) => clientOf(page, "slack").pane.getByRole("link", { name });
    await delayFirst(page, "**/pane/slack?*");
    await channel("metro-intake").click();
    await channel("metro-desk").click();
    expect(await standing(page)).toEqual({ user: metro.people.reyes.user, channel: metro.channels.desk.id });
  });

  it("as another person is not undone by a link that was drawn for the one before", async () => {
    const page = await stage().tab();
    await peopleAt(page)("metro", "reyes").goes("bulletins");
    const { pane } = clientOf(page, "slack");
    await delayFirst(page, "**/pane/slack?*");
    await pane.getByLabel("You are").selectOption(metro.people.okafor.user);
    await pane.getByRole("link", { name: "metro-desk" }).click();
    expect(await standing(page)).toEqual({ user: metro.people.okafor.user, channel: metro.channels.desk.id });
  });

  it("leads out of a channel that one was taken out of", async () => {
    const page = await stage().tab();
    const room = { workspace: metro.workspace, id: "C0METROTMP" };
    const { slack } = stage().sandbox.platforms;
    await slack.addChannel({ ...room, name: "metro-passing", members: [metro.people.reyes.user] });
    await peopleAt(page)("metro", "reyes").goes("bulletins");
    const { pane, log } = clientOf(page, "slack");
    await pane.getByRole("link", { name: "metro-passing" }).click();
    await page.getByRole("log", { name: "Messages in #metro-passing" }).waitFor();
    await slack.changeChannel({ ...room, members: [metro.people.novak.user] });
    await expect.poll(() => log.getAttribute("aria-label")).toBe("Messages in #metro-intake");
    expect(await pane.getByRole("link", { name: "metro-passing" }).count()).toBe(0);
  });
});

/** A message with one reply among many others; both of its texts. */
async function sayThread(about: string): Promise<readonly [string, string]> {
  const { slack } = stage().sandbox.platforms;
  const at = { workspace: metro.workspace, user: metro.people.lee.user, channel: metro.channels.desk.id };
  const sayMuch = async (when: string): Promise<void> => {
    for (let number = 1; number <= 60; number += 1) {
      // Their order is what is looked at.
      // oxlint-disable-next-line no-await-in-loop
      await slack.say({ ...at, text: `${when} ${about}, ${number} of 60` });
    }
  };
  await sayMuch("before");
  const { id } = await slack.say({ ...at, text: `begins about ${about}` });
  await slack.say({ ...at, text: `replies about ${about}`, thread: id });
  await sayMuch("after");
  return [`begins about ${about}`, `replies about ${about}`];
}

describe.runIf(haveBrowser)("a thread", () => {
  it("opens and closes over the messages that one reads, and over what one writes there", async () => {
    const page = await stage().tab();
    const [root, reply] = await sayThread("reading on");
    const lund = peopleAt(page)("metro", "lund");
    await lund.goes("desk");
    const { log, composer, pane } = clientOf(page, "slack");
    await composer.fill("begun and not sent");
    const begun = log.getByText(root, { exact: true });
    await log.hover();
    const reading = async (): Promise<boolean> => {
      await page.mouse.wheel(0, -400);
      return begun.isVisible();
    };
    await expect.poll(reading, { timeout: 30_000, interval: 60 }).toBe(true);
    await begun.evaluate((element) => element.scrollIntoView({ block: "start" }));
    await pause(LATE_MS);
    const place = (await begun.boundingBox())?.y ?? 0;
    const expectSamePlace = async (): Promise<void> => {
      await pause(LATE_MS);
      expect(Math.abs(((await begun.boundingBox())?.y ?? 0) - place)).toBeLessThan(3);
      expect(await composer.inputValue()).toBe("begun and not sent");
    };
    const article = log.getByRole("article").filter({ has: page.getByText(root, { exact: true }) });
    await article.getByRole("button", { name: "1 reply" }).click();
    await lund.readsInThread(reply);
    await expectSamePlace();
    await lund.closesThread();
    await expectSamePlace();
    expect(await pane.getByRole("button", { name: "Newer messages" }).isVisible()).toBe(true);
  });

  it("is opened, answered and closed with the keyboard alone", async () => {
    const page = await stage().tab();
    const [root] = await sayThread("the keyboard");
    const lund = peopleAt(page)("metro", "lund");
    await lund.goes("desk");
    const { log, pane } = clientOf(page, "slack");
    const begun = log.getByRole("article").filter({ has: page.getByText(root, { exact: true }) });
    await log.focus();
    const opener = begun.getByRole("button", { name: "1 reply" });
    await expect
      .poll(
        async () => {
          await page.keyboard.press("PageUp");
          return opener.isVisible();
        },
        { timeout: 30_000 },
      )
      .toBe(true);
    await pause(LATE_MS);
    await opener.focus();
    await page.keyboard.press("Enter");
    await expect.poll(() => focusedName(page)).toBe("Reply in the thread");
    await page.keyboard.type("without a mouse");
    await page.keyboard.press("Enter");
    await lund.readsInThread("without a mouse");
    await pane.getByRole("link", { name: "Close the thread" }).focus();
    await page.keyboard.press("Enter");
    await expect.poll(() => focusedName(page)).toMatch(/^2 replies/);
    await tabTo(page, /^Message #metro-desk$/);
  });
});

describe.runIf(haveBrowser)("what a client offers for a command", () => {
  it("goes on after a choice with the mouse, and ends when the line is left", async () => {
    const page = await stage().tab();
    await peopleAt(page)("cedar", "moss").goes("desk");
    const { composer, pane } = clientOf(page, "discord");
    const options = pane.getByRole("listbox", { name: "Suggestions" }).getByRole("option");
    await composer.fill("/allpoints channel-clea");
    await options.filter({ hasText: "channel-clearance" }).click();
    await options.filter({ hasText: "level" }).waitFor();
    await pause(LATE_MS);
    expect(await options.filter({ hasText: "level" }).isVisible()).toBe(true);
    expect(await focusedName(page)).toMatch(/^Message /);
    await pane.getByRole("button", { name: "Send" }).focus();
    await options.first().waitFor({ state: "detached" });
    await pause(LATE_MS);
    expect(await options.count()).toBe(0);
  });
});

describe.runIf(haveBrowser)("a form that the app changes while it is open", () => {
  it("keeps what was entered and where one is, but for the field that was changed", async () => {
    const page = await stage().tab();
    const reyes = peopleAt(page)("metro", "reyes");
    const { dialog, pane } = clientOf(page, "slack");
    await reyes.types("/tip", "bulletins");
    const said = dialog.getByRole("textbox", { name: /^What was said or seen\?/ });
    const who = dialog.getByRole("textbox", { name: /^Who might do it\?/ });
    await said.fill("half a sentence");
    await who.fill("somebody");
    await said.press("ArrowLeft");
    const { user } = metro.people.reyes;
    const form = (await dialog.locator("form").getAttribute("data-form")) ?? "";
    const name = await who.getAttribute("name");
    const { slack } = stage().sandbox.platforms;
    const shown = await slack.form({ workspace: metro.workspace, user, form });
    const { id: _id, ...view } = (shown.kind === "form" ? shown.raw : {}) as View;
    const note = { type: "section", text: { type: "plain_text", text: "The app says more." } };
    const blocks = view.blocks.map((block) =>
      block.block_id === name
        ? { ...block, element: { ...block.element, initial_value: "the app knows" } }
        : block,
    );
    await updateView(form, { ...view, blocks: [note, ...blocks] });
    await dialog.getByText("The app says more.").waitFor();
    expect(await said.inputValue()).toBe("half a sentence");
    expect(await who.inputValue()).toBe("the app knows");
    expect(await focusedName(page)).toMatch(/^What was said or seen/);
    await page.keyboard.type("!");
    expect(await said.inputValue()).toBe("half a sentenc!e");
    expect(await pane.locator(".main").getAttribute("inert")).toBe("");
  });
});

interface View {
  readonly id?: string;
  readonly blocks: readonly { readonly block_id?: string; readonly element?: object }[];
}

/** The app calls Slack's views.update. */
async function updateView(id: string, view: object): Promise<void> {
  const answer = await fetch(`${stage().sandbox.addresses.slack}/api/views.update`, {
    method: "POST",
    headers: { authorization: `Bearer ${metro.token}`, "content-type": "application/json" },
    body: JSON.stringify({ view_id: id, view }),
  });
  expect(await answer.json()).toMatchObject({ ok: true });
}

describe.runIf(haveBrowser)("a private answer that was dismissed", () => {
  it("stays away however often the channel is drawn", async () => {
    const page = await stage().tab();
    const moss = peopleAt(page)("cedar", "moss");
    await moss.types("/allpoints whoami", "desk");
    await expectSeen(moss, "Dep. Moss, Cedar");
    const { log } = clientOf(page, "discord");
    const answer = log.getByText("Dep. Moss, Cedar");
    await log.getByRole("button", { name: "Dismiss message" }).click();
    await answer.waitFor({ state: "hidden" });
    await moss.goes("bulletins");
    await moss.goes("desk");
    const { platforms } = stage().sandbox;
    const at = { workspace: cedar.workspace, user: cedar.people.shaw.user, channel: cedar.channels.desk.id };
    await platforms.discord.say({ ...at, text: "said after it was dismissed" });
    await expectSeen(moss, "said after it was dismissed");
    expect(await answer.isVisible()).toBe(false);
  });
});

describe.runIf(haveBrowser)("a line that is refused after one has left", () => {
  it.each([
    ["its channel", (page: Page) => peopleAt(page)("metro", "reyes").goes("desk")],
    ["its person", (page: Page) => peopleAt(page)("metro", "okafor").goes("bulletins")],
  ])("waits where it was typed by who has left %s", async (_what, leave) => {
    const page = await stage().tab();
    const reyes = peopleAt(page)("metro", "reyes");
    await reyes.goes("bulletins");
    const { composer } = clientOf(page, "slack");
    await delayFirst(page, "**/act/slack");
    await composer.fill("/nonsense at all");
    await composer.press("Enter");
    await leave(page);
    await pause(2 * LATE_MS);
    expect(await composer.inputValue()).toBe("");
    await reyes.goes("bulletins");
    expect(await composer.inputValue()).toBe("/nonsense at all");
  });
});
