import { expect, test } from "vitest";

import { checkCommands } from "../../sandbox/discord/command-rules.ts";
import { checkMessage, flags } from "../../sandbox/discord/message-rules.ts";
import { modalProblems } from "../../sandbox/discord/modal-rules.ts";
import { Refusal } from "../../sandbox/discord/refusals.ts";

const x = (count: number): string => "x".repeat(count);
const button = (custom_id: string, more: object = {}) => ({
  type: 2,
  style: 1,
  label: "Go",
  custom_id,
  ...more,
});
const row = (...components: object[]) => ({ type: 1, components });
const options = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ label: `L${index}`, value: `v${index}` }));
const select = (count: number, more: object = {}) => ({
  type: 3,
  custom_id: "s",
  options: options(count),
  ...more,
});

/** Where Discord complains: the places of the errors tree, or the bare code. */
function complaints(check: () => void): readonly string[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return error.body["errors"] === undefined
      ? [String(error.body["code"])]
      : leaves(error.body["errors"], "");
  }
}
function leaves(tree: unknown, at: string): readonly string[] {
  return Object.entries(tree as Record<string, unknown>).flatMap(([key, inner]) =>
    key === "_errors"
      ? (inner as { code: string }[]).map(({ code }) => `${at} ${code}`)
      : leaves(inner, at === "" ? key : `${at}.${key}`),
  );
}
const allowed = flags.componentsV2;
const message = (body: object) => complaints(() => checkMessage(body, { allowed }));
const laid = (...components: object[]) => ({ flags: flags.componentsV2, components });

test.each<[string, object]>([
  ["2,000 characters", { content: x(2_000) }],
  ["2,000 emoji", { content: "🚨".repeat(2_000) }],
  [
    "a full embed",
    {
      embeds: [
        {
          title: x(256),
          description: x(4_096),
          footer: { text: x(648) },
          fields: [{ name: "n", value: x(999) }],
        },
      ],
    },
  ],
  ["25 fields", { embeds: [{ fields: Array.from({ length: 25 }, () => ({ name: "n", value: "v" })) }] }],
  [
    "5 rows of 5 buttons",
    { components: [0, 1, 2, 3, 4].map((r) => row(...[0, 1, 2, 3, 4].map((b) => button(`${r}/${b}`)))) },
  ],
  ["a select of 25", { content: "x", components: [row(select(25))] }],
  [
    "a container",
    laid({ type: 17, accent_color: 1, components: [{ type: 10, content: x(4_000) }, row(button("a"))] }),
  ],
  ["mentions of nobody", { content: "@everyone", allowed_mentions: { parse: [] } }],
])("a message with %s is taken", (_name, body) => {
  expect(message(body)).toEqual([]);
});

