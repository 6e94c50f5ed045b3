import { appendAudit } from "../audit/audit-store.ts";
import { eachDue, type Chunk, type Due, type FollowUp } from "../follow-ups.ts";
import type { Tx } from "../store/store.ts";
import { endEntry, listOverdue, listPurgeable, purgeEntry } from "./entry-life-store.ts";
import { entryMoved } from "./entry-notice.ts";
import { unindexEntry } from "./index-store.ts";

type DueEntry = Due & { readonly ref: string };

/** Works on each entry that is due, as the agency it belongs to. */
function followUp(
  { name, action }: { readonly name: string; readonly action: string },
  find: (tx: Tx, chunk: Chunk) => Promise<readonly DueEntry[]>,
  // Installations to deliver in. Undefined: another process was first, or somebody acted in the meantime.
  work: (tx: Tx, due: DueEntry) => Promise<readonly string[] | undefined>,
): FollowUp {
  return eachDue({
    name,
    find,
    work: (store, due) =>
      store.transaction({ agency: due.agency, id: "system" }, async (tx) => {
        const wake = await work(tx, due);
        if (wake === undefined) return [];
        await appendAudit(tx, due.agency, { action, subject: `entry:${due.id}` });
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
    await unindexEntry(tx, due.id);
    return entryMoved(tx, due);
  },
);

/** A day after an entry ended its words are deleted, so that nobody can bring it back by mistake. */
export const purgeEntries = followUp(
  { name: "entry-purge", action: "entry.purge" },
  listPurgeable,
  async (tx, { id }) => ((await purgeEntry(tx, id)) ? [] : undefined),
);
