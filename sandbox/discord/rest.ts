import type { IncomingMessage, ServerResponse } from "node:http";

import { courseOf, quietly, replyOf } from "../shared/course.ts";
import type { Answers, Course } from "../shared/course.ts";
import { readBody } from "../shared/http.ts";
import { parseJson } from "../shared/json.ts";
import type { Discord } from "./interactions.ts";
import type { createLimiter, Verdict } from "./limiter.ts";
import { refused } from "./limiter.ts";
import { plainRefusal, Refusal, refusal, sentenceOf } from "./refusals.ts";
import type { LaidRoute, Reply, Route } from "./routing.ts";
import { checkIds, matchRoute } from "./routing.ts";
import type { World } from "./world.ts";

export interface Rest {
  readonly discord: Discord;
  readonly routes: readonly LaidRoute[];
  readonly limiter: ReturnType<typeof createLimiter>;
  /** There and back again, for every call. */
  readonly latencyMs: number;
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
  const course = await takeCourse(rest, incoming);
  await quietly(rest.latencyMs / 2);
  const answer = replyOf(course, request);
  if (answer === undefined) return;
  const body = answer.body === undefined ? "" : JSON.stringify(answer.body);
  const type =
    body === ""
      ? {}
      : { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) };
  response.writeHead(answer.status, { ...type, ...answer.headers });
  response.end(body);
}

async function takeCourse(rest: Rest, incoming: Incoming): Promise<Course<Answer>> {
  const { world } = rest.discord;
  const at = Date.now();
  await quietly(rest.latencyMs / 2);
  const path = incoming.url.pathname.startsWith(`${PREFIX}/`)
    ? incoming.url.pathname.slice(PREFIX.length)
    : "";
  const { route, params, pathKnown } = matchRoute(rest.routes, incoming.method, path);
  const place = whereabouts(world, route, params);
  const method = `${incoming.method} ${route?.path ?? path}`;
  const body = parseJson(incoming.text);
  const fault = route && isClient(incoming) ? world.faults.meet({ method, ...place }) : undefined;
  const { workspace } = place;
  const act = (): Answer => {
    const answer = answered(() => {
      if (!route) throw plainRefusal(pathKnown ? 405 : 404);
      return run(rest, { incoming, route, params, body });
    });
    if (refusesForGood(answer)) {
      const text = sentenceOf(answer.body);
      world.changes.tell({
        kind: "refused",
        method,
        text,
        ...(workspace === undefined ? {} : { workspace }),
      });
    }
    return answer;
  };
  const course = await courseOf(fault, { ...wording, act });
  world.calls.record({
    method,
    at,
    status: typeof course === "string" ? 0 : course.reply.status,
    ...(workspace === undefined ? {} : { workspace }),
    token: bare(incoming.authorization),
    body: () => body,
  });
  return course;
}

const wording: Omit<Answers<Answer>, "act"> = {
  limited: ({ retryAfter = 1, global = false }) => limited(refused(retryAfter * 1_000, global)),
  failed: plainRefusal,
  revoked: () => plainRefusal(401),
};

/** The same call would be refused again: it is no matter of limits, nor of whose token it is. */
function refusesForGood({ status }: Answer): boolean {
  return status >= 400 && status < 500 && status !== 401 && status !== 429;
}

/** The answer, or the refusal that was thrown instead. */
function answered(act: () => Answer): Answer {
  try {
    return act();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

/** Discord's edge turns away clients that do not say what they are. */
function isClient({ agent }: Incoming): boolean {
  return agent.startsWith("DiscordBot (");
}

interface Routed {
  readonly incoming: Incoming;
  readonly route: Route;
  readonly params: readonly string[];
  readonly body: unknown;
}

function run({ discord, limiter }: Rest, { incoming, route, params, body }: Routed): Answer {
  if (!isClient(incoming)) throw refusal(40333);
  if (route.open !== true && incoming.authorization !== `Bot ${discord.world.application.token}`)
    throw plainRefusal(401);
  checkIds(route, params);
  const verdict = limiter.take({
    bucket: route.bucket,
    major: major(route, params),
    countsForApplication: route.open !== true,
  });
  if (!verdict.allowed) return limited(verdict);
  const reply = answered(() => {
    if (incoming.text !== "" && body === undefined) throw refusal(50109);
    return route.run({ discord, params, query: incoming.url.searchParams, body });
  });
  return { ...reply, headers: { ...verdict.headers, ...reply.headers } };
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
