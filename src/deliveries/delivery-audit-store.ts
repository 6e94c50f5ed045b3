import { sql } from "kysely";

import { uuidv7 } from "../store/ids.ts";
import type { Tx } from "../store/store.ts";

/** One delivery that came to rest, and what the audit says of it: codes only. */
export interface AuditedDelivery {
  readonly id: string;
  readonly ownerAgency: string;
  readonly agency: string;
  /** "delivery.applied" */
  readonly action: string;
  readonly detail: Readonly<Record<string, string | number>>;
}

/** Both agencies get a row for each delivery. One statement, because a recall touches thousands. */
export async function auditDeliveries(tx: Tx, deliveries: readonly AuditedDelivery[]): Promise<void> {
  if (deliveries.length === 0) return;
  const events = deliveries.map(({ id, ownerAgency, agency, action, detail }) => ({
    event: uuidv7(),
    agencies: [...new Set([ownerAgency, agency])],
    action,
    subject: `delivery:${id}`,
    detail,
  }));
  await sql`select append_audits(${JSON.stringify(events)}::jsonb)`.execute(tx);
}
