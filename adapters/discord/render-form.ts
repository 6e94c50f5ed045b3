import {
  ComponentType,
  TextInputStyle,
  type APIComponentInLabel,
  type APIModalInteractionResponseCallbackData,
  type ModalSubmitComponent,
  type APIModalSubmission,
} from "discord.js";

import type { Field, Form, FormValues } from "../../src/chat.ts";
import { customId } from "./custom-ids.ts";
import { plain } from "./neutral-text.ts";

/** A form as a modal. `workspace` is given for direct messages only: see `CustomId`. */
export function renderForm(form: Form, workspace?: string): APIModalInteractionResponseCallbackData {
  return {
    custom_id: customId({
      first: form.form,
      second: form.state,
      ...(workspace !== undefined && { workspace }),
    }),
    title: form.title,
    components: form.fields.map((field) => ({
      type: ComponentType.Label,
      label: field.label,
      ...(field.hint !== undefined && { description: field.hint }),
      component: renderField(field),
    })),
  };
}

function renderField(field: Field): APIComponentInLabel {
  const { id: custom_id, required } = field;
  if (field.kind === "text")
    return {
      type: ComponentType.TextInput,
      custom_id,
      required,
      style: field.long === true ? TextInputStyle.Paragraph : TextInputStyle.Short,
      max_length: field.maxLength,
      // Discord refuses a prefilled text that is empty.
      ...(field.value !== undefined && field.value !== "" && { value: field.value }),
    };
  const chosen = new Set(field.value);
  return {
    type: ComponentType.StringSelect,
    custom_id,
    required,
    // `required: false` alone still lets nobody leave a select empty.
    min_values: required ? 1 : 0,
    max_values: field.many === true ? field.options.length : 1,
    options: field.options.map(({ value, label }) => ({
      value,
      label: plain(label),
      default: chosen.has(value),
    })),
  };
}

/** What a person entered; what was left empty is absent. */
export function readForm({ components }: APIModalSubmission): FormValues {
  const entries = components.flatMap((component): readonly ModalSubmitComponent[] => {
    if ("component" in component) return [component.component];
    return "components" in component ? component.components : [];
  });
  return Object.fromEntries(
    entries.flatMap((entry): readonly (readonly [string, string | readonly string[]])[] => {
      const value = "values" in entry ? entry.values : "value" in entry ? entry.value : undefined;
      const entered = typeof value === "string" || Array.isArray(value) ? value : "";
      return entered.length === 0 ? [] : [[entry.custom_id, entered]];
    }),
  );
}
