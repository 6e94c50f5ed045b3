import type { IncomingMessage, ServerResponse } from "node:http";

import { courseOf, quietly, replyOf } from "../shared/course.ts";
import type { Course } from "../shared/course.ts";
import { readBody, sendJson } from "../shared/http.ts";
import type { JsonReply } from "../shared/http.ts";
import { isObject, parseJson, stringAt } from "../shared/json.ts";
import type { JsonObject } from "../shared/json.ts";
import { takeAll } from "../shared/limits.ts";
import type { ApiLimits, Tier } from "./api-limits.ts";
import * as chat from "./chat-methods.ts";
import type { ApiCall } from "./chat-methods.ts";
import { refuse } from "./content.ts";
import type { Reply } from "./content.ts";
import { history, replies } from "./history-methods.ts";
import * as other from "./other-methods.ts";
import { tellRefused } from "./refused.ts";
import * as views from "./view-methods.ts";
import type { Workspace, World } from "./world.ts";

interface Method {
  readonly run: (call: ApiCall) => Reply;
  readonly tier: Tier;
  /** One of these is enough. */
  readonly scopes?: readonly string[];
  /** Instead of them: what the scope for each kind of conversation says after its colon. */
  readonly scopeByKind?: "read" | "history";
}

const methods: Readonly<Record<string, Method>> = {
  "api.test": { run: other.apiTest, tier: "tier4" },
  "auth.test": { run: other.authTest, tier: "special" },
  "chat.postMessage": { run: chat.postMessage, tier: "post", scopes: ["chat:write"] },
  "chat.postEphemeral": { run: chat.postEphemeral, tier: "tier4", scopes: ["chat:write"] },
  "chat.update": { run: chat.updateMessage, tier: "tier3", scopes: ["chat:write"] },
  "chat.delete": { run: chat.deleteMessage, tier: "tier3", scopes: ["chat:write"] },
  "views.open": { run: views.openView, tier: "tier4" },
  "views.push": { run: views.pushView, tier: "tier4" },
  "views.update": { run: views.updateView, tier: "tier4" },
  "views.publish": { run: views.publishView, tier: "tier4" },
  "conversations.info": { run: other.conversationInfo, tier: "tier3", scopeByKind: "read" },
  "conversations.history": { run: history, tier: "tier3", scopeByKind: "history" },
  "conversations.replies": { run: replies, tier: "tier3", scopeByKind: "history" },
  "conversations.open": { run: other.openConversation, tier: "tier3", scopes: ["im:write", "mpim:write"] },
  "users.info": { run: other.userInfo, tier: "tier4", scopes: ["users:read"] },
};

interface Request {
  readonly name: string;
  readonly token: string;
  readonly args: JsonObject;
  readonly workspace: Workspace | undefined;
}

export interface WebApi {
  readonly world: World;
  readonly limits: ApiLimits | undefined;
  /** For apps.connections.open: a fresh address for one socket. */
  readonly socketUrl: () => string;
  /** There and back again, for every call. */
  readonly latencyMs: number;
}

/** Serves `POST /api/<method>`. */
export async function serveWebApi(
  api: WebApi,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const read = readRequest(api.world, request, await readBody(request));
  const at = Date.now();
  await quietly(api.latencyMs / 2);
  const course = await takeCourse(api, read);
  api.world.calls.record({
    method: read.name,
    at,
    status: typeof course === "string" ? 0 : (course.reply.status ?? 200),
    ...(read.workspace === undefined ? {} : { workspace: read.workspace.id }),
    token: read.token,
    body: () => chat.rawOf(read.args),
  });
  await quietly(api.latencyMs / 2);
  const reply = replyOf(course, request);
  if (reply === undefined) return;
  const headers = { ...reply.headers, "x-oauth-scopes": api.world.app.scopes.join(",") };
  sendJson(response, { ...reply, headers });
}

function readRequest(world: World, request: IncomingMessage, body: string): Request {
  const url = new URL(request.url ?? "/", "http://localhost");
  const json = (request.headers["content-type"] ?? "").startsWith("application/json");
  const parsed = json ? parseJson(body) : Object.fromEntries(new URLSearchParams(body));
  const args = { ...Object.fromEntries(url.searchParams), ...(isObject(parsed) ? parsed : {}) };
  const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1];
  const token = bearer ?? stringAt(args, "token") ?? "";
  const workspace = world.tokens.get(token);
  return { name: url.pathname.replace(/^\/api\//, ""), token, args, workspace };
}

async function takeCourse(api: WebApi, request: Request): Promise<Course<JsonReply>> {
  const channel = stringAt(request.args, "channel");
  const fault = api.world.faults.meet({ method: request.name, workspace: request.workspace?.id, channel });
  return courseOf<JsonReply>(fault, {
    act: () => {
      const answered = answer(api, request);
      tellRefused(api.world, answered.body, { method: request.name, workspace: request.workspace?.id });
      return answered;
    },
    limited: ({ retryAfter = 1 }) => tooMany(retryAfter),
    failed: (status) => ({ status, body: status === 500 ? "Internal Server Error" : "Service Unavailable" }),
    revoked: () => ({ body: refuse("token_revoked") }),
  });
}

interface Answer extends JsonReply {
  readonly body: Reply;
}

function answer(api: WebApi, request: Request): Answer {
  if (request.token === "") return { body: refuse("not_authed") };
  if (request.name === "apps.connections.open") return { body: openConnection(api, request.token) };
  const method = Object.hasOwn(methods, request.name) ? methods[request.name] : undefined;
  if (method === undefined) return { body: { ...refuse("unknown_method"), req_method: request.name } };
  const { workspace } = request;
  if (workspace === undefined) return { body: refuse("invalid_auth") };
  if (workspace.removed) return { body: refuse("token_revoked") };
  return authorized(api, method, { ...request, workspace });
}

function authorized(
  { world, limits }: WebApi,
  method: Method,
  { name, args, workspace }: Request & { readonly workspace: Workspace },
): Answer {
  const needed = neededScopes(method, { world, workspace, args });
  if (needed.length > 0 && !needed.some((scope) => world.app.scopes.includes(scope))) {
    const provided = world.app.scopes.join(",");
    return { body: { ...refuse("missing_scope"), needed: needed.join(","), provided } };
  }
  const channel = stringAt(args, "channel") ?? "";
  const waitMs = takeAll(limits?.usesOf({ tier: method.tier, name, workspace: workspace.id, channel }) ?? []);
  if (waitMs > 0) return tooMany(Math.max(1, Math.ceil(waitMs / 1000)));
  return { body: method.run({ world, workspace, args }) };
}

/** What reading a conversation needs depends on which kind of conversation it is. */
function neededScopes(method: Method, call: ApiCall): readonly string[] {
  const { scopes = [], scopeByKind } = method;
  if (scopeByKind === undefined) return scopes;
  const channel = chat.channelFor(call);
  if (channel?.directWith !== undefined) return [`im:${scopeByKind}`];
  const kinds = channel === undefined ? ["channels", "groups"] : [channel.private ? "groups" : "channels"];
  return kinds.map((kind) => `${kind}:${scopeByKind}`);
}

function openConnection({ world, socketUrl }: WebApi, token: string): Reply {
  if (world.tokens.has(token)) return refuse("not_allowed_token_type");
  if (token !== world.app.appToken) return refuse("invalid_auth");
  return { ok: true, url: socketUrl() };
}

function tooMany(seconds: number): Answer {
  return { status: 429, headers: { "retry-after": String(seconds) }, body: refuse("ratelimited") };
}
