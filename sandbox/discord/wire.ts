import type { JsonObject } from "../shared/json.ts";
import { flags } from "./message-rules.ts";
import { botPermissions, everyone, invited, overwrites } from "./permissions.ts";
import type { Channel, Guild, Interaction, Message, MessageBody, World } from "./world.ts";
import { rootOf, threadUnder } from "./world.ts";

const iso = (at: number): string => new Date(at).toISOString().replace("Z", "000+00:00");

export function userObject(world: World, id: string): JsonObject {
  const bot = id === world.application.botUser;
  const name = bot ? world.application.name : (world.people.get(id)?.name ?? "Unknown");
  const user = {
    id,
    username: name.toLowerCase().replaceAll(/[^a-z0-9_.]+/g, "_"),
    global_name: bot ? null : name,
    discriminator: bot ? "0001" : "0",
    avatar: null,
    public_flags: 0,
  };
  return bot ? { ...user, bot: true } : user;
}

export function memberObject(world: World, guild: Guild, user: string): JsonObject {
  return {
    user: userObject(world, user),
    nick: null,
    avatar: null,
    roles: user === world.application.botUser ? [guild.botRole] : [],
    joined_at: iso(guild.joinedAt),
    premium_since: null,
    deaf: false,
    mute: false,
    flags: 0,
    pending: false,
    communication_disabled_until: null,
  };
}

const role = (id: string, name: string, more: JsonObject): JsonObject => ({
  id,
  name,
  color: 0,
  colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
  hoist: false,
  icon: null,
  unicode_emoji: null,
  mentionable: false,
  flags: 0,
  ...more,
});

export function roleObjects(world: World, guild: Guild): readonly JsonObject[] {
  return [
    role(guild.id, "@everyone", { position: 0, permissions: String(everyone), managed: false }),
    role(guild.botRole, world.application.name, {
      position: 1,
      permissions: String(invited),
      managed: true,
      tags: { bot_id: world.application.botUser },
    }),
  ];
}

export function channelObject(world: World, channel: Channel): JsonObject {
  const last = channel.messages.at(-1)?.id ?? null;
  if (channel.kind === "direct") {
    return {
      id: channel.id,
      type: 1,
      last_message_id: last,
      flags: 0,
      recipients: [userObject(world, channel.recipient ?? "")],
    };
  }
  const base = {
    id: channel.id,
    guild_id: channel.guild,
    name: channel.name,
    last_message_id: last,
    flags: 0,
    rate_limit_per_user: 0,
  };
  if (channel.kind === "text") {
    return {
      ...base,
      type: 0,
      topic: null,
      nsfw: false,
      parent_id: null,
      position: 0,
      permission_overwrites: overwrites(world, channel),
    };
  }
  return {
    ...base,
    type: 11,
    parent_id: channel.parent,
    owner_id: world.application.botUser,
    message_count: channel.messages.length,
    total_message_sent: channel.messages.length,
    member_count: 1,
    thread_metadata: {
      archived: channel.archived,
      locked: channel.locked,
      auto_archive_duration: channel.autoArchive,
      archive_timestamp: iso(Date.now()),
      create_timestamp: iso(Date.now()),
    },
  };
}

export function channelsOf(world: World, guild: string): readonly Channel[] {
  return [...world.channels.values()].filter(
    (channel) => channel.guild === guild && !rootOf(world, channel).archived,
  );
}

export function guildObject(world: World, guild: Guild): JsonObject {
  return {
    id: guild.id,
    name: guild.name,
    icon: null,
    splash: null,
    discovery_splash: null,
    banner: null,
    description: null,
    owner_id: [...guild.members][0] ?? world.application.id,
    afk_channel_id: null,
    afk_timeout: 300,
    verification_level: 1,
    default_message_notifications: 1,
    explicit_content_filter: 0,
    mfa_level: 0,
    nsfw_level: 0,
    premium_tier: 0,
    premium_subscription_count: 0,
    premium_progress_bar_enabled: false,
    preferred_locale: "en-US",
    features: [],
    emojis: [],
    stickers: [],
    roles: roleObjects(world, guild),
    system_channel_id: null,
    system_channel_flags: 0,
    rules_channel_id: null,
    public_updates_channel_id: null,
    safety_alerts_channel_id: null,
    application_id: null,
    vanity_url_code: null,
  };
}

