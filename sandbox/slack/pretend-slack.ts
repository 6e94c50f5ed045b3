import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";

import { isControlPath, serveControl } from "../shared/control.ts";
import { closeServer, isFromPage, listenOnLoopback, refusePage, sendJson } from "../shared/http.ts";
import { createApiLimits, realLimits } from "./api-limits.ts";
import type { LimitNumbers } from "./api-limits.ts";
import { createControl } from "./control.ts";
import type { PretendSlackSettings } from "./control.ts";
import { createDeliver } from "./deliver.ts";
import { createEvents } from "./events.ts";
import { serveResponseUrl } from "./responses.ts";
import { createSockets } from "./sockets.ts";
import { serveWebApi } from "./web-api.ts";
import { createWorld } from "./world.ts";
import type { World } from "./world.ts";

export interface PretendSlackOptions extends PretendSlackSettings {
  /** Default 0: any free port. */
  readonly port?: number;
  readonly signingSecret: string;
  /** Valid for apps.connections.open: Socket Mode. */
  readonly appToken?: string;
  readonly appId?: string;
  /** The bot's display name. Default "Allpoints". */
  readonly appName?: string;
  /**
   * What every bot token may do. Default: everything that a method here asks for, except chat:write.public and the
   * scopes for reading history (channels:history, groups:history, im:history).
   */
  readonly scopes?: readonly string[];
  /** Default "real"; numbers replace single limits. */
  readonly limits?: "real" | "off" | Partial<LimitNumbers>;
  /** How long a person waits for something to appear after an empty acknowledgment. Default 3,000. */
  readonly patienceMs?: number;
  /** How long every Web API call takes, at least. Default 0. */
  readonly latencyMs?: number;
  /** How many calls are kept for `calls()`. Default 10,000. */
  readonly keptCalls?: number;
}

export interface PretendSlack {
  /** Without a trailing slash; the Web API is at `${url}/api/`. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

const allScopes = [
  "commands",
  "chat:write",
  "channels:read",
  "groups:read",
  "im:read",
  "im:write",
  "users:read",
];

/** A Slack on the loopback: refuses what the real one refuses, and is driven through `pretend(url)`. */
export async function startPretendSlack(options: PretendSlackOptions): Promise<PretendSlack> {
  const world = createWorld(appOf(options), {
    patienceMs: options.patienceMs ?? 3_000,
    keptCalls: options.keptCalls,
  });
  const sockets = createSockets(world);
  const deliver = createDeliver(world, sockets);
  const events = createEvents(world, deliver);
  const { limits = "real" } = options;
  const numbers = limits === "real" ? realLimits : { ...realLimits, ...(limits === "off" ? {} : limits) };
  const api = {
    world,
    limits: limits === "off" ? undefined : createApiLimits(numbers),
    socketUrl: () => sockets.url(),
    latencyMs: options.latencyMs ?? 0,
  };
  const control = {
    methods: { ...createControl({ world, deliver, events, sockets }) },
    changes: world.changes,
  };

  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? "/";
    if (isControlPath(path)) return serveControl(control, request, response);
    if (path.startsWith("/api/")) return serveWebApi(api, request, response);
    if (path.startsWith("/respond/")) return serveResponseUrl(world, request, response);
    sendJson(response, { status: 404, body: { error: "not found" } });
  };
  const server = createServer((request, response) => {
    if (isFromPage(request)) return refusePage(response);
    route(request, response).catch((error: unknown) => {
      // A caller that died in the middle of its request hears nothing any more.
      if (!request.complete) return;
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      sendJson(response, { status: 500, body: { error: text } });
    });
  });
  server.on("upgrade", (request, socket, head) => {
    if (isFromPage(request)) socket.destroy();
    else sockets.upgrade(request, socket, head);
  });
  world.url = await listenOnLoopback(server, options.port ?? 0);

  return {
    url: world.url,
    close: async () => {
      events.close();
      world.changes.close();
      sockets.close();
      await closeServer(server);
    },
  };
}

function appOf(options: PretendSlackOptions): World["app"] {
  return {
    id: options.appId ?? "A0PRETEND",
    name: options.appName ?? "Allpoints",
    signingSecret: options.signingSecret,
    appToken: options.appToken,
    scopes: options.scopes ?? allScopes,
    requestUrl: options.requestUrl,
    slashCommands: options.slashCommands,
    shortcuts: options.shortcuts ?? [],
  };
}

/** Tells a running pretend Slack where the app listens, and which commands and shortcuts it registered. */
export async function configurePretendSlack(url: string, settings: PretendSlackSettings): Promise<void> {
  const answer = await fetch(`${url}/_pretend/configure`, { method: "POST", body: JSON.stringify(settings) });
  if (!answer.ok) throw new Error(`configure: ${await answer.text()}`);
  await answer.body?.cancel();
}
