import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

import { WebSocketServer } from "ws";
import type { RawData, WebSocket } from "ws";

import { objectAt, parseJson, stringAt } from "../shared/json.ts";
import { ACK_MS } from "./deliver.ts";
import type { Ack, Delivery } from "./deliver.ts";
import type { World } from "./world.ts";

/** Socket Mode: the app connects to us, and what would be requests are envelopes. */
export interface Sockets {
  /** A fresh address for one connection. */
  readonly url: () => string;
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Undefined when no socket is open. */
  readonly deliver: (delivery: Delivery) => Promise<Ack> | undefined;
  /** Asks every connection to come back, as Slack does every few hours; returns how many there were. */
  readonly refresh: () => number;
  readonly close: () => void;
}

const REFRESH_MS = 100;

export function createSockets(world: World): Sockets {
  const server = new WebSocketServer({ noServer: true });
  const tickets = new Set<string>();
  const open = new Set<WebSocket>();
  const waiting = new Map<string, (ack: Ack) => void>();

  const welcome = (socket: WebSocket): void => {
    open.add(socket);
    socket.on("close", () => void open.delete(socket));
    socket.on("message", (data) => settle(textOf(data), waiting));
    socket.on("error", () => socket.terminate());
    socket.send(
      JSON.stringify({
        type: "hello",
        num_connections: open.size,
        connection_info: { app_id: world.app.id },
        debug_info: { host: "pretend-slack", started: new Date().toISOString(), build_number: 1 },
      }),
    );
  };

  const deliver = (delivery: Delivery): Promise<Ack> | undefined => {
    const [socket] = open;
    if (socket === undefined) return undefined;
    // Round about: an app with several connections gets each envelope on one of them.
    open.delete(socket);
    open.add(socket);
    return sendEnvelope(socket, delivery, waiting);
  };

  return {
    url: () => {
      const ticket = randomUUID();
      tickets.add(ticket);
      return `${world.url.replace(/^http/, "ws")}/link/?ticket=${ticket}&app_id=${world.app.id}`;
    },
    upgrade: (request, socket, head) => {
      const ticket = new URL(request.url ?? "/", "http://localhost").searchParams.get("ticket") ?? "";
      if (!tickets.delete(ticket)) {
        socket.end("HTTP/1.1 401 Unauthorized\r\nconnection: close\r\n\r\n");
        return;
      }
      server.handleUpgrade(request, socket, head, welcome);
    },
    deliver,
    refresh: () => {
      const leaving = [...open];
      open.clear();
      for (const socket of leaving) {
        socket.send(JSON.stringify({ type: "disconnect", reason: "refresh_requested", debug_info: {} }));
        setTimeout(() => socket.close(), REFRESH_MS).unref();
      }
      return leaving.length;
    },
    close: () => {
      for (const socket of server.clients) socket.terminate();
      server.close();
    },
  };
}

function textOf(data: RawData): string {
  return Buffer.concat([data].flat().map((part) => new Uint8Array(part))).toString("utf8");
}

function settle(text: string, waiting: Map<string, (ack: Ack) => void>): void {
  const message = parseJson(text);
  const id = stringAt(message, "envelope_id") ?? "";
  const payload = objectAt({ message }, "message")["payload"];
  // A text comes wrapped, as in {"text": "…"}; an empty object is an empty answer.
  waiting.get(id)?.({ kind: "ok", body: payload });
}

function sendEnvelope(
  socket: WebSocket,
  { type, payload, retry }: Delivery,
  waiting: Map<string, (ack: Ack) => void>,
): Promise<Ack> {
  const id = randomUUID();
  const { promise, resolve } = Promise.withResolvers<Ack>();
  const timer = setTimeout(() => resolve({ kind: "failed", error: "operation_timeout" }), ACK_MS);
  waiting.set(id, resolve);
  socket.send(
    JSON.stringify({
      envelope_id: id,
      type,
      payload,
      accepts_response_payload: type !== "events_api",
      ...(retry === undefined ? {} : { retry_attempt: retry.number, retry_reason: retry.reason }),
    }),
  );
  return promise.finally(() => {
    clearTimeout(timer);
    waiting.delete(id);
  });
}
