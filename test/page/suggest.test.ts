import { describe, expect, it } from "vitest";

import type { ClientCommand } from "../../sandbox/client.ts";
import { suggest, type Complete } from "../../sandbox/page/suggest.ts";

const nobodyIsAsked: Complete = async () => {
  throw new Error("the app is not to be asked");
};

const onSlack: readonly ClientCommand[] = [
  { line: "/tip", description: "Report a threat", hint: "opens a form", options: [] },
  { line: "/bulletin", description: "Bulletins", hint: "new | show | status", options: [] },
];
const reference = {
  name: "ref",
  description: "The reference on the card",
  required: true,
  completes: true,
  choices: [],
};
const reason = {
  name: "reason",
  description: "Why",
  required: true,
  completes: false,
  choices: [
    { value: "wrong_person", label: "wrong person" },
    { value: "error", label: "error" },
  ],
};
const onDiscord: readonly ClientCommand[] = [
  { line: "/bulletin status", description: "Who has it", options: [reference] },
  { line: "/bulletin cancel", description: "Take it back", options: [reference, reason] },
  { line: "/bulletins", description: "Another app's", options: [] },
];
const linesOf = async (commands: readonly ClientCommand[], line: string, complete = nobodyIsAsked) =>
  (await suggest(commands, line, complete)).items.map((item) => item.line);

describe("what a client offers while somebody types", () => {
  it("offers nothing for an ordinary message", async () => {
    expect(await suggest(onSlack, "hello /tip", nobodyIsAsked)).toEqual({ items: [] });
  });

  it("lists all commands at the slash, and fewer with every letter, in any case", async () => {
    expect(await linesOf(onSlack, "/")).toEqual(["/tip ", "/bulletin "]);
    expect(await linesOf(onSlack, "/B")).toEqual(["/bulletin "]);
    expect(await linesOf(onSlack, "/nonsense")).toEqual([]);
  });

  it("says what a Slack command takes, once it is typed", async () => {
    const { items, hint } = await suggest(onSlack, "/bulletin st", nobodyIsAsked);
    expect(items).toEqual([]);
    expect(hint).toBe("/bulletin new | show | status");
  });

  it("names the options of a Discord command, required ones marked, and leaves out what is typed", async () => {
    const { items, hint } = await suggest(onDiscord, "/bulletin cancel ", nobodyIsAsked);
    expect(items.map(({ label }) => label)).toEqual(["ref (required)", "reason (required)"]);
    expect(hint).toContain("ref (required) · reason (required)");
    expect(await linesOf(onDiscord, "/bulletin cancel ref:B-7K3-M9Q ")).toEqual([
      "/bulletin cancel ref:B-7K3-M9Q reason:",
    ]);
    expect(await linesOf(onDiscord, "/bulletin cancel rea")).toEqual(["/bulletin cancel reason:"]);
  });

  it("offers the choices of the option under the cursor", async () => {
    expect(await linesOf(onDiscord, "/bulletin cancel reason:wr")).toEqual([
      "/bulletin cancel reason:wrong_person ",
    ]);
    const { hint } = await suggest(onDiscord, "/bulletin cancel reason:", nobodyIsAsked);
    expect(hint).toContain("reason: Why");
  });

  it("asks the app where the option completes, and puts what has blanks into quotes", async () => {
    const asked: string[] = [];
    const complete: Complete = async (line) => {
      asked.push(line);
      return [{ value: "B-7K3 M9Q", label: "B-7K3-M9Q · sent" }];
    };
    expect(await linesOf(onDiscord, "/bulletin status ref:B", complete)).toEqual([
      '/bulletin status ref:"B-7K3 M9Q" ',
    ]);
    expect(asked).toEqual(["/bulletin status ref:B"]);
  });

  it("does not take a command for a longer one of the same beginning", async () => {
    expect(await linesOf(onDiscord, "/bulletin")).toEqual([
      "/bulletin status ",
      "/bulletin cancel ",
      "/bulletins",
    ]);
  });
});
