import { html } from "hono/html";

import type { ShownField } from "../../pretend.ts";
import type { KitElement } from "../../slack/block-kit.ts";
import type { Reader } from "../../slack/mrkdwn.ts";
import type { Html } from "../client.ts";
import { textOf } from "./slack-texts.ts";

/** One field of a modal, with what draws its control. */
export interface FieldModel {
  readonly field: ShownField;
  readonly element: KitElement;
  /** Unique in the page; the ids of the parts begin with it. */
  readonly id: string;
}

/** A field: label, control, and below it what is wrong and what helps. */
export function drawField(model: FieldModel, reader: Reader): Html {
  const { field, id } = model;
  const { label, required, hint, problem } = field;
  const words = html`${label}${required ? "" : html` <span class="optional">(optional)</span>`}`;
  const notes = html`${problem === undefined ? "" : html`<p class="problem" id="${id}-problem">${problem}</p>`}
  ${hint === undefined ? "" : html`<p class="help" id="${id}-hint">${hint}</p>`}`;
  if (isGroup(model))
    return html`<fieldset
      class="field"
      ${field.many === true ? "data-many" : html`role="radiogroup"`}
      ${describedBy(model)}
    >
      <legend>${words}</legend>
      ${choices(model)} ${notes}
    </fieldset>`;
  return html`<div class="field">
    <label for="${id}">${words}</label>
    ${field.kind === "choice" ? select(model, reader) : textControl(model, reader)} ${notes}
  </div>`;
}

function isGroup({ field, element }: FieldModel): boolean {
  return field.many === true || element.type === "radio_buttons";
}

const valuesOf = ({ value = [] }: ShownField): readonly string[] => [value].flat();

function describedBy({ field, id }: FieldModel): Html {
  const ids = [
    ...(field.problem === undefined ? [] : [`${id}-problem`]),
    ...(field.hint === undefined ? [] : [`${id}-hint`]),
  ];
  return ids.length === 0 ? html`` : html`aria-describedby="${ids.join(" ")}"`;
}

/** What every control has that stands alone. */
function common(model: FieldModel): Html {
  const { field, id } = model;
  return html`id="${id}" name="${field.id}" ${field.required ? "required" : ""}
  ${field.problem === undefined ? "" : html`aria-invalid="true"`} ${describedBy(model)}`;
}

const inputTypes: Readonly<Record<string, string>> = {
  email_text_input: "email",
  url_text_input: "url",
  datepicker: "date",
  timepicker: "time",
};
/** What Slack offers a list for, and this page takes as it is typed. */
const typedIds: Readonly<Record<string, string>> = {
  users_select: "User ID",
  channels_select: "Channel ID",
  conversations_select: "Conversation ID",
};

function textControl(model: FieldModel, reader: Reader): Html {
  const { field, element } = model;
  const value = valuesOf(field)[0] ?? "";
  const placeholder = textOf(element["placeholder"], reader) ?? typedIds[element.type] ?? "";
  if (element["multiline"] === true)
    // A parser takes away one line break after the tag: not the value's own.
    return html`<textarea rows="5" ${common(model)} placeholder="${placeholder}">${"\n"}${value}</textarea>`;
  return html`<input
    type="${inputTypes[element.type] ?? "text"}"
    ${common(model)}
    value="${value}"
    placeholder="${placeholder}"
    autocomplete="off"
  />`;
}

function select(model: FieldModel, reader: Reader): Html {
  const { field, element } = model;
  const chosen = valuesOf(field);
  return html`<select ${common(model)}>
    <option value="">${textOf(element["placeholder"], reader) ?? "Select an item"}</option>
    ${(field.options ?? []).map(
      ({ value, label }) =>
        html`<option value="${value}" ${chosen.includes(value) ? "selected" : ""}>${label}</option>`,
    )}
  </select>`;
}

function choices({ field }: FieldModel): Html {
  const { id: name, many, options = [], problem } = field;
  const chosen = valuesOf(field);
  return html`<div class="choices">
    ${options.map(
      ({ value, label }) =>
        html`<label
          ><input
            type="${many === true ? "checkbox" : "radio"}"
            name="${name}"
            value="${value}"
            ${chosen.includes(value) ? "checked" : ""}
            ${problem !== undefined && many === true ? html`aria-invalid="true"` : ""}
          /><span>${label}</span></label
        >`,
    )}
  </div>`;
}
