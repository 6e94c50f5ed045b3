import { z } from "zod";

import { officerName } from "../agencies/officer-store.ts";
import { tellDesk, tellOfficer } from "../agencies/tell.ts";
import { choice, form, longText, say, show, text } from "../bot/answers.ts";
import { formPage, verb, type Call, type Feature, type FormPage, type Press } from "../bot/command.ts";
import { neededText, oneOf, openForm, textValue } from "../bot/forms.ts";
import { can } from "../bot/policy.ts";
import type { Answer, Block } from "../chat.ts";
import { requestInChannels } from "../deliveries/delivery-store.ts";
import { notFound } from "../errors.ts";
import { openTip, refreshCard } from "./tip-access.ts";
import { deskCard, receiptCard, submitterCard } from "./tip-card.ts";
import { askPage, closePage, gradePage, take } from "./tip-desk-command.ts";
import { notePages } from "./tip-note-command.ts";
import {
  addTipNote,
  listOpenTips,
  listQuestions,
  listTipNotes,
  recordTip,
  withdrawTip,
} from "./tip-store.ts";
import { proposedPriority, sources, urgencies, type Priority, type Tip } from "./tip.ts";

const urgencyOf: Readonly<Record<Priority, number>> = { P0: 1, P1: 2, P2: 3, P3: 5 };

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
      choice(["soon", "How soon?"], urgencies, {
        required: true,
        hint: "Now? Radio or 911 first: this form sends nobody.",
      }),
      choice(["source", "How do you know?"], sources, { required: true }),
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
    return say(
      `${tip.ref} is already being worked on.`,
      "Tell the analyst what changed: /allpoints show and the reference.",
    );
  }
  await refreshCard(call, tip);
  await call.audit({ action: "tip.withdraw", subject: `tip:${tip.id}` });
  return say(
    `Withdrawn: ${tip.ref}`,
    "Its card in the intake channel says so. Its words are kept until their time is over, then deleted.",
  );
}

// ------------------------------------------------------------------------------------------------ reading, answering

async function names(call: Call, tip: Tip, authors: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const ids = [...new Set([tip.submittedBy, ...(tip.takenBy === null ? [] : [tip.takenBy]), ...authors])];
  const found = await Promise.all(
    ids.map(async (id) => [id, await officerName(call.tx, call.tools.keyring, id)] as const),
  );
  return new Map(found);
}

/** The words for the desk, or what became of it for whoever submitted it. Reading is recorded. */
async function showTip(call: Call, idOrRef: string): Promise<Answer> {
  const tip = await openTip(call, idOrRef);
  const notes = await listTipNotes(call.tx, call.tools.keyring, tip.id);
  const words = call.tools.privateLevel[call.event.platform] === "full";
  const telling = {
    notes,
    words,
    names: await names(
      call,
      tip,
      notes.map(({ author }) => author),
    ),
  };
  await call.audit({ action: "tip.read", subject: `tip:${tip.id}`, detail: { words } });
  return show(can(call.officer, "tip.read") ? deskCard(tip, telling) : submitterCard(tip, telling));
}

const answerPage = formPage({
  form: "tip.answer",
  deed: "tip.submit",
  async open(call, subject) {
    const { ref } = await openTip(call, subject);
    return form(`Answer about ${ref}`, "Answer", [
      longText("answer", "Your answer", { required: true, maxLength: 2000 }),
    ]);
  },
  values: z.object({ answer: neededText(2000) }),
  async submit(call, subject, { answer }) {
    const { tx, officer, tools } = call;
    const tip = await openTip(call, subject);
    if (tip.submittedBy !== officer.id) throw notFound("tip");
    await addTipNote(tx, {
      keyring: tools.keyring,
      officer,
      tip: tip.id,
      kind: "answer",
      words: { Answer: answer },
    });
    if (tip.takenBy === null) await tellDesk(call, { kind: "tip_answer", ref: tip.ref });
    else await tellOfficer(call, tip.takenBy, { kind: "tip_answer", ref: tip.ref });
    await call.audit({ action: "tip.answer", subject: `tip:${tip.id}` });
    return say(`Answered: ${tip.ref}`, "Thank you. The analyst is told that there is an answer.");
  },
});

/** A button that opens a form about a tip. */
function opens(action: string, page: FormPage): Press {
  return {
    action,
    deed: page.deed,
    run: async (call, id) => openForm(call, page, (await openTip(call, id)).id),
  };
}

// ------------------------------------------------------------------------------------------------ the queue

/** Questions to answer, and for the desk the open tips. */
export async function tipQueue(call: Call): Promise<readonly Block[]> {
  const questions = await listQuestions(call.tx, call.officer.id);
  const asked = questions.map(({ ref }) =>
    text([{ bold: ref }, ` has a question for you: /allpoints show ${ref}`]),
  );
  if (!can(call.officer, "tip.read")) return asked;
  const open = await listOpenTips(call.tx, 12);
  const mine = open.filter(({ state, taken_by }) => state === "new" || taken_by === call.officer.id);
  return [
    ...asked,
    ...mine.map(({ ref, priority, state }) =>
      text([{ bold: ref }, ` · ${priority} · ${state === "new" ? "nobody has it" : "yours"}`]),
    ),
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
    {
      name: "allpoints",
      help: "Your account, your queue, your agency",
      verbs: [verb({ verb: "tip", only: "slack", ...tipVerb })],
    },
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
        (await listOpenTips(tx, 25)).map(({ ref, priority, state }) => ({
          value: ref,
          label: `${ref} · ${priority} · ${state}`,
        })),
    },
  ],
  show: { letter: "T", run: showTip },
};
