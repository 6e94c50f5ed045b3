import { pino } from "pino";

import { describeError } from "./log-error.ts";
import { parseRef } from "./refs.ts";

// A log is read by operators, copied into tickets and kept by others, so nothing that people wrote may get into it.
// The rule is an allow-list, applied to every line at every level: what happened is a constant of the program's own,
// a field is one of the names below, and its value must look like what that name holds.

/** Identifiers: ours (uuids, references) and the platforms'. */
const ids = [
  "agency",
  "officer",
  "installation",
  "workspace",
  "application",
  "channel",
  "user",
  "message",
  "subject",
  "ref",
  "delivery",
  "job",
  "event_id",
] as const;

/** Words out of a closed list of the program's. */
const codes = [
  "incident",
  "platform",
  "kind",
  "code",
  "command",
  "verb",
  "action",
  "form",
  "state",
  "outcome",
  "scope",
  "method",
  "queue",
  "role",
  "part",
  "setting",
  "migration",
  "version",
  "signal",
  "host",
] as const;

const numbers = [
  "count",
  "total",
  "attempt",
  "epoch",
  "status",
  "port",
  "pid",
  "bytes",
  "ms",
  "after_ms",
  "late_ms",
] as const;

type Names<Group extends readonly string[], Value> = {
  readonly [Name in Group[number]]?: Value | undefined;
};

export type LogFields = Names<typeof ids, string | null> &
  Names<typeof codes, string> &
  Names<typeof numbers, number> & { readonly error?: unknown };

/** Written out where it is logged: a sentence that is put together could carry what somebody wrote. */
type Constant<Text extends string> = {} extends Readonly<Record<Text, true>> ? never : Text;

/** What the rest of the program logs with. */
export interface Log {
  readonly debug: <Text extends string>(event: Constant<Text>, fields?: LogFields) => void;
  readonly info: <Text extends string>(event: Constant<Text>, fields?: LogFields) => void;
  readonly warn: <Text extends string>(event: Constant<Text>, fields?: LogFields) => void;
  readonly error: <Text extends string>(event: Constant<Text>, fields?: LogFields) => void;
  /** The same log with fields that every line of it carries. */
  readonly with: (fields: LogFields) => Log;
}

const WITHHELD = "[withheld]";
const idShapes = [
  // Ours, and the actors that are no officer.
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  /^(system|operator|stranger)$/,
  // Slack's U02ABC34DE and 1732251600.000100, Discord's 17 to 20 digits, a queue's numbers. Neither a licence plate
  // nor a telephone number looks like one of these.
  /^(?=.*\d)[A-Z][A-Z0-9]{8,13}$/,
  /^\d{10}\.\d{6}$/,
  /^\d{17,20}$/,
  /^\d{1,6}$/,
] as const;
const code = /^[A-Za-z0-9][A-Za-z0-9_.:/-]{0,47}$/;
const token = /^(xox|xapp-|xwfp-|Bearer|Bot)/i;

const looksRight = new Map<string, (value: unknown) => boolean>([
  ...ids.map((name) => [name, isId] as const),
  ...codes.map((name) => [name, isCode] as const),
  ...numbers.map((name) => [name, Number.isFinite] as const),
]);

function isId(value: unknown): boolean {
  if (value === null) return true;
  if (typeof value !== "string") return false;
  return idShapes.some((shape) => shape.test(value)) || parseRef(value)?.ref === value;
}

function isCode(value: unknown): boolean {
  return typeof value === "string" && code.test(value) && !token.test(value);
}

/** Also what stands between a careless cast, or a library's own logging, and the log. */
function allowed(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => {
      if (value === undefined) return [];
      if (name === "error") return [[name, describeError(value)]];
      const check = looksRight.get(name);
      if (check === undefined) return [];
      return [[name, check(value) ? value : WITHHELD]];
    }),
  );
}

/** Where log lines go: one JSON object each. */
interface Destination {
  readonly write: (line: string) => void;
}

/** Opens the log. It goes to stderr: stdout is for people and for --json. */
export function openLog({
  level = "info",
  to = pino.destination({ dest: 2, sync: true }),
}: { readonly level?: "debug" | "info" | "warn" | "error"; readonly to?: Destination } = {}): Log {
  const writer = pino(
    {
      level,
      base: null,
      messageKey: "event",
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: allowed },
    },
    to,
  );
  const logWith = (common: LogFields): Log => {
    const at = (name: "debug" | "info" | "warn" | "error") => (event: string, fields?: LogFields) =>
      writer[name]({ ...common, ...fields }, event);
    return {
      debug: at("debug"),
      info: at("info"),
      warn: at("warn"),
      error: at("error"),
      with: (fields) => logWith({ ...common, ...fields }),
    };
  };
  return logWith({});
}
