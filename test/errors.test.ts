import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import * as errors from "../src/errors.ts";

interface Catalogued {
  (...args: readonly string[]): errors.BotError;
  readonly code: string;
  readonly say: (...args: readonly string[]) => string;
}

const catalogue = Object.values(errors).filter(
  (value): value is Catalogued & typeof value => "code" in value,
);

const page = readFileSync(new URL("../docs/errors.md", import.meta.url), "utf8");
const sections = page
  .split(/^## /m)
  .slice(1)
  .map((section) => ({
    code: /^\S+/.exec(section)?.[0] ?? "",
    sentence: /^> (.+)$/m.exec(section)?.[1] ?? "",
    advice: /\*\*Do:\*\* (.+)$/m.exec(section)?.[1] ?? "",
  }));

/** The sentence with the documented words in its gaps, in their order. */
function said({ say }: Catalogued, documented: string): string {
  return say(...[...documented.matchAll(/\{\w+\}/g)].map(([gap]) => gap));
}

describe("the catalogue of errors", () => {
  it("has one section in docs/errors.md for each code, and none for others", () => {
    expect(catalogue.length).toBeGreaterThan(10);
    expect(sections.map((section) => section.code).toSorted()).toEqual(
      catalogue.map((error) => error.code).toSorted(),
    );
  });

  it("gives no code twice", () => {
    const all = catalogue.map((error) => error.code);
    expect(all).toEqual([...new Set(all)]);
  });

  it.each(catalogue.map((error) => [error.code, error] as const))(
    "says of %s what the page says it says, and the page says what to do",
    (code, error) => {
      const section = sections.find((each) => each.code === code);
      expect(said(error, section?.sentence ?? "")).toBe(section?.sentence);
      expect(section?.advice).not.toBe("");
    },
  );

  it.each(catalogue.map((error) => [error.code, error] as const))(
    "words %s as whole sentences of printable text, with a code to search for",
    (code, error) => {
      expect(code).toMatch(/^[A-Z][A-Z_]+[A-Z]$/);
      const sentence = error.say("gap", "gap");
      expect(sentence).toMatch(/^[A-Z].*(\.|gap)$/);
      expect(sentence).not.toMatch(/undefined|\bnull\b|\[object/);
      expect(sentence.length).toBeLessThan(320);
    },
  );
});

it("an unknown, a foreign and a forbidden record are refused in the same words", () => {
  expect(errors.notFound("T-7K3-M9C").message).not.toMatch(/exist|agency|role|permission|another/i);
});

it("a foreseen error is told from a bug by its class and keeps its cause", () => {
  const error = errors.badInput("the date is in the future", "Give one that has passed.");
  expect(error).toBeInstanceOf(errors.BotError);
  expect(error).toMatchObject({ name: "BotError", code: "BAD_INPUT" });
  expect(new errors.StartError("No settings.", "Add some.", 78)).toMatchObject({
    exitCode: 78,
    fix: "Add some.",
  });
});
