import { html } from "hono/html";

import { isObject } from "../../shared/json.ts";
import type { KitElement } from "../../slack/block-kit.ts";
import type { Reader } from "../../slack/mrkdwn.ts";
import { idOf, labelOf } from "../../slack/shown.ts";
import type { Html } from "../client.ts";
import { textOf } from "./slack-texts.ts";

// What stands in an actions block, or beside a section.

/** An element of a block, outside forms. */
export function drawElement(element: KitElement, reader: Reader): Html {
  if (element.type === "button") return button(element, reader);
  if (element.type === "image") return imageBox(element.alt_text ?? "");
  return html`<button type="button" class="button idle" disabled>${idleWords(element, reader)}</button>`;
}

/** An image, offline: what it shows, in its own words. */
export function imageBox(words: string): Html {
  return html`<span class="image" role="img" aria-label="${words}"><span>${words}</span></span>`;
}

function button(element: KitElement, reader: Reader): Html {
  const style =
    element["style"] === "primary" || element["style"] === "danger" ? element["style"] : "default";
  const spoken = element["accessibility_label"];
  return html`<button
    type="button"
    class="button ${style}"
    data-press="${idOf(element)}"
    ${typeof spoken === "string" ? html`aria-label="${spoken}"` : ""}
    ${confirmation(element["confirm"], reader)}
  >
    ${labelOf(element)}
  </button>`;
}

/** What Slack asks before the press counts. */
function confirmation(confirm: unknown, reader: Reader): Html {
  if (!isObject(confirm)) return html``;
  const words = (key: string): string => textOf(confirm[key], reader) ?? "";
  return html`data-confirm-title="${words("title")}" data-confirm-text="${words("text")}"
  data-confirm-yes="${words("confirm")}" data-confirm-no="${words("deny")}"
  ${confirm["style"] === "danger" ? "data-confirm-danger" : ""}`;
}

/** Menus and pickers in messages, which nobody can press here: what Slack writes on them. */
const idle: Readonly<Record<string, string>> = {
  overflow: "⋯",
  datepicker: "Select a date",
  timepicker: "Select a time",
  users_select: "Select a user",
  channels_select: "Select a channel",
};

function idleWords({ type, ...element }: KitElement, reader: Reader): string {
  return textOf(element["placeholder"], reader) ?? idle[type] ?? "Select an item";
}
