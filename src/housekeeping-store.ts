import { sql } from "kysely";

import type { Tx } from "./store/store.ts";

// What nobody needs any more, of all agencies, a chunk at a time. Each says how many it deleted.

/** What arrived two days ago no platform repeats. By the real clock, as it was written. */
export async function deleteSeen(tx: Tx, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from inbound_seen where (platform, dedupe_key) in (
      select platform, dedupe_key from inbound_seen where at < clock_timestamp() - interval '2 days'
       order by at limit ${limit})`.execute(tx);
  return Number(numAffectedRows ?? 0);
}

/** Codes of strangers, thirty days after they were used or ran out. */
export async function deleteLinkRequests(tx: Tx, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from link_request where code_hash in (
      select code_hash from link_request
       where least(used_at, expires_at) < (select clock.now()) - interval '30 days'
       order by expires_at limit ${limit})`.execute(tx);
  return Number(numAffectedRows ?? 0);
}

/** Invitations, thirty days after they were used or ran out. */
export async function deleteInvitations(tx: Tx, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from invitation where id in (
      select id from invitation where least(used_at, expires_at) < (select clock.now()) - interval '30 days'
       order by expires_at limit ${limit})`.execute(tx);
  return Number(numAffectedRows ?? 0);
}

/** What was entered into forms that nobody opened again. */
export async function deleteDrafts(tx: Tx, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from form_draft where id in (
      select id from form_draft where expires_at <= (select clock.now()) order by expires_at limit ${limit})`.execute(
    tx,
  );
  return Number(numAffectedRows ?? 0);
}
