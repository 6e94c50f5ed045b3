import { sql } from "kysely";

import { memberOf, type DirectoryRow } from "../agencies/agency-store.ts";
import type { Tx } from "../store/store.ts";

/** What a copy is made of, in one statement, because copies are made by the thousand. */
export async function bulletinToShow(
  tx: Tx,
  {
    id,
    kind,
    agencies,
  }: { readonly id: string; readonly kind: string; readonly agencies: readonly string[] },
) {
  const row = await tx
    .selectFrom("bulletin as b")
    .innerJoin(sql<DirectoryRow>`agency_directory()`.as("o"), (join) =>
      join.onRef("o.id", "=", "b.agency_id"),
    )
    .selectAll("b")
    .select([
      "o.name as owner_name",
      "o.state as owner_state",
      "o.contact_name as owner_contact_name",
      "o.contact_phone as owner_contact_phone",
      "o.time_zone as owner_zone",
      "o.areas as owner_areas",
      sql<Date>`clock.now()`.as("now"),
      sql<boolean>`exists (select from acknowledgment k
        where k.bulletin_id = b.id and k.kind = ${kind} and k.agency_id = any(${agencies}::uuid[]))`.as(
        "acknowledged",
      ),
    ])
    .where("b.id", "=", id)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const owner = memberOf({
    id: row.agency_id,
    name: row.owner_name,
    state: row.owner_state,
    contact_name: row.owner_contact_name,
    contact_phone: row.owner_contact_phone,
    time_zone: row.owner_zone,
    areas: row.owner_areas,
  });
  return { row, owner, now: row.now, acknowledged: row.acknowledged };
}
