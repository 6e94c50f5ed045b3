import { tellOfficer } from "../agencies/tell.ts";
import { say } from "../bot/answers.ts";
import type { Call } from "../bot/command.ts";
import type { Answer } from "../chat.ts";
import { badInput } from "../errors.ts";
import { applyChange, countShown, recordChange } from "./entry-change-store.ts";
import { changedWords, changesOf, type EntryChanges } from "./entry-change.ts";
import { showEntryMoved } from "./entry-notice.ts";
import { openEntry, peopleWords, showEntry, wordsAllowed } from "./entry-show-command.ts";
import type { Entry } from "./entry.ts";
import { indexEntry } from "./index-store.ts";

// Changing what was approved: a draft beside it, and at its approval a new version under the same reference.

/** A draft with everything the entry says, to be changed page by page. */
export async function beginChange(call: Call, ref: string): Promise<Answer> {
  const { tx, tools, officer } = call;
  const entry = await openEntry(call, ref);
  if (!wordsAllowed(call)) {
    throw badInput("what is to be changed may not be shown on this platform", "Use your agency's Slack.");
  }
  if ((entry.state !== "active" && entry.state !== "suspended") || entry.changes !== null) {
    throw badInput(`${ref} is not in force: it is ${entry.state}`, `See /entry show ${ref}.`);
  }
  const draft = await recordChange(tx, tools.keyring, { entry, officer });
  if (draft === undefined) {
    throw badInput(`${ref} is being changed already`, `See /entry show ${ref} for the draft.`);
  }
  const { id } = await openEntry(call, draft);
  call.made("entry", id);
  await call.audit({ action: "entry.change-begin", subject: `entry:${entry.id}`, detail: { draft: id } });
  return showEntry(call, draft);
}

/** What a change changes, for whoever sends or approves it: one that changes nothing is refused. */
export function checkChange(change: Entry, base: Entry): EntryChanges {
  const changes = changesOf(base, change);
  if (changes.fields.length === 0) {
    throw badInput(`${change.ref} changes nothing of ${base.ref}`, "Edit a page first, or discard it.");
  }
  return changes;
}

interface Approval {
  readonly change: Entry;
  readonly base: Entry;
  readonly shown: string;
}

/** The second person has read it: the entry says it from now on, in the same moment to every query. */
export async function approveChange(call: Call, { change, base, shown }: Approval): Promise<Answer> {
  const { tx, tools, officer } = call;
  const { fields, material } = checkChange(change, base);
  if (!(await applyChange(tx, tools.keyring, { entry: change, base, officer: officer.id, shown }))) {
    throw badInput(
      `${change.ref} is not what you were shown, or ${base.ref} is over`,
      `Read it again: /entry show ${change.ref}.`,
    );
  }
  const now = await openEntry(call, base.id);
  const { id, agency, ref, sensitivity, content, state, version } = now;
  if (sensitivity === null) throw new Error("an entry is approved without a sensitivity");
  if (state === "active") await indexEntry(tx, tools.keyring, { id, agency, sensitivity, ...content });
  const given = await countShown(tx, id);
  await call.audit({
    action: "entry.change",
    subject: `entry:${id}`,
    detail: { version, material, fields, officers: given.officers, agencies: given.agencies, shown },
  });
  await showEntryMoved(call, change);
  await showEntryMoved(call, now);
  await tellOfficer(call, change.author, { kind: "entry_approved", ref: change.ref });
  if (base.author !== change.author) await tellOfficer(call, base.author, { kind: "entry_changed", ref });
  return say(
    `Approved: ${ref}, version ${version}`,
    `Changed: ${changedWords({ fields, material })}.${material ? " That is material." : ""}`,
    given.officers === 0
      ? "No query had shown it to anybody."
      : `Queries had shown it to ${peopleWords(given)} before: they are not told by this.`,
    state === "active" ? "Queries find it as it is now." : "It is suspended: a validation brings it back.",
  );
}
