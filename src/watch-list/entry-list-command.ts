import { card, say, show, text } from "../bot/answers.ts";
import type { Call } from "../bot/command.ts";
import { can } from "../bot/policy.ts";
import type { Answer, Block, Option } from "../chat.ts";
import { durationWords, inBoth } from "../clock.ts";
import { businessNow } from "../store/clock-store.ts";
import { listEntries, listWaiting, type Listed } from "./entry-life-store.ts";
import { listAttention } from "./entry-review-store.ts";
import { countNames } from "./entry-store.ts";
import type { Predicate } from "./entry.ts";

// Which entries there are and what waits for somebody: references, codes, ages and numbers. Never a name.

const stateWords = {
  draft: "draft",
  waiting: "waits for a second person",
  active: "in force",
  suspended: "suspended",
} as const;

/** Tells one draft from another, where nothing about the person may be said. */
const predicateWords: Readonly<Record<Predicate, string>> = {
  vpf4_expressed_intent_le: "expressed intent",
  rs_threat_crime: "threat",
  rs_attack_preparation: "preparation",
  active_case: "open case",
  vpf1_convicted_violence_le: "convicted, police",
  vpf2_convicted_violent: "convicted, violence",
  vpf3_convicted_violent_weapon: "convicted, weapon",
};

/** The agency's open entries, or what is due within that many days. */
export async function listOpen(call: Call, due: number | undefined): Promise<Answer> {
  const rows = await listEntries(call.tx, { due, limit: 25 });
  if (rows.length === 0)
    return say(
      due === undefined ? "Your agency has no open entries." : `Nothing is due within ${daysOf(due)}.`,
    );
  const reader = { now: await businessNow(call.tx), zone: call.officer.zone };
  return show(
    card(
      due === undefined ? "Your agency's entries" : `Due within ${daysOf(due)}`,
      rows.map((row) => text([{ bold: row.ref }, ` · ${lineOf(call, row, reader)}`])),
    ),
  );
}

const daysOf = (due: number): string => (due === 1 ? "1 day" : `${due} days`);

interface Reader {
  readonly now: Date;
  readonly zone: string;
}

function lineOf(call: Call, row: Listed, { now, zone }: Reader): string {
  const parts = [standingWords(row), ...draftWords(call, row, now)];
  if (row.next_at !== null) {
    const what = row.ends ? "ends" : row.due ? "review due since" : "review due";
    parts.push(`${what} ${inBoth(row.next_at, zone, now)}`);
  }
  return parts.join(" · ");
}

function standingWords({ state, changes, challenged }: Listed): string {
  const words = `${stateWords[state]}${challenged ? ", under review" : ""}`;
  return changes === null ? words : `${words}, changes ${changes}`;
}

function draftWords({ tools }: Call, row: Listed, now: Date): readonly string[] {
  if (row.state !== "draft" && row.state !== "waiting") return [];
  const names = countNames(tools.keyring, row);
  return [
    row.predicate === null ? "no predicate yet" : predicateWords[row.predicate],
    durationWords(now.getTime() - row.begun_at.getTime()),
    names === 1 ? "1 name" : `${names} names`,
  ];
}

/** References to choose from while somebody types. */
export async function offerEntries(call: Call): Promise<readonly Option[]> {
  const rows = await listEntries(call.tx, { limit: 25 });
  const now = await businessNow(call.tx);
  return rows.map((row) => ({
    value: row.ref,
    label: [row.ref, stateWords[row.state], ...draftWords(call, row, now)].join(" · ").slice(0, 75),
  }));
}

/** Own drafts that came back, what waits for this officer to decide, and reviews and challenges that are due. */
export async function entryQueue(call: Call): Promise<readonly Block[]> {
  if (!can(call.officer, "entry.read")) return [];
  return [...(await waitingLines(call)), ...(await attentionLines(call))];
}

async function waitingLines({ tx, officer }: Call): Promise<readonly Block[]> {
  const rows = await listWaiting(tx, officer.id);
  return rows.flatMap(({ ref, state, sensitive, unsigned }): readonly Block[] => {
    if (state === "draft") return [text([{ bold: ref }, ` was returned to you: /entry show ${ref}`])];
    const deed = sensitive ? "entry.approve-sensitive" : "entry.approve";
    const mine = can(officer, deed) || (unsigned && can(officer, "entry.sign-hidden"));
    return mine ? [text([{ bold: ref }, ` waits for a second person: /entry show ${ref}`])] : [];
  });
}

async function attentionLines({ tx, officer }: Call): Promise<readonly Block[]> {
  const rows = await listAttention(tx);
  const now = await businessNow(tx);
  return rows.flatMap(({ ref, author, sensitive, due, decide_by }): readonly Block[] => {
    if (decide_by !== null) {
      return can(officer, "entry.challenge")
        ? [
            text([
              { bold: ref },
              ` is under review, decide by ${inBoth(decide_by, officer.zone, now)}: /entry challenge ${ref}`,
            ]),
          ]
        : [];
    }
    if (due === null) return [];
    const since = `is due for review since ${inBoth(due, officer.zone, now)}`;
    if (author === officer.id)
      return [text([{ bold: ref }, ` is yours and ${since}: a second person validates it`])];
    const deed = sensitive ? "entry.validate-sensitive" : "entry.validate";
    return can(officer, deed) ? [text([{ bold: ref }, ` ${since}: /entry validate ${ref}`])] : [];
  });
}