test.each<[string, object, readonly string[]]>([
  ["2,001 characters", { content: x(2_001) }, ["content BASE_TYPE_MAX_LENGTH"]],
  ["nothing in it", { content: " ", embeds: [], components: [] }, ["50006"]],
  ["an empty embed", { embeds: [{}] }, ["50006"]],
  [
    "11 embeds",
    { embeds: Array.from({ length: 11 }, () => ({ title: "t" })) },
    ["embeds BASE_TYPE_MAX_LENGTH"],
  ],
  ["a long title", { embeds: [{ title: x(257) }] }, ["embeds.0.title BASE_TYPE_MAX_LENGTH"]],
  [
    "a long description",
    { embeds: [{ description: x(4_097) }] },
    ["embeds.0.description BASE_TYPE_MAX_LENGTH"],
  ],
  [
    "a long footer",
    { embeds: [{ footer: { text: x(2_049) } }] },
    ["embeds.0.footer.text BASE_TYPE_BAD_LENGTH"],
  ],
  [
    "26 fields",
    { embeds: [{ fields: Array.from({ length: 26 }, () => ({ name: "n", value: "v" })) }] },
    ["embeds.0.fields BASE_TYPE_MAX_LENGTH"],
  ],
  [
    "an empty field",
    { embeds: [{ fields: [{ name: "n", value: " " }] }] },
    ["embeds.0.fields.0.value BASE_TYPE_REQUIRED"],
  ],
  [
    "a long field",
    { embeds: [{ fields: [{ name: x(257), value: x(1_025) }] }] },
    ["embeds.0.fields.0.name BASE_TYPE_BAD_LENGTH", "embeds.0.fields.0.value BASE_TYPE_BAD_LENGTH"],
  ],
  [
    "6,001 characters in two embeds",
    { embeds: [{ description: x(3_000) }, { description: x(3_001) }] },
    ["embeds MAX_EMBED_SIZE_EXCEEDED"],
  ],
  [
    "a colour beyond white",
    { embeds: [{ title: "t", color: 0x1_00_00_00 }] },
    ["embeds.0.color NUMBER_TYPE_MAX"],
  ],
  [
    "6 rows",
    { components: [0, 1, 2, 3, 4, 5].map((r) => row(button(`${r}`))) },
    ["components BASE_TYPE_MAX_LENGTH"],
  ],
  [
    "6 buttons in a row",
    { components: [row(...[0, 1, 2, 3, 4, 5].map((b) => button(`${b}`)))] },
    ["components.0.components BASE_TYPE_BAD_LENGTH"],
  ],
  ["an empty row", { components: [row()] }, ["components.0.components BASE_TYPE_BAD_LENGTH"]],
  ["a button outside a row", { components: [button("a")] }, ["components.0.type BASE_TYPE_CHOICES"]],
  [
    "a long label",
    { components: [row(button("a", { label: x(81) }))] },
    ["components.0.components.0.label BASE_TYPE_MAX_LENGTH"],
  ],
  [
    "a button without words",
    { components: [row(button("a", { label: "" }))] },
    ["components.0.components.0 BUTTON_COMPONENT_REQUIRES_LABEL_OR_EMOJI"],
  ],
  [
    "a long custom id",
    { components: [row(button(x(101)))] },
    ["components.0.components.0.custom_id BASE_TYPE_BAD_LENGTH"],
  ],
  [
    "one custom id twice",
    { components: [row(button("a")), row(button("a"))] },
    ["components COMPONENT_CUSTOM_ID_DUPLICATED"],
  ],
  [
    "a link with a custom id",
    { components: [row(button("a", { style: 5, url: "https://x.org" }))] },
    ["components.0.components.0.custom_id BASE_TYPE_INVALID"],
  ],
  [
    "a select beside a button",
    { components: [row(button("a"), select(2))] },
    ["components.0.components COMPONENT_LAYOUT_WIDTH_EXCEEDED"],
  ],
  [
    "a select of 26",
    { components: [row(select(26))] },
    ["components.0.components.0.options BASE_TYPE_BAD_LENGTH"],
  ],
  [
    "an option twice",
    { components: [row(select(1, { options: [...options(1), ...options(1)] }))] },
    ["components.0.components.0.options SELECT_COMPONENT_OPTION_VALUE_DUPLICATED"],
  ],
  ["a nonce of 26", { content: "x", nonce: x(26) }, ["nonce BASE_TYPE_MAX_LENGTH"]],
  ["a private flag", { content: "x", flags: flags.ephemeral }, ["flags BITFIELD_INVALID"]],
  [
    "users mentioned in two ways",
    { content: "x", allowed_mentions: { parse: ["users"], users: ["300000000000000001"] } },
    ["allowed_mentions.parse MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE"],
  ],
  [
    "a text display without the flag",
    { components: [{ type: 10, content: "x" }] },
    ["components.0.type BASE_TYPE_CHOICES"],
  ],
  [
    "content beside laid-out components",
    { ...laid({ type: 10, content: "x" }), content: "x" },
    ["content MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"],
  ],
  [
    "4,001 displayed characters",
    laid({ type: 10, content: x(4_000) }, { type: 10, content: "y" }),
    ["components COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED"],
  ],
  [
    "41 components in all",
    laid({ type: 17, components: Array.from({ length: 40 }, () => ({ type: 14 })) }),
    ["components BASE_TYPE_MAX_LENGTH"],
  ],
])("a message with %s is refused", (_name, body, expected) => {
  expect(message(body)).toEqual(expected);
});

