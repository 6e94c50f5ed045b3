/** What came of a hit, as whoever asked says it. */
export const outcomes = {
  not_same_person: "Not the same person",
  awareness: "I knew what to watch for; nothing else",
  contact_made: "Spoke to the person",
  arrest: "Arrest, on probable cause of its own",
  no_action: "No action",
  other: "Something else",
} as const;
export type OutcomeCode = keyof typeof outcomes;

/** In few words, for lists. */
export const outcomeWords: Readonly<Record<OutcomeCode, string>> = {
  not_same_person: "not the same person",
  awareness: "awareness",
  contact_made: "contact made",
  arrest: "arrest on probable cause of its own",
  no_action: "no action",
  other: "other",
};

/** From here on an entry needs more to tell people apart by. */
export const MOST_FALSE_HITS = 3;

export const NOTE_LENGTH = 500;
