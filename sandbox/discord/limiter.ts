import { rollingWindow } from "../shared/limits.ts";

export interface Bucket {
  readonly name: string;
  readonly limit: number;
  readonly windowMs: number;
}
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
interface Window {
  readonly endsAt: number;
  used: number;
}

const free: Verdict = { allowed: true, global: false, retryAfterMs: 0, headers: {} };

/**
 * One application's limits: fifty requests in any second (interaction answers aside), and for each bucket a window that
 * its first request opens and at whose end all of it is free again, as the headers say.
 */
export function createLimiter(mode: "real" | "off"): { readonly take: (claim: Claim) => Verdict } {
  const application = rollingWindow({ max: 50, perMs: 1_000 });
  const windows = new Map<string, Window>();
  const windowOf = ({ bucket, major }: Claim): Window => {
    const key = `${bucket.name} ${major}`;
    const open = windows.get(key);
    if (open !== undefined && open.endsAt > Date.now()) return open;
    const opened = { endsAt: Date.now() + bucket.windowMs, used: 0 };
    windows.set(key, opened);
    return opened;
  };

  const take = (claim: Claim): Verdict => {
    const { bucket, countsForApplication } = claim;
    const globalWait = countsForApplication ? application.waitMs("") : 0;
    if (globalWait > 0) return refused(globalWait, true);
    const window = windowOf(claim);
    if (window.used >= bucket.limit) {
      const verdict = refused(window.endsAt - Date.now(), false);
      return { ...verdict, headers: { ...bucketHeaders(bucket, window), ...verdict.headers } };
    }
    window.used += 1;
    if (countsForApplication) application.count("");
    return { ...free, headers: bucketHeaders(bucket, window) };
  };
  return { take: mode === "off" ? () => free : take };
}

/** What somebody hears who has to wait. */
export function refused(retryAfterMs: number, global: boolean): Verdict {
  const headers = {
    "retry-after": String(Math.ceil(retryAfterMs / 1_000)),
    "x-ratelimit-scope": global ? "global" : "user",
    ...(global ? { "x-ratelimit-global": "true" } : {}),
  };
  return { allowed: false, global, retryAfterMs, headers };
}

function bucketHeaders(bucket: Bucket, { used, endsAt }: Window): Record<string, string> {
  return {
    "x-ratelimit-bucket": bucket.name,
    "x-ratelimit-limit": String(bucket.limit),
    "x-ratelimit-remaining": String(Math.max(0, bucket.limit - used)),
    "x-ratelimit-reset": (endsAt / 1_000).toFixed(3),
    "x-ratelimit-reset-after": (Math.max(0, endsAt - Date.now()) / 1_000).toFixed(3),
  };
}
