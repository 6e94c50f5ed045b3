import { editsCards, repliesInThreads } from "../src/chat.ts";
import type { ChatAdapter, Installation, SendOutcome } from "../src/chat.ts";
import { SECOND } from "../src/clock.ts";
import type { Log } from "../src/log.ts";
import type { Prepared } from "./deliver-prepare.ts";

interface Call extends Prepared {
  readonly installation: Installation;
  readonly adapter: ChatAdapter;
  readonly log: Log;
}

/** Adapters stop waiting after 5 s. This is for one that does not, and stays within the lease. */
const LONGEST_CALL = 7 * SECOND;
/**
 * From the intent to the call. With the adapter's 5 s it has then landed before the quiet time of 10 s is over and
 * somebody else sends: after that it could put words back that were recalled meanwhile.
 */
const LATEST_CALL = 5 * SECOND;
const THREAD_TITLE = "Allpoints";

/** Posts, replies or edits, unless it is too late for that. Never rejects: an adapter that throws may have sent. */
export async function call(one: Call): Promise<SendOutcome> {
  // This process, or the database, stood still in between.
  if (performance.now() - one.intendedAt > LATEST_CALL) return { kind: "unavailable", reason: "too_late" };
  const { promise: tooLong, resolve } = Promise.withResolvers<SendOutcome>();
  const timer = setTimeout(() => resolve({ kind: "unknown", reason: "too_long" }), LONGEST_CALL);
  try {
    return await Promise.race([send(one), tooLong]);
  } catch (error) {
    one.log.error("an adapter threw", { error, delivery: one.held.id, platform: one.held.platform });
    return { kind: "unknown", reason: "adapter_threw" };
  } finally {
    clearTimeout(timer);
  }
}

function send({ installation, adapter, held, rendered: { card, threadTitle } }: Call): Promise<SendOutcome> {
  if (held.message !== null) {
    if (editsCards(adapter)) return adapter.edit(installation, held.message, card);
    // Every platform we have edits; one that cannot leaves the old card, which a person must know.
    return Promise.resolve({ kind: "policy-blocked", reason: "cannot_edit" });
  }
  const { platform, workspace, channel, direct } = held;
  const post = { to: { platform, workspace, channel, ...(direct && { direct }) }, card, key: held.id };
  if (held.under !== null && repliesInThreads(adapter)) {
    return adapter.reply(installation, held.under, { ...post, threadTitle: threadTitle ?? THREAD_TITLE });
  }
  return adapter.post(installation, post);
}
