import type { ClientMessage } from "../../sandbox/client.ts";
import type { Html, ShownForm, Viewer } from "../../sandbox/page/client.ts";
import { slackMessage } from "../../sandbox/page/slack/slack-message.ts";
import type { KitBlock } from "../../sandbox/slack/block-kit.ts";
import type { Content } from "../../sandbox/slack/world.ts";

/** Sunday 22 November 2026, 07:14 UTC: 2:14 AM in New York. */
const at = 1_795_331_640_000;

export const viewer: Viewer = {
  timeZone: "America/New_York",
  shortcuts: ["Make a tip from this"],
  inThread: false,
};

export function messageOf(content: Partial<Content>, over: Partial<ClientMessage> = {}): ClientMessage {
  return {
    id: "1795331640.000100",
    at,
    author: { id: "U0DIAZ000", name: "Sgt Diaz", app: false },
    content: { text: "", blocks: [], attachments: [], autoLink: true, mrkdwn: true, ...content },
    edited: false,
    deleted: false,
    private: false,
    pending: false,
    names: { U1: "Ofc. Reyes", C1: "metro-intake" },
    ...over,
  };
}

/** A form with one field of this kind, or as given. */
export function formOf(blocks: readonly KitBlock[], over: Partial<ShownForm> = {}): ShownForm {
  return {
    kind: "form",
    id: "V0001",
    title: "New tip",
    submit: "Next",
    fields: [],
    lines: [],
    buttons: [],
    raw: { type: "modal", blocks },
    ...over,
  };
}

/** HTML as one line, without the space between tags. */
export async function lineOf(html: Html): Promise<string> {
  return String(await html)
    .replaceAll(/\s+/g, " ")
    .replaceAll(/ ?(<|>) ?/g, "$1")
    .replaceAll(/ ?\/?>/g, ">");
}

export const drawn = (content: Partial<Content>, over: Partial<ClientMessage> = {}): Promise<string> =>
  lineOf(slackMessage(messageOf(content, over), viewer));

const tags = new Set(
  (
    "article p span b i s code pre blockquote time div h2 h4 hr details summary button ul ol li " +
    "form header footer label input select option textarea fieldset legend"
  ).split(" "),
);
const attributes = new Set(
  (
    "class id title role type name value for rows placeholder autocomplete required selected checked " +
    "disabled novalidate datetime aria-hidden aria-label aria-invalid aria-describedby data-message data-private " +
    "data-press data-confirm-title data-confirm-text data-confirm-yes data-confirm-no data-confirm-danger " +
    "data-thread-of data-shortcut data-form data-close data-many"
  ).split(" "),
);
const empty = new Set(["hr", "input"]);

/** What in this HTML is not ours: unknown tags and attributes, stray "<" and ">", and what is not closed in order. */
export function strangers(html: string): readonly string[] {
  const found: string[] = [];
  const open: string[] = [];
  for (const [whole, between, close, name = "", rest = ""] of html.matchAll(
    /([^<]*)(?:<(\/?)([a-z0-9]+)((?:\s+[a-z-]+(?:="[^"<>]*")?)*)\s*\/?>)|<|>/g,
  )) {
    if (whole === "<" || whole === ">" || between?.includes(">")) found.push(whole);
    else if (!tags.has(name)) found.push(whole);
    else if (close === "/") found.push(...(open.pop() === name ? [] : [whole]));
    else if (!empty.has(name)) open.push(name);
    const named = [...rest.matchAll(/\s([a-z-]+)(?:="[^"]*")?/g)].map(([, attribute = ""]) => attribute);
    found.push(...named.filter((attribute) => !attributes.has(attribute)));
  }
  return [...found, ...open];
}
