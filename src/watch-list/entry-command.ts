import { z } from "zod";

import { tellDesk } from "../agencies/tell.ts";
import { say } from "../bot/answers.ts";
import { verb, type Call, type Feature, type FormPage, type Press } from "../bot/command.ts";
import { openForm } from "../bot/forms.ts";
import { refInput } from "../bot/input.ts";
import type { Answer } from "../chat.ts";
import { badInput } from "../errors.ts";
import { approve, returnPage, signPage } from "./entry-approve-command.ts";
import { challenge, challengePage, decidePage, showChallenge } from "./entry-challenge-command.ts";
import { beginChange, checkChange } from "./entry-change-command.ts";
import { openDraft, recheckSource } from "./entry-draft-command.ts";
import { leaveIndex, leaveList } from "./entry-ending.ts";
import { discardEntry, endEntry, submitEntry, suspendEntry } from "./entry-life-store.ts";
import { listOpen, offerEntries } from "./entry-list-command.ts";
import { showEntryMoved } from "./entry-notice.ts";
import { entryPages, personPage } from "./entry-page-command.ts";
import { openBase, openEntry, showEntry } from "./entry-show-command.ts";
import { nameAudience } from "./entry-store.ts";
import { validatePage, validateSubject } from "./entry-validate-command.ts";
import { cancelReasons, endReasons, isSensitive, missing, type Entry } from "./entry.ts";

async function send(call: Call, ref: string): Promise<Answer> {
  const entry = await openDraft(call, ref);
  const gaps = missing(entry);
  if (gaps.length > 0) throw badInput(`${ref} still needs ${gaps.join("; ")}`, `See /entry show ${ref}.`);
  const base = await openBase(call, entry);
  if (base !== undefined) checkChange(entry, base);
  await recheckSource(call, base ?? entry);
  if (!(await submitEntry(call.tx, entry))) {
    return say(`${ref} is already sent.`, "It waits for a second person. Nothing changed.");
  }
  await call.audit({ action: "entry.submit", subject: `entry:${entry.id}` });
  // A card from an earlier round says so first; a change alerts nobody, so each round has its own.
  await showEntryMoved(call, entry);
  const told = await tellDesk(call, { kind: "entry_waiting", ref });
  const who =
    isSensitive(entry) || (base !== undefined && isSensitive(base))
      ? "a privacy officer"
      : "a supervisor, a watch commander or a privacy officer";
  return say(
    `Sent: ${ref}`,
    `It waits for ${who}; you are told what they decide. If you edit it, it comes back to you and is sent anew.`,
    told
      ? "Your desk channel was told that it waits."
      : "Your agency has no desk channel, so nobody was told: give them the reference.",
  );
}

// ------------------------------------------------------------------------------------------------ ending

/** One person may: taking somebody off the list needs no second one. */
async function cancel(call: Call, ref: string, reason: (typeof cancelReasons)[number]): Promise<Answer> {
  const entry = await openEntry(call, ref);
  if (entry.state === "draft" || entry.state === "waiting") return discard(call, entry, reason);
  if (!(await endEntry(call.tx, entry.id, { state: "cancelled", reason }))) {
    return say(`${ref} is ${entry.state} already.`, "Nothing changed.");
  }
  wakeAll(call, await leaveList(call.tx, entry));
  await call.audit({ action: "entry.cancel", subject: `entry:${entry.id}`, detail: { reason } });
  return say(
    `Cancelled: ${ref}, ${endReasons[reason]}`,
    "No query finds it any more.",
    "Bulletins that rest on it still stand: /bulletin cancel. Whoever saw it in a query is not told by this: call them.",
  );
}

/** What nobody approved was never a record: its words are deleted at once. */
async function discard(call: Call, entry: Entry, reason?: (typeof cancelReasons)[number]): Promise<Answer> {
  const { id, ref } = entry;
  if (!(await discardEntry(call.tx, id, reason ?? null)))
    throw badInput(`${ref} changed meanwhile`, `See /entry show ${ref}.`);
  await nameAudience(call.tx, entry, []);
  await showEntryMoved(call, entry);
  await call.audit({ action: "entry.discard", subject: `entry:${id}` });
  return say(`Discarded: ${ref}`, "Nobody had approved it, so its words are deleted.");
}

