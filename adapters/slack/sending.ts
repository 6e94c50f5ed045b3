import type { webApi } from "@slack/bolt";

import type { Card, ChannelRef, Installation, MessageRef, Post, SendOutcome } from "../../src/chat.ts";
import { cardMessage, messageRoom } from "./card-blocks.ts";
import { deliveryMetadata } from "./delivery-metadata.ts";
import { outcomeOf } from "./outcomes.ts";
import type { ClientOf } from "./slack-clients.ts";

// Slack opens, unfolds and mentions nothing on its own account.
const inert = { link_names: false, parse: "none" } as const;
const folded = { unfurl_links: false, unfurl_media: false } as const;

/** Posts, edits, replies and deletions, each tried once. */
export function sending(clientOf: ClientOf) {
  const post = async (
    installation: Installation,
    { to, card, key }: Post,
    under?: MessageRef,
  ): Promise<SendOutcome> => {
    const place = under ?? to;
    const { channel } = place;
    const message: webApi.ChatPostMessageArguments = {
      channel,
      ...cardMessage(card, messageRoom),
      ...inert,
      ...folded,
      metadata: deliveryMetadata(key),
      ...(under !== undefined && { thread_ts: under.message }),
    };
    return attempt(async () => {
      const client = clientOf(installation);
      const done: webApi.ChatPostMessageResponse = await client.apiCall("chat.postMessage", fields(message));
      return sent({ ...place, channel: done.channel ?? channel }, done.ts);
    });
  };

  const edit = async (installation: Installation, message: MessageRef, card: Card): Promise<SendOutcome> => {
    // Both lists are always there, also empty: what an update leaves out, Slack keeps. So it does with the metadata,
    // by which a changed message, and its tombstone too, can still be found.
    const content = cardMessage(card, messageRoom);
    const changed = { channel: message.channel, ts: message.message, ...content, ...inert };
    return attempt(async () => {
      await clientOf(installation).apiCall("chat.update", fields(changed));
      return { kind: "sent", message };
    });
  };

  const remove = async (installation: Installation, message: MessageRef): Promise<SendOutcome> =>
    attempt(async () => {
      await clientOf(installation).chat.delete({ channel: message.channel, ts: message.message });
      return { kind: "sent", message };
    });

  return { post, edit, remove };
}

/**
 * What is no word, number or truth goes as JSON. The client would write it so too, but first takes every block apart for
 * its debug log, also when nobody keeps that: a sixth of what a send costs.
 */
function fields(message: object): Record<string, unknown> {
  const written = Object.entries(message).map(([name, value]) => [
    name,
    typeof value === "object" ? JSON.stringify(value) : (value as unknown),
  ]);
  return Object.fromEntries(written);
}

async function attempt(call: () => Promise<SendOutcome>): Promise<SendOutcome> {
  try {
    return await call();
  } catch (error) {
    return outcomeOf(error);
  }
}

function sent(to: ChannelRef, ts: string | undefined): SendOutcome {
  if (ts === undefined) return { kind: "unknown", reason: "Slack named no message." };
  return { kind: "sent", message: { ...to, message: ts } };
}
