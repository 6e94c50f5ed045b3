import { html } from "hono/html";

import { everyComponent } from "../../discord/message-rules.ts";
import { type JsonObject, isObject, listAt, objectAt, stringAt } from "../../shared/json.ts";
import type { Html, ShownForm, Viewer } from "../client.ts";
import { discordText } from "./discord-text.ts";
import { type DrawnField, formField } from "./form-field.ts";

/** What is inside the dialog of a modal; problems stand at their fields. */
export function discordForm(form: ShownForm, { timeZone }: Viewer): Html {
  const fields = drawnFields(form);
  const reader = { timeZone, names: {}, everyone: false };
  const parts = listAt(form.raw, "components").filter(isObject);
  return html`<form data-form="${form.id}" novalidate>
    <header>
      <h2 id="discord-form-title">${form.title}</h2>
      <button type="button" data-close aria-label="Close">✕</button>
    </header>
    <div class="body">
      <p class="warning">
        This form will be submitted to Allpoints. Do not share passwords or other sensitive information.
      </p>
      ${parts.map((part) => {
        if (part["type"] === 10) return discordText(stringAt(part, "content") ?? "", reader);
        const field = fields.get(customId(part));
        return field && formField(field);
      })}
    </div>
    <footer>
      <button type="button" class="button secondary" data-close>Cancel</button>
      <button type="submit" class="button primary">${form.submit ?? "Submit"}</button>
    </footer>
  </form>`;
}

/** By id, with the numbers they have on the page. */
function drawnFields({ fields, raw }: ShownForm): ReadonlyMap<string, DrawnField> {
  const inputs = new Map(everyComponent(listAt(raw, "components")).map((one) => [one["custom_id"], one]));
  return new Map(
    fields.map((shown, number) => [shown.id, { shown, input: inputs.get(shown.id) ?? {}, number }]),
  );
}

/** The input is inside a label, or in a row of the older layout. */
function customId(part: JsonObject): string {
  const [inRow] = listAt(part, "components");
  return stringAt(objectAt(part, "component"), "custom_id") ?? stringAt(inRow, "custom_id") ?? "";
}
