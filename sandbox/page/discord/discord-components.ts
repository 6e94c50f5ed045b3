import { html } from "hono/html";

import { isObject, type JsonObject, listAt, objectAt, stringAt } from "../../shared/json.ts";
import type { Html } from "../client.ts";
import { barClass } from "./bar-colour.ts";
import { discordText, drawnLink, type TextReader } from "./discord-text.ts";

type Draw = (component: JsonObject, reader: TextReader) => Html;

/** What a message shows under (or, in the newer layout, instead of) its text: rows of buttons, texts, containers. */
export function discordComponents(components: readonly unknown[], reader: TextReader): Html {
  return html`${components.filter(isObject).map((one) => (draws[Number(one["type"])] ?? drawUnknown)(one, reader))}`;
}

const draws: Readonly<Record<number, Draw>> = {
  1: (row, reader) => html`<div class="row">${discordComponents(listAt(row, "components"), reader)}</div>`,
  2: drawButton,
  3: drawSelect,
  5: drawSelect,
  6: drawSelect,
  7: drawSelect,
  8: drawSelect,
  9: drawSection,
  10: (display, reader) =>
    html`<div class="display">${discordText(stringAt(display, "content") ?? "", reader)}</div>`,
  14: (separator) => (separator["divider"] === false ? html`<br />` : html`<hr />`),
  17: drawContainer,
};

const styles: Readonly<Record<number, string>> = { 1: "primary", 2: "secondary", 3: "success", 4: "danger" };

function drawButton(button: JsonObject): Html {
  const emoji = stringAt(button["emoji"], "name");
  const words = [emoji, stringAt(button, "label")].filter((word) => word !== undefined).join(" ");
  const url = stringAt(button, "url");
  if (url !== undefined) return drawnLink(words, url);
  const style = styles[Number(button["style"])] ?? "secondary";
  const disabled = button["disabled"] === true ? html`disabled` : "";
  const id = stringAt(button, "custom_id") ?? "";
  return html`<button type="button" class="button ${style}" data-press="${id}" ${disabled}>${words}</button>`;
}

/** Of the components that are chosen from, people here only see that they are there. */
function drawSelect(select: JsonObject): Html {
  return html`<span class="select">${stringAt(select, "placeholder") ?? "Make a selection"}</span>`;
}

function drawSection(section: JsonObject, reader: TextReader): Html {
  const texts = discordComponents(listAt(section, "components"), reader);
  const accessory = discordComponents([objectAt(section, "accessory")], reader);
  return html`<div class="section">
    <div>${texts}</div>
    ${accessory}
  </div>`;
}

function drawContainer(container: JsonObject, reader: TextReader): Html {
  const inside = discordComponents(listAt(container, "components"), reader);
  return html`<div class="container ${barClass(container["accent_color"])}">${inside}</div>`;
}

/** Pictures and files are not fetched. */
function drawUnknown(): Html {
  return html`<span class="select">Not shown here</span>`;
}
