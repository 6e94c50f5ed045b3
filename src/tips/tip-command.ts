import { z } from "zod";

import { officerName } from "../agencies/officer-store.ts";
import { tellDesk, tellOfficer } from "../agencies/tell.ts";
import type { Answer, Block } from "../chat.ts";
import { choice, form, longText, say, show, text } from "../bot/answers.ts";
import { formPage, verb, type Call, type Feature, type FormPage, type Press } from "../bot/command.ts";
import { neededText, oneOf, openForm, textValue } from "../bot/forms.ts";
import { can } from "../bot/policy.ts";
import { requestInChannels, wantNew } from "../deliveries/delivery-store.ts";
import { badInput, notFound } from "../errors.ts";
import { deskCard, receiptCard, submitterCard } from "./tip-card.ts";
import { notePages } from "./tip-note-command.ts";
import {
  addTipNote,
  closeTip,
  findTip,
  gradeTip,
  listOpenTips,
  listQuestions,
  listTipNotes,
  recordTip,
  takeTip,
  withdrawTip,
} from "./tip-store.ts";
import {
  informationGrades,
  mayRead,
  outcomes,
  proposedPriority,
  retentionDays,
  sourceGrades,
  sources,
  threatToLife,
  urgencies,
  yesNo,
  type Priority,
  type Tip,
} from "./tip.ts";

const urgencyOf: Readonly<Record<Priority, number>> = { P0: 1, P1: 2, P2: 3, P3: 5 };

/** The tip of a press or a form, if this officer may see it; anything else looks like an unknown one. */
export async function openTip(call: Call, idOrRef: string): Promise<Tip> {
  const tip = await findTip(call.tx, call.tools.keyring, idOrRef);
  if (tip === undefined || !mayRead(call.officer, tip)) throw notFound(idOrRef.length === 36 ? "tip" : idOrRef);
  return tip;
}

async function refreshCard(call: Call, tip: Tip): Promise<void> {
  for (const installation of await wantNew(call.tx, { subjectId: tip.id, kinds: ["intake"] })) {
    call.wake.add(installation);
  }
}

// ------------------------------------------------------------------------------------------------ submitting

const tipPage = formPage({
  form: "tip",
  deed: "tip.submit",
  async open({ event }) {
    return form("Report a threat", "Send", [
      longText("said", "What was said or seen?", {
        required: true,
        ...(event.kind === "message-shortcut" && { value: event.text.slice(0, 3000) }),
        hint: "Exact words and when, if you have them. Any weapon? Facts only. Never name who told you.",
      }),
      longText("who", "Who might do it?", {
        hint: "Name, birth date, handle, phone, plate: whatever you have. Unknown? Leave empty.",
      }),
      longText("risk", "Who or what is at risk, where, when?", {
        hint: "An officer, a station, an event, an address. Unknown? Leave empty.",
      }),
      choice("soon", "How soon?", urgencies, {
        required: true,
        hint: "Now? Radio or 911 first: this form sends nobody.",
      }),
      choice("source", "How do you know?", sources, { required: true }),
    ]);
  },
  values: z.object({
    said: neededText(3000, "Say what was said or seen: a few facts are enough."),
    who: textValue(),
    risk: textValue(),
    soon: oneOf(urgencies),
    source: oneOf(sources),
  }),
  async submit(call, _subject, { said, who, risk, soon, source }) {
    const { tx, officer, tools } = call;
    const tip = { words: { said, who, where: risk }, urgency: soon, source };
    const { id, ref, submittedAt } = await recordTip(tx, { keyring: tools.keyring, officer, tip });
    const woken = await requestInChannels(tx, {
      kind: "intake",
      subjectId: id,
      agency: officer.agency,
      use: "intake",
      urgency: urgencyOf[proposedPriority[soon]],
    });
    for (const installation of woken) call.wake.add(installation);
    await call.audit({ action: "tip.submit", subject: `tip:${id}`, detail: { urgency: soon, source } });
    call.made("tip", id);
    return show(
      receiptCard({ id, ref, submittedAt, urgency: soon }, { zone: officer.zone, posted: woken.length > 0 }),
    );
  },
});

/** The same receipt again, for a repeated event. */
async function receiptAgain(call: Call, id: string): Promise<Answer> {
  const tip = await openTip(call, id);
  return show(receiptCard(tip, { zone: call.officer.zone, posted: true }));
}

async function withdraw(call: Call, id: string): Promise<Answer> {
  const tip = await openTip(call, id);
  if (tip.submittedBy !== call.officer.id) throw notFound("tip");
  if (!(await withdrawTip(call.tx, tip.id))) {
    return say(`${tip.ref} is already being worked on.`, "Tell the analyst what changed: /allpoints show and the reference.");
  }
  await refreshCard(call, tip);
  await call.audit({ action: "tip.withdraw", subject: `tip:${tip.id}` });
  return say(`Withdrawn: ${tip.ref}`, "Its card in the intake channel says so. Its words are kept until their time is over, then deleted.");
}

