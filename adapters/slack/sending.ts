import type { Logger } from "@slack/bolt";

import type { Card, ChannelRef, Installation, MessageRef, Post, SendOutcome } from "../../src/chat.ts";
import { cardMessage, messageRoom } from "./card-blocks.ts";
import { outcomeOf } from "./outcomes.ts";
import { slackClients } from "./slack-clients.ts";

// Slack opens, unfolds and mentions nothing on its own account.
const inert = { link_names: false, parse: "none" } as const;
const folded = { unfurl_links: false, unfurl_media: false } as const;

/** Posts, edits and replies with clients of their own, so that answers to people never wait behind a fan-out. */
export function sending(options: { readonly logger: Logger; readonly timeout: number }) {
  const clientOf = slackClients(options);

  const post = async (
    installation: Installation,
    { to, card, key }: Post,
    under?: MessageRef,
  ): Promise<SendOutcome> => {
    const place = under ?? to;
    const content = cardMessage(card, messageRoom);
    // Every app in the workspace can read metadata: an opaque id and nothing else.
    const metadata = { event_type: "allpoints_delivery", event_payload: { delivery: key } };
    const thread = under === undefined ? {} : { thread_ts: under.message };
    const { channel } = place;
    return attempt(async () => {
      const { chat } = clientOf(installation);
      const done = await chat.postMessage({ channel, ...content, ...inert, ...folded, metadata, ...thread });
      return sent({ ...place, channel: done.channel ?? channel }, done.ts);
    });
  };

  const edit = async (installation: Installation, message: MessageRef, card: Card): Promise<SendOutcome> => {
    // Both lists are always there, also empty: what an update leaves out, Slack keeps.
    const content = cardMessage(card, messageRoom);
    return attempt(async () => {
      const { chat } = clientOf(installation);
      await chat.update({ channel: message.channel, ts: message.message, ...content, ...inert });
      return { kind: "sent", message };
    });
  };

  return { post, edit };
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
