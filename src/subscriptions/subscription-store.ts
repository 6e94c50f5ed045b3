import { sql } from "kysely";

import { bulletinTypes, type BulletinType } from "../bulletins/bulletin.ts";
import { uuidv7 } from "../store/ids.ts";
import type { Tx } from "../store/store.ts";
import type { Wish } from "./subscription.ts";

/** The standing order of a channel of the own agency, if it has one. */
export async function findSubscription(tx: Tx, channelId: string): Promise<Wish | undefined> {
  const row = await tx
    .selectFrom("subscription")
    .select(["types", "min_severity", "areas", "max_tlp", "state"])
    .where("channel_id", "=", channelId)
    .executeTakeFirst();
  return (
    row && {
      types: (Object.keys(bulletinTypes) as BulletinType[]).filter((type) => row.types.includes(type)),
      minSeverity: row.min_severity,
      areas: row.areas,
      maxTlp: row.max_tlp,
      // A channel that came back after it was gone: whoever opens the form means to wake it.
      state: row.state === "suspended" ? "active" : row.state,
    }
  );
}

interface Setting {
  readonly agency: string;
  readonly channelId: string;
  readonly officer: string;
  readonly wish: Wish;
}

/** Sets or changes the one standing order a channel has. Returns its id. */
export async function setSubscription(
  tx: Tx,
  { agency, channelId, officer, wish }: Setting,
): Promise<string> {
  const set = {
    types: [...wish.types],
    min_severity: wish.minSeverity,
    areas: [...wish.areas],
    max_tlp: wish.maxTlp,
    state: wish.state,
    set_by: officer,
    set_at: sql<Date>`clock.now()`,
  };
  const row = await tx
    .insertInto("subscription")
    .values({ id: uuidv7(), agency_id: agency, channel_id: channelId, ...set })
    .onConflict((conflict) => conflict.columns(["agency_id", "channel_id"]).doUpdateSet(set))
    .returning("id")
    .executeTakeFirstOrThrow();
  return row.id;
}
