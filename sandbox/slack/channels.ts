import type { PretendChannel } from "../pretend.ts";
import type { Channel, Workspace, World } from "./world.ts";

/** A channel in which nothing was said yet. */
export function newChannel(channel: Omit<PretendChannel, "workspace">): Channel {
  return {
    id: channel.id,
    name: channel.name,
    private: channel.private ?? true,
    sharedOutside: channel.sharedOutside ?? false,
    archived: channel.archived ?? false,
    botIsMember: channel.botIsMember ?? true,
    members: channel.members,
    messages: [],
    threads: new Map(),
  };
}

/** The direct conversation of the app with one person, opened at its first use. */
export function directChannel(world: World, workspace: Workspace, userId: string): Channel {
  const id = `D${userId.slice(1)}`;
  const existing = workspace.channels.get(id);
  if (existing !== undefined) return existing;
  const opened = newChannel({ id, name: "directmessage", members: [userId] });
  const channel: Channel = { ...opened, directWith: userId };
  workspace.channels.set(id, channel);
  world.changes.tell({ kind: "places" });
  return channel;
}
