import { say, show, text } from "../bot/answers.ts";
import type { Call, Feature } from "../bot/command.ts";
import { can } from "../bot/policy.ts";
import type { Answer, Block } from "../chat.ts";
import { notFound, watchOff } from "../errors.ts";
import { answerPage, openAnswer, showAnswered } from "./confirmation-answer-command.ts";
import { requestCard, toAnswerBlock } from "./confirmation-card.ts";
import { pressedHit, type PressedHit } from "./confirmation-hit.ts";
import { isHidden, standingBlocks, viewOf } from "./confirmation-standing.ts";
import {
  askConfirmation,
  findConfirmation,
  listAskedBy,
  listOfQuery,
  listToAnswer,
} from "./confirmation-store.ts";
import { waitMinutes, type Confirmation } from "./confirmation.ts";
import { isOff, refuse } from "./query-answer-command.ts";
import { waitingCard } from "./query-card.ts";

// What whoever hit an entry does to have it confirmed. What its owner does is in confirmation-answer-command.ts.

/** Asks the owner of a hit; pressed again it says how the request stands. */
async function ask(call: Call, subject: string): Promise<Answer> {
  const hit = await pressedHit(call, subject);
  if (hit.kind === "answer") return hit.answer;
  if (await isOff(call)) return refuse(call, watchOff());
  const before = await asked(call, hit);
  if (before !== undefined) return standingOf(call, before);
  const { query, found } = hit;
  const minutes = waitMinutes(query.purpose);
  const request = await askConfirmation(call.tx, {
    query: query.id,
    entry: found.entryId,
    sensitivity: found.sensitivity,
    minutes,
  });
  if (request === undefined) return notAsked(call, hit);
  const { id, owner } = request;
  call.made("confirmation", id);
  await call.audit({
    action: "confirmation.ask",
    subject: `confirmation:${id}`,
    detail: { purpose: query.purpose, minutes },
    also: [owner],
  });
  return showRequest(call, id);
}

async function asked(call: Call, { query, found }: PressedHit): Promise<Confirmation | undefined> {
  const requests = await listOfQuery(call.tx, query.id);
  return requests.find(({ entryId }) => entryId === found.entryId);
}

/** Another press was first, or the record is not shown any more. */
async function notAsked(call: Call, hit: PressedHit): Promise<Answer> {
  const before = await asked(call, hit);
  if (before !== undefined) return standingOf(call, before);
  await call.audit({
    action: "confirmation.ask",
    subject: `query:${hit.query.id}`,
    outcome: "denied",
    detail: { code: "GONE" },
  });
  return say(
    `Nothing was asked for ${hit.query.ref}.`,
    "The record is no longer shown, or you were told of it more than a day ago. Do not rely on it; ask once more: /watch.",
  );
}

/** One's own request, as it stands. */
async function showRequest(call: Call, id: string): Promise<Answer> {
  const request = await findConfirmation(call.tx, id);
  if (request === undefined || request.askedBy !== call.officer.id) throw notFound("query");
  return standingOf(call, request);
}

async function standingOf(call: Call, request: Confirmation): Promise<Answer> {
  if (isHidden(call)) return show(waitingCard({ ref: request.queryRef }));
  return show(requestCard(request, await viewOf(call, request)));
}

/** What this officer asked within a day, and what their agency's desk has to answer. */
export async function confirmationQueue(call: Call): Promise<readonly Block[]> {
  const { tx, officer } = call;
  const toAnswer = can(officer, "confirmation.answer") ? await listToAnswer(tx, officer.agency) : [];
  const mine = can(officer, "watch.ask")
    ? await listAskedBy(tx, { agency: officer.agency, officer: officer.id })
    : [];
  const refs = [...new Set(mine.map(({ queryRef }) => queryRef))];
  return [
    ...toAnswer.map((request) => toAnswerBlock(request, officer.zone)),
    ...(isHidden(call)
      ? refs.map((ref) => text(waitingCard({ ref }).headline))
      : await standingBlocks(call, mine)),
  ];
}

/** The button under a hit, and the owner's answer to it. */
export const confirmationFeature: Feature = {
  forms: [answerPage],
  presses: [
    { action: "confirm.ask", deed: "watch.ask", run: ask },
    { action: "confirm.answer", deed: "confirmation.answer", run: openAnswer },
  ],
  again: [
    { kind: "confirmation", deed: "watch.ask", show: showRequest },
    { kind: "confirmation-answer", deed: "confirmation.answer", show: showAnswered },
  ],
};
