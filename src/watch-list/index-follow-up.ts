import { HOUR } from "../clock.ts";
import type { Chunk, Due, FollowUp } from "../follow-ups.ts";
import type { Keyring } from "../store/seal.ts";
import type { Store } from "../store/store.ts";
import { findEntry } from "./entry-store.ts";
import { holdUnindexed, listUnindexed } from "./index-stale-store.ts";
import { reindexEntries as makeFindable, type IndexedEntry } from "./index-store.ts";

/**
 * Entries in force that another version indexed, or none: made findable as this one reads names. An update needs no
 * hand for that, and may be interrupted anywhere.
 */
export const reindexEntries: FollowUp = openReindexing(200);

/** `limit`: so many at a time. */
export function openReindexing(limit: number): FollowUp {
  /** Could not be read: left alone for an hour. By this process's clock, because it only paces a machine. */
  const aside = new Map<string, number>();
  const isAside = ([, until]: readonly [string, number]) => until > performance.now();
  return {
    name: "entry-index",
    prompt: true,
    async run(store, keyring) {
      const chunk: Chunk = { limit, except: [...aside].filter(isAside).map(([id]) => id) };
      const due = await store.transaction({ agency: null, id: "system" }, (tx) => listUnindexed(tx, chunk));
      const failed: { readonly subject: string; readonly error: unknown }[] = [];
      for (const [agency, rows] of Map.groupBy(due, (row) => row.agency)) {
        const ids = rows.map(({ id }) => id);
        // oxlint-disable-next-line no-await-in-loop
        failed.push(...(await reindexAll(store, keyring, { agency, ids })));
      }
      for (const { subject } of failed) aside.set(subject, performance.now() + HOUR);
      return { wake: [], again: due.length === limit, failed };
    },
  };
}

interface Batch extends Pick<Due, "agency"> {
  readonly ids: readonly string[];
}

/** All of them at once; where that fails, one after the other, so that one that is broken keeps no other back. */
async function reindexAll(store: Store, keyring: Keyring, { agency, ids }: Batch) {
  try {
    await reindex(store, keyring, { agency, ids });
    return [];
  } catch (error) {
    const [only, ...more] = ids;
    if (only !== undefined && more.length === 0) return [{ subject: only, error }];
    const failed: { readonly subject: string; readonly error: unknown }[] = [];
    for (const id of ids) {
      // oxlint-disable-next-line no-await-in-loop
      await reindex(store, keyring, { agency, ids: [id] }).catch((reason: unknown) =>
        failed.push({ subject: id, error: reason }),
      );
    }
    return failed;
  }
}

async function reindex(store: Store, keyring: Keyring, { agency, ids }: Batch): Promise<void> {
  await store.transaction({ agency, id: "system" }, async (tx) => {
    const entries: IndexedEntry[] = [];
    // Those that ended meanwhile, or that another process has, are not among them.
    for (const id of await holdUnindexed(tx, ids)) {
      // oxlint-disable-next-line no-await-in-loop
      const entry = await findEntry(tx, keyring, id);
      const { sensitivity = null, content } = entry ?? {};
      if (sensitivity === null || content === undefined) throw new Error("an entry in force cannot be read");
      entries.push({ id, agency, sensitivity, ...content });
    }
    await makeFindable(tx, keyring, entries);
  });
}
