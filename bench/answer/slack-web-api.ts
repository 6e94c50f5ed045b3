import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

import { closeServer, listenOnLoopback, readBody, sendJson } from "../../sandbox/shared/http.ts";
import { isObject, parseJson, type JsonObject } from "../../sandbox/shared/json.ts";
import { createWaiting } from "./waiting.ts";

/** Slack's Web API as far as a bot under load calls it: says yes to everything, at once. */
export async function openSlackWebApi() {
  const views = createWaiting();
  let count = 0;
  let cards = 0;
  const reply = (method: string, call: JsonObject, at: number): JsonObject => {
    count += 1;
    const id = String(count);
    switch (method) {
      case "views.open":
      case "views.update": {
        const view = typeof call["view"] === "string" ? parseJson(call["view"]) : call["view"];
        views.arrived(String(call["trigger_id"] ?? call["view_id"]), isObject(view) ? view : {}, at);
        return { ok: true, view: { id: `V${id}` } };
      }
      case "chat.postMessage":
        cards += 1;
        return { ok: true, channel: call["channel"], ts: `1700000000.${id.padStart(6, "0")}` };
      case "conversations.info":
        return { ok: true, channel: conversation(String(call["channel"])) };
      default:
        return { ok: true };
    }
  };
  const server = createServer((request, response) => {
    serve(request, response, reply).catch(() => response.destroy());
  });
  // Between two turns a bot is idle for longer than a server's five seconds; Slack's edge keeps connections too.
  server.keepAliveTimeout = 120_000;
  const url = await listenOnLoopback(server, 0);
  return {
    apiUrl: `${url}/api/`,
    /** The modal opened by this trigger, or the one of this id when it is changed. */
    viewFor: (triggerOrView: string) => views.until(triggerOrView),
    cards: () => cards,
    close: () => closeServer(server),
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  reply: (method: string, call: JsonObject, at: number) => JsonObject,
): Promise<void> {
  const body = await readBody(request);
  const at = performance.now();
  const json = request.headers["content-type"]?.startsWith("application/json") === true;
  const call = json ? parseJson(body) : Object.fromEntries(new URLSearchParams(body));
  const method = request.url?.split("?")[0]?.replace("/api/", "") ?? "";
  sendJson(response, { body: reply(method, isObject(call) ? call : {}, at) });
}

function conversation(id: string): JsonObject {
  return {
    id,
    name: "intake",
    is_channel: false,
    is_group: true,
    is_private: true,
    is_archived: false,
    is_ext_shared: false,
    is_member: true,
  };
}
