import type { Discord } from "./interactions.ts";
import type { Bucket } from "./limiter.ts";
import { invalidForm } from "./refusals.ts";

export interface Request {
  readonly discord: Discord;
  /** The path's variable parts, in order. */
  readonly params: readonly string[];
  readonly query: URLSearchParams;
  readonly body: unknown;
}
export interface Reply {
  readonly status: number;
  readonly body?: unknown;
}
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** `:id` is a snowflake or "@original", `:token` anything. */
  readonly path: string;
  readonly bucket: Bucket;
  /** Reached by the secret in its path: no bot token, and outside the application's limit. */
  readonly open?: boolean;
  readonly run: (request: Request) => Reply;
}

/** Where Discord publishes no number: never met before the application's own limit is. */
export const unmetered: Bucket = { name: "other", limit: 50, windowMs: 1_000 };

export const ok = (body: unknown): Reply => ({ status: 200, body });
export const noContent: Reply = { status: 204 };

/** The nth variable part of the path. */
export function param(request: Pick<Request, "params">, index: number): string {
  const found = request.params[index];
  if (found === undefined) throw new Error(`the route has no part ${index}`);
  return found;
}

export interface Match {
  readonly route: Route | undefined;
  readonly params: readonly string[];
  /** Some other method would have found a route here. */
  readonly pathKnown: boolean;
}

/** A route with its path taken apart, once for all calls. */
export interface LaidRoute {
  readonly route: Route;
  readonly pattern: readonly string[];
}

export function layRoutes(routes: readonly Route[]): readonly LaidRoute[] {
  return routes.map((route) => ({ route, pattern: route.path.split("/") }));
}

/** The route for a path without its "/api/v10" prefix. */
export function matchRoute(routes: readonly LaidRoute[], method: string, path: string): Match {
  const parts = path.split("/").map((part) => decodeURIComponent(part));
  const fitting = routes.flatMap(({ route, pattern }) => {
    const params = fit(pattern, parts);
    return params ? [{ route, params }] : [];
  });
  const found = fitting.find(({ route }) => route.method === method);
  return { route: found?.route, params: found?.params ?? [], pathKnown: fitting.length > 0 };
}

function fit(pattern: readonly string[], parts: readonly string[]): readonly string[] | undefined {
  if (pattern.length !== parts.length) return undefined;
  const params: string[] = [];
  for (const [index, expected] of pattern.entries()) {
    const part = parts[index] ?? "";
    if (expected === ":id" || expected === ":token") params.push(part);
    else if (expected !== part) return undefined;
  }
  return params;
}

/** Discord refuses ids that are no snowflakes before it looks for anything. */
export function checkIds(route: Route, params: readonly string[]): void {
  const kinds = route.path.split("/").filter((part) => part.startsWith(":"));
  const bad = params.find((value, index) => kinds[index] === ":id" && !/^(\d{17,20}|@original)$/.test(value));
  if (bad === undefined) return;
  throw invalidForm([
    { path: ["id"], code: "NUMBER_TYPE_COERCE", message: `Value "${bad}" is not snowflake.` },
  ]);
}
