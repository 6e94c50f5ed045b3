import {
  Client,
  Events,
  GatewayDispatchEvents,
  GatewayIntentBits,
  Options,
  type APIInteraction,
  type GatewayChannelDeleteDispatchData,
  type GatewayGuildDeleteDispatchData,
  type REST,
} from "discord.js";

import type { PlatformNews } from "../../src/chat.ts";
import type { Log } from "./log.ts";

export interface GatewayOptions {
  readonly token: string;
  readonly apiBaseUrl: string;
  readonly log: Log;
  readonly onInteraction: (interaction: APIInteraction, rest: REST) => void;
  readonly onNews: (news: PlatformNews) => void;
}

const forgotten = {
  MessageManager: 0,
  GuildMemberManager: 0,
  UserManager: 0,
  PresenceManager: 0,
  ReactionManager: 0,
  ReactionUserManager: 0,
  ThreadManager: 0,
  ThreadMemberManager: 0,
  VoiceStateManager: 0,
} as const;

/** Connects to Discord; resolves when events can arrive. */
export async function openGateway({ token, apiBaseUrl, log, onInteraction, onNews }: GatewayOptions) {
  const client = new Client({
    // Interactions need no intent, and no privileged one is needed for anything here.
    intents: [GatewayIntentBits.Guilds],
    waitGuildTimeout: 0,
    // Everything comes with the interaction; nobody's messages are to linger in memory.
    makeCache: Options.cacheWithLimits({ ...Options.DefaultMakeCacheSettings, ...forgotten }),
    // Answers to interactions do not count against the limit of 50 calls a second.
    rest: {
      api: apiBaseUrl.replace(/\/$/, ""),
      retries: 1,
      timeout: 5_000,
      globalRequestsPerSecond: Number.POSITIVE_INFINITY,
    },
  });
  reportTrouble(client, log);
  // Read as they come from the wire: discord.js holds its own events back until every guild has reported.
  client.ws.on(GatewayDispatchEvents.InteractionCreate, (interaction: APIInteraction) => {
    onInteraction(interaction, client.rest);
  });
  client.ws.on(GatewayDispatchEvents.GuildDelete, ({ id, unavailable }: GatewayGuildDeleteDispatchData) => {
    // With `unavailable` it is Discord that has trouble, and the guild comes back.
    if (unavailable !== true) onNews({ kind: "removed", platform: "discord", workspace: id });
  });
  const channelChanged = (channel: GatewayChannelDeleteDispatchData) => {
    if (!("guild_id" in channel) || channel.guild_id === undefined) return;
    onNews({
      kind: "channel-changed",
      platform: "discord",
      workspace: channel.guild_id,
      channel: channel.id,
    });
  };
  client.ws.on(GatewayDispatchEvents.ChannelUpdate, channelChanged);
  client.ws.on(GatewayDispatchEvents.ChannelDelete, channelChanged);
  try {
    await client.login(token);
  } catch (error) {
    await client.destroy();
    throw error;
  }
  return {
    async close() {
      // Closing looks to discord.js like a broken connection first: nobody needs to hear of that.
      client.removeAllListeners(Events.ShardReconnecting);
      await client.destroy();
    },
  };
}

function reportTrouble(client: Client, log: Log): void {
  client.on(Events.Error, (error) => {
    log.error({ err: error }, "Discord's client failed");
  });
  client.on(Events.Warn, (message) => {
    log.warn({}, message);
  });
  client.on(Events.ShardError, (error) => {
    log.warn({ err: error }, "The connection to Discord failed");
  });
  client.on(Events.ShardReconnecting, () => {
    log.warn({}, "Connecting to Discord again");
  });
  client.on(Events.ShardResume, () => {
    log.info({}, "The connection to Discord is back");
  });
  client.on(Events.ShardDisconnect, ({ code }) => {
    log.error({ code }, "Discord closed the connection for good: check the token and the intents");
  });
  client.on(Events.Invalidated, () => {
    log.error({}, "Discord ended the session for good: nothing more will arrive");
  });
}
