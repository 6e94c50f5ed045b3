import { sql } from "kysely";

import type { Tx } from "../store/store.ts";

/** The last question of an officer who asked too often, unless somebody was told of one within the hour. */
export async function findUntold(tx: Tx, officer: string): Promise<string | undefined> {
  const { rows } = await sql<{ ref: string }>`
    select last.ref
      from (select ref from query where officer_id = ${officer} order by at desc, id desc limit 1) as last
     where not exists (
       select from query q join notice n on n.agency_id = q.agency_id and n.ref = q.ref and n.kind = 'query_limit'
        where q.officer_id = ${officer} and q.at > (select clock.now()) - interval '2 hours'
          and n.at > (select clock.now()) - interval '1 hour')`.execute(tx);
  return rows[0]?.ref;
}

/** Those of the own agency who read its audit, but for this officer. */
export async function listAuditors(
  tx: Tx,
  { agency, except }: { readonly agency: string; readonly except: string },
): Promise<readonly string[]> {
  const rows = await tx
    .selectFrom("officer_role")
    .innerJoin("officer", "officer.id", "officer_role.officer_id")
    .select("officer.id")
    .where("officer_role.agency_id", "=", agency)
    .where("officer_role.role", "=", "auditor")
    .where("officer.state", "=", "active")
    .where("officer.id", "!=", except)
    .orderBy("officer.id")
    .execute();
  return rows.map(({ id }) => id);
}