// ------------------------------------------------------------------------------------------------ the desk

async function names(call: Call, tip: Tip, authors: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const ids = [...new Set([tip.submittedBy, ...(tip.takenBy === null ? [] : [tip.takenBy]), ...authors])];
  const found = await Promise.all(
    ids.map(async (id) => [id, await officerName(call.tx, call.tools.keyring, id)] as const),
  );
  return new Map(found);
}

/** The words for the desk, or what became of it for whoever submitted it. Reading is recorded. */
export async function showTip(call: Call, idOrRef: string): Promise<Answer> {
  const tip = await openTip(call, idOrRef);
  const notes = await listTipNotes(call.tx, call.tools.keyring, tip.id);
  const words = call.tools.privateLevel[call.event.platform] === "full";
  const telling = { notes, words, names: await names(call, tip, notes.map(({ author }) => author)) };
  await call.audit({ action: "tip.read", subject: `tip:${tip.id}`, detail: { words } });
  return show(can(call.officer, "tip.read") ? deskCard(tip, telling) : submitterCard(tip, telling));
}

async function take(call: Call, id: string): Promise<Answer> {
  const tip = await openTip(call, id);
  if (!(await takeTip(call.tx, tip.id, call.officer.id))) {
    const { state, takenBy } = await openTip(call, id);
    if (takenBy === call.officer.id) return say(`${tip.ref} is yours already.`, "Open it from the card, or with /allpoints show.");
    if (takenBy === null) return say(`${tip.ref} is ${state}: there is nothing to take.`);
    return say(`${await officerName(call.tx, call.tools.keyring, takenBy)} has ${tip.ref}.`, "Nothing changed. Talk to them before you work on it.");
  }
  await refreshCard(call, tip);
  await tellOfficer(call, tip.submittedBy, { kind: "tip_taken", ref: tip.ref });
  await call.audit({ action: "tip.take", subject: `tip:${tip.id}` });
  return say(`${tip.ref} is yours.`, "The officer who sent it is told that somebody took it. Next: Open, then Grade.");
}

