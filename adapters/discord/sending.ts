import { createHash } from "node:crypto";

import { REST, Routes, type APIChannel, type APIMessage } from "discord.js";

import type { Card, Installation, MessageRef, Post, RepliesInThreads, SendOutcome } from "../../src/chat.ts";
import type { Log } from "./log.ts";
import { plain } from "./neutral-text.ts";
import { asksForGuild, hasCode, outcomeOf } from "./outcomes.ts";
import { renderCard } from "./render-card.ts";

export interface SendingOptions {
  readonly log: Log;
  readonly sendTimeoutMs: number;
}

type Where = Pick<Installation, "apiBaseUrl" | "token">;

/** The one way to call Discord for an installation; the caller turns what it throws into an outcome. */
export type RestFor = (where: Where) => REST;

/**
 * Calls for sending go through their own REST, apart from the answers to people: a queue of cards must not hold back
 * an answer. It neither waits nor tries again; pacing and second attempts are decided by the ledger.
 */
export function sendingRests({ log, sendTimeoutMs }: SendingOptions): RestFor {
  const rests = new Map<string, REST>();
  const open = ({ apiBaseUrl }: Where) => {
    const rest = new REST({
      api: apiBaseUrl.replace(/\/$/, ""),
      retries: 0,
      timeout: sendTimeoutMs,
      rejectOnRateLimit: () => true,
      globalRequestsPerSecond: Number.POSITIVE_INFINITY,
      invalidRequestWarningInterval: 500,
    });
    // 10,000 refused calls in 10 minutes and Discord bans our address.
    rest.on("invalidRequestWarning", (warning) => {
      log.warn({ ...warning }, "Many calls refused by Discord");
    });
    return rest;
  };
  return (where) => {
    const key = `${where.apiBaseUrl} ${where.token}`;
    const rest = rests.get(key) ?? open(where);
    rests.set(key, rest);
    // One answer 401 makes a REST forget its token for good; a token that works again must work again here.
    return rest.setToken(where.token);
  };
}

export function sending(restFor: RestFor) {
  const attempt = async (
    installation: Installation,
    send: (rest: REST) => Promise<SendOutcome>,
  ): Promise<SendOutcome> => {
    try {
      return await send(restFor(installation));
    } catch (error) {
      if (asksForGuild(error) && (await guildIsGone(installation)))
        return { kind: "tenant-gone", reason: "The bot is no longer in this server." };
      return outcomeOf(error);
    }
  };

  const guildIsGone = async (installation: Installation): Promise<boolean> => {
    try {
      await restFor(installation).get(Routes.guild(installation.workspace));
      return false;
    } catch (error) {
      return hasCode(error, 50001) || hasCode(error, 10004);
    }
  };

  return {
    post: async (installation: Installation, { to, card, key }: Post): Promise<SendOutcome> =>
      attempt(installation, async (rest) => {
        const channel = to.direct === true ? await openConversation(rest, to.channel) : to.channel;
        return create(rest, { ...to, channel }, { card, key });
      }),

    edit: async (installation: Installation, message: MessageRef, card: Card): Promise<SendOutcome> =>
      attempt(installation, async (rest) => {
        const body = renderCard(card, message.direct === true ? message.workspace : undefined);
        await rest.patch(Routes.channelMessage(message.channel, message.message), { body });
        return { kind: "sent", message };
      }),

    reply: async (
      ...[installation, under, post]: Parameters<RepliesInThreads["reply"]>
    ): Promise<SendOutcome> =>
      attempt(installation, async (rest) => {
        // Conversations with one person have no threads.
        if (under.direct === true) return create(rest, under, { ...post, under: under.message });
        await openThread(rest, under, post.threadTitle);
        // A thread under a message has the message's id.
        return create(rest, { ...under, channel: under.message }, post);
      }),
  };
}

interface Creation {
  readonly card: Card;
  readonly key: string;
  readonly under?: string;
}

async function create(rest: REST, to: Post["to"], { card, key, under }: Creation): Promise<SendOutcome> {
  const body = {
    ...renderCard(card, to.direct === true ? to.workspace : undefined),
    // The same nonce within a few minutes makes Discord return the first message instead of a second one.
    nonce: nonce(key),
    enforce_nonce: true,
    ...(under !== undefined && { message_reference: { message_id: under, fail_if_not_exists: false } }),
  };
  const { id } = (await rest.post(Routes.channelMessages(to.channel), { body })) as Partial<APIMessage>;
  if (id === undefined) return { kind: "unknown", reason: "Discord's answer is no message." };
  const { platform, workspace, channel, direct } = to;
  return {
    kind: "sent",
    message: { platform, workspace, channel, message: id, ...(direct !== undefined && { direct }) },
  };
}

async function openConversation(rest: REST, user: string): Promise<string> {
  const { id } = (await rest.post(Routes.userChannels(), { body: { recipient_id: user } })) as APIChannel;
  return id;
}

const threadExists = 160004;

async function openThread(rest: REST, under: MessageRef, title: string): Promise<void> {
  try {
    await rest.post(Routes.threads(under.channel, under.message), {
      body: { name: plain(title).slice(0, 100) },
    });
  } catch (error) {
    if (!hasCode(error, threadExists)) throw error;
  }
}

/** 22 characters: the first 16 bytes of the key's hash (Discord takes at most 25). */
function nonce(key: string): string {
  return createHash("sha256").update(key).digest().subarray(0, 16).toString("base64url");
}
