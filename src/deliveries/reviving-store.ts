import { sql } from "kysely";

import type { Tx } from "../store/store.ts";
import { auditDeliveries } from "./delivery-audit-store.ts";

interface Revived {
  readonly id: string;
  readonly owner_agency_id: string;
  readonly agency_id: string;
  readonly installation_id: string;
  readonly reason: string;
}

/**
 * A channel has its use again, or a workspace is connected again: what ended while it could not be reached is tried
 * again there. As the channel's agency, or as the operator. Returns the installations to wake.
 */
export async function reviveEnded(
  tx: Tx,
  place: { readonly channelId: string } | { readonly installationId: string },
): Promise<readonly string[]> {
  const [channel, installation] =
    "channelId" in place ? [place.channelId, null] : [null, place.installationId];
  const { rows } = await sql<Revived>`
    select * from revive_ended(${channel}::uuid, ${installation}::uuid)`.execute(tx);
  await auditDeliveries(
    tx,
    rows.map(({ id, owner_agency_id, agency_id, reason }) => ({
      id,
      ownerAgency: owner_agency_id,
      agency: agency_id,
      action: "delivery.revived",
      detail: { reason },
    })),
  );
  return [...new Set(rows.map((row) => row.installation_id))];
}
