import type { IncomingMessage } from "node:http";
import { setTimeout as pause } from "node:timers/promises";

import type { Fault, FaultKind } from "../pretend.ts";

/** How a platform words what may happen to a call. */
export interface Answers<Reply> {
  /** Does what was asked for and answers, or refuses it. */
  readonly act: () => Reply;
  readonly limited: (fault: Fault) => Reply;
  readonly failed: (status: 500 | 503) => Reply;
  readonly revoked: () => Reply;
}

/** "silence": no answer, and the connection stays. */
export type Course<Reply> = { readonly reply: Reply } | "silence" | "reset";

type Fate = <Reply>(answers: Answers<Reply>, fault: Fault) => Course<Reply> | Promise<Course<Reply>>;

const failBefore: Fate = ({ failed }) => ({ reply: failed(500) });

const fates: Readonly<Record<FaultKind, Fate>> = {
  "rate-limited": ({ limited }, fault) => ({ reply: limited(fault) }),
  "token-revoked": ({ revoked }) => ({ reply: revoked() }),
  "server-error": failBefore,
  "error-before": failBefore,
  "error-after": ({ act, failed }) => {
    act();
    return { reply: failed(500) };
  },
  "hang-before": (_answers, fault) => noAnswer(fault),
  "hang-after": ({ act }, fault) => {
    act();
    return noAnswer(fault);
  },
  late: ({ act }, fault) => {
    setTimeout(act, fault.afterMs ?? 5_000).unref();
    return noAnswer(fault);
  },
  slow: async ({ act }, { afterMs = 2_000 }) => {
    await quietly(afterMs);
    return { reply: act() };
  },
  "half-open": async (_answers, { afterMs }) => {
    if (afterMs === undefined) return "silence";
    await quietly(afterMs);
    return "reset";
  },
  down: ({ failed }, { reset }) => (reset === true ? "reset" : { reply: failed(503) }),
};

function noAnswer({ reset }: Fault): "silence" | "reset" {
  return reset === true ? "reset" : "silence";
}

/** What becomes of a call under a fault, or without one. */
export async function courseOf<Reply>(
  fault: Fault | undefined,
  answers: Answers<Reply>,
): Promise<Course<Reply>> {
  return fault === undefined ? { reply: answers.act() } : fates[fault.kind](answers, fault);
}

/** Waits without keeping the process: a platform that is closed waits for nothing. */
export async function quietly(ms: number): Promise<void> {
  if (ms > 0) await pause(ms, undefined, { ref: false });
}

/** The answer to send; undefined when there is none, and a reset has then been done. */
export function replyOf<Reply>(course: Course<Reply>, request: IncomingMessage): Reply | undefined {
  if (course === "reset") request.socket.resetAndDestroy();
  return typeof course === "string" ? undefined : course.reply;
}
