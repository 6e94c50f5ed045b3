import { setTimeout as wait } from "node:timers/promises";

import type { ChatAdapter } from "../src/chat.ts";
import { SECOND } from "../src/clock.ts";
import { findDueInstallations, isSending } from "../src/deliveries/sweep-store.ts";
import type { FollowUp } from "../src/follow-ups.ts";
import type { Log } from "../src/log.ts";
import type { Notices } from "../src/notices.ts";
import type { Keyring } from "../src/store/seal.ts";
import type { Store } from "../src/store/store.ts";
import { createDeliverer } from "./deliver.worker.ts";
import { openQueues, type QueueOptions, type Queues, type Working } from "./queues.ts";
import { createSweeper, type Swept } from "./sweeper.ts";

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
  /** Off where a test says when to sweep. */
  readonly sweeping?: boolean;
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
const system = { agency: null, id: "system" } as const;

/** Starts everything that works by itself: the delivery worker and the sweep. */
export async function startJobs(options: JobsOptions): Promise<Jobs> {
  const { log, sweeping = true } = options;
  const queues = await openQueues(options);
  const { kick, settled } = kicking(queues, log);
  const deliverer = createDeliverer({ ...options, wake: kick });
  const worker = queues.work(({ installationId }) => deliverer.deliver(installationId));
  const sweeper = createSweeper({
    ...options,
    wake: (installations) => queues.wake(installations).catch((error: unknown) => lost(log, error)),
  });
  if (sweeping) sweeper.start();

  const stop = async () => {
    deliverer.stop();
    await sweeper.stop();
    await drain(worker, log);
    await settled();
    await queues.close();
  };
  let stopped: Promise<void> | undefined;

  const isIdle = async () =>
    !deliverer.isBusy() &&
    options.store.transaction(system, async (tx) => {
      const due = await findDueInstallations(tx);
      return due.length === 0 && !(await isSending(tx));
    });

  return {
    kick,
    sweep: sweeper.sweep,
    async idle() {
      await settled();
      let { more } = await sweeper.sweep();
      for (let looks = 1; more || !(await isIdle()); looks += 1) {
        // oxlint-disable-next-line no-await-in-loop
        await wait(10);
        // oxlint-disable-next-line no-await-in-loop
        if (more || looks % 50 === 0) ({ more } = await sweeper.sweep());
      }
    },
    stop: () => (stopped ??= stop()),
  };
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

async function drain(worker: Working, log: Log): Promise<void> {
  const timer = new AbortController();
  const tooLong = wait(LONGEST_DRAIN, true, { signal: timer.signal }).catch(() => false);
  const drained = worker.close().then(() => false);
  if (await Promise.race([drained, tooLong])) {
    log.warn("deliveries under way were left behind; another worker will find them");
    await worker.close(true);
  }
  timer.abort();
}
