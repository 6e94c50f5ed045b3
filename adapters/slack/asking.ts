import { webApi, type Logger } from "@slack/bolt";

import type { ChannelFacts, ChannelRef, Identity, Installation } from "../../src/chat.ts";
import { clientOptions, type ClientOf } from "./slack-clients.ts";

/** What Slack says about a channel and about a token. A refusal that is no answer to the question is thrown. */
export function asking(clientOf: ClientOf, options: { readonly logger: Logger; readonly timeout: number }) {
  const inspect = async (
    installation: Installation,
    { channel }: ChannelRef,
  ): Promise<ChannelFacts | undefined> => {
    try {
      const found = await clientOf(installation).conversations.info({ channel });
      return factsOf(found.channel);
    } catch (error) {
      if (error instanceof webApi.WebAPIPlatformError && error.data.error === "channel_not_found")
        return undefined;
      throw error;
    }
  };

  const identify = async (target: {
    readonly apiBaseUrl: string;
    readonly token: string;
  }): Promise<Identity> => {
    const client = new webApi.WebClient(target.token, clientOptions({ ...options, root: target.apiBaseUrl }));
    const told = await client.auth.test();
    const scopes = told.response_metadata?.scopes;
    return {
      ...(told.team_id !== undefined && { workspace: told.team_id }),
      application: await applicationOf(client, told),
      botUser: told.user_id ?? "",
      ...(scopes !== undefined && { scopes }),
    };
  };

  return { inspect, identify };
}

function factsOf(found: webApi.ConversationsInfoResponse["channel"]): ChannelFacts | undefined {
  if (found === undefined) return undefined;
  const archived = found.is_archived === true;
  return {
    name: found.name ?? "",
    private: found.is_private === true || found.is_im === true || found.is_mpim === true,
    sharedOutside: found.is_ext_shared === true,
    archived,
    canPost: !archived && (found.is_member === true || found.is_im === true),
  };
}

/**
 * A bot token does not name its app; the bot's record does, where users:read is granted. Without it the bot's own id
 * stands in: it too belongs to one app in one workspace.
 */
async function applicationOf(client: webApi.WebClient, told: webApi.AuthTestResponse): Promise<string> {
  if ("app_id" in told && typeof told.app_id === "string") return told.app_id;
  const bot = told.bot_id;
  if (bot === undefined) return "";
  try {
    return (await client.bots.info({ bot })).bot?.app_id ?? bot;
  } catch (error) {
    if (error instanceof webApi.WebAPIPlatformError) return bot;
    throw error;
  }
}
