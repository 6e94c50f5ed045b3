import { sql } from "kysely";

import { allowLong, countByKey, listSealedColumns } from "./rewrap-store.ts";
import type { Tx } from "./store.ts";

// What the database knows of root keys: how much is sealed under each, and which are over. Needs the jobs' store.

/** Until the end of the transaction nobody else changes the keyring's file. */
export async function holdKeys(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(7_022_003)`.execute(tx);
}

/** How many values are under each key, in all columns; undefined: not sealed by us. Reads every sealed column. */
export async function countSealed(tx: Tx): Promise<ReadonlyMap<string | undefined, number>> {
  await allowLong(tx);
  const held = new Map<string | undefined, number>();
  for (const column of await listSealedColumns(tx)) {
    // oxlint-disable-next-line no-await-in-loop
    for (const { key, held: more } of await countByKey(tx, column))
      held.set(key, (held.get(key) ?? 0) + more);
  }
  return held;
}

/** Every key that was made with this database or seals something in it, without those that are over. */
export async function listKnown(tx: Tx, held: Iterable<string | undefined>): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from root_key union select key_id from rewrapping`.execute(tx);
  const retired = new Set(await listRetired(tx));
  const sealing = [...held].flatMap((id) => id ?? []);
  return [...new Set([...rows.map(({ id }) => id), ...sealing])].filter((id) => !retired.has(id)).toSorted();
}

/** Keys that were added and never sealed. */
export async function listIdle(tx: Tx): Promise<readonly string[]> {
  const rows = await tx.selectFrom("root_key").select("id").where("activated_at", "is", null).execute();
  return rows.map(({ id }) => id);
}

/** From now on the database knows that there is such a key. */
export async function noteKey(tx: Tx, id: string): Promise<void> {
  await tx
    .insertInto("root_key")
    .values({ id })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** It is the one that seals, and under which everything is wrapped. */
export async function noteActive(tx: Tx, id: string): Promise<void> {
  await sql`
    insert into root_key (id, activated_at) values (${id}, clock_timestamp())
        on conflict (id) do update set activated_at = excluded.activated_at`.execute(tx);
}

/** The key that seals, as far as the database knows; undefined: none was ever activated. */
export async function findActive(tx: Tx): Promise<string | undefined> {
  const row = await tx
    .selectFrom("root_key")
    .select("id")
    .where("activated_at", "is not", null)
    .orderBy("activated_at", "desc")
    .limit(1)
    .executeTakeFirst();
  return row?.id;
}

export async function listRetired(tx: Tx): Promise<readonly string[]> {
  const rows = await tx.selectFrom("retired_key").select("id").orderBy("at").execute();
  return rows.map(({ id }) => id);
}

/** From its commit on the database takes nothing under this key. Says when that is certain: see `olderAreOver`. */
export async function retireKey(tx: Tx, id: string): Promise<string> {
  const { rows } = await sql<{ xact: string }>`
    with retired as (insert into retired_key (id) values (${id}) on conflict do nothing)
    select pg_current_xact_id()::text as xact`.execute(tx);
  return rows[0]?.xact ?? "";
}

/** It is in use again: something is still sealed under it. */
export async function unretireKey(tx: Tx, id: string): Promise<void> {
  await tx.deleteFrom("retired_key").where("id", "=", id).execute();
}

/** Whether every transaction that may not have seen that one's changes has ended. */
export async function olderAreOver(tx: Tx, xact: string): Promise<boolean> {
  const { rows } = await sql<{ over: boolean }>`
    select pg_snapshot_xmin(pg_current_snapshot()) > ${xact}::xid8 as over`.execute(tx);
  return rows[0]?.over === true;
}