const input = (more: object = {}) => ({ type: 4, custom_id: "t", style: 1, ...more });
const label = (component: object, more: object = {}) => ({ type: 18, label: "What?", component, ...more });
const modal = (...components: object[]) => ({ custom_id: "m", title: "Form", components });
const modalComplaints = (data: object) =>
  modalProblems(data).map(({ path, code }) => `${path.slice(1).join(".")} ${code}`);

test.each<[string, object]>([
  [
    "a label of 45 and a hint of 100",
    modal(label(input({ max_length: 4_000, value: x(4_000) }), { label: x(45), description: x(100) })),
  ],
  ["an action row", modal(row(input({ label: "What?" })))],
  ["an optional select", modal(label(select(25, { required: false, min_values: 0, max_values: 25 })))],
  ["a radio group", modal(label({ type: 21, custom_id: "r", options: options(10) }))],
  [
    "a checkbox group and a text",
    modal(label({ type: 22, custom_id: "c", options: options(1) }), { type: 10, content: "x" }),
  ],
])("a modal with %s is taken", (_name, data) => {
  expect(modalComplaints(data)).toEqual([]);
});

test.each<[string, object, readonly string[]]>([
  ["no fields", modal(), ["components BASE_TYPE_BAD_LENGTH"]],
  [
    "6 fields",
    modal(...[0, 1, 2, 3, 4, 5].map((n) => label(input({ custom_id: `${n}` })))),
    ["components BASE_TYPE_BAD_LENGTH"],
  ],
  ["a long title", { ...modal(label(input())), title: x(46) }, ["title BASE_TYPE_BAD_LENGTH"]],
  ["a long custom id", { ...modal(label(input())), custom_id: x(101) }, ["custom_id BASE_TYPE_BAD_LENGTH"]],
  ["a long label", modal(label(input(), { label: x(46) })), ["components.0.label BASE_TYPE_BAD_LENGTH"]],
  [
    "a long hint",
    modal(label(input(), { description: x(101) })),
    ["components.0.description BASE_TYPE_MAX_LENGTH"],
  ],
  [
    "a label inside a label",
    modal(label(input({ label: "x" }))),
    ["components.0.component.label BASE_TYPE_INVALID"],
  ],
  [
    "a prefilled text beyond its limit",
    modal(label(input({ max_length: 3, value: "four" }))),
    ["components.0.component.value BASE_TYPE_MAX_LENGTH"],
  ],
  ["a button", modal(row(button("a"))), ["components.0.components.0.type BASE_TYPE_CHOICES"]],
  ["a select in a row", modal(row(select(2))), ["components.0.components.0.type BASE_TYPE_CHOICES"]],
  [
    "one custom id twice",
    modal(label(input()), label(input())),
    ["components COMPONENT_CUSTOM_ID_DUPLICATED"],
  ],
  [
    "a required select of none",
    modal(label(select(2, { min_values: 0 }))),
    ["components.0.component.min_values NUMBER_TYPE_MIN"],
  ],
  [
    "more chosen than there are",
    modal(label(select(2, { max_values: 3 }))),
    ["components.0.component.max_values BASE_TYPE_BAD_RANGE"],
  ],
  [
    "a disabled select",
    modal(label(select(2, { disabled: true }))),
    ["components.0.component.disabled BASE_TYPE_INVALID"],
  ],
  [
    "11 radio buttons",
    modal(label({ type: 21, custom_id: "r", options: options(11) })),
    ["components.0.component.options BASE_TYPE_BAD_LENGTH"],
  ],
  [
    "1 radio button",
    modal(label({ type: 21, custom_id: "r", options: options(1) })),
    ["components.0.component.options BASE_TYPE_BAD_LENGTH"],
  ],
  [
    "11 checkboxes",
    modal(label({ type: 22, custom_id: "c", options: options(11) })),
    ["components.0.component.options BASE_TYPE_BAD_LENGTH"],
  ],
])("a modal with %s is refused", (_name, data, expected) => {
  expect(modalComplaints(data)).toEqual(expected);
});

