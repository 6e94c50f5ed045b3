import { html } from "hono/html";

import { isObject, listAt, objectAt, stringAt } from "../../shared/json.ts";
import type { Html } from "../client.ts";
import { barClass } from "./bar-colour.ts";
import { discordText, type TextReader } from "./discord-text.ts";

/** An embed of a message. Author and footer are plain text on Discord: markup in them stays visible. */
export function discordEmbed(embed: unknown, reader: TextReader): Html {
  if (!isObject(embed)) return html``;
  // A mention in an embed never notifies.
  const quiet = { ...reader, everyone: false };
  const author = stringAt(objectAt(embed, "author"), "name");
  const title = stringAt(embed, "title");
  const description = stringAt(embed, "description");
  const footer = stringAt(objectAt(embed, "footer"), "text");
  const fields = listAt(embed, "fields");
  return html`<div class="embed ${barClass(embed["color"])}">
    ${author && html`<div class="embed-author">${author}</div>`}
    ${title && html`<div class="embed-title">${discordText(title, quiet)}</div>`}
    ${description && html`<div class="embed-text">${discordText(description, quiet)}</div>`}
    ${fields.length > 0 && html`<dl class="embed-fields">${fields.map((field) => embedField(field, quiet))}</dl>`}
    ${footer && html`<div class="embed-footer">${footer}</div>`}
  </div>`;
}

function embedField(field: unknown, reader: TextReader): Html {
  const inline = isObject(field) && field["inline"] === true;
  const name = discordText(stringAt(field, "name") ?? "", reader);
  const value = discordText(stringAt(field, "value") ?? "", reader);
  return html`<div class="${inline ? "inline" : "whole"}">
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;
}
