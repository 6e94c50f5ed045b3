import type { Locator, Page } from "playwright-core";

import type { Values } from "../../sandbox/cast.ts";
import { world, type AgencyKey, type WorldAgency } from "../../sandbox/world.ts";
import { closeForms, escaped, fillFields } from "./fields.ts";

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
  /** Presses a button of the open form, or of the newest message, that has it and all of these words. */
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
  const shown = (words: readonly string[], has?: Locator): Locator =>
    having(log.getByRole("article").or(dialog), words)
      .filter(has === undefined ? {} : { has })
      .last();
  const replies = pane.getByRole("log", { name: "Replies" });
  const goes: Person["goes"] = (channel) => stand(client, agency, { ...who, channel });
  return {
    name: who.name,
    goes,
    async types(line, channel) {
      await goes(channel);
      await composer.fill(line);
      await composer.press("Enter");
      await answered(pane);
    },
    async fills(...pages) {
      for (const [index, values] of pages.entries()) {
        // Each page is opened by the one before it.
        // oxlint-disable-next-line no-await-in-loop
        await fillPage(client, values, index > 0);
      }
    },
    enters: (values) => fillFields(dialog, values),
    async presses(button, ...words) {
      const named = { name: button, exact: true };
      const pressed = shown(words, page.getByRole("button", named));
      await pressed.getByRole("button", named).click();
      await answered(pane);
    },
    async sees(...words) {
      await shown(words).waitFor();
      return shown(words).innerText();
    },
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

/** Until the platform has shown something for what was done, or has given up on the app. */
function answered(pane: Locator): Promise<void> {
  return pane.locator('[aria-busy="true"]').first().waitFor({ state: "detached" });
}

/** On Discord a button of the answer to one page opens the next. */
async function fillPage({ pane, dialog, log }: Client, values: Values, next: boolean): Promise<void> {
  if (next) {
    const onward = log.getByRole("button", { name: "Continue", exact: true }).last();
    await dialog.or(onward).first().waitFor();
    if (!(await dialog.isVisible())) await onward.click();
  }
  await fillFields(dialog, values);
  await dialog.getByRole("button").last().click();
  await answered(pane);
}

/** Where somebody wants to be, and as whom. */
interface Place {
  readonly user: string;
  readonly name: string;
  readonly channel: string | undefined;
}

async function stand({ pane, dialog }: Client, agency: WorldAgency, place: Place): Promise<void> {
  const { channel, user, name } = place;
  const room = channel === undefined ? Object.values(agency.channels)[0] : agency.channels[channel];
  if (room === undefined) throw new Error(`${agency.name} has no channel ${channel}`);
  await closeForms(dialog);
  const linkIn = (list: RegExp, words: string) =>
    pane.getByRole("navigation", { name: list }).getByRole("link", { name: words });
  const switcher = pane.getByLabel("You are");
  const moves: readonly Move[] = [
    { part: "workspace", id: agency.workspace, by: () => linkIn(/workspaces$/, agency.name).click() },
    { part: "user", id: user, by: () => choose(switcher, name) },
    { part: "channel", id: room.id, by: () => linkIn(/channels$/, room.name).click() },
  ];
  for (const move of moves) {
    // The one draws the links of the next.
    // oxlint-disable-next-line no-await-in-loop
    await moveTo(pane, move);
  }
}

interface Move {
  readonly part: "workspace" | "user" | "channel";
  readonly id: string;
  readonly by: () => Promise<unknown>;
}

/** Where a client stands is only in its address and its attributes; it goes there unless it is there already. */
async function moveTo(pane: Locator, { part, id, by }: Move): Promise<void> {
  if ((await pane.getAttribute(`data-${part}`)) === id) return;
  // Where there is little room the list of channels is behind a button.
  const drawer = pane.getByRole("button", { name: "Channels", expanded: false });
  if (await drawer.isVisible()) await drawer.click();
  await by();
  await pane.and(pane.page().locator(`[data-${part}="${id}"]`)).waitFor();
}

/** By what a person reads: "Sgt Lund (supervisor)". */
async function choose(select: Locator, name: string): Promise<void> {
  const option = select.getByRole("option", { name: new RegExp(`^${escaped(name)}( \\(|$)`) });
  await select.selectOption(await option.innerText());
}
