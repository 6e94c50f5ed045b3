import type { Change } from "../client.ts";
import type { Channel, Message, World } from "./world.ts";
import { threadUnder } from "./world.ts";

type Told = Extract<Change, { kind: "message" }>;

/** Tells open clients of a message that came, changed or went. */
export function tellMessage(world: World, message: Message, is: Told["is"]): void {
  const channel = world.channels.get(message.channel);
  if (channel === undefined) return;
  const { id, onlyFor } = message;
  const thread = channel.kind === "thread" ? { thread: channel.id } : {};
  const change = { channel: channel.parent ?? channel.id, message: id, ...thread, is };
  for (const workspace of guildsOf(world, channel))
    world.changes.tell({
      kind: "message",
      workspace,
      ...change,
      ...(onlyFor === undefined ? {} : { onlyFor }),
    });
  if (channel.kind === "thread" && is !== "changed" && onlyFor === undefined) tellThread(world, channel);
}

/** A thread shows in its parent channel, on the message it hangs under. */
export function tellThread(world: World, thread: Channel): void {
  const above = world.messages.get(thread.id);
  if (above !== undefined && threadUnder(world, above) === thread) tellMessage(world, above, "changed");
}

/** Tells open clients that guilds, channels, people or commands are others now. */
export function tellPlaces(world: World): void {
  world.changes.tell({ kind: "places" });
}

/** A direct conversation belongs to no guild and is reached from each guild of its person. */
export function guildsOf(world: World, { guild, recipient }: Channel): readonly string[] {
  if (recipient === undefined) return guild === undefined ? [] : [guild];
  return [...world.guilds.values()].filter(({ members }) => members.has(recipient)).map(({ id }) => id);
}
