import { createPostgresBackend, Queue, Worker } from "bullmq";
import { Redis } from "ioredis";

import type { Ground } from "../../src/main.ts";
import { openQueuePool } from "../../src/store/queue-pool.ts";
import { stopwatch, type Spent } from "./stopwatch.ts";

const NAME = "raw";
const BULK = 1_000;
// As in jobs/queues.ts: the same queue, with one job for each delivery and nothing to do in it.
const CONCURRENCY = 8;
const workerOptions = {
  concurrency: CONCURRENCY,
  lockDuration: 10_000,
  stalledInterval: 5_000,
  maxStalledCount: 100,
  autorun: false,
};
const jobOptions = { attempts: 1, removeOnComplete: true, removeOnFail: true };

/**
 * What BullMQ alone spends on this many jobs that do nothing. They are waiting in the queue before the time begins, as
 * the planned deliveries are.
 */
export async function runRaw(ground: Ground, jobs: number): Promise<Spent> {
  await using opened = new AsyncDisposableStack();
  const { queue, work } = openRaw(ground, opened);
  for (let at = 0; at < jobs; at += BULK) {
    const some = Array.from({ length: Math.min(BULK, jobs - at) }, (_, index) => ({
      name: NAME,
      data: { delivery: `${at + index}` },
      opts: jobOptions,
    }));
    // oxlint-disable-next-line no-await-in-loop
    await queue.addBulk(some);
  }
  const { promise: finished, resolve } = Promise.withResolvers<undefined>();
  let left = jobs;
  const worker = work(async () => {});
  worker.on("completed", () => {
    left -= 1;
    if (left === 0) resolve(undefined);
  });
  await worker.waitUntilReady();
  const spent = stopwatch(ground);
  const running = worker.run();
  await finished;
  const result = spent();
  await worker.close();
  await running;
  return result;
}

function openRaw({ config, database }: Ground, opened: AsyncDisposableStack) {
  if (config.REDIS_URL !== undefined) {
    const open = () =>
      opened.adopt(new Redis(config.REDIS_URL ?? "", { maxRetriesPerRequest: null }), (redis) =>
        redis.disconnect(),
      );
    const queue = opened.adopt(new Queue(NAME, { connection: open() }), (one) => one.close());
    const connection = open();
    const work = (run: () => Promise<void>) => new Worker(NAME, run, { connection, ...workerOptions });
    return { queue, work };
  }
  // As the owner, who alone may make a queue that is not on our list.
  const pool = opened.adopt(openQueuePool({ connection: database.owner, max: 2 + CONCURRENCY }), (one) =>
    one.end(),
  );
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- BullMQ's own shape of a pool has less
  const shared = { connection: pool as unknown as string };
  const queue = opened.adopt(new Queue(NAME, shared, createPostgresBackend), (one) => one.close());
  const work = (run: () => Promise<void>) =>
    new Worker(NAME, run, { ...shared, ...workerOptions }, createPostgresBackend);
  return { queue, work };
}
