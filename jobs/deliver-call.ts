import { editsCards, removesMessages, repliesInThreads } from "../src/chat.ts";
import type { SendOutcome } from "../src/chat.ts";
import { SECOND } from "../src/clock.ts";
import { cannotBeChanged, changeBy } from "../src/deliveries/outcome.ts";
import type { Log } from "../src/log.ts";
import type { Prepared } from "./deliver-prepare.ts";
import type { Target } from "./deliverer-options.ts";

export interface Call extends Prepared, Target {
  /** The same key makes one message where the platform can promise that. */
  readonly key: string;
  readonly log: Log;
}

/** What the platform said, and to what. */
export interface Said {
  readonly outcome: SendOutcome;
  /** It could not be changed and was to be taken away instead. */
  readonly removing: boolean;
}

/** Adapters stop waiting after 5 s. This is for one that does not, and stays within the lease. */
const LONGEST_CALL = 7 * SECOND;
/**
 * From the intent to the call. With the adapter's 5 s it has then landed before the quiet time of 10 s is over and
 * somebody else sends: after that it could put words back that were recalled meanwhile.
 */
const LATEST_CALL = 2 * SECOND;
const THREAD_TITLE = "Allpoints";

/** Posts, replies, edits or removes, unless it is too late for that. Never rejects: an adapter that throws may have sent. */
export async function call(one: Call): Promise<Said> {
  // This process, or the database, stood still in between.
  if (performance.now() - one.intendedAt > LATEST_CALL)
    return { outcome: { kind: "unavailable", reason: "too_late" }, removing: false };
  const { promise: tooLong, resolve } = Promise.withResolvers<Said>();
  const late = { outcome: { kind: "unknown", reason: "too_long" }, removing: false } as const;
  const timer = setTimeout(() => resolve(late), LONGEST_CALL);
  try {
    return await Promise.race([send(one), tooLong]);
  } catch (error) {
    one.log.error("an adapter threw", { error, delivery: one.held.id, platform: one.held.platform });
    return { outcome: { kind: "unknown", reason: "adapter_threw" }, removing: false };
  } finally {
    clearTimeout(timer);
  }
}

async function send(one: Call): Promise<Said> {
  if (one.held.message !== null) return change(one, one.held.message);
  return { outcome: await post(one), removing: false };
}

function post({ installation, adapter, held, rendered: { card, threadTitle }, key }: Call) {
  const { platform, workspace, channel, direct } = held;
  const it = { to: { platform, workspace, channel, ...(direct && { direct }) }, card, key };
  if (held.under !== null && repliesInThreads(adapter)) {
    return adapter.reply(installation, held.under, { ...it, threadTitle: threadTitle ?? THREAD_TITLE });
  }
  return adapter.post(installation, it);
}

/** What is over and cannot be changed is taken away: a recall must reach every copy. */
async function change(
  { installation, adapter, held, rendered }: Call,
  message: NonNullable<Call["held"]["message"]>,
): Promise<Said> {
  const ended = held.endedVersion !== null;
  if (changeBy({ ...held, ended }) !== "remove") {
    // Every platform we have edits; one that cannot leaves the old card, which a person must know.
    const outcome: SendOutcome = editsCards(adapter)
      ? await adapter.edit(installation, message, rendered.card)
      : { kind: "edit-refused", reason: "cannot_edit" };
    const stays = cannotBeChanged(outcome) || (held.old && outcome.kind === "rate-limited");
    if (!ended || !stays || !removesMessages(adapter)) return { outcome, removing: false };
  }
  return removesMessages(adapter)
    ? { outcome: await adapter.remove(installation, message), removing: true }
    : { outcome: { kind: "edit-refused", reason: "cannot_remove" }, removing: true };
}
