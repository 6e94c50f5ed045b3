import type { JsonObject } from "../shared/json.ts";
import { isObject } from "../shared/json.ts";
import type { Path } from "./refusals.ts";
import { invalidForm, refusal } from "./refusals.ts";
import type { Rule } from "./rules.ts";
import {
  absent,
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
  webAddress,
} from "./rules.ts";

export const flags = {
  suppressEmbeds: 4,
  hasThread: 32,
  ephemeral: 64,
  loading: 128,
  silent: 4_096,
  componentsV2: 32_768,
};

const nothingElse = "This field is not allowed for this style.";
const buttonBase = { label: maybe(text(0, 80)), disabled: maybe(truth), emoji: maybe(anything) };
const namedButton = all(
  shape({ ...buttonBase, custom_id: text(1, 100), url: absent(nothingElse), sku_id: absent(nothingElse) }),
  (value, path) => {
    const { label, emoji } = value as JsonObject;
    const worded = Boolean(label) || isObject(emoji);
    return worded
      ? []
      : problem(path, "BUTTON_COMPONENT_REQUIRES_LABEL_OR_EMOJI", "A button needs a label or an emoji");
  },
);
const linkButton = shape({
  ...buttonBase,
  url: all(text(1, 512), webAddress),
  custom_id: absent(nothingElse),
});
const button: Rule = inTurn(shape({ style: oneOf([1, 2, 3, 4, 5, 6]) }), (value, path) => {
  const style = Number((value as JsonObject)["style"]);
  if (style === 6) return shape({ sku_id: text(1, 20), custom_id: absent(nothingElse) })(value, path);
  return (style === 5 ? linkButton : namedButton)(value, path);
});

export const selectOption = shape({
  label: text(1, 100),
  value: text(1, 100),
  description: maybe(text(0, 100)),
  default: maybe(truth),
});
/** No two options with one value, no more chosen beforehand than may be chosen. */
export const distinctOptions: Rule = (value, path) => {
  const { options } = value as { readonly options: readonly JsonObject[] };
  const values = options.map((option) => option["value"]);
  return new Set(values).size === values.length
    ? []
    : problem(
        [...path, "options"],
        "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
        "The specified option value is already used",
      );
};
const selectBase = {
  custom_id: text(1, 100),
  placeholder: maybe(text(0, 150)),
  min_values: maybe(integer(0, 25)),
  max_values: maybe(integer(1, 25)),
};
const spread: Rule = (value, path) => {
  const {
    min_values: min = 1,
    max_values: max = 1,
    options,
  } = value as Record<"min_values" | "max_values", number | undefined> & {
    readonly options?: readonly unknown[];
  };
  if (Number(min) > Number(max))
    return problem([...path, "min_values"], "BASE_TYPE_BAD_RANGE", "min_values is above max_values");
  return options !== undefined && Number(max) > options.length
    ? problem([...path, "max_values"], "BASE_TYPE_BAD_RANGE", "max_values is above the number of options")
    : [];
};
export const stringSelect = inTurn(
  shape({ ...selectBase, options: list(1, 25, selectOption), disabled: maybe(truth) }),
  all(distinctOptions, spread),
);
export const entitySelect = inTurn(shape({ ...selectBase, disabled: maybe(truth) }), spread);

const rowItem = byType({
  2: button,
  3: stringSelect,
  5: entitySelect,
  6: entitySelect,
  7: entitySelect,
  8: entitySelect,
});
/** Five buttons or one select. */
const actionRow = inTurn(shape({ components: list(1, 5, rowItem) }), (value, path) => {
  const { components } = value as { readonly components: readonly JsonObject[] };
  const selects = components.filter((item) => item["type"] !== 2).length;
  return selects > 1 || (selects === 1 && components.length > 1)
    ? problem(
        [...path, "components"],
        "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
        "The specified component exceeds the maximum width",
      )
    : [];
});

export const textDisplay = shape({ content: text(1, 4_000) });
const media = shape({ media: shape({ url: anything }) });
const section = shape({
  components: list(1, 3, byType({ 10: textDisplay })),
  accessory: byType({ 2: button, 11: media }),
});
const gallery = shape({ items: list(1, 10, media) });
const separator = shape({ divider: maybe(truth), spacing: maybe(oneOf([1, 2])) });
const inContainer = { 1: actionRow, 9: section, 10: textDisplay, 12: gallery, 13: anything, 14: separator };
const container = shape({
  components: list(1, 40, byType(inContainer)),
  accent_color: maybe(integer(0, 0xff_ff_ff)),
  spoiler: maybe(truth),
});
const laidOut = list(1, 40, byType({ ...inContainer, 17: container }));

/** Every component of a payload, parents before children. */
export function everyComponent(components: unknown): readonly JsonObject[] {
  if (!Array.isArray(components)) return [];
  return components
    .filter(isObject)
    .flatMap((one) => [
      one,
      ...everyComponent(one["components"]),
      ...everyComponent([one["accessory"], one["component"]]),
    ]);
}

