import { appendAudit } from "../../audit/audit-store.ts";
import { eachDue, type FollowUp } from "../../follow-ups.ts";
import type { Keyring } from "../../store/seal.ts";
import type { Tx } from "../../store/store.ts";
import { noteSuspended } from "../confirmation-suspension-store.ts";
import { openWords } from "../entry-store.ts";
import { indexEntries } from "../index-store.ts";
import {
  claimOpen,
  closeRows,
  findSuspensionSince,
  finishBatch,
  giveBackEntries,
  listDecided,
  suspendAtOnce,
  SUSPENDED,
  tryActivation,
  type Activated,
  type DueBatch,
} from "./batch-settling-store.ts";
import { batchMoved, tellAuthor } from "./batch-tell.ts";

const CHUNK = 500;

/**
 * Carries a decision about a batch to its entries: in force and findable, or back to their author. A chunk in each
 * transaction, so that a crash loses one chunk's work and no process waits for another.
 */
export const settleBatches: FollowUp = eachDue<DueBatch>({
  name: "import-decision",
  find: listDecided,
  limit: 1,
  work: (store, due, keyring) =>
    store.transaction({ agency: due.agency, id: "system" }, (tx) => settleChunk(tx, keyring, due)),
});

/** Installations to wake. */
async function settleChunk(tx: Tx, keyring: Keyring, due: DueBatch): Promise<readonly string[]> {
  const { id: batch, agency, hash, state, author } = due;
  const ids = await claimOpen(tx, { batch, limit: CHUNK });
  const { done, keptOut } = await (state === "approved"
    ? putInForce(tx, keyring, { due, ids })
    : giveBack(tx, ids));
  await closeRows(tx, ids, keptOut);
  const ended = ids.length < CHUNK ? await finishBatch(tx, batch) : undefined;
  const over = ended !== undefined;
  if (ids.length === 0 && !over) return [];
  const action = state === "approved" ? "import.activate" : "import.give-back";
  await appendAudit(tx, agency, {
    action,
    subject: `import:${batch}`,
    detail: { entries: done, left: ids.length - done, kept_out: keptOut.size, over },
  });
  const moved = await batchMoved(tx, { agency, hash });
  return over
    ? [...moved, ...(await tellAuthor(tx, { agency, hash, author, approved: ended === "active" }))]
    : moved;
}

interface Settled {
  /** So many are where the decision sent them. */
  readonly done: number;
  /** By id, why others are not. */
  readonly keptOut: ReadonlyMap<string, string>;
}

async function giveBack(tx: Tx, ids: readonly string[]): Promise<Settled> {
  await giveBackEntries(tx, ids);
  return { done: ids.length, keptOut: new Map() };
}

interface Claimed {
  readonly due: DueBatch;
  readonly ids: readonly string[];
}

/**
 * What the database refuses (whoever approved it may not do so any more, a rule about one row) goes back to its author
 * and stops nothing else: imported again, it waits for a second person again.
 */
async function putInForce(tx: Tx, keyring: Keyring, { due, ids }: Claimed): Promise<Settled> {
  const suspension = await findSuspensionSince(tx, due);
  const { active, refused } = await activate(tx, due.id, ids);
  await giveBackEntries(tx, [...refused.keys()]);
  if (suspension === undefined) {
    await index(tx, keyring, { due, active });
    return { done: active.length, keptOut: refused };
  }
  // Approved before the agency's entries were suspended, these are too, in this very transaction: nobody has stood by
  // them since, and the sweep that takes out the others may be past them. What is approved later stays, like an entry
  // that is approved by itself.
  const suspended = active.map(({ id }) => id);
  await suspendAtOnce(tx, suspended);
  await noteSuspended(tx, { suspension, entries: suspended.length, last: false });
  return { done: 0, keptOut: new Map([...refused, ...suspended.map((id) => [id, SUSPENDED] as const)]) };
}

interface Activation {
  readonly active: readonly Activated[];
  /** By id, the rule that each of the others breaks. */
  readonly refused: ReadonlyMap<string, string>;
}

/** All at once; where that is refused one by one, so that a single row holds back none of the others. */
async function activate(tx: Tx, batch: string, ids: readonly string[]): Promise<Activation> {
  const whole = await tryActivation(tx, { batch, ids });
  if ("active" in whole) return { ...whole, refused: new Map() };
  const active: Activated[] = [];
  const refused = new Map<string, string>();
  for (const id of ids) {
    // oxlint-disable-next-line no-await-in-loop
    const one = await tryActivation(tx, { batch, ids: [id] });
    if ("active" in one) active.push(...one.active);
    else refused.set(id, one.refusedBy);
  }
  return { active, refused };
}

interface Found {
  readonly due: DueBatch;
  readonly active: readonly Activated[];
}

async function index(tx: Tx, keyring: Keyring, { due: { agency }, active }: Found): Promise<void> {
  await indexEntries(
    tx,
    keyring,
    active.map(({ id, sensitivity, sealed }) => ({
      id,
      agency,
      sensitivity,
      ...openWords(keyring, { id, agency, sealed }),
    })),
  );
}
