import { DiscordAPIError, HTTPError, RateLimitError } from "discord.js";

import type { SendOutcome } from "../../src/chat.ts";

type Refused = Exclude<SendOutcome["kind"], "sent" | "rate-limited">;

/** What Discord's error codes mean for a send. What is not here is policy-blocked, with the whole reason kept. */
const meanings: Readonly<Record<string, Refused | "rate-limited">> = {
  10003: "channel-gone", // unknown channel
  10013: "channel-gone", // unknown user
  50001: "channel-gone", // missing access; see `mayBeTenant`
  50013: "channel-gone", // missing permissions; see `mayBeTenant`
  50007: "channel-gone", // this person takes no direct messages
  50008: "channel-gone", // not a text channel
  50024: "channel-gone", // not in this kind of channel
  50278: "channel-gone", // no server in common with this person
  40058: "channel-gone", // needs an active thread first
  160005: "channel-gone", // thread is locked
  10004: "tenant-gone", // unknown guild
  40001: "tenant-gone", // unauthorized
  50014: "tenant-gone", // invalid token
  50026: "scope-missing", // missing OAuth2 scope
  50035: "payload-invalid", // invalid form body
  50006: "payload-invalid", // empty message
  40005: "payload-invalid", // request too large
  50109: "payload-invalid", // not JSON
  10008: "message-gone", // unknown message
  10015: "message-gone", // unknown webhook: the interaction expired
  50005: "message-gone", // another author's message
  50027: "message-gone", // invalid webhook token: the interaction expired
  50083: "message-gone", // thread is archived
  20016: "rate-limited", // slow mode
  20028: "rate-limited", // channel write limit
  20029: "rate-limited", // server write limit
  30046: "rate-limited", // too many edits of messages older than an hour
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

/** How a call that threw ended. Throws on what is no answer of Discord and no trouble of the network: a bug. */
export function outcomeOf(error: unknown): Exclude<SendOutcome, { kind: "sent" }> {
  if (error instanceof RateLimitError) return limited(error);
  if (error instanceof DiscordAPIError) return refused(error);
  if (error instanceof HTTPError) return { kind: "unknown", reason: `HTTP ${String(error.status)}` };
  if (!(error instanceof Error))
    throw new Error("Discord's client threw something that is no error", { cause: error });
  // discord.js forgets its token after one answer 401 and then refuses by itself.
  if (error.message.startsWith("Expected token")) return { kind: "tenant-gone", reason: error.message };
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

function limited({
  global,
  retryAfter,
  sublimitTimeout,
  timeToReset,
}: RateLimitError): SendOutcome & { kind: "rate-limited" } {
  // Which of the three holds the delay depends on the headers that came with the 429; the others are then near 0.
  const afterMs = Math.max(1_000, Math.ceil(Math.max(retryAfter, sublimitTimeout, timeToReset)));
  return { kind: "rate-limited", afterMs, scope: global ? "application" : "channel" };
}

function refused({
  status,
  code,
  message,
  rawError,
}: DiscordAPIError): Exclude<SendOutcome, { kind: "sent" }> {
  const reason = `HTTP ${String(status)}, code ${String(code)}: ${message}`;
  if (status === 401) return { kind: "tenant-gone", reason };
  const kind = meanings[String(code)] ?? "policy-blocked";
  if (kind !== "rate-limited") return { kind, reason };
  const seconds =
    "retry_after" in rawError && typeof rawError.retry_after === "number" ? rawError.retry_after : 5;
  return { kind, afterMs: Math.ceil(seconds * 1_000), scope: "channel" };
}

/** The system's or undici's code, at whatever depth it was wrapped. */
function networkCode(error: Error): string | undefined {
  if (error.name === "AbortError") return "timed out";
  if ("code" in error && typeof error.code === "string") return error.code;
  if (error instanceof AggregateError && error.errors[0] instanceof Error)
    return networkCode(error.errors[0]);
  return error.cause instanceof Error ? networkCode(error.cause) : undefined;
}
