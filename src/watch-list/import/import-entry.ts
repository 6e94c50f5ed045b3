import type { Entry, EntryWords } from "../entry.ts";

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
