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
  entry_review: (ref: string) =>
    `${ref} is due for review: without one it is suspended in 14 days. Run /entry show ${ref}.`,
  entry_suspended: (ref: string) => `${ref} is suspended: no query finds it. Run /entry show ${ref}.`,
  entry_changed: (ref: string) => `${ref} was changed. Run /entry show ${ref}.`,
  entry_challenged: (ref: string) => `${ref} is under review for 30 days. Run /entry show ${ref}.`,
  entry_decided: (ref: string) => `The review of ${ref} was decided. Run /entry show ${ref}.`,
  confirmation_news: (ref: string) => `There is an answer for ${ref}. Run /allpoints queue.`,
  confirmation_unanswered: (ref: string) =>
    `Nobody answered ${ref}, asked twice; no watch commander could be reached. Run /allpoints queue.`,
  /** confirmation-notice.ts says the rest. */
  entries_suspended: (ref: string) =>
    `No query finds your agency's entries any more: ${ref} was the third request without an answer.`,
  outcome_news: (ref: string) => `There is news of ${ref} after a query. Run /entry show ${ref}.`,
  /** Change with their batch, whose hash they hold the beginning of: batch-notice.ts says the rest. */
  import_waiting: (hash: string) => `An import waits for a second person. Run /entry batch hash:${hash}`,
  import_yours: (hash: string) =>
    `Your operator imported entries in your name. Not yours? Tell your supervisor. See /entry batch hash:${hash}`,
  import_approved: (hash: string) => `Your import was approved. See /entry batch hash:${hash}`,
  import_returned: (hash: string) => `Your import was returned. Run /entry batch hash:${hash}`,
  query_limit: (ref: string) =>
    `For the auditor: ${ref} is the latest of more watch-list queries in an hour than one officer may ask. See who asks so much, and why.`,
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
