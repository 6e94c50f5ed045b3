import { isObject, listAt, stringAt } from "../shared/json.ts";
import { all, anything, boolean, byType, integer, list, object, oneOf, problem, string } from "./check.ts";
import type { Check, Fields } from "./check.ts";

export interface TextObject {
  readonly type: "plain_text" | "mrkdwn";
  readonly text: string;
  readonly verbatim?: boolean;
}
export interface KitOption {
  readonly text: TextObject;
  readonly value: string;
}
/** Any element, its fields as the table below lets them through. */
export interface KitElement {
  readonly type: string;
  readonly action_id?: string;
  readonly text?: TextObject | string;
  readonly alt_text?: string;
  readonly value?: string;
  readonly options?: readonly KitOption[];
  readonly option_groups?: readonly { readonly options: readonly KitOption[] }[];
  readonly [initial: string]: unknown;
}
export interface KitBlock {
  readonly type: string;
  readonly block_id?: string;
  readonly text?: TextObject | string;
  readonly fields?: readonly TextObject[];
  readonly elements?: readonly KitElement[];
  readonly accessory?: KitElement;
  readonly element?: KitElement;
  readonly label?: TextObject;
  readonly hint?: TextObject;
  readonly optional?: boolean;
  readonly alt_text?: string;
}
export interface KitView {
  readonly type: "modal" | "home";
  readonly blocks: readonly KitBlock[];
  readonly title?: TextObject;
  readonly submit?: TextObject;
  readonly close?: TextObject;
  readonly callback_id?: string;
  readonly external_id?: string;
  readonly private_metadata?: string;
  readonly notify_on_close?: boolean;
  readonly clear_on_close?: boolean;
}

// ------------------------------------------------------------------------------------------ composition

const plain = (max: number): Check =>
  byType({ plain_text: object({ text: string({ max }) }, { emoji: boolean }) });
const anyText = (max: number): Check =>
  byType({
    plain_text: object({ text: string({ max }) }, { emoji: boolean }),
    mrkdwn: object({ text: string({ max }) }, { verbatim: boolean }),
  });
const confirm = object(
  { title: plain(100), text: anyText(300), confirm: plain(30), deny: plain(30) },
  { style: oneOf("primary", "danger") },
);
const option = (text: (max: number) => Check): Check =>
  object(
    { text: text(75), value: string({ max: 150 }) },
    { description: text(75), url: string({ max: 3_000 }) },
  );
const group = object({ label: plain(75), options: list(option(plain), { max: 100 }) });

// --------------------------------------------------------------------------------------------- elements

const actionable: Fields = { action_id: string({ max: 255 }), confirm };
const input: Fields = { ...actionable, focus_on_load: boolean, placeholder: plain(150) };

const oneSourceOfOptions: Check = (value, at) =>
  isObject(value) && (value["options"] === undefined) === (value["option_groups"] === undefined)
    ? problem("must provide either options or option_groups", at)
    : [];

const initialAmongOptions: Check = (value, at) => {
  if (!isObject(value)) return [];
  const offered = [
    ...listAt(value, "options"),
    ...listAt(value, "option_groups").flatMap((each) => listAt(each, "options")),
  ].map((each) => stringAt(each, "value"));
  const chosen = [...[value["initial_option"] ?? []].flat(), ...listAt(value, "initial_options")];
  return chosen.every((each) => offered.includes(stringAt(each, "value")))
    ? []
    : problem("initial option must exactly match one of the provided options", at);
};

const textWithinItsLength: Check = (value, at) => {
  const max = isObject(value) ? value["max_length"] : undefined;
  const initial = stringAt(value, "initial_value") ?? "";
  return typeof max === "number" && initial.length > max
    ? problem(`must be less than ${max + 1} characters`, `${at}/initial_value`)
    : [];
};

const selectFields: Fields = {
  ...input,
  options: list(option(plain), { max: 100 }),
  option_groups: list(group, { max: 100 }),
};
const select = (initial: Fields): Check =>
  all(object({}, { ...selectFields, ...initial }), oneSourceOfOptions, initialAmongOptions);
const choice = (initial: Fields): Check =>
  all(
    object(
      { options: list(option(anyText), { max: 10 }) },
      { ...actionable, focus_on_load: boolean, ...initial },
    ),
    initialAmongOptions,
  );
const picker = (initial: string): Check => object({}, { ...input, [initial]: string({ max: 255 }) });

