import { z } from "zod";

import { agencyContact } from "../agencies/agency-store.ts";
import { contactWords } from "../agencies/agency.ts";
import { addNotice } from "../agencies/notice-store.ts";
import { officerName } from "../agencies/officer-store.ts";
import { button, card, longText, form, say, show, text } from "../bot/answers.ts";
import { formPage, type Call, type Press } from "../bot/command.ts";
import { neededText, openForm } from "../bot/forms.ts";
import { can, refusalWords } from "../bot/policy.ts";
import type { Answer } from "../chat.ts";
import { requestInChannels, requestToPerson, wantNew } from "../deliveries/delivery-store.ts";
import type { Level } from "../deliveries/delivery.ts";
import { basisGone, draftChanged, emptyAudience, notAllowed, notFound } from "../errors.ts";
import { findEntryFacts, findTipFacts } from "./bulletin-basis-store.ts";
import { checkTip } from "./bulletin-basis.ts";
import { doPage } from "./bulletin-do-form.ts";
import {
  approveBulletin,
  planDeliveries,
  returnBulletin,
  sendEmergency,
  submitBulletin,
} from "./bulletin-life-store.ts";
import {
  approvalAnswer,
  cannotShow,
  cardAt,
  complete,
  previewAnswer,
  privateLevel,
  shownHash,
} from "./bulletin-preview.ts";
import { readAnswer } from "./bulletin-reading.ts";
import { statusAnswer } from "./bulletin-status.ts";
import { asBulletin, findBulletin, type BulletinRow } from "./bulletin-store.ts";
import { nextStep, whatPage } from "./bulletin-what-form.ts";
import { lastPage } from "./bulletin-who-form.ts";
import { urgencyOf, type Bulletin } from "./bulletin.ts";

// From a finished draft to deliveries: asking for approval, approving, returning, and the emergency sent alone.

async function own({ tx }: Call, ref: string): Promise<BulletinRow> {
  const row = await findBulletin(tx, ref);
  if (row === undefined) throw notFound(ref);
  return row;
}

/** The database refuses a basis that does not hold; this says so in a sentence before it does. */
async function requireBasis({ tx }: Call, bulletin: Bulletin): Promise<void> {
  const entry = bulletin.entryId === null ? undefined : await findEntryFacts(tx, { id: bulletin.entryId });
  const holds =
    bulletin.basis === "entry"
      ? entry?.active === true
      : bulletin.basis === "emergency" || !bulletin.personal;
  if (!holds) throw basisGone(bulletin.ref);
  // Graded anew since as opinion or protest, a tip carries its bulletin no further.
  const tip = bulletin.tipId === null ? undefined : await findTipFacts(tx, { id: bulletin.tipId });
  if (tip !== undefined) checkTip(tip);
}

function wake(call: Call, installations: readonly string[]): void {
  for (const installation of installations) call.wake.add(installation);
}

// ------------------------------------------------------------------------------------------- asking for approval

async function submit(call: Call, ref: string): Promise<Answer> {
  const row = await own(call, ref);
  if (row.author_id !== call.officer.id) throw notFound(ref);
  const bulletin = asBulletin(call.tools.keyring, row);
  if (bulletin === undefined) return nextStep(call, row);
  if (row.state === "waiting") return submitted(call, row);
  await requireBasis(call, bulletin);
  if (bulletin.basis === "emergency" || !(await submitBulletin(call.tx, ref, call.officer.id)))
    throw draftChanged(ref);
  await call.audit({
    action: "bulletin.submit",
    subject: `bulletin:${row.id}`,
    detail: { ref, shown: shownHash(bulletin) },
  });
  // A card from an earlier round says so first; where there is none yet, a new one is asked for.
  wake(call, await wantNew(call.tx, { subjectId: row.id, kinds: ["approval"] }));
  const desks = await requestInChannels(call.tx, {
    kind: "approval",
    subjectId: row.id,
    agency: row.agency_id,
    use: "desk",
    urgency: urgencyOf(bulletin.severity),
  });
  wake(call, desks);
  if (row.returned_at !== null) await tellDeskAgain(call, row);
  return desks.length === 0
    ? say(
        `${ref} waits for approval, and nobody was told.`,
        `Your agency has no desk channel. Tell a supervisor or watch commander: /bulletin show ${ref}.`,
      )
    : submitted(call, row);
}

/** The card in the desk only changes for a second round, and a change alerts nobody. */
async function tellDeskAgain(
  { tx, wake: woken }: Call,
  { agency_id: agency, ref }: BulletinRow,
): Promise<void> {
  const subjectId = await addNotice(tx, { agency, kind: "bulletin_waiting", ref });
  const installations = await requestInChannels(tx, {
    kind: "notice",
    subjectId,
    agency,
    use: "desk",
    urgency: 4,
  });
  for (const installation of installations) woken.add(installation);
}

