/** How often something may happen, per key. `waitMs` only looks; `count` records that it happened. */
export interface Limit {
  readonly waitMs: (key: string) => number;
  readonly count: (key: string) => void;
}

/** At most `max` in any span of `perMs`. */
export function rollingWindow({ max, perMs }: { readonly max: number; readonly perMs: number }): Limit {
  const moments = new Map<string, number[]>();
  const recent = (key: string): number[] => {
    const kept = moments.get(key) ?? [];
    const gone = kept.findIndex((at) => at > Date.now() - perMs);
    if (gone !== 0) kept.splice(0, gone < 0 ? kept.length : gone);
    moments.set(key, kept);
    return kept;
  };
  return {
    waitMs: (key) => {
      const kept = recent(key);
      const oldest = kept.at(-max);
      return kept.length < max || oldest === undefined ? 0 : oldest + perMs - Date.now();
    },
    count: (key) => void recent(key).push(Date.now()),
  };
}

/** `capacity` at once, refilled steadily. */
export function tokenBucket({
  capacity,
  perSecond,
}: {
  readonly capacity: number;
  readonly perSecond: number;
}): Limit {
  const buckets = new Map<string, { readonly tokens: number; readonly at: number }>();
  const tokensNow = (key: string): number => {
    const bucket = buckets.get(key) ?? { tokens: capacity, at: Date.now() };
    return Math.min(capacity, bucket.tokens + ((Date.now() - bucket.at) / 1000) * perSecond);
  };
  return {
    waitMs: (key) => Math.max(0, ((1 - tokensNow(key)) / perSecond) * 1000),
    count: (key) => void buckets.set(key, { tokens: tokensNow(key) - 1, at: Date.now() }),
  };
}

export interface Use {
  readonly limit: Limit;
  readonly key: string;
}

/** Counts one use of every limit, or none of them when one is exhausted: then the milliseconds to wait. */
export function takeAll(uses: readonly Use[]): number {
  const wait = Math.max(0, ...uses.map(({ limit, key }) => limit.waitMs(key)));
  if (wait === 0) for (const { limit, key } of uses) limit.count(key);
  return wait;
}
