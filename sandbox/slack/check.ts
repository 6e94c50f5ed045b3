import { isObject } from "../shared/json.ts";

/** Looks at one value of a payload; answers with Slack's own sentences, none when all is well. */
export type Check = (value: unknown, at: string) => readonly string[];
export type Fields = Readonly<Record<string, Check>>;

export function problem(text: string, at: string): readonly string[] {
  return [`${text} [json-pointer:${at}]`];
}

export function string({ max, min = 1 }: { readonly max: number; readonly min?: number }): Check {
  return (value, at) => {
    if (typeof value !== "string") return problem("must be a string", at);
    if (value.length > max) return problem(`must be less than ${max + 1} characters`, at);
    return value.length < min ? problem(`must be more than ${min - 1} characters`, at) : [];
  };
}

export const boolean: Check = (value, at) =>
  typeof value === "boolean" ? [] : problem("must be a boolean", at);

export const anything: Check = () => [];

export function integer({ min, max }: { readonly min: number; readonly max: number }): Check {
  return (value, at) =>
    Number.isInteger(value) && Number(value) >= min && Number(value) <= max
      ? []
      : problem(`must be an integer from ${min} to ${max}`, at);
}

export function oneOf(...allowed: readonly string[]): Check {
  return (value, at) =>
    typeof value === "string" && allowed.includes(value)
      ? []
      : problem(`must be one of ${allowed.join(", ")}`, at);
}

export function list(of: Check, { min = 1, max }: { readonly min?: number; readonly max: number }): Check {
  return (value, at) => {
    if (!Array.isArray(value)) return problem("must be an array", at);
    if (value.length > max) return problem(`no more than ${max} items allowed`, at);
    if (value.length < min) return problem(`must provide at least ${min} items`, at);
    return value.flatMap((item, index) => of(item, `${at}/${index}`));
  };
}

/** `type` is looked at by whoever chose this check, and always allowed. */
export function object(required: Fields, optional: Fields = {}): Check {
  return (value, at) => {
    if (!isObject(value)) return problem("must be an object", at);
    const missing = Object.keys(required).filter((key) => value[key] === undefined);
    const present = Object.entries(value).filter(([key, field]) => key !== "type" && field !== undefined);
    return [
      ...missing.flatMap((key) => problem(`missing required field: ${key}`, at)),
      ...present.flatMap(([key, field]) => {
        const check = required[key] ?? optional[key];
        return check === undefined
          ? problem(`invalid additional property: ${key}`, at)
          : check(field, `${at}/${key}`);
      }),
    ];
  };
}

export function byType(table: Fields): Check {
  return (value, at) => {
    const type = isObject(value) ? value["type"] : undefined;
    if (type === undefined) return problem("missing required field: type", at);
    const check = typeof type === "string" && Object.hasOwn(table, type) ? table[type] : undefined;
    return check === undefined
      ? problem(`unsupported type: ${typeof type === "string" ? type : typeof type}`, `${at}/type`)
      : check(value, at);
  };
}

export function all(...checks: readonly Check[]): Check {
  return (value, at) => checks.flatMap((check) => check(value, at));
}
