import { describe, expect, it } from "vitest";
import { z } from "zod";

import { verb, type Command } from "../../src/bot/command.ts";
import { findVerb, readInput, refInput, restInput, usageOf, wordInput } from "../../src/bot/input.ts";
import { BotError } from "../../src/errors.ts";

const run = async () => ({ kind: "nothing" }) as const;
const base = { help: "x", deed: "self.see", run } as const;
const command: Command = {
  name: "demo",
  help: "x",
  verbs: [
    verb({
      ...base,
      verb: "cancel",
      input: z.object({ ref: refInput("B"), reason: z.enum(["error", "wrong_person"]) }),
    }),
    verb({ ...base, verb: "officer", input: z.object({ code: wordInput(10).optional() }) }),
    verb({
      ...base,
      verb: "officer approve",
      input: z.object({ code: wordInput(10), role: z.enum(["a", "b"]).optional() }),
    }),
    verb({ ...base, verb: "name", input: z.object({ name: restInput(40) }) }),
  ],
};

function read(words: string): unknown {
  const typed = findVerb(command, { kind: "words", words });
  return readInput(typed, usageOf(command, typed.verb));
}
const refused = (words: string): string => {
  try {
    read(words);
  } catch (error) {
    if (error instanceof BotError) return error.message;
  }
  return "";
};

describe("typed command text", () => {
  it("is a verb, a reference and named choices, in any order and case", () => {
    const wanted = { ref: "B-7K3-M9Q", reason: "wrong_person" };
    expect(read("cancel B-7K3-M9Q reason:wrong_person")).toEqual(wanted);
    expect(read("CANCEL reason:wrong_person b7k3m9q")).toEqual(wanted);
    expect(read("cancel ref:B-7K3-M9Q reason:wrong_person")).toEqual(wanted);
  });

  it("takes the longest verb that fits", () => {
    expect(read("officer approve K7Q2 role:a")).toEqual({ code: "K7Q2", role: "a" });
    expect(read("officer K7Q2")).toEqual({ code: "K7Q2" });
  });

  it("takes the rest of the line where a name has spaces", () => {
    expect(read("name Cedar County SO")).toEqual({ name: "Cedar County SO" });
  });

  it("says in one sentence what is wrong and what there is", () => {
    expect(refused("cancel B-7K3-M9Q")).toBe("Not done: reason is missing. Use one of: error, wrong_person.");
    expect(refused("cancel B-7K3-M9Q reason:boredom")).toContain("Use one of: error, wrong_person.");
    expect(refused("cancel B-7K3-M9X reason:error")).toContain("That is not a reference");
    expect(refused("cancel T-7K3-M9C reason:error")).toContain("That is not a reference");
    expect(refused("fly")).toContain("/allpoints help demo");
  });

  it("gives Discord's options the same meaning", () => {
    const typed = findVerb(command, {
      kind: "options",
      verb: "officer-approve",
      options: { code: "K7Q2", role: "b" },
    });
    expect(readInput(typed, "")).toEqual({ code: "K7Q2", role: "b" });
  });

  it("is described for help", () => {
    expect(command.verbs.map((one) => usageOf(command, one))).toEqual([
      "/demo cancel <B-> reason:<error|wrong_person>",
      "/demo officer [code:<code>]",
      "/demo officer approve code:<code> [role:<a|b>]",
      "/demo name name:<name>",
    ]);
  });
});
