import type { Shown } from "../pretend.ts";
import { ImpossibleError } from "../shared/control.ts";
import { isObject, objectAt, stringAt } from "../shared/json.ts";
import type { JsonObject } from "../shared/json.ts";
import { beginAct, channelName, endAct, interaction } from "./act.ts";
import type { Act } from "./act.ts";
import type { KitBlock, KitElement } from "./block-kit.ts";
import { messagePayload } from "./chat-methods.ts";
import type { Ack, Deliver } from "./deliver.ts";
import { clientProblems, fillIn, hasField, stateOf } from "./modal-fields.ts";
import { idOf, labelOf, readerOf, showForm } from "./shown.ts";
import { addView, changeView, MAX_STACK, readView, topView, viewPayload } from "./view-methods.ts";
import { isInChannel, personOf } from "./world.ts";
import type { Message, Person, View, World } from "./world.ts";

interface Press {
  readonly workspace: string;
  readonly user: string;
  readonly message: string;
  readonly button: string;
  readonly channel?: string;
}

/** A person presses a button in a message, a private answer, their home tab or the modal on top. */
export async function press(world: World, deliver: Deliver, act: Press): Promise<Shown> {
  const person = personOf(world, act);
  const home = person.workspace.homes.get(person.user.id);
  const view = home?.id === act.message ? home : findModal(person, act.message);
  if (view !== undefined) return pressInView(world, deliver, { person, view, wanted: act.button });

  const message = findMessage(person, act);
  if (message === undefined) throw new ImpossibleError(`${person.user.name} sees no message ${act.message}.`);
  const { content } = message;
  const blocks = [...content.blocks, ...content.attachments.flatMap((each) => each.blocks ?? [])];
  const button = findButton(blocks, act.button);
  const channel = person.workspace.channels.get(message.channel);
  const begun = beginAct(world, person, { channel, message });
  const ephemeral = message.onlyFor !== undefined;
  const payload = {
    ...interaction(world, begun),
    type: "block_actions",
    container: {
      type: "message",
      message_ts: message.ts,
      channel_id: message.channel,
      is_ephemeral: ephemeral,
      ...(message.threadTs === undefined ? {} : { thread_ts: message.threadTs }),
    },
    channel: { id: message.channel, name: channel === undefined ? "" : channelName(channel) },
    // Slack keeps no copy of a private answer, so the app gets none back.
    ...(ephemeral ? {} : { message: messagePayload({ world, workspace: person.workspace }, message) }),
    state: { values: {} },
    response_url: begun.responseUrl,
    actions: [actionOf(world, button)],
  };
  const ack = await deliver({ type: "interactive", payload });
  return endAct(begun, ack, { waitMs: world.patienceMs, failure: pressFailure(ack) });
}

function pressFailure(ack: Ack): string {
  if (ack.kind === "ok") return "";
  const cause = ack.status === undefined ? `the error "${ack.error}"` : `status code ${ack.status}`;
  return `This app responded with ${cause}.`;
}

interface Button {
  readonly block: KitBlock;
  readonly element: KitElement;
}

function findButton(blocks: readonly KitBlock[], wanted: string): Button {
  const buttons = blocks.flatMap((block) =>
    [
      ...(block.type === "actions" ? (block.elements ?? []) : []),
      ...(block.accessory ? [block.accessory] : []),
    ]
      .filter((element) => element.type === "button")
      .map((element) => ({ block, element })),
  );
  const named = buttons.filter(({ element }) =>
    [labelOf(element), idOf(element), element.action_id].includes(wanted),
  );
  const [button] = named;
  if (button !== undefined && named.length === 1) return button;
  const labels = buttons.map(({ element }) => labelOf(element)).join(", ");
  throw new ImpossibleError(
    `There are ${named.length} buttons called "${wanted}" among: ${labels || "none"}.`,
  );
}

function actionOf(world: World, { block, element }: Button): JsonObject {
  return {
    type: element.type,
    action_id: element.action_id,
    block_id: block.block_id,
    text: element.text,
    ...(element.value === undefined ? {} : { value: element.value }),
    action_ts: world.nextTs(),
  };
}

function findMessage(
  { workspace, user }: Person,
  { message: ts, channel: only }: Press,
): Message | undefined {
  const answer = workspace.privateAnswers.find((each) => each.ts === ts && each.onlyFor === user.id);
  if (answer !== undefined) return answer;
  return [...workspace.channels.values()]
    .filter((channel) => (only ?? channel.id) === channel.id && isInChannel(channel, user.id, workspace))
    .flatMap((channel) => channel.messages)
    .find((each) => each.ts === ts && !each.deleted);
}

function findModal(person: Person, id: string): View | undefined {
  const view = person.workspace.modals.get(person.user.id)?.find((each) => each.id === id);
  if (view === undefined || view === topView(person)) return view;
  throw new ImpossibleError(`Another form covers "${view.content.title?.text ?? id}".`);
}

interface InView {
  readonly person: Person;
  readonly view: View;
}

