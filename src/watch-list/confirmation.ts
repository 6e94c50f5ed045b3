import { isUrgent, type Purpose } from "./query.ts";

// Before anybody acts on a hit, its owner says whether it holds.

export const confirmationStates = ["asked", "second", "unanswered", "answered"] as const;
/**
 *   asked ──▶ second ──▶ unanswered     each when its request has waited long enough
 *     │         │            │
 *     └─────────┴─────┬──────┘
 *                     ▼
 *                  answered             for good
 *
 * "Needs time" moves the deadline of the request that waits, and changes no state.
 */
export type ConfirmationState = (typeof confirmationStates)[number];

/** What the owner's desk can say, as it chooses it. */
export const answers = {
  confirmed: "Confirmed: in force, and about this person",
  denied: "Denied: do not rely on it",
  not_same_person: "Not the same person",
  stale: "Stale: no longer right",
} as const;
export type ConfirmationAnswer = keyof typeof answers;

/** How much longer, in minutes. */
export const moreTime = {
  "10": "10 minutes",
  "30": "30 minutes",
  "60": "1 hour",
  "120": "2 hours",
  "240": "4 hours",
} as const;

/** "Needs time" can be said so often. */
export const MOST_EXTENSIONS = 2;

/** How long a request waits: ten minutes while somebody stands beside the person. */
export function waitMinutes(purpose: Purpose): 10 | 60 {
  return isUrgent(purpose) ? 10 : 60;
}

/** A request, for the two agencies it concerns. */
export interface Confirmation {
  readonly id: string;
  readonly owner: string;
  /** The agency that asked. */
  readonly agency: string;
  readonly queryId: string;
  readonly queryRef: string;
  readonly entryId: string;
  /** The owner's to know; the asker's too where the hit was OPEN. */
  readonly entryRef: string;
  readonly sensitivity: "OPEN" | "AGENCY_ONLY";
  readonly purpose: string;
  readonly askedBy: string;
  readonly askedAt: Date;
  readonly waitMinutes: number;
  readonly state: ConfirmationState;
  readonly dueAt: Date;
  readonly extensions: number;
  readonly secondId: string | null;
  readonly secondAt: Date | null;
  readonly unansweredAt: Date | null;
  readonly answer: ConfirmationAnswer | null;
  readonly answeredBy: string | null;
  readonly answeredAt: Date | null;
}

/** The subject of the buttons under a hit, "<query id>.<place>": no id of the entry, which the asker may not know. */
export function readHitSubject(
  subject: string,
): { readonly query: string; readonly place: number } | undefined {
  const [, query, place] = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(\d{1,2})$/.exec(subject) ?? [];
  return query === undefined ? undefined : { query, place: Number(place) };
}
