import { z } from "zod";

import { button, card, form, longText, note as smallPrint, say, show, text } from "../bot/answers.ts";
import { formPage, type Call, type Feature } from "../bot/command.ts";
import { neededText, openForm } from "../bot/forms.ts";
import { can, refusalWords, roleWords } from "../bot/policy.ts";
import { asBulletin, receivedBulletin, type BulletinRow } from "../bulletins/bulletin-store.ts";
import { hasEnded, levelNow } from "../bulletins/bulletin.ts";
import type { Answer } from "../chat.ts";
import { inZone } from "../clock.ts";
import { requestDelivery, wantNew } from "../deliveries/delivery-store.ts";
import type { Level } from "../deliveries/delivery.ts";
import { notAllowed, notFound } from "../errors.ts";
import { businessNow } from "../store/clock-store.ts";
import {
  addNote,
  findCopy,
  listAcknowledgments,
  recordAcknowledgment,
  type Copy,
} from "./acknowledgment-store.ts";
import { actingRole, shownWords, type Acknowledgment } from "./acknowledgment.ts";

/** A supervisor presses the button under a bulletin: "we have it". */
async function acknowledge(call: Call, deliveryId: string): Promise<Answer> {
  const { tx, officer } = call;
  const role = can(officer, "bulletin.acknowledge") ? actingRole(officer.roles) : undefined;
  const copy = role && (await findCopy(tx, deliveryId, officer.agency));
  const row = copy && (await receivedBulletin(tx, copy.bulletinId));
  // One sentence for all of these: who sees a channel of another agency is a guest in it.
  if (role === undefined || copy === undefined || row === undefined) {
    const { deed, who } = refusalWords("bulletin.acknowledge");
    throw notAllowed(deed, `${who} of the agency that owns this channel`);
  }
  if (
    copy.kind === "bulletin" &&
    hasEnded({ state: row.state, expiresAt: row.expires_at }, await businessNow(tx))
  ) {
    return say(
      `${row.ref} is over, so there is nothing to acknowledge. Do not act on it; discard every copy.`,
    );
  }
  const shown = shownNow(call, copy, row);
  const id = await recordAcknowledgment(tx, call.tools.keyring, {
    copy,
    ownerAgency: row.agency_id,
    agency: officer.agency,
    version: row.version,
    officer: officer.id,
    officerName: officer.name,
    role,
    shown,
  });
  if (id === undefined) return alreadyDone(call, copy, row);
  call.made("acknowledgment", id);
  await call.audit({
    action: copy.kind === "correction" ? "correction.acknowledge" : "bulletin.acknowledge",
    subject: `bulletin:${row.id}`,
    detail: { ref: row.ref, version: row.version, role, shown, delivery: copy.id },
    also: [row.agency_id],
  });
  await tell(call, copy, id);
  return receipt(call, await one(call, id));
}

/** What the channel showed when the button was pressed. */
function shownNow({ tools }: Call, { level }: Copy, row: BulletinRow): Level {
  const bulletin = asBulletin(tools.keyring, row);
  return bulletin === undefined ? level : levelNow(bulletin, level);
}

/** A line in the thread under the message that was pressed, and under every copy the agency has. */
async function tell({ tx, officer, wake }: Call, copy: Copy, id: string): Promise<void> {
  await requestDelivery(tx, {
    kind: "acknowledgment",
    subjectId: id,
    ownerAgency: officer.agency,
    agency: officer.agency,
    channelId: copy.channelId,
    installationId: copy.installationId,
    urgency: 3,
    underId: copy.id,
  });
  wake.add(copy.installationId);
  const edited = await wantNew(tx, {
    subjectId: copy.bulletinId,
    kinds: [copy.kind],
    agency: officer.agency,
  });
  for (const installation of edited) wake.add(installation);
}

