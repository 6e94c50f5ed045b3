import { z } from "zod";

import { tellDesk, tellOfficer } from "../agencies/tell.ts";
import {
  at,
  button,
  card,
  choice,
  facts,
  form,
  longText,
  note,
  problems,
  quote,
  say,
  show,
  text,
} from "../bot/answers.ts";
import { formPage, type Call } from "../bot/command.ts";
import { neededText, oneOf, openForm } from "../bot/forms.ts";
import type { Answer } from "../chat.ts";
import { badInput, notAllowed, notFound } from "../errors.ts";
import {
  decideChallenge,
  findChallenge,
  openChallenge,
  type ChallengeOutcome,
} from "./entry-challenge-store.ts";
import { leaveList } from "./entry-ending.ts";
import { endEntry } from "./entry-life-store.ts";
import { openEntry, wordsAllowed } from "./entry-show-command.ts";
import { CHALLENGE_DAYS, type EndReason, type Entry } from "./entry.ts";

// A person, or somebody for them, says that an entry is wrong. Its agency's privacy officer takes it and decides it.

/** The form that takes a challenge, or the one that is open. */
export async function challenge(call: Call, ref: string): Promise<Answer> {
  const { challengedAt } = await openDisputed(call, ref);
  return challengedAt === null ? openForm(call, challengePage, ref) : showChallenge(call, ref);
}

export const challengePage = formPage({
  form: "entry.challenge",
  deed: "entry.challenge",
  async open(call, ref) {
    await openDisputed(call, ref);
    return form(`Challenge ${ref}`, "Put under review", [
      longText("who", "Who disputes it?", {
        required: true,
        maxLength: 300,
        hint: "Name and how to reach them. Sealed: only privacy officers of your agency read it.",
      }),
      longText("what", "What is disputed?", {
        required: true,
        maxLength: 1000,
        hint: `Sealed too. Decide within ${CHALLENGE_DAYS} days, or the entry is suspended.`,
      }),
    ]);
  },
  values: z.object({ who: neededText(300), what: neededText(1000) }),
  async submit(call, ref, words) {
    const entry = await openDisputed(call, ref);
    const { tx, tools, officer } = call;
    if (!(await openChallenge(tx, tools.keyring, { entry, officer: officer.id, words }))) {
      throw badInput(`${ref} is under review already, or over`, `See /entry challenge ${ref}.`);
    }
    await call.audit({ action: "entry.challenge", subject: `entry:${entry.id}` });
    await tellDesk(call, { kind: "entry_challenged", ref });
    await tellOfficer(call, entry.author, { kind: "entry_challenged", ref });
    return say(
      `Under review: ${ref}`,
      `It is still found, and whoever hits it is told that it is under review. Decide within ${CHALLENGE_DAYS} days: /entry challenge ${ref}. After that it is suspended.`,
    );
  },
});

/** What is disputed and by whom, privately, for those who decide. Reading is recorded. */
export async function showChallenge(call: Call, ref: string): Promise<Answer> {
  const entry = await openDisputed(call, ref);
  const open = await findChallenge(call.tx, call.tools.keyring, entry.id);
  if (open === undefined) return say(`${ref} is not under review.`, "Nothing to decide.");
  await call.audit({ action: "entry.challenge-read", subject: `entry:${entry.id}` });
  return show(
    card(
      `${ref} is under review`,
      [
        text(["Since ", at(open.openedAt), `, in version ${open.version}; now version ${entry.version}.`]),
        ...(open.words === undefined
          ? []
          : [
              facts(["Disputed by", open.words.who]),
              text([{ bold: "What is disputed" }]),
              quote(open.words.what),
            ]),
        note("For privacy officers of your agency only. Seen by you, now: recorded."),
      ],
      {
        buttons: [
          button(["entry.decide", ref], "Decide", { tone: "primary" }),
          button(["entry.open", ref], "Open the entry"),
        ],
      },
    ),
  );
}