async function suspend(call: Call, ref: string): Promise<Answer> {
  const entry = await openEntry(call, ref);
  if (!(await suspendEntry(call.tx, entry.id)))
    return say(`${ref} is not in force: it is ${entry.state}.`, "Nothing changed.");
  wakeAll(call, await leaveIndex(call.tx, entry));
  await call.audit({ action: "entry.suspend", subject: `entry:${entry.id}`, detail: { reason: "by_hand" } });
  return say(
    `Suspended: ${ref}`,
    `No query finds it any more, and no bulletin can rest on it. Only a validation brings it back: /entry validate ${ref}.`,
  );
}

function wakeAll(call: Call, installations: readonly string[]): void {
  for (const installation of installations) call.wake.add(installation);
}

// ------------------------------------------------------------------------------------------------ the feature

/** A button that opens a page; the page itself judges who may see it. */
function opens(page: FormPage): Press {
  return { action: page.form, deed: page.deed, run: (call, subject) => openForm(call, page, subject) };
}

const onEntry = { ref: refInput("E") };
const startFrom = (call: Call, tip: string | undefined) => openForm(call, personPage, tip ?? "new");

/** /entry and all that follows from one: writing, approving, ending. */
export const entryFeature: Feature = {
  commands: [
    {
      name: "entry",
      help: "The watch-list: who is on it, and why",
      verbs: [
        verb({
          verb: "new",
          help: "Write an entry, with or without a tip: opens a form",
          deed: "entry.write",
          input: z.object({ from: refInput("T").optional() }),
          run: (call, { from }) => startFrom(call, from),
        }),
        verb({
          verb: "show",
          help: "Read an entry of your agency, approve, edit or change it",
          deed: "entry.read",
          input: z.object(onEntry),
          run: (call, { ref }) => showEntry(call, ref),
        }),
        verb({
          verb: "cancel",
          help: "Take an entry off the list",
          deed: "entry.end",
          input: z.object({ ...onEntry, reason: z.enum(cancelReasons) }),
          run: (call, { ref, reason }) => cancel(call, ref, reason),
        }),
        verb({
          verb: "suspend",
          help: "Take an entry out of every query while it is checked",
          deed: "entry.end",
          input: z.object(onEntry),
          run: (call, { ref }) => suspend(call, ref),
        }),
        verb({
          verb: "validate",
          help: "Say that an entry still holds: opens a form",
          deed: "entry.read",
          input: z.object(onEntry),
          run: async (call, { ref }) => openForm(call, validatePage, await validateSubject(call, ref)),
        }),
        verb({
          verb: "challenge",
          help: "Somebody disputes an entry: put it under review, or decide",
          deed: "entry.challenge",
          input: z.object(onEntry),
          run: (call, { ref }) => challenge(call, ref),
        }),
        verb({
          verb: "list",
          help: "Your agency's open entries, the next deadline first",
          deed: "entry.read",
          input: z.object({ due: z.coerce.number().int().min(0).max(1826).optional().describe("days") }),
          run: (call, { due }) => listOpen(call, due),
        }),
      ],
    },
  ],
  forms: [...entryPages, returnPage, signPage, validatePage, challengePage, decidePage],
  presses: [
    ...entryPages.map(opens),
    { action: "entry.new", deed: "entry.write", run: startFrom },
    { action: "entry.open", deed: "entry.read", run: showEntry },
    { action: "entry.send", deed: "entry.write", run: send },
    {
      action: "entry.discard",
      deed: "entry.write",
      run: async (call, ref) => discard(call, await openDraft(call, ref)),
    },
    { action: "entry.approve", deed: "entry.approve", run: approve },
    opens(returnPage),
    opens(signPage),
    { action: "entry.change", deed: "entry.write", run: beginChange },
    opens(validatePage),
    opens(challengePage),
    { action: "entry.challenged", deed: "entry.challenge", run: showChallenge },
    opens(decidePage),
  ],
  again: [{ kind: "entry", deed: "entry.read", show: showEntry }],
  completions: [{ letter: "E", deed: "entry.read", offer: offerEntries }],
  show: { letter: "E", run: showEntry },
};
