import { appendAudit } from "../audit/audit-store.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store/store.ts";

const EVERY_MS = 60_000;

export interface RefusedCounter extends AsyncDisposable {
  readonly count: (why: string) => void;
}

/**
 * Counts requests that did not prove where they come from. They are not parsed and not kept; once a minute their
 * number goes to the log and to the operator's chain of the audit.
 */
export function countRefused(store: Store, log: Log): RefusedCounter {
  let counts: Record<string, number> = {};
  const write = async (): Promise<void> => {
    const detail = counts;
    const count = Object.values(detail).reduce((total, one) => total + one, 0);
    if (count === 0) return;
    counts = {};
    log.warn("requests without a valid signature", { count });
    await store.transaction({ agency: null, id: "system" }, (tx) =>
      appendAudit(tx, null, {
        action: "inbound.refused",
        subject: "platform:slack",
        outcome: "denied",
        detail,
      }),
    );
  };
  const timer = setInterval(() => {
    write().catch((error: unknown) => log.error("refused requests could not be written down", { error }));
  }, EVERY_MS);
  timer.unref();
  return {
    count(why) {
      counts[why] = (counts[why] ?? 0) + 1;
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await write();
    },
  };
}
