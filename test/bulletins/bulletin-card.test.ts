import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  acknowledgeButtons,
  bulletinCard,
  correctionCard,
  endedCard,
} from "../../src/bulletins/bulletin-card.ts";
import type { Bulletin } from "../../src/bulletins/bulletin.ts";
import { wordsOf } from "./bulletin-bench.ts";

const owner = {
  id: "0198b3a0-0000-7000-8000-000000000001",
  name: "Metro Fusion Center",
  state: "active",
  contactName: "Metro watch",
  contactPhone: "555-0142",
  zone: "America/New_York",
};

const bulletin: Bulletin = {
  id: "0198b3a0-0000-7000-8000-000000000002",
  agency: owner.id,
  ref: "B-7K3-M9Q",
  version: 1,
  exercise: false,
  state: "sent",
  basis: "entry",
  entryId: "0198b3a0-0000-7000-8000-000000000003",
  tipId: null,
  type: "officer_safety",
  severity: "severe",
  content: {
    headline: "Threat against the Elm St station",
    known: 'Said he will "shoot the next cop at the Elm St station" (reported Fri 20 Nov).',
    person: "John A. Smyth, b. 1984-03-02 · white 2015 F-150, MD ABC1234",
    summary:
      "A man stated intent to shoot an officer at a police station in Riverton. Possible rifle, not confirmed.",
    phone: "Metro watch 555-0142, 24 h",
  },
  hash: Buffer.alloc(32),
  personal: true,
  legalStatus: "no_warrant",
  requestedAction: "document",
  cautions: [],
  sourceGrade: "B",
  informationGrade: "3",
  tlp: "amber",
  pap: "red",
  areas: ["riverton"],
  validHours: 72,
  authorId: "a",
  approverId: "b",
  returnedBy: null,
  returnedAt: null,
  sentAt: new Date("2026-11-22T07:00:00Z"),
  expiresAt: new Date("2026-11-25T07:00:00Z"),
  reviewDueAt: null,
  reviewedBy: null,
  reviewedAt: null,
  shrunkAt: null,
  cancelReason: null,
  endedAt: null,
};

const shown = (level: "full" | "summary" | "pointer", one = bulletin) =>
  wordsOf(bulletinCard(level, one, { owner, buttons: acknowledgeButtons(level, "delivery", one.ref) }));

describe("what each level reads", () => {
  it("full", () => {
    expect(shown("full")).toMatchInlineSnapshot(`
      "HIGH officer-safety bulletin B-7K3-M9Q v1 · Metro Fusion Center
      Threat against the Elm St station
      Said he will "shoot the next cop at the Elm St station" (reported Fri 20 Nov).
      John A. Smyth, b. 1984-03-02 · white 2015 F-150, MD ABC1234
      NO WARRANT · ASKED: be aware, document and report. Do not seek contact.
      Not probable cause, and not by itself reasonable suspicion: do not stop, extend a stop, search, detain or arrest on this alone.
      Source B (usually reliable), information 3 (possibly true). Verify first: Metro watch 555-0142, 24 h.
      LES · TLP:AMBER (your agency and those it serves, need to know) · PAP:RED · until <2026-11-25T07:00>, then discard
      [Acknowledge for our agency]"
    `);
  });
  it("summary", () => {
    expect(shown("summary")).toMatchInlineSnapshot(`
      "HIGH officer-safety bulletin B-7K3-M9Q v1 · Metro Fusion Center
      A man stated intent to shoot an officer at a police station in Riverton. Possible rifle, not confirmed.
      Identity withheld: this channel is not cleared for personal details. Get it: Metro watch 555-0142, 24 h, quote B-7K3-M9Q.
      NO WARRANT · ASKED: be aware, document and report. Do not seek contact. Not probable cause, and not by itself reasonable suspicion.
      LES · TLP:AMBER (your agency and those it serves, need to know) · until <2026-11-25T07:00>
      [Acknowledge for our agency]"
    `);
  });
  it("pointer", () => {
    expect(shown("pointer")).toMatchInlineSnapshot(`
      "HIGH officer-safety bulletin B-7K3-M9Q v1 · Metro Fusion Center · area: Riverton
      Nothing more may be shown in this channel. Get it now: Metro watch 555-0142, 24 h, quote B-7K3-M9Q.
      Do nothing to anyone because of this message alone. Until <2026-11-25T07:00>.
      [Received, we will call]
      [We have the full text]
      [Read]"
    `);
  });
  it("a summary of what names nobody is the text itself", () => {
    const { person: _person, summary: _summary, ...content } = bulletin.content;
    const nameless = { ...bulletin, basis: "situational", entryId: null, personal: false, content } as const;
    const summary = shown("summary", nameless);
    expect(summary).toContain("shoot the next cop");
    expect(summary).not.toContain("Identity withheld");
  });
  it.each(["entry", "emergency"] as const)("a summary with basis %s is the summary alone", (basis) => {
    const { person: _person, ...content } = bulletin.content;
    const summary = shown("summary", { ...bulletin, basis, personal: basis === "entry", content });
    expect(summary).toContain("A man stated intent");
    expect(summary).not.toMatch(/shoot the next cop|Threat against the Elm St station/);
    expect(summary.includes("Identity withheld")).toBe(basis === "entry");
  });
  it.each(["entry", "emergency"] as const)("without one, basis %s is a pointer there", (basis) => {
    const { person: _person, summary: _summary, ...content } = bulletin.content;
    const summary = shown("summary", { ...bulletin, basis, personal: false, content });
    expect(summary).toContain("Nothing more may be shown in this channel");
    expect(summary).not.toMatch(/shoot|Elm St/);
  });
});

