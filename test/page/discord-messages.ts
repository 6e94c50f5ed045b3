import type { ClientMessage } from "../../sandbox/client.ts";
import type { Html, Viewer } from "../../sandbox/page/client.ts";
import { discordMessage } from "../../sandbox/page/discord/discord-message.ts";

// What the tests of the Discord client draw, and how they read what was drawn.

export const viewer: Viewer = { timeZone: "America/New_York", shortcuts: ["Report as tip"], inThread: false };

export const person = { id: "300000000000000001", name: "Sgt Ruiz", app: false };
export const app = { id: "900000000000000001", name: "Allpoints", app: true };

/** A message of a person's in a channel, unless told otherwise. */
function message(given: Partial<ClientMessage>): ClientMessage {
  return {
    id: "500000000000000001",
    at: Date.parse("2026-11-22T07:14:00Z"),
    author: person,
    content: { content: "hello" },
    edited: false,
    deleted: false,
    private: false,
    pending: false,
    names: {},
    ...given,
  };
}

/** The HTML on one line, with one space where there were several. */
export async function htmlOf(html: Html): Promise<string> {
  return String(await html)
    .replaceAll(/\s+/g, " ")
    .replaceAll(/ (?=>)|(?<=>) | (?=<)/g, "")
    .trim();
}

export async function drawn(given: Partial<ClientMessage>, eyes: Viewer = viewer): Promise<string> {
  return htmlOf(discordMessage(message(given), eyes));
}

/** What a person reads of it. */
export function wordsOf(html: string): string {
  return html
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&")
    .replaceAll(/\s+/g, " ")
    .trim();
}

const elements =
  "article aside b bdi blockquote br button code dd details div dl dt em fieldset footer form h2 header hr input label legend li option p pre s select span strong summary textarea time u ul".split(
    " ",
  );
const attributes =
  "aria-describedby aria-hidden aria-invalid aria-label autocomplete checked class data-close data-dismiss data-form data-many data-message data-press data-private data-shortcut data-thread-of datetime disabled for id name novalidate placeholder rows selected title type value".split(
    " ",
  );

/** Everything in the HTML that could be somebody else's: elements and attributes we never write, or a stray "<". */
export function strangersIn(html: string): readonly string[] {
  const tag = /<\/?([a-z0-9]+)((?:\s+[a-z-]+(?:="[^"<>]*")?)*)\s*\/?>/g;
  const strange: string[] = [];
  const rest = html.replaceAll(tag, (all, element: string, given: string) => {
    const names = [...given.matchAll(/\s([a-z-]+)(?:="[^"]*")?/g)].map(([, name = ""]) => name);
    if (!elements.includes(element) || names.some((name) => !attributes.includes(name))) strange.push(all);
    return "";
  });
  return [...strange, ...(rest.match(/<.{0,40}/gs) ?? [])];
}
