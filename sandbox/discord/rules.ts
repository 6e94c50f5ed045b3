import { isObject } from "../shared/json.ts";
import type { Path, Problem } from "./refusals.ts";

/** Looks at one value of a payload and names everything Discord would refuse about it. */
export type Rule = (value: unknown, path: Path) => readonly Problem[];

/** Discord counts characters, not UTF-16 units. */
export function length(text: string): number {
  return text.length - (text.match(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g)?.length ?? 0);
}

export function problem(path: Path, code: string, message: string): readonly Problem[] {
  return [{ path, code, message }];
}
const required = (path: Path) => problem(path, "BASE_TYPE_REQUIRED", "This field is required");

function outside(path: Path, min: number, max: number): readonly Problem[] {
  if (min === 0) return problem(path, "BASE_TYPE_MAX_LENGTH", `Must be ${max} or fewer in length.`);
  return problem(path, "BASE_TYPE_BAD_LENGTH", `Must be between ${min} and ${max} in length.`);
}

export function text(min: number, max: number): Rule {
  return (value, path) => {
    if (value === undefined || value === null || (min > 0 && value === "")) return required(path);
    if (typeof value !== "string")
      return problem(path, "STRING_TYPE_CONVERT", "Could not interpret value as string.");
    // Discord trims before it counts the least length.
    if (min > 0 && value.trim() === "") return required(path);
    return length(value) < min || length(value) > max ? outside(path, min, max) : [];
  };
}

export function integer(min: number, max: number): Rule {
  return (value, path) => {
    if (typeof value !== "number" || !Number.isInteger(value)) {
      return problem(path, "NUMBER_TYPE_COERCE", `Value "${String(value)}" is not int.`);
    }
    if (value < min)
      return problem(path, "NUMBER_TYPE_MIN", `int value should be greater than or equal to ${min}.`);
    if (value > max)
      return problem(path, "NUMBER_TYPE_MAX", `int value should be less than or equal to ${max}.`);
    return [];
  };
}

export const truth: Rule = (value, path) =>
  typeof value === "boolean" ? [] : problem(path, "BOOLEAN_TYPE_CONVERT", "Must be either true or false.");

export const anything: Rule = () => [];

export const webAddress: Rule = (value, path) =>
  typeof value === "string" && /^https?:\/\/\S+$/.test(value) && value.length <= 2_048
    ? []
    : problem(path, "URL_TYPE_INVALID_URL", "Not a well formed URL.");

export function oneOf(values: readonly (number | string)[]): Rule {
  return (value, path) =>
    values.some((one) => one === value)
      ? []
      : problem(path, "BASE_TYPE_CHOICES", `Value must be one of {${values.join(", ")}}.`);
}

export function maybe(rule: Rule): Rule {
  return (value, path) => (value === undefined || value === null ? [] : rule(value, path));
}

/** For fields that may be left out but, when present, are not allowed. */
export function absent(message: string): Rule {
  return (value, path) =>
    value === undefined || value === null ? [] : problem(path, "BASE_TYPE_INVALID", message);
}

export function list(min: number, max: number, rule: Rule): Rule {
  return (value, path) => {
    if (value === undefined || value === null) return required(path);
    if (!Array.isArray(value))
      return problem(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType");
    if (value.length < min || value.length > max) return outside(path, min, max);
    return value.flatMap((item, index) => rule(item, [...path, index]));
  };
}

export function shape(fields: Readonly<Record<string, Rule>>): Rule {
  const rules = Object.entries(fields);
  return (value, path) => {
    if (!isObject(value))
      return problem(path, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType");
    return rules.flatMap(([name, rule]) => rule(value[name], [...path, name]));
  };
}

export function all(...rules: readonly Rule[]): Rule {
  return (value, path) => rules.flatMap((rule) => rule(value, path));
}

/** The second rule sees only what the first found nothing wrong with. */
export function inTurn(first: Rule, second: Rule): Rule {
  return (value, path) => {
    const found = first(value, path);
    return found.length > 0 ? found : second(value, path);
  };
}

/** Which rule applies is told by the value's `type`. */
export function byType(kinds: Readonly<Record<number, Rule>>): Rule {
  const known = Object.keys(kinds).map(Number);
  return (value, path) => {
    if (!isObject(value))
      return problem(path, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType");
    const rule = kinds[Number(value["type"])];
    return rule ? rule(value, path) : oneOf(known)(value["type"], [...path, "type"]);
  };
}
