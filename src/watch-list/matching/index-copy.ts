import { setImmediate as turn } from "node:timers/promises";

import type { Keyring } from "../../store/seal.ts";
import type { Store, Tx } from "../../store/store.ts";
import {
  countTokens,
  entryRow,
  findSnapshot,
  lastNumber,
  listChanges,
  listFed,
  listFeed,
  tokensOf,
  type Change,
  type FedEntry,
} from "../matching-store.ts";
import { listNewTokens, listTokens, openToken, type SealedToken } from "../vocabulary-store.ts";
import { openDictionary, type Dictionary } from "./dictionary.ts";
import type { Engine, EntryRow, LaneStatistics, TokenRow } from "./feed.ts";

// A process's copy of the index: read once, then followed. What a transaction did is read again until every
// transaction that was under way at the same time is over, so nothing is missed whatever the order of commits.

/** The database has a past of its own: it was restored, and what was read before is another one's. */
export class OtherPast extends Error {}

export interface IndexCopy {
  readonly dictionary: Dictionary;
  /**
   * Opens the vocabulary: after that the entries can be read. What comes with it is how often parts of names occur, as
   * the database counts it meanwhile: from then on questions can be answered by SQL.
   */
  readonly loadVocabulary: () => Promise<{ readonly counted: Promise<void> }>;
  /** Reads all entries; after that they are followed too. */
  readonly loadEntries: () => Promise<void>;
  /** Reads what changed since the last time. True: something did. */
  readonly follow: () => Promise<boolean>;
  /** Reads what came into the vocabulary up to this moment. True: something did. */
  readonly learn: () => Promise<boolean>;
  /** Counts anew how often each part of a name occurs: only while the entries are not here. */
  readonly count: () => Promise<void>;
  /** As the engine takes them, once every part of their names is known. */
  readonly understood: (fed: readonly FedEntry[]) => Promise<readonly EntryRow[]>;
}

interface CopyOptions {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly engine: Engine;
  readonly signal: AbortSignal;
  /** The engine has something to do. */
  readonly onFed: () => void;
}

const TOKENS = 5000;
const ENTRIES = 10_000;
/** So many rows are handed to the engine before others have their turn. */
const SLICE = 500;

export function openIndexCopy(options: CopyOptions): IndexCopy {
  const words = openWords(options);
  const entries = openEntries(options, words);
  return {
    ...words,
    async loadVocabulary() {
      // Before anything is read: what commits meanwhile is read again when it is followed.
      const { from } = await asSystem(options, findSnapshot);
      entries.seenUntil(from);
      // The database counts while the words are opened here.
      const counting = asSystem(options, countTokens);
      counting.catch(() => {});
      await words.load(from);
      // Indexed while the entries are waited for.
      options.onFed();
      return { counted: counting.then(words.counted) };
    },
    loadEntries: () => entries.load(),
    async follow() {
      const changed = await entries.follow();
      return (await words.learn()) || changed;
    },
  };
}

function asSystem<T>({ store, signal }: CopyOptions, work: (tx: Tx) => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  return store.transaction({ agency: null, id: "system" }, work);
}

type Words = ReturnType<typeof openWords>;

function openWords(options: CopyOptions) {
  const { keyring, engine } = options;
  const dictionary = openDictionary();
  /** What transactions before this one added is here. */
  let seen = "0";
  const statistics = openStatistics(engine);

  function take(rows: readonly SealedToken[]): boolean {
    const names: TokenRow[] = [];
    const fresh = rows.filter(({ id }) => !dictionary.has(id));
    for (const row of fresh) {
      const string = openToken(keyring, row);
      dictionary.add(row.id, { kind: row.kind, string });
      if (row.kind === "name") names.push({ id: row.id, string });
    }
    if (names.length > 0) engine.addTokens(names);
    if (names.length > 0) statistics.add(names);
    return fresh.length > 0;
  }

  const words = {
    dictionary,
    async load(from: string): Promise<void> {
      seen = from;
      await loadTokens(options, take);
    },
    async learn(): Promise<boolean> {
      const { from, until, rows } = await asSystem(options, async (tx) => ({
        ...(await findSnapshot(tx)),
        rows: await listNewTokens(tx, seen),
      }));
      if (BigInt(until) < BigInt(seen)) throw new OtherPast();
      const learnt = take(rows);
      // Two at a time may end in any order.
      if (BigInt(from) > BigInt(seen)) seen = from;
      return learnt;
    },
    counted: (of: readonly LaneStatistics[]) => statistics.set(of),
    occurring: (fed: readonly FedEntry[]) => statistics.addOccurring(fed),
    async count(): Promise<void> {
      statistics.set(await asSystem(options, countTokens));
    },
    async understood(fed: readonly FedEntry[]): Promise<readonly EntryRow[]> {
      // The parts of an entry are older than it is: what is not known was added since the last look.
      if (!fed.every((row) => tokensOf(row).every(dictionary.has))) await words.learn();
      return fed.map((row) => entryRow(row, dictionary.date));
    },
  };
  return words;
}

/** The whole vocabulary, page after page. */
async function loadTokens(options: CopyOptions, take: (rows: readonly SealedToken[]) => void): Promise<void> {
  const page = (after: number) => asSystem(options, (tx) => listTokens(tx, { after, limit: TOKENS }));
  let coming: ReturnType<typeof page> | undefined = page(0);
  while (coming !== undefined) {
    // oxlint-disable-next-line no-await-in-loop
    const rows: readonly SealedToken[] = await coming;
    const last = rows.at(-1);
    // The database reads the next page while this one is opened.
    coming = last === undefined || rows.length < TOKENS ? undefined : page(last.id);
    coming?.catch(() => {});
    take(rows);
  }
}

