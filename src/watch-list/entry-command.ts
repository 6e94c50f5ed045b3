import { z } from "zod";

import { tellDesk } from "../agencies/tell.ts";
import { card, say, show, text } from "../bot/answers.ts";
import { verb, type Call, type Feature, type FormPage, type Press } from "../bot/command.ts";
import { openForm } from "../bot/forms.ts";
import { refInput } from "../bot/input.ts";
import { can } from "../bot/policy.ts";
import type { Answer, Block } from "../chat.ts";
import { inBoth } from "../clock.ts";
import { badInput } from "../errors.ts";
import { businessNow } from "../store/clock-store.ts";
import { approve, returnPage, signPage } from "./entry-approve-command.ts";
import { openDraft, recheckSource } from "./entry-draft-command.ts";
import {
  discardEntry,
  endEntry,
  listEntries,
  listWaiting,
  submitEntry,
  suspendEntry,
} from "./entry-life-store.ts";
import { showEntryMoved } from "./entry-notice.ts";
import { entryPages, personPage } from "./entry-page-command.ts";
import { openEntry, showEntry } from "./entry-show-command.ts";
import { nameAudience } from "./entry-store.ts";
import { cancelReasons, endReasons, isSensitive, missing, type Entry } from "./entry.ts";
import { unindexEntry } from "./index-store.ts";

// ------------------------------------------------------------------------------------------------ to the second person

async function send(call: Call, ref: string): Promise<Answer> {
  const entry = await openDraft(call, ref);
  const gaps = missing(entry);
  if (gaps.length > 0) throw badInput(`${ref} still needs ${gaps.join("; ")}`, `See /entry show ${ref}.`);
  await recheckSource(call, entry);
  if (!(await submitEntry(call.tx, entry))) {
    return say(`${ref} is already sent.`, "It waits for a second person. Nothing changed.");
  }
  await call.audit({ action: "entry.submit", subject: `entry:${entry.id}` });
  // A card from an earlier round says so first; a change alerts nobody, so each round has its own.
  await showEntryMoved(call, entry);
  const told = await tellDesk(call, { kind: "entry_waiting", ref });
  const who = isSensitive(entry)
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
  await unindexEntry(call.tx, entry.id);
  await showEntryMoved(call, entry);
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
  await unindexEntry(call.tx, entry.id);
  await showEntryMoved(call, entry);
  await call.audit({ action: "entry.suspend", subject: `entry:${entry.id}` });
  return say(`Suspended: ${ref}`, "No query finds it any more, and no bulletin can rest on it.");
}

// ------------------------------------------------------------------------------------------------ lists

const stateWords = {
  draft: "draft",
  waiting: "waits for a second person",
  active: "in force",
  suspended: "suspended",
} as const;

async function list(call: Call, due: number | undefined): Promise<Answer> {
  const rows = await listEntries(call.tx, { due, limit: 25 });
  if (rows.length === 0)
    return say(due === undefined ? "Your agency has no open entries." : `Nothing is due within ${due} days.`);
  const reader = { now: await businessNow(call.tx), zone: call.officer.zone };
  return show(
    card(
      due === undefined ? "Your agency's entries" : `Due within ${due} days`,
      rows.map(({ ref, state, next_at, ends }) =>
        text([{ bold: ref }, ` · ${stateWords[state]}${deadline(next_at, ends, reader)}`]),
      ),
    ),
  );
}

interface Reader {
  readonly now: Date;
  readonly zone: string;
}

function deadline(at: Date | null, ends: boolean, { zone, now }: Reader): string {
  return at === null ? "" : ` · ${ends ? "ends" : "review due"} ${inBoth(at, zone, now)}`;
}

/** Own drafts that came back, and what waits for this officer to decide. */
export async function entryQueue(call: Call): Promise<readonly Block[]> {
  if (!can(call.officer, "entry.read")) return [];
  const rows = await listWaiting(call.tx, call.officer.id);
  return rows.flatMap(({ ref, state, ...entry }): readonly Block[] => {
    if (state === "draft") return [text([{ bold: ref }, ` was returned to you: /entry show ${ref}`])];
    const deed = isSensitive(entry) ? "entry.approve-sensitive" : "entry.approve";
    const mine = can(call.officer, deed) || (entry.unsigned && can(call.officer, "entry.sign-hidden"));
    return mine ? [text([{ bold: ref }, ` waits for a second person: /entry show ${ref}`])] : [];
  });
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
          help: "Read an entry of your agency, approve or edit it",
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
          verb: "list",
          help: "Your agency's open entries, the next deadline first",
          deed: "entry.read",
          input: z.object({ due: z.coerce.number().int().min(0).max(1826).optional().describe("days") }),
          run: (call, { due }) => list(call, due),
        }),
      ],
    },
  ],
  forms: [...entryPages, returnPage, signPage],
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
  ],
  again: [{ kind: "entry", deed: "entry.read", show: showEntry }],
  completions: [
    {
      letter: "E",
      deed: "entry.read",
      offer: async ({ tx }) =>
        (await listEntries(tx, { limit: 25 })).map(({ ref, state }) => ({
          value: ref,
          label: `${ref} · ${stateWords[state]}`,
        })),
    },
  ],
  show: { letter: "E", run: showEntry },
};
