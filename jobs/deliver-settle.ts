import { setTimeout as wait } from "node:timers/promises";

import { SECOND } from "../src/clock.ts";
import { settle, type Called } from "../src/deliveries/settle.ts";
import { system, type DelivererOptions } from "./deliverer-options.ts";

const MOST_AT_ONCE = 50;
/** So long a result waits for others: a paced lane's come one by one, and each transaction costs a flush. */
const GATHER = 40;

export interface Settler {
  /** Resolves when it is written down. Rejects when it could not be: the lease runs out, and the sweep finds it. */
  readonly add: (called: Called) => Promise<void>;
}

interface Waiting {
  readonly called: Called;
  readonly done: PromiseWithResolvers<void>;
}

/** Writes results in bulk: what comes in while the last ones are being written goes together next. */
export function openSettler(options: DelivererOptions): Settler {
  let waiting: Waiting[] = [];
  let writing = false;

  async function writeAll(): Promise<void> {
    writing = true;
    while (waiting.length > 0) {
      // oxlint-disable-next-line no-await-in-loop
      if (waiting.length < MOST_AT_ONCE) await wait(GATHER);
      const batch = waiting.slice(0, MOST_AT_ONCE);
      waiting = waiting.slice(MOST_AT_ONCE);
      try {
        // oxlint-disable-next-line no-await-in-loop
        await write(
          options,
          batch.map(({ called }) => called),
        );
        for (const { done } of batch) done.resolve();
      } catch (error) {
        // One of them may be to blame: each by itself.
        // oxlint-disable-next-line no-await-in-loop
        if (batch.length > 1) await writeEach(batch);
        else for (const { done } of batch) done.reject(error);
      }
    }
    writing = false;
  }

  async function writeEach(batch: readonly Waiting[]): Promise<void> {
    for (const { called, done } of batch) {
      // oxlint-disable-next-line no-await-in-loop
      await write(options, [called]).then(done.resolve, done.reject);
    }
  }

  return {
    add(called) {
      const done = Promise.withResolvers<void>();
      waiting.push({ called, done });
      if (!writing) void writeAll();
      return done.promise;
    },
  };
}

async function write(options: DelivererOptions, batch: readonly Called[]): Promise<void> {
  const { store, wake, at, meters, log } = options;
  // Tried again, because an answer that is not written down is an unknown outcome.
  const woken = await persist(() =>
    store.transaction(system, async (tx) => {
      const result = await settle(tx, batch);
      at("result_uncommitted");
      return result;
    }),
  );
  at("settled");
  wake(woken);
  for (const { held, outcome } of batch) {
    // It was not even called.
    if (outcome.kind === "held-back") continue;
    meters.count("calls", { platform: held.platform, outcome: outcome.kind });
    if (outcome.kind === "unknown") meters.count("unknown_outcomes", { platform: held.platform });
    if (outcome.kind === "sent") continue;
    // A card that a platform takes for malformed, or an answer that is in no table, is a defect of ours.
    const alarm = outcome.kind === "payload-invalid" || outcome.kind === "unheard-of";
    log[alarm ? "error" : "warn"]("a delivery was not made", { delivery: held.id, outcome: outcome.kind });
  }
}

/** Three tries within the lease. */
async function persist<T>(work: () => Promise<T>, triesLeft = 2): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (triesLeft === 0) throw error;
    await wait(SECOND / 2);
    return persist(work, triesLeft - 1);
  }
}