async function pressInView(
  world: World,
  deliver: Deliver,
  { person, view, wanted }: InView & { readonly wanted: string },
): Promise<Shown> {
  const closing = view.content.close?.text ?? "Cancel";
  if (view.content.type === "modal" && wanted === closing) return closeView(world, deliver, { person, view });
  const button = findButton(view.content.blocks, wanted);
  const begun = beginAct(world, person, { inModal: view.content.type === "modal" });
  const payload = {
    ...interactionInView(world, begun, { person, view }),
    type: "block_actions",
    container: { type: "view", view_id: view.id },
    actions: [actionOf(world, button)],
  };
  const ack = await deliver({ type: "interactive", payload });
  return endAct(begun, ack, { waitMs: world.patienceMs, failure: pressFailure(ack) });
}

/** In a modal the team is the person's own; whose app it is stands in the view. */
function interactionInView(world: World, act: Act, { person, view }: InView): JsonObject {
  return {
    ...interaction(world, act),
    team: { id: person.home, domain: person.home.toLowerCase() },
    view: viewPayload(world, person.workspace, view),
  };
}

async function closeView(world: World, deliver: Deliver, { person, view }: InView): Promise<Shown> {
  const begun = beginAct(world, person, { inModal: true });
  const payload = {
    ...interactionInView(world, begun, { person, view }),
    type: "view_closed",
    is_cleared: false,
  };
  begun.watch.end();
  pop(person, view.content.clear_on_close === true);
  if (view.content.notify_on_close === true) await deliver({ type: "interactive", payload });
  return beneath(world, person);
}

function pop({ workspace, user }: Person, everything: boolean): void {
  const stack = workspace.modals.get(user.id) ?? [];
  workspace.modals.set(user.id, everything ? [] : stack.slice(0, -1));
}

/** What a closed modal uncovers. */
function beneath(world: World, person: Person): Shown {
  const view = topView(person);
  return view === undefined ? { kind: "nothing" } : showForm(view, readerOf(world, person.user));
}

interface Submission {
  readonly workspace: string;
  readonly user: string;
  readonly form: string;
  readonly values: Readonly<Record<string, string | readonly string[]>>;
}

const AFTER_CLOSING_MS = 300;

/** A person fills in the modal on top and submits it. */
export async function submit(
  world: World,
  deliver: Deliver,
  { form, values, ...who }: Submission,
): Promise<Shown> {
  const person = personOf(world, who);
  const view = findModal(person, form);
  if (view === undefined) throw new ImpossibleError(`${person.user.name} has no form ${form} open.`);
  if (view.content.submit === undefined) throw new ImpossibleError("This form has nothing to submit.");
  view.entered = fillIn(view, values);
  view.problems = clientProblems(view);
  if (Object.keys(view.problems).length > 0) return showForm(view, readerOf(world, person.user));

  const begun = beginAct(world, person, { inModal: true });
  const payload = {
    ...interactionInView(world, begun, { person, view }),
    type: "view_submission",
    response_urls: [],
  };
  const ack = await deliver({ type: "interactive", payload });
  const trouble = ack.kind === "failed" ? ack.error : obey(world, { person, view }, ack.body);
  if (typeof trouble === "string") {
    begun.watch.end();
    return { kind: "error", text: `We had some trouble connecting. Try again? (${trouble})` };
  }
  if (trouble !== undefined) {
    begun.watch.end();
    return trouble;
  }
  const other = await begun.watch.first(AFTER_CLOSING_MS);
  return other ?? beneath(world, person);
}

/** Does what the acknowledgment says. A string is what Slack finds wrong with it; undefined: something closed. */
function obey(world: World, { person, view }: InView, body: unknown): Shown | string | undefined {
  const action = stringAt(body, "response_action");
  if (action === "errors") return showProblems(world, { person, view }, objectAt(body, "errors"));
  if (action === "update" || action === "push") return replaceOrPush(world, { person, view }, body);
  const empty = body === undefined || (isObject(body) && Object.keys(body).length === 0);
  if (action !== "clear" && !empty) return "the acknowledgment is neither empty nor a response_action";
  // The app may have put another view on top meanwhile; what was submitted goes all the same.
  if (action === "clear") pop(person, true);
  else withdraw(person, view);
  return undefined;
}

function withdraw({ workspace, user }: Person, view: View): void {
  const stack = workspace.modals.get(user.id) ?? [];
  workspace.modals.set(
    user.id,
    stack.filter((each) => each !== view),
  );
}

function showProblems(world: World, { person, view }: InView, errors: JsonObject): Shown | string {
  const problems = Object.entries(errors).flatMap(([id, text]) =>
    typeof text === "string" ? [[id, text]] : [],
  );
  const stray = Object.keys(errors).filter((id) => !hasField(view, id));
  if (problems.length === 0) return "errors names no block";
  if (stray.length > 0) return `errors names blocks that are no inputs: ${stray.join(", ")}`;
  view.problems = Object.fromEntries(problems);
  return showForm(view, readerOf(world, person.user));
}

function replaceOrPush(world: World, { person, view }: InView, body: unknown): Shown | string {
  const content = readView(world, objectAt(body, "view"), "modal");
  if ("refusal" in content) return JSON.stringify(content.refusal);
  const reader = readerOf(world, person.user);
  if (stringAt(body, "response_action") === "update") {
    changeView(world, view, content.value);
    return showForm(view, reader);
  }
  const stack = person.workspace.modals.get(person.user.id) ?? [];
  if (stack.length >= MAX_STACK) return "push_limit_reached";
  // What was submitted stays under the new view, as it was filled in.
  view.entered = stateOf(view);
  return showForm(addView(world, person, content.value), reader);
}
