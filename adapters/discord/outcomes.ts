import { DiscordAPIError, HTTPError, RateLimitError } from "discord.js";

import type { SendOutcome } from "../../src/chat.ts";

type Failure = Exclude<SendOutcome, { kind: "sent" }>;

/** What Discord's error codes mean for a send, an edit or a deletion. */
const meanings: Readonly<Record<string, Exclude<Failure["kind"], "unheard-of">>> = {
  10003: "channel-gone", // unknown channel
  10013: "channel-gone", // unknown user
  50001: "channel-gone", // missing access; see `mayBeTenant`
  50013: "channel-gone", // missing permissions; see `mayBeTenant`
  50007: "channel-gone", // this person takes no direct messages
  50033: "channel-gone", // this person cannot be written to
  40007: "channel-gone", // this person is banned
  50008: "channel-gone", // not a text channel
  50009: "channel-gone", // the channel asks for more verification
  50024: "channel-gone", // not in this kind of channel
  50278: "channel-gone", // no server in common with this person
  40058: "channel-gone", // needs an active thread first
  10004: "tenant-gone", // unknown guild
  40001: "tenant-gone", // unauthorized
  50014: "tenant-gone", // invalid token
  50026: "scope-missing", // missing OAuth2 scope
  50035: "payload-invalid", // invalid form body
  50006: "payload-invalid", // empty message
  40005: "payload-invalid", // request too large
  50109: "payload-invalid", // not JSON
  40333: "payload-invalid", // Cloudflare takes our User-Agent for none
  20009: "policy-blocked", // explicit content
  40002: "policy-blocked", // the account must be verified
  200000: "policy-blocked", // AutoMod, message
  200001: "policy-blocked", // AutoMod, title
  240000: "policy-blocked", // harmful link
  10008: "message-gone", // unknown message
  50005: "edit-refused", // another author's message
  50021: "edit-refused", // a system message
  50068: "edit-refused", // a kind of message that is not for this
  50083: "edit-refused", // thread is archived
  160005: "edit-refused", // thread is locked
  20016: "rate-limited", // slow mode
  20022: "rate-limited", // edits in an announcement channel
  20028: "rate-limited", // channel write limit
  20029: "rate-limited", // server write limit
  30046: "rate-limited", // too many edits of messages older than an hour
  40003: "rate-limited", // direct messages opened too fast
  40062: "rate-limited", // service resource limit
  40004: "unavailable", // sending is switched off for the moment
  40006: "unavailable", // feature is switched off for the moment
  130000: "unavailable", // API overloaded
};

/** Codes that a guild without us gives as well as a channel without us: only asking for the guild tells. */
const mayBeTenant: ReadonlySet<unknown> = new Set([50001, 50013]);

const notConnected: ReadonlySet<unknown> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

const LONGEST_ANSWER = 2_000;

/** How a call that threw ended. Throws on what is no answer of Discord and no trouble of the network: a bug. */
export function outcomeOf(error: unknown): Failure {
  if (error instanceof RateLimitError) return limited(error);
  if (error instanceof DiscordAPIError) return refused(error);
  if (error instanceof HTTPError) return { kind: "unknown", reason: `HTTP ${String(error.status)}` };
  if (!(error instanceof Error))
    throw new Error("Discord's client threw something that is no error", { cause: error });
  // discord.js forgets its token after one answer 401 and then refuses by itself.
  if (error.message.startsWith("Expected token")) return { kind: "tenant-gone", reason: error.message };
  // What says that it is JSON and is none.
  if (error instanceof SyntaxError) return { kind: "unknown", reason: "The answer was not Discord's." };
  // It still waited behind another call to the same channel when its time was over.
  if (error.message === "Request aborted manually") return { kind: "unavailable", reason: "queued too long" };
  const code = networkCode(error);
  if (code === undefined) throw error;
  return { kind: notConnected.has(code) ? "unavailable" : "unknown", reason: code };
}

/** Whether only the guild itself can tell which of channel and tenant is gone. */
export function asksForGuild(error: unknown): boolean {
  return error instanceof DiscordAPIError && mayBeTenant.has(error.code);
}

/** Whether Discord gave this error code. */
export function hasCode(error: unknown, code: number): boolean {
  return error instanceof DiscordAPIError && error.code === code;
}

function limited({ global, retryAfter, sublimitTimeout, timeToReset }: RateLimitError): Failure {
  // Which of the three holds the delay depends on the headers that came with the 429; the others are then near 0.
  const told = Math.ceil(Math.max(retryAfter, sublimitTimeout, timeToReset));
  // Without Retry-After it was a 429 that did not say how long. discord.js's own refusals always say.
  const afterMs = retryAfter > 0 ? told : Math.max(1_000, told);
  return { kind: "rate-limited", afterMs, scope: global ? "application" : "channel" };
}

function refused({ status, code, message, rawError }: DiscordAPIError): Failure {
  const reason = `HTTP ${String(status)}, code ${String(code)}: ${message}`;
  if (status === 401) return { kind: "tenant-gone", reason };
  const kind = meanings[String(code)];
  if (kind === undefined) return uncoded(status, rawError);
  if (kind !== "rate-limited") return { kind, reason };
  const seconds =
    "retry_after" in rawError && typeof rawError.retry_after === "number" ? rawError.retry_after : 5;
  return { kind, afterMs: Math.ceil(seconds * 1_000), scope: "channel" };
}

function uncoded(status: number, answer: unknown): Failure {
  const reason = `HTTP ${String(status)}`;
  if (status === 408) return { kind: "unknown", reason };
  if (status === 413) return { kind: "payload-invalid", reason };
  // What is no JSON comes as bytes: a page of something on the way.
  const words = answer instanceof ArrayBuffer ? Buffer.from(answer).toString() : JSON.stringify(answer);
  return { kind: "unheard-of", reason: `${reason}: ${words}`.slice(0, LONGEST_ANSWER) };
}

/** The system's or undici's code, at whatever depth it was wrapped. */
function networkCode(error: Error): string | undefined {
  if (error.name === "AbortError") return "timed out";
  if ("code" in error && typeof error.code === "string") return error.code;
  if (error instanceof AggregateError && error.errors[0] instanceof Error)
    return networkCode(error.errors[0]);
  return error.cause instanceof Error ? networkCode(error.cause) : undefined;
}
