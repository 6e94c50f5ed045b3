import { expect, it } from "vitest";

import { deliveryStates, statesBefore } from "../../src/deliveries/delivery.ts";

it.each([
  ["blocked", ["pending", "sending"]],
  ["pending", ["sending", "checking", "applied", "dead"]],
  ["sending", ["pending"]],
  ["checking", ["sending"]],
  ["applied", ["sending", "checking"]],
  ["dead", ["pending", "sending", "checking"]],
] as const)("a delivery becomes %s only from %j", (to, from) => {
  expect(statesBefore(to)).toEqual(from);
});

it("what is blocked stays blocked", () => {
  expect(deliveryStates.filter((to) => statesBefore(to).includes("blocked"))).toEqual([]);
});