const decisions = {
  rejected: "Rejected: it stands as it is",
  corrected: "Upheld: it was corrected since",
  wrong_person: "Upheld: cancel it, wrong person",
  error: "Upheld: cancel it, error",
  unfounded: "Upheld: cancel it, unfounded",
} as const;
type Decision = keyof typeof decisions;

const outcomeOf: Readonly<
  Record<Decision, { readonly outcome: ChallengeOutcome; readonly cancel?: EndReason }>
> = {
  rejected: { outcome: "rejected" },
  corrected: { outcome: "corrected" },
  wrong_person: { outcome: "cancelled", cancel: "wrong_person" },
  error: { outcome: "cancelled", cancel: "error" },
  unfounded: { outcome: "cancelled", cancel: "unfounded" },
};

export const decidePage = formPage({
  form: "entry.decide",
  deed: "entry.challenge",
  async open(call, ref) {
    await openDecided(call, ref);
    return form(`Decide on ${ref}`, "Decide", [
      choice(["decision", "What do you decide?"], decisions, { required: true }),
      longText("reason", "Why?", {
        required: true,
        maxLength: 1000,
        hint: "Kept sealed with the challenge.",
      }),
    ]);
  },
  values: z.object({ decision: oneOf(decisions), reason: neededText(1000) }),
  async submit(call, ref, { decision, reason }) {
    const { entry, open } = await openDecided(call, ref);
    if (decision === "corrected" && entry.version === open.version) {
      return problems({
        decision: `Nothing was changed since: have it changed and approved first (/entry show ${ref}).`,
      });
    }
    const { outcome, cancel } = outcomeOf[decision];
    const { tx, tools, officer } = call;
    const decided = { challenge: open, entry, officer: officer.id, outcome, reason };
    if (!(await decideChallenge(tx, tools.keyring, decided))) {
      throw badInput(`${ref} was decided by somebody else meanwhile`, `See /entry show ${ref}.`);
    }
    await call.audit({ action: "entry.decide", subject: `entry:${entry.id}`, detail: { outcome } });
    if (cancel !== undefined) await cancelDisputed(call, entry, cancel);
    await tellOfficer(call, entry.author, { kind: "entry_decided", ref });
    return say(`Decided: ${ref}`, `${decisions[decision]}. ${afterwards(entry, outcome)}`);
  },
});

function afterwards({ ref, state }: Entry, outcome: ChallengeOutcome): string {
  if (outcome === "cancelled") return "No query finds it any more.";
  return state === "suspended"
    ? `It stays suspended until somebody validates it: /entry validate ${ref}.`
    : "Hits say no longer that it is under review.";
}

async function cancelDisputed(call: Call, entry: Entry, reason: EndReason): Promise<void> {
  if (!(await endEntry(call.tx, entry.id, { state: "cancelled", reason }))) {
    throw badInput(`${entry.ref} is over already`, `See /entry show ${entry.ref}.`);
  }
  for (const installation of await leaveList(call.tx, entry)) call.wake.add(installation);
  await call.audit({ action: "entry.cancel", subject: `entry:${entry.id}`, detail: { reason } });
}

/** An approved entry that is not over, for a privacy officer who can read it. */
async function openDisputed(call: Call, ref: string): Promise<Entry> {
  const entry = await openEntry(call, ref);
  if (entry.state !== "active" && entry.state !== "suspended") {
    throw badInput(`${ref} is not in force: it is ${entry.state}`, `See /entry show ${ref}.`);
  }
  if (!wordsAllowed(call)) {
    throw badInput("this may not be shown or written on this platform", "Use your agency's Slack.");
  }
  return entry;
}

async function openDecided(call: Call, ref: string) {
  const entry = await openDisputed(call, ref);
  const open = await findChallenge(call.tx, call.tools.keyring, entry.id);
  if (open === undefined) throw notFound(ref);
  if (entry.author === call.officer.id) throw notAllowed("deciding on your own entry", "a second person");
  return { entry, open };
}
