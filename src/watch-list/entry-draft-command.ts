import type { Call } from "../bot/command.ts";
import { badInput, notFound } from "../errors.ts";
import { openTip } from "../tips/tip-access.ts";
import { findTip } from "../tips/tip-store.ts";
import type { Tip } from "../tips/tip.ts";
import { showEntryMoved } from "./entry-notice.ts";
import { openEntry, wordsAllowed } from "./entry-show-command.ts";
import { nameAudience, recordEntry, savePage, type EntryPage } from "./entry-store.ts";
import type { Entry } from "./entry.ts";

/** The author's own entry while it can still be written. */
export async function openDraft(call: Call, ref: string): Promise<Entry> {
  const entry = await openEntry(call, ref);
  if (entry.author !== call.officer.id) throw notFound(ref);
  if (entry.state !== "draft" && entry.state !== "waiting") {
    throw badInput(`${ref} is ${entry.state} and cannot be edited`, `See /entry show ${ref}.`);
  }
  return entry;
}

/** For a page that shows again what was written: only where the words may be shown at all. */
export async function openWritten(
  call: Call,
  ref: string,
  written: (entry: Entry) => boolean,
): Promise<Entry> {
  const entry = await openDraft(call, ref);
  if (written(entry) && !wordsAllowed(call)) {
    throw badInput("what you wrote may not be shown on this platform", "Open it in your agency's Slack.");
  }
  return entry;
}

/** The tip a new entry starts from; refused where it can become none. */
export async function openSource(call: Call, subject: string): Promise<Tip | undefined> {
  if (subject === "new") return undefined;
  const tip = await openTip(call, subject);
  if (tip.state !== "new" && tip.state !== "taken") {
    throw badInput(`${tip.ref} is no longer open`, `See /allpoints show ${tip.ref}.`);
  }
  checkSource(tip);
  return tip;
}

function checkSource({ ref, grade, protectedSpeech }: Tip): void {
  if (grade === undefined)
    throw badInput(`${ref} is not graded`, "Grade it first: an entry takes over its grade.");
  if (protectedSpeech) {
    throw badInput(
      `${ref} is graded as opinion or protest only, and nobody is put on the list for that`,
      "If an act is threatened, grade the tip again and say which.",
    );
  }
}

/** Graded anew since as opinion or protest, a tip carries its entry no further. */
export async function recheckSource(call: Call, { tip: id }: Entry): Promise<void> {
  const tip = id === null ? undefined : await findTip(call.tx, call.tools.keyring, id);
  if (tip !== undefined) checkSource(tip);
}

/** A new draft of this officer, with the tip's grade and nothing else of it. */
export async function beginDraft(call: Call, tip: Tip | undefined): Promise<Entry> {
  const ref = await recordEntry(call.tx, { officer: call.officer, tip: tip?.id });
  const entry = await openEntry(call, ref);
  call.made("entry", entry.id);
  await call.audit({
    action: "entry.begin",
    subject: `entry:${entry.id}`,
    ...(tip !== undefined && { detail: { tip: tip.id } }),
  });
  return entry;
}

/** Saves one page of it, under a fresh approval. */
export async function saveDraft(call: Call, before: Entry, page: EntryPage): Promise<void> {
  if (!(await savePage(call.tx, call.tools.keyring, { before, page }))) {
    throw badInput(`${before.ref} changed since you opened it`, `Open it again: /entry show ${before.ref}.`);
  }
  if (page.audienceAgencies !== undefined) await nameAudience(call.tx, before, page.audienceAgencies);
  const pulled = before.state === "waiting";
  if (pulled) await showEntryMoved(call, before);
  await call.audit({ action: "entry.edit", subject: `entry:${before.id}`, detail: { pulled } });
}
