import type { InboundEvent } from "../chat.ts";
import type { Tx } from "../store/store.ts";

type Key = Pick<InboundEvent, "platform" | "dedupeKey">;

/** What an earlier arrival of the same event made ("tip:<id>"); undefined when it is the first that made anything. */
export async function findMade(tx: Tx, { platform, dedupeKey }: Key): Promise<string | undefined> {
  const row = await tx
    .selectFrom("inbound_seen")
    .select("made")
    .where("platform", "=", platform)
    .where("dedupe_key", "=", dedupeKey)
    .executeTakeFirst();
  return row?.made ?? undefined;
}

/** Remembers what this event made. False: another arrival of it was first. */
export async function rememberMade(tx: Tx, { platform, dedupeKey }: Key, made: string): Promise<boolean> {
  const result = await tx
    .insertInto("inbound_seen")
    .values({ platform, dedupe_key: dedupeKey, made })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}
