import { DAY } from "../clock.ts";
import type {
  Caution,
  InformationGrade,
  LegalStatus,
  Pap,
  RequestedAction,
  SourceGrade,
  Tlp,
} from "../labels.ts";
import { tlpWords } from "../labels.ts";
import type { Identifier } from "./identifier.ts";

// What an entry is made of, in words, and the rules about it that need no database. The database has them too.

/**
 * Why somebody may be on the list at all. A conviction alone is not enough: the facts must point at police.
 * [counsel] after 28 CFR 23.20(a), (c) and the criteria of the NCIC Violent Person File, from research and memory.
 */
export const predicates = {
  vpf4_expressed_intent_le: "Seriously expressed intent to attack police",
  rs_threat_crime: "Reasonable suspicion: a threat that is a crime",
  rs_attack_preparation: "Reasonable suspicion: preparing an attack",
  active_case: "Open criminal case",
  vpf1_convicted_violence_le: "Convicted of violence against police",
  vpf2_convicted_violent: "Convicted of violence, and facts point at police",
  vpf3_convicted_violent_weapon: "Convicted of violence with a weapon, and facts point at police",
} as const;
export type Predicate = keyof typeof predicates;

/** What somebody who asks is told of it. */
export const sensitivities = {
  OPEN: "OPEN: they see the card",
  AGENCY_ONLY: "AGENCY_ONLY: they see only whom to call",
  RESTRICTED: "RESTRICTED: they see nothing; we are told that they asked",
} as const;
export type Sensitivity = keyof typeof sensitivities;

/** Never for everybody: an entry is about a person. */
export const tlpChoices = {
  green: `TLP:GREEN: ${tlpWords.green}`,
  amber: `TLP:AMBER: ${tlpWords.amber}`,
  "amber+strict": `TLP:AMBER+STRICT: ${tlpWords["amber+strict"]}`,
} as const;

export const validity = {
  "30": "30 days",
  "90": "90 days",
  "180": "180 days",
  "365": "1 year",
  "1825": "5 years (reviewed in between)",
} as const;
export const DEFAULT_VALIDITY = "365";

export const endReasons = {
  resolved: "resolved",
  error: "error",
  wrong_person: "wrong person",
  unfounded: "unfounded",
  court_order: "court order",
  expired: "expired",
} as const;
export type EndReason = keyof typeof endReasons;

/** Why no query finds an entry for a while. Whatever the reason, only a validation brings it back. */
export const suspendedReasons = {
  by_hand: "by hand",
  review_missed: "its review was missed",
  challenge_undecided: "a challenge was not decided in time",
  confirmations_unanswered: "requests to confirm stayed unanswered",
} as const;
export type SuspendedReason = keyof typeof suspendedReasons;
/** What a person may give as a reason; only the clock says "expired". */
export const cancelReasons = ["resolved", "error", "wrong_person", "unfounded", "court_order"] as const;

export type EntryState = "draft" | "waiting" | "active" | "suspended" | "cancelled" | "expired" | "purged";
export const entryStates: readonly EntryState[] = [
  "draft",
  "waiting",
  "active",
  "suspended",
  "cancelled",
  "expired",
  "purged",
];

/**
 *   draft ──▶ waiting ──▶ active ◀─validated─▶ suspended
 *     ▲ returned  │         │                      │
 *     └───────────┘         └──────────┬───────────┘
 *     │           │                    ▼
 *     ▼           ▼            cancelled | expired ──▶ purged
 *    purged     purged
 *
 * What nobody approved was never a record, so giving it up deletes it. A draft that changes an entry in force is a row
 * of its own: approved, its words become the entry's next version and the row is purged.
 */
const nextStates: Readonly<Record<EntryState, readonly EntryState[]>> = {
  draft: ["waiting", "purged"],
  waiting: ["draft", "active", "purged"],
  active: ["suspended", "cancelled", "expired"],
  // Back into force by validation alone: entry-review-store.ts.
  suspended: ["cancelled", "expired"],
  cancelled: ["purged"],
  expired: ["purged"],
  purged: [],
};

