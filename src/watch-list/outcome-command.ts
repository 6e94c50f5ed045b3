import { z } from "zod";

import { button, card, choice, form, longText, note as smallPrint, show, text } from "../bot/answers.ts";
import { formPage, type Call, type Feature } from "../bot/command.ts";
import { oneOf, openForm, textValue } from "../bot/forms.ts";
import type { Answer } from "../chat.ts";
import { inZone } from "../clock.ts";
import { notFound } from "../errors.ts";
import { uuidv7 } from "../store/ids.ts";
import { againButton } from "./confirmation-card.ts";
import { pressedHit, type PressedHit } from "./confirmation-hit.ts";
import { findOutcome, openNote, recordOutcome, type Outcome } from "./outcome-store.ts";
import { NOTE_LENGTH, outcomes, outcomeWords, type OutcomeCode } from "./outcome.ts";
import { holdOfficer } from "./query-store.ts";

interface Said {
  readonly outcome: OutcomeCode;
  /** Absent: whatever note there is stays. */
  readonly note?: { readonly words: string | undefined };
}

/** Whoever asked says what came of a hit: once, and differently within a day. */
async function record(call: Call, hit: PressedHit, { outcome, note }: Said): Promise<Answer> {
  const { tx, tools, officer } = call;
  // Two presses at once are one after the other: the second changes what the first said.
  await holdOfficer(tx, officer.id);
  const place = { query: hit.query.id, entry: hit.found.entryId };
  const before = await findOutcome(tx, place);
  const kept = before === undefined ? undefined : openNote(tools.keyring, before);
  const words = note === undefined ? kept : note.words;
  if (before !== undefined && (!before.changeable || (before.outcome === outcome && kept === words))) {
    return said(call, hit, before);
  }
  const id = before?.id ?? uuidv7();
  const recorded = await recordOutcome(tx, tools.keyring, {
    ...place,
    id,
    agency: officer.agency,
    outcome,
    note: words,
  });
  // Its owner hid it since.
  if (recorded === undefined) throw notFound("query");
  await call.audit({
    action: before === undefined ? "outcome.record" : "outcome.change",
    subject: `outcome:${id}`,
    detail: { outcome, note: words !== undefined },
    also: [recorded.owner],
  });
  return showSaid(call, hit);
}

async function showSaid(call: Call, hit: PressedHit): Promise<Answer> {
  const outcome = await findOutcome(call.tx, { query: hit.query.id, entry: hit.found.entryId });
  if (outcome === undefined) throw new Error("an outcome is recorded and cannot be found");
  return said(call, hit, outcome);
}

function said(
  call: Call,
  { query, subject }: PressedHit,
  { outcome, changedAt, changeable }: Outcome,
): Answer {
  const when = inZone(changedAt, call.officer.zone);
  return show(
    card(
      `Recorded for ${query.ref}, ${when}.`,
      [
        text(`What happened: ${outcomeWords[outcome]}.`),
        outcome === "not_same_person"
          ? text("Do not act on the record for this person. Its owner is told, and may add identifiers.")
          : undefined,
        changeable
          ? text("Wrong, or more to say? It can be changed for 24 hours after the first time.")
          : text("That was more than 24 hours ago, so it stays. Call the owner if it is wrong."),
        smallPrint("Its owner can read it."),
      ],
      {
        buttons: [
          ...(changeable ? [button(["outcome.ask", subject], "What happened")] : []),
          againButton(query.id),
        ],
      },
    ),
  );
}

async function notSame(call: Call, subject: string): Promise<Answer> {
  const hit = await pressedHit(call, subject);
  return hit.kind === "answer" ? hit.answer : record(call, hit, { outcome: "not_same_person" });
}

/** The form; or, where nothing may be shown or changed any more, why not. */
async function open(call: Call, subject: string): Promise<Answer> {
  const hit = await pressedHit(call, subject);
  if (hit.kind === "answer") return hit.answer;
  const before = await findOutcome(call.tx, { query: hit.query.id, entry: hit.found.entryId });
  return before?.changeable === false ? said(call, hit, before) : openForm(call, outcomePage, subject);
}

const outcomePage = formPage({
  form: "outcome.ask",
  deed: "watch.ask",
  async open(call, subject) {
    const hit = await pressedHit(call, subject);
    const before =
      hit.kind === "answer"
        ? undefined
        : await findOutcome(call.tx, { query: hit.query.id, entry: hit.found.entryId });
    // What was typed is repeated only where that may be.
    const full = call.tools.privateLevel[call.event.platform] === "full";
    const words = before === undefined || !full ? undefined : openNote(call.tools.keyring, before);
    return form("What happened", "Save", [
      choice(["outcome", "After this hit"], outcomes, {
        required: true,
        ...(before !== undefined && { value: [before.outcome] }),
      }),
      longText("note", "Anything its owner should know?", {
        maxLength: NOTE_LENGTH,
        hint: "The owner's desk can read it for a year. Facts only; never name who told you.",
        ...(words !== undefined && { value: words }),
      }),
    ]);
  },
  values: z.object({ outcome: oneOf(outcomes), note: textValue(NOTE_LENGTH) }),
  async submit(call, subject, { outcome, note }) {
    const hit = await pressedHit(call, subject);
    return hit.kind === "answer" ? hit.answer : record(call, hit, { outcome, note: { words: note } });
  },
});

/** The buttons under a hit with which whoever asked says what came of it. */
export const outcomeFeature: Feature = {
  forms: [outcomePage],
  presses: [
    { action: "outcome.not_same", deed: "watch.ask", run: notSame },
    { action: "outcome.ask", deed: "watch.ask", run: open },
  ],
};