const image: Check = object({ alt_text: string({ max: 2_000 }), image_url: string({ max: 3_000 }) });
const button: Check = object(
  { text: plain(75) },
  {
    ...actionable,
    value: string({ max: 2_000, min: 0 }),
    url: string({ max: 3_000 }),
    style: oneOf("primary", "danger"),
    accessibility_label: string({ max: 75 }),
  },
);
const pickers: Fields = {
  checkboxes: choice({ initial_options: list(anything, { max: 10 }) }),
  radio_buttons: choice({ initial_option: anything }),
  static_select: select({ initial_option: anything }),
  multi_static_select: select({
    initial_options: list(anything, { max: 100 }),
    max_selected_items: integer({ min: 1, max: 100 }),
  }),
  users_select: picker("initial_user"),
  channels_select: picker("initial_channel"),
  conversations_select: picker("initial_conversation"),
  datepicker: picker("initial_date"),
  timepicker: picker("initial_time"),
};
const typed: Fields = {
  plain_text_input: all(
    object(
      {},
      {
        ...input,
        initial_value: string({ max: 3_000, min: 0 }),
        multiline: boolean,
        min_length: integer({ min: 0, max: 3_000 }),
        max_length: integer({ min: 1, max: 3_000 }),
        dispatch_action_config: anything,
      },
    ),
    textWithinItsLength,
  ),
  email_text_input: picker("initial_value"),
  url_text_input: picker("initial_value"),
};
const pressed: Fields = {
  button,
  overflow: object({ options: list(option(plain), { max: 5 }) }, actionable),
};

// ----------------------------------------------------------------------------------------------- blocks

const block_id = string({ max: 255 });
const contextText = anyText(3_000);

const textOrFields: Check = (value, at) =>
  isObject(value) && value["text"] === undefined && value["fields"] === undefined
    ? problem("must provide either text or fields", at)
    : [];

const blockTable: Fields = {
  section: all(
    object(
      {},
      {
        block_id,
        text: anyText(3_000),
        fields: list(anyText(2_000), { max: 10 }),
        accessory: byType({ ...pressed, ...pickers, image }),
        expand: boolean,
      },
    ),
    textOrFields,
  ),
  header: object({ text: plain(150) }, { block_id }),
  context: object(
    { elements: list(byType({ image, plain_text: contextText, mrkdwn: contextText }), { max: 10 }) },
    { block_id },
  ),
  actions: object({ elements: list(byType({ ...pressed, ...pickers }), { max: 25 }) }, { block_id }),
  divider: object({}, { block_id }),
  image: object(
    { alt_text: string({ max: 2_000 }), image_url: string({ max: 3_000 }) },
    { block_id, title: plain(2_000) },
  ),
  input: object(
    { label: plain(2_000), element: byType({ ...typed, ...pickers }) },
    { block_id, hint: plain(2_000), optional: boolean, dispatch_action: boolean },
  ),
  rich_text: object({ elements: list(anything, { max: 1_000 }) }, { block_id }),
  markdown: object({ text: string({ max: 12_000 }) }, { block_id }),
};

/** The ids in a block must be unique, so that a press names one element. */
const uniqueIds: Check = (value, at) => {
  if (!Array.isArray(value)) return [];
  const repeated = (ids: readonly (string | undefined)[]): readonly string[] =>
    ids.flatMap((id, index) => (id !== undefined && ids.indexOf(id) < index ? [id] : []));
  return [
    ...repeated(value.map((block) => stringAt(block, "block_id"))).flatMap((id) =>
      problem(`\`block_id\` already exists: ${id}`, at),
    ),
    ...value.flatMap((block, index) =>
      repeated(listAt(block, "elements").map((element) => stringAt(element, "action_id"))).flatMap((id) =>
        problem(`\`action_id\` already exists: ${id}`, `${at}/${index}/elements`),
      ),
    ),
  ];
};

const blocksCheck = (max: number): Check => all(list(byType(blockTable), { min: 0, max }), uniqueIds);
const messageBlocks = blocksCheck(50);

const submitForInputs: Check = (value, at) =>
  listAt(value, "blocks").some((block) => stringAt(block, "type") === "input") &&
  isObject(value) &&
  value["submit"] === undefined
    ? problem("missing required field: submit", at)
    : [];

const viewFields: Fields = {
  private_metadata: string({ max: 3_000, min: 0 }),
  callback_id: string({ max: 255, min: 0 }),
  external_id: string({ max: 255, min: 0 }),
};
const viewCheck = byType({
  modal: all(
    object(
      { title: plain(24), blocks: blocksCheck(100) },
      {
        ...viewFields,
        submit: plain(24),
        close: plain(24),
        clear_on_close: boolean,
        notify_on_close: boolean,
      },
    ),
    submitForInputs,
  ),
  home: object({ blocks: blocksCheck(100) }, viewFields),
});

/** What Slack refuses in the blocks of a message. */
export function blockProblems(blocks: unknown, at = "/blocks"): readonly string[] {
  return messageBlocks(blocks, at);
}

/** What Slack refuses in a modal or a home tab. */
export function viewProblems(view: unknown): readonly string[] {
  return viewCheck(view, "/view");
}

export function isBlocks(blocks: unknown): blocks is readonly KitBlock[] {
  return blockProblems(blocks).length === 0;
}

export function isView(view: unknown): view is KitView {
  return viewProblems(view).length === 0;
}