const command = (more: object = {}) => ({ name: "bulletin", description: "Bulletins", ...more });
const option = (name: string, more: object = {}) => ({ type: 3, name, description: "An option", ...more });
const sub = (name: string, inner: readonly object[] = []) => ({
  type: 1,
  name,
  description: "A deed",
  options: inner,
});
const choices = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ name: `c${index}`, value: `v${index}` }));
const commandComplaints = (...commands: object[]) => complaints(() => checkCommands(commands));

test.each<[string, object]>([
  ["25 sub-commands", command({ options: Array.from({ length: 25 }, (_, index) => sub(`s${index}`)) })],
  [
    "a group",
    command({
      options: [
        { type: 2, name: "officer", description: "Officers", options: [sub("approve", [option("code")])] },
      ],
    }),
  ],
  ["25 choices", command({ options: [option("reason", { choices: choices(25) })] })],
  ["a message command", { type: 3, name: "Make a tip from this" }],
])("a command with %s is taken", (_name, body) => {
  expect(commandComplaints(body)).toEqual([]);
});

test.each<[string, object, readonly string[]]>([
  ["a name of 33", command({ name: x(33) }), ["0.name BASE_TYPE_BAD_LENGTH"]],
  ["capitals in its name", command({ name: "Bulletin" }), ["0.name APPLICATION_COMMAND_INVALID_NAME"]],
  ["a long description", command({ description: x(101) }), ["0.description BASE_TYPE_BAD_LENGTH"]],
  [
    "26 options",
    command({ options: Array.from({ length: 26 }, (_, index) => option(`o${index}`)) }),
    ["0.options BASE_TYPE_MAX_LENGTH"],
  ],
  [
    "26 choices",
    command({ options: [option("o", { choices: choices(26) })] }),
    ["0.options.0.choices BASE_TYPE_MAX_LENGTH"],
  ],
  [
    "choices and autocomplete",
    command({ options: [option("o", { choices: choices(1), autocomplete: true })] }),
    ["0.options.0.autocomplete APPLICATION_COMMAND_AUTOCOMPLETE_CHOICES"],
  ],
  [
    "a sub-command beside an option",
    command({ options: [sub("s"), option("o")] }),
    ["0.options APPLICATION_COMMAND_OPTIONS_TYPE_INVALID"],
  ],
  [
    "a group in a group",
    command({
      options: [
        { type: 2, name: "g", description: "G", options: [{ type: 2, name: "h", description: "H" }] },
      ],
    }),
    ["0.options.0.options.0.type BASE_TYPE_CHOICES"],
  ],
  [
    "a required option after others",
    command({ options: [option("a", { required: true }), option("b"), option("c", { required: true })] }),
    ["0.options.2 APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID"],
  ],
  [
    "an option name twice",
    command({ options: [option("a"), option("a")] }),
    ["0.options APPLICATION_COMMAND_OPTIONS_NAME_INVALID"],
  ],
  [
    "more than 8,000 characters",
    command({
      options: Array.from({ length: 20 }, (_, index) =>
        option(`o${index}`, {
          description: x(100),
          choices: choices(25).map((one) => ({ name: `${one.name}${x(15)}`, value: one.value })),
        }),
      ),
    }),
    ["0 APPLICATION_COMMAND_TOO_LARGE"],
  ],
  [
    "a description in a menu",
    { type: 3, name: "Make a tip", description: "x" },
    ["0.description APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION_INVALID"],
  ],
])("a command with %s is refused", (_name, body, expected) => {
  expect(commandComplaints(body)).toEqual(expected);
});

test("two commands of one name and type are refused, and so are 101", () => {
  expect(commandComplaints(command(), command())).toEqual(["1 APPLICATION_COMMANDS_DUPLICATE_NAME"]);
  expect(
    commandComplaints(...Array.from({ length: 101 }, (_, index) => command({ name: `c${index}` }))),
  ).toEqual([" APPLICATION_COMMANDS_MAX"]);
});
