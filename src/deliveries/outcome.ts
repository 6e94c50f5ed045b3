import type { MessageRef, Platform, SendOutcome } from "../chat.ts";
import { MINUTE, SECOND } from "../clock.ts";
import { levels, type DeliveryKind, type Level } from "./delivery.ts";

// What follows from what happened. Pure: the stores write it down, the jobs carry it out.

/** Long enough for a call that timed out at 5 s to have landed after all. */
const QUIET = 10 * SECOND;
const LONGEST_BACKOFF = 30 * SECOND;
/** An answer that nobody has seen before is kept whole. */
const LONGEST_ERROR = 2_000;
/** A platform that says "try again in 0 ms" does not mean at once. */
const SHORTEST_PAUSE = 100;
/** Urgencies 1 to 3: extreme and severe, and what follows from them. */
const CRITICAL = 3;
/** Discord keeps a nonce for "a few minutes". */
export const NONCE_KEPT = 2 * MINUTE;
const MOST_REPEATS_BY_NONCE = 8;
/** So long a look-up is tried again. After that it counts as impossible. */
const LONGEST_DOUBT = 60 * MINUTE;

export type DeadReason =
  | "channel_gone"
  | "tenant_gone"
  | "scope_missing"
  | "payload_invalid"
  | "policy_blocked"
  | "message_gone"
  | "edit_refused"
  | "unheard_of"
  | "outcome_unknown"
  | "render_failed"
  | "channel_released"
  | "thread_gone";

/** What a delivery becomes after a call. */
export type Settlement =
  /** No message: there is nothing to change any more, which is as good as changed. */
  | { readonly to: "applied"; readonly message?: MessageRef; readonly removed?: boolean }
  | {
      readonly to: "pending";
      readonly afterMs: number;
      readonly error: string;
      /** It was refused before it was tried, so it does not lengthen the back-off. */
      readonly free?: boolean;
    }
  | { readonly to: "checking"; readonly error: string }
  | { readonly to: "dead"; readonly reason: DeadReason; readonly error: string };

export interface Tried {
  /** A message is there and was to be changed. */
  readonly edit: boolean;
  /** What was sent is the tombstone. */
  readonly ended: boolean;
  /** It could not be changed, and was to be taken away instead. */
  readonly removing: boolean;
  /** This one included. */
  readonly attempts: number;
}

/** What came of a call: what the platform said, or that another call of the lane was refused just before this one. */
export type CallOutcome = SendOutcome | { readonly kind: "held-back" };

/** What a delivery becomes, given what the platform said. */
export function settlementOf(outcome: CallOutcome, tried: Tried): Settlement {
  if (isFinal(outcome)) return dead(reasons[outcome.kind], outcome.reason);
  switch (outcome.kind) {
    case "sent":
      return { to: "applied", ...(tried.edit ? { removed: tried.removing } : { message: outcome.message }) };
    case "rate-limited":
      return {
        to: "pending",
        afterMs: Math.max(SHORTEST_PAUSE, outcome.afterMs),
        error: `rate_limited ${outcome.scope}`,
        free: true,
      };
    case "held-back":
      return { to: "pending", afterMs: 0, error: "held_back", free: true };
    case "unknown":
      // The same edit twice makes one; after the quiet time it cannot overtake its own repetition.
      return tried.edit
        ? { to: "pending", afterMs: QUIET, error: cut(outcome.reason) }
        : { to: "checking", error: cut(outcome.reason) };
    case "unavailable":
      return { to: "pending", afterMs: backoff(tried.attempts), error: cut(outcome.reason) };
    case "message-gone":
      return goneAlready(tried) ? { to: "applied", removed: true } : dead("message_gone", outcome.reason);
  }
}

/** Somebody took away what was to be recalled. */
const goneAlready = ({ edit, ended }: Tried): boolean => edit && ended;

/** Trying again would not help. */
const reasons = {
  "edit-refused": "edit_refused",
  "unheard-of": "unheard_of",
  "channel-gone": "channel_gone",
  "tenant-gone": "tenant_gone",
  "scope-missing": "scope_missing",
  "payload-invalid": "payload_invalid",
  "policy-blocked": "policy_blocked",
} as const satisfies Partial<Record<SendOutcome["kind"], DeadReason>>;

