import { contactWords, type AgencyContact } from "../agencies/agency.ts";
import { button, card, note, text } from "../bot/answers.ts";
import type { Block, Button, Card } from "../chat.ts";
import { durationWords, inBoth, inZone, MINUTE } from "../clock.ts";
import { actOnItsOwn } from "../labels.ts";
import { answers, type Confirmation, type ConfirmationAnswer } from "./confirmation.ts";

// ------------------------------------------------------------------------------------------------ whoever asked

/** What whoever asked may know, in their own zone. */
export interface AskerView {
  readonly owner: AgencyContact;
  /** It was answered, and the entry is not in force any more. */
  readonly ended: boolean;
  readonly zone: string;
}

/** "E-4QX-2MR of Metro Fusion"; where the owner keeps the details there is only the owner. */
function recordWords({ sensitivity, entryRef }: Confirmation, { name }: AgencyContact): string {
  return sensitivity === "OPEN" ? `${entryRef} of ${name}` : `The record of ${name}`;
}

const answered: Readonly<Record<ConfirmationAnswer, string>> = {
  confirmed:
    "CONFIRMED: in force and, by what they were told, about this person. Ask them what they want done.",
  denied: "NOT CONFIRMED: do not rely on the record.",
  not_same_person: "NOT THE SAME PERSON: the record is about somebody else. Do not act on it.",
  stale: "OUT OF DATE: the record is no longer right. Do not rely on it.",
};

const endedSince = "ENDED SINCE: its owner withdrew it or let it end. Do not act on the earlier answer.";

/** How a request stands. */
function standing(request: Confirmation, view: AskerView): string {
  const { state, dueAt, secondAt, unansweredAt, extensions } = request;
  const { zone } = view;
  const due = inBoth(dueAt, zone);
  switch (state) {
    case "asked":
      return extensions > 0
        ? `They need more time: an answer is due by ${due}.`
        : `Asked ${inZone(request.askedAt, zone)}: an answer is due by ${due}.`;
    case "second":
      return `No answer yet. Asked a second time${secondAt === null ? "" : ` ${inZone(secondAt, zone)}`}: due by ${due}.`;
    case "unanswered":
      return `NO ANSWER to two requests${unansweredAt === null ? "" : ` (${inZone(unansweredAt, zone)})`}. Their watch commander was told. Do not rely on the record.`;
    case "answered":
      return toldWords(request, view);
  }
}

/**
 * Where the owner keeps the details its answer is said on the phone, whatever it is; and an end is told of whatever was
 * answered, so that neither says which.
 */
function toldWords({ answer, answeredAt, sensitivity }: Confirmation, { zone, ended }: AskerView): string {
  const when = answeredAt === null ? "" : ` (${inZone(answeredAt, zone)})`;
  if (sensitivity === "AGENCY_ONLY" || answer === null) {
    return ended
      ? endedSince
      : `ANSWERED${when}: they say it on the phone. Do not rely on the record before.`;
  }
  return ended && answer === "confirmed" ? endedSince : `${answered[answer]}${when}`;
}

/** One request, for a card of several things. */
export function standingBlock(request: Confirmation, view: AskerView): Block {
  const { owner } = view;
  return text([
    { bold: `${recordWords(request, owner)}: ` },
    `${standing(request, view)} Call ${contactWords(owner)}, quote ${request.queryRef}.`,
  ]);
}

/** Privately, after asking and whenever the button is pressed again. */
export function requestCard(request: Confirmation, view: AskerView): Card {
  const { owner, zone } = view;
  const wait = durationWords(request.waitMinutes * MINUTE);
  const open = request.state === "asked" || request.state === "second";
  const does = request.sensitivity === "OPEN" ? "confirm" : "call";
  return card(
    `${request.queryRef}: ${open ? `asked to ${does}, due ${inZone(request.dueAt, zone)}` : "how it stands"}`,
    [
      standingBlock(request, view),
      open
        ? text(
            `A phone call is faster: ${contactWords(owner)}. The request goes to their desk now. After ${wait} without an answer they are asked once more, after ${wait} more their watch commander is told.`,
          )
        : undefined,
      text(actOnItsOwn),
      note("You get a notice at each step: /allpoints queue says how it stands."),
    ],
    { tone: "amber", buttons: [againButton(request.queryId)] },
  );
}

/** Pressing a button takes the answer it stood under away on some platforms: back to it. */
export function againButton(query: string): Button {
  return button(["query.again", query], "Show again, 15 min");
}

