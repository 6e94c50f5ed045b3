import { describe, expect, it } from "vitest";

import { blockProblems, viewProblems } from "../../sandbox/slack/block-kit.ts";

const letters = (count: number): string => "x".repeat(count);
const times = <Thing>(count: number, make: (index: number) => Thing): Thing[] =>
  Array.from({ length: count }, (_, index) => make(index));
const plain = (text: string): object => ({ type: "plain_text", text });
const mrkdwn = (text: string): object => ({ type: "mrkdwn", text });
const option = (label: string, value = label): object => ({ text: plain(label), value });
const button = (fields: object = {}): object => ({ type: "button", text: plain("Press"), ...fields });
const section = (fields: object): object => ({ type: "section", ...fields });
const actions = (...elements: object[]): object => ({ type: "actions", elements });
const input = (element: object, fields: object = {}): object => ({
  type: "input",
  label: plain("Label"),
  element,
  ...fields,
});
const select = (fields: object): object => ({ type: "static_select", ...fields });

const full = [
  section({
    text: mrkdwn(letters(3_000)),
    fields: times(10, () => plain(letters(2_000))),
    accessory: button(),
  }),
  { type: "header", text: plain(letters(150)), block_id: letters(255) },
  { type: "context", elements: times(10, () => mrkdwn("x")) },
  actions(
    ...times(25, (index) =>
      button({ action_id: `a${index}`, text: plain(letters(75)), value: letters(2_000) }),
    ),
  ),
  { type: "divider" },
  input(select({ options: times(100, (index) => option(`${index}`)), initial_option: option("7") }), {
    hint: plain("x"),
  }),
  input({ type: "plain_text_input", max_length: 3_000, initial_value: "", multiline: true }),
  input({ type: "checkboxes", options: times(10, (index) => option(`${index}`)) }),
];

describe("blocks of a message", () => {
  it("pass up to every limit", () => {
    expect(blockProblems(full)).toEqual([]);
    expect(blockProblems(times(50, () => ({ type: "divider" })))).toEqual([]);
  });

  it.each([
    [
      "51 blocks",
      times(51, () => ({ type: "divider" })),
      "no more than 50 items allowed [json-pointer:/blocks]",
    ],
    [
      "a section's text",
      [section({ text: mrkdwn(letters(3_001)) })],
      "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
    ],
    [
      "an empty text",
      [section({ text: mrkdwn("") })],
      "must be more than 0 characters [json-pointer:/blocks/0/text/text]",
    ],
    ["an empty section", [section({})], "must provide either text or fields [json-pointer:/blocks/0]"],
    [
      "11 fields",
      [section({ fields: times(11, () => plain("x")) })],
      "no more than 10 items allowed [json-pointer:/blocks/0/fields]",
    ],
    [
      "a long field",
      [section({ fields: [plain(letters(2_001))] })],
      "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]",
    ],
    [
      "a long header",
      [{ type: "header", text: plain(letters(151)) }],
      "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
    ],
    [
      "a header in mrkdwn",
      [{ type: "header", text: mrkdwn("x") }],
      "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]",
    ],
    [
      "11 context elements",
      [{ type: "context", elements: times(11, () => plain("x")) }],
      "no more than 10 items allowed [json-pointer:/blocks/0/elements]",
    ],
    [
      "a button in a context",
      [{ type: "context", elements: [button()] }],
      "unsupported type: button [json-pointer:/blocks/0/elements/0/type]",
    ],
    [
      "26 buttons",
      [actions(...times(26, () => button()))],
      "no more than 25 items allowed [json-pointer:/blocks/0/elements]",
    ],
    ["no buttons", [actions()], "must provide at least 1 items [json-pointer:/blocks/0/elements]"],
    [
      "a long button",
      [actions(button({ text: plain(letters(76)) }))],
      "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
    ],
    [
      "a long value",
      [actions(button({ value: letters(2_001) }))],
      "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]",
    ],
    [
      "a long action id",
      [actions(button({ action_id: letters(256) }))],
      "must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]",
    ],
    [
      "a style of its own",
      [actions(button({ style: "warning" }))],
      "must be one of primary, danger [json-pointer:/blocks/0/elements/0/style]",
    ],
    [
      "a field Slack does not know",
      [actions(button({ disabled: true }))],
      "invalid additional property: disabled [json-pointer:/blocks/0/elements/0]",
    ],
    [
      "a confirmation without words",
      [actions(button({ confirm: { title: plain("x"), confirm: plain("x"), deny: plain("x") } }))],
      "missing required field: text [json-pointer:/blocks/0/elements/0/confirm]",
    ],
    [
      "the same action twice in a block",
      [actions(button({ action_id: "a" }), button({ action_id: "a" }))],
      "`action_id` already exists: a [json-pointer:/blocks/0/elements]",
    ],
    [
      "the same block id twice",
      [
        { type: "divider", block_id: "b" },
        { type: "divider", block_id: "b" },
      ],
      "`block_id` already exists: b [json-pointer:/blocks]",
    ],
    ["an unknown block", [{ type: "embed" }], "unsupported type: embed [json-pointer:/blocks/0/type]"],
    ["a block without a type", [{}], "missing required field: type [json-pointer:/blocks/0]"],
    [
      "101 options",
      [input(select({ options: times(101, (index) => option(`${index}`)) }))],
      "no more than 100 items allowed [json-pointer:/blocks/0/element/options]",
    ],
    [
      "no options",
      [input(select({}))],
      "must provide either options or option_groups [json-pointer:/blocks/0/element]",
    ],
    [
      "a long option",
      [input(select({ options: [option(letters(76), "x")] }))],
      "must be less than 76 characters [json-pointer:/blocks/0/element/options/0/text/text]",
    ],
    [
      "a long option value",
      [input(select({ options: [option("x", letters(151))] }))],
      "must be less than 151 characters [json-pointer:/blocks/0/element/options/0/value]",
    ],
    [
      "an initial option that is not offered",
      [input(select({ options: [option("a")], initial_option: option("b") }))],
      "initial option must exactly match one of the provided options [json-pointer:/blocks/0/element]",
    ],
    [
      "11 checkboxes",
      [input({ type: "checkboxes", options: times(11, (index) => option(`${index}`)) })],
      "no more than 10 items allowed [json-pointer:/blocks/0/element/options]",
    ],
    [
      "an input for 3,001 characters",
      [input({ type: "plain_text_input", max_length: 3_001 })],
      "must be an integer from 1 to 3000 [json-pointer:/blocks/0/element/max_length]",
    ],
    [
      "a prefill beyond its own limit",
      [input({ type: "plain_text_input", max_length: 2, initial_value: "abc" })],
      "must be less than 3 characters [json-pointer:/blocks/0/element/initial_value]",
    ],
    [
      "an input without an element",
      [{ type: "input", label: plain("x") }],
      "missing required field: element [json-pointer:/blocks/0]",
    ],
    [
      "a long label",
      [input({ type: "plain_text_input" }, { label: plain(letters(2_001)) })],
      "must be less than 2001 characters [json-pointer:/blocks/0/label/text]",
    ],
  ])("are refused for %s", (_name, blocks, expected) => {
    expect(blockProblems(blocks)).toEqual([expected]);
  });
});

