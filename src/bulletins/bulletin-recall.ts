import { officerName } from "../agencies/officer-store.ts";
import { at, button, say, show, text } from "../bot/answers.ts";
import type { Call, Press } from "../bot/command.ts";
import { can, refusalWords } from "../bot/policy.ts";
import type { Answer } from "../chat.ts";
import { endDeliveries, wantNew } from "../deliveries/delivery-store.ts";
import { notAllowed, notFound } from "../errors.ts";
import { cancelBulletin, planDeliveries, reviewBulletin } from "./bulletin-life-store.ts";
import { cannotShow, cardAt, complete, privateLevel, under } from "./bulletin-preview.ts";
import { statusAnswer } from "./bulletin-status.ts";
import { findBulletin, type BulletinRow } from "./bulletin-store.ts";
import { needsCorrection, urgencyOf, type CancelReason } from "./bulletin.ts";

/** Takes every delivered copy back. One person of the owner agency may: what is wrong must not wait for a second. */
export async function cancel(call: Call, ref: string, reason: CancelReason): Promise<Answer> {
  const { tx, officer } = call;
  const row = await cancelBulletin(tx, { ref, by: officer.id, reason });
  if (row === undefined) return notCancelled(call, ref);
  const ended = await endDeliveries(tx, { subjectId: row.id, kind: "bulletin" });
  // After ending: what can be stopped before it is sent needs no correction.
  const corrections = needsCorrection(reason)
    ? await planDeliveries(tx, {
        id: row.id,
        kind: "correction",
        urgency: urgencyOf(row.severity ?? "extreme"),
      })
    : { channels: 0, wake: [] };
  const cards = await wantNew(tx, { subjectId: row.id, kinds: ["approval", "review"] });
  for (const installation of [...ended.installations, ...corrections.wake, ...cards])
    call.wake.add(installation);
  await call.audit({
    action: "bulletin.cancel",
    subject: `bulletin:${row.id}`,
    detail: {
      ref,
      reason,
      copies: ended.toRecall,
      stopped: ended.blocked,
      corrections: corrections.channels,
    },
  });
  return statusAnswer(call, ref);
}

async function notCancelled(call: Call, ref: string): Promise<Answer> {
  const row = await findBulletin(call.tx, ref);
  if (row === undefined) throw notFound(ref);
  if (row.state === "cancelled") return statusAnswer(call, ref);
  return row.sent_at === null
    ? say(`${ref} was never sent, so there is nothing to take back.`)
    : say(`${ref} has ended, and its copies are being replaced: /bulletin status ${ref}.`);
}

// ------------------------------------------------------------------------------- the second review of an emergency

async function openReview(call: Call, ref: string): Promise<Answer> {
  const row = await emergency(call, ref);
  if (row.reviewed_at !== null) return reviewed(call, row);
  if (row.state !== "sent") return say(`${ref} has ended: there is nothing left to review.`);
  if (privateLevel(call) !== "full") return cannotShow(call, ref);
  await call.audit({
    action: "bulletin.open",
    subject: `bulletin:${row.id}`,
    detail: { ref, state: row.state },
  });
  const author = await officerName(call.tx, call.tools.keyring, row.author_id);
  const sent = row.sent_at === null ? [] : [", ", at(row.sent_at)];
  const shown = under(
    await cardAt(call, complete(call, row), "full"),
    [
      text([{ bold: `REVIEW? ${ref}` }, ` sent by ${author} alone`, ...sent, "."]),
      text(
        "Confirm only if the danger is imminent and stated, and the words are quoted, not judged. Otherwise cancel it.",
      ),
    ],
    [
      button(["bulletin.confirm", ref], "Confirm", { tone: "primary" }),
      cancelButton(ref, "error", "Cancel: error"),
      cancelButton(ref, "wrong_person", "Cancel: wrong person"),
      cancelButton(ref, "resolved", "Cancel: resolved"),
    ],
  );
  return show(shown);
}

function cancelButton(ref: string, reason: CancelReason, label: string) {
  // The action differs by reason, because a platform tells the buttons of one message apart by their action.
  const action = `bulletin.cancel-${reason.replaceAll("_", "-")}`;
  return button([action, ref], label, { tone: "danger", confirm: "Every copy is taken back now." });
}

/** An emergency of the own agency that somebody else sent. */
async function emergency({ tx, officer }: Call, ref: string): Promise<BulletinRow> {
  const row = await findBulletin(tx, ref);
  if (row === undefined || row.basis !== "emergency") throw notFound(ref);
  if (!can(officer, "bulletin.approve", { agency: row.agency_id, author: row.author_id })) {
    throw notAllowed("reviewing an emergency", `${refusalWords("bulletin.approve").who} who did not send it`);
  }
  return row;
}

async function confirm(call: Call, ref: string): Promise<Answer> {
  const row = await emergency(call, ref);
  if (privateLevel(call) !== "full") return cannotShow(call, ref);
  if (await reviewBulletin(call.tx, ref, call.officer.id)) {
    await call.audit({ action: "bulletin.review", subject: `bulletin:${row.id}`, detail: { ref } });
    const cards = await wantNew(call.tx, { subjectId: row.id, kinds: ["bulletin", "review"] });
    for (const installation of cards) call.wake.add(installation);
  }
  return reviewed(call, (await findBulletin(call.tx, ref)) ?? row);
}

async function reviewed({ tx, tools }: Call, row: BulletinRow): Promise<Answer> {
  if (row.reviewed_by === null) return say(`${row.ref} has ended: there is nothing left to review.`);
  const name = await officerName(tx, tools.keyring, row.reviewed_by);
  return say(`${row.ref} was reviewed by ${name}.`, "Every copy now says what it says without the banner.");
}

const cancelPress = (reason: CancelReason): Press => ({
  action: `bulletin.cancel-${reason.replaceAll("_", "-")}`,
  deed: "bulletin.cancel",
  run: (call, ref) => cancel(call, ref, reason),
});

export const recallPresses: readonly Press[] = [
  { action: "bulletin.review", deed: "bulletin.approve", run: openReview },
  { action: "bulletin.confirm", deed: "bulletin.approve", run: confirm },
  ...(["error", "wrong_person", "resolved"] as const).map(cancelPress),
  { action: "bulletin.status", deed: "bulletin.status", run: statusAnswer },
];
