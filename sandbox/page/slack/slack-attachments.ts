import { html } from "hono/html";

import { stringAt } from "../../shared/json.ts";
import type { Reader } from "../../slack/mrkdwn.ts";
import type { Attachment } from "../../slack/world.ts";
import type { Html } from "../client.ts";
import { drawBlocks } from "./slack-blocks.ts";
import { drawMrkdwn } from "./slack-texts.ts";

/** What stands beside a coloured bar, below the message's own blocks. */
export function drawAttachment(attachment: Attachment, reader: Reader): Html {
  const { color, pretext, blocks } = attachment;
  return html`<div class="attachment">
    ${pretext === undefined ? "" : html`<div class="text">${drawMrkdwn(pretext, reader)}</div>`}
    <div class="beside ${barOf(color)}">
      ${blocks === undefined ? texts(attachment, reader) : drawBlocks(blocks, reader)}
    </div>
  </div>`;
}

function texts({ title, text, fields = [], footer, fallback }: Attachment, reader: Reader): Html {
  const shown = [title, text, footer].some((each) => each !== undefined) || fields.length > 0;
  const line = (kind: string, words: string | undefined): Html =>
    words === undefined || words === ""
      ? html``
      : html`<div class="text ${kind}">${drawMrkdwn(words, reader)}</div>`;
  return html`${line("title", title)} ${line("", shown ? text : fallback)}
  ${
    fields.length === 0
      ? ""
      : html`<div class="fields">
          ${fields.map(
            (field) =>
              html`<div>
                ${line("title", stringAt(field, "title"))} ${line("", stringAt(field, "value"))}
              </div>`,
          )}
        </div>`
  }
  ${line("footer", footer)}`;
}

// The page allows no inline styles, so a bar has one of these colours: TLP 2.0's and Slack's own.
const bars: Readonly<Record<string, string>> = {
  red: "FF2B2B",
  amber: "FFC000",
  green: "33FF00",
  clear: "FFFFFF",
  ended: "9E9E9E",
  good: "2EB886",
  warning: "DAA038",
  danger: "A30200",
};

/** The class of the bar nearest to a colour ("#FFC000", "good"); the plain one where there is no colour. */
export function barOf(colour: string | undefined): string {
  if (colour === undefined) return "bar-other";
  if (Object.hasOwn(bars, colour)) return `bar-${colour}`;
  const wanted = channelsOf(colour.replace(/^#/, ""));
  if (wanted === undefined) return "bar-other";
  const distances = Object.entries(bars).map(([name, hex]) => {
    const own = channelsOf(hex) ?? wanted;
    return { name, distance: own.reduce((sum, each, index) => sum + (each - (wanted[index] ?? 0)) ** 2, 0) };
  });
  const nearest = distances.reduce((best, each) => (each.distance < best.distance ? each : best));
  return `bar-${nearest.name}`;
}

/** Red, green and blue, 0 to 255. */
function channelsOf(hex: string): readonly number[] | undefined {
  if (!/^[0-9a-f]{6}$/i.test(hex)) return undefined;
  return [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
}
