import { createHash } from "node:crypto";

import { RequestMethod, Routes, type APIChannel, type APIMessage } from "discord.js";

import type { Card, Installation, MessageRef, Post, RepliesInThreads, SendOutcome } from "../../src/chat.ts";
import { ask, attempts, type Calls, type RestFor, type SendingOptions } from "./calls.ts";
import { plain } from "./neutral-text.ts";
import { hasCode } from "./outcomes.ts";
import { renderCard } from "./render-card.ts";

/** Posts, edits, replies and deletions, each tried once. */
export function sending(restFor: RestFor, options: SendingOptions) {
  const attempt = attempts(restFor, options);
  return {
    post: async (installation: Installation, { to, card, key }: Post): Promise<SendOutcome> => {
      const outcome = await attempt(installation, async (calls) => {
        const channel = to.direct === true ? await openConversation(calls, to.channel) : to.channel;
        return create(calls, { ...to, channel }, { card, key });
      });
      // There is no message yet that could be refused: this channel is itself a thread, and closed.
      return outcome.kind === "edit-refused" ? { kind: "channel-gone", reason: outcome.reason } : outcome;
    },

    edit: async (installation: Installation, message: MessageRef, card: Card): Promise<SendOutcome> => {
      const body = renderCard(card, message.direct === true ? message.workspace : undefined);
      return attempt(installation, (calls) => change(calls, message, { method: RequestMethod.Patch, body }));
    },

    remove: async (installation: Installation, message: MessageRef): Promise<SendOutcome> =>
      attempt(installation, async (calls) => {
        try {
          return await change(calls, message, { method: RequestMethod.Delete });
        } catch (error) {
          // One's own needs no permission, so this is another author's.
          if (hasCode(error, 50013)) return { kind: "edit-refused", reason: "not our message" };
          throw error;
        }
      }),

    reply: async (
      ...[installation, under, post]: Parameters<RepliesInThreads["reply"]>
    ): Promise<SendOutcome> =>
      attempt(installation, async (calls) => {
        // Conversations with one person have no threads.
        if (under.direct === true) return create(calls, under, { ...post, under: under.message });
        const refusal = await openThread(calls, under, post.threadTitle);
        if (refusal !== undefined) return { kind: "edit-refused", reason: refusal };
        // A thread under a message has the message's id.
        return create(calls, { ...under, channel: under.message }, post);
      }),
  };
}

interface Change {
  readonly method: RequestMethod.Patch | RequestMethod.Delete;
  readonly body?: object;
}

async function change(calls: Calls, message: MessageRef, how: Change): Promise<SendOutcome> {
  const fullRoute = Routes.channelMessage(message.channel, message.message);
  const { answer: _, ...rest } = await ask(calls, { ...how, fullRoute });
  return { kind: "sent", message, ...rest };
}

interface Creation {
  readonly card: Card;
  readonly key: string;
  readonly under?: string;
}

async function create(calls: Calls, to: Post["to"], { card, key, under }: Creation): Promise<SendOutcome> {
  const body = {
    ...renderCard(card, to.direct === true ? to.workspace : undefined),
    // The same nonce within a few minutes makes Discord return the first message instead of a second one.
    nonce: nonceOf(key),
    enforce_nonce: true,
    ...(under !== undefined && { message_reference: { message_id: under, fail_if_not_exists: false } }),
  };
  const fullRoute = Routes.channelMessages(to.channel);
  const { answer, ...rest } = await ask(calls, { method: RequestMethod.Post, fullRoute, body });
  const { id } = answer as Partial<APIMessage>;
  if (id === undefined) return { kind: "unknown", reason: "Discord's answer is no message." };
  const { platform, workspace, channel, direct } = to;
  return {
    kind: "sent",
    message: { platform, workspace, channel, message: id, ...(direct !== undefined && { direct }) },
    ...rest,
  };
}

async function openConversation({ rest, signal }: Calls, user: string): Promise<string> {
  const body = { recipient_id: user };
  const { id } = (await rest.post(Routes.userChannels(), { body, signal })) as APIChannel;
  return id;
}

const threadExists = 160004;
/** The channel takes messages all the same. */
const noThreadHere = [
  50013, // opening threads was not permitted
  50024, // this kind of channel has none
  160006, // too many are open
];

/** Undefined when the thread is there; otherwise why it cannot be. */
async function openThread(
  { rest, signal }: Calls,
  under: MessageRef,
  title: string,
): Promise<string | undefined> {
  const body = { name: plain(title).slice(0, 100) };
  try {
    await rest.post(Routes.threads(under.channel, under.message), { body, signal });
  } catch (error) {
    if (hasCode(error, threadExists)) return undefined;
    if (error instanceof Error && noThreadHere.some((code) => hasCode(error, code)))
      return `no thread: ${error.message}`;
    throw error;
  }
  return undefined;
}

/** What Discord is given to tell posts apart: the first 16 bytes of the key's hash, 22 characters of the 25 it takes. */
export function nonceOf(key: string): string {
  return createHash("sha256").update(key).digest().subarray(0, 16).toString("base64url");
}
