import type { Locator, Page } from "playwright-core";

import type { Values } from "../../sandbox/cast.ts";
import { world, type AgencyKey, type WorldAgency } from "../../sandbox/world.ts";

// A person at the page: they find what is there by its role and its words, as eyes and screen readers do.

export interface Person {
  readonly name: string;
  /** Switches the platform's client to this person, in a channel by the world's name for it (the first one unless told). */
  readonly goes: (channel?: string) => Promise<void>;
  /** Types a line into the composer and sends it. */
  readonly types: (line: string, channel?: string) => Promise<void>;
  /** Fills in form after form; on Discord presses *Continue* in between. Without values a form is sent as it stands. */
  readonly fills: (...pages: readonly Values[]) => Promise<void>;
  /** Fills in the fields of the open form, and does not send it. */
  readonly enters: (values: Values) => Promise<void>;
  /** Presses a button in the open form, or in the newest message, that has all of these words. */
  readonly presses: (button: string, ...words: readonly string[]) => Promise<void>;
  /** Waits for an open form, or else a newest message, with all of these words, and reads it. */
  readonly sees: (...words: readonly string[]) => Promise<string>;
  /** Opens the thread under the newest message with all of these words. */
  readonly opensThread: (...words: readonly string[]) => Promise<void>;
  /** Waits for this line in the thread that is open. */
  readonly readsInThread: (line: string) => Promise<void>;
  readonly closesThread: () => Promise<void>;
}

/** Everybody by agency and name, as in `world`, at this page. */
export function peopleAt(page: Page) {
  return function person<Key extends AgencyKey>(
    agencyKey: Key,
    personKey: keyof (typeof world)[Key]["people"] & string,
  ): Person {
    const agency: WorldAgency = world[agencyKey];
    const who = agency.people[personKey];
    if (who === undefined) throw new Error(`nobody is called ${personKey}`);
    return personOf(page, agency, who);
  };
}

/** Insists that this person sees all of these words in one message or form, soon; what they read. */
export async function expectSeen(person: Person | undefined, ...words: readonly string[]): Promise<string> {
  if (person === undefined) throw new Error("nobody looks");
  return person.sees(...words);
}

/** One of the two clients on the page. */
export function clientOf(page: Page, platform: "slack" | "discord"): Client {
  const name = platform === "slack" ? "Slack" : "Discord";
  const pane = page.getByRole("region", { name, exact: true });
  return {
    pane,
    log: pane.getByRole("log", { name: /^Messages in/ }),
    dialog: pane.getByRole("dialog"),
    composer: pane.getByRole("combobox", { name: /^Message / }),
    notice: pane.getByRole("alert"),
  };
}

export interface Client {
  readonly pane: Locator;
  readonly log: Locator;
  readonly dialog: Locator;
  readonly composer: Locator;
  readonly notice: Locator;
}

/** What has all of these words, the newest last. */
export function having(what: Locator, words: readonly string[]): Locator {
  return words.reduce((found, hasText) => found.filter({ hasText }), what);
}

function personOf(
  page: Page,
  agency: WorldAgency,
  who: { readonly user: string; readonly name: string },
): Person {
  const client = clientOf(page, agency.platform);
  const { pane, log, dialog, composer } = client;
  // An open form stands in front of every message.
  const shown = (words: readonly string[]): Locator =>
    having(log.getByRole("article").or(dialog), words).last();
  const goes: Person["goes"] = async (channel) => {
    const room = channel === undefined ? Object.values(agency.channels)[0] : agency.channels[channel];
    if (room === undefined) throw new Error(`${agency.name} has no channel ${channel}`);
    await closeForms(dialog);
    const linkIn = (list: RegExp, name: string) =>
      pane.getByRole("navigation", { name: list }).getByRole("link", { name });
    await stand(pane, {
      part: "workspace",
      id: agency.workspace,
      by: () => linkIn(/workspaces$/, agency.name).click(),
    });
    await stand(pane, {
      part: "user",
      id: who.user,
      by: () => choose(pane.getByLabel("You are"), who.name),
    });
    await stand(pane, { part: "channel", id: room.id, by: () => linkIn(/channels$/, room.name).click() });
  };
  const replies = pane.getByRole("log", { name: "Replies" });
  const sees: Person["sees"] = async (...words) => {
    await shown(words).waitFor();
    return shown(words).innerText();
  };
  return {
    name: who.name,
    goes,
    sees,
    async types(line, channel) {
      await goes(channel);
      await composer.fill(line);
      await composer.press("Enter");
    },
    async fills(...pages) {
      for (const [index, values] of pages.entries()) {
        // Each page is opened by the one before it.
        // oxlint-disable-next-line no-await-in-loop
        await fillForm(client, values, index > 0);
      }
    },
    enters: (values) => fillFields(dialog, values),
    presses: (button, ...words) => shown(words).getByRole("button", { name: button, exact: true }).click(),
    async opensThread(...words) {
      await shown(words)
        .getByRole("button", { name: /^(\d+ repl|Thread)/ })
        .click();
      await replies.waitFor();
    },
    readsInThread: (line) => having(replies, [line]).waitFor(),
    async closesThread() {
      await pane.getByRole("link", { name: "Close the thread" }).click();
      await replies.waitFor({ state: "detached" });
    },
  };
}

