import { describe, expect, it } from "vitest";

import type { Card, Text } from "../../src/chat.ts";
import { actOnItsOwn } from "../../src/labels.ts";
import { entryCard, entryCardLines } from "../../src/watch-list/entry-card.ts";
import { changedWords, changesOf } from "../../src/watch-list/entry-change.ts";
import type { Entry } from "../../src/watch-list/entry.ts";
import { completeEntry } from "./entry-sample.ts";

const owner = {
  id: completeEntry.agency,
  name: "Metro Fusion",
  state: "active",
  contactName: "Metro watch",
  contactPhone: "555-0142",
  zone: "America/New_York",
  areas: ["riverton"],
};
const face = {
  ref: "E-4QX-2MK",
  cautions: ["armed", "suicidal"],
  legalStatus: "no_warrant",
  requestedAction: "contact_originator",
  sourceGrade: "B",
  informationGrade: "3",
  tlp: "amber",
  pap: "red",
  expiresAt: new Date("2026-11-25T07:00:00Z"),
} as const;
const everything = changesOf(completeEntry, {
  ...completeEntry,
  content: { names: [], birthDates: [], identifiers: [], description: "x", directRelation: "x" },
  predicate: null,
  offence: null,
  firstAmendment: null,
  juvenile: null,
  cautions: null,
  legalStatus: null,
  requestedAction: null,
  sensitivity: null,
  tlp: null,
  audience: null,
  validDays: null,
  sourceGrade: null,
});
const telling = {
  words: true,
  author: "Det. Okafor",
  audience: [],
  buttons: [],
  now: new Date("2026-11-22T12:00:00Z"),
};
const read = (card: Card) => JSON.stringify(card);

describe("the lines of a hit", () => {
  it("begin with what endangers, then the legal status", () => {
    expect(entryCardLines(face, owner).caution).toEqual([
      { bold: "CAUTION: armed and dangerous, danger to self" },
      " (as reported, B3) · NO WARRANT",
    ]);
    expect(entryCardLines({ ...face, cautions: [] }, owner).caution).toEqual(["NO WARRANT"]);
  });

  it("ask for something, and say whole that it justifies nothing by itself", () => {
    expect(entryCardLines(face, owner).asked).toBe(
      `ASKED: be aware, call owner before acting. ${actOnItsOwn}`,
    );
  });

  it("carry a number to call, and never AMBER without its plain sentence", () => {
    const { contact, grade, labels } = entryCardLines(face, owner);
    expect(contact).toBe("E-4QX-2MK, Metro watch 555-0142, 24 h");
    expect(grade).toBe("Source B (usually reliable), information 3 (possibly true).");
    expect(labels[0]).toBe("LES · TLP:AMBER (your agency and those it serves, need to know) · PAP:RED");
  });
});

describe("the card for its own agency", () => {
  it("says at once what no query finds any more, whatever any job has done about it", () => {
    const day = (from: number) => new Date(telling.now.getTime() + from * 86_400_000);
    const active = {
      ...completeEntry,
      state: "active",
      expiresAt: day(100),
      reviewDueAt: day(10),
      challengedAt: null,
    } as const;
    const line1 = (change: Partial<Entry>) => entryCard({ ...active, ...change }, telling).headline;
    expect(line1({})).toContain("in force");
    expect(line1({ reviewDueAt: day(-13.9), challengedAt: day(-29.9) })).toContain("in force");
    expect(line1({ reviewDueAt: day(-14) })).toContain("suspended: no query finds it");
    expect(line1({ challengedAt: day(-30) })).toContain("suspended: no query finds it");
    expect(line1({ expiresAt: day(0), reviewDueAt: day(-20) })).toContain("expired");
  });

  it("names nobody in line 1, and everything below where the platform allows", () => {
    const card = entryCard(completeEntry, telling);
    expect(card.headline).toBe("Entry E-4QX-2MK · draft");
    for (const words of [
      "John A. Smyth",
      "1984-03-02",
      "plate MD ABC1234",
      "18 USC 115",
      "shoot the next cop",
    ]) {
      expect(read(card)).toContain(words);
    }
  });

  it("shows no word of it where the platform does not", () => {
    const card = read(entryCard(completeEntry, { ...telling, words: false }));
    for (const words of ["Smyth", "1984", "ABC1234", "USC", "shoot", "counties", "118833"])
      expect(card).not.toContain(words);
    expect(card).toContain("may not be shown on this platform");
  });

  // Discord's embeds of one message hold 6,000 characters.
  const lengthOf = (card: Card) =>
    card.blocks
      .flatMap((block) => {
        if (block.kind === "facts") return block.facts.map(({ label, value }) => `${label}: ${flat(value)}`);
        return block.kind === "divider" ? [] : [flat(block.text)];
      })
      .join("\n").length;
  const words = (length: number) => "word ".repeat(length).slice(0, length);
  const full: Entry = {
    ...completeEntry,
    state: "waiting",
    offence: words(120),
    firstAmendment: true,
    juvenile: true,
    cautions: ["armed", "violent", "explosives", "escape_risk", "suicidal", "martial_arts"],
    sensitivity: "RESTRICTED",
    tlp: "amber+strict",
    content: {
      names: [words(300)],
      birthDates: Array.from({ length: 9 }, () => "1984-03-02"),
      identifiers: Array.from({ length: 20 }, (_, place) => ({
        kind: "handle" as const,
        value: "",
        shown: `@${"a".repeat(16)}${String(place)} (x)`,
      })),
      description: words(500),
      facts: words(1500),
      sources: words(300),
      relevance: words(400),
      directRelation: words(400),
      hiddenReason: words(300),
    },
  };

  it("fits on either platform when every field is full, so that whoever approves sees all of it", () => {
    const length = lengthOf(entryCard(full, { ...telling, approving: true }));
    expect(length).toBeLessThan(5_900);
    expect(length).toBeGreaterThan(4_500);
  });

  it("fits when it changes everything of another one", () => {
    const standing = [
      `Changes E-4QX-2MK, version 2: ${changedWords(everything)}. That is material. Until it is approved, E-4QX-2MK is found as it was.`,
      "E-4QX-2MK was shown to 1234 officers of 123 agencies by a query.",
    ];
    expect(lengthOf(entryCard(full, { ...telling, approving: true, standing }))).toBeLessThan(5_900);
  });

  it("fits when it is in force, reviewed late, disputed and being changed", () => {
    const disputed: Entry = {
      ...full,
      state: "active",
      approvedAt: new Date("2026-08-22T12:00:00Z"),
      expiresAt: new Date("2027-08-22T12:00:00Z"),
      reviewDueAt: new Date("2026-11-20T12:00:00Z"),
      challengedAt: new Date("2026-11-20T12:00:00Z"),
    };
    const standing = [
      "Version 12.",
      "It was shown to 1234 officers of 123 agencies by a query.",
      "Being changed: E-000-000.",
    ];
    expect(lengthOf(entryCard(disputed, { ...telling, standing }))).toBeLessThan(5_900);
  });
});

/** A moment is shown in two zones; bold costs its marks. */
function flat(shown: Text): string {
  if (typeof shown === "string") return shown;
  return shown
    .map((part) => {
      if (typeof part === "string") return part;
      return "bold" in part ? `**${part.bold}**` : "x".repeat(60);
    })
    .join("");
}
