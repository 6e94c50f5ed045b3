import { listAgencies } from "../agencies/agency-store.ts";
import { officerName } from "../agencies/officer-store.ts";
import { button, show } from "../bot/answers.ts";
import type { Call } from "../bot/command.ts";
import { can } from "../bot/policy.ts";
import type { Answer, Button } from "../chat.ts";
import { notFound } from "../errors.ts";
import { entryCard } from "./entry-card.ts";
import { findEntry } from "./entry-store.ts";
import { hidesDanger, isSensitive, missing, shownSubject, type Entry } from "./entry.ts";

/** The own agency's entry, for those who may read it; anything else looks like an unknown one. */
export async function openEntry(call: Call, idOrRef: string): Promise<Entry> {
  const entry = can(call.officer, "entry.read")
    ? await findEntry(call.tx, call.tools.keyring, idOrRef)
    : undefined;
  if (entry === undefined) throw notFound(idOrRef.length === 36 ? "entry" : idOrRef);
  return entry;
}

/** Whether this officer is the second person for it. */
export function mayApprove({ officer }: Call, entry: Entry): boolean {
  return can(officer, isSensitive(entry) ? "entry.approve-sensitive" : "entry.approve", {
    agency: entry.agency,
    author: entry.author,
  });
}

/** Somebody answers for the hidden caution, or there is none. */
export function isSigned(entry: Entry): boolean {
  return !hidesDanger(entry) || entry.signedBy !== null;
}

export function wordsAllowed({ tools, event }: Call): boolean {
  return tools.privateLevel[event.platform] === "full";
}

/** The entry with what this officer may do next. Reading is recorded. */
export async function showEntry(call: Call, idOrRef: string): Promise<Answer> {
  const { tx, tools, officer } = call;
  const entry = await openEntry(call, idOrRef);
  const words = wordsAllowed(call);
  const directory = entry.audienceAgencies.length === 0 ? [] : await listAgencies(tx);
  await call.audit({ action: "entry.read", subject: `entry:${entry.id}`, detail: { words } });
  const buttons = buttonsFor(call, entry);
  return show(
    entryCard(entry, {
      words,
      author: await officerName(tx, tools.keyring, entry.author),
      audience: directory.filter(({ id }) => entry.audienceAgencies.includes(id)).map(({ name }) => name),
      buttons,
      ...(entry.author === officer.id && entry.state === "draft" && { missing: missing(entry) }),
      approving: buttons.some(({ action }) => action === "entry.approve"),
    }),
  );
}

function buttonsFor(call: Call, entry: Entry): readonly Button[] {
  if (entry.state !== "draft" && entry.state !== "waiting") return [];
  if (entry.author === call.officer.id) return authorButtons(entry);
  return entry.state === "waiting" && wordsAllowed(call) ? deciderButtons(call, entry) : [];
}

function authorButtons(entry: Entry): readonly Button[] {
  const { ref, state } = entry;
  const ready = state === "draft" && missing(entry).length === 0;
  return [
    ...(ready ? [button(["entry.send", ref], "Send for approval", { tone: "primary" })] : []),
    button(["entry.person", ref], "Edit person"),
    button(["entry.predicate", ref], "Edit predicate"),
    button(["entry.handling", ref], "Edit handling"),
    button(["entry.sharing", ref], "Edit sharing"),
    button(["entry.grade", ref], "Edit grade"),
    button(["entry.discard", ref], "Discard", { tone: "danger", confirm: `Discard ${ref} for good?` }),
  ];
}

/** What is approved, or signed for, is what this card showed: its subject says which. */
function deciderButtons(call: Call, entry: Entry): readonly Button[] {
  const mayReturn = can(call.officer, "entry.approve", { author: entry.author });
  const subject = shownSubject(entry);
  return [
    ...(mayApprove(call, entry) && isSigned(entry)
      ? [button(["entry.approve", subject], "Approve", { tone: "primary" })]
      : []),
    ...(!isSigned(entry) && can(call.officer, "entry.sign-hidden")
      ? [button(["entry.sign", subject], "Sign: hide the caution", { tone: "danger" })]
      : []),
    ...(mayReturn ? [button(["entry.return", entry.ref], "Return with note")] : []),
  ];
}
