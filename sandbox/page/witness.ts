import type { LedgerRow } from "../operator.ts";
import type { Posted } from "../pretend.ts";

// The platforms are asked what they hold, and that is laid beside what the ledger says: neither knows of the other.

export interface Testimony {
  /** From when on the platforms remember, ISO 8601: what an earlier start delivered is not to be found on these. */
  readonly since: string;
  /** Messages by the key of their delivery, also those that were removed again. */
  readonly seen: ReadonlyMap<string, number>;
  /** Deliveries whose message is there more than once. */
  readonly doubled: number;
  /** Deliveries that count as applied, and no platform has their message. */
  readonly missing: number;
}

export function testimony(posts: readonly Posted[], rows: readonly LedgerRow[], since: string): Testimony {
  const seen = new Map<string, number>();
  for (const { key } of posts) if (key !== undefined) seen.set(key, (seen.get(key) ?? 0) + 1);
  const applied = rows.filter(({ state, since: at }) => state === "applied" && at >= since);
  return {
    since,
    seen,
    doubled: [...seen.values()].filter((count) => count > 1).length,
    missing: applied.filter(({ key }) => !seen.has(key)).length,
  };
}
