import { find } from "./dom.ts";

// What somebody has entered stays when the app draws their form anew, except where the app changed the field itself.

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
type When = "drawn" | "now";

/** Copies what was entered to the fields of the same name. */
export function carryOver(from: HTMLElement, to: HTMLElement): void {
  const before = fieldsOf(from);
  for (const [name, fields] of fieldsOf(to)) {
    const old = before.get(name) ?? [];
    if (same(valuesOf(old, "drawn"), valuesOf(fields, "drawn")))
      for (const field of fields) enter(field, valuesOf(old, "now"));
  }
}

/** How to give the focus to the same control of a newer drawing, with the same letters marked. False: it has none. */
export function refocusing(focused: Element): (within: HTMLElement) => boolean {
  const sign = signOf(focused);
  const [from, to] = isText(focused) ? [focused.selectionStart, focused.selectionEnd] : [null, null];
  return (within) => {
    const control = sign === undefined ? undefined : find(sign, HTMLElement, within);
    control?.focus();
    if (control !== undefined && isText(control) && from !== null) control.setSelectionRange(from, to);
    return control !== undefined;
  };
}

function fieldsOf(form: HTMLElement): ReadonlyMap<string, readonly Field[]> {
  const fields = form.querySelectorAll<Field>("input, textarea, select");
  return Map.groupBy(fields, ({ name }) => name);
}

/** The text, or the values that are chosen, of all fields of one name. */
function valuesOf(fields: readonly Field[], when: When): readonly string[] {
  return fields.flatMap((field) => {
    if (field instanceof HTMLSelectElement)
      return [...field.options]
        .filter(({ selected, defaultSelected }) => (when === "now" ? selected : defaultSelected))
        .map(({ value }) => value);
    if (!isTick(field)) return [when === "now" ? field.value : field.defaultValue];
    return (when === "now" ? field.checked : field.defaultChecked) ? [field.value] : [];
  });
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((value, index) => value === other[index]);
}

function enter(field: Field, values: readonly string[]): void {
  if (field instanceof HTMLSelectElement)
    for (const option of field.options) option.selected = values.includes(option.value);
  else if (isTick(field)) field.checked = values.includes(field.value);
  else field.value = values[0] ?? "";
}

function isTick(field: Element): field is HTMLInputElement {
  return field instanceof HTMLInputElement && (field.type === "checkbox" || field.type === "radio");
}

function isText(field: Element): field is HTMLInputElement | HTMLTextAreaElement {
  return field instanceof HTMLTextAreaElement || (field instanceof HTMLInputElement && !isTick(field));
}

const signs = ["name", "data-press", "data-close", "type"];

function signOf(control: Element): string | undefined {
  const sign = signs.find((name) => control.hasAttribute(name));
  if (sign === undefined) return undefined;
  const is = (name: string): string => `[${name}="${CSS.escape(control.getAttribute(name) ?? "")}"]`;
  return isTick(control) ? `${is(sign)}${is("value")}` : is(sign);
}
