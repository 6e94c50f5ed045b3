import { addNotice } from "../agencies/notice-store.ts";
import { appendAudit } from "../audit/audit-store.ts";
import { requestInChannels, wantNew } from "../deliveries/delivery-store.ts";
import { eachDue } from "../follow-ups.ts";
import type { Store } from "../store/store.ts";
import { deleteTipNotes, findDueTips, keepLonger, purgeTip, type DueTip } from "./tip-store.ts";

/** A tip's time is over: unread, it is escalated once a month; otherwise its words are deleted, a tombstone stays. */
export const tipRetention = eachDue({
  name: "tip-retention",
  find: findDueTips,
  work: (store, tip) => (tip.unread ? escalate(store, tip) : purge(store, tip)),
});

async function escalate(store: Store, { id, ref, agency }: DueTip): Promise<readonly string[]> {
  return store.transaction({ agency, id: "system" }, async (tx) => {
    // Another process may have been first.
    if (!(await keepLonger(tx, id))) return [];
    const subjectId = await addNotice(tx, { agency, kind: "tip_unread", ref });
    await appendAudit(tx, agency, { action: "tip.escalate", subject: `tip:${id}` });
    return requestInChannels(tx, { kind: "notice", subjectId, agency, use: "desk", urgency: 2 });
  });
}

async function purge(store: Store, { id, agency }: DueTip): Promise<readonly string[]> {
  return store.transaction({ agency, id: "system" }, async (tx) => {
    if (!(await purgeTip(tx, id))) return [];
    await deleteTipNotes(tx, id);
    await appendAudit(tx, agency, { action: "tip.purge", subject: `tip:${id}` });
    return wantNew(tx, { subjectId: id, kinds: ["intake"] });
  });
}
