import type { Entry } from "../entry.ts";

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

type Placed = Pick<Entry, "id" | "agency" | "ref" | "author">;

/** The entry that waits with these words: as when an analyst has just sent it. */
export function entryOf(words: EntryWords, placed: Placed): Entry {
  return {
    ...words,
    ...placed,
    exercise: false,
    version: 1,
    state: "waiting",
    changes: null,
    tip: null,
    hash: null,
    signedBy: null,
    approver: null,
    approvedAt: null,
    returnedNote: undefined,
    lastValidatedAt: null,
    validatedBy: null,
    reviewDueAt: null,
    expiresAt: null,
    endedAt: null,
    endReason: null,
    suspendedReason: null,
    challengedAt: null,
  };
}
