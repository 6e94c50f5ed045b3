import { appendAudit } from "../audit/audit-store.ts";
import { endDeliveries, requestInChannels, requestToPerson, wantNew } from "../deliveries/delivery-store.ts";
import type { FollowUp } from "../follow-ups.ts";
import type { Store, Tx } from "../store/store.ts";
import {
  expireBulletin,
  findExpired,
  findReviewers,
  findUnpaged,
  findUnreviewed,
  markPaged,
  shrinkBulletin,
} from "./bulletin-life-store.ts";

interface Due {
  readonly id: string;
  readonly agency_id: string;
}

interface Work {
  readonly name: string;
  /** Found across agencies, as the system. */
  readonly find: (tx: Tx, limit: number) => Promise<readonly Due[]>;
  /** Done for one of them, as the system of its agency. Undefined: somebody else was first. */
  readonly work: (tx: Tx, due: Due) => Promise<readonly string[] | undefined>;
  /** "bulletin.expire" */
  readonly action: string;
}

const chunk = 50;

/** Each in a transaction of its own, and all of them before any failure is reported: one holds up no other. */
function followUp({ name, find, work, action }: Work): FollowUp {
  return {
    name,
    async run(store) {
      const due = await store.transaction({ agency: null, id: "system" }, (tx) => find(tx, chunk));
      const wake = new Set<string>();
      const failures: unknown[] = [];
      for (const one of due) {
        try {
          // oxlint-disable-next-line no-await-in-loop
          for (const installation of await runOne(store, one, { work, action })) wake.add(installation);
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw new AggregateError(failures, `${name} failed for ${failures.length}`);
      return { wake: [...wake], again: due.length === chunk };
    },
  };
}

function runOne(
  store: Store,
  due: Due,
  { work, action }: Pick<Work, "work" | "action">,
): Promise<readonly string[]> {
  return store.transaction({ agency: due.agency_id, id: "system" }, async (tx) => {
    const wake = await work(tx, due);
    if (wake === undefined) return [];
    await appendAudit(tx, due.agency_id, { action, subject: `bulletin:${due.id}` });
    return wake;
  });
}

/** A bulletin whose time is over: its copies lose their content. Nothing new is sent: it ran out, it was not wrong. */
export const expireBulletins = followUp({
  name: "bulletin-expiry",
  action: "bulletin.expire",
  find: findExpired,
  async work(tx, { id }) {
    if (!(await expireBulletin(tx, id))) return undefined;
    const ended = await endDeliveries(tx, { subjectId: id, kind: "bulletin" });
    return [...ended.installations, ...(await wantNew(tx, { subjectId: id, kinds: ["approval", "review"] }))];
  },
});

/** An emergency that nobody has reviewed in 30 minutes: its agency's desk is asked, or else each who may review. */
export const pageReviews = followUp({
  name: "emergency-review",
  action: "bulletin.page-review",
  find: findUnpaged,
  async work(tx, due) {
    if (!(await markPaged(tx, due.id))) return undefined;
    const asked = { kind: "review", subjectId: due.id, agency: due.agency_id, urgency: 1 } as const;
    const desks = await requestInChannels(tx, { ...asked, use: "desk" });
    if (desks.length > 0) return desks;
    const wake: string[] = [];
    for (const officerId of await findReviewers(tx, due)) {
      // oxlint-disable-next-line no-await-in-loop
      wake.push(...(await requestToPerson(tx, { ...asked, officerId })));
    }
    return wake;
  },
});

/** An emergency that nobody has reviewed in a day: every copy becomes a pointer. */
export const shrinkUnreviewed = followUp({
  name: "emergency-shrink",
  action: "bulletin.shrink",
  find: findUnreviewed,
  async work(tx, { id }) {
    if (!(await shrinkBulletin(tx, id))) return undefined;
    return wantNew(tx, { subjectId: id, kinds: ["bulletin"], reviving: true });
  },
});
