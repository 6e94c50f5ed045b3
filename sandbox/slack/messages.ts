import type { Change } from "../client.ts";
import type { Channel, Message, Publication, Workspace, World } from "./world.ts";

// Whatever happens to a message happens here, so that open clients hear of all of it.

type Happening = Extract<Change, { kind: "message" }>["is"];

interface Told {
  readonly workspace: Workspace;
  readonly message: Message;
  readonly is: Happening;
}

function tell(world: World, { workspace, message, is }: Told): void {
  world.changes.tell({
    kind: "message",
    workspace: workspace.id,
    channel: message.channel,
    message: message.ts,
    ...(message.threadTs === undefined ? {} : { thread: message.threadTs }),
    is,
    ...(message.onlyFor === undefined ? {} : { onlyFor: message.onlyFor }),
  });
}

/** A new message: before everybody in its channel, or before the one it is for. */
export function appear(world: World, workspace: Workspace, message: Message): void {
  if (message.onlyFor === undefined) append(workspace.channels.get(message.channel), message);
  else workspace.privateAnswers.push(message);
  tell(world, { workspace, message, is: "new" });
}

function append(channel: Channel | undefined, message: Message): void {
  if (channel === undefined) return;
  channel.messages.push(message);
  if (message.threadTs === undefined) return;
  const thread = channel.threads.get(message.threadTs);
  if (thread === undefined) channel.threads.set(message.threadTs, [message]);
  else thread.push(message);
}

/** Puts a message of the app's before everybody in its channel. */
export function publish(world: World, publication: Publication): void {
  world.publications.push(publication);
  appear(world, publication.workspace, publication.message);
}

/** What the app put in place of a message's content. */
interface Rewriting extends Pick<Message, "content" | "raw"> {
  readonly message: Message;
  readonly workspace: Workspace;
}

export function rewrite(world: World, { workspace, message, content, raw }: Rewriting): void {
  Object.assign(message, { content, raw, edits: message.edits + 1 });
  tell(world, { workspace, message, is: "changed" });
}

/** A message with a thread leaves a tombstone, and the last reply takes that along. */
export function remove(world: World, workspace: Workspace, message: Message): void {
  message.deleted = true;
  const index = workspace.privateAnswers.indexOf(message);
  if (index >= 0) workspace.privateAnswers.splice(index, 1);
  const channel = workspace.channels.get(message.channel);
  const stays = channel !== undefined && isKept(channel, message);
  tell(world, { workspace, message, is: stays ? "changed" : "gone" });
  const tombstone = message.threadTs === undefined ? undefined : rootOf(channel, message.threadTs);
  if (channel === undefined || tombstone?.deleted !== true || isKept(channel, tombstone)) return;
  tell(world, { workspace, message: tombstone, is: "gone" });
}

function rootOf(channel: Channel | undefined, ts: string): Message | undefined {
  return channel?.messages.find((message) => message.ts === ts);
}

/** The thread under a message, oldest first, without what was deleted. */
export function repliesTo(channel: Channel, ts: string): readonly Message[] {
  return (channel.threads.get(ts) ?? []).filter((reply) => !reply.deleted);
}

/** Of a deleted message something stays only while it has a thread. */
export function isKept({ threads }: Channel, message: Message): boolean {
  return !message.deleted || (threads.get(message.ts) ?? []).some((reply) => !reply.deleted);
}

/** When a message appeared, in milliseconds since 1970; a ts counts microseconds. */
export function timeOf(ts: string): number {
  return Math.floor(Number(ts.replace(".", "")) / 1_000);
}
