import type { ShownField } from "../pretend.ts";
import { ImpossibleError } from "../shared/control.ts";
import type { JsonObject } from "../shared/json.ts";
import { length } from "./rules.ts";
import type { Modal } from "./world.ts";

/** One field of a modal: how a person sees it, and the component behind it. */
export interface FormField {
  readonly shown: ShownField;
  readonly input: Input;
}
interface Input {
  readonly type: number;
  readonly custom_id: string;
  readonly value?: string;
  readonly min_length?: number;
  readonly max_length?: number;
  readonly required?: boolean;
  readonly options?: readonly {
    readonly value: string;
    readonly label: string;
    readonly default?: boolean;
  }[];
  readonly min_values?: number;
  readonly max_values?: number;
  readonly default?: boolean;
}
export type Entered = Readonly<Record<string, string | readonly string[]>>;

export function fieldsOf(modal: Modal): readonly FormField[] {
  return modal.components.flatMap((component): readonly FormField[] => {
    if (component["type"] === 18) {
      const {
        label,
        description,
        component: input,
      } = component as { label: string; description?: string; component: Input };
      return [formField(input, label, description)];
    }
    if (component["type"] !== 1) return [];
    const [input] = component["components"] as readonly (Input & { readonly label: string })[];
    return input ? [formField(input, input.label)] : [];
  });
}

function formField(input: Input, label: string, hint?: string): FormField {
  const base = { id: input.custom_id, label, required: needed(input), ...(hint ? { hint } : {}) };
  if (input.type === 4) {
    const value = input.value ? { value: input.value } : {};
    return { input, shown: { ...base, kind: "text", ...value } };
  }
  if (input.type === 23) {
    const value = input.default === true ? ["true"] : [];
    return {
      input,
      shown: { ...base, kind: "choice", required: false, options: [{ value: "true", label }], value },
    };
  }
  const options = (input.options ?? []).map(({ value, label: words }) => ({ value, label: words }));
  const value = (input.options ?? [])
    .filter((option) => option.default === true)
    .map((option) => option.value);
  return { input, shown: { ...base, kind: "choice", many: most(input) > 1, options, value } };
}

function needed(input: Input): boolean {
  return input.required ?? true;
}
function most(input: Input): number {
  if (input.type === 22) return input.max_values ?? (input.options ?? []).length;
  return input.type === 21 ? 1 : (input.max_values ?? 1);
}
/** A select that asks for one choice lets nobody leave without it, required or not. */
function least(input: Input): number {
  if (input.type === 3) return input.min_values ?? 1;
  if (!needed(input)) return 0;
  return input.type === 22 ? (input.min_values ?? 1) : 1;
}

/** What a person entered under labels or ids, by field id; what they left alone keeps its prefilled value. */
export function entered(fields: readonly FormField[], values: Entered): Entered {
  const stranger = Object.keys(values).find(
    (key) => !fields.some(({ shown }) => shown.id === key || shown.label === key),
  );
  if (stranger !== undefined) throw new ImpossibleError(`The form has no field "${stranger}".`);
  return Object.fromEntries(
    fields.map(({ shown }) => {
      const given = values[shown.id] ?? values[shown.label] ?? shown.value;
      if (shown.kind === "text")
        return [shown.id, typeof given === "string" ? given : (given ?? []).join("\n")];
      const chosen = typeof given === "string" ? [given].filter((one) => one !== "") : (given ?? []);
      return [shown.id, chosen.map((one) => chosenValue(shown, one))];
    }),
  );
}

function chosenValue(field: ShownField, given: string): string {
  const options = field.options ?? [];
  const option = options.find(({ value }) => value === given) ?? options.find(({ label }) => label === given);
  if (!option) throw new ImpossibleError(`"${field.label}" offers no "${given}".`);
  return option.value;
}

/** What the client itself says before it sends anything, by field id. */
export function objections(fields: readonly FormField[], values: Entered): Readonly<Record<string, string>> {
  const found = fields.flatMap(({ shown, input }) => {
    const sentence = objection(input, values[shown.id] ?? "");
    return sentence === undefined ? [] : [[shown.id, sentence] as const];
  });
  return Object.fromEntries(found);
}

function objection(input: Input, value: string | readonly string[]): string | undefined {
  if (typeof value === "string") return textObjection(input, length(value));
  if (input.type === 23) return undefined;
  if (value.length < least(input))
    return value.length === 0 ? "This field is required." : `Choose at least ${least(input)}.`;
  return value.length > most(input) ? `Choose no more than ${most(input)}.` : undefined;
}

function textObjection(input: Input, size: number): string | undefined {
  const { min_length: min = 0, max_length: max = 4_000 } = input;
  if (size === 0) return needed(input) ? "This field is required." : undefined;
  if (size < min) return `Must be at least ${min} characters.`;
  return size > max ? `Must be ${max} or fewer in length.` : undefined;
}

/** The components of a modal submission: the same tree, with answers in place of inputs. */
export function submission(modal: Modal, values: Entered): readonly JsonObject[] {
  let next = 0;
  const fresh = (): number => (next += 1);
  return modal.components.map((component) => {
    const { type } = component;
    const id = fresh();
    if (type === 10) return { type, id };
    if (type === 18) return { type, id, component: answer(component["component"] as Input, fresh(), values) };
    return {
      type,
      id,
      components: (component["components"] as readonly Input[]).map((input) =>
        answer(input, fresh(), values),
      ),
    };
  });
}

function answer(input: Input, id: number, values: Entered): JsonObject {
  const given = values[input.custom_id] ?? [];
  const base = { type: input.type, id, custom_id: input.custom_id };
  switch (input.type) {
    case 4:
      return { ...base, value: given };
    case 21:
      return { ...base, value: given[0] ?? null };
    case 23:
      return { ...base, value: given.length > 0 };
    case 3:
    case 22:
      return { ...base, values: given };
    default:
      throw new ImpossibleError(`The pretend client cannot fill in a component of type ${input.type}.`);
  }
}
