import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

import { PermissionFlagsBits } from "discord.js";
import { WebSocketServer, type WebSocket } from "ws";

import { closeServer, listenOnLoopback, readBody, sendJson } from "../../sandbox/shared/http.ts";
import { isObject, parseJson, type JsonObject } from "../../sandbox/shared/json.ts";
import { places } from "./places.ts";
import { createWaiting } from "./waiting.ts";

const { workspace, application, botUser } = places.discord;
const botRole = "800000000000000001";
const mayPost =
  PermissionFlagsBits.ViewChannel | PermissionFlagsBits.SendMessages | PermissionFlagsBits.EmbedLinks;

/** Discord's gateway and REST API as far as a bot under load calls them: says yes to everything, at once. */
export async function openDiscordApi() {
  const answers = createWaiting();
  const freshId = snowflakes();
  let cards = 0;
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readBody(request);
    const at = performance.now();
    const path = request.url?.split("?")[0]?.replace(/^\/api\/v\d+/, "") ?? "";
    // interactions/<id>/<token>/callback, and webhooks/<application>/<token>/messages/@original for a late answer.
    const [, root, , token = ""] = path.split("/");
    if (root === "interactions" || root === "webhooks") {
      const said = parseJson(body);
      answers.arrived(token, isObject(said) ? said : {}, at);
      response.writeHead(204).end();
      return;
    }
    if (path.endsWith("/messages") && request.method === "POST") cards += 1;
    const found = resource(path, gatewayUrl(request));
    sendJson(response, { body: found ?? { id: freshId(), channel_id: path.split("/")[2] } });
  };

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 120_000;
  const url = await listenOnLoopback(server, 0);
  const gateway = openGateway(new WebSocketServer({ server }));

  return {
    apiUrl: `${url}/api/`,
    freshId,
    connected: gateway.connected,
    dispatch: gateway.dispatch,
    answerTo: (interactionToken: string) => answers.until(interactionToken),
    cards: () => cards,
    close: async () => {
      gateway.close();
      await closeServer(server);
    },
  };
}

function gatewayUrl({ headers }: IncomingMessage): string {
  return `ws://${headers.host}`;
}

/** What the bot looks up; undefined: it makes or changes something. */
function resource(path: string, gateway: string): JsonObject | undefined {
  if (path === "/gateway/bot") {
    const limit = { total: 1_000, remaining: 1_000, reset_after: 0, max_concurrency: 1 };
    return { url: gateway, shards: 1, session_start_limit: limit };
  }
  if (path.includes("/members/")) return { user: { id: botUser }, roles: [botRole] };
  if (path.startsWith("/guilds/")) return guild();
  if (/^\/channels\/\d+$/.test(path)) return channelObject(path.split("/")[2] ?? "");
  return undefined;
}

/** Ids as Discord would give them now, each later than the one before. */
function snowflakes(): () => string {
  let last = 0n;
  return () => {
    const now = (BigInt(Date.now()) - 1_420_070_400_000n) << 22n;
    last = now > last ? now : last + 1n;
    return String(last);
  };
}

function guild(): JsonObject {
  const role = { color: 0, hoist: false, position: 0, managed: false, mentionable: false, flags: 0 };
  return {
    id: workspace,
    name: "Bench",
    owner_id: application,
    features: [],
    emojis: [],
    stickers: [],
    preferred_locale: "en-US",
    roles: [
      { ...role, id: workspace, name: "@everyone", permissions: "0" },
      { ...role, id: botRole, name: "Allpoints", permissions: String(mayPost) },
    ],
  };
}

export function channelObject(id: string): JsonObject {
  return { id, guild_id: workspace, type: 0, name: "intake", position: 0, permission_overwrites: [] };
}

/** The gateway for one client: hello, ready, heartbeats; no resuming, because nothing here breaks. */
function openGateway(sockets: WebSocketServer) {
  const ready = Promise.withResolvers<void>();
  let client: WebSocket | undefined;
  let seq = 0;
  const dispatch = (t: string, d: JsonObject): void => {
    seq += 1;
    client?.send(JSON.stringify({ op: 0, t, s: seq, d }));
  };
  sockets.on("connection", (socket, request) => {
    client = socket;
    socket.on("message", (raw: Buffer) => {
      const frame = parseJson(raw.toString("utf8"));
      const op = isObject(frame) ? frame["op"] : undefined;
      if (op === 1) socket.send(JSON.stringify({ op: 11 }));
      if (op !== 2) return;
      for (const [event, data] of welcome(gatewayUrl(request))) dispatch(event, data);
      ready.resolve();
    });
    socket.send(JSON.stringify({ op: 10, d: { heartbeat_interval: 41_250 } }));
  });
  return {
    dispatch,
    connected: ready.promise,
    close: () => {
      client?.terminate();
      sockets.close();
    },
  };
}

function welcome(url: string): readonly (readonly [event: string, data: JsonObject])[] {
  const user = { id: botUser, username: "allpoints", discriminator: "0001", avatar: null, bot: true };
  return [
    [
      "READY",
      {
        v: 10,
        user,
        guilds: [{ id: workspace, unavailable: true }],
        session_id: randomBytes(16).toString("hex"),
        resume_gateway_url: url,
        shard: [0, 1],
        application: { id: application, flags: 0 },
        private_channels: [],
      },
    ],
    [
      "GUILD_CREATE",
      {
        ...guild(),
        unavailable: false,
        large: false,
        joined_at: new Date().toISOString(),
        member_count: places.discord.users.length + 1,
        members: [],
        channels: [channelObject(places.discord.channel)],
        threads: [],
        presences: [],
        voice_states: [],
        stage_instances: [],
        guild_scheduled_events: [],
        soundboard_sounds: [],
      },
    ],
  ];
}
