import { setTimeout as wait } from "node:timers/promises";

/** Waits for a moment of the monotonic clock, or until the signal. */
export async function until(moment: number, signal: AbortSignal): Promise<void> {
  const ms = moment - performance.now();
  if (ms > 0.5) await wait(ms, undefined, { signal }).catch(() => {});
}

/** A wait that others can end. */
export interface Bell {
  readonly until: (moment: number) => Promise<void>;
  readonly ring: () => void;
}

export function openBell(stopping: AbortSignal): Bell {
  let rung = new AbortController();
  return {
    async until(moment) {
      await until(moment, AbortSignal.any([stopping, rung.signal]));
      rung = new AbortController();
    },
    ring: () => rung.abort(),
  };
}
