import { setTimeout as sleep } from "node:timers/promises";

import { SECOND } from "../../clock.ts";
import { notSearched } from "../../errors.ts";
import type { Keyring } from "../../store/seal.ts";
import { openStore, type Store, type StoreOptions } from "../../store/store.ts";
import { findNames, findPlates } from "../matching-store.ts";
import type { LaneLookUp, LaneName } from "./feed.ts";
import type { Matcher, MatcherFound, PlatesAsked, PlatesFound, Search } from "./question.ts";
import { FIRST_WAIT, LONGEST_WAIT, openReading, type Reading, type ReadingOptions } from "./reading.ts";

export interface MatcherOptions {
  /** As allpoints_app. The matcher has connections of its own. */
  readonly connection: StoreOptions["connection"];
  readonly keyring: Keyring;
  /** "off": nothing is held in memory but the vocabulary, and every question goes to SQL: for a small box. */
  readonly index?: "memory" | "off";
  /** The database is away, or something broke; it goes on by itself. */
  readonly onTrouble?: (error: unknown) => void;
  /** False: what changes after the first load is not noticed. For tests of what must hold even then. */
  readonly follows?: boolean;
}

/** While the vocabulary is opened, questions wait so long. */
const PATIENCE = 8 * SECOND;
/** What is in memory may be older than the database by so much; then SQL answers. */
const STALE = 5 * SECOND;

/** The watch-list as this process sees it: held here, read and followed by itself. */
export function openMatcher(options: MatcherOptions): Matcher {
  const { connection, keyring, index = "memory", onTrouble = () => {}, follows = true } = options;
  const store = openStore({ connection, max: 6 });
  const keeping = keepReading({ store, keyring, index, follows, onTrouble });

  /** Once the vocabulary is open. */
  async function answer<T>(work: (reading: Reading) => T | Promise<T>): Promise<T> {
    try {
      await within(keeping.current().readable.promise);
      return await work(keeping.current());
    } catch (error) {
      onTrouble(error);
      throw notSearched();
    }
  }

  return {
    search: (search) =>
      answer((reading) => {
        const isFresh = !follows || reading.lag() < STALE;
        if (!reading.isReady() || !isFresh) return searchSql(store, reading, search);
        return { ...reading.engine.search(search), engine: "memory" };
      }),
    plates: (asked) => answer((reading) => platesOf(store, reading, asked)),
    status() {
      const reading = keeping.current();
      const { entries, names, tokens } = reading.engine.status();
      const warming = reading.isReadable() ? "warming" : "loading";
      const state = reading.isReady() ? "ready" : warming;
      return Promise.resolve({ state, entries, names, tokens, lagMs: Math.round(reading.lag()) });
    },
    async close() {
      await keeping.close();
      await store.close();
    },
  };
}

/** Reads, follows, and begins again when that breaks off. */
function keepReading(options: ReadingOptions) {
  const ending = new AbortController();
  let reading = openReading(options);
  async function run(): Promise<void> {
    for (let wait = FIRST_WAIT; ; wait = Math.min(LONGEST_WAIT, 2 * wait)) {
      try {
        // oxlint-disable-next-line no-await-in-loop
        return await reading.run();
      } catch (error) {
        reading.end();
        if (ending.signal.aborted) return;
        options.onTrouble(error);
        // oxlint-disable-next-line no-await-in-loop
        await sleep(wait, undefined, { signal: ending.signal });
        // From the beginning: what was read so far may be half of something.
        reading = openReading(options, reading.isReadable() ? undefined : reading.readable);
      }
    }
  }
  const running = run();
  return {
    current: () => reading,
    async close(): Promise<void> {
      ending.abort();
      reading.end();
      await running.catch(() => {});
    },
  };
}

/** Where more dates than these fit (a year alone is known of 1 January) they leave out next to nobody. */
const MOST_DATES = 4_000;

/** The same answer from candidates that the database finds, state and audience judged there. */
async function searchSql(store: Store, { engine, copy }: Reading, search: Search): Promise<MatcherFound> {
  const { agency, also, now } = search;
  const tokens = (lookUp: LaneLookUp): LaneLookUp => ({
    ...lookUp,
    dates: lookUp.dates.flatMap((date) => copy.dictionary.datesOf(date)),
  });
  // What was committed before the question is in the answer.
  await copy.learn();
  const { open, restricted, mayBeBorn } = engine.expand(search);
  const lookUps = [tokens(open), tokens(restricted)] as const;
  const born = mayBeBorn && copy.dictionary.datesThat(mayBeBorn);
  const few = born === undefined || born.length > MOST_DATES ? undefined : born;
  const fed = await store.transaction({ agency, id: "system" }, (tx) =>
    findNames(tx, { lookUps, born: few, also, now }),
  );
  return { ...engine.searchRows(search, await copy.understood(fed)), engine: "sql" };
}

/** The vocabulary knows which plates fit, the database which of them are whose. */
async function platesOf(store: Store, { copy }: Reading, asked: PlatesAsked): Promise<PlatesFound> {
  const { pattern, agency, limit } = asked;
  // What was committed before the question is in the answer.
  await copy.learn();
  const fitting = copy.dictionary.plates(pattern);
  // One more than may be answered: whether there are more.
  const rows = await store.transaction({ agency, id: "system" }, (tx) =>
    findPlates(tx, { tokens: [...fitting.keys()], limit: limit + 1 }),
  );
  const of = (lane: LaneName) => rows.filter((row) => row.lane === lane);
  const platesIn = (lane: LaneName): readonly string[] => {
    const plates = of(lane)
      .slice(0, limit)
      .flatMap(({ token }) => fitting.get(token) ?? []);
    return [...new Set(plates)].toSorted();
  };
  return { open: platesIn("open"), restricted: platesIn("restricted"), more: of("open").length > limit };
}

/** Waits for it, but not for ever. */
async function within(wanted: Promise<void>): Promise<void> {
  const over = new AbortController();
  const late = sleep(PATIENCE, undefined, { signal: over.signal }).then(() => {
    throw new Error("the vocabulary of the watch-list took too long to open");
  });
  late.catch(() => {});
  try {
    await Promise.race([wanted, late]);
  } finally {
    over.abort();
  }
}
