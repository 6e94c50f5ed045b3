import { sql } from "kysely";

import type { Tx } from "../store/store.ts";
import { auditDeliveries } from "./delivery-audit-store.ts";
import type { Traced } from "./trace.ts";

/** Tries a dead delivery again from the beginning, as both audits say. False: it is not dead any more. */
export async function replayDelivery(
  tx: Tx,
  { id, ownerId, agencyId, reason }: Pick<Traced, "id" | "ownerId" | "agencyId" | "reason">,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update delivery
       set state = 'pending', reason = null, attempts = 0, due_at = clock_timestamp(),
           -- An earlier post may still be out there: this one says so, and a look-up has to search that far back.
           repeated = repeated or (message is null and reason = 'outcome_unknown'),
           doubt_since = case when repeated or reason = 'outcome_unknown' then doubt_since end
     where id = ${id} and state = 'dead'`.execute(tx);
  if (numAffectedRows !== 1n) return false;
  await auditDeliveries(tx, [
    {
      id,
      ownerAgency: ownerId,
      agency: agencyId,
      action: "delivery.replayed",
      detail: { reason: reason ?? "", by: "operator" },
    },
  ]);
  return true;
}
