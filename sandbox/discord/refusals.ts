import { isObject, listAt, stringAt } from "../shared/json.ts";

/** One complaint about one place of a payload; `path` leads to it. */
export interface Problem {
  readonly path: Path;
  readonly code: string;
  readonly message: string;
}
export type Path = readonly (string | number)[];

/** What Discord answers instead of doing what was asked: status, code and sentence are its own. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    body: Readonly<Record<string, unknown>>,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(`${status} ${JSON.stringify(body)}`);
    this.name = "Refusal";
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

const sentences = {
  10002: [404, "Unknown Application"],
  10003: [404, "Unknown Channel"],
  10004: [404, "Unknown Guild"],
  10007: [404, "Unknown Member"],
  10008: [404, "Unknown Message"],
  10013: [404, "Unknown User"],
  10015: [404, "Unknown Webhook"],
  10062: [404, "Unknown interaction"],
  10063: [404, "Unknown application command"],
  20012: [403, "You are not authorized to perform this action on this application"],
  40060: [400, "Interaction has already been acknowledged."],
  40333: [403, "internal network error"],
  50001: [403, "Missing Access"],
  50005: [403, "Cannot edit a message authored by another user"],
  50006: [400, "Cannot send an empty message"],
  50007: [403, "Cannot send messages to this user"],
  50013: [403, "Missing Permissions"],
  50024: [403, "Cannot execute action on this channel type"],
  50027: [401, "Invalid Webhook Token"],
  50033: [400, "Invalid Recipient(s)"],
  50083: [400, "Thread is archived"],
  50109: [400, "The request body contains invalid JSON."],
  160004: [400, "A thread has already been created for this message"],
} as const;

export function refusal(code: keyof typeof sentences): Refusal {
  const [status, message] = sentences[code];
  return new Refusal(status, { message, code });
}

/** Answers that carry no code of their own. */
export function plainRefusal(status: 401 | 404 | 405 | 500 | 503): Refusal {
  const words = {
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    500: "Internal Server Error",
    503: "Service Unavailable",
  };
  return new Refusal(status, { message: `${status}: ${words[status]}`, code: 0 });
}

/** A 429 of its own kind: it has a code, and belongs to no bucket. */
export function tooManyLateEdits(retryAfterMs: number): Refusal {
  const message = "Maximum number of edits to messages older than 1 hour reached. Try again later";
  return new Refusal(
    429,
    { message, code: 30046, retry_after: retryAfterMs / 1_000, global: false },
    { "retry-after": String(Math.ceil(retryAfterMs / 1_000)), "x-ratelimit-scope": "user" },
  );
}

/** 50035 with the tree of complaints, nested as the payload is. */
export function invalidForm(problems: readonly Problem[]): Refusal {
  const errors: Record<string, unknown> = {};
  for (const problem of problems) {
    let place = errors;
    for (const step of problem.path) place = (place[String(step)] ??= {}) as Record<string, unknown>;
    const list = (place["_errors"] ??= []) as unknown[];
    list.push({ code: problem.code, message: problem.message });
  }
  return new Refusal(400, { message: "Invalid Form Body", code: 50035, errors });
}

/** A refusal in one line, with every complaint and its place: "Invalid Form Body (50035): content: Must be …". */
export function sentenceOf(body: unknown): string {
  const { message, code, errors } = isObject(body) ? body : {};
  const whole = `${String(message)} (${String(code)})`;
  const complaints = complaintsIn(errors, []);
  return complaints.length === 0 ? whole : `${whole}: ${complaints.join("; ")}`;
}

function complaintsIn(tree: unknown, path: readonly string[]): readonly string[] {
  if (!isObject(tree)) return [];
  const here = listAt(tree, "_errors").map(
    (one) => `${path.join(".")}: ${stringAt(one, "message") ?? ""} [${stringAt(one, "code") ?? ""}]`,
  );
  const below = Object.entries(tree).filter(([step]) => step !== "_errors");
  return [...here, ...below.flatMap(([step, inner]) => complaintsIn(inner, [...path, step]))];
}
