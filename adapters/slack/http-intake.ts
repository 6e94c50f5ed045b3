import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

import { HTTPReceiver, isValidSlackRequest, type App, type Logger, type Receiver } from "@slack/bolt";

import { replays } from "./replays.ts";

export type Refused = "signature" | "timestamp" | "replay" | "malformed";

/** How events come in: Bolt's receiver, and what `stop` needs to end it well. */
export interface Intake {
  readonly receiver: Receiver;
  readonly address: () => { readonly port: number } | undefined;
  /** Takes nothing new. */
  readonly pause: () => void;
  readonly close: () => Promise<void>;
}

export interface HttpIntakeOptions {
  readonly signingSecret: string;
  readonly port: number;
  readonly host: string;
  readonly logger: Logger;
  readonly onRefused: (why: Refused) => void;
  readonly track: <T>(work: Promise<T>) => Promise<T>;
}

const PATH = "/slack/events";
const MOST_BYTES = 1_000_000;
const OLD_S = 300;
const FUTURE_S = 60;

/** Slack's requests over HTTP. Bolt trusts clocks that run ahead and takes the same request twice: refused here first. */
export function httpIntake(options: HttpIntakeOptions): Intake {
  const { signingSecret, logger, onRefused, track } = options;
  const bolt = new HTTPReceiver({ signingSecret, endpoints: [PATH], logger });
  const seen = replays();
  let paused: Promise<unknown> | undefined;

  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method !== "POST" || request.url?.split("?")[0] !== PATH) return end(response, 404);
    const rawBody = await bodyOf(request);
    if (paused !== undefined) return end(response, 503);
    if (rawBody === undefined) return refuse(response, 413, "malformed");
    // Slack tries the connection with this, unsigned. There is nothing in it to act on.
    if (/^(.*&)?ssl_check=1(&|$)/.test(rawBody.toString("latin1", 0, 1_000))) return end(response, 200);
    const why = refusal(request, rawBody, { signingSecret, seen });
    if (why !== undefined) return refuse(response, 401, why);
    // Only from here on is it worth waiting for: a stranger's half-sent request is not.
    return track(hand(Object.assign(request, { rawBody }), response));
  };

  const hand = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const finished = new Promise<void>((resolve) => {
      response.once("close", resolve);
    });
    bolt.requestListener(request, response);
    await finished;
    if (response.statusCode === 400) onRefused("malformed");
  };

  const refuse = (response: ServerResponse, status: number, why: Refused): void => {
    onRefused(why);
    end(response, status);
  };

  const server = createServer({ requestTimeout: 10_000 }, (request, response) => {
    take(request, response).catch(() => response.destroy());
  });

  return {
    receiver: {
      init: (app: App) => bolt.init(app),
      start: () => listening(server, options),
      stop: () => Promise.resolve(),
    },
    address: () => {
      const address = server.address();
      return typeof address === "object" && address !== null ? { port: address.port } : undefined;
    },
    pause: () => {
      paused = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
    },
    close: async () => {
      // One half-sent request would keep the server closing for ever.
      server.closeAllConnections();
      await paused;
    },
  };
}

function end(response: ServerResponse, status: number): void {
  response.writeHead(status, status >= 400 ? { connection: "close" } : {}).end();
}

async function listening(
  server: ReturnType<typeof createServer>,
  { port, host }: { readonly port: number; readonly host: string },
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** Undefined for a body beyond what Slack ever sends. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

interface Checks {
  readonly signingSecret: string;
  readonly seen: ReturnType<typeof replays>;
}

function refusal(
  request: IncomingMessage,
  body: Buffer,
  { signingSecret, seen }: Checks,
): Refused | undefined {
  const signature = request.headers["x-slack-signature"];
  const timestamp = request.headers["x-slack-request-timestamp"];
  // The exact form: a signature with something appended verifies too, and would pass for a new one.
  if (typeof signature !== "string" || !/^v0=[0-9a-f]{64}$/.test(signature)) return "malformed";
  if (typeof timestamp !== "string" || !/^\d{1,12}$/.test(timestamp)) return "malformed";
  const ahead = Number(timestamp) - Date.now() / 1_000;
  if (ahead > FUTURE_S || ahead < -OLD_S) return "timestamp";
  const headers = { "x-slack-signature": signature, "x-slack-request-timestamp": Number(timestamp) };
  if (!isValidSlackRequest({ signingSecret, body: body.toString(), headers })) return "signature";
  return seen.seen(signature, Date.now()) ? "replay" : undefined;
}