interface Move {
  readonly part: "workspace" | "user" | "channel";
  readonly id: string;
  readonly by: () => Promise<unknown>;
}

/** Where a client stands is only in its address and its attributes; it goes there unless it is there already. */
async function stand(pane: Locator, { part, id, by }: Move): Promise<void> {
  if ((await pane.getAttribute(`data-${part}`)) === id) return;
  await by();
  await pane.and(pane.page().locator(`[data-${part}="${id}"]`)).waitFor();
}

/** By what a person reads: "Sgt Lund (supervisor)". */
async function choose(select: Locator, name: string): Promise<void> {
  const option = select.getByRole("option", { name: new RegExp(`^${escaped(name)}( \\(|$)`) });
  await select.selectOption(await option.innerText());
}

async function closeForms(dialog: Locator): Promise<void> {
  // Slack stacks forms: closing one may uncover another.
  while (await dialog.isVisible()) {
    const form = await formId(dialog);
    // oxlint-disable-next-line no-await-in-loop
    await dialog.getByRole("button", { name: "Close" }).first().click();
    // oxlint-disable-next-line no-await-in-loop
    await gone(dialog, form);
  }
}

const formId = (dialog: Locator) => dialog.locator("form").getAttribute("data-form");
const gone = (dialog: Locator, form: string | null) =>
  dialog.locator(`form[data-form="${form}"]`).waitFor({ state: "hidden" });

async function fillForm({ dialog, log }: Client, values: Values, next: boolean): Promise<void> {
  if (next) {
    const onward = log.getByRole("button", { name: "Continue", exact: true }).last();
    await dialog.or(onward).first().waitFor();
    if (!(await dialog.isVisible())) await onward.click();
  }
  await fillFields(dialog, values);
  await dialog.getByRole("button").last().click();
}

async function fillFields(dialog: Locator, values: Values): Promise<void> {
  await dialog.waitFor();
  for (const [label, value] of Object.entries(values)) {
    // oxlint-disable-next-line no-await-in-loop
    await fillField(dialog, label, value);
  }
}

/** Text into a box, a choice out of a list, ticks in a group. */
async function fillField(dialog: Locator, label: string, value: string | string[]): Promise<void> {
  const name = new RegExp(`^${escaped(label)}\\s*(\\((optional|required)\\))?$`);
  const one = dialog.getByRole("textbox", { name }).or(dialog.getByRole("combobox", { name }));
  const group = dialog.getByRole("group", { name }).or(dialog.getByRole("radiogroup", { name }));
  await one.or(group).first().waitFor();
  if ((await group.count()) > 0) return tick(group.first(), [value].flat());
  const field = one.first();
  if ((await field.evaluate((element) => element.tagName)) === "SELECT") await field.selectOption(value);
  else await field.fill([value].flat().join("\n"));
}

async function tick(group: Locator, values: readonly string[]): Promise<void> {
  for (const value of values) {
    const named = group.getByLabel(value, { exact: true });
    // oxlint-disable-next-line no-await-in-loop
    await named
      .or(group.locator(`input[value="${value}"]`))
      .first()
      .check();
  }
}

function escaped(words: string): string {
  return words.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