/** The states an entry may be in just before it becomes `to`. */
export function statesBefore(to: EntryState): EntryState[] {
  return entryStates.filter((from) => nextStates[from].includes(to));
}

/** The words of an entry, sealed together because they are read together. */
export interface EntryContent {
  readonly names: readonly string[];
  /** "1984-03-02" */
  readonly birthDates: readonly string[];
  readonly identifiers: readonly Identifier[];
  readonly description?: string | undefined;
  readonly facts?: string | undefined;
  /** Documents and the agency's own case number: who told it never enters. */
  readonly sources?: string | undefined;
  readonly relevance?: string | undefined;
  readonly directRelation?: string | undefined;
  /** Why a watch commander hides a caution from those who ask. */
  readonly hiddenReason?: string | undefined;
}

/** An entry as it stands: until all pages are filled in, much of it is null. */
export interface Entry {
  readonly id: string;
  readonly agency: string;
  readonly ref: string;
  readonly exercise: boolean;
  readonly version: number;
  readonly state: EntryState;
  /** Of this version. */
  readonly author: string;
  /** The id of the entry that this draft changes. */
  readonly changes: string | null;
  readonly tip: string | null;
  readonly content: EntryContent;
  /** Of everything an approver reads: what an approval binds to. */
  readonly hash: Buffer | null;
  readonly predicate: Predicate | null;
  readonly offence: string | null;
  readonly firstAmendment: boolean | null;
  readonly juvenile: boolean | null;
  readonly cautions: readonly Caution[] | null;
  readonly legalStatus: LegalStatus | null;
  readonly requestedAction: RequestedAction | null;
  readonly pap: Pap | null;
  readonly sensitivity: Sensitivity | null;
  readonly tlp: Tlp | null;
  readonly audience: "all" | "named" | null;
  /** The agencies that may match it, where it is not all. */
  readonly audienceAgencies: readonly string[];
  readonly validDays: number | null;
  readonly sourceGrade: SourceGrade | null;
  readonly informationGrade: InformationGrade | null;
  readonly signedBy: string | null;
  readonly approver: string | null;
  readonly approvedAt: Date | null;
  readonly returnedNote: string | undefined;
  readonly lastValidatedAt: Date | null;
  readonly validatedBy: string | null;
  readonly reviewDueAt: Date | null;
  readonly expiresAt: Date | null;
  readonly endedAt: Date | null;
  readonly endReason: EndReason | null;
  readonly suspendedReason: SuspendedReason | null;
  /** Since when somebody disputes it: those who hit it are told that it is under review. */
  readonly challengedAt: Date | null;
}

/** What an approver reads of an entry, and nothing that its place in the database adds. */
export type EntryWords = Pick<
  Entry,
  | "content"
  | "predicate"
  | "offence"
  | "firstAmendment"
  | "juvenile"
  | "cautions"
  | "legalStatus"
  | "requestedAction"
  | "pap"
  | "sensitivity"
  | "tlp"
  | "audience"
  | "audienceAgencies"
  | "validDays"
  | "sourceGrade"
  | "informationGrade"
>;

export const LEAST_FACTS = 80;
export const LEAST_RELEVANCE = 20;
export const LEAST_RELATION = 20;
export const JUVENILE_DAYS = 180;
/** The first review is due after this many days at most, every later one after a year. */
export const FIRST_REVIEW_DAYS = 90;
export const NEXT_REVIEW_DAYS = 365;
/** A review that is late by this much suspends the entry. */
export const REVIEW_GRACE_DAYS = 14;
/** A challenge that nobody has decided by then suspends it too. */
export const CHALLENGE_DAYS = 30;

