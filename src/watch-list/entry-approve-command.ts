import { z } from "zod";

import { tellOfficer } from "../agencies/tell.ts";
import { form, longText, say } from "../bot/answers.ts";
import { formPage, type Call } from "../bot/command.ts";
import { neededText } from "../bot/forms.ts";
import { refusalWords } from "../bot/policy.ts";
import type { Answer } from "../chat.ts";
import { inBoth } from "../clock.ts";
import { badInput, notAllowed } from "../errors.ts";
import { approveChange } from "./entry-change-command.ts";
import { recheckSource } from "./entry-draft-command.ts";
import { approveEntry } from "./entry-life-store.ts";
import { showEntryMoved } from "./entry-notice.ts";
import { isSigned, mayApprove, openBase, openEntry } from "./entry-show-command.ts";
import { returnEntry, signHidden } from "./entry-store.ts";
import { isSensitive, readSubject, type Entry } from "./entry.ts";
import { indexEntry } from "./index-store.ts";

/** The second person's side: approving exactly what was read, returning it, signing for a hidden caution. */
export async function approve(call: Call, subject: string): Promise<Answer> {
  const { tx, officer, tools } = call;
  const { ref, shown } = readSubject(subject);
  const entry = await openEntry(call, ref);
  const base = await openBase(call, entry);
  checkApprover(call, entry, base);
  await recheckSource(call, base ?? entry);
  if (!isSigned(entry)) {
    throw badInput(
      `${ref} hides a caution that nobody signed for`,
      "A watch commander signs first: /entry show.",
    );
  }
  if (base !== undefined) return approveChange(call, { change: entry, base, shown });
  if (!(await approveEntry(tx, { entry, officer: officer.id, shown }))) throw changed(ref);
  const approved = await openEntry(call, ref);
  const { content, sensitivity, agency, id } = approved;
  if (sensitivity === null) throw new Error("an entry is active without a sensitivity");
  await indexEntry(tx, tools.keyring, { id, agency, sensitivity, ...content });
  await showEntryMoved(call, entry);
  await tellOfficer(call, entry.author, { kind: "entry_approved", ref });
  await call.audit({ action: "entry.approve", subject: `entry:${id}`, detail: { shown, sensitivity } });
  const { expiresAt, approvedAt } = approved;
  const until =
    expiresAt === null ? "" : ` Valid until ${inBoth(expiresAt, officer.zone, approvedAt ?? undefined)}.`;
  return say(
    `Approved: ${ref}`,
    `Queries of those it names find it from now on.${until} Its author is told.`,
  );
}

function checkApprover(call: Call, entry: Entry, base: Entry | undefined): void {
  if (mayApprove(call, entry, base)) return;
  if (entry.author === call.officer.id) throw notAllowed("approving your own entry", "a second person");
  const sensitive = isSensitive(entry) || (base !== undefined && isSensitive(base));
  const { deed, who } = refusalWords(sensitive ? "entry.approve-sensitive" : "entry.approve");
  throw notAllowed(deed, who);
}

function changed(ref: string) {
  return badInput(
    `${ref} is not what you were shown, or no longer waits`,
    `Read it again: /entry show ${ref}.`,
  );
}

export const returnPage = formPage({
  form: "entry.return",
  deed: "entry.approve",
  async open(call, ref) {
    await openWaiting(call, ref);
    return form(`Return ${ref}`, "Return", [
      longText("note", "What is to change?", {
        required: true,
        maxLength: 500,
        hint: "Only its author reads this.",
      }),
    ]);
  },
  values: z.object({ note: neededText(500) }),
  async submit(call, ref, { note }) {
    const entry = await openWaiting(call, ref);
    const { id, agency, author } = entry;
    if (!(await returnEntry(call.tx, call.tools.keyring, { id, agency, note }))) throw changed(ref);
    await showEntryMoved(call, entry);
    await tellOfficer(call, author, { kind: "entry_returned", ref });
    await call.audit({ action: "entry.return", subject: `entry:${id}` });
    return say(`Returned: ${ref}`, "Its author is told, and reads your note privately.");
  },
});

/** Somebody else's entry that waits for a decision. */
async function openWaiting(call: Call, ref: string): Promise<Entry> {
  const entry = await openEntry(call, ref);
  if (entry.author === call.officer.id) throw notAllowed("deciding on your own entry", "a second person");
  if (entry.state !== "waiting") throw changed(ref);
  return entry;
}

export const signPage = formPage({
  form: "entry.sign",
  deed: "entry.sign-hidden",
  async open(call, subject) {
    const { ref } = await openWaiting(call, readSubject(subject).ref);
    return form(`Hide ${ref}'s caution`, "Sign", [
      longText("reason", "Why must they not be warned?", {
        required: true,
        maxLength: 300,
        hint: "Whoever asks sees no caution, and may meet this person. You answer for that by name.",
      }),
    ]);
  },
  values: z.object({ reason: neededText(300) }),
  async submit(call, subject, { reason }) {
    const { ref, shown } = readSubject(subject);
    const entry = await openWaiting(call, ref);
    const signature = { entry, officer: call.officer.id, shown, reason };
    if (!(await signHidden(call.tx, call.tools.keyring, signature))) throw changed(ref);
    await call.audit({ action: "entry.sign-hidden", subject: `entry:${entry.id}` });
    return say(`Signed: ${ref}`, "Its caution is hidden once a privacy officer approves it.");
  },
});
