import { SECOND } from "../clock.ts";

// When a workspace keeps failing, calling it faster helps nobody: nothing goes there but a probe now and then.

/** What is known of one application in one workspace since it last worked. */
export interface Breaker {
  /** In a row. */
  readonly failures: number;
  /** Of the last ones that were counted together. */
  readonly tried: number;
  readonly failed: number;
  readonly open: boolean;
}

export const closed: Breaker = { failures: 0, tried: 0, failed: 0, open: false };

/** How long it stays open before one delivery is let through to see. */
export const PROBE_EVERY = 15 * SECOND;
const MOST_IN_A_ROW = 5;
const WINDOW = 20;

/** After one more call that worked or did not. Opens at five failures in a row, or when half of twenty failed. */
export function tally(breaker: Breaker, worked: boolean): Breaker {
  if (worked && breaker.open) return closed;
  const failures = worked ? 0 : breaker.failures + 1;
  const tried = breaker.tried + 1;
  const failed = breaker.failed + (worked ? 0 : 1);
  const open = breaker.open || failures >= MOST_IN_A_ROW || (tried >= WINDOW && failed * 2 >= tried);
  return tried >= WINDOW ? { failures, tried: 0, failed: 0, open } : { failures, tried, failed, open };
}