// ------------------------------------------------------------------------------------------------ the owner

/** What is known of a request where its card is made. */
export interface DeskView {
  readonly zone: string;
  /** It was asked once more since, on a card of its own. */
  readonly first: boolean;
  /** Undefined: its follow-up has not written it yet. */
  readonly hit: string | undefined;
  readonly answeredBy: string | undefined;
}

/** In the owner's desk channel, for years: two references and a deadline. */
export function deskCard(request: Confirmation, { zone, first, hit, answeredBy }: DeskView): Card {
  const { entryRef, queryRef, state, answeredAt, secondId } = request;
  const what = `${entryRef}, asked about in ${queryRef}`;
  const who = hit === undefined ? [] : [button(["hit.who", hit], "Who asked")];
  if (state === "answered") {
    const by = answeredBy === undefined ? "" : `By ${answeredBy}`;
    return card(
      `ANSWERED: ${what}.`,
      [text(`${by}${answeredAt === null ? "" : `, ${inBoth(answeredAt, zone)}`}.`)],
      { buttons: who, tone: "ended" },
    );
  }
  const buttons = [answerButton(request), ...who];
  if (state === "unanswered") {
    return card(
      `NOT ANSWERED IN TIME: ${what}.`,
      [text("An answer still helps: whoever asked was told not to rely on the record.")],
      { buttons, tone: "red" },
    );
  }
  if (first && secondId !== null) {
    return card(`ASKED AGAIN, see the newer card: ${what}.`, [], { buttons });
  }
  return openCard(request, { zone, buttons });
}

function openCard(
  { entryRef, queryRef, state, dueAt, waitMinutes, extensions, owner, agency }: Confirmation,
  { zone, buttons }: { readonly zone: string; readonly buttons: readonly Button[] },
): Card {
  const urgency = waitMinutes === 10 ? "URGENT: " : "";
  const again = state === "second" ? "SECOND REQUEST: " : "";
  return card(
    `${again}${urgency}does ${entryRef} hold? Asked in ${queryRef}. Answer by ${inBoth(dueAt, zone)}.`,
    [
      text(
        urgency === ""
          ? "Somebody works on it and waits for you."
          : "Somebody may stand beside the person now and waits for you.",
      ),
      ...(extensions === 0 ? [] : [text("More time was asked for; whoever asked knows.")]),
      text("Check three things: is it in force, is it this person, what do you want done?"),
      note(
        state === "second"
          ? `No answer by then: your watch commander is told.${owner === agency ? "" : " It counts: three in 30 days suspend your entries."}`
          : "No answer by then: you are asked once more.",
      ),
    ],
    { buttons, tone: urgency === "" ? "amber" : "red" },
  );
}

function answerButton({ id }: Confirmation): Button {
  return button(["confirm.answer", id], "Answer", { tone: "primary" });
}

/** For somebody of the owner's desk, beside what else waits for them. */
export function toAnswerBlock({ entryRef, queryRef, state, dueAt }: Confirmation, zone: string): Block {
  const late = state === "unanswered" ? "was due" : "answer by";
  return text([
    { bold: entryRef },
    ` · asked about in ${queryRef} · ${late} ${inBoth(dueAt, zone)}: press Answer on its card at your desk`,
  ]);
}

/** After answering; and for whoever comes second, who was first. */
export function answeredCard(
  request: Confirmation,
  { by, zone, own }: { readonly by: string; readonly zone: string; readonly own: boolean },
): Card {
  const { entryRef, queryRef, answer, answeredAt, sensitivity } = request;
  const said = answer === null ? "" : answers[answer];
  const when = answeredAt === null ? "" : ` ${inZone(answeredAt, zone)}`;
  const wrong = answer !== "confirmed";
  return card(own ? `Answered: ${entryRef} for ${queryRef}.` : "Already answered.", [
    text(`${own ? "You" : by} answered${when}: ${said}.${own ? "" : " Nothing more to do."}`),
    own
      ? text(
          sensitivity === "OPEN"
            ? "Whoever asked is told now. It cannot be taken back: call them if it was wrong."
            : "Whoever asked is told to call you and nothing else: have the answer ready at your phone.",
        )
      : undefined,
    own && wrong
      ? text(`Is ${entryRef} itself wrong? /entry suspend ${entryRef} takes it out of every query.`)
      : undefined,
  ]);
}
