import type { IncomingMessage, ServerResponse } from "node:http";

import type { Changes } from "./changes.ts";
import { CHANGES_PATH } from "./changes.ts";
import { readBody, sendJson } from "./http.ts";
import type { JsonReply } from "./http.ts";
import { parseJson } from "./json.ts";

/** The caller of the control API asked for what no person could do there: answered with status 400. */
export class ImpossibleError extends Error {
  override readonly name = "ImpossibleError";
}

export type ControlMethods = Readonly<Record<string, (argument: never) => Promise<unknown>>>;

const PREFIX = "/_pretend/";

export function isControlPath(path: string): boolean {
  return path.startsWith(PREFIX);
}

/** The control API: what people do and see, and the line of what changes. */
export interface Control {
  readonly methods: ControlMethods;
  readonly changes: Changes;
}

/** Serves `POST /_pretend/<method>`, and `GET /_pretend/changes`. */
export async function serveControl(
  { methods, changes }: Control,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method === "GET" && request.url === CHANGES_PATH) {
    changes.serve(request, response);
    return;
  }
  const name = new URL(request.url ?? "/", "http://localhost").pathname.slice(PREFIX.length);
  const body = await readBody(request);
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  const argument: unknown = parseJson(body === "" ? "{}" : body);
  try {
    if (request.method !== "POST") throw new ImpossibleError("The control API takes POST only.");
    if (method === undefined) throw new ImpossibleError(`There is no method "${name}".`);
    if (argument === undefined) throw new ImpossibleError("The argument is not JSON.");
    sendJson(response, { body: await method(argument as never) });
  } catch (error) {
    sendJson(response, failureReply(error));
  }
}

/** Anything but an impossible wish is a defect of the pretend platform: the stack is what its author needs. */
function failureReply(error: unknown): JsonReply {
  if (error instanceof ImpossibleError) return { status: 400, body: { error: error.message } };
  return { status: 500, body: { error: error instanceof Error ? error.stack : String(error) } };
}
