import { appendAudit } from "../audit/audit-store.ts";
import { eachDue, type Chunk, type Due, type FollowUp } from "../follow-ups.ts";
import type { Tx } from "../store/store.ts";
import { forgetChallenges } from "./entry-challenge-store.ts";
import { leaveIndex, leaveList } from "./entry-ending.ts";
import { endEntry, listOverdue, listPurgeable, purgeEntry } from "./entry-life-store.ts";
import { noticeOfEntry } from "./entry-notice.ts";
import { listNeglected, listReviewsDue, markReviewTold, suspendNeglected } from "./entry-review-store.ts";
import { unindexEntry } from "./index-store.ts";

type DueEntry = Due & { readonly ref: string };

interface Named<Row> {
  readonly name: string;
  readonly action: string;
  /** For the audit. */
  readonly detail?: (due: Row) => { readonly reason: string };
}

/** Works on each entry that is due, as the agency it belongs to. */
function followUp<Row extends DueEntry>(
  { name, action, detail }: Named<Row>,
  find: (tx: Tx, chunk: Chunk) => Promise<readonly Row[]>,
  // Installations to deliver in. Undefined: another process was first, or somebody acted in the meantime.
  work: (tx: Tx, due: Row) => Promise<readonly string[] | undefined>,
): FollowUp {
  return eachDue({
    name,
    find,
    work: (store, due) =>
      store.transaction({ agency: due.agency, id: "system" }, async (tx) => {
        const wake = await work(tx, due);
        if (wake === undefined) return [];
        await appendAudit(tx, due.agency, {
          action,
          subject: `entry:${due.id}`,
          ...(detail !== undefined && { detail: detail(due) }),
        });
        return wake;
      }),
  });
}

/** Says of every entry whose time is over that it is. Queries look at the clock themselves and never waited for this. */
export const expireEntries = followUp(
  { name: "entry-expiry", action: "entry.expire" },
  listOverdue,
  async (tx, due) => {
    if (!(await endEntry(tx, due.id, { state: "expired", reason: "expired" }))) return undefined;
    return leaveList(tx, due);
  },
);

/** Within a day of an entry's end its words are deleted, so that nobody can bring it back by mistake. */
export const purgeEntries = followUp(
  { name: "entry-purge", action: "entry.purge" },
  listPurgeable,
  async (tx, { id }) => {
    if (!(await purgeEntry(tx, id))) return undefined;
    await forgetChallenges(tx, id);
    // It left the index when it ended; whatever was left there all the same goes now.
    await unindexEntry(tx, id);
    return [];
  },
);

/** Tells its author and the desk, once, that an entry's review is due. It stays in force for two weeks. */
export const announceReviews = followUp(
  { name: "entry-review", action: "entry.review-due" },
  listReviewsDue,
  async (tx, due) =>
    (await markReviewTold(tx, due.id)) ? noticeOfEntry(tx, due, "entry_review") : undefined,
);

/** Takes an entry out of every query whose review was missed, or that was challenged and nobody decided. */
export const suspendNeglectedEntries = followUp(
  { name: "entry-neglect", action: "entry.suspend", detail: ({ reason }) => ({ reason }) },
  listNeglected,
  async (tx, due) => {
    if (!(await suspendNeglected(tx, due))) return undefined;
    const moved = await leaveIndex(tx, due);
    return [...moved, ...(await noticeOfEntry(tx, due, "entry_suspended"))];
  },
);
