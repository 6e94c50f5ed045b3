import { sql } from "kysely";

import { uuidv7 } from "../store/ids.ts";
import type { Tx } from "../store/store.ts";
import type { AuditEntry } from "./audit.ts";

/** Writes one event: a row for each agency concerned, or one on the operator's chain when there is none. */
export async function appendAudit(tx: Tx, agency: string | null, entry: AuditEntry): Promise<void> {
  const agencies = [...new Set([...(agency === null ? [] : [agency]), ...(entry.also ?? [])])];
  await sql`select append_audit(${uuidv7()}::uuid, ${agencies}::uuid[], ${entry.action}, ${entry.subject},
    ${entry.outcome ?? "ok"}, ${JSON.stringify(entry.detail ?? {})}::jsonb)`.execute(tx);
}
