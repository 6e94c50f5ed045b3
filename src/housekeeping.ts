import type { FollowUp } from "./follow-ups.ts";
import { deleteDrafts, deleteInvitations, deleteLinkRequests, deleteSeen } from "./housekeeping-store.ts";
import { queryRetention } from "./watch-list/query-retention.ts";
import { forgetTokens } from "./watch-list/vocabulary-store.ts";

const CHUNK = 500;
const system = { agency: null, id: "system" } as const;

/** Deletes what was promised to be kept for a while only. Rows that only machines read leave no audit; queries do. */
export const housekeeping: FollowUp = {
  name: "housekeeping",
  async run(store, keyring) {
    const counts = await store.transaction(system, async (tx) => [
      await deleteSeen(tx, CHUNK),
      await deleteLinkRequests(tx, CHUNK),
      await deleteInvitations(tx, CHUNK),
      await deleteDrafts(tx, CHUNK),
      await forgetTokens(tx, CHUNK),
    ]);
    const queries = await queryRetention.run(store, keyring);
    return { ...queries, again: queries.again || counts.includes(CHUNK) };
  },
};
