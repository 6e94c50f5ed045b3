import { sql } from "kysely";

import { uuidv7 } from "../store/ids.ts";
import type { Tx } from "../store/store.ts";
import type { Rendered } from "./delivery.ts";

export interface Giving {
  readonly ownerAgency: string;
  readonly agency: string;
  readonly channelId: string;
  readonly given: NonNullable<Rendered["given"]>;
}

/**
 * Writes down what a channel is about to be given: once for each version and level, however often it is sent. False:
 * it was written before. The caller holds the delivery's row, which keeps a second one out.
 */
export async function recordGiving(
  tx: Tx,
  { ownerAgency, agency, channelId, given }: Giving,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into dissemination (id, kind, object, version, owner_agency_id, agency_id, channel_id, reason, tlp, level)
    select ${uuidv7()}::uuid, 'delivery', ${given.object}::text, ${given.version}::int, ${ownerAgency}::uuid,
           ${agency}::uuid, ${channelId}::uuid, ${given.reason}::text, ${given.tlp}::text, ${given.level}::text
     where not exists (
       select from dissemination
        where object = ${given.object} and version = ${given.version} and channel_id = ${channelId}
          and level = ${given.level} and kind = 'delivery')`.execute(tx);
  return numAffectedRows === 1n;
}
