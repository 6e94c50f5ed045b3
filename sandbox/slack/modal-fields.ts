import type { ShownField } from "../pretend.ts";
import { ImpossibleError } from "../shared/control.ts";
import { listAt, stringAt } from "../shared/json.ts";
import type { JsonObject } from "../shared/json.ts";
import type { KitBlock, KitElement, KitOption } from "./block-kit.ts";
import { readPlain } from "./mrkdwn.ts";
import type { View } from "./world.ts";

type State = View["entered"];

/** Inputs with one plain value: where it comes from, and under which name it is sent. */
const singleValue: Readonly<Record<string, { readonly initial: string; readonly sent: string }>> = {
  plain_text_input: { initial: "initial_value", sent: "value" },
  email_text_input: { initial: "initial_value", sent: "value" },
  url_text_input: { initial: "initial_value", sent: "value" },
  users_select: { initial: "initial_user", sent: "selected_user" },
  channels_select: { initial: "initial_channel", sent: "selected_channel" },
  conversations_select: { initial: "initial_conversation", sent: "selected_conversation" },
  datepicker: { initial: "initial_date", sent: "selected_date" },
  timepicker: { initial: "initial_time", sent: "selected_time" },
};
const severalOptions: ReadonlySet<string> = new Set(["multi_static_select", "checkboxes"]);
const MAX_TEXT = 3_000;

interface Input {
  readonly block: KitBlock;
  readonly element: KitElement;
  readonly id: string;
  readonly action: string;
}

function inputsOf(view: View): readonly Input[] {
  return view.content.blocks.flatMap((block) =>
    block.type === "input" && block.element !== undefined
      ? [{ block, element: block.element, id: block.block_id ?? "", action: block.element.action_id ?? "" }]
      : [],
  );
}

function optionsOf(element: KitElement): readonly KitOption[] {
  return [...(element.options ?? []), ...(element.option_groups ?? []).flatMap((group) => group.options)];
}

/** `state.values` as Slack sends it: what was entered, else what was prefilled, else null. */
export function stateOf(view: View): State {
  return Object.fromEntries(
    inputsOf(view).map(({ element, id, action }) => [
      id,
      { [action]: view.entered[id]?.[action] ?? initialState(element) },
    ]),
  );
}

function initialState(element: KitElement): JsonObject {
  const { type } = element;
  const single = singleValue[type];
  if (single !== undefined) return { type, [single.sent]: element[single.initial] ?? null };
  if (severalOptions.has(type)) return { type, selected_options: listAt(element, "initial_options") };
  return { type, selected_option: element["initial_option"] ?? null };
}

/** The fields of a modal as a person sees them now. */
export function fieldsOf(view: View): ShownField[] {
  const state = stateOf(view);
  return inputsOf(view).map(({ block, element, id, action }) => {
    const value = chosen(state[id]?.[action] ?? {});
    const problem = view.problems[id];
    return {
      id,
      label: readPlain(block.label?.text ?? ""),
      ...(block.hint === undefined ? {} : { hint: readPlain(block.hint.text) }),
      kind: singleValue[element.type] === undefined ? "choice" : "text",
      required: block.optional !== true,
      ...(severalOptions.has(element.type) ? { many: true } : {}),
      ...(singleValue[element.type] === undefined ? { options: optionsOf(element).map(shownOption) } : {}),
      ...(value.length === 0 ? {} : { value }),
      ...(problem === undefined ? {} : { problem }),
    };
  });
}

function shownOption({ value, text }: KitOption): { readonly value: string; readonly label: string } {
  return { value, label: readPlain(text.text) };
}

function chosen(state: JsonObject): string | readonly string[] {
  const single = singleValue[stringAt(state, "type") ?? ""];
  if (single !== undefined) return stringAt(state, single.sent) ?? "";
  const options = [...listAt(state, "selected_options"), state["selected_option"]];
  return options.flatMap((option) => stringAt(option, "value") ?? []);
}

/** The state after a person filled in the form; keys are labels, block ids or action ids. */
export function fillIn(view: View, values: Readonly<Record<string, string | readonly string[]>>): State {
  const state: Record<string, Readonly<Record<string, JsonObject>>> = { ...stateOf(view) };
  for (const [key, value] of Object.entries(values)) {
    const named = inputsOf(view).filter(
      ({ block, id, action }) => id === key || action === key || readPlain(block.label?.text ?? "") === key,
    );
    const [input] = named;
    if (input === undefined || named.length > 1)
      throw new ImpossibleError(
        `The form "${view.content.title?.text ?? view.id}" has ${named.length} fields called "${key}".`,
      );
    state[input.id] = { [input.action]: entered(input.element, [value].flat()) };
  }
  return state;
}

function entered(element: KitElement, values: readonly string[]): JsonObject {
  const { type } = element;
  const given = values.filter((value) => value !== "");
  const single = singleValue[type];
  if (single !== undefined) return { type, [single.sent]: given[0] ?? null };
  const options = given.map((value) => {
    const option =
      optionsOf(element).find((each) => each.value === value) ??
      optionsOf(element).find((each) => readPlain(each.text.text) === value);
    if (option === undefined) throw new ImpossibleError(`There is no choice "${value}".`);
    return option;
  });
  if (severalOptions.has(type)) return { type, selected_options: options };
  if (options.length > 1) throw new ImpossibleError(`Only one of ${given.join(", ")} can be chosen.`);
  return { type, selected_option: options[0] ?? null };
}

/** What Slack's own client says before anything is sent. */
export function clientProblems(view: View): Readonly<Record<string, string>> {
  const state = stateOf(view);
  const problems = inputsOf(view).map(
    ({ block, element, id, action }): readonly [string, string | undefined] => {
      const value = chosen(state[id]?.[action] ?? {});
      if (value.length === 0)
        return [id, block.optional === true ? undefined : "Please complete this required field."];
      return [id, typeof value === "string" ? lengthProblem(element, value.length) : undefined];
    },
  );
  return Object.fromEntries(problems.flatMap(([id, text]) => (text === undefined ? [] : [[id, text]])));
}

function lengthProblem(element: KitElement, length: number): string | undefined {
  if (element.type !== "plain_text_input") return undefined;
  const max = typeof element["max_length"] === "number" ? element["max_length"] : MAX_TEXT;
  const min = typeof element["min_length"] === "number" ? element["min_length"] : 0;
  if (length > max) return `This entry is too long: at most ${max} characters, this has ${length}.`;
  return length < min ? `This entry is too short: at least ${min} characters.` : undefined;
}

export function hasField(view: View, blockId: string): boolean {
  return inputsOf(view).some(({ id }) => id === blockId);
}

/** What an update keeps: Slack remembers the input of every block and action that is still there. */
export function keptInput(view: View): State {
  const now = inputsOf(view);
  return Object.fromEntries(
    Object.entries(view.entered).filter(([blockId, actions]) =>
      now.some(({ id, action }) => id === blockId && Object.hasOwn(actions, action)),
    ),
  );
}