async function submitted(call: Call, { ref }: BulletinRow): Promise<Answer> {
  return say(
    `${ref} waits for approval.`,
    `Your desk channel was told. Nothing is sent before a second person has read it: /bulletin status ${ref}.`,
    `In a hurry? ${contactWords(await agencyContact(call.tx, call.officer.agency))}.`,
  );
}

// ----------------------------------------------------------------------------------------------------- approving

/** Opens a bulletin of the own agency: to judge it, to go on writing it, or to read it. */
export async function openOwn(call: Call, ref: string): Promise<Answer> {
  const row = await own(call, ref);
  const { officer } = call;
  const bulletin = asBulletin(call.tools.keyring, row);
  if (row.author_id === officer.id && (row.state === "draft" || row.state === "waiting")) {
    return bulletin === undefined ? goOn(call, row) : previewAnswer(call, row);
  }
  if (bulletin === undefined) return say(`${ref} is not written to the end yet.`);
  const resource = { agency: row.agency_id, author: row.author_id };
  if (row.state === "waiting" && can(officer, "bulletin.approve", resource)) return approvalAnswer(call, row);
  return readAnswer(call, row, "full");
}

/** A draft that was left before its last page: the pages before it can be changed, because it may refuse them. */
function goOn(call: Call, row: BulletinRow): Answer | Promise<Answer> {
  const { ref, legal_status: pageTwo } = row;
  if (pageTwo === null) return nextStep(call, row);
  return show(
    card(`${ref} is saved as far as page 2 of 3.`, [], {
      buttons: [
        button(["bulletin.edit-who", ref], "Go on with page 3", { tone: "primary" }),
        button(["bulletin.edit-what", ref], "Edit what"),
        button(["bulletin.edit-do", ref], "Edit what to do"),
      ],
    }),
  );
}

/** "B-7K3-M9Q.0a1b2c3d4e5f": the reference, and what the button's card showed. */
function split(subject: string): readonly [ref: string, shown: string] {
  const [ref = "", shown = ""] = subject.split(".");
  return [ref, /^[0-9a-f]{12}$/.test(shown) ? shown : "none"];
}

async function approve(call: Call, subject: string): Promise<Answer> {
  const { officer, tx } = call;
  const [ref, shown] = split(subject);
  const row = await own(call, ref);
  requireSecondPerson(call, row);
  if (row.approver_id === officer.id && row.state === "sent") return approved(call, row);
  if (privateLevel(call) !== "full") return cannotShow(call, ref);
  const before = asBulletin(call.tools.keyring, row);
  if (before === undefined || row.state !== "waiting") throw draftChanged(ref);
  await requireBasis(call, before);
  const sent = await approveBulletin(tx, { ref, approver: officer.id, shown });
  if (sent === undefined) throw draftChanged(ref);
  const channels = await fanOut(call, complete(call, sent));
  await call.audit({
    action: "bulletin.approve",
    subject: `bulletin:${row.id}`,
    detail: { ref, version: row.version, shown, channels },
  });
  wake(call, await wantNew(tx, { subjectId: row.id, kinds: ["approval"] }));
  await tellAuthor(call, row, "bulletin_approved");
  return approved(call, sent);
}

/** All deliveries at once, with the approval itself; an empty audience undoes both. */
async function fanOut(call: Call, { id, ref, severity }: Bulletin): Promise<number> {
  const planned = await planDeliveries(call.tx, {
    id,
    kind: "bulletin",
    urgency: urgencyOf(severity),
  });
  if (planned.channels === 0) throw emptyAudience(ref);
  wake(call, planned.wake);
  return planned.channels;
}

function requireSecondPerson({ officer }: Call, row: BulletinRow): void {
  if (can(officer, "bulletin.approve", { agency: row.agency_id, author: row.author_id })) return;
  const { deed, who } = refusalWords("bulletin.approve");
  throw notAllowed(deed, `${who} who did not write it`);
}

async function tellAuthor(
  call: Call,
  row: BulletinRow,
  kind: "bulletin_approved" | "bulletin_returned",
): Promise<void> {
  const { tx } = call;
  const subjectId = await addNotice(tx, { agency: row.agency_id, kind, ref: row.ref });
  const card = {
    kind: "notice",
    subjectId,
    agency: row.agency_id,
    officerId: row.author_id,
    urgency: 5,
  } as const;
  wake(call, await requestToPerson(tx, card));
}

