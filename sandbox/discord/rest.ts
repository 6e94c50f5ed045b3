import type { IncomingMessage, ServerResponse } from "node:http";

import type { Fault } from "../pretend.ts";
import { readBody } from "../shared/http.ts";
import { parseJson } from "../shared/json.ts";
import type { Discord } from "./interactions.ts";
import type { createLimiter, Verdict } from "./limiter.ts";
import { retryHeaders } from "./limiter.ts";
import { plainRefusal, Refusal, refusal } from "./refusals.ts";
import type { Reply, Route } from "./routing.ts";
import { checkIds, matchRoute } from "./routing.ts";
import type { World } from "./world.ts";

export interface Rest {
  readonly discord: Discord;
  readonly routes: readonly Route[];
  readonly limiter: ReturnType<typeof createLimiter>;
}
interface Incoming {
  readonly method: string;
  readonly url: URL;
  readonly authorization: string;
  readonly agent: string;
  readonly text: string;
}
interface Answer extends Reply {
  readonly headers?: Readonly<Record<string, string>>;
}

const PREFIX = "/api/v10";

/** One call of the app to the REST API: answered, counted and written down. */
export async function serveRest(
  rest: Rest,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://localhost");
  const incoming: Incoming = {
    method: request.method ?? "GET",
    url,
    authorization: request.headers.authorization ?? "",
    agent: request.headers["user-agent"] ?? "",
    text: await readBody(request),
  };
  const answer = answerTo(rest, incoming);
  const body = answer.body === undefined ? "" : JSON.stringify(answer.body);
  const type = answer.body === undefined ? {} : { "content-type": "application/json" };
  response.writeHead(answer.status, { ...type, ...answer.headers });
  response.end(body);
}

function answerTo(rest: Rest, incoming: Incoming): Answer {
  const { world } = rest.discord;
  const path = incoming.url.pathname.startsWith(`${PREFIX}/`)
    ? incoming.url.pathname.slice(PREFIX.length)
    : "";
  const { route, params, pathKnown } = matchRoute(rest.routes, incoming.method, path);
  const place = whereabouts(world, route, params);
  const method = `${incoming.method} ${route?.path ?? path}`;
  const body = parseJson(incoming.text);
  let answer: Answer;
  try {
    if (!route) throw plainRefusal(pathKnown ? 405 : 404);
    answer = run(rest, { incoming, route, params, body, fault: world.faults.meet({ method, ...place }) });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    answer = { status: error.status, body: error.body };
  }
  const { workspace } = place;
  world.calls.push({
    method,
    at: Date.now(),
    status: answer.status,
    ...(workspace === undefined ? {} : { workspace }),
    token: bare(incoming.authorization),
    body,
  });
  return answer;
}

interface Routed {
  readonly incoming: Incoming;
  readonly route: Route;
  readonly params: readonly string[];
  readonly body: unknown;
  readonly fault: Fault | undefined;
}

function run({ discord, limiter }: Rest, { incoming, route, params, body, fault }: Routed): Answer {
  // Discord's edge turns away clients that do not say what they are.
  if (!incoming.agent.startsWith("DiscordBot (")) throw refusal(40333);
  if (fault) return faulty(fault);
  if (route.open !== true && incoming.authorization !== `Bot ${discord.world.application.token}`)
    throw plainRefusal(401);
  checkIds(route, params);
  const verdict = limiter.take({
    bucket: route.bucket,
    major: major(route, params),
    countsForApplication: route.open !== true,
  });
  if (!verdict.allowed) return limited(verdict);
  if (incoming.text !== "" && body === undefined) throw refusal(50109);
  try {
    const reply = route.run({ discord, params, query: incoming.url.searchParams, body });
    return { ...reply, headers: verdict.headers };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { status: error.status, body: error.body, headers: verdict.headers };
  }
}

const bare = (authorization: string): string => authorization.replace(/^Bot /, "");

/** Limits are counted for each channel, guild or webhook by itself. */
function major(route: Route, params: readonly string[]): string {
  const own = /^\/(channels|guilds)\//.test(route.path);
  return params.slice(0, own ? 1 : 2).join(" ");
}

function limited({ global, retryAfterMs, headers }: Verdict): Answer {
  const body = { message: "You are being rate limited.", retry_after: retryAfterMs / 1_000, global };
  return { status: 429, body, headers };
}

function faulty(fault: Fault): Answer {
  if (fault.kind === "token-revoked") throw plainRefusal(401);
  if (fault.kind === "server-error") throw plainRefusal(500);
  const retryAfterMs = (fault.retryAfter ?? 1) * 1_000;
  return limited({
    allowed: false,
    global: false,
    retryAfterMs,
    headers: retryHeaders(retryAfterMs, "user"),
  });
}

interface Place {
  readonly workspace?: string | undefined;
  readonly channel?: string | undefined;
}

/** Which guild and channel a call concerns. */
function whereabouts(world: World, route: Route | undefined, params: readonly string[]): Place {
  const [first = "", second = ""] = params;
  if (!route) return {};
  if (route.path.startsWith("/channels/"))
    return { workspace: world.channels.get(first)?.guild, channel: first };
  if (route.path.startsWith("/guilds/")) return { workspace: first };
  if (route.path.startsWith("/applications/:id/guilds/")) return { workspace: second };
  const interaction = world.interactions.get(second);
  return interaction ? { workspace: interaction.guild, channel: interaction.channel } : {};
}
