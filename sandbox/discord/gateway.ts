import { randomBytes } from "node:crypto";

import type { WebSocket } from "ws";

import type { JsonObject } from "../shared/json.ts";
import { isObject, parseJson } from "../shared/json.ts";
import { guildCreate, userObject } from "./wire.ts";
import type { World } from "./world.ts";

export interface Gateway {
  readonly accept: (socket: WebSocket, query: URLSearchParams) => void;
  /** Tells the app; `guild` decides which shard hears it. */
  readonly dispatch: (event: string, data: JsonObject, guild: string) => void;
  readonly close: () => void;
}

interface Session {
  readonly id: string;
  readonly shard: readonly [number, number];
  seq: number;
  /** Sent, for a client that comes back. */
  readonly sent: { readonly seq: number; readonly frame: string }[];
  socket: WebSocket | undefined;
}
interface Connection {
  readonly socket: WebSocket;
  session: Session | undefined;
}

const HEARTBEAT_MS = 41_250;
const KEPT_FOR_RESUME = 1_000;
const GUILDS = 1;
/** Members, presences, message content: each must be granted to an application first. */
const PRIVILEGED = (1 << 1) | (1 << 8) | (1 << 15);
const KNOWN_INTENTS = 0x1_ff_ff_ff | (1 << 25);

interface Hub {
  readonly world: World;
  readonly ownUrl: () => string;
  readonly sessions: Map<string, Session>;
  readonly connections: Set<Connection>;
}

export function createGateway(world: World, ownUrl: () => string): Gateway {
  const hub: Hub = { world, ownUrl, sessions: new Map(), connections: new Set() };
  return {
    accept: (socket, query) => accept(hub, socket, query),
    dispatch: (event, data, guild) => {
      for (const session of hub.sessions.values()) if (hears(session, guild)) emit(session, event, data);
    },
    close: () => {
      for (const { socket } of hub.connections) socket.terminate();
      hub.sessions.clear();
    },
  };
}

function accept(hub: Hub, socket: WebSocket, query: URLSearchParams): void {
  if (query.get("v") !== "10") return socket.close(4012, "Invalid API version");
  if ((query.get("encoding") ?? "json") !== "json") return socket.close(4002, "Only JSON is spoken here");
  const connection: Connection = { socket, session: undefined };
  hub.connections.add(connection);
  socket.on("message", (raw: Buffer) => receive(hub, connection, raw.toString("utf8")));
  socket.on("error", () => socket.terminate());
  socket.on("close", (code) => {
    hub.connections.delete(connection);
    const { session } = connection;
    if (session?.socket !== socket) return;
    session.socket = undefined;
    // Clients that say goodbye give up their session; others may resume it.
    if (code === 1_000 || code === 1_001) hub.sessions.delete(session.id);
  });
  return send(socket, { op: 10, d: { heartbeat_interval: HEARTBEAT_MS } });
}

function receive(hub: Hub, connection: Connection, raw: string): void {
  const frame = parseJson(raw);
  if (raw.length > 4_096 || !isObject(frame))
    return connection.socket.close(4002, "Error while decoding payload");
  const { op, d } = frame;
  if (op === 1) return send(connection.socket, { op: 11 });
  if (op === 2) return identify(hub, connection, isObject(d) ? d : {});
  if (op === 6) return resume(hub, connection, isObject(d) ? d : {});
  if (!connection.session) return connection.socket.close(4003, "Not authenticated");
  // Presence, voice state and member requests are none of this sandbox's business.
  return [3, 4, 8, 31].includes(Number(op)) ? undefined : connection.socket.close(4001, "Unknown opcode");
}

function identify(hub: Hub, connection: Connection, identity: JsonObject): void {
  const { socket } = connection;
  if (connection.session) return socket.close(4005, "Already authenticated");
  const refused = refusedIdentity(hub.world, identity);
  if (refused) return socket.close(...refused);
  const id = randomBytes(16).toString("hex");
  const session: Session = { id, shard: shardOf(identity), seq: 0, sent: [], socket };
  hub.sessions.set(id, session);
  connection.session = session;
  return welcome(hub, session);
}

function welcome({ world, ownUrl }: Hub, session: Session): void {
  const { application } = world;
  const guilds = [...world.guilds.values()].filter((guild) => guild.installed && hears(session, guild.id));
  emit(session, "READY", {
    v: 10,
    user: userObject(world, application.botUser),
    guilds: guilds.map((guild) => ({ id: guild.id, unavailable: true })),
    session_id: session.id,
    resume_gateway_url: ownUrl(),
    shard: session.shard,
    application: { id: application.id, flags: 0 },
    private_channels: [],
  });
  for (const guild of guilds) emit(session, "GUILD_CREATE", guildCreate(world, guild));
}

function resume(hub: Hub, connection: Connection, given: JsonObject): void {
  const { token, session_id: id, seq } = given;
  if (bare(token) !== hub.world.application.token)
    return connection.socket.close(4004, "Authentication failed.");
  const session = hub.sessions.get(String(id));
  const first = session?.sent[0]?.seq ?? 1;
  if (!session || Number(seq) + 1 < first || Number(seq) > session.seq) {
    return send(connection.socket, { op: 9, d: false });
  }
  session.socket = connection.socket;
  connection.session = session;
  for (const missed of session.sent.filter((one) => one.seq > Number(seq)))
    connection.socket.send(missed.frame);
  return emit(session, "RESUMED", {});
}

function emit(session: Session, event: string, data: JsonObject): void {
  session.seq += 1;
  const frame = JSON.stringify({ op: 0, t: event, s: session.seq, d: data });
  session.sent.push({ seq: session.seq, frame });
  if (session.sent.length > KEPT_FOR_RESUME) session.sent.shift();
  session.socket?.send(frame);
}

function send(socket: WebSocket, frame: JsonObject): void {
  socket.send(JSON.stringify(frame));
}

const bare = (token: unknown): string => String(token).replace(/^Bot /, "");

function refusedIdentity(world: World, identity: JsonObject): [code: number, reason: string] | undefined {
  if (bare(identity["token"]) !== world.application.token) return [4004, "Authentication failed."];
  const intents = identity["intents"];
  if (typeof intents !== "number" || (intents & ~KNOWN_INTENTS) !== 0) return [4013, "Invalid intent(s)."];
  if ((intents & PRIVILEGED) !== 0) return [4014, "Disallowed intent(s)."];
  // Without GUILDS Discord would stay silent about guilds; the sandbox rather says so.
  if ((intents & GUILDS) === 0) return [4013, "The GUILDS intent is missing."];
  const [shard, shards] = shardOf(identity);
  return shard < 0 || shard >= shards ? [4010, "Invalid shard."] : undefined;
}

function shardOf(identity: JsonObject): readonly [number, number] {
  const shard = identity["shard"];
  return Array.isArray(shard) ? [Number(shard[0]), Number(shard[1])] : [0, 1];
}

function hears(session: Session, guild: string): boolean {
  return (BigInt(guild) >> 22n) % BigInt(session.shard[1]) === BigInt(session.shard[0]);
}