/** How often parts of names occur, for as long as the engine does not count them itself. */
function openStatistics(engine: Engine) {
  let counted: readonly LaneStatistics[] = [];
  const set = (statistics: readonly LaneStatistics[]): void => {
    counted = statistics;
    for (const one of statistics) engine.addStatistics(one);
  };
  return {
    set,
    /** Nobody has counted what came since, but it occurs. */
    add(names: readonly TokenRow[]): void {
      if (counted.length === 0 || engine.status().ready) return;
      const ids = names.map(({ id }) => id);
      set(counted.map((one) => withOnce(one, ids)));
    },
    /** A part may have been only in the other lane, or in none that is in force, when they were counted. */
    addOccurring(fed: readonly FedEntry[]): void {
      if (engine.status().ready) return;
      const of = Map.groupBy(fed, ({ lane }) => lane);
      const more = counted.map((one) => withOnce(one, (of.get(one.lane) ?? []).flatMap(tokensOf)));
      if (more.some((one, place) => one !== counted[place])) set(more);
    },
  };
}

/** With these parts, each once where it was not counted. */
function withOnce(one: LaneStatistics, ids: readonly number[]): LaneStatistics {
  const known = new Set(Array.from(one.tokens));
  const fresh = [...new Set(ids)].filter((id) => !known.has(id));
  if (fresh.length === 0) return one;
  return {
    ...one,
    tokens: joined(one.tokens, fresh),
    counts: joined(
      one.counts,
      fresh.map(() => 1),
    ),
  };
}

function joined(some: ArrayLike<number>, more: readonly number[]): Int32Array {
  const all = new Int32Array(some.length + more.length);
  all.set(some);
  all.set(more, some.length);
  return all;
}

/** While the entries are not here: which parts of names occur since they were counted. */
function openNoting(options: CopyOptions, words: Words) {
  let seen = "0";
  /** What was noted already of transactions since then. */
  let noted = new Map<number, string>();
  return {
    seenUntil(from: string): void {
      seen = from;
    },
    async note(): Promise<boolean> {
      const { from, changes } = await asSystem(options, async (tx) => ({
        ...(await findSnapshot(tx)),
        changes: await listChanges(tx, seen),
      }));
      const fresh = changes.filter(({ number, xid }) => noted.get(number) !== xid);
      for (let at = 0; at < fresh.length; at += SLICE) {
        const numbers = fresh.slice(at, at + SLICE).map(({ number }) => number);
        // oxlint-disable-next-line no-await-in-loop
        const fed = await asSystem(options, (tx) => listFed(tx, numbers));
        // oxlint-disable-next-line no-await-in-loop
        await words.understood(fed);
        words.occurring(fed);
      }
      noted = new Map(changes.map(({ number, xid }) => [number, xid]));
      seen = from;
      return fresh.length > 0;
    },
  };
}

function openEntries(options: CopyOptions, words: Words) {
  const { engine, signal, onFed } = options;
  /** What transactions before this one changed is here, once all entries were read. */
  let seen = "0";
  const noting = openNoting(options, words);
  let whole = false;
  /** What was read already of transactions since then. */
  let applied = new Map<number, string>();

  /** Entries that changed, as they are now. */
  async function take(changes: readonly Change[]): Promise<void> {
    const numbers = changes.map(({ number }) => number);
    const rows = await words.understood(await asSystem(options, (tx) => listFed(tx, numbers)));
    const inForce = new Set(rows.map(({ number }) => number));
    for (const number of numbers) if (!inForce.has(number)) engine.remove(number);
    for (const row of rows) engine.put(row);
    for (const { number, xid } of changes) applied.set(number, xid);
    onFed();
    await turn(undefined, { signal });
  }

  return {
    seenUntil(from: string): void {
      seen = from;
      noting.seenUntil(from);
    },
    async load(): Promise<void> {
      await loadEntries(options, words);
      engine.loaded();
      whole = true;
      onFed();
    },
    async follow(): Promise<boolean> {
      if (!whole) return noting.note();
      const { from, until, changes } = await asSystem(options, async (tx) => ({
        ...(await findSnapshot(tx)),
        changes: await listChanges(tx, seen),
      }));
      if (BigInt(until) < BigInt(seen)) throw new OtherPast();
      const fresh = changes.filter(({ number, xid }) => applied.get(number) !== xid);
      for (let at = 0; at < fresh.length; at += SLICE) {
        // oxlint-disable-next-line no-await-in-loop
        await take(fresh.slice(at, at + SLICE));
      }
      // What no transaction under way can have changed is not read again.
      if (from !== seen) applied = new Map([...applied].filter(([, xid]) => BigInt(xid) >= BigInt(from)));
      seen = from;
      return fresh.length > 0;
    },
  };
}

/** All entries into the engine, page after page. */
async function loadEntries(options: CopyOptions, words: Words): Promise<void> {
  const { engine, signal } = options;
  const last = await asSystem(options, lastNumber);
  const page = (after: number) => asSystem(options, (tx) => listFeed(tx, { after, until: after + ENTRIES }));
  // The database writes one page while the one before is taken in.
  let coming = page(0);
  for (let after = 0; after < last; after += ENTRIES) {
    // oxlint-disable-next-line no-await-in-loop
    const fed = await coming;
    coming = page(after + ENTRIES);
    // If it fails while this one is taken in, that is said when it is waited for.
    coming.catch(() => {});
    for (let from = 0; from < fed.length; from += SLICE) {
      // oxlint-disable-next-line no-await-in-loop
      engine.load(await words.understood(fed.slice(from, from + SLICE)));
      // oxlint-disable-next-line no-await-in-loop
      await turn(undefined, { signal });
    }
  }
  await coming;
}
