import {
  ChannelType,
  OverwriteType,
  PermissionFlagsBits,
  Routes,
  type APIChannel,
  type APIGuild,
  type APIGuildMember,
  type APIOverwrite,
  type REST,
} from "discord.js";

import type { ChannelFacts, ChannelRef, Installation } from "../../src/chat.ts";
import { hasCode } from "./outcomes.ts";

type GuildChannel = Extract<APIChannel, { guild_id?: string }>;

/** What Discord says about a channel now; undefined when the bot cannot see it or it is in another guild. */
export async function inspectChannel(
  rest: REST,
  { workspace, botUser }: Installation,
  { channel: id }: ChannelRef,
): Promise<ChannelFacts | undefined> {
  try {
    const channel = (await rest.get(Routes.channel(id))) as GuildChannel;
    if (channel.guild_id !== workspace) return undefined;
    const guild = (await rest.get(Routes.guild(workspace))) as APIGuild;
    const bot = (await rest.get(Routes.guildMember(workspace, botUser))) as APIGuildMember;
    return {
      name: channel.name,
      private: (permissions(guild, channel) & PermissionFlagsBits.ViewChannel) === 0n,
      // Other servers can follow an announcement channel; what is published there leaves this one.
      sharedOutside: channel.type === ChannelType.GuildAnnouncement,
      archived: "thread_metadata" in channel && channel.thread_metadata?.archived === true,
      canPost:
        (permissions(guild, channel, { id: botUser, roles: bot.roles }) & neededToPost) === neededToPost,
    };
  } catch (error) {
    if ([10003, 10004, 50001].some((code) => hasCode(error, code))) return undefined;
    throw error;
  }
}

const neededToPost =
  PermissionFlagsBits.ViewChannel | PermissionFlagsBits.SendMessages | PermissionFlagsBits.EmbedLinks;

interface Member {
  readonly id: string;
  readonly roles: readonly string[];
}

/** Discord's own order: everyone's role, the member's roles, then the channel's overwrites from broad to narrow. */
function permissions(guild: APIGuild, channel: GuildChannel, member: Member = { id: "", roles: [] }): bigint {
  // The role of everyone has the guild's id.
  const roles = new Set([guild.id, ...member.roles]);
  const base = guild.roles
    .filter(({ id }) => roles.has(id))
    .reduce((sum, role) => sum | BigInt(role.permissions), 0n);
  if ((base & PermissionFlagsBits.Administrator) !== 0n) return ~0n;
  const overwrites: readonly APIOverwrite[] =
    "permission_overwrites" in channel ? (channel.permission_overwrites ?? []) : [];
  const ofRoles = overwrites.filter(({ type, id }) => type === OverwriteType.Role && roles.has(id));
  return [
    ofRoles.filter(({ id }) => id === guild.id),
    ofRoles.filter(({ id }) => id !== guild.id),
    overwrites.filter(({ type, id }) => type === OverwriteType.Member && id === member.id),
  ].reduce(applied, base);
}

function applied(permitted: bigint, overwrites: readonly APIOverwrite[]): bigint {
  const all = (side: "allow" | "deny") =>
    overwrites.reduce((sum, overwrite) => sum | BigInt(overwrite[side]), 0n);
  return (permitted & ~all("deny")) | all("allow");
}
