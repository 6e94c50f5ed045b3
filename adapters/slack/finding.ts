import type { FindsPosts, Installation, Sighting, SendOutcome, Sought } from "../../src/chat.ts";
import { carries } from "./delivery-metadata.ts";
import { outcomeOf } from "./outcomes.ts";
import type { Client, ClientOf } from "./slack-clients.ts";

/** As many as Slack recommends for one page. */
const PAGE = 200;
/** A channel that was written to this much is not read to the end. */
const MOST_PAGES = 5;
/** Slack's clock writes the messages' times and ours the moment before sending. */
const CLOCKS_DIFFER_MS = 60_000;
const SOON_MS = 1_000;

/**
 * Looks for a post in the channel's history, by the metadata it would carry. That needs a history scope, which is
 * optional; for a direct message also im:write, because only opening a conversation tells its id.
 */
export function finding(clientOf: ClientOf): FindsPosts {
  return {
    find: async (installation, sought) => {
      try {
        return await search({ client: clientOf(installation), installation, sought });
      } catch (error) {
        return whyNot(outcomeOf(error));
      }
    },
  };
}

interface Search {
  readonly client: Client;
  readonly installation: Installation;
  readonly sought: Sought;
}

async function search({ client, installation, sought }: Search): Promise<Sighting> {
  const { to, under, key, since } = sought;
  const channel = await conversationOf(client, sought);
  if (channel === undefined) return { kind: "cannot", reason: "Slack named no conversation." };
  const oldest = String(Math.floor((since.getTime() - CLOCKS_DIFFER_MS) / 1_000));
  const wanted = { channel, oldest, limit: PAGE, include_all_metadata: true };
  let cursor: string | undefined;
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const from = { ...wanted, ...(cursor !== undefined && { cursor }) };
    const { messages, ...told } =
      under === undefined
        ? await client.conversations.history(from)
        : await client.conversations.replies({ ...from, ts: under.message });
    if (messages === undefined) return { kind: "cannot", reason: "Slack named no messages." };
    // Any application can write this metadata; only our own message is the post.
    const ts = messages.find((one) => isOurs(one, installation) && carries(one.metadata, key))?.ts;
    if (ts !== undefined) return { kind: "found", message: { ...(under ?? to), channel, message: ts } };
    cursor = told.response_metadata?.next_cursor;
    if (cursor === undefined || cursor === "") return { kind: "absent" };
  }
  return { kind: "cannot", reason: `not among the ${PAGE * MOST_PAGES} messages that were read` };
}

async function conversationOf(client: Client, { to, under }: Sought): Promise<string | undefined> {
  if (under !== undefined) return under.channel;
  if (to.direct !== true) return to.channel;
  return (await client.conversations.open({ users: to.channel })).channel?.id;
}

function isOurs(
  { user, app_id: app }: { readonly user?: string; readonly app_id?: string },
  { botUser, application }: Installation,
): boolean {
  return user === botUser || app === application;
}

function whyNot(outcome: Exclude<SendOutcome, { kind: "sent" }>): Sighting {
  if (outcome.kind === "rate-limited")
    return { kind: "later", afterMs: outcome.afterMs, reason: `rate_limited ${outcome.scope}` };
  const passes = outcome.kind === "unknown" || outcome.kind === "unavailable";
  return passes
    ? { kind: "later", afterMs: SOON_MS, reason: outcome.reason }
    : { kind: "cannot", reason: outcome.reason };
}
