export interface Bucket {
  readonly name: string;
  readonly limit: number;
  readonly windowMs: number;
}
/** Requests per second of one application, over everything but interaction answers. */
const APPLICATION: Bucket = { name: "global", limit: 50, windowMs: 1_000 };
/** Unpublished by Discord, and what channels have long been seen to allow. */
export const CHANNEL_MESSAGES: Bucket = { name: "channel-messages", limit: 5, windowMs: 5_000 };

export interface Verdict {
  readonly allowed: boolean;
  readonly global: boolean;
  readonly retryAfterMs: number;
  readonly headers: Readonly<Record<string, string>>;
}
interface Claim {
  readonly bucket: Bucket;
  /** The channel, guild or webhook the bucket counts for. */
  readonly major: string;
  readonly countsForApplication: boolean;
}

const free: Verdict = { allowed: true, global: false, retryAfterMs: 0, headers: {} };

/** Rolling windows: at no moment do the last `windowMs` hold more than `limit` requests. */
export function createLimiter(mode: "real" | "off"): { readonly take: (claim: Claim) => Verdict } {
  const windows = new Map<string, number[]>();
  const current = (key: string, bucket: Bucket): number[] => {
    const kept = (windows.get(key) ?? []).filter((at) => at > Date.now() - bucket.windowMs);
    windows.set(key, kept);
    return kept;
  };
  const waitFor = (used: readonly number[], bucket: Bucket): number =>
    used.length < bucket.limit ? 0 : Math.max(1, (used[0] ?? 0) + bucket.windowMs - Date.now());

  const take = ({ bucket, major, countsForApplication }: Claim): Verdict => {
    const whole = current("", APPLICATION);
    const globalWait = countsForApplication ? waitFor(whole, APPLICATION) : 0;
    if (globalWait > 0) {
      const headers = { ...retryHeaders(globalWait, "global"), "x-ratelimit-global": "true" };
      return { allowed: false, global: true, retryAfterMs: globalWait, headers };
    }
    const used = current(`${bucket.name} ${major}`, bucket);
    const wait = waitFor(used, bucket);
    if (wait === 0) {
      used.push(Date.now());
      if (countsForApplication) whole.push(Date.now());
      return { ...free, headers: bucketHeaders(bucket, used) };
    }
    const headers = { ...bucketHeaders(bucket, used), ...retryHeaders(wait, "user") };
    return { allowed: false, global: false, retryAfterMs: wait, headers };
  };
  return { take: mode === "off" ? () => free : take };
}

export function retryHeaders(waitMs: number, scope: "global" | "user"): Record<string, string> {
  return { "retry-after": String(Math.ceil(waitMs / 1_000)), "x-ratelimit-scope": scope };
}

function bucketHeaders(bucket: Bucket, used: readonly number[]): Record<string, string> {
  const resetAt = (used[0] ?? Date.now()) + bucket.windowMs;
  return {
    "x-ratelimit-bucket": bucket.name,
    "x-ratelimit-limit": String(bucket.limit),
    "x-ratelimit-remaining": String(Math.max(0, bucket.limit - used.length)),
    "x-ratelimit-reset": (resetAt / 1_000).toFixed(3),
    "x-ratelimit-reset-after": (Math.max(0, resetAt - Date.now()) / 1_000).toFixed(3),
  };
}
