import { sql } from "kysely";

import type { Chunk, Due } from "../follow-ups.ts";
import { noneOf } from "../store/except.ts";
import type { Tx } from "../store/store.ts";
import { INDEX_VERSION } from "./matching/name-reader.ts";

// Entries whose index was written by a version that read names otherwise.

// An older reading only: two versions that run side by side must not undo each other's work for ever.
const STALE = sql<boolean>`state = 'active' and (index_version is null or index_version < ${sql.lit(INDEX_VERSION)})`;

/** As the system: entries in force that were indexed by an older version, or by none. */
export async function listUnindexed(tx: Tx, { limit, except }: Chunk): Promise<readonly Due[]> {
  return tx
    .selectFrom("entry")
    .select(["id", "agency_id as agency"])
    .where(STALE)
    .where(noneOf(except))
    .orderBy("agency_id")
    .limit(limit)
    .execute();
}

/** Those of them that are so still and that no other process has; nobody changes them before this transaction ends. */
export async function holdUnindexed(tx: Tx, ids: readonly string[]): Promise<readonly string[]> {
  const rows = await tx
    .selectFrom("entry")
    .select("id")
    .where("id", "in", [...ids])
    .where(STALE)
    .orderBy("id")
    .forNoKeyUpdate()
    .skipLocked()
    .execute();
  return rows.map(({ id }) => id);
}