it("cancelled, expired and corrected copies say what to do and show no content", () => {
  const over = { ...bulletin, endedAt: new Date("2026-11-22T07:41:00Z") };
  const cards = [
    endedCard({ ...over, cancelReason: "wrong_person" }, owner, owner.zone),
    endedCard(over, owner, owner.zone),
    correctionCard({ ...over, cancelReason: "wrong_person" }, { owner }),
  ].map(wordsOf);
  expect(cards.join("\n\n")).toMatchInlineSnapshot(`
    "CANCELLED B-7K3-M9Q Sun 22 Nov 02:41 EST (07:41Z): wrong person
    Content removed here. Do not act on any copy; discard notes and print-outs.
    Questions: Metro watch 555-0142, 24 h, quote B-7K3-M9Q.

    B-7K3-M9Q ended Sun 22 Nov 02:41 EST (07:41Z)
    Content removed here. Discard notes and print-outs; do not act on it.

    CANCELLED B-7K3-M9Q: WRONG PERSON. Do not act on any copy.
    Tell your shift; destroy print-outs. Metro watch 555-0142, 24 h."
  `);
});

it("an exercise says so in line 1 and in its own line, at every level and when it ends", () => {
  const exercise = { ...bulletin, exercise: true };
  for (const level of ["full", "summary", "pointer"] as const) {
    const [line, banner] = shown(level, exercise).split("\n");
    expect(line).toMatch(/^EXERCISE HIGH/);
    expect(banner).toBe("EXERCISE: this is not real. Take no action.");
  }
  expect(endedCard(exercise, owner, owner.zone).headline).toMatch(/^EXERCISE /);
});

it("line 1 fits and names no person, however long the agency's name", () => {
  const long = { ...bulletin, exercise: true, type: "bolo_vehicle", severity: "extreme" } as const;
  for (const level of ["full", "summary", "pointer"] as const) {
    const { headline } = bulletinCard(level, long, { owner: { ...owner, name: "N".repeat(80) } });
    expect(headline.length).toBeLessThanOrEqual(150);
    expect(headline).not.toMatch(/Smyth|Elm/);
  }
});

// Signs that no text of ours contains, so that a piece can only come from the field.
const signs = Array.from("αβγδεζηθικλμνξοπρστυφχψω");
const secret = fc
  .array(fc.constantFrom(...signs), { minLength: 6, maxLength: 60 })
  .map((drawn) => drawn.join(""));
const pieces = (words: string) =>
  Array.from({ length: words.length - 5 }, (_, start) => words.slice(start, start + 6));

it("no piece of a privacy field is in a summary or a pointer, and none of anybody's words in a pointer", () => {
  const words = fc.record({
    headline: secret,
    known: secret,
    unknown: secret,
    person: secret,
    danger: secret,
    summary: secret,
  });
  fc.assert(
    fc.property(words, ({ summary, ...fields }) => {
      const one = { ...bulletin, content: { ...fields, summary } };
      const summarized = shown("summary", one);
      const pointed = shown("pointer", one);
      expect(summarized).toContain(summary);
      // The author's summary is theirs to word; what it happens to share with a field is not ours.
      const hidden = Object.values(fields).flatMap(pieces);
      expect(hidden.filter((piece) => summarized.includes(piece) && !summary.includes(piece))).toEqual([]);
      expect([...hidden, ...pieces(summary)].filter((piece) => pointed.includes(piece))).toEqual([]);
    }),
  );
});
