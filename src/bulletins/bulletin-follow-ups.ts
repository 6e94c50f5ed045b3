import { appendAudit } from "../audit/audit-store.ts";
import { endDeliveries, requestInChannels, requestToPerson, wantNew } from "../deliveries/delivery-store.ts";
import { eachDue, type Due } from "../follow-ups.ts";
import type { Store, Tx } from "../store/store.ts";
import {
  expireBulletin,
  findExpired,
  findReviewers,
  findUnpaged,
  findUnreviewed,
  markPaged,
  markTried,
  shrinkBulletin,
} from "./bulletin-life-store.ts";

/** Does it as the system of its agency, under an audit row. Undefined: somebody else was first. */
function doOne(
  action: string,
  work: (tx: Tx, due: Due) => Promise<readonly string[] | undefined>,
): (store: Store, due: Due) => Promise<readonly string[]> {
  return (store, due) =>
    store.transaction({ agency: due.agency, id: "system" }, async (tx) => {
      const wake = await work(tx, due);
      if (wake === undefined) return [];
      await appendAudit(tx, due.agency, { action, subject: `bulletin:${due.id}` });
      return wake;
    });
}

/** A bulletin whose time is over: its copies lose their content. Nothing new is sent: it ran out, it was not wrong. */
export const expireBulletins = eachDue({
  name: "bulletin-expiry",
  find: findExpired,
  work: doOne("bulletin.expire", async (tx, { id }) => {
    if (!(await expireBulletin(tx, id))) return undefined;
    const ended = await endDeliveries(tx, { subjectId: id, kind: "bulletin", lapsed: true });
    return [...ended.installations, ...(await wantNew(tx, { subjectId: id, kinds: ["approval", "review"] }))];
  }),
});

/** An emergency that nobody has reviewed in 30 minutes: its agency's desk is asked, or else each who may review. */
export const pageReviews = eachDue({
  name: "emergency-review",
  find: findUnpaged,
  async work(store, due) {
    const asked = await page(store, due);
    if (asked === "nobody") {
      // Thrown after the commit: it is for the operator's log, and the next try is a minute away.
      throw Object.assign(new Error("nobody could be asked to review an emergency"), { code: "NO_REVIEWER" });
    }
    return asked;
  },
});

function page(store: Store, due: Due): Promise<readonly string[] | "nobody"> {
  return store.transaction({ agency: due.agency, id: "system" }, async (tx) => {
    if (!(await markPaged(tx, due.id))) return [];
    const wake = await askForReview(tx, due);
    if (wake.length === 0) {
      await markTried(tx, due.id);
      return "nobody";
    }
    await appendAudit(tx, due.agency, { action: "bulletin.page-review", subject: `bulletin:${due.id}` });
    return wake;
  });
}

async function askForReview(tx: Tx, due: Due): Promise<readonly string[]> {
  const asked = { kind: "review", subjectId: due.id, agency: due.agency, urgency: 1 } as const;
  const desks = await requestInChannels(tx, { ...asked, use: "desk" });
  if (desks.length > 0) return desks;
  const wake: string[] = [];
  for (const officerId of await findReviewers(tx, due)) {
    // oxlint-disable-next-line no-await-in-loop
    wake.push(...(await requestToPerson(tx, { ...asked, officerId })));
  }
  return wake;
}

/** An emergency that nobody has reviewed in a day: every copy becomes a pointer, also where an edit failed before. */
export const shrinkUnreviewed = eachDue({
  name: "emergency-shrink",
  find: findUnreviewed,
  work: doOne("bulletin.shrink", async (tx, { id }) => {
    if (!(await shrinkBulletin(tx, id))) return undefined;
    return wantNew(tx, { subjectId: id, kinds: ["bulletin"], reviving: true });
  }),
});
