import { describe, expect, it } from "vitest";

import { standingWords } from "../../src/bulletins/bulletin-status.ts";
import {
  hasEnded,
  hoursWords,
  needsCorrection,
  repeatedWord,
  urgencyOf,
} from "../../src/bulletins/bulletin.ts";
import type { Standing } from "../../src/deliveries/standing.ts";

describe("a summary that says who it is", () => {
  const person = "John A. Smyth, b. 1984-03-02 · white 2015 F-150, MD ABC1234, lives in Cedar County";
  it.each([
    ["the name, in any case", "A man named SMYTH threatened an officer.", "Smyth"],
    ["the plate", "A man in a pickup, plate abc1234.", "ABC1234"],
    ["the year of birth", "A man born in 1984.", "1984"],
    ["a place that is no area of ours", "A man from Cedar City.", "Cedar"],
  ])("is caught by %s", (_what, summary, word) => {
    expect(repeatedWord(person, summary, ["riverton"])).toBe(word);
  });
  it.each([
    ["says it without", "A man stated intent to shoot an officer. Possible rifle."],
    ["names an area", "A man in Riverton stated intent."],
  ])("is let through when it %s", (_what, summary) => {
    expect(repeatedWord(`${person} near Riverton`, summary, ["riverton", "cedar-county"])).toBeUndefined();
  });
});

it("CRITICAL and HIGH are paced as critical", () => {
  expect(urgencyOf("severe")).toBeLessThanOrEqual(3);
  expect(urgencyOf("moderate")).toBeGreaterThan(3);
});

it("only what people may have acted on wrongly is corrected by a new message", () => {
  const reasons = ["resolved", "error", "wrong_person", "superseded", "label"] as const;
  expect(reasons.filter(needsCorrection)).toEqual(["error", "wrong_person"]);
});

it("is over at the very moment it says, whatever has been written down", () => {
  const expiresAt = new Date("2026-11-25T07:00:00Z");
  expect(hasEnded({ state: "sent", expiresAt }, new Date("2026-11-25T06:59:59Z"))).toBe(false);
  expect(hasEnded({ state: "sent", expiresAt }, expiresAt)).toBe(true);
  expect(hasEnded({ state: "draft", expiresAt: null }, expiresAt)).toBe(false);
});

it("says for how long as people do", () => {
  expect([12, 72, 168, 720].map(hoursWords)).toEqual(["12 hours", "72 hours", "7 days", "30 days"]);
});

describe("how a copy stands", () => {
  const applied: Standing = {
    id: "d",
    ref: "D-0",
    agency: "a",
    channelId: "c",
    level: "full",
    state: "applied",
    reason: null,
    appliedVersion: 1,
    endedVersion: null,
    mayExist: true,
    appliedAt: null,
  };
  const rows: readonly (readonly [string, Partial<Standing>])[] = [
    ["has it, full", {}],
    ["has it", { level: null }],
    ["on its way", { state: "pending", appliedVersion: 0, mayExist: false }],
    ["has it, being updated", { state: "sending" }],
    ["being checked: it may have arrived", { state: "checking" }],
    ["being replaced", { state: "pending", endedVersion: 2 }],
    ["replaced", { endedVersion: 2, appliedVersion: 2 }],
    ["not sent, the label forbids it", { state: "blocked", reason: "label" }],
    ["FAILED: channel unreachable (channel_gone)", { state: "dead", reason: "channel_gone" }],
    [
      "NOT REPLACED: channel unreachable (channel_gone); ask them to delete it by hand",
      { state: "dead", reason: "channel_gone", endedVersion: 2 },
    ],
  ];
  it.each(rows)("%s", (words, change) => {
    expect(standingWords({ ...applied, ...change })).toBe(words);
  });
});
