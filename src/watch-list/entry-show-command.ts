import { listAgencies } from "../agencies/agency-store.ts";
import { officerName } from "../agencies/officer-store.ts";
import { button, show } from "../bot/answers.ts";
import type { Call } from "../bot/command.ts";
import { can } from "../bot/policy.ts";
import type { Answer, Button } from "../chat.ts";
import { notFound } from "../errors.ts";
import { businessNow } from "../store/clock-store.ts";
import { entryCard } from "./entry-card.ts";
import { countShown, openChangeOf, type Shown } from "./entry-change-store.ts";
import { changedWords, changesOf } from "./entry-change.ts";
import { findEntry } from "./entry-store.ts";
import { hidesDanger, isSensitive, missing, shownSubject, type Entry } from "./entry.ts";
import { outcomeLines } from "./outcome-owner.ts";

/** The own agency's entry, for those who may read it; anything else looks like an unknown one. */
export async function openEntry(call: Call, idOrRef: string): Promise<Entry> {
  const entry = can(call.officer, "entry.read")
    ? await findEntry(call.tx, call.tools.keyring, idOrRef)
    : undefined;
  if (entry === undefined) throw notFound(idOrRef.length === 36 ? "entry" : idOrRef);
  return entry;
}

/** Whether this officer is the second person for it; for a change also of what it changes, flags and all. */
export function mayApprove({ officer }: Pick<Call, "officer">, entry: Entry, base?: Entry): boolean {
  const sensitive = isSensitive(entry) || (base !== undefined && isSensitive(base));
  return can(officer, sensitive ? "entry.approve-sensitive" : "entry.approve", {
    agency: entry.agency,
    author: entry.author,
  });
}

/** Whether this officer may say that it still holds: somebody else than the author of what stands there now. */
export function mayValidate({ officer }: Pick<Call, "officer">, entry: Entry): boolean {
  return can(officer, isSensitive(entry) ? "entry.validate-sensitive" : "entry.validate", {
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

/** The entry that a draft changes, as it was approved. */
export async function openBase(call: Call, { changes }: Entry): Promise<Entry | undefined> {
  return changes === null ? undefined : openEntry(call, changes);
}

/** The entry with what this officer may do next. Reading is recorded. */
export async function showEntry(call: Call, idOrRef: string): Promise<Answer> {
  const { tx, tools, officer } = call;
  const entry = await openEntry(call, idOrRef);
  const words = wordsAllowed(call);
  const directory = entry.audienceAgencies.length === 0 ? [] : await listAgencies(tx);
  await call.audit({ action: "entry.read", subject: `entry:${entry.id}`, detail: { words } });
  const base = await openBase(call, entry);
  const change = base === undefined ? await openChangeOf(tx, entry.id) : undefined;
  const buttons = [...writingButtons(call, entry, base), ...livingButtons(call, entry, change)];
  return show(
    entryCard(entry, {
      words,
      author: await officerName(tx, tools.keyring, entry.author),
      audience: directory.filter(({ id }) => entry.audienceAgencies.includes(id)).map(({ name }) => name),
      buttons,
      ...(entry.author === officer.id && entry.state === "draft" && { missing: missing(entry) }),
      approving: buttons.some(({ action }) => action === "entry.approve"),
      now: await businessNow(tx),
      standing: await standingOf(call, { entry, base, change: change?.ref }),
    }),
  );
}

interface Related {
  readonly entry: Entry;
  readonly base: Entry | undefined;
  /** The reference of the draft that would change it. */
  readonly change: string | undefined;
}

/** What else is to be known of it, without a word about the person. */
async function standingOf({ tx }: Call, { entry, base, change }: Related): Promise<readonly string[]> {
  if (base !== undefined) {
    const changes = changesOf(base, entry);
    const what = changes.fields.length === 0 ? "nothing yet" : changedWords(changes);
    const weight = changes.material ? " That is material." : "";
    return [
      `Changes ${base.ref}, version ${base.version}: ${what}.${weight} Until it is approved, ${base.ref} is found as it was.`,
      shownWords(base.ref, await countShown(tx, base.id)),
    ];
  }
  if (entry.approvedAt === null) return [];
  return [
    ...(entry.version > 1 ? [`Version ${entry.version}.`] : []),
    shownWords("It", await countShown(tx, entry.id)),
    ...(await outcomeLines(tx, entry)),
    ...(change === undefined ? [] : [`Being changed: ${change}.`]),
  ];
}

function shownWords(what: string, { officers, agencies }: Shown): string {
  if (officers === 0) return `${what} was shown to nobody by a query.`;
  return `${what} was shown to ${peopleWords({ officers, agencies })}.`;
}

/** "1 officer of 1 agency" */
export function peopleWords({ officers, agencies }: Shown): string {
  return `${officers} ${officers === 1 ? "officer" : "officers"} of ${agencies} ${agencies === 1 ? "agency" : "agencies"}`;
}

/** For what nobody has approved yet. */
function writingButtons(call: Call, entry: Entry, base: Entry | undefined): readonly Button[] {
  if (entry.state !== "draft" && entry.state !== "waiting") return [];
  if (entry.author === call.officer.id) return authorButtons(entry);
  return entry.state === "waiting" && wordsAllowed(call) ? deciderButtons(call, entry, base) : [];
}

/** For what was approved and is not over: its author's colleagues keep it true. */
function livingButtons(
  call: Call,
  entry: Entry,
  change: { readonly ref: string; readonly author: string } | undefined,
): readonly Button[] {
  const { ref, state, challengedAt } = entry;
  if ((state !== "active" && state !== "suspended") || !wordsAllowed(call)) return [];
  const validates = mayValidate(call, entry) && challengedAt === null;
  return [
    ...(validates ? [button(["entry.validate", shownSubject(entry)], "Validate")] : []),
    ...(can(call.officer, "entry.write") && change === undefined
      ? [button(["entry.change", ref], "Change")]
      : []),
    ...(change?.author === call.officer.id
      ? [button(["entry.open", change.ref], "Go on with the change")]
      : []),
    ...(can(call.officer, "entry.challenge")
      ? [
          challengedAt === null
            ? button(["entry.challenge", ref], "Take a challenge")
            : button(["entry.challenged", ref], "Read the challenge"),
        ]
      : []),
  ];
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
function deciderButtons(call: Call, entry: Entry, base: Entry | undefined): readonly Button[] {
  const mayReturn = can(call.officer, "entry.approve", { author: entry.author });
  const subject = shownSubject(entry);
  return [
    ...(mayApprove(call, entry, base) && isSigned(entry)
      ? [button(["entry.approve", subject], "Approve", { tone: "primary" })]
      : []),
    ...(!isSigned(entry) && can(call.officer, "entry.sign-hidden")
      ? [button(["entry.sign", subject], "Sign: hide the caution", { tone: "danger" })]
      : []),
    ...(mayReturn ? [button(["entry.return", entry.ref], "Return with note")] : []),
  ];
}
