import type { Discord } from "./interactions.ts";
import { tellPlaces, tellThread } from "./telling.ts";
import { channelObject } from "./wire.ts";
import type { Channel, World } from "./world.ts";

const fresh = {
  parent: undefined,
  recipient: undefined,
  botIsMember: true,
  members: undefined,
  archived: false,
  locked: false,
  autoArchive: 0,
} as const;
const empty = (): Pick<Channel, "messages" | "privateMessages"> => ({ messages: [], privateMessages: [] });

type TextChannel = Pick<
  Channel,
  "id" | "guild" | "name" | "private" | "botIsMember" | "members" | "archived"
>;

export function newTextChannel(given: TextChannel): Channel {
  return { ...fresh, ...empty(), ...given, kind: "text" };
}

export function newThread(parent: Channel, given: Pick<Channel, "id" | "name" | "autoArchive">): Channel {
  return {
    ...fresh,
    ...empty(),
    ...given,
    kind: "thread",
    guild: parent.guild,
    parent: parent.id,
    private: false,
  };
}

/** A message brings an archived thread back. */
export function wake({ world, gateway }: Discord, thread: Channel): void {
  if (thread.kind !== "thread" || !thread.archived) return;
  thread.archived = false;
  gateway.dispatch("THREAD_UPDATE", channelObject(world, thread), thread.guild ?? "0");
  tellThread(world, thread);
}

export function conversationOf(world: World, recipient: string): Channel | undefined {
  return [...world.channels.values()].find((one) => one.kind === "direct" && one.recipient === recipient);
}

/** The one direct conversation with this person, opened where there is none yet. */
export function conversationWith(world: World, recipient: string): Channel {
  const open = conversationOf(world, recipient);
  if (open) return open;
  const id = world.freshId();
  const channel: Channel = {
    ...fresh,
    ...empty(),
    id,
    kind: "direct",
    guild: undefined,
    recipient,
    name: "",
    private: true,
  };
  world.channels.set(id, channel);
  tellPlaces(world);
  return channel;
}