/** What no query finds any more stands so at once, before the job that writes it down: `in_force_until` in SQL. */
export function standsAs(
  {
    state,
    expiresAt,
    reviewDueAt,
    challengedAt,
  }: Pick<Entry, "state" | "expiresAt" | "reviewDueAt" | "challengedAt">,
  now: Date,
): Entry["state"] {
  const over = (from: Date | null, days: number) =>
    from !== null && from.getTime() + days * DAY <= now.getTime();
  if (state !== "active") return state;
  if (over(expiresAt, 0)) return "expired";
  return over(reviewDueAt, REVIEW_GRACE_DAYS) || over(challengedAt, CHALLENGE_DAYS) ? "suspended" : state;
}

/** What still stands in the way of an approval, in words; the database refuses the same. Empty: nothing. */
export function missing(entry: Entry): readonly string[] {
  const { content } = entry;
  const gaps: readonly (readonly [boolean, string])[] = [
    [content.names.length + content.identifiers.length === 0, "a name or an identifier"],
    [entry.predicate === null, "the predicate"],
    [(entry.offence ?? "").length < 3, "the offence (statute)"],
    [lengthOf(content.facts) < LEAST_FACTS, `the facts, in at least ${LEAST_FACTS} characters`],
    [lengthOf(content.sources) < 3, "the documents behind it"],
    [lengthOf(content.relevance) < LEAST_RELEVANCE, "why it matters to other agencies"],
    [entry.legalStatus === null || entry.requestedAction === null, "legal status and requested action"],
    [
      entry.firstAmendment === true && lengthOf(content.directRelation) < LEAST_RELATION,
      "how the act directly relates to the opinion or protest",
    ],
    [entry.sensitivity === null || entry.tlp === null || entry.audience === null, "who may see it"],
    [entry.audience === "named" && entry.audienceAgencies.length === 0, "which agencies may match it"],
    [entry.sourceGrade === null || entry.informationGrade === null, "the grade"],
    [
      entry.sourceGrade === "F" && entry.informationGrade === "6",
      "a better grade: F6 alone supports no entry",
    ],
    [
      entry.juvenile === true && (entry.validDays ?? 0) > JUVENILE_DAYS,
      `a shorter validity: for a juvenile at most ${JUVENILE_DAYS} days`,
    ],
  ];
  return gaps.filter(([gap]) => gap).map(([, words]) => words);
}

/** Characters as people count them. */
export function lengthOf(text: string | undefined): number {
  return [...(text ?? "").trim()].length;
}

/** Decided by a privacy officer: protected speech, juveniles, what others are not told of. */
export function isSensitive(entry: Pick<Entry, "firstAmendment" | "juvenile" | "sensitivity">): boolean {
  return entry.firstAmendment === true || entry.juvenile === true || entry.sensitivity === "RESTRICTED";
}

/** Whoever asks would walk into danger unwarned: a watch commander answers for that with a name and a reason. */
export function hidesDanger({ sensitivity, cautions }: Pick<Entry, "sensitivity" | "cautions">): boolean {
  return sensitivity === "RESTRICTED" && (cautions ?? []).some((one) => one === "armed" || one === "violent");
}

/** Under eighteen by one of the birth dates ("1984-03-02"). */
export function isUnderAge(birthDates: readonly string[], now: Date): boolean {
  const cut = new Date(Date.UTC(now.getUTCFullYear() - 18, now.getUTCMonth(), now.getUTCDate()));
  return birthDates.some((date) => date > cut.toISOString().slice(0, 10));
}

/** "E-4QX-2MK.0123456789ab": what a press approves is exactly what was shown. */
export function shownSubject({ ref, hash }: Pick<Entry, "ref" | "hash">): string {
  return `${ref}.${hash?.toString("hex").slice(0, 12) ?? ""}`;
}
export function readSubject(subject: string): { readonly ref: string; readonly shown: string } {
  const [ref = "", shown = ""] = subject.split(".");
  return { ref, shown };
}
