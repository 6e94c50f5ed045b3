import type { Posted } from "../pretend.ts";

// The platforms are asked what they hold, and that is laid beside what the ledger says: neither knows of the other.

export interface Testimony {
  /** From when on the platforms remember, ISO 8601: what an earlier start delivered is not to be found on these. */
  readonly since: string;
  /** When they were asked, ISO 8601: what is newer they could not tell. */
  readonly at: string;
  /** How many messages of the app they were ever given since then, also those that were removed again. */
  readonly messages: number;
  /** Messages by the key of their delivery. */
  readonly seen: ReadonlyMap<string, number>;
  /** Deliveries whose message is there more than once. */
  readonly doubled: number;
  /** Deliveries that count as applied, and no platform has their message. */
  readonly missing: number;
}

/** `applied`: the keys of all deliveries that the ledger holds for applied, read before the platforms were asked. */
export function testimony(
  posts: readonly Posted[],
  applied: readonly string[],
  { since, at }: Pick<Testimony, "since" | "at">,
): Testimony {
  const seen = new Map<string, number>();
  for (const { key } of posts) if (key !== undefined) seen.set(key, (seen.get(key) ?? 0) + 1);
  return {
    since,
    at,
    messages: posts.length,
    seen,
    doubled: [...seen.values()].filter((count) => count > 1).length,
    missing: applied.filter((key) => !seen.has(key)).length,
  };
}
