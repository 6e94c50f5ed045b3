import { officerName } from "../agencies/officer-store.ts";
import { appendAudit } from "../audit/audit-store.ts";
import { requestInChannels } from "../deliveries/delivery-store.ts";
import { eachDue, type Due } from "../follow-ups.ts";
import type { Keyring } from "../store/seal.ts";
import type { Store, Tx } from "../store/store.ts";
import type { Sensitivity } from "./entry.ts";
import {
  listHitEntries,
  listUnfollowed,
  recordHit,
  recordHitGiving,
  takeUnfollowed,
  type Shown,
  type Unfollowed,
} from "./query-hit-store.ts";
import { isUrgent } from "./query.ts";

/**
 * After every question, hit or not: its hits, what was given away, and the owners' notices. Done apart from the answer,
 * so that nothing the asker sees or could time depends on what was found.
 */
export const queryFollowUp = eachDue({
  name: "queries",
  // The owner of what was hit may have to act.
  prompt: true,
  find: listUnfollowed,
  work: follow,
});

function follow(store: Store, { id, agency }: Due, keyring: Keyring): Promise<readonly string[]> {
  return store.transaction({ agency, id: "system" }, async (tx) => {
    const query = await takeUnfollowed(tx, keyring, id);
    return query === undefined ? [] : tellOwners(tx, keyring, query);
  });
}

/** What an answer may have shown of an entry. Where the platform held it back, it could be read again elsewhere. */
export const shownOf: Readonly<Record<Sensitivity, Shown>> = {
  OPEN: "full",
  AGENCY_ONLY: "owner_only",
  RESTRICTED: "nothing",
};

async function tellOwners(tx: Tx, keyring: Keyring, query: Unfollowed): Promise<readonly string[]> {
  const entries = new Map(
    (
      await listHitEntries(
        tx,
        query.found.map(({ entryId }) => entryId),
      )
    ).map((entry) => [entry.id, entry]),
  );
  const { caseRef, unit } = query.inputs;
  const asker = { name: await officerName(tx, keyring, query.officer), caseRef, unit };
  const wake: string[] = [];
  for (const { entryId, sensitivity } of query.found) {
    const entry = entries.get(entryId);
    if (entry === undefined) continue;
    const shown = shownOf[sensitivity];
    // One after the other: it is one connection.
    // oxlint-disable-next-line no-await-in-loop
    const hit = await recordHit(tx, keyring, { query, entry, sensitivity, shown, asker });
    if (hit === undefined) continue;
    // oxlint-disable-next-line no-await-in-loop
    await recordHitGiving(tx, { query, entry, shown });
    // oxlint-disable-next-line no-await-in-loop
    wake.push(...(await tellDesk(tx, { hit, owner: entry.owner, query })));
  }
  return wake;
}

interface Telling {
  readonly hit: string;
  readonly owner: string;
  readonly query: Unfollowed;
}

/** Into the owner's desk channel, or where its tips arrive if it has none. The audit says if it has neither. */
export async function tellDesk(tx: Tx, { hit, owner, query }: Telling): Promise<readonly string[]> {
  const notice = {
    kind: "hit",
    subjectId: hit,
    agency: owner,
    urgency: isUrgent(query.purpose) ? 2 : 3,
  } as const;
  const desk = await requestInChannels(tx, { ...notice, use: "desk" });
  const woken = desk.length > 0 ? desk : await requestInChannels(tx, { ...notice, use: "intake" });
  await appendAudit(tx, owner, {
    action: "hit.notified",
    subject: `hit:${hit}`,
    detail: { purpose: query.purpose, posted: woken.length > 0 },
  });
  return woken;
}
