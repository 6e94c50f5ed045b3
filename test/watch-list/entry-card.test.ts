import { describe, expect, it } from "vitest";

import type { Card } from "../../src/chat.ts";
import { actOnItsOwn } from "../../src/labels.ts";
import { entryCard, entryCardLines } from "../../src/watch-list/entry-card.ts";
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
const telling = { words: true, author: "Det. Okafor", audience: [], buttons: [] };
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

  it("fits on either platform when every field is full, so that whoever approves sees all of it", () => {
    const words = (length: number) => "word ".repeat(length).slice(0, length);
    const full = entryCard(
      {
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
          description: words(600),
          facts: words(1500),
          sources: words(400),
          relevance: words(500),
          directRelation: words(500),
          hiddenReason: words(300),
        },
      },
      { ...telling, approving: true },
    );
    // Discord's embeds of one message hold 6,000 characters.
    const length = full.blocks
      .flatMap((block) => {
        if (block.kind === "facts") return block.facts.map(({ label, value }) => `${label}: ${flat(value)}`);
        return block.kind === "divider" ? [] : [flat(block.text)];
      })
      .join("\n").length;
    expect(length).toBeLessThan(5_900);
    expect(length).toBeGreaterThan(4_500);
  });
});

function flat(text: string | readonly unknown[]): string {
  return typeof text === "string"
    ? text
    : text.map((part) => (typeof part === "string" ? part : "x".repeat(60))).join("");
}
