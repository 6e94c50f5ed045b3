import type { JsonObject } from "../shared/json.ts";
import { isObject } from "../shared/json.ts";
import type { Path, Problem } from "./refusals.ts";
import { invalidForm } from "./refusals.ts";
import type { Rule } from "./rules.ts";
import {
  all,
  anything,
  byType,
  integer,
  length,
  list,
  maybe,
  oneOf,
  problem,
  shape,
  text,
  inTurn,
  truth,
} from "./rules.ts";

const slashName = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u;
const name: Rule = inTurn(text(1, 32), (value, path) =>
  slashName.test(value as string) && (value as string).toLowerCase() === value
    ? []
    : problem(path, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid"),
);
const described = { name, description: text(1, 100) };

const choiceOf = (value: Rule): Rule => maybe(list(0, 25, shape({ name: text(1, 100), value })));
const notBoth: Rule = (value, path) => {
  const { autocomplete, choices } = value as JsonObject;
  return autocomplete === true && Array.isArray(choices) && choices.length > 0
    ? problem(
        [...path, "autocomplete"],
        "APPLICATION_COMMAND_AUTOCOMPLETE_CHOICES",
        "autocomplete and choices exclude each other",
      )
    : [];
};
const leaf = { ...described, required: maybe(truth) };
const number: Rule = (value, path) =>
  typeof value === "number"
    ? []
    : problem(path, "NUMBER_TYPE_COERCE", `Value "${String(value)}" is not a number.`);
const stringOption = all(
  shape({
    ...leaf,
    choices: choiceOf(text(1, 100)),
    autocomplete: maybe(truth),
    min_length: maybe(integer(0, 6_000)),
    max_length: maybe(integer(1, 6_000)),
  }),
  notBoth,
);
const numberOption = all(shape({ ...leaf, choices: choiceOf(number), autocomplete: maybe(truth) }), notBoth);
const plainOption = shape(leaf);
const leaves = {
  3: stringOption,
  4: numberOption,
  5: plainOption,
  6: plainOption,
  7: plainOption,
  8: plainOption,
  9: plainOption,
  10: numberOption,
  11: plainOption,
};

const order: Rule = (value, path) => {
  const options = value as readonly JsonObject[];
  const names = options.map((option) => option["name"]);
  const late = options.findIndex(
    (option, index) => index > 0 && option["required"] === true && options[index - 1]?.["required"] !== true,
  );
  return [
    ...(new Set(names).size === names.length
      ? []
      : problem(path, "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", "Option names must be unique")),
    ...(late > 0
      ? problem(
          [...path, late],
          "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
          "Required options must be placed before non-required options",
        )
      : []),
  ];
};
const subCommand = shape({ ...described, options: maybe(inTurn(list(0, 25, byType(leaves)), order)) });
const subGroup = shape({ ...described, options: list(1, 25, byType({ 1: subCommand })) });
/** A command with sub-commands cannot be used alone, so it has nothing but sub-commands. */
const unmixed: Rule = (value, path) => {
  const nested = (value as readonly JsonObject[]).filter(
    (option) => option["type"] === 1 || option["type"] === 2,
  ).length;
  return nested === 0 || nested === (value as readonly JsonObject[]).length
    ? []
    : problem(
        path,
        "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
        "Sub-command and sub-command group option types are mutually exclusive to all other types",
      );
};
const permissions: Rule = (value, path) =>
  typeof value === "string" && /^\d+$/.test(value)
    ? []
    : problem(path, "BITFIELD_INVALID", "Not a permission bit field");
const settings = {
  default_member_permissions: maybe(permissions),
  contexts: maybe(list(1, 3, oneOf([0, 1, 2]))),
  integration_types: maybe(list(1, 2, oneOf([0, 1]))),
  nsfw: maybe(truth),
};
const slash = shape({
  ...settings,
  ...described,
  options: maybe(inTurn(list(0, 25, byType({ ...leaves, 1: subCommand, 2: subGroup })), all(order, unmixed))),
});
const menu = shape({
  ...settings,
  name: text(1, 32),
  description: (value, path) =>
    value === undefined || value === null || value === ""
      ? []
      : problem(
          path,
          "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION_INVALID",
          "Context menu commands cannot have description",
        ),
  options: maybe(list(0, 0, anything)),
});

const wordsIn = (value: unknown): number =>
  typeof value === "string" || typeof value === "number" ? length(String(value)) : 0;

/** Names, descriptions and choice values together; 8,000 at most. */
function weight(one: JsonObject): number {
  const inner = ((one["options"] ?? []) as readonly JsonObject[]).reduce(
    (sum, option) => sum + weight(option),
    0,
  );
  const choices = ((one["choices"] ?? []) as readonly JsonObject[]).reduce(
    (sum, choice) => sum + wordsIn(choice["name"]) + wordsIn(choice["value"]),
    0,
  );
  return wordsIn(one["name"]) + wordsIn(one["description"]) + inner + choices;
}
const light: Rule = (value, path) =>
  weight(value as JsonObject) > 8_000
    ? problem(path, "APPLICATION_COMMAND_TOO_LARGE", "Command exceeds maximum size of 8000")
    : [];

const limits: Readonly<Record<number, number>> = { 1: 100, 2: 15, 3: 15 };

export const typeOf = (command: JsonObject): number => Number(command["type"] ?? 1);

function together(commands: readonly JsonObject[]): readonly Problem[] {
  const at = (index: number): Path => [index];
  const seen = new Set<string>();
  const twice = commands.flatMap((command, index) => {
    const key = `${typeOf(command)} ${String(command["name"])}`;
    if (!seen.has(key)) {
      seen.add(key);
      return [];
    }
    return problem(
      at(index),
      "APPLICATION_COMMANDS_DUPLICATE_NAME",
      "Application command names must be unique",
    );
  });
  const crowded = Object.entries(limits).flatMap(([type, most]) =>
    commands.filter((command) => typeOf(command) === Number(type)).length > most
      ? problem([], "APPLICATION_COMMANDS_MAX", `Maximum number of application commands reached (${most}).`)
      : [],
  );
  return [...twice, ...crowded];
}

/** Throws what Discord answers to a set of commands it does not take. */
export function checkCommands(body: unknown): asserts body is readonly JsonObject[] {
  const typed: Rule = (value, path) =>
    byType({ 1: inTurn(slash, light), 2: menu, 3: menu })(
      isObject(value) ? { type: 1, ...value } : value,
      path,
    );
  const found = list(0, 130, typed)(body, []);
  const problems = found.length > 0 ? found : together(body as readonly JsonObject[]);
  if (problems.length > 0) throw invalidForm(problems);
}