/** What GUILD_CREATE adds: the state a client starts from. */
export function guildCreate(world: World, guild: Guild): JsonObject {
  const channels = channelsOf(world, guild.id);
  return {
    ...guildObject(world, guild),
    unavailable: false,
    large: false,
    joined_at: iso(guild.joinedAt),
    member_count: guild.members.size + 1,
    members: [memberObject(world, guild, world.application.botUser)],
    channels: channels.filter((one) => one.kind === "text").map((one) => channelObject(world, one)),
    threads: channels
      .filter((one) => one.kind === "thread" && !one.archived)
      .map((one) => channelObject(world, one)),
    presences: [],
    voice_states: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
  };
}

/** `toBot`: without the message-content intent a bot reads the words of nobody but itself. */
export function messageObject(world: World, message: Message, toBot: boolean): JsonObject {
  const own = message.author === world.application.botUser;
  const thread = threadUnder(world, message);
  return {
    id: message.id,
    channel_id: message.channel,
    author: userObject(world, message.author),
    ...wordsOf(toBot && !own ? {} : message.body),
    timestamp: iso(message.createdAt),
    edited_timestamp: message.editedAt === undefined ? null : iso(message.editedAt),
    tts: false,
    pinned: false,
    mention_everyone: false,
    mentions: [],
    mention_roles: [],
    attachments: [],
    type: message.answers?.type === 2 ? 20 : 0,
    flags: message.flags | (thread ? flags.hasThread : 0),
    ...(thread ? { thread: channelObject(world, thread) } : {}),
    ...(message.answers ? answering(world, message.answers) : {}),
  };
}

function wordsOf({ content, embeds, components }: MessageBody): JsonObject {
  return {
    content: content ?? "",
    embeds: (embeds ?? []).map((embed) => ({ type: "rich", ...embed })),
    components: components ?? [],
  };
}

function answering(world: World, interaction: Interaction): JsonObject {
  return {
    application_id: world.application.id,
    webhook_id: world.application.id,
    interaction_metadata: {
      id: interaction.id,
      type: interaction.type,
      user: userObject(world, interaction.user),
      authorizing_integration_owners: { 0: interaction.guild },
    },
  };
}

/** INTERACTION_CREATE with every field the client libraries read. */
export function interactionObject(world: World, interaction: Interaction, data: JsonObject): JsonObject {
  const { id, token, type } = interaction;
  const channel = world.channels.get(interaction.channel);
  if (!channel) throw new Error("an interaction in no channel");
  const source = interaction.source ? { message: messageObject(world, interaction.source, false) } : {};
  return {
    id,
    application_id: world.application.id,
    type,
    token,
    version: 1,
    data,
    channel_id: channel.id,
    channel: { ...channelObject(world, channel), permissions: String(everyone) },
    locale: "en-US",
    app_permissions: String(botPermissions(world, channel)),
    entitlements: [],
    attachment_size_limit: 10_485_760,
    ...actor(world, interaction, channel),
    ...source,
  };
}

/** Who acts: a member of a guild, or in a direct conversation a mere user. */
function actor(world: World, { guild: id, user }: Interaction, channel: Channel): JsonObject {
  const guild = world.guilds.get(id);
  if (channel.kind === "direct" || !guild) {
    return { context: 1, user: userObject(world, user), authorizing_integration_owners: { 0: "0" } };
  }
  return {
    context: 0,
    guild_id: guild.id,
    guild: { id: guild.id, locale: "en-US", features: [] },
    guild_locale: "en-US",
    member: { ...memberObject(world, guild, user), permissions: String(everyone) },
    authorizing_integration_owners: { 0: guild.id },
  };
}
