import { appendAudit } from "../audit/audit-store.ts";
import { eachDue, type Due } from "../follow-ups.ts";
import type { Store, Tx } from "../store/store.ts";
import {
  holdSuspension,
  listToSuspend,
  listUnswept,
  noteSuspended,
} from "./confirmation-suspension-store.ts";
import { suspendEntry } from "./entry-life-store.ts";
import { entryMoved } from "./entry-notice.ts";
import { unindexEntry } from "./index-store.ts";

const CHUNK = 100;

/**
 * Takes a silent agency's entries out of every query: one chunk in each run, however many there are, so that nothing
 * else that is due waits for a million of them.
 */
export const suspendEntries = eachDue({
  name: "entry-suspension",
  prompt: true,
  find: listUnswept,
  limit: 1,
  work: suspendChunk,
});

/** Installations to wake. */
function suspendChunk(store: Store, { id: suspension, agency }: Due): Promise<readonly string[]> {
  return store.transaction({ agency, id: "system" }, async (tx) => {
    if (!(await holdSuspension(tx, suspension))) return [];
    const entries = await listToSuspend(tx, { suspension, limit: CHUNK });
    const wake: string[] = [];
    let suspended = 0;
    for (const entry of entries) {
      // oxlint-disable-next-line no-await-in-loop
      const woken = await suspendOne(tx, entry);
      if (woken !== undefined) suspended += 1;
      wake.push(...(woken ?? []));
    }
    const last = entries.length < CHUNK;
    await noteSuspended(tx, { suspension, entries: suspended, to: entries.at(-1)?.id, last });
    await appendAudit(tx, agency, {
      action: "agency.suspended-entries",
      subject: `suspension:${suspension}`,
      detail: { entries: suspended, last },
    });
    return wake;
  });
}

interface Entry {
  readonly id: string;
  readonly ref: string;
  readonly agency: string;
}

/** Undefined: somebody ended or suspended it in the meantime. */
async function suspendOne(tx: Tx, entry: Entry): Promise<readonly string[] | undefined> {
  const { id, agency } = entry;
  if (!(await suspendEntry(tx, id, "confirmations_unanswered"))) return undefined;
  await unindexEntry(tx, id);
  await appendAudit(tx, agency, {
    action: "entry.suspend",
    subject: `entry:${id}`,
    detail: { reason: "confirmations_unanswered" },
  });
  return entryMoved(tx, entry);
}
