import { html } from "hono/html";

import type { KitBlock, KitView } from "../../slack/block-kit.ts";
import { readPlain } from "../../slack/mrkdwn.ts";
import type { Reader } from "../../slack/mrkdwn.ts";
import type { Html, ShownForm, Viewer } from "../client.ts";
import { drawBlock } from "./slack-blocks.ts";
import { drawField } from "./slack-field.ts";

/** A modal as Slack's client draws it: its fields and whatever stands between them, in the app's order. */
export function slackForm(form: ShownForm, viewer: Viewer): Html {
  // The pretend platform hands on what it looked through itself.
  const { blocks, close } = form.raw as KitView;
  const leave = readPlain(close?.text ?? (form.submit === undefined ? "Close" : "Cancel"));
  // Nobody is mentioned by id in a form's words, so there are no names to look up.
  const reader: Reader = { timeZone: viewer.timeZone, nameOf: (id) => id };
  return html`<form data-form="${form.id}" novalidate>
    <header>
      <h2 id="slack-form-title">${form.title}</h2>
      <button type="button" class="close" data-close aria-label="Close">✕</button>
    </header>
    <div class="body">
      ${blocks.map((block, index) => part({ form, block, id: `slack-form-${index}` }, reader))}
    </div>
    <footer>
      <button type="button" class="button default" data-close>${leave}</button>
      ${
        form.submit === undefined
          ? ""
          : html`<button type="submit" class="button primary">${form.submit}</button>`
      }
    </footer>
  </form>`;
}

interface Part {
  readonly form: ShownForm;
  readonly block: KitBlock;
  /** Unique in the page. */
  readonly id: string;
}

function part({ form, block, id }: Part, reader: Reader): Html {
  const { element, block_id: name } = block;
  const field = form.fields.find((each) => each.id === name);
  if (block.type !== "input" || element === undefined || field === undefined) return drawBlock(block, reader);
  return drawField({ field, element, id }, reader);
}
