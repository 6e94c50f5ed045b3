import { setTimeout as wait } from "node:timers/promises";

import type { ChatAdapter } from "../src/chat.ts";
import { SECOND } from "../src/clock.ts";
import { documented, type Limits } from "../src/deliveries/pace.ts";
import { findDueLanes, isSending, msUntilNext } from "../src/deliveries/sweep-store.ts";
import type { FollowUp } from "../src/follow-ups.ts";
import type { Log } from "../src/log.ts";
import { openMeters, type Meters } from "../src/metrics.ts";
import type { Notices } from "../src/notices.ts";
import type { Keyring } from "../src/store/seal.ts";
import type { Store } from "../src/store/store.ts";
import { createDeliverer, type Deliverer } from "./deliver.worker.ts";
import { openQueues, within, type QueueOptions, type Queues, type Working } from "./queues.ts";
import type { AtStep } from "./steps.ts";
import { createSweeper, type Sweeper, type Swept } from "./sweeper.ts";

export interface Kick {
  /** After commit: something is due in these installations. Never throws; a lost kick costs a second. */
  readonly kick: (installations: readonly string[]) => void;
  readonly close: () => Promise<void>;
}

/** The bot's side of the queue: it adds wake jobs and works on none. */
export async function openKick(options: QueueOptions): Promise<Kick> {
  const queues = await openQueues(options);
  const { kick, settled } = kicking(queues, options.log);
  return {
    kick,
    async close() {
      await settled();
      await queues.close();
    },
  };
}

export interface JobsOptions extends QueueOptions {
  /** As allpoints_jobs. */
  readonly store: Store;
  readonly keyring: Keyring;
  readonly notices: Notices;
  readonly adapters: readonly ChatAdapter[];
  readonly followUps: readonly FollowUp[];
  /** Left out: the documented ones. */
  readonly limits?: Limits;
  readonly meters?: Meters;
  /** Off where a test says when to sweep. */
  readonly sweeping?: boolean;
  /** Where a test stops the process. */
  readonly at?: AtStep;
  /** Only to show that the tests notice: what is unknown is sent again at once, as if for the first time. */
  readonly skipLookUp?: boolean;
}

export interface Jobs {
  readonly kick: Kick["kick"];
  readonly sweep: () => Promise<Swept>;
  /** Sweeps until nothing is due or being sent. */
  readonly idle: () => Promise<void>;
  /** No new work; what is under way gets 25 seconds. */
  readonly stop: () => Promise<void>;
}

const LONGEST_DRAIN = 25 * SECOND;
const LONGEST_CLOSE = 2 * SECOND;
const system = { agency: null, id: "system" } as const;

/** Starts everything that works by itself: the delivery worker and the sweep. */
export async function startJobs(options: JobsOptions): Promise<Jobs> {
  const { log, sweeping = true, at = () => {} } = options;
  const queues = await openQueues(options);
  const { kick, settled } = kicking(queues, log);
  const deliverer = createDeliverer({
    limits: documented,
    meters: openMeters(),
    skipLookUp: false,
    ...options,
    at,
    wake: kick,
  });
  const worker = queues.work(({ installationId }) => deliverer.deliver(installationId));
  const sweeper = createSweeper({ ...options, at, wake: waking({ queues, deliverer, log }) });
  if (sweeping) sweeper.start();

  const stop = async () => {
    deliverer.stop();
    await sweeper.stop();
    await drain(worker, deliverer, log);
    await settled();
    await queues.close();
  };
  let stopped: Promise<void> | undefined;
  return {
    kick,
    sweep: sweeper.sweep,
    async idle() {
      await settled();
      await rests({ store: options.store, sweeper, deliverer });
    },
    stop: () => (stopped ??= stop()),
  };
}

interface Waking {
  readonly queues: Queues;
  readonly deliverer: Deliverer;
  readonly log: Log;
}

/** The queue is only there to wake somebody: while it is away, this process does it all itself. */
function waking({ queues, deliverer, log }: Waking) {
  return async (installations: readonly string[]): Promise<void> => {
    try {
      await queues.wake(installations);
    } catch (error) {
      lost(log, error);
      for (const installation of installations)
        deliverer
          .deliver(installation)
          .catch((cause: unknown) => log.error("a lane was left", { error: cause, installation }));
    }
  };
}

interface Resting {
  readonly store: Store;
  readonly sweeper: Sweeper;
  readonly deliverer: Deliverer;
}

/** What was put off for a moment, because its channel was not free, is on its way still. */
const MOMENT_MS = 250;

async function rests({ store, sweeper, deliverer }: Resting): Promise<void> {
  const isIdle = async () =>
    !deliverer.isBusy() &&
    (await store.transaction(system, async (tx) => {
      // In this order: what is sent in between may leave something due behind it.
      if ((await isSending(tx)) || (await findDueLanes(tx)).length > 0) return false;
      return ((await msUntilNext(tx)) ?? Number.POSITIVE_INFINITY) > MOMENT_MS;
    })) &&
    // What is being looked up is neither: a worker may have taken it meanwhile.
    !deliverer.isBusy();
  let { more } = await sweeper.sweep();
  for (let looks = 1; more || !(await isIdle()); looks += 1) {
    // oxlint-disable-next-line no-await-in-loop
    await wait(10);
    // oxlint-disable-next-line no-await-in-loop
    if (more || looks % 50 === 0) ({ more } = await sweeper.sweep());
  }
}

const BETWEEN_KICKS_MS = 100;

/**
 * Adding is not waited for by whoever kicks, but by whoever closes. The first kick goes out at once; what follows
 * within a tenth of a second goes out together, because one wake-up finds everything that is due.
 */
function kicking(queues: Queues, log: Log) {
  const waiting = new Set<string>();
  let pause = new AbortController();
  let sending: Promise<void> | undefined;

  async function sendAll(): Promise<void> {
    while (waiting.size > 0) {
      const now = [...waiting];
      waiting.clear();
      await queues.wake(now).catch((error: unknown) => lost(log, error));
      await wait(BETWEEN_KICKS_MS, undefined, { signal: pause.signal }).catch(() => {});
    }
  }

  return {
    kick: (installations: readonly string[]): void => {
      for (const installation of installations) waiting.add(installation);
      sending ??= sendAll().finally(() => (sending = undefined));
    },
    settled: async (): Promise<void> => {
      while (sending !== undefined) {
        pause.abort();
        await sending;
        pause = new AbortController();
      }
    },
  };
}

function lost(log: Log, error: unknown): void {
  log.warn("a kick was lost; the sweep will find it", { error });
}

async function drain(worker: Working, deliverer: Deliverer, log: Log): Promise<void> {
  const closed = worker.close();
  try {
    await within(LONGEST_DRAIN, deliverer.drained());
  } catch {
    log.warn("deliveries under way were left behind; another worker will find them");
  }
  // What is under way is done; only a queue that does not answer takes longer now.
  await within(LONGEST_CLOSE, closed).catch(() => within(LONGEST_CLOSE, worker.close(true)).catch(() => {}));
}
