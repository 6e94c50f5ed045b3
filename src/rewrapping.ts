import { appendAudit } from "./audit/audit-store.ts";
import type { FollowUp } from "./follow-ups.ts";
import { findActive } from "./store/key-store.ts";
import {
  allowLong,
  countBlocks,
  countByKey,
  prepareRewrapping,
  replaceHeads,
  saveRewrapping,
  takeHeads,
  takeRewrapping,
  type Rewrapping,
  type SealedColumn,
} from "./store/rewrap-store.ts";
import type { Keyring } from "./store/seal.ts";
import type { Store, Tx } from "./store/store.ts";

const system = { agency: null, id: "system" } as const;
/** Half a megabyte of a table: some thousand short values, and their rows are held for some hundred milliseconds. */
const BLOCKS = 64;
/** So long a run goes on before the other follow-ups have their turn. */
const RUN_MS = 500;

/**
 * After a root key was added: puts every sealed value under it, column by column and some blocks at a time. How far it
 * is stands in the database, so that any process goes on where another stopped, and several share the columns.
 */
export const rewrapping: FollowUp = {
  name: "rewrapping",
  async run(store, keyring) {
    const idle = { wake: [], again: false };
    // Nothing can be under another key, and nothing is asked of the database.
    if (keyring.keyIds.length < 2) return idle;
    const untilMs = performance.now() + RUN_MS;
    if (!(await prepare(store, keyring.currentKeyId))) return idle;
    while (performance.now() < untilMs) {
      // oxlint-disable-next-line no-await-in-loop
      if (!(await rewrapSome(store, keyring))) return idle;
    }
    return { wake: [], again: true };
  },
};

/** False: another key seals by now, and this process's keyring is an older one. It would wrap everything back. */
function prepare(store: Store, key: string): Promise<boolean> {
  return store.transaction(system, async (tx) => {
    const active = await findActive(tx);
    if (active !== undefined && active !== key) return false;
    await prepareRewrapping(tx, key);
    return true;
  });
}

/** Some blocks of one column. False: nothing is left that is not held by others. */
function rewrapSome(store: Store, keyring: Keyring): Promise<boolean> {
  return store.transaction(system, async (tx) => {
    const key = keyring.currentKeyId;
    const at = await takeRewrapping(tx, key);
    if (at === undefined) return false;
    const begins = at.endBlock === undefined;
    const endBlock = at.endBlock ?? (await countBlocks(tx, at));
    const to = Math.min(at.nextBlock + BLOCKS, endBlock);
    const { moved, failed } = await rewrapBlocks(tx, keyring, { column: at, from: at.nextBlock, to });
    const done = {
      ...at,
      nextBlock: to,
      endBlock,
      moved: at.moved + moved,
      failed: (begins ? 0 : at.failed) + failed,
    };
    if (to === endBlock) return endPass(tx, keyring, done);
    await saveRewrapping(tx, key, { ...done, clean: false });
    return true;
  });
}

interface Blocks {
  readonly column: SealedColumn;
  readonly from: number;
  readonly to: number;
}

async function rewrapBlocks(tx: Tx, keyring: Keyring, { column, from, to }: Blocks) {
  const keys = keyring.keyIds.filter((id) => id !== keyring.currentKeyId);
  const heads = await takeHeads(tx, column, { keys, from, to });
  const wrapped = heads.flatMap((head) => {
    const after = wrapAnew(keyring, head.head);
    return after === undefined ? [] : [{ ...head, after }];
  });
  const moved = await replaceHeads(tx, column, wrapped);
  return { moved, failed: heads.length - wrapped.length };
}

/** Undefined: its own key does not open, because somebody or something changed it. It stays, and is counted. */
function wrapAnew(keyring: Keyring, head: Buffer): Buffer | undefined {
  try {
    return keyring.rewrapHead(head);
  } catch {
    return undefined;
  }
}

/**
 * Rows that others held, or that moved within their table while the pass went by, are left for the next one: false, for
 * a while. A column is done when what is left of it is damaged; one audit row then says how many values were moved.
 */
async function endPass(tx: Tx, keyring: Keyring, done: Rewrapping): Promise<boolean> {
  const { relation, sealed, moved, failed } = done;
  const key = keyring.currentKeyId;
  const clean = (await countUnder(tx, keyring, done)) <= failed;
  const pass = { ...done, nextBlock: 0, endBlock: undefined, moved: clean ? 0 : moved };
  await saveRewrapping(tx, key, { ...pass, clean });
  if (clean && moved > 0) {
    await appendAudit(tx, null, {
      action: "keys.rewrap",
      subject: `key:${key}`,
      detail: { table: relation, column: sealed, values: moved, failed },
    });
  }
  return clean;
}

/** How many values are under keys of the keyring that do not seal any more. */
async function countUnder(tx: Tx, { currentKeyId, keyIds }: Keyring, column: SealedColumn): Promise<number> {
  const others = new Set(keyIds.filter((id) => id !== currentKeyId));
  await allowLong(tx);
  const held = await countByKey(tx, column);
  return held.reduce((sum, one) => (others.has(one.key ?? "") ? sum + one.held : sum), 0);
}