async function approved(call: Call, row: BulletinRow): Promise<Answer> {
  const by =
    row.approver_id === null ? "" : ` by ${await officerName(call.tx, call.tools.keyring, row.approver_id)}`;
  return show(
    card(
      `${row.ref} was approved${by} and is being sent.`,
      [text("Who has it, who acknowledged, who has not: press Status. You can recall copies, not memories.")],
      { buttons: [button(["bulletin.status", row.ref], "Status")] },
    ),
  );
}

// ----------------------------------------------------------------------------------------------------- returning

export const returnPage = formPage({
  form: "bulletin.return",
  deed: "bulletin.approve",
  async open(call, subject) {
    requireSecondPerson(call, await own(call, subject));
    return form("Return to the author", "Return", [
      longText("note", "What must change?", {
        required: true,
        maxLength: 1000,
        hint: "The author reads this privately.",
      }),
    ]);
  },
  values: z.object({ note: neededText(1000) }),
  async submit(call, ref, { note }) {
    const row = await own(call, ref);
    requireSecondPerson(call, row);
    const { officer, tools, tx } = call;
    // A repeat of the same press finds its own return.
    if (row.state === "draft" && row.returned_by === officer.id) return returned(ref);
    if (!(await returnBulletin(tx, tools.keyring, { row, by: officer.id, note }))) throw draftChanged(ref);
    await call.audit({ action: "bulletin.return", subject: `bulletin:${row.id}`, detail: { ref } });
    wake(call, await wantNew(tx, { subjectId: row.id, kinds: ["approval"] }));
    await tellAuthor(call, row, "bulletin_returned");
    return returned(ref);
  },
});

function returned(ref: string): Answer {
  return say(`${ref} was returned to its author with your note. Nothing was sent.`);
}

// ----------------------------------------------------------------------------------------------------- emergency

async function sendNow(call: Call, ref: string): Promise<Answer> {
  const row = await own(call, ref);
  if (row.author_id !== call.officer.id || row.basis !== "emergency") throw notFound(ref);
  if (asBulletin(call.tools.keyring, row) === undefined) return nextStep(call, row);
  if (row.state !== "draft" && row.state !== "sent") return statusAnswer(call, ref);
  const sent = await sendEmergency(call.tx, ref, call.officer.id);
  if (sent !== undefined) {
    const channels = await fanOut(call, complete(call, sent));
    await call.audit({
      action: "bulletin.send-emergency",
      subject: `bulletin:${row.id}`,
      detail: { ref, version: row.version, channels },
    });
  }
  return show(
    card(
      `${ref} is being sent, unreviewed.`,
      [
        text(
          "Your desk is asked for a second person's review in 30 minutes. Unreviewed after 24 h, every copy shrinks to a pointer.",
        ),
        text("Call those it concerns as well: chat may wake nobody."),
      ],
      { buttons: [button(["bulletin.status", ref], "Status")] },
    ),
  );
}

async function showAt(call: Call, ref: string, level: Level): Promise<Answer> {
  const bulletin = asBulletin(call.tools.keyring, await own(call, ref));
  if (bulletin === undefined) throw notFound(ref);
  return show(await cardAt(call, bulletin, privateLevel(call, level)));
}

const editLast = async (call: Call, ref: string) => openForm(call, lastPage(await own(call, ref)), ref);

export const sendingPresses: readonly Press[] = [
  // Under a tip.
  { action: "bulletin.new", deed: "bulletin.write", run: (call, ref) => openForm(call, whatPage, ref) },
  { action: "bulletin.edit-what", deed: "bulletin.write", run: (call, ref) => openForm(call, whatPage, ref) },
  { action: "bulletin.edit-do", deed: "bulletin.write", run: (call, ref) => openForm(call, doPage, ref) },
  { action: "bulletin.edit-who", deed: "bulletin.write", run: editLast },
  { action: "bulletin.submit", deed: "bulletin.write", run: submit },
  { action: "bulletin.open", deed: "bulletin.write", run: openOwn },
  { action: "bulletin.approve", deed: "bulletin.approve", run: approve },
  {
    action: "bulletin.return",
    deed: "bulletin.approve",
    run: (call, ref) => openForm(call, returnPage, ref),
  },
  {
    action: "bulletin.show-summary",
    deed: "bulletin.write",
    run: (call, ref) => showAt(call, ref, "summary"),
  },
  {
    action: "bulletin.show-pointer",
    deed: "bulletin.write",
    run: (call, ref) => showAt(call, ref, "pointer"),
  },
  { action: "bulletin.send-now", deed: "bulletin.emergency", run: sendNow },
];
