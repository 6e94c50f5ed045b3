import { sql } from "kysely";

import type { Tx } from "./store.ts";

// Which columns are sealed, under which keys, and how far wrapping them anew is. Needs the jobs' store, as the system
// or the operator. Nothing here opens a value, and no body of one leaves the database.

/** A column that holds sealed values, as the catalog knows it: `*_sealed`. */
export interface SealedColumn {
  readonly relation: string;
  readonly sealed: string;
}

/** Reading all of a table of millions takes longer than anything else may, until the end of the transaction. */
export async function allowLong(tx: Tx): Promise<void> {
  await sql`set local statement_timeout = '10min'`.execute(tx);
}

export async function listSealedColumns(tx: Tx): Promise<readonly SealedColumn[]> {
  const { rows } = await sql<SealedColumn>`select relation, sealed from sealed_columns()`.execute(tx);
  return rows;
}

/** How many values of a column are under which key; undefined: not sealed by us. Reads all of the column. */
export async function countByKey(
  tx: Tx,
  { relation, sealed }: SealedColumn,
): Promise<readonly { readonly key: string | undefined; readonly held: number }[]> {
  const { rows } = await sql<{ key: string | null; held: string }>`
    select key_id as key, held from count_by_key(${relation}, ${sealed})`.execute(tx);
  return rows.map(({ key, held }) => ({ key: key ?? undefined, held: Number(held) }));
}

/** A pass over one column, and how far it is. */
export interface Rewrapping extends SealedColumn {
  /** The block it goes on at, and the one it ends at; undefined: it begins. */
  readonly nextBlock: number;
  readonly endBlock: number | undefined;
  /** Values that were put under the current key since the last audit row. */
  readonly moved: number;
  /** Values that this pass could not open. */
  readonly failed: number;
}

/** A row for every sealed column; those that are there stay as they are. */
export async function prepareRewrapping(tx: Tx, key: string): Promise<void> {
  await sql`
    insert into rewrapping (key_id, relation, sealed)
    select ${key}, c.relation, c.sealed from sealed_columns() c
        on conflict do nothing`.execute(tx);
}

/**
 * A column that is not known to be wholly under this key, held until the transaction ends. One that was found so is
 * looked at again after an hour: a process that had not heard of the key may have sealed under the one before.
 */
export async function takeRewrapping(tx: Tx, key: string): Promise<Rewrapping | undefined> {
  const { rows } = await sql<Omit<Rewrapping, "endBlock"> & { readonly endBlock: number | null }>`
    select relation, sealed, next_block::float8 as "nextBlock", end_block::float8 as "endBlock",
           moved::float8 as moved, failed::float8 as failed
      from rewrapping
     where key_id = ${key} and (clean_at is null or clean_at < clock_timestamp() - interval '1 hour')
     order by relation, sealed limit 1 for update skip locked`.execute(tx);
  const [row] = rows;
  return row && { ...row, endBlock: row.endBlock ?? undefined };
}

/** How many blocks the column's table has now. */
export async function countBlocks(tx: Tx, { relation, sealed }: SealedColumn): Promise<number> {
  const { rows } = await sql<{ blocks: string }>`
    select blocks_of(${relation}, ${sealed}) as blocks`.execute(tx);
  return Number(rows[0]?.blocks ?? 0);
}

/** What stands before a value's body, and where in its table the value is, for this transaction. */
export interface Head {
  readonly place: string;
  readonly head: Buffer;
}

/** Heads under any of these keys. Their rows are held; those that others hold are left for the next pass. */
export async function takeHeads(
  tx: Tx,
  { relation, sealed }: SealedColumn,
  { keys, from, to }: { readonly keys: readonly string[]; readonly from: number; readonly to: number },
): Promise<readonly Head[]> {
  const { rows } = await sql<Head>`
    select place, head from heads_under(${relation}, ${sealed}, ${keys}, ${from}, ${to})`.execute(tx);
  return rows;
}

/** Puts new heads before the same bodies; how many. */
export async function replaceHeads(
  tx: Tx,
  { relation, sealed }: SealedColumn,
  heads: readonly (Head & { readonly after: Buffer })[],
): Promise<number> {
  if (heads.length === 0) return 0;
  const { rows } = await sql<{ replaced: string }>`
    select replace_heads(${relation}, ${sealed}, ${heads.map(({ place }) => place)}::text[],
      ${heads.map(({ head }) => head)}::bytea[], ${heads.map(({ after }) => after)}::bytea[]) as replaced`.execute(
    tx,
  );
  return Number(rows[0]?.replaced ?? 0);
}

/** How far the pass is now; `clean`: nothing of the column is left that can be moved. */
export async function saveRewrapping(
  tx: Tx,
  key: string,
  { clean, ...to }: Rewrapping & { readonly clean: boolean },
): Promise<void> {
  await sql`
    update rewrapping
       set next_block = ${to.nextBlock}, end_block = ${to.endBlock ?? null}, moved = ${to.moved},
           failed = ${to.failed}, clean_at = case when ${clean} then clock_timestamp() end
     where key_id = ${key} and relation = ${to.relation} and sealed = ${to.sealed}`.execute(tx);
}

/** Has every column looked at again at once. */
export async function restartRewrapping(tx: Tx, key: string): Promise<void> {
  await tx.updateTable("rewrapping").set({ clean_at: null }).where("key_id", "=", key).execute();
}

/** Of how many columns a pass found nothing left to do, of how many, and what it could not open. */
export async function rewrappingProgress(tx: Tx, key: string) {
  const { rows } = await sql<{ clean: number; columns: number; failed: number }>`
    select count(*) filter (where clean_at is not null)::int as clean,
           (select count(*)::int from sealed_columns()) as columns, coalesce(sum(failed), 0)::int as failed
      from rewrapping where key_id = ${key}`.execute(tx);
  return rows[0] ?? { clean: 0, columns: 0, failed: 0 };
}
