import { describe, expect, it } from "vitest";

import { changedWords, changesOf } from "../../src/watch-list/entry-change.ts";
import type { Entry } from "../../src/watch-list/entry.ts";
import { completeEntry } from "./entry-sample.ts";

describe("what a change changes", () => {
  const changed = (change: Partial<Entry>, content: Partial<Entry["content"]> = {}) =>
    changesOf(completeEntry, {
      ...completeEntry,
      ...change,
      content: { ...completeEntry.content, ...content },
    });

  it("is nothing where only order or ids differ", () => {
    expect(changed({ id: "x", ref: "E-000-000", version: 2, author: "y" })).toEqual({
      fields: [],
      material: false,
    });
    const two = { ...completeEntry, cautions: ["armed", "violent"] } as const;
    expect(changesOf(two, { ...two, cautions: ["violent", "armed"] }).fields).toEqual([]);
  });

  it.each([
    ["names", {}, { names: ["John B. Smyth"] }],
    ["birth_dates", {}, { birthDates: ["1984-03-02", "1985-03-02"] }],
    ["identifiers", {}, { identifiers: [] }],
    ["cautions", { cautions: [] }, {}],
    ["legal_status", { legalStatus: "warrant" }, {}],
    ["requested_action", { requestedAction: "awareness" }, {}],
    ["sensitivity", { sensitivity: "RESTRICTED" }, {}],
  ] as const)("is material: %s", (field, change, content) => {
    expect(changed(change, content)).toEqual({ fields: [field], material: true });
  });

  it.each([
    ["facts", {}, { facts: "Other facts." }],
    ["description", {}, { description: "tall" }],
    ["predicate", { predicate: "active_case" }, {}],
    ["audience", { audience: "named", audienceAgencies: ["a"] }, {}],
    ["grade", { sourceGrade: "A" }, {}],
    ["tlp", { tlp: "green" }, {}],
    ["valid_days", { validDays: 30 }, {}],
    ["juvenile", { juvenile: true }, {}],
  ] as const)("is not: %s", (field, change, content) => {
    expect(changed(change, content)).toEqual({ fields: [field], material: false });
  });

  it("is not material where a sensitivity is lowered", () => {
    const hidden = { ...completeEntry, sensitivity: "RESTRICTED" } as const;
    expect(changesOf(hidden, completeEntry)).toEqual({ fields: ["sensitivity"], material: false });
  });

  it("is told in words without a value", () => {
    expect(changedWords(changed({ cautions: [] }, { names: ["X"] }))).toBe("names, cautions");
  });
});
