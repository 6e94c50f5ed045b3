import { createHmac } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import type { IncomingMessage } from "node:http";

import { readBody } from "../shared/http.ts";
import { parseJson } from "../shared/json.ts";
import type { JsonObject } from "../shared/json.ts";
import type { Sockets } from "./sockets.ts";
import type { World } from "./world.ts";

export interface Delivery {
  readonly type: "slash_commands" | "interactive" | "events_api";
  readonly payload: JsonObject;
  /** Events only: which attempt after the first this is, and why. */
  readonly retry?: { readonly number: number; readonly reason: string };
}

/** What the app said to a delivery within three seconds. `body`: undefined, a text or what its JSON said. */
export type Ack =
  | { readonly kind: "ok"; readonly body: unknown }
  | {
      readonly kind: "failed";
      readonly error: "operation_timeout" | "dispatch_failed";
      readonly status?: number;
      readonly noRetry?: boolean;
    };

export type Deliver = (delivery: Delivery) => Promise<Ack>;

export const ACK_MS = 3_000;

/** Sends to the app as Slack does: over a socket where one is open, else as a signed request. */
export function createDeliver(world: World, sockets: Sockets): Deliver {
  return (delivery) => sockets.deliver(delivery) ?? post(world, delivery);
}

async function post({ app }: World, delivery: Delivery): Promise<Ack> {
  if (app.requestUrl === undefined) return { kind: "failed", error: "dispatch_failed" };
  const body = encode(delivery);
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac("sha256", app.signingSecret).update(`v0:${timestamp}:${body}`).digest("hex");
  const headers = {
    "content-type": delivery.type === "events_api" ? "application/json" : "application/x-www-form-urlencoded",
    "user-agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
    "x-slack-request-timestamp": timestamp,
    "x-slack-signature": `v0=${signature}`,
    ...retryHeaders(delivery),
  };
  try {
    const answer = await send(app.requestUrl, headers, body);
    if (answer.status === 200) return { kind: "ok", body: decode(answer.text) };
    return { kind: "failed", error: "dispatch_failed", status: answer.status, noRetry: answer.noRetry };
  } catch (error) {
    const late = error instanceof Error && error.name === "AbortError";
    return { kind: "failed", error: late ? "operation_timeout" : "dispatch_failed" };
  }
}

interface AppAnswer {
  readonly status: number;
  readonly text: string;
  readonly noRetry: boolean;
}

/** A connection of its own for each request: nothing of it stays open when the app stops. */
async function send(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<AppAnswer> {
  const outgoing = request(url, {
    method: "POST",
    headers,
    agent: false,
    signal: AbortSignal.timeout(ACK_MS),
  });
  const answered = once(outgoing, "response");
  outgoing.end(body);
  const [answer]: IncomingMessage[] = await answered;
  if (answer === undefined) throw new Error("The app sent no response.");
  const text = await readBody(answer);
  return { status: answer.statusCode ?? 0, text, noRetry: answer.headers["x-slack-no-retry"] === "1" };
}

function encode({ type, payload }: Delivery): string {
  if (type === "events_api") return JSON.stringify(payload);
  const fields =
    type === "interactive"
      ? { payload: JSON.stringify(payload) }
      : Object.fromEntries(Object.entries(payload).map(([key, value]) => [key, String(value)]));
  return new URLSearchParams(fields).toString();
}

function decode(text: string): unknown {
  if (text === "") return undefined;
  return parseJson(text) ?? text;
}

function retryHeaders({ retry }: Delivery): Readonly<Record<string, string>> {
  if (retry === undefined) return {};
  return { "x-slack-retry-num": String(retry.number), "x-slack-retry-reason": retry.reason };
}
