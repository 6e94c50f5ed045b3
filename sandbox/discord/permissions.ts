import { refusal } from "./refusals.ts";
import type { Channel, World } from "./world.ts";
import { rootOf } from "./world.ts";

const bits = {
  viewChannel: 1n << 10n,
  sendMessages: 1n << 11n,
  embedLinks: 1n << 14n,
  readHistory: 1n << 16n,
  useCommands: 1n << 31n,
  createPublicThreads: 1n << 35n,
  sendInThreads: 1n << 38n,
} as const;

/** What the bot is invited with, and nothing more. */
export const invited =
  bits.viewChannel |
  bits.sendMessages |
  bits.embedLinks |
  bits.readHistory |
  bits.createPublicThreads |
  bits.sendInThreads;
export const everyone = invited | bits.useCommands;

const writing = bits.sendMessages | bits.createPublicThreads | bits.sendInThreads;

/** The overwrites that say on the wire what `private`, `members` and `botIsMember` say here. */
export function overwrites(world: World, channel: Channel): readonly object[] {
  const bot = { id: world.application.botUser, type: 1 };
  const none = "0";
  if (!channel.private) {
    return channel.botIsMember ? [] : [{ ...bot, allow: none, deny: String(writing) }];
  }
  return [
    { id: channel.guild, type: 0, allow: none, deny: String(bits.viewChannel) },
    ...(channel.botIsMember ? [{ ...bot, allow: String(invited), deny: none }] : []),
    ...(channel.members ?? []).map((id) => ({ id, type: 1, allow: String(bits.viewChannel), deny: none })),
  ];
}

/** What the bot may do in a channel, as interactions tell it. */
export function botPermissions(world: World, channel: Channel): bigint {
  const root = rootOf(world, channel);
  if (root.botIsMember) return everyone;
  return root.private ? 0n : everyone & ~writing;
}

/** The channel, or the refusal Discord gives for it. */
export function readable(world: World, id: string): Channel {
  const channel = world.channels.get(id);
  if (!channel) throw refusal(10003);
  if (channel.kind === "direct") return channel;
  const guild = world.guilds.get(channel.guild ?? "");
  if (guild?.installed !== true) throw refusal(50001);
  const root = rootOf(world, channel);
  if (root.kind === "text" && root.archived) throw refusal(10003);
  if (root.private && !root.botIsMember) throw refusal(50001);
  return channel;
}

/** The channel to post in; posting wakes an archived thread unless it is locked. */
export function writable(world: World, id: string): Channel {
  const channel = readable(world, id);
  if (channel.kind === "direct") {
    const shared = [...world.guilds.values()].some(
      (guild) => guild.installed && guild.members.has(channel.recipient ?? ""),
    );
    if (!shared) throw refusal(50007);
    return channel;
  }
  if (!rootOf(world, channel).botIsMember) throw refusal(50013);
  if (channel.archived && channel.locked) throw refusal(50083);
  return channel;
}
