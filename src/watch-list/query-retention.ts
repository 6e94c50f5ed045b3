import { appendAudit } from "../audit/audit-store.ts";
import { eachDue, type Due } from "../follow-ups.ts";
import type { Keyring } from "../store/seal.ts";
import type { Store } from "../store/store.ts";
import { forgetNotes } from "./outcome-store.ts";
import { forgetAskers } from "./query-hit-store.ts";
import { findInputs, forgetInputs, listOldQueries } from "./query-store.ts";
import { askedBytes, readInputs } from "./query.ts";

/** After a year nothing stays of a question but who asked it, when and why, and a keyed hash of what was asked. */
export const queryRetention = eachDue({ name: "query-retention", find: listOldQueries, work: forget });

function forget(store: Store, { id, agency }: Due, keyring: Keyring): Promise<readonly string[]> {
  return store.transaction({ agency, id: "system" }, async (tx) => {
    const inputs = await findInputs(tx, keyring, id);
    if (inputs === undefined) return [];
    const hash = keyring.mac("query", askedBytes(agency, readInputs(inputs)));
    // Another process may have been first.
    if (!(await forgetInputs(tx, { id, hash }))) return [];
    await appendAudit(tx, agency, { action: "query.purge", subject: `query:${id}` });
    await forgetNotes(tx, id);
    for (const hit of await forgetAskers(tx, id)) {
      // To the owner alone: the agency that asked must not learn from its audit that there was a hit.
      // oxlint-disable-next-line no-await-in-loop
      await appendAudit(tx, hit.owner, { action: "hit.purge", subject: `hit:${hit.id}` });
    }
    return [];
  });
}