const withinTotals: Rule = (value, path) => {
  const every = everyComponent(value);
  const words = every
    .filter((one) => one["type"] === 10)
    .reduce((sum, one) => sum + length(String(one["content"])), 0);
  if (every.length > 40)
    return problem(path, "BASE_TYPE_MAX_LENGTH", "The total number of components exceeds the maximum of 40");
  return words > 4_000
    ? problem(
        path,
        "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
        "Combined displayable text exceeds the maximum of 4000",
      )
    : [];
};

export const distinctIds: Rule = (value, path) => {
  const ids = everyComponent(value).flatMap((one) =>
    typeof one["custom_id"] === "string" ? [one["custom_id"]] : [],
  );
  return new Set(ids).size === ids.length
    ? []
    : problem(path, "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated");
};

const embed = shape({
  title: maybe(text(0, 256)),
  description: maybe(text(0, 4_096)),
  url: maybe(webAddress),
  color: maybe(integer(0, 0xff_ff_ff)),
  timestamp: maybe((value, path) =>
    typeof value === "string" && !Number.isNaN(Date.parse(value))
      ? []
      : problem(path, "DATE_TIME_TYPE_PARSE", `Could not parse ${String(value)}. Should be ISO8601.`),
  ),
  footer: maybe(shape({ text: text(1, 2_048) })),
  author: maybe(shape({ name: text(1, 256) })),
  fields: maybe(list(0, 25, shape({ name: text(1, 256), value: text(1, 1_024), inline: maybe(truth) }))),
});

function wordsOf(one: JsonObject): number {
  const parts = [
    one["title"],
    one["description"],
    (one["footer"] as JsonObject | undefined)?.["text"],
    (one["author"] as JsonObject | undefined)?.["name"],
  ];
  const fields = ((one["fields"] ?? []) as readonly JsonObject[]).flatMap((field) => [
    field["name"],
    field["value"],
  ]);
  return [...parts, ...fields].reduce<number>(
    (sum, part) => sum + (typeof part === "string" ? length(part) : 0),
    0,
  );
}
const embeds = inTurn(list(0, 10, embed), (value, path) => {
  const total = (value as readonly JsonObject[]).reduce((sum, one) => sum + wordsOf(one), 0);
  return total > 6_000
    ? problem(path, "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000")
    : [];
});

const mentions = inTurn(
  shape({
    parse: maybe(list(0, 3, oneOf(["roles", "users", "everyone"]))),
    users: maybe(list(0, 100, text(17, 20))),
    roles: maybe(list(0, 100, text(17, 20))),
  }),
  (value, path) =>
    (["users", "roles"] as const).flatMap((kind) => {
      const { parse = [], [kind]: named = [] } = value as Record<string, readonly string[] | undefined>;
      return parse.includes(kind) && named.length > 0
        ? problem(
            [...path, "parse"],
            "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
            `parse:["${kind}"] and ${kind}: [ids...] are mutually exclusive.`,
          )
        : [];
    }),
);

const nonce: Rule = (value, path) =>
  (typeof value === "number" ? integer(0, Number.MAX_SAFE_INTEGER) : text(0, 25))(value, path);
const common = {
  content: maybe(text(0, 2_000)),
  embeds: maybe(embeds),
  allowed_mentions: maybe(mentions),
  tts: maybe(truth),
};
const classicMessage = shape({
  ...common,
  nonce: maybe(nonce),
  enforce_nonce: maybe(truth),
  components: maybe(inTurn(list(0, 5, byType({ 1: actionRow })), distinctIds)),
});
const legacy: Rule = (value, path) =>
  value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0)
    ? []
    : problem(
        path,
        "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
        "This field cannot be used with the IS_COMPONENTS_V2 flag",
      );
const componentsMessage = shape({
  content: legacy,
  embeds: legacy,
  allowed_mentions: maybe(mentions),
  nonce: maybe(nonce),
  components: inTurn(laidOut, all(withinTotals, distinctIds)),
});

export function settableFlags(allowed: number): Rule {
  return maybe(
    inTurn(integer(0, 2 ** 31 - 1), (value, path) =>
      (Number(value) & ~allowed) === 0
        ? []
        : problem(path, "BITFIELD_INVALID", "These flags may not be set here"),
    ),
  );
}

function isEmpty(body: JsonObject): boolean {
  const { content, embeds: cards, components } = body;
  const shown = (value: unknown): boolean => Array.isArray(value) && value.length > 0;
  const cardWords = shown(cards) && (cards as readonly JsonObject[]).some((one) => wordsOf(one) > 0);
  return !(typeof content === "string" && content.trim() !== "") && !cardWords && !shown(components);
}

export interface MessagePlace {
  /** The flags that may be set here. */
  readonly allowed: number;
  /** Where the message lies in the payload. */
  readonly at?: Path;
}

/** Throws what Discord answers to a message it does not take. */
export function checkMessage(body: unknown, { allowed, at = [] }: MessagePlace): asserts body is JsonObject {
  if (!isObject(body)) throw refusal(50109);
  const laid = (Number(body["flags"] ?? 0) & flags.componentsV2) !== 0;
  const message = laid ? componentsMessage : classicMessage;
  const problems = [...settableFlags(allowed)(body["flags"], [...at, "flags"]), ...message(body, at)];
  if (problems.length > 0) throw invalidForm(problems);
  if (isEmpty(body)) throw refusal(50006);
}
