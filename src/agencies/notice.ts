/** What a content-free notice says. Never a name, never "hit". */
export const noticeWords = {
  channel_test: () => "Test from Allpoints: this channel can be reached. Nothing to do.",
  tip_taken: (ref: string) => `${ref} was taken by an analyst. Run /allpoints show ${ref}.`,
  tip_question: (ref: string) => `There is a question about ${ref}. Run /allpoints show ${ref}.`,
  tip_answer: (ref: string) => `There is an answer about ${ref}. Run /allpoints show ${ref}.`,
  tip_closed: (ref: string) => `${ref} was closed. Run /allpoints show ${ref} to see what became of it.`,
  tip_unread: (ref: string) => `${ref} has waited 30 days without a grade. Run /allpoints show ${ref}.`,
  /** Changes with its entry: entry-notice.ts says the rest. */
  entry_waiting: (ref: string) => `${ref} waits for a second person.`,
  entry_approved: (ref: string) => `${ref} was approved. Run /entry show ${ref}.`,
  entry_returned: (ref: string) => `${ref} was returned. Run /entry show ${ref}.`,
  bulletin_waiting: (ref: string) => `${ref} waits for approval again. Run /bulletin show ${ref}.`,
  bulletin_approved: (ref: string) => `${ref} was approved. Run /bulletin status ${ref}.`,
  bulletin_returned: (ref: string) => `${ref} was returned. Run /bulletin show ${ref}.`,
  channel_gone: (ref: string) =>
    `${ref} found one of your channels closed to the bot. Nothing more goes there: invite the bot, then subscribe it again.`,
  scope_missing: (ref: string) =>
    `${ref} was refused: the app lacks a permission here. An admin of this workspace has to install it again.`,
  /** About a delivery, whose id it holds: notices.ts says whom to call. */
  recall_failed: (id: string) => id,
  card_lost: (ref: string) => `A card could not be delivered (${ref}). Ask your operator to look at it.`,
} as const satisfies Record<string, (ref: string) => string>;

export type NoticeKind = keyof typeof noticeWords;
