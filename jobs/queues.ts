import { createPostgresBackend, Queue, Worker, type Job } from "bullmq";
import { Redis } from "ioredis";

import { SECOND } from "../src/clock.ts";
import { StartError } from "../src/errors.ts";
import type { Log } from "../src/log.ts";
import { openQueuePool } from "../src/store/queue-pool.ts";
import type { StoreOptions } from "../src/store/store.ts";
import { deliverJob, type DeliverJob } from "./deliver.job.ts";

// The one place that knows BullMQ. Nothing rests on it: a job that is lost, repeated or late costs a second.

export interface QueueOptions {
  readonly connection: StoreOptions["connection"];
  /** Left out: the queue is in PostgreSQL. */
  readonly redisUrl?: string | undefined;
  readonly log: Log;
}

export interface Queues {
  /** Adds one wake job for each installation. */
  readonly wake: (installations: readonly string[]) => Promise<void>;
  /** Works on wake jobs until it is closed. */
  readonly work: (deliver: (job: DeliverJob) => Promise<void>) => Working;
  /** Jobs that wait or are being worked on. */
  readonly depth: () => Promise<number>;
  readonly close: () => Promise<void>;
}

export interface Working {
  /** Takes no more jobs and waits for those under way; `force` does not wait. */
  readonly close: (force?: boolean) => Promise<void>;
}

// No job id and no deduplication: a finished job that is kept would block the next, and on PostgreSQL deduplication
// deadlocks. No attempts: the sweep is the retry, on both backends alike.
const jobOptions = { attempts: 1, removeOnComplete: true, removeOnFail: true } as const;

/** One of them listens; the others are held for a statement each. */
const CONNECTIONS = 10;

// A killed worker's jobs come back after ten seconds, and are not given up when that happens often.
const workerOptions = {
  // A job mostly waits for a platform, or for its next slot.
  concurrency: 32,
  lockDuration: 10_000,
  stalledInterval: 5_000,
  maxStalledCount: 100,
} as const;

/** Opens the wake queue, in PostgreSQL or on Redis. */
export async function openQueues({ connection, redisUrl, log }: QueueOptions): Promise<Queues> {
  const onError = (error: Error) => log.warn("queue connection failed", { error, queue: deliverJob.queue });
  const backend = redisUrl === undefined ? onPostgres(connection, onError) : await onRedis(redisUrl, onError);
  const { queue } = backend;
  queue.on("error", onError);
  await queue.waitUntilReady();
  return {
    async wake(installations) {
      // One by one, side by side: on PostgreSQL addBulk makes two temporary tables a call, which costs 12 ms.
      for (let at = 0; at < installations.length; at += SIDE_BY_SIDE) {
        const some = installations.slice(at, at + SIDE_BY_SIDE);
        // oxlint-disable-next-line no-await-in-loop
        await within(
          LONGEST_WAKE,
          Promise.all(
            some.map((installationId) => queue.add(deliverJob.queue, { installationId }, jobOptions)),
          ),
        );
      }
    },
    work(deliver) {
      const worker = backend.work(async (job) => deliver(deliverJob.payload.parse(job.data)));
      worker.on("error", onError);
      worker.on("failed", (_job, error) => log.error("a job failed", { error, queue: deliverJob.queue }));
      return { close: (force = false) => worker.close(force) };
    },
    async depth() {
      const counts = await queue.getJobCounts("waiting", "active");
      return Object.values(counts).reduce((total, count) => total + count, 0);
    },
    async close() {
      await within(LONGEST_CLOSE, queue.close()).catch(onError);
      await backend.close();
    },
  };
}

const SIDE_BY_SIDE = 20;
/** A queue that does not answer is as good as away. */
const LONGEST_WAKE = SECOND;
const LONGEST_CLOSE = 2 * SECOND;

/** Rejects when it takes longer; whatever comes of it then is nobody's concern any more. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("the queue does not answer")), ms);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => {});
  }
}

type Processor = (job: Job) => Promise<void>;
/** What the two backends' classes have in common; BullMQ's own types say that they have nothing. */
interface Backend {
  readonly queue: {
    add(name: string, data: DeliverJob, options: typeof jobOptions): Promise<unknown>;
    getJobCounts(...types: ("waiting" | "active")[]): Promise<Readonly<Record<string, number>>>;
    waitUntilReady(): Promise<unknown>;
    close(): Promise<void>;
    on(event: "error", listener: (error: Error) => void): unknown;
  };
  readonly work: (processor: Processor) => {
    on(event: "error", listener: (error: Error) => void): unknown;
    on(event: "failed", listener: (job: unknown, error: Error) => void): unknown;
    close(force?: boolean): Promise<void>;
  };
  readonly close: () => Promise<void>;
}

function onPostgres(connection: QueueOptions["connection"], onError: (error: Error) => void): Backend {
  const pool = openQueuePool({ connection, max: CONNECTIONS, onError });
  // Its own shape of a pool: ours has more, which `exactOptionalPropertyTypes` takes for less.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const shared = { connection: pool as unknown as string };
  return {
    queue: new Queue(deliverJob.queue, shared, createPostgresBackend),
    work: (processor) =>
      new Worker(deliverJob.queue, processor, { ...shared, ...workerOptions }, createPostgresBackend),
    close: () => pool.end(),
  };
}

async function onRedis(url: string, onError: (error: Error) => void): Promise<Backend> {
  // Adding fails at once while Redis is away: the sweep brings it later, and nothing piles up in memory.
  const adding = new Redis(url, { lazyConnect: true, enableOfflineQueue: false, maxRetriesPerRequest: 1 });
  adding.on("error", onError);
  await reach(adding);
  const working: Redis[] = [];
  return {
    queue: new Queue(deliverJob.queue, { connection: adding }),
    work(processor) {
      const connection = new Redis(url, { maxRetriesPerRequest: null });
      connection.on("error", onError);
      working.push(connection);
      return new Worker(deliverJob.queue, processor, { connection, ...workerOptions });
    },
    async close() {
      for (const connection of [adding, ...working]) connection.disconnect();
      await Promise.resolve();
    },
  };
}

async function reach(redis: Redis): Promise<void> {
  try {
    await redis.connect();
  } catch (error) {
    redis.disconnect();
    throw Object.assign(
      new StartError(
        "Redis does not answer at REDIS_URL.",
        "Start it, correct REDIS_URL, or leave it out: the queue is then kept in PostgreSQL.",
        69,
      ),
      { cause: error },
    );
  }
}
