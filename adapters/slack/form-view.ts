import type { types, ViewOutput } from "@slack/bolt";

import type { ChoiceField, Field, Form, FormValues, TextField } from "../../src/chat.ts";
import { clip, neutral } from "./neutral-text.ts";
import { label } from "./text-objects.ts";

/** Which opening of which form a submission belongs to. */
export interface Opening {
  readonly form: string;
  readonly state: string;
}
export type Problems = Readonly<Record<string, string>>;

/** A form as a modal; with problems where Slack's own marking of a field is not to be had any more. */
export function formView(form: Form, problems: Problems = {}): types.ModalView {
  return {
    type: "modal",
    callback_id: form.form,
    private_metadata: JSON.stringify({ form: form.form, state: form.state } satisfies Opening),
    title: label(form.title, 24),
    submit: label(form.submit, 24),
    close: label("Cancel", 24),
    blocks: form.fields.flatMap((field) => [...problemBlocks(problems[field.id]), input(form, field)]),
  };
}

/** Slack's answer to a submission that must be corrected. Undefined where no field of the open form is at fault. */
export function fieldErrors(form: Form, problems: Problems): Record<string, string> | undefined {
  const errors = form.fields.flatMap(({ id }) => {
    const problem = problems[id];
    return problem === undefined ? [] : [[id, clip(neutral(problem), 500)] as const];
  });
  return errors.length > 0 ? Object.fromEntries(errors) : undefined;
}

export function openingOf(view: Pick<ViewOutput, "private_metadata">): Opening | undefined {
  try {
    const found: unknown = JSON.parse(view.private_metadata);
    return isOpening(found) ? { form: found.form, state: found.state } : undefined;
  } catch {
    // Not one of our forms: a card shown in a modal carries nothing.
    return undefined;
  }
}

function isOpening(found: unknown): found is Opening {
  if (typeof found !== "object" || found === null || !("form" in found) || !("state" in found)) return false;
  return typeof found.form === "string" && typeof found.state === "string";
}

export function valuesOf(view: Pick<ViewOutput, "state">): FormValues {
  const entered = Object.entries(view.state.values).flatMap(([id, elements]) => {
    const value = Object.values(elements)
      .map(valueOf)
      .find((found) => found.length > 0);
    return value === undefined ? [] : [[id, value] as const];
  });
  return Object.fromEntries(entered);
}

function valueOf(element: ViewOutput["state"]["values"][string][string]): string | string[] {
  if (typeof element.value === "string") return element.value;
  if (element.selected_options !== undefined) return element.selected_options.map(({ value }) => value);
  return element.selected_option ? [element.selected_option.value] : [];
}

function problemBlocks(problem: string | undefined): types.ContextBlock[] {
  return problem === undefined ? [] : [{ type: "context", elements: [label(problem, 500)] }];
}

function input(form: Form, field: Field): types.InputBlock {
  // Slack keeps what was typed when a view with the same block and action ids replaces another; the opening in the
  // action id keeps page 1's words out of page 2.
  const actionId = `${form.form}:${form.state}`;
  return {
    type: "input",
    block_id: field.id,
    label: label(field.label, 2_000),
    optional: !field.required,
    ...(field.hint !== undefined && { hint: label(field.hint, 2_000) }),
    element: field.kind === "text" ? textInput(field, actionId) : choiceInput(field, actionId),
  };
}

function textInput(field: TextField, actionId: string): types.PlainTextInput {
  const maxLength = Math.min(field.maxLength, 3_000);
  return {
    type: "plain_text_input",
    action_id: actionId,
    multiline: field.long === true,
    max_length: maxLength,
    // As it was entered: an input shows characters, it formats and links nothing.
    ...(field.value ? { initial_value: clip(field.value, maxLength) } : {}),
  };
}

function choiceInput(field: ChoiceField, actionId: string): types.StaticSelect | types.MultiStaticSelect {
  const options = field.options.map((option) => ({ text: label(option.label, 75), value: option.value }));
  const chosen = options.filter(({ value }) => field.value?.includes(value));
  if (field.many === true)
    return {
      type: "multi_static_select",
      action_id: actionId,
      options,
      ...(chosen.length > 0 && { initial_options: chosen }),
    };
  return {
    type: "static_select",
    action_id: actionId,
    options,
    ...(chosen[0] !== undefined && { initial_option: chosen[0] }),
  };
}
