import { describe, expect, it } from "vitest";

import { badInput } from "../src/errors.ts";
import { openLog, type LogFields } from "../src/log.ts";

const uuid = "0193f2a0-7c1e-7e3a-9d52-3f6c2b1a4e5d";

function listen(level: "debug" | "info" = "debug") {
  const lines: string[] = [];
  const log = openLog({ level, to: { write: (line) => void lines.push(line) } });
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? "null") as Record<string, unknown> };
}

/** What a library or a careless cast could hand over. */
const smuggled = (fields: Record<string, unknown>): LogFields => fields as LogFields;

describe("a log line", () => {
  it("is one JSON object with level, time, event and the fields", () => {
    const { log, lines, last } = listen();
    log.info("delivery sent", { delivery: uuid, platform: "slack", attempt: 2, ref: "B-7K3-M9Q" });
    expect(last()).toEqual({
      level: "info",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      event: "delivery sent",
      delivery: uuid,
      platform: "slack",
      attempt: 2,
      ref: "B-7K3-M9Q",
    });
    expect(lines[0]).toMatch(/^\{.*\}\n$/);
  });

  it("keeps the platforms' own ids", () => {
    const { log, last } = listen();
    const ids = {
      channel: "C02ABC34DE",
      message: "1732251600.000100",
      workspace: "112233445566778899",
      job: "41",
    };
    log.info("seen", ids);
    expect(last()).toMatchObject(ids);
  });

  it("below the level is not written", () => {
    const { log, lines } = listen("info");
    log.debug("nothing to send");
    expect(lines).toEqual([]);
  });

  it("carries the fields of the log it was made from, its own first", () => {
    const { log, last } = listen();
    log.with({ agency: uuid, part: "jobs" }).with({ part: "sweeper" }).warn("late", { late_ms: 4 });
    expect(last()).toMatchObject({ agency: uuid, part: "sweeper", late_ms: 4 });
  });
});

describe("what people wrote", () => {
  const canary = "CANARYsmyth";

  it("has no field to stand in", () => {
    const { log, lines } = listen();
    log.info(
      "tip stored",
      smuggled({ text: canary, name: canary, body: { deep: [canary] }, err: new Error(canary) }),
    );
    log.with(smuggled({ note: canary })).info("tip stored");
    expect(lines).toHaveLength(2);
    expect(lines.join("")).not.toContain(canary);
  });

  it.each([
    ["a name for an agency", { agency: canary }],
    ["words for a subject", { subject: `Tango ${canary}` }],
    ["a licence plate for a user", { user: "MDABC1234".slice(2) }],
    ["a telephone number for a channel", { channel: "4105550142" }],
    ["a reference that does not check", { ref: "T-7K3-M9Q" }],
    ["a sentence for a code", { code: `no ${canary} found` }],
    ["a token for a code", { code: "xoxb-1-2-abc" }],
    ["text for a number", smuggled({ count: canary })],
    ["an object for an id", smuggled({ officer: { toJSON: () => canary } })],
  ])("is withheld where it stands for something else: %s", (_case, fields) => {
    const { log, last } = listen();
    log.info("seen", fields);
    const [name = ""] = Object.keys(fields);
    expect(last()[name]).toBe("[withheld]");
  });

  it("cannot be put into the event: only constants are accepted", () => {
    const { log, last } = listen();
    // Checked by the compiler: a line that is no mistake any more makes tsc fail.
    // @ts-expect-error a text that was put together
    log.info(`tip of ${canary}` as `tip of ${string}`);
    // @ts-expect-error a text from elsewhere
    log.info(canary as string);
    // @ts-expect-error a field that nobody listed
    log.info("tip", { text: canary });
    expect(Object.keys(last())).toEqual(["level", "time", "event"]);
  });
});

describe("an error in the log", () => {
  const canary = "CANARYsmyth";
  function logged(error: unknown): { line: string; error: Record<string, unknown> } {
    const { log, lines, last } = listen();
    log.error("not done", { error });
    return { line: lines.join(""), error: last()["error"] as Record<string, unknown> };
  }

  it("says what sort it is and where it arose", () => {
    const { error } = logged(new TypeError("x"));
    expect(error).toMatchObject({
      type: "TypeError",
      at: expect.arrayContaining([expect.stringMatching(/^test\/log\.test\.ts:\d+:\d+$/)]),
    });
  });

  it("of PostgreSQL keeps the code and the names of our schema, and no value", () => {
    const { line, error } = logged(
      Object.assign(new Error(`invalid input syntax for type uuid: "${canary}"`), {
        code: "23505",
        detail: `Key (name)=(${canary}) already exists.`,
        hint: canary,
        where: `SQL statement "select '${canary}'"`,
        internalQuery: canary,
        query: { sql: "select $1", parameters: [canary] },
        parameters: [canary],
        table: "tip",
        constraint: "tip_ref_key",
        severity: "ERROR",
      }),
    );
    expect(error).toMatchObject({ type: "Error", code: "23505", table: "tip", constraint: "tip_ref_key" });
    expect(line).not.toContain(canary);
  });

  it("of an HTTP client keeps the status, and neither request nor response", () => {
    const { line, error } = logged(
      Object.assign(new Error(canary), {
        code: "slack_webapi_platform_error",
        status: 400,
        data: { error: canary },
        config: { headers: { authorization: `Bearer ${canary}` } },
        requestBody: canary,
        rawError: { message: canary },
      }),
    );
    expect(error).toMatchObject({ code: "slack_webapi_platform_error", status: 400 });
    expect(line).not.toContain(canary);
  });

  it("keeps its causes and its parts, scrubbed alike", () => {
    const cause = new RangeError(canary, { cause: badInput(canary, canary) });
    const { line, error } = logged(new AggregateError([new SyntaxError(canary), canary], canary, { cause }));
    expect(error).toMatchObject({
      type: "AggregateError",
      cause: { type: "RangeError", cause: { type: "BotError", code: "BAD_INPUT" } },
      errors: [{ type: "SyntaxError" }, { type: "string" }],
    });
    expect(line).not.toContain(canary);
  });

  it("of several lines cannot pass a line of its message off as a place", () => {
    const message = `no\n    at tip (file:///work/src/${canary}.ts:1:1)\n    at src/${canary}.ts:2:2`;
    const changed = new Error(message);
    changed.message = "something else";
    for (const error of [new Error(message), changed, Object.assign(new Error("x"), { stack: message })]) {
      expect(logged(error).line).not.toContain(canary);
    }
  });

  it("that is no error, or refers to itself, or is named by its thrower, does no harm", () => {
    const circle = new Error("x");
    circle.cause = circle;
    class Named extends Error {
      override name = canary;
    }
    expect(logged(circle).error["type"]).toBe("Error");
    expect(logged(canary).error).toEqual({ type: "string" });
    expect(logged(null).error).toEqual({ type: "null" });
    expect(logged(new Named("x")).line).not.toContain(canary);
    expect(
      logged(Object.assign(new Error("x"), { code: `no ${canary}`, table: `${canary} x` })).line,
    ).not.toContain(canary);
  });
});
