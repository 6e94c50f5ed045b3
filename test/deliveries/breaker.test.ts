import { describe, expect, it } from "vitest";

import { closed, tally, type Breaker } from "../../src/deliveries/breaker.ts";

/** "x" is a call that failed, "." one that was answered. */
function after(calls: string, before: Breaker = closed): Breaker {
  return [...calls].reduce((breaker, call) => tally(breaker, call === "."), before);
}

describe("a workspace", () => {
  it.each<[string, string, boolean]>([
    ["that works is left in peace", ".".repeat(100), false],
    ["that failed four times in a row is tried again", "xxxx", false],
    ["that failed five times in a row is left alone", "xxxxx", true],
    ["that worked in between begins anew", "xxxx.xxxx", false],
    ["of whose last twenty calls ten failed is left alone", "x.".repeat(10), true],
    ["of whose last twenty calls nine failed is not", `${"x.".repeat(9)}..`, false],
    ["that failed long ago is not judged by it", `${"x.".repeat(9)}..${"x.".repeat(9)}..`, false],
  ])("%s", (_title, calls, open) => {
    expect(after(calls).open).toBe(open);
  });

  it("that is left alone stays so while it fails, and is as new once it works", () => {
    const open = after("xxxxx");
    expect(after("xxxxxxx", open).open).toBe(true);
    expect(after(".", open)).toEqual(closed);
  });
});
