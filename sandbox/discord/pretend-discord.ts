import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";

import { WebSocketServer } from "ws";

import { isControlPath, serveControl } from "../shared/control.ts";
import { closeServer, isFromPage, listenOnLoopback, refusePage } from "../shared/http.ts";
import { applicationRoutes } from "./application-routes.ts";
import { channelRoutes } from "./channel-routes.ts";
import { createControl } from "./control.ts";
import { createGateway } from "./gateway.ts";
import { interactionRoutes } from "./interaction-routes.ts";
import { createDiscord } from "./interactions.ts";
import { createLimiter } from "./limiter.ts";
import { serveRest } from "./rest.ts";
import { layRoutes } from "./routing.ts";
import { createWorld } from "./world.ts";

export interface PretendDiscordOptions {
  readonly port?: number;
  readonly applicationId: string;
  readonly token: string;
  readonly botUser: string;
  readonly limits?: "real" | "off";
  /** How long every REST call takes, at least. Default 0. */
  readonly latencyMs?: number;
  /** How many calls are kept for `calls()`. Default 10,000. */
  readonly keptCalls?: number;
}

export interface PretendDiscord {
  /** REST at `${url}/api/`; the gateway and the control API are on the same port. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Starts a Discord of one application, on the loopback, that refuses what the real one refuses. */
export async function startPretendDiscord(options: PretendDiscordOptions): Promise<PretendDiscord> {
  const { applicationId: id, token, botUser, limits = "real", port = 0 } = options;
  let url = "";
  const gatewayUrl = (): string => url.replace("http:", "ws:");
  const world = createWorld({ id, token, botUser, name: "Allpoints" }, options.keptCalls);
  const gateway = createGateway(world, gatewayUrl);
  const discord = createDiscord(world, gateway);
  const routes = layRoutes([...applicationRoutes(gatewayUrl), ...channelRoutes, ...interactionRoutes]);
  const rest = { discord, routes, limiter: createLimiter(limits), latencyMs: options.latencyMs ?? 0 };
  const control = { methods: { ...createControl(discord) }, changes: world.changes };

  const server = createServer((request, response) => {
    if (isFromPage(request)) return refusePage(response);
    const serving = isControlPath(request.url ?? "/")
      ? serveControl(control, request, response)
      : serveRest(rest, request, response);
    serving.catch((error: unknown) => {
      // A caller that died in the middle of its request hears nothing any more.
      if (!request.complete) return;
      // A defect of the sandbox, not of the app: the stack belongs before the eyes of whoever runs it.
      process.stderr.write(
        `pretend Discord: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
      );
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  const sockets = new WebSocketServer({
    server,
    verifyClient: ({ req }: { readonly req: IncomingMessage }) => !isFromPage(req),
  });
  sockets.on("connection", (socket, request) => {
    gateway.accept(socket, new URL(request.url ?? "/", "http://localhost").searchParams);
  });
  url = await listenOnLoopback(server, port);

  const close = async (): Promise<void> => {
    discord.close();
    world.changes.close();
    gateway.close();
    sockets.close();
    await closeServer(server);
  };
  return { url, close };
}
