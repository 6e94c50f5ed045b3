import { HOUR, SECOND } from "./clock.ts";
import type { Keyring } from "./store/seal.ts";
import type { Store, Tx } from "./store/store.ts";

/**
 * Work that falls due by itself: expiry, reviews, the follow-up of queries, sealing the audit. A plain function that
 * finds what is due in SQL by `(select clock.now())`, does a chunk of it, and can run in two processes at once.
 */
export interface FollowUp {
  /** "bulletin-expiry": for the log. */
  readonly name: string;
  /** Looked for at every sweep; the others every five seconds. */
  readonly prompt?: true;
  /** `store` as allpoints_jobs. */
  readonly run: (store: Store, keyring: Keyring) => Promise<Followed>;
}

export interface Followed {
  /** Installations to deliver in. */
  readonly wake: readonly string[];
  /** The chunk was full. */
  readonly again: boolean;
  /** Rows that could not be done. Each is logged, and tried again after a while. */
  readonly failed?: readonly { readonly subject: string; readonly error: unknown }[];
}

/** A row that is due, and the agency it belongs to. */
export interface Due {
  readonly id: string;
  readonly agency: string;
}

/** How much of what is due is looked for at once. */
export interface Chunk {
  readonly limit: number;
  /** These failed a moment ago. Found again and again, enough of them would keep all others from being found. */
  readonly except: readonly string[];
}

interface Work<Row extends Due> extends Pick<FollowUp, "name" | "prompt"> {
  /** As the system, across agencies. */
  readonly find: (tx: Tx, chunk: Chunk) => Promise<readonly Row[]>;
  /** Does one of them, in a transaction of its own. Installations to deliver in. */
  readonly work: (store: Store, row: Row, keyring: Keyring) => Promise<readonly string[]>;
  readonly limit?: number;
}

/** A follow-up that does row after row: one that fails stops none of the others, neither now nor in the next chunk. */
export function eachDue<Row extends Due>({ find, work, limit = 50, ...followUp }: Work<Row>): FollowUp {
  const aside = setAside();
  return {
    ...followUp,
    async run(store, keyring) {
      const chunk = { limit, except: aside.ids() };
      const due = await store.transaction({ agency: null, id: "system" }, (tx) => find(tx, chunk));
      const wake = new Set<string>();
      const failed: { readonly subject: string; readonly error: unknown }[] = [];
      for (const row of due) {
        try {
          // oxlint-disable-next-line no-await-in-loop
          for (const installation of await work(store, row, keyring)) wake.add(installation);
          aside.forget(row.id);
        } catch (error) {
          aside.put(row.id);
          failed.push({ subject: row.id, error });
        }
      }
      return { wake: [...wake], again: due.length === limit, failed };
    },
  };
}

const FIRST_WAIT = 5 * SECOND;
const LONGEST_WAIT = HOUR;

/**
 * Rows that failed, each left alone for twice as long as the time before. Kept by this process alone, because it only
 * paces a machine: another process, or the next start, tries them at once and learns the same.
 */
function setAside() {
  const failures = new Map<string, { readonly wait: number; readonly until: number }>();
  return {
    ids() {
      const now = performance.now();
      for (const [id, { until }] of failures) if (until + LONGEST_WAIT < now) failures.delete(id);
      return [...failures].flatMap(([id, { until }]) => (until > now ? [id] : []));
    },
    put(id: string) {
      const wait = Math.min(LONGEST_WAIT, (failures.get(id)?.wait ?? FIRST_WAIT / 2) * 2);
      failures.set(id, { wait, until: performance.now() + wait });
    },
    forget: (id: string) => failures.delete(id),
  };
}
