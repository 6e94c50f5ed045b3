import type { IncomingMessage, ServerResponse } from "node:http";

import { readBody, sendJson } from "../shared/http.ts";
import { isObject, parseJson, stringAt } from "../shared/json.ts";
import type { JsonObject } from "../shared/json.ts";
import { rawOf } from "./chat-methods.ts";
import { readContent, refuse } from "./content.ts";
import type { Reply } from "./content.ts";
import { appear, publish, remove, rewrite } from "./messages.ts";
import { tellRefused } from "./refused.ts";
import { readerOf, showMessage } from "./shown.ts";
import { keyOf } from "./world.ts";
import type { Message, ResponseUrl, World } from "./world.ts";

const MAX_USES = 5;

/** Serves `POST /respond/<id>`: at most five times within half an hour of the act. */
export async function serveResponseUrl(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const id = (request.url ?? "").replace(/^\/respond\//, "");
  const body = parseJson(await readBody(request));
  const target = world.responseUrls.get(id);
  const reply = target === undefined ? refuse("expired_url") : use(world, target, body);
  const status = statusOf(reply);
  const workspace = target?.person.workspace.id;
  tellRefused(world, reply, { method: "response_url", workspace });
  world.calls.record({
    method: "response_url",
    at: Date.now(),
    status,
    ...(workspace === undefined ? {} : { workspace }),
    token: "",
    body: () => body,
  });
  sendJson(response, { status, body: reply });
}

function statusOf(reply: Reply): number {
  if (reply.ok) return 200;
  return ["expired_url", "used_url"].includes(stringAt(reply, "error") ?? "") ? 404 : 400;
}

function use(world: World, target: ResponseUrl, body: unknown): Reply {
  if (Date.now() > target.expiresAt || target.person.workspace.removed) return refuse("expired_url");
  if (target.uses >= MAX_USES) return refuse("used_url");
  target.uses += 1;
  if (!isObject(body)) return refuse("invalid_payload");
  return respond(world, target, body);
}

/** A message in answer to an act: sent to its response_url, or as the acknowledgment of a slash command. */
export function respond(world: World, target: ResponseUrl, body: JsonObject): Reply {
  const original = target.message;
  const { workspace, user } = target.person;
  if (isTrue(body["delete_original"])) {
    if (original !== undefined) remove(world, workspace, original);
    return { ok: true };
  }
  const content = readContent(world, body);
  if ("refusal" in content) return content.refusal;

  if (isTrue(body["replace_original"]) && original !== undefined) {
    rewrite(world, { workspace, message: original, content: content.value, raw: rawOf(body) });
    show(world, target, original);
    return { ok: true };
  }
  const inChannel = body["response_type"] === "in_channel";
  const message: Message = {
    ts: world.nextTs(),
    channel: target.channel,
    author: workspace.botUser,
    threadTs: stringAt(body, "thread_ts"),
    ...(inChannel ? {} : { onlyFor: user.id }),
    content: content.value,
    raw: rawOf(body),
    edits: 0,
    deleted: false,
  };
  if (inChannel) publish(world, { workspace, message, key: undefined });
  else appear(world, workspace, message);
  show(world, target, message);
  return { ok: true };
}

/** Apps send true, and some "true". */
function isTrue(value: unknown): boolean {
  return value === true || value === "true";
}

function show(world: World, { person, act }: ResponseUrl, message: Message): void {
  const shown = { kind: "message", message: showMessage(message, readerOf(world, person.user)) } as const;
  world.screens.show(shown, { place: keyOf(person), act });
}
