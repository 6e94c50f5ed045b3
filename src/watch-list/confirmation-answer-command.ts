import { z } from "zod";

import { officerName } from "../agencies/officer-store.ts";
import { appendAudit } from "../audit/audit-store.ts";
import { choice, form, problems, say, show } from "../bot/answers.ts";
import { formPage, type Call, type Problems } from "../bot/command.ts";
import { anyOf, oneOf, openForm } from "../bot/forms.ts";
import type { Answer } from "../chat.ts";
import { inBoth } from "../clock.ts";
import { wantNew } from "../deliveries/delivery-store.ts";
import { notAllowed, notFound } from "../errors.ts";
import { answeredCard } from "./confirmation-card.ts";
import {
  answerConfirmation,
  extendConfirmation,
  findAnswered,
  findConfirmation,
  recordAnswerGiving,
} from "./confirmation-store.ts";
import {
  answers,
  MOST_EXTENSIONS,
  moreTime,
  type Confirmation,
  type ConfirmationAnswer,
} from "./confirmation.ts";

// The owner's desk answers whoever asked.

const isId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A request to the own agency, by somebody else than whoever answers it. */
async function ownRequest({ tx, officer }: Call, id: string): Promise<Confirmation> {
  const request = isId.test(id) ? await findConfirmation(tx, id) : undefined;
  // The agency that asked sees the row too, and may be a guest in the channel.
  if (request === undefined || request.owner !== officer.agency) throw notFound("request");
  if (request.askedBy === officer.id) throw notAllowed("answering your own question", "a second person");
  return request;
}

/** The form; or who was first. */
export async function openAnswer(call: Call, id: string): Promise<Answer> {
  const request = await ownRequest(call, id);
  return request.state === "answered" ? showAnswered(call, id) : openForm(call, answerPage, request.id);
}

export async function showAnswered(call: Call, id: string): Promise<Answer> {
  const { tx, tools, officer } = call;
  const request = await ownRequest(call, id);
  const { answeredBy } = request;
  if (answeredBy === null) return moved(call, request);
  const by = await officerName(tx, tools.keyring, answeredBy);
  return show(answeredCard(request, { by, zone: officer.zone, own: answeredBy === officer.id }));
}

const choices = { ...answers, needs_time: "We need more time" } as const;

export const answerPage = formPage({
  form: "confirm.answer",
  deed: "confirmation.answer",
  async open(call, id) {
    const { entryRef, sensitivity } = await ownRequest(call, id);
    return form(`Answer for ${entryRef}`, "Answer", [
      choice(["answer", "Your answer"], choices, {
        required: true,
        hint:
          sensitivity === "OPEN"
            ? "In force? This person, by all identifiers? They read your answer at once."
            : "They are told to call you and nothing else: say your answer on the phone.",
      }),
      choice(["time", "Only if you need time: how long?"], moreTime, {
        hint: `From now. It can be asked for ${MOST_EXTENSIONS} times.`,
      }),
    ]);
  },
  values: z.object({ answer: oneOf(choices), time: anyOf(moreTime) }),
  async submit(call, id, { answer, time: [time] }) {
    const request = await ownRequest(call, id);
    if (request.state === "answered") return showAnswered(call, id);
    return answer === "needs_time" ? extend(call, request, time) : give(call, request, answer);
  },
});

async function give(
  call: Call,
  request: Confirmation,
  answer: ConfirmationAnswer,
): Promise<Answer | Problems> {
  const { tx, officer } = call;
  const { id, owner, agency, entryRef, sensitivity } = request;
  const { inForce, version, tlp } = await findAnswered(tx, request.entryId);
  if (answer === "confirmed" && !inForce) {
    return problems({ answer: `${entryRef} is not in force, so it cannot be confirmed. Choose another.` });
  }
  // Whoever comes second waits here for the first, and is then told who that was.
  if (!(await answerConfirmation(tx, { id, owner, officer: officer.id, answer }))) {
    return showAnswered(call, id);
  }
  call.made("confirmation-answer", id);
  const said = { action: "confirmation.answer", subject: `confirmation:${id}` };
  if (sensitivity === "OPEN") await call.audit({ ...said, detail: { answer }, also: [agency] });
  else {
    await call.audit({ ...said, detail: { answer } });
    if (agency !== owner) await appendAudit(tx, agency, said);
  }
  await recordAnswerGiving(tx, { confirmation: request, version, tlp: tlp ?? "amber" });
  await showMoved(call, request);
  return showAnswered(call, id);
}

async function extend(
  call: Call,
  request: Confirmation,
  time: keyof typeof moreTime | undefined,
): Promise<Answer | Problems> {
  const { id, owner, agency, state, extensions } = request;
  if (time === undefined) return problems({ time: "Say how long you need." });
  const minutes = Number(time);
  if (state === "unanswered") return problems({ answer: "Its time is over: answer, or call them." });
  if (extensions >= MOST_EXTENSIONS) {
    return problems({ answer: `More time was asked for ${MOST_EXTENSIONS} times. Answer, or call them.` });
  }
  if (!(await extendConfirmation(call.tx, { id, owner, minutes, most: MOST_EXTENSIONS }))) {
    return showAnswered(call, id);
  }
  call.made("confirmation-answer", id);
  await call.audit({
    action: "confirmation.extend",
    subject: `confirmation:${id}`,
    detail: { minutes },
    also: [agency],
  });
  await showMoved(call, request);
  return showAnswered(call, id);
}

function moved({ officer }: Call, { entryRef, queryRef, dueAt }: Confirmation): Answer {
  return say(
    `${entryRef} for ${queryRef} waits for an answer.`,
    `It is due by ${inBoth(dueAt, officer.zone)}. Whoever asked knows.`,
  );
}

/** The cards about it look different now. */
async function showMoved({ tx, wake }: Call, { id, secondId }: Confirmation): Promise<void> {
  for (const subjectId of secondId === null ? [id] : [id, secondId]) {
    // One connection: one after the other.
    // oxlint-disable-next-line no-await-in-loop
    for (const one of await wantNew(tx, { subjectId, kinds: ["confirmation"] })) wake.add(one);
  }
}
