import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";

import { SECOND } from "../../clock.ts";
import type { Keyring } from "../../store/seal.ts";
import type { Store } from "../../store/store.ts";
import { listen } from "../news-store.ts";
import { createEngine } from "./engine.ts";
import type { Engine } from "./feed.ts";
import { openIndexCopy, OtherPast, type IndexCopy } from "./index-copy.ts";

/** One reading of the database into memory: begun anew when it broke off, or when that is another database now. */
export interface Reading {
  readonly engine: Engine;
  readonly copy: IndexCopy;
  /** Resolves when the vocabulary is open: from then on SQL can answer. */
  readonly readable: PromiseWithResolvers<void>;
  /** Whether memory answers. */
  readonly isReady: () => boolean;
  readonly isReadable: () => boolean;
  /** Milliseconds since the last look that was followed to its end began. */
  readonly lag: () => number;
  /** Reads, and follows until it is ended or breaks off. */
  readonly run: () => Promise<void>;
  readonly end: () => void;
}

export interface ReadingOptions {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly index: "memory" | "off";
  readonly follows: boolean;
  readonly onTrouble: (error: unknown) => void;
}

export const FIRST_WAIT = 0.2 * SECOND;
export const LONGEST_WAIT = 5 * SECOND;
/** Without the entries in memory, how often parts of names occur is counted again and again: so rarely for its cost. */
const COUNT_SHARE = 100;

/** `readable`: of a reading that broke off before it was, for those who wait for that one. */
export function openReading(options: ReadingOptions, readable = Promise.withResolvers<void>()): Reading {
  const { store, keyring, index, follows, onTrouble } = options;
  const ending = new AbortController();
  const { signal } = ending;
  const engine = createEngine();
  const work = openWorkLoop(engine, signal, onTrouble);
  const copy = openIndexCopy({ store, keyring, engine, signal, onFed: () => work.wake() });
  let isReadable = false;
  let syncedMs = performance.now();

  return {
    engine,
    copy,
    readable,
    isReadable: () => isReadable,
    isReady: () => isReadable && index === "memory" && engine.status().ready,
    lag: () => performance.now() - syncedMs,
    async run() {
      syncedMs = performance.now();
      const { counted } = await copy.loadVocabulary();
      async function answerAndFollow(): Promise<void> {
        await counted;
        isReadable = true;
        readable.resolve();
        // Followed from here on, so that SQL knows every part of a name while the entries are still read.
        if (follows) await follow({ ...options, copy, signal }, (began) => (syncedMs = began));
      }
      await Promise.all([index === "memory" && copy.loadEntries(), answerAndFollow()]);
    },
    end: () => ending.abort(),
  };
}

type Following = ReadingOptions & Pick<Reading, "copy"> & { readonly signal: AbortSignal };

async function follow(following: Following, onSynced: (beganMs: number) => void): Promise<never> {
  const { store, copy, signal, index } = following;
  using news = listen(store, "watch_list");
  signal.addEventListener("abort", () => news[Symbol.dispose](), { once: true });
  let countAt = 0;
  let changed = false;
  for (;;) {
    const began = performance.now();
    // oxlint-disable-next-line no-await-in-loop
    changed = (await retried(following, () => copy.follow())) || changed;
    onSynced(began);
    if (index === "off" && changed && began > countAt) {
      // oxlint-disable-next-line no-await-in-loop
      await retried(following, () => copy.count());
      countAt = began + Math.max(SECOND, (performance.now() - began) * COUNT_SHARE);
      changed = false;
    }
    // oxlint-disable-next-line no-await-in-loop
    await news.next();
    signal.throwIfAborted();
  }
}

/** Until it succeeds: the database may be away for a while. */
async function retried<T>({ signal, onTrouble }: Following, work: () => Promise<T>): Promise<T> {
  for (let wait = FIRST_WAIT; ; wait = Math.min(LONGEST_WAIT, 2 * wait)) {
    try {
      // oxlint-disable-next-line no-await-in-loop
      return await work();
    } catch (error) {
      if (signal.aborted || error instanceof OtherPast) throw error;
      onTrouble(error);
      // oxlint-disable-next-line no-await-in-loop
      await sleep(wait, undefined, { signal });
    }
  }
}

/** Lets the engine index and merge, a few milliseconds at a time, so that questions come in between. */
function openWorkLoop(engine: Engine, signal: AbortSignal, onTrouble: (error: unknown) => void) {
  let busy = false;
  async function work(): Promise<void> {
    try {
      while (!signal.aborted && engine.work(4)) {
        // oxlint-disable-next-line no-await-in-loop
        await turn();
      }
    } catch (error) {
      onTrouble(error);
    } finally {
      busy = false;
    }
  }
  return {
    wake(): void {
      if (busy) return;
      busy = true;
      void work();
    },
  };
}
