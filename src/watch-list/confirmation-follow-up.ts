import { addNotice } from "../agencies/notice-store.ts";
import { appendAudit } from "../audit/audit-store.ts";
import { requestInChannels, requestToPerson, wantNew } from "../deliveries/delivery-store.ts";
import { eachDue, type Due } from "../follow-ups.ts";
import type { Store, Tx } from "../store/store.ts";
import {
  beginSecond,
  findCommanders,
  listDueSteps,
  listNews,
  markPosted,
  markUnanswered,
  takeDueStep,
  takeNews,
  type DueStep,
} from "./confirmation-due-store.ts";
import { beginSuspension, holdAgency, keptSilent } from "./confirmation-suspension-store.ts";

// What becomes of a request while nobody answers it.

/** Sends a request to its owner, sends it again at the deadline, and gives up at the next one. */
export const confirmationSteps = eachDue({
  name: "confirmations",
  // Somebody may stand at a car door.
  prompt: true,
  find: listDueSteps,
  work: (store, due) =>
    asSystem(store, due, async (tx) => {
      const step = await takeDueStep(tx, due.id);
      if (step === undefined) return [];
      if (step.postedAt === null) return post(tx, step);
      return step.state === "asked" ? askAgain(tx, step) : giveUp(tx, step);
    }),
});

function asSystem(
  store: Store,
  { agency }: Due,
  work: (tx: Tx) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  return store.transaction({ agency, id: "system" }, work);
}

async function post(tx: Tx, step: DueStep): Promise<readonly string[]> {
  await markPosted(tx, step.id);
  const woken = await toDesk(tx, step, step.id);
  await audit(tx, step, { action: "confirmation.post", posted: woken.length > 0 });
  return woken;
}

async function askAgain(tx: Tx, step: DueStep): Promise<readonly string[]> {
  const second = await beginSecond(tx, step.id);
  const woken = await toDesk(tx, step, second);
  await audit(tx, step, { action: "confirmation.ask-again", posted: woken.length > 0 });
  return [...woken, ...(await wantNew(tx, { subjectId: step.id, kinds: ["confirmation"] }))];
}

async function giveUp(tx: Tx, step: DueStep): Promise<readonly string[]> {
  await holdAgency(tx, step.owner);
  await markUnanswered(tx, step.id);
  const changed = await showGivenUp(tx, step);
  const told = await tellCommander(tx, step);
  await audit(tx, step, { action: "confirmation.unanswered", posted: told.length > 0 });
  return [...changed, ...told, ...(await suspend(tx, step))];
}

/** A card where the owner's entries are worked on; before its watch commander where there is no such channel. */
async function toDesk(tx: Tx, step: DueStep, subjectId: string): Promise<readonly string[]> {
  const card = { kind: "confirmation", subjectId, agency: step.owner, urgency: urgencyOf(step) } as const;
  for (const use of ["desk", "intake"] as const) {
    // oxlint-disable-next-line no-await-in-loop
    const woken = await requestInChannels(tx, { ...card, use });
    if (woken.length > 0) return woken;
  }
  return toCommanders(tx, step, subjectId);
}

async function toCommanders(tx: Tx, step: DueStep, subjectId: string): Promise<readonly string[]> {
  const woken: string[] = [];
  for (const officerId of await findCommanders(tx, step.owner)) {
    const card = { kind: "confirmation", subjectId, agency: step.owner, urgency: urgencyOf(step) } as const;
    // oxlint-disable-next-line no-await-in-loop
    woken.push(...(await requestToPerson(tx, { ...card, officerId })));
  }
  return woken;
}

function urgencyOf({ waitMinutes }: DueStep): number {
  return waitMinutes === 10 ? 1 : 2;
}

async function showGivenUp(tx: Tx, { id, secondId }: DueStep): Promise<readonly string[]> {
  const woken: string[] = [];
  for (const subjectId of secondId === null ? [id] : [id, secondId]) {
    // oxlint-disable-next-line no-await-in-loop
    woken.push(...(await wantNew(tx, { subjectId, kinds: ["confirmation"] })));
  }
  return woken;
}

/** The card itself, with its button, to each who commands the watch; a word to the desk where nobody can be reached. */
async function tellCommander(tx: Tx, step: DueStep): Promise<readonly string[]> {
  const told = await toCommanders(tx, step, step.id);
  return told.length > 0 ? told : notice(tx, step, "confirmation_unanswered");
}

async function notice(
  tx: Tx,
  { owner, queryRef }: DueStep,
  kind: "confirmation_unanswered" | "entries_suspended",
): Promise<readonly string[]> {
  const subjectId = await addNotice(tx, { agency: owner, kind, ref: queryRef });
  const card = { kind: "notice", subjectId, agency: owner, urgency: 2 } as const;
  const desk = await requestInChannels(tx, { ...card, use: "desk" });
  return desk.length > 0 ? desk : requestInChannels(tx, { ...card, use: "intake" });
}

/** The third that counts within thirty days: what the owner has on the list cannot be relied on. */
async function suspend(tx: Tx, step: DueStep): Promise<readonly string[]> {
  const { owner } = step;
  if (!(await keptSilent(tx, owner))) return [];
  const suspension = await beginSuspension(tx, owner);
  if (suspension === undefined) return [];
  const woken = await notice(tx, step, "entries_suspended");
  await appendAudit(tx, owner, {
    action: "agency.suspend-entries",
    subject: `suspension:${suspension}`,
    detail: { reason: "confirmations_unanswered", posted: woken.length > 0 },
  });
  return woken;
}

function audit(
  tx: Tx,
  { id, owner, agency }: DueStep,
  { action, posted }: { readonly action: string; readonly posted: boolean },
): Promise<void> {
  return appendAudit(tx, owner, {
    action,
    subject: `confirmation:${id}`,
    detail: { posted },
    also: [agency],
  });
}

/** Tells whoever asked that there is something, without saying what. */
export const confirmationNews = eachDue({
  name: "confirmation-news",
  prompt: true,
  find: listNews,
  work: (store, due) =>
    asSystem(store, due, async (tx) => {
      const news = await takeNews(tx, due.id);
      if (news === undefined) return [];
      const { agency, askedBy } = news;
      const subjectId = await addNotice(tx, { agency, kind: "confirmation_news", ref: news.queryRef });
      const card = { kind: "notice", subjectId, agency, urgency: 2 } as const;
      const person = await requestToPerson(tx, { ...card, officerId: askedBy });
      const woken = person.length > 0 ? person : await requestInChannels(tx, { ...card, use: "desk" });
      await appendAudit(tx, agency, {
        action: "confirmation.told",
        subject: `confirmation:${due.id}`,
        detail: { posted: woken.length > 0 },
      });
      return woken;
    }),
});
