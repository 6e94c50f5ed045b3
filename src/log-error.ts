/**
 * What may be known of an error outside the process: what sort it is and where it arose, never what it says.
 * Messages quote values ("invalid input syntax for type uuid: …"), and so do PostgreSQL's `detail`, `where` and
 * `internalQuery`, a query's parameters, an HTTP client's request and response. None of these is looked at.
 */
export interface ErrorDescription {
  readonly type: string;
  readonly code?: string;
  readonly status?: number;
  /** PostgreSQL's names for what was violated: words of our own schema. */
  readonly table?: string;
  readonly column?: string;
  readonly constraint?: string;
  readonly syscall?: string;
  /** The innermost places first: "src/tips/tip-store.ts:41:9". */
  readonly at?: readonly string[];
  readonly cause?: ErrorDescription;
  readonly errors?: readonly ErrorDescription[];
}

const DEEPEST = 5;
const word = /^[A-Za-z][A-Za-z0-9_]{0,62}$/;
/** SQLSTATE (23505), Node (ECONNREFUSED), ours (NOT_FOUND), Slack's (slack_webapi_platform_error). */
const errorCode = /^[A-Za-z0-9][A-Za-z0-9_]{1,62}$/;

export function describeError(error: unknown, depth = 1): ErrorDescription {
  if (!(error instanceof Error)) return { type: error === null ? "null" : typeof error };
  const facts = error as unknown as Readonly<Record<string, unknown>>;
  const at = framesOf(error);
  return {
    type: matching(error.constructor.name, word) ?? "Error",
    ...picked("code", typeof facts["code"] === "number" ? String(facts["code"]) : facts["code"], errorCode),
    ...(typeof facts["status"] === "number" && { status: facts["status"] }),
    ...picked("table", facts["table"], word),
    ...picked("column", facts["column"], word),
    ...picked("constraint", facts["constraint"], word),
    ...picked("syscall", facts["syscall"], word),
    ...(at.length > 0 && { at }),
    ...(error.cause !== undefined && depth < DEEPEST && { cause: describeError(error.cause, depth + 1) }),
    ...(error instanceof AggregateError &&
      depth < DEEPEST && {
        errors: error.errors.slice(0, DEEPEST).map((each) => describeError(each, depth + 1)),
      }),
  };
}

function matching(value: unknown, pattern: RegExp): string | undefined {
  return typeof value === "string" && pattern.test(value) ? value : undefined;
}

function picked(name: string, value: unknown, pattern: RegExp): Readonly<Record<string, string>> {
  const found = matching(value, pattern);
  return found === undefined ? {} : { [name]: found };
}

const frame =
  /^ {4}at (?:.* \()?(?:file:\/\/)?[^()\s]*?((?:src|adapters|jobs|sandbox|bench|scripts|test|node_modules)\/[\w@./-]+:\d+:\d+)\)?$/;

/**
 * The places out of a stack. A stack begins with the message, which may hold lines that look like places; a stack
 * whose message cannot be found and cut off is therefore not read at all.
 */
function framesOf(error: Error): readonly string[] {
  const { message } = error;
  const stack = typeof error.stack === "string" ? error.stack : "";
  const start = stack.indexOf(message);
  if (start < 0 || !/^[\w.]*( \[\w+\])?(: )?$/.test(stack.slice(0, start))) return [];
  return stack
    .slice(start + message.length)
    .split("\n")
    .slice(1)
    .flatMap((line) => frame.exec(line)?.[1] ?? [])
    .slice(0, 8);
}
