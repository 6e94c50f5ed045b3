import { describe, expect, it } from "vitest";

import { readPerson } from "../../src/watch-list/entry-person.ts";
import {
  entryStates,
  hidesDanger,
  isSensitive,
  isUnderAge,
  missing,
  readSubject,
  shownSubject,
  statesBefore,
  type Entry,
} from "../../src/watch-list/entry.ts";
import { completeEntry } from "./entry-sample.ts";

const now = new Date("2026-11-22T12:00:00Z");

describe("what an entry still misses", () => {
  it("is nothing once every page is filled in", () => {
    expect(missing(completeEntry)).toEqual([]);
  });

  const gaps: readonly (readonly [string, Partial<Entry>])[] = [
    ["a name or an identifier", { content: { ...completeEntry.content, names: [], identifiers: [] } }],
    ["the predicate", { predicate: null }],
    ["the offence", { offence: "x" }],
    ["the facts", { content: { ...completeEntry.content, facts: "He is dangerous." } }],
    ["the documents", { content: { ...completeEntry.content, sources: undefined } }],
    ["why it matters", { content: { ...completeEntry.content, relevance: "It does." } }],
    ["legal status", { requestedAction: null }],
    ["directly relates", { firstAmendment: true }],
    ["who may see it", { sensitivity: null }],
    ["which agencies", { audience: "named" }],
    ["the grade", { sourceGrade: null }],
    ["F6 alone", { sourceGrade: "F", informationGrade: "6" }],
    ["at most 180 days", { juvenile: true }],
  ];
  it.each(gaps)("is %s", (words, change) => {
    const found = missing({ ...completeEntry, ...change });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(words);
  });
});

describe("who decides", () => {
  it("is a privacy officer for protected speech, a juvenile or a hidden record", () => {
    expect(isSensitive(completeEntry)).toBe(false);
    expect(isSensitive({ ...completeEntry, firstAmendment: true })).toBe(true);
    expect(isSensitive({ ...completeEntry, juvenile: true })).toBe(true);
    expect(isSensitive({ ...completeEntry, sensitivity: "RESTRICTED" })).toBe(true);
  });

  it("is a watch commander too where a danger is hidden", () => {
    expect(hidesDanger({ sensitivity: "RESTRICTED", cautions: ["suicidal", "violent"] })).toBe(true);
    expect(hidesDanger({ sensitivity: "RESTRICTED", cautions: ["suicidal"] })).toBe(false);
    expect(hidesDanger({ sensitivity: "AGENCY_ONLY", cautions: ["armed"] })).toBe(false);
  });

  it("approves what the button's subject names: the reference and the hash that was shown", () => {
    const subject = shownSubject(completeEntry);
    expect(subject.length).toBeLessThanOrEqual(50);
    expect(readSubject(subject)).toEqual({
      ref: completeEntry.ref,
      shown: completeEntry.hash?.toString("hex").slice(0, 12),
    });
  });
});

describe("the states of an entry", () => {
  it("lead into force only through approval, and out of an end only to deletion", () => {
    expect(statesBefore("active")).toEqual(["waiting"]);
    expect(statesBefore("waiting")).toEqual(["draft"]);
    expect(entryStates.filter((state) => statesBefore(state).includes("cancelled"))).toEqual(["purged"]);
    expect(statesBefore("expired")).toEqual(["active", "suspended"]);
  });
});

describe("the person page", () => {
  const written = {
    names: "John Smyth\nJack Smith",
    born: "3/2/1984",
    identifiers: "MD ABC1234",
    juvenile: false,
  };

  it("reads names, dates and identifiers", () => {
    expect(readPerson(written, now)).toMatchObject({
      person: {
        names: ["John Smyth", "Jack Smith"],
        birthDates: ["1984-03-02"],
        identifiers: [{ value: "ABC1234", issuer: "MD" }],
        juvenile: false,
      },
    });
  });

  it("takes several dates, a comma inside one included", () => {
    expect(readPerson({ ...written, born: "March 2, 1984; 1985-03-02, 3/2/1986" }, now)).toMatchObject({
      person: { birthDates: ["1984-03-02", "1985-03-02", "1986-03-02"] },
    });
  });

  it("calls a juvenile whoever is under eighteen by any date, whatever was chosen", () => {
    expect(isUnderAge(["2008-11-22"], now)).toBe(false);
    expect(isUnderAge(["2008-11-23"], now)).toBe(true);
    expect(readPerson({ ...written, born: "1984-03-02\n2010-01-01" }, now)).toMatchObject({
      person: { juvenile: true },
    });
  });

  it.each([
    ["names", { names: undefined, identifiers: undefined }],
    ["names", { names: "?!" }],
    ["names", { names: "J" }],
    ["names", { names: "John Smyth\nJ." }],
    ["names", { names: "🔥🔥" }],
    ["names", { names: "007" }],
    ["names", { names: `John ${"x".repeat(116)}` }],
    ["identifiers", { identifiers: "MD ABC1234\n1M8GDM9AXKP042789" }],
    ["born", { born: "about 30" }],
    ["born", { born: "2027-01-01" }],
    ["born", { born: "02.04.1987" }],
    ["born", { born: "3/2/1984\n02-04-1987" }],
    ["identifiers", { identifiers: "MD ABC1234\nblue truck" }],
  ])("says at %s what it cannot read in %j", (field, change) => {
    const read = readPerson({ ...written, ...change }, now);
    expect("problems" in read && Object.keys(read.problems)).toEqual([field]);
  });

  it("says of a VIN that does not add up what is wrong with it, beside what it cannot read", () => {
    const read = readPerson({ ...written, identifiers: "1M8GDM9AXKP042789\nblue truck" }, now);
    expect("problems" in read && read.problems["identifiers"]).toMatch(
      /^VIN 1M8GDM9AXKP042789 does not add up: .* I cannot read: blue truck\./,
    );
    const fine = { ...written, names: `李\nBo Ek\n${"x".repeat(120)}`, identifiers: "1M8GDM9AXKP042788" };
    expect(readPerson(fine, now)).toHaveProperty("person");
  });

  it("needs no name where there is an identifier", () => {
    expect(readPerson({ ...written, names: undefined }, now)).toMatchObject({ person: { names: [] } });
  });
});