describe("views", () => {
  const modal = (fields: object): object => ({
    type: "modal",
    title: plain("Title"),
    blocks: [{ type: "divider" }],
    ...fields,
  });

  it("pass up to every limit", () => {
    const fields = { submit: plain(letters(24)), close: plain(letters(24)), title: plain(letters(24)) };
    expect(
      viewProblems(modal({ ...fields, private_metadata: letters(3_000), callback_id: letters(255) })),
    ).toEqual([]);
    expect(viewProblems(modal({ blocks: times(100, () => ({ type: "divider" })) }))).toEqual([]);
  });

  it.each([
    [
      "a long title",
      modal({ title: plain(letters(25)) }),
      "must be less than 25 characters [json-pointer:/view/title/text]",
    ],
    [
      "a long submit",
      modal({ submit: plain(letters(25)) }),
      "must be less than 25 characters [json-pointer:/view/submit/text]",
    ],
    [
      "a long close",
      modal({ close: plain(letters(25)) }),
      "must be less than 25 characters [json-pointer:/view/close/text]",
    ],
    [
      "much metadata",
      modal({ private_metadata: letters(3_001) }),
      "must be less than 3001 characters [json-pointer:/view/private_metadata]",
    ],
    [
      "a long callback id",
      modal({ callback_id: letters(256) }),
      "must be less than 256 characters [json-pointer:/view/callback_id]",
    ],
    [
      "101 blocks",
      modal({ blocks: times(101, () => ({ type: "divider" })) }),
      "no more than 100 items allowed [json-pointer:/view/blocks]",
    ],
    [
      "inputs that nothing submits",
      modal({ blocks: [input({ type: "plain_text_input" })] }),
      "missing required field: submit [json-pointer:/view]",
    ],
    ["no title", { type: "modal", blocks: [] }, "missing required field: title [json-pointer:/view]"],
    ["another type", { type: "dialog", blocks: [] }, "unsupported type: dialog [json-pointer:/view/type]"],
    ["no object", "modal", "missing required field: type [json-pointer:/view]"],
  ])("are refused for %s", (_name, view, expected) => {
    expect(viewProblems(view)).toEqual([expected]);
  });
});
