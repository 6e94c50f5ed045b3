import type { Tx } from "../store/store.ts";
import { endChallenge } from "./entry-challenge-store.ts";
import { dropChange } from "./entry-change-store.ts";
import { entryMoved } from "./entry-notice.ts";
import { nameAudience } from "./entry-store.ts";
import type { Entry } from "./entry.ts";
import { unindexEntry } from "./index-store.ts";

type Ending = Pick<Entry, "id" | "agency" | "ref">;

/** No query finds it any more; what the desk was told of it says so. Returns the installations to wake. */
export async function leaveIndex(tx: Tx, entry: Ending): Promise<readonly string[]> {
  await unindexEntry(tx, entry.id);
  return entryMoved(tx, entry);
}

/** The same for one that is over: nothing of it is left to change or to decide. */
export async function leaveList(tx: Tx, entry: Ending): Promise<readonly string[]> {
  const wake = [...(await leaveIndex(tx, entry))];
  await endChallenge(tx, entry.id);
  const dropped = await dropChange(tx, entry.id);
  if (dropped === undefined) return wake;
  const { agency } = entry;
  await nameAudience(tx, { ...dropped, agency }, []);
  return [...wake, ...(await entryMoved(tx, { ref: dropped.ref, agency }))];
}
