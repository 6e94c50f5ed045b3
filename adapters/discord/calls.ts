import { parseResponse, REST, Routes } from "discord.js";

import type { Installation, SendOutcome } from "../../src/chat.ts";
import type { Log } from "./log.ts";
import { asksForGuild, hasCode, outcomeOf } from "./outcomes.ts";

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
      // Nothing is added to what Discord says, so that a call at the end of `restMs` is not refused here.
      offset: 0,
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

/** The calls of one send, which together take no longer than one may: the lease is measured for it. */
export interface Calls {
  readonly rest: REST;
  readonly signal: AbortSignal;
}

/** One send, once, in the time there is; what its calls throw becomes an outcome. */
export function attempts(restFor: RestFor, { sendTimeoutMs }: SendingOptions) {
  return async (
    installation: Installation,
    send: (calls: Calls) => Promise<SendOutcome>,
  ): Promise<SendOutcome> => {
    const calls = { rest: restFor(installation), signal: AbortSignal.timeout(sendTimeoutMs) };
    try {
      return await send(calls);
    } catch (error) {
      if (asksForGuild(error) && (await guildIsGone(calls, installation)))
        return { kind: "tenant-gone", reason: "The bot is no longer in this server." };
      return outcomeOf(error);
    }
  };
}

async function guildIsGone({ rest, signal }: Calls, { workspace }: Installation): Promise<boolean> {
  try {
    await rest.get(Routes.guild(workspace), { signal });
    return false;
  } catch (error) {
    return hasCode(error, 50001) || hasCode(error, 10004);
  }
}

type Question = Pick<Parameters<REST["queueRequest"]>[0], "method" | "fullRoute" | "body">;

/** One call, with its answer and what that says about the next: other calls' answers come in between. */
export async function ask({ rest, signal }: Calls, question: Question) {
  const response = await rest.queueRequest({ ...question, signal });
  const left = response.headers.get("x-ratelimit-remaining");
  const seconds = Number(response.headers.get("x-ratelimit-reset-after"));
  const usedUp = left === "0" && seconds > 0;
  return { answer: await parseResponse(response), ...(usedUp && { restMs: Math.ceil(seconds * 1_000) }) };
}
