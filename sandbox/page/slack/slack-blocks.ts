import { html } from "hono/html";

import type { KitBlock, KitElement } from "../../slack/block-kit.ts";
import type { Reader } from "../../slack/mrkdwn.ts";
import type { Html } from "../client.ts";
import { drawElement, imageBox } from "./slack-elements.ts";
import { markdownPieces } from "./slack-markup.ts";
import { drawPieces } from "./slack-pieces.ts";
import { richText } from "./slack-rich-text.ts";
import { drawText, wordsOf } from "./slack-texts.ts";

/** Blocks in their order, as in a message. */
export function drawBlocks(blocks: readonly KitBlock[], reader: Reader): Html {
  return html`${blocks.map((block) => drawBlock(block, reader))}`;
}

type Drawing = (block: KitBlock, reader: Reader) => Html;

const drawings: Readonly<Record<string, Drawing>> = {
  section,
  context: ({ elements = [] }, reader) =>
    html`<div class="block context">${elements.map((element) => small(element, reader))}</div>`,
  header: ({ text }, reader) => html`<h4 class="block header">${drawText(text, reader)}</h4>`,
  divider: () => html`<hr class="block" />`,
  actions: ({ elements = [] }, reader) =>
    html`<div class="block actions">${elements.map((element) => drawElement(element, reader))}</div>`,
  image: ({ alt_text: words = "" }) => html`<div class="block">${imageBox(words)}</div>`,
  rich_text: ({ elements }, reader) => html`<div class="block text">${richText(elements, reader)}</div>`,
  markdown: ({ text }) =>
    html`<div class="block text">${drawPieces(markdownPieces(typeof text === "string" ? text : ""))}</div>`,
  input: ({ label, element }, reader) =>
    html`<div class="block">
      <p class="label">${wordsOf(label, reader)}</p>
      ${element === undefined ? "" : drawElement(element, reader)}
    </div>`,
};

/** One block; none of what the platform refuses can come here. */
export function drawBlock(block: KitBlock, reader: Reader): Html {
  return drawings[block.type]?.(block, reader) ?? html``;
}

function section({ text, fields = [], accessory }: KitBlock, reader: Reader): Html {
  return html`<div class="block section">
    <div class="words">
      ${text === undefined ? "" : html`<div class="text">${drawText(text, reader)}</div>`}
      ${
        fields.length === 0
          ? ""
          : html`<div class="fields">
              ${fields.map((field) => html`<div class="text">${drawText(field, reader)}</div>`)}
            </div>`
      }
    </div>
    ${accessory === undefined ? "" : drawElement(accessory, reader)}
  </div>`;
}

/** The text elements of a context block are text objects themselves. */
function small({ type, text, alt_text: words, verbatim }: KitElement, reader: Reader): Html {
  if (type === "image") return imageBox(words ?? "");
  if (typeof text !== "string") return html``;
  const own = {
    type: type === "mrkdwn" ? "mrkdwn" : "plain_text",
    text,
    verbatim: verbatim === true,
  } as const;
  return html`<div class="text">${drawText(own, reader)}</div>`;
}
