import { request } from "node:http";

import type { Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";

import { tip } from "../../sandbox/story-values.ts";
import { world } from "../../sandbox/world.ts";
import { haveBrowser } from "./browser.ts";
import { focusedName, tabTo } from "./keyboard.ts";
import { expectSeen, clientOf, having, peopleAt } from "./person.ts";
import { setStage } from "./stage.ts";

const stage = setStage();
const { metro, cedar } = world;
const platforms = ["slack", "discord"] as const;
const people = {
  slack: (page: Page) => peopleAt(page)("metro", "reyes"),
  discord: (page: Page) => peopleAt(page)("cedar", "moss"),
} as const;

describe.runIf(haveBrowser).each(platforms)("bad input on %s", (platform) => {
  let page: Page;
  beforeAll(async () => {
    page = await stage().desktop.tab();
    await people[platform](page).goes("bulletins");
  });

  it("an unknown command is refused in the platform's words, and stays in the composer", async () => {
    const { composer, notice } = clientOf(page, platform);
    await people[platform](page).types("/nonsense at all", "bulletins");
    await notice.waitFor();
    expect(await notice.innerText()).toContain("/nonsense");
    expect(await composer.inputValue()).toBe("/nonsense at all");
  });

  it("a form with missing fields says so at each field, and keeps what was written", async () => {
    const { dialog } = clientOf(page, platform);
    await people[platform](page).types("/tip", "bulletins");
    const about = dialog.getByRole("textbox", { name: /^Who might do it\?/ });
    await about.fill("a man in a grey coat");
    await dialog.getByRole("button").last().click();
    const missing = dialog.getByRole("textbox", { name: /^What was said or seen\?/ });
    await dialog.locator('[aria-invalid="true"]').first().waitFor();
    expect(await missing.getAttribute("aria-invalid")).toBe("true");
    const problem = await missing.getAttribute("aria-describedby");
    const sentence = (problem ?? "").split(" ").map((id) => dialog.locator(`#${id}`).innerText());
    expect((await Promise.all(sentence)).join(" ")).toMatch(/required|complete|fill/i);
    expect(await about.inputValue()).toBe("a man in a grey coat");
    await dialog.getByRole("button", { name: "Close" }).first().click();
    await dialog.waitFor({ state: "hidden" });
  });

  it("a message of 50 kB is refused in one sentence and not lost", async () => {
    const { composer, notice, log } = clientOf(page, platform);
    const long = "fifty thousand letters ".repeat(2_200);
    const before = await log.getByRole("article").count();
    await people[platform](page).goes("bulletins");
    await composer.fill(long);
    await composer.press("Enter");
    await having(notice, ["long"]).waitFor();
    expect((await notice.innerText()).length).toBeLessThan(300);
    expect(await composer.inputValue()).toBe(long);
    expect(await log.getByRole("article").count()).toBe(before);
    await composer.fill("");
  });

  it("hostile text is text, in a message as in a form's answer", async () => {
    const { log } = clientOf(page, platform);
    const hostile = `<img src=x onerror=alert(1)> </article><script>alert(2)</script> "><b onclick=alert(3)>`;
    const person = people[platform](page);
    await person.types(hostile, "bulletins");
    await log.getByText(hostile).waitFor();
    await person.types("/tip", "bulletins");
    await person.fills({ ...tip, "What was said or seen?": hostile, "Who might do it?": hostile });
    await expectSeen(person, "Received: T-");
    expect(await log.locator("img, script, [onclick]").count()).toBe(0);
  });
});

describe.runIf(haveBrowser)("what the platform refuses of the app", () => {
  const tooMany = Array.from({ length: 51 }, () => ({ type: "divider" }));
  const asks = {
    slack: () => ({
      path: "/api/chat.postMessage",
      token: `Bearer ${metro.token}`,
      body: { channel: metro.channels.bulletins.id, text: "too much", blocks: tooMany },
    }),
    discord: () => ({
      path: `/api/v10/channels/${cedar.channels.bulletins.id}/messages`,
      token: `Bot ${cedar.token}`,
      body: { content: "too long ".repeat(300) },
    }),
  } as const;

  it.each([
    ["slack", ["Slack refused", "chat.postMessage", "invalid_blocks", "no more than 50 items allowed"]],
    ["discord", ["Discord refused", "Must be 2000 or fewer in length."]],
  ] as const)("is shown in the words of %s", async (platform, words) => {
    const page = await stage().tab();
    await people[platform](page).goes("bulletins");
    const { path, token, body } = asks[platform]();
    const answer = await fetch(`${stage().sandbox.addresses[platform]}${path}`, {
      method: "POST",
      headers: {
        authorization: token,
        "content-type": "application/json",
        "user-agent": "DiscordBot (https://allpoints.example, 1)",
      },
      body: JSON.stringify(body),
    });
    await answer.body?.cancel();
    const said = having(clientOf(page, platform).notice, words);
    await said.waitFor();
    expect(await said.count()).toBe(1);
  });
});

const privately = { slack: "Only visible to you", discord: "Only you can see this" } as const;

describe.runIf(haveBrowser).each(platforms)("private answers on %s", (platform) => {
  it("say who alone sees them, and vanish on reload", async () => {
    const page = await stage().tab();
    const { log, composer } = clientOf(page, platform);
    const person = people[platform](page);
    await person.types("/allpoints whoami", "desk");
    await expectSeen(person, `${person.name}, `, privately[platform]);
    await person.types("this stays", "desk");
    await expectSeen(person, "this stays");
    await page.reload();
    await expectSeen(person, "this stays");
    await composer.waitFor();
    expect(await log.getByText(privately[platform]).count()).toBe(0);
  });

  it("are nobody else's", async () => {
    const page = await stage().tab();
    const person = people[platform](page);
    await person.types("/allpoints whoami", "desk");
    await expectSeen(person, privately[platform]);
    const other = { slack: peopleAt(page)("metro", "lee"), discord: peopleAt(page)("cedar", "shaw") }[
      platform
    ];
    await other.types("I am here too", "desk");
    await expectSeen(other, "I am here too");
    expect(await clientOf(page, platform).log.getByText(privately[platform]).count()).toBe(0);
  });
});

describe.runIf(haveBrowser)("two tabs of one person", () => {
  it.each(platforms)("show the same on %s, each message once", async (platform) => {
    const profile = await stage().desktop.profile();
    const tabs = await Promise.all([stage().desktop.tabOf(profile), stage().desktop.tabOf(profile)]);
    const [one, other] = tabs.map(people[platform]);
    await one?.goes("bulletins");
    await other?.goes("bulletins");
    await one?.types(`said in the first tab on ${platform}`, "bulletins");
    await expectSeen(other, `said in the first tab on ${platform}`);
    await other?.types("/allpoints whoami", "bulletins");
    const own = platform === "slack" ? "Ofc. Reyes, Metro" : "Dep. Moss, Cedar";
    await expectSeen(one, own);
    await expectSeen(other, own);
    for (const tab of tabs) {
      const { log } = clientOf(tab, platform);
      // oxlint-disable-next-line no-await-in-loop
      expect(await log.getByText(`said in the first tab on ${platform}`, { exact: true }).count()).toBe(1);
      // oxlint-disable-next-line no-await-in-loop
      expect(await having(log.getByRole("article"), [own]).count()).toBe(1);
    }
  });
});

describe.runIf(haveBrowser)("times", () => {
  it.each([
    ["slack", metro.zone],
    ["discord", cedar.zone],
  ] as const)("on %s are in the person's own zone, %s", async (platform, timeZone) => {
    const page = await stage().tab({ timezoneId: "Asia/Tokyo" });
    const words = `what time is it on ${platform}`;
    await people[platform](page).types(words, "bulletins");
    const message = having(clientOf(page, platform).log.getByRole("article"), [words]);
    const time = message.locator("time").first();
    const at = new Date((await time.getAttribute("datetime")) ?? "");
    const there = new Intl.DateTimeFormat("en-US", { timeZone, hour: "numeric", minute: "2-digit" });
    expect(plainSpaces(await time.innerText())).toContain(plainSpaces(there.format(at)));
  });
});

const plainSpaces = (words: string): string => words.replaceAll(/\s/g, " ");

describe.runIf(haveBrowser)("the keyboard alone", () => {
  let page: Page;
  beforeAll(async () => {
    page = await stage().desktop.tab();
    await people.slack(page).goes("intake");
  });

  it("reaches the composer, and what it offers", async () => {
    const { composer, pane } = clientOf(page, "slack");
    await page.locator("body").press("Tab");
    await tabTo(page, /^Message /);
    await page.keyboard.type("/ti");
    const offered = pane.getByRole("option", { name: /^\/tip/ });
    await offered.waitFor();
    await page.keyboard.press("Escape");
    await offered.waitFor({ state: "hidden" });
    expect(await composer.inputValue()).toBe("/ti");
    await page.keyboard.type("p");
    await offered.waitFor();
    await page.keyboard.press("ArrowDown");
    await pane.getByRole("listbox").getByRole("option", { selected: true }).waitFor();
    await page.keyboard.press("Tab");
    expect((await composer.inputValue()).trimEnd()).toBe("/tip");
    expect(await focusedName(page)).toMatch(/^Message /);
  });

  it("sends it, fills in the form, and is back where it was", async () => {
    const { dialog, composer } = clientOf(page, "slack");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Enter");
    await dialog.waitFor();
    await tabTo(page, /^What was said or seen/);
    await page.keyboard.type("typed without a mouse");
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    await composer.waitFor();
    await expect.poll(() => focusedName(page)).toMatch(/^Message /);
  });

  it("presses a button of a message, and goes to another channel", async () => {
    const [reyes, okafor] = [people.slack(page), peopleAt(page)("metro", "okafor")];
    await reyes.types("/tip", "intake");
    await reyes.fills(tip);
    await expectSeen(reyes, "Received: T-");
    await okafor.goes("intake");
    await expectSeen(okafor, "NEW TIP");
    await clientOf(page, "slack").log.focus();
    await tabTo(page, /^Open$/);
    await page.keyboard.press("Enter");
    await expectSeen(okafor, "UNVETTED");
    await okafor.goes("intake");
    await page.locator("body").press("Tab");
    await tabTo(page, /metro-desk$/);
    await page.keyboard.press("Enter");
    const there = clientOf(page, "slack").pane.getByRole("link", { name: "metro-desk" });
    await expect.poll(() => there.getAttribute("aria-current")).toBe("page");
  });
});

describe.runIf(haveBrowser)("a phone", () => {
  it("shows one platform at a time, and switches", async () => {
    const page = await stage().tab({ viewport: { width: 390, height: 844 }, hasTouch: true });
    const [slack, discord] = [clientOf(page, "slack"), clientOf(page, "discord")];
    await slack.composer.waitFor();
    expect(await discord.pane.isVisible()).toBe(false);
    await page.getByRole("button", { name: "Discord", exact: true }).tap();
    await discord.composer.waitFor();
    expect(await slack.pane.isVisible()).toBe(false);
    await discord.composer.fill("from my phone");
    await discord.pane.getByRole("button", { name: "Send" }).tap();
    await discord.log.getByText("from my phone", { exact: true }).waitFor();
    const wide = await page.evaluate<number>("document.documentElement.scrollWidth");
    expect(wide).toBeLessThanOrEqual(390);
    await discord.pane.getByRole("button", { name: "Channels" }).tap();
    await discord.pane.getByRole("link", { name: "cedar-desk" }).tap();
    await page.locator(`[data-channel="${cedar.channels.desk.id}"]`).waitFor();
    await discord.composer.waitFor();
  });
});

interface Reply {
  readonly status: number;
  readonly body: string;
}

/** As a browser would on behalf of some other page: fetch sets these headers itself. */
function ask(
  path: string,
  options: { method?: string; headers?: Record<string, string> } = {},
): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const asked = request(new URL(path, stage().sandbox.url), options, (response) => {
    let body = "";
    response.setEncoding("utf8").on("data", (text: string) => (body += text));
    response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
  });
  asked.on("error", reject);
  asked.end(options.method === "POST" ? "{}" : undefined);
  return promise;
}

describe.runIf(haveBrowser)("a stranger", () => {
  it.each(["/nothing", "/assets/nothing.css", "/assets/..%2f..%2fpage.ts", "/_pretend/posts"])(
    "finds nothing at %s",
    async (path) => {
      expect(await ask(path)).toMatchObject({ status: 404 });
    },
  );

  it("cannot act from another page", async () => {
    const origin = "http://elsewhere.example";
    for (const path of ["/act/slack", "/panel/kill", "/panel/advance"]) {
      // oxlint-disable-next-line no-await-in-loop
      expect(await ask(path, { method: "POST", headers: { origin } })).toMatchObject({ status: 403 });
      // oxlint-disable-next-line no-await-in-loop
      expect(await ask(path, { method: "POST", headers: { "sec-fetch-site": "cross-site" } })).toMatchObject({
        status: 403,
      });
    }
  });

  it("does not get in under another name for this machine", async () => {
    expect(await ask("/", { headers: { host: "rebound.example" } })).toMatchObject({ status: 403 });
    expect(await ask("/live", { headers: { host: "127.0.0.1.rebound.example" } })).toMatchObject({
      status: 403,
    });
    expect(await ask("/")).toMatchObject({ status: 200 });
  });
});