function isFinal(
  outcome: CallOutcome,
): outcome is Extract<SendOutcome, { readonly kind: keyof typeof reasons }> {
  return outcome.kind in reasons;
}

function dead(reason: DeadReason, error: string): Settlement {
  return { to: "dead", reason, error: cut(error) };
}

/** 1 s, 2 s, 4 s … 30 s. */
export function backoff(attempts: number): number {
  return Math.min(LONGEST_BACKOFF, SECOND * 2 ** Math.min(10, Math.max(0, attempts - 1)));
}

function cut(error: string): string {
  // PostgreSQL's text holds everything but this one character.
  return error.replaceAll("\0", "").slice(0, LONGEST_ERROR);
}

export interface Quiet {
  readonly platform: Platform;
  readonly edit: boolean;
  readonly ended: boolean;
  readonly urgency: number;
  /** Sent again once already after an unknown outcome. */
  readonly repeated: boolean;
  readonly attempts: number;
  /** Since the first post that may be out there. */
  readonly doubtMs: number;
}

/** What to do when the outcome is still unknown and nothing can arrive any more. */
export function afterQuiet(quiet: Quiet): "again" | "repeat" | "look" {
  if (quiet.edit) return "again";
  // What is over is never posted late, not even to find out.
  const byNonce = quiet.platform === "discord" && !quiet.ended && quiet.doubtMs < NONCE_KEPT;
  return byNonce && quiet.attempts < MOST_REPEATS_BY_NONCE ? "repeat" : "look";
}

/** What to do when nobody can look: on Slack the urgent goes out once more and says so, the rest waits for a person. */
export function whenBlind({ platform, urgency, repeated, ended }: Quiet): "repeat" | "lost" {
  return platform === "slack" && urgency <= CRITICAL && !repeated && !ended ? "repeat" : "lost";
}

export function isLookedForTooLong({ doubtMs }: Quiet): boolean {
  return doubtMs > LONGEST_DOUBT;
}

export interface BeforeSending {
  readonly kind: DeliveryKind;
  /** As planned, or as last sent. */
  readonly level: Level | null;
  /** What the channel may be shown now; null where clearance does not apply. */
  readonly allowed: Level | "refused" | null;
  readonly edit: boolean;
  readonly ended: boolean;
  /** The bulletin is not in force at this moment, whether or not anybody has noticed. */
  readonly over: boolean;
}

/** Whether a card may go out now, and how much of it. The lower level wins, and stays. */
export function judgeSending(
  before: BeforeSending,
):
  | { readonly send: true; readonly level: Level | null }
  | { readonly send: false; readonly reason: "ended" | "label" } {
  const { level, allowed, edit, ended, over } = before;
  if (!edit && (ended || (over && before.kind === "bulletin"))) return { send: false, reason: "ended" };
  if (level === null || allowed === null || ended) return { send: true, level };
  // A copy that is there already cannot be left as it is: it shrinks.
  if (allowed === "refused")
    return edit ? { send: true, level: "pointer" } : { send: false, reason: "label" };
  return { send: true, level: levels.indexOf(allowed) < levels.indexOf(level) ? allowed : level };
}

export interface BeforeChange {
  readonly platform: Platform;
  /** Older than 55 minutes: Discord allows such a message few changes. */
  readonly old: boolean;
  readonly editedLate: boolean;
  readonly ended: boolean;
}

/** How a message that is there comes to show what is wanted. "leave": the thread tells what is new. */
export function changeBy({ platform, old, editedLate, ended }: BeforeChange): "edit" | "remove" | "leave" {
  if (platform !== "discord" || !old || !editedLate) return "edit";
  return ended ? "remove" : "leave";
}

/** The message is there and stays as it is: what is over has to be taken away instead. */
export function cannotBeChanged({ kind }: SendOutcome): boolean {
  return kind === "edit-refused" || kind === "policy-blocked" || kind === "payload-invalid";
}
