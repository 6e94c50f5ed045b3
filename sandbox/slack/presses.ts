import type { Shown } from "../pretend.ts";
import { ImpossibleError } from "../shared/control.ts";
import type { JsonObject } from "../shared/json.ts";
import { beginAct, channelName, endAct, interaction } from "./act.ts";
import type { KitBlock, KitElement } from "./block-kit.ts";
import { messagePayload } from "./chat-methods.ts";
import type { Ack, Deliver } from "./deliver.ts";
import { closeView, findModal, interactionInView } from "./modals.ts";
import type { InView } from "./modals.ts";
import { idOf, labelOf } from "./shown.ts";
import { isInChannel, personOf } from "./world.ts";
import type { Message, Person, World } from "./world.ts";

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
