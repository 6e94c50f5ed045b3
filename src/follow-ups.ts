import type { Keyring } from "./store/seal.ts";
import type { Store } from "./store/store.ts";

/**
 * Work that falls due by itself: expiry, reviews, the follow-up of queries, sealing the audit. A plain function that
 * finds what is due in SQL by `(select clock.now())`, does a chunk of it, and can run in two processes at once.
 */
export interface FollowUp {
  /** "bulletin-expiry": for the log. */
  readonly name: string;
  /** `store` as allpoints_jobs. `wake`: installations to deliver in; `again`: the chunk was full. */
  readonly run: (
    store: Store,
    keyring: Keyring,
  ) => Promise<{ readonly wake: readonly string[]; readonly again: boolean }>;
}
