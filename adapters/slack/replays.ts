export interface Replays {
  /** True the second time, and from then on. */
  readonly seen: (signature: string, at: number) => boolean;
}

/** Remembers the signatures of the last minutes. Held in memory: the core's own dedupe keys hold across processes. */
export function replays({ keepMs = 600_000, most = 100_000 } = {}): Replays {
  const known = new Map<string, number>();
  return {
    seen: (signature, at) => {
      // A Map keeps the order of arrival, so the oldest come first.
      for (const [oldest, since] of known) {
        if (since > at - keepMs && known.size < most) break;
        known.delete(oldest);
      }
      if (known.has(signature)) return true;
      known.set(signature, at);
      return false;
    },
  };
}
