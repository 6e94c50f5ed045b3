import { describe, expect, it } from "vitest";
import { z } from "zod";

import { verb, type Command } from "../../src/bot/command.ts";
import { findVerb, readInput, refInput, restInput, usageOf, wordInput } from "../../src/bot/input.ts";
import { BotError } from "../../src/errors.ts";

const run = async () => ({ kind: "nothing" }) as const;
const base = { help: "x", deed: "self.see", run } as const;
const alone: Command = {
  name: "alone",
  help: "x",
  verbs: [
    verb({
      ...base,
      verb: "",
      input: z.object({
        purpose: z.enum(["traffic_stop", "call_for_service"]).optional(),
        for: wordInput(10).optional(),
      }),
    }),
  ],
};
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
    verb({
      ...base,
      verb: "list",
      input: z.object({ state: z.enum(["open", "open_late"]).optional(), due: wordInput(4).optional() }),
    }),
  ],
};

function read(words: string, of = command): unknown {
  const typed = findVerb(of, { kind: "words", words });
  return readInput(typed, usageOf(of, typed.verb));
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

  it.each([
    "wrong person",
    "Wrong Person",
    "WRONG_PERSON",
    "wrong-person",
    "reason:wrong person",
    "reason: wrong person",
    "reason:Wrong-Person",
  ])("takes %j for the choice that the cards write as two words", (reason) => {
    expect(read(`cancel B-7K3-M9Q ${reason}`)).toEqual({ ref: "B-7K3-M9Q", reason: "wrong_person" });
  });

  it("takes a named choice in two words before the reference, too", () => {
    expect(read("cancel reason:wrong person B-7K3-M9Q")).toEqual({
      ref: "B-7K3-M9Q",
      reason: "wrong_person",
    });
  });

  it("takes into a choice no word that belongs to none", () => {
    expect(read("list open 30")).toEqual({ state: "open", due: "30" });
    expect(read("list open late 30")).toEqual({ state: "open_late", due: "30" });
    expect(refused("cancel B-7K3-M9Q wrong address")).toContain("reason is not one I know");
    expect(refused("cancel B-7K3-M9Q person")).toContain("reason is not one I know");
    expect(refused("cancel B-7K3-M9Q reason:error wrong person")).toBe("");
    expect(read("cancel B-7K3-M9Q reason:error wrong person")).toMatchObject({ reason: "error" });
  });

  it("of a command that opens a form keeps a choice of several words, and no other word", () => {
    expect(read("purpose:call for service for:4A12 John Smyth", alone)).toEqual({
      purpose: "call_for_service",
      for: "4A12",
    });
    expect(read("Traffic stop John Smyth", alone)).toEqual({});
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
      options: { code: "K7Q2", role: "B" },
    });
    expect(readInput(typed, "")).toEqual({ code: "K7Q2", role: "b" });
  });

  it("is described for help", () => {
    expect(command.verbs.map((one) => usageOf(command, one))).toEqual([
      "/demo cancel <B-> reason:<error|wrong_person>",
      "/demo officer [code:<code>]",
      "/demo officer approve code:<code> [role:<a|b>]",
      "/demo name name:<name>",
      "/demo list [state:<open|open_late>] [due:<due>]",
    ]);
  });
});