async function alreadyDone(call: Call, copy: Copy, row: BulletinRow): Promise<Answer> {
  const [first] = await listAcknowledgments(call.tx, call.tools.keyring, {
    bulletinId: row.id,
    kind: copy.kind,
    agency: call.officer.agency,
    version: row.version,
  });
  if (first === undefined) throw new Error("an acknowledgment is recorded and cannot be found");
  return show(
    card(
      "Already acknowledged.",
      [
        text(
          `Already acknowledged by ${first.officerName} at ${inZone(first.at, call.officer.zone)}. Nothing more to do.`,
        ),
      ],
      { buttons: [noteButton(first.id)] },
    ),
  );
}

async function receipt(call: Call, done: Acknowledgment): Promise<Answer> {
  const { officer, tx } = call;
  const row = await receivedBulletin(tx, done.bulletinId);
  const what = done.kind === "correction" ? `the correction of ${row?.ref}` : `${row?.ref} v${done.version}`;
  const shown = done.kind === "correction" ? "" : `, shown: ${shownWords[done.shown]}`;
  return show(
    card(
      `Recorded ${inZone(done.at, officer.zone)}.`,
      [
        text(`${officer.agencyName} has ${what}. ${done.officerName}, ${roleWords(done.role)}${shown}.`),
        text("This briefs nobody: that is still yours to do."),
        smallPrint("It cannot be undone; add a correcting note if it is wrong."),
      ],
      { buttons: [noteButton(done.id)] },
    ),
  );
}

function noteButton(id: string) {
  return button(["acknowledgment.note", id], "Add note");
}

/** An acknowledgment of the own agency. */
async function one(call: Call, id: string): Promise<Acknowledgment> {
  const [found] = await listAcknowledgments(call.tx, call.tools.keyring, { id });
  if (found === undefined || found.agency !== call.officer.agency) throw notFound("acknowledgment");
  return found;
}

const notePage = formPage({
  form: "acknowledgment.note",
  deed: "bulletin.acknowledge",
  async open(call, subject) {
    await one(call, subject);
    return form("Note", "Add note", [
      longText("note", "What should be added?", {
        required: true,
        maxLength: 1000,
        hint: "The owner can read it. Facts only; never name who told you.",
      }),
    ]);
  },
  values: z.object({ note: neededText(1000) }),
  async submit(call, subject, { note }) {
    const { tx, officer, tools } = call;
    const to = await one(call, subject);
    const id = await addNote(tx, tools.keyring, {
      acknowledgment: to.id,
      agency: officer.agency,
      officer: officer.id,
      words: note,
    });
    if (id === undefined) throw notFound("acknowledgment");
    call.made("acknowledgment-note", id);
    const owner = (await receivedBulletin(tx, to.bulletinId))?.agency_id;
    await call.audit({
      action: "acknowledgment.note",
      subject: `acknowledgment:${to.id}`,
      detail: { note: id },
      ...(owner !== undefined && { also: [owner] }),
    });
    const edited = [
      ...(await wantNew(tx, { subjectId: to.id, kinds: ["acknowledgment"] })),
      ...(await wantNew(tx, { subjectId: to.bulletinId, kinds: [to.kind], agency: officer.agency })),
    ];
    for (const installation of edited) call.wake.add(installation);
    return noteKept();
  },
});

function noteKept(): Answer {
  return say("Note added. The owner of the bulletin can read it; the acknowledgment itself stays as it was.");
}

// The role is judged inside, because the refusal must also say whose supervisor is meant.
const press = (action: string) => ({ action, deed: "bulletin.read", run: acknowledge }) as const;

/** The buttons under bulletins and corrections, and the note that may follow. */
export const acknowledgmentFeature: Feature = {
  presses: [
    press("bulletin.acknowledge"),
    press("bulletin.acknowledge-text"),
    {
      action: "acknowledgment.note",
      deed: "bulletin.acknowledge",
      run: (call, subject) => openForm(call, notePage, subject),
    },
  ],
  forms: [notePage],
  again: [
    {
      kind: "acknowledgment",
      deed: "bulletin.acknowledge",
      show: async (call, id) => receipt(call, await one(call, id)),
    },
    { kind: "acknowledgment-note", deed: "bulletin.acknowledge", show: () => Promise.resolve(noteKept()) },
  ],
};
