import { all, find } from "./dom.ts";
import { textOf } from "./tour-screen.ts";

// The fields of an open form, found by what stands beside them.

export type Values = Readonly<Record<string, string | readonly string[]>>;

/** The control under a label, or the group under a legend. */
export function fieldIn(form: HTMLFormElement, label: string): HTMLElement | undefined {
  const named = all("label, legend", form).find((one) => plain(one) === label);
  const field = named instanceof HTMLLabelElement ? named.control : named?.closest("fieldset");
  return field ?? undefined;
}

/** A label without the platform's mark for what is required or optional. */
function plain(label: HTMLElement): string {
  return textOf(label)
    .replaceAll(/\*|\((?:optional|required)\)/g, "")
    .trim();
}

/** Enters a text or makes a choice, by its label or value; false when this field does not offer it. */
export function enter(field: HTMLElement, value: string | readonly string[]): boolean {
  const wanted = [value].flat();
  if (field instanceof HTMLTextAreaElement || field instanceof HTMLInputElement)
    return written(field, wanted.join("\n"));
  if (field instanceof HTMLSelectElement) return chosen(field, wanted);
  return ticked(field, wanted);
}

function written(field: HTMLTextAreaElement | HTMLInputElement, text: string): true {
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  return true;
}

function chosen(field: HTMLSelectElement, wanted: readonly string[]): boolean {
  const fits = ({ value, text }: HTMLOptionElement): boolean =>
    wanted.includes(value) || wanted.includes(text.trim());
  const options = [...field.options];
  for (const option of options) option.selected = fits(option);
  field.dispatchEvent(new Event("change", { bubbles: true }));
  return options.some(fits);
}

function ticked(group: HTMLElement, wanted: readonly string[]): boolean {
  const boxes = [...group.querySelectorAll<HTMLInputElement>("input[type=checkbox], input[type=radio]")];
  const fits = (box: HTMLInputElement): boolean =>
    wanted.includes(box.value) || [...(box.labels ?? [])].some((label) => wanted.includes(textOf(label)));
  for (const box of boxes) {
    box.checked = fits(box);
    box.dispatchEvent(new Event("change", { bubbles: true }));
  }
  return boxes.some(fits);
}

/** What sends the form off. */
export function submitOf(form: HTMLFormElement | undefined): HTMLElement | undefined {
  return form === undefined ? undefined : find("button[type=submit]", HTMLElement, form);
}
