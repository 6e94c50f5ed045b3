import { tellMessage } from "./telling.ts";
import type { Interaction, Message, MessageBody, World } from "./world.ts";

export interface NewMessage {
  readonly channel: string;
  readonly author: string;
  readonly body: MessageBody;
  readonly flags?: number;
  readonly onlyFor?: string | undefined;
  readonly answers?: Interaction;
}

/** Puts a message where it is seen: in its channel, or before one person's eyes. */
export function addMessage(world: World, given: NewMessage): Message {
  const message: Message = {
    id: world.freshId(),
    channel: given.channel,
    author: given.author,
    body: given.body,
    flags: given.flags ?? 0,
    createdAt: Date.now(),
    editedAt: undefined,
    edits: 0,
    lateEditAt: undefined,
    removed: false,
    nonce: given.body.nonce === undefined || given.body.nonce === null ? undefined : String(given.body.nonce),
    onlyFor: given.onlyFor,
    answers: given.answers,
  };
  world.messages.set(message.id, message);
  listOf(world, message).push(message);
  const published = message.onlyFor === undefined && message.author === world.application.botUser;
  if (published) world.publications.push(message);
  tellMessage(world, message, "new");
  return message;
}

export function removeMessage(world: World, message: Message): void {
  message.removed = true;
  world.messages.delete(message.id);
  const messages = listOf(world, message);
  const at = messages.indexOf(message);
  if (at >= 0) messages.splice(at, 1);
  tellMessage(world, message, "gone");
}

function listOf(world: World, { channel: id, onlyFor }: Message): Message[] {
  const channel = world.channels.get(id);
  return (onlyFor === undefined ? channel?.messages : channel?.privateMessages) ?? [];
}
