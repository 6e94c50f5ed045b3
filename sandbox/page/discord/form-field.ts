import { html } from "hono/html";

import type { ShownField } from "../../pretend.ts";
import { type JsonObject, stringAt } from "../../shared/json.ts";
import type { Html } from "../client.ts";

/** A field of a modal, the component behind it, and its place in the form. */
export interface DrawnField {
  readonly shown: ShownField;
  readonly input: JsonObject;
  /** Element ids are made of it: the field's own id may hold anything. */
  readonly number: number;
}

const PARAGRAPH = 2;
const CHECKBOX = 23;

/** A field with its label above, its description under that and its problem below. */
export function formField(field: DrawnField): Html {
  const { shown, input } = field;
  if (shown.many === true || input["type"] === CHECKBOX) return choices(field);
  return html`<div class="field">
    <label for="${idOf(field, "input")}">${shown.label}${required(shown)}</label>
    ${about(field)} ${shown.kind === "text" ? textField(field) : selectField(field)} ${problem(field)}
  </div>`;
}

type Part = "input" | "about" | "problem";
const idOf = ({ number }: DrawnField, part: Part): string => `discord-form-${part}-${number}`;

function required(shown: ShownField): Html | false {
  return (
    shown.required &&
    html` <span class="required" aria-hidden="true">*</span><span class="sr-only">(required)</span>`
  );
}
function about(field: DrawnField): Html | undefined {
  const { hint } = field.shown;
  return hint === undefined ? undefined : html`<p class="about" id="${idOf(field, "about")}">${hint}</p>`;
}
function problem(field: DrawnField): Html | undefined {
  const words = field.shown.problem;
  return words === undefined
    ? undefined
    : html`<p class="problem" id="${idOf(field, "problem")}">${words}</p>`;
}

function described(field: DrawnField): Html | string {
  const { hint, problem: wrong } = field.shown;
  const parts: readonly Part[] = [
    ...(hint === undefined ? [] : (["about"] as const)),
    ...(wrong === undefined ? [] : (["problem"] as const)),
  ];
  return parts.length === 0
    ? ""
    : html`aria-describedby="${parts.map((part) => idOf(field, part)).join(" ")}"`;
}
function invalid({ shown }: DrawnField): Html | string {
  return shown.problem === undefined ? "" : html`aria-invalid="true"`;
}
function common(field: DrawnField): Html {
  return html`name="${field.shown.id}" ${invalid(field)}`;
}

function textField(field: DrawnField): Html {
  const { shown, input } = field;
  const value = typeof shown.value === "string" ? shown.value : "";
  const words = html`placeholder="${stringAt(input, "placeholder") ?? ""}" autocomplete="off"`;
  const rest = html`id="${idOf(field, "input")}" ${common(field)} ${described(field)} ${words}`;
  // The first line break inside a textarea is not part of it.
  return input["style"] === PARAGRAPH
    ? html`<textarea rows="4" ${rest}>${`\n${value}`}</textarea>`
    : html`<input type="text" value="${value}" ${rest} />`;
}

function selectField(field: DrawnField): Html {
  const { shown, input } = field;
  const options = [
    { value: "", label: stringAt(input, "placeholder") ?? "Make a selection" },
    ...(shown.options ?? []),
  ];
  return html`<select id="${idOf(field, "input")}" ${common(field)} ${described(field)}>
    ${options.map(({ value, label }) => {
      const selected = isChosen(shown, value) ? html`selected` : "";
      return html`<option value="${value}" ${selected}>${label}</option>`;
    })}
  </select>`;
}

function choices(field: DrawnField): Html {
  const { shown } = field;
  return html`<fieldset class="field" data-many="${shown.id}" ${described(field)}>
    <legend>${shown.label}${required(shown)}</legend>
    ${about(field)}
    ${(shown.options ?? []).map(({ value, label }) => {
      const checked = isChosen(shown, value) ? html`checked` : "";
      return html`<label
        ><input type="checkbox" value="${value}" ${checked} ${common(field)} /><span>${label}</span></label
      >`;
    })}
    ${problem(field)}
  </fieldset>`;
}

function isChosen({ value }: ShownField, one: string): boolean {
  return typeof value === "string" ? value === one : (value ?? []).includes(one);
}