const gradePage = formPage({
  form: "tip.grade",
  deed: "tip.work",
  async open(call, subject) {
    const { ref } = await openTip(call, subject);
    return form(`Grade ${ref}`, "Save grade", [
      choice("source", "Source", sourceGrades, { required: true, hint: "How reliable is whoever told us? First time: F." }),
      choice("information", "Information", informationGrades, { required: true, hint: "How true is it, whoever said it?" }),
      choice("life", "Threat to life?", threatToLife, { required: true }),
      choice("speech", "Only opinion or protest?", yesNo, {
        required: true,
        hint: "Criticism, insult and protest are protected. Yes: kept 7 days, never promoted.",
      }),
      longText("why", "Why?", { required: true, maxLength: 1500, hint: "The facts behind the grade, for the next reader." }),
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
    const grade = { source, information, threatToLife: life, protectedSpeech, retentionDays: retentionDays(true, protectedSpeech) };
    if (!(await gradeTip(tx, { tip: tip.id, officer: officer.id }, grade))) throw ended(tip);
    await addTipNote(tx, { keyring: tools.keyring, officer, tip: tip.id, kind: "grade", words: { Why: why } });
    await refreshCard(call, tip);
    await call.audit({ action: "tip.grade", subject: `tip:${tip.id}`, detail: { source, information, life, protectedSpeech } });
    return say(
      `Graded: ${tip.ref} is ${source}${information}`,
      protectedSpeech
        ? "Marked as opinion or protest: kept 7 days, and it cannot become an entry. Close it as information only."
        : "Next: ask the officer back, make an entry, or close it.",
    );
  },
});

function ended(tip: Tip) {
  return badInput(`${tip.ref} is no longer open`, "See /allpoints show and the reference.");
}

const askPage = formPage({
  form: "tip.ask",
  deed: "tip.work",
  async open(call, subject) {
    const { ref } = await openTip(call, subject);
    return form(`Ask about ${ref}`, "Ask", [
      longText("question", "What do you need to know?", { required: true, maxLength: 1000, hint: "The officer gets a notice without these words and reads them privately." }),
    ]);
  },
  values: z.object({ question: neededText(1000) }),
  async submit(call, subject, { question }) {
    const { tx, officer, tools } = call;
    const tip = await openTip(call, subject);
    if (tip.state !== "new" && tip.state !== "taken") throw ended(tip);
    await addTipNote(tx, { keyring: tools.keyring, officer, tip: tip.id, kind: "question", words: { Question: question } });
    await tellOfficer(call, tip.submittedBy, { kind: "tip_question", ref: tip.ref });
    await call.audit({ action: "tip.ask", subject: `tip:${tip.id}` });
    return say(`Asked about ${tip.ref}.`, "The officer is told that there is a question. Their answer shows in the tip, and your desk is told.");
  },
});

const answerPage = formPage({
  form: "tip.answer",
  deed: "tip.submit",
  async open(call, subject) {
    const { ref } = await openTip(call, subject);
    return form(`Answer about ${ref}`, "Answer", [longText("answer", "Your answer", { required: true, maxLength: 2000 })]);
  },
  values: z.object({ answer: neededText(2000) }),
  async submit(call, subject, { answer }) {
    const { tx, officer, tools } = call;
    const tip = await openTip(call, subject);
    if (tip.submittedBy !== officer.id) throw notFound("tip");
    await addTipNote(tx, { keyring: tools.keyring, officer, tip: tip.id, kind: "answer", words: { Answer: answer } });
    if (tip.takenBy === null) await tellDesk(call, { kind: "tip_answer", ref: tip.ref });
    else await tellOfficer(call, tip.takenBy, { kind: "tip_answer", ref: tip.ref });
    await call.audit({ action: "tip.answer", subject: `tip:${tip.id}` });
    return say(`Answered: ${tip.ref}`, "Thank you. The analyst is told that there is an answer.");
  },
});

const closePage = formPage({
  form: "tip.close",
  deed: "tip.work",
  async open(call, subject) {
    const { ref } = await openTip(call, subject);
    return form(`Close ${ref}`, "Close it", [
      choice("outcome", "What became of it?", outcomes, { required: true, hint: "The officer who sent it sees this line, not your reason." }),
      longText("why", "Why?", { required: true, maxLength: 1500 }),
    ]);
  },
  values: z.object({ outcome: oneOf(outcomes), why: neededText(1500) }),
  async submit(call, subject, { outcome, why }) {
    const { tx, officer, tools } = call;
    const tip = await openTip(call, subject);
    if (!(await closeTip(tx, { tip: tip.id, officer: officer.id, outcome }))) throw ended(tip);
    await addTipNote(tx, { keyring: tools.keyring, officer, tip: tip.id, kind: "outcome", words: { Why: why } });
    await refreshCard(call, tip);
    await tellOfficer(call, tip.submittedBy, { kind: "tip_closed", ref: tip.ref });
    await call.audit({ action: "tip.close", subject: `tip:${tip.id}`, detail: { outcome } });
    return say(`Closed: ${tip.ref}`, outcomes[outcome]);
  },
});

/** A button that opens a form about a tip. */
function opens(action: string, page: FormPage): Press {
  return { action, deed: page.deed, run: async (call, id) => openForm(call, page, (await openTip(call, id)).id) };
}

// ------------------------------------------------------------------------------------------------ the queue

/** Questions to answer, and for the desk the open tips. */
export async function tipQueue(call: Call): Promise<readonly Block[]> {
  const questions = await listQuestions(call.tx, call.officer.id);
  const asked = questions.map(({ ref }) => text([{ bold: ref }, ` has a question for you: /allpoints show ${ref}`]));
  if (!can(call.officer, "tip.read")) return asked;
  const open = await listOpenTips(call.tx, 12);
  const mine = open.filter(({ state, taken_by }) => state === "new" || taken_by === call.officer.id);
  return [
    ...asked,
    ...mine.map(({ ref, priority, state }) => text([{ bold: ref }, ` · ${priority} · ${state === "new" ? "nobody has it" : "yours"}`])),
  ];
}

const tipVerb = {
  help: "Report a threat: opens a form",
  deed: "tip.submit",
  // What is typed after it is ignored and not kept.
  input: z.object({}),
  run: (call: Call) => openForm(call, tipPage, "new"),
} as const;

/** /tip and all that follows from one: taking, grading, asking back, closing. */
export const tipFeature: Feature = {
  commands: [
    { name: "tip", help: "Report a threat", verbs: [verb({ verb: "", ...tipVerb })] },
    { name: "allpoints", help: "Your account, your queue, your agency", verbs: [verb({ verb: "tip", only: "slack", ...tipVerb })] },
  ],
  forms: [tipPage, gradePage, askPage, answerPage, closePage, ...notePages],
  presses: [
    { action: "tip.open", deed: "tip.read", run: showTip },
    { action: "tip.take", deed: "tip.work", run: take },
    { action: "tip.withdraw", deed: "tip.submit", run: withdraw },
    opens("tip.grade", gradePage),
    opens("tip.ask", askPage),
    opens("tip.answer", answerPage),
    opens("tip.close", closePage),
    ...notePages.map((page) => opens(page.form, page)),
  ],
  again: [{ kind: "tip", deed: "tip.submit", show: receiptAgain }],
  completions: [
    {
      letter: "T",
      deed: "tip.read",
      offer: async ({ tx }) =>
        (await listOpenTips(tx, 25)).map(({ ref, priority, state }) => ({ value: ref, label: `${ref} · ${priority} · ${state}` })),
    },
  ],
  show: { letter: "T", run: showTip },
};

