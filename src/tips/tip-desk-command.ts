import { z } from "zod";

import { officerName } from "../agencies/officer-store.ts";
import { tellOfficer } from "../agencies/tell.ts";
import { choice, form, longText, say } from "../bot/answers.ts";
import { formPage, type Call } from "../bot/command.ts";
import { neededText, oneOf } from "../bot/forms.ts";
import type { Answer } from "../chat.ts";
import { ended, openTip, refreshCard } from "./tip-access.ts";
import { addTipNote, closeTip, gradeTip, takeTip } from "./tip-store.ts";
import { informationGrades, outcomes, retentionDays, sourceGrades, threatToLife, yesNo } from "./tip.ts";

// What the desk does with a tip: takes it, grades it, asks the officer back, closes it.

/** The first to take it has it; a second is told who. */
export async function take(call: Call, id: string): Promise<Answer> {
  const tip = await openTip(call, id);
  if (!(await takeTip(call.tx, tip.id, call.officer.id))) {
    const { state, takenBy } = await openTip(call, id);
    if (takenBy === call.officer.id)
      return say(`${tip.ref} is yours already.`, "Open it from the card, or with /allpoints show.");
    if (takenBy === null) return say(`${tip.ref} is ${state}: there is nothing to take.`);
    return say(
      `${await officerName(call.tx, call.tools.keyring, takenBy)} has ${tip.ref}.`,
      "Nothing changed. Talk to them before you work on it.",
    );
  }
  await refreshCard(call, tip);
  await tellOfficer(call, tip.submittedBy, { kind: "tip_taken", ref: tip.ref });
  await call.audit({ action: "tip.take", subject: `tip:${tip.id}` });
  return say(
    `${tip.ref} is yours.`,
    "The officer who sent it is told that somebody took it. Next: Open, then Grade.",
  );
}

export const gradePage = formPage({
  form: "tip.grade",
  deed: "tip.work",
  async open(call, subject) {
    const { ref } = await openTip(call, subject);
    return form(`Grade ${ref}`, "Save grade", [
      choice(["source", "Source"], sourceGrades, {
        required: true,
        hint: "How reliable is whoever told us? First time: F.",
      }),
      choice(["information", "Information"], informationGrades, {
        required: true,
        hint: "How true is it, whoever said it?",
      }),
      choice(["life", "Threat to life?"], threatToLife, { required: true }),
      choice(["speech", "Only opinion or protest?"], yesNo, {
        required: true,
        hint: "Criticism, insult and protest are protected. Yes: kept 7 days, never promoted.",
      }),
      longText("why", "Why?", {
        required: true,
        maxLength: 1500,
        hint: "The facts behind the grade, for the next reader.",
      }),
    ]);
  },
  values: z.object({
    source: oneOf(sourceGrades),
    information: oneOf(informationGrades),
    life: oneOf(threatToLife),
    speech: oneOf(yesNo),
    why: neededText(1500),
  }),
  async submit(call, subject, { source, information, life, speech, why }) {
    const { tx, officer, tools } = call;
    const tip = await openTip(call, subject);
    const protectedSpeech = speech === "yes";
    const grade = {
      source,
      information,
      threatToLife: life,
      protectedSpeech,
      retentionDays: retentionDays(true, protectedSpeech),
    };
    if (!(await gradeTip(tx, { tip: tip.id, officer: officer.id }, grade))) throw ended(tip);
    await addTipNote(tx, {
      keyring: tools.keyring,
      officer,
      tip: tip.id,
      kind: "grade",
      words: { Why: why },
    });
    await refreshCard(call, tip);
    await call.audit({
      action: "tip.grade",
      subject: `tip:${tip.id}`,
      detail: { source, information, life, protectedSpeech },
    });
    return say(
      `Graded: ${tip.ref} is ${source}${information}`,
      protectedSpeech
        ? "Marked as opinion or protest: kept 7 days, and it cannot become an entry. Close it as information only."
        : "Next: ask the officer back, make an entry, or close it.",
    );
  },
});

export const askPage = formPage({
  form: "tip.ask",
  deed: "tip.work",
  async open(call, subject) {
    const { ref } = await openTip(call, subject);
    return form(`Ask about ${ref}`, "Ask", [
      longText("question", "What do you need to know?", {
        required: true,
        maxLength: 1000,
        hint: "The officer gets a notice without these words and reads them privately.",
      }),
    ]);
  },
  values: z.object({ question: neededText(1000) }),
  async submit(call, subject, { question }) {
    const { tx, officer, tools } = call;
    const tip = await openTip(call, subject);
    if (tip.state !== "new" && tip.state !== "taken") throw ended(tip);
    await addTipNote(tx, {
      keyring: tools.keyring,
      officer,
      tip: tip.id,
      kind: "question",
      words: { Question: question },
    });
    await tellOfficer(call, tip.submittedBy, { kind: "tip_question", ref: tip.ref });
    await call.audit({ action: "tip.ask", subject: `tip:${tip.id}` });
    return say(
      `Asked about ${tip.ref}.`,
      "The officer is told that there is a question. Their answer shows in the tip, and your desk is told.",
    );
  },
});

export const closePage = formPage({
  form: "tip.close",
  deed: "tip.work",
  async open(call, subject) {
    const { ref } = await openTip(call, subject);
    return form(`Close ${ref}`, "Close it", [
      choice(["outcome", "What became of it?"], outcomes, {
        required: true,
        hint: "The officer who sent it sees this line, not your reason.",
      }),
      longText("why", "Why?", { required: true, maxLength: 1500 }),
    ]);
  },
  values: z.object({ outcome: oneOf(outcomes), why: neededText(1500) }),
  async submit(call, subject, { outcome, why }) {
    const { tx, officer, tools } = call;
    const tip = await openTip(call, subject);
    if (!(await closeTip(tx, { tip: tip.id, officer: officer.id, outcome }))) throw ended(tip);
    await addTipNote(tx, {
      keyring: tools.keyring,
      officer,
      tip: tip.id,
      kind: "outcome",
      words: { Why: why },
    });
    await refreshCard(call, tip);
    await tellOfficer(call, tip.submittedBy, { kind: "tip_closed", ref: tip.ref });
    await call.audit({ action: "tip.close", subject: `tip:${tip.id}`, detail: { outcome } });
    return say(`Closed: ${tip.ref}`, outcomes[outcome]);
  },
});
