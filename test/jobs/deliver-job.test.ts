import { readdirSync, readFileSync } from "node:fs";

import { Queue } from "bullmq";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { deliverJob } from "../../jobs/deliver.job.ts";
import { haveRedis, startRedis, type RedisServer } from "../support/redis-server.ts";
import { openJobsBench, type JobsBench } from "./jobs-bench.ts";

const folder = new URL("payloads/", import.meta.url);
/** As each release left them in the queue: a file is added when the payload changes, and none is ever taken away. */
const payloads = readdirSync(folder).map(
  (name) => [name, JSON.parse(readFileSync(new URL(name, folder), "utf8")) as object] as const,
);

it.each(payloads)("%s is still understood", (_name, payload) => {
  expect(deliverJob.payload.parse(payload)).toEqual(payload);
});

it("carries ids and nothing else", () => {
  expect(Object.keys(deliverJob.payload.shape)).toEqual(["installationId"]);
  const [[, earlier] = ["", {}]] = payloads;
  expect(deliverJob.payload.safeParse({ ...earlier, text: "armed subject" }).success).toBe(false);
  expect(deliverJob.payload.safeParse({ installationId: "armed subject" }).success).toBe(false);
});

describe.runIf(haveRedis)("a job that another release left in the queue", () => {
  let redis: RedisServer;
  let bench: JobsBench;
  let queue: Queue;
  beforeAll(async () => {
    redis = await startRedis();
    bench = await openJobsBench(redis.url);
    queue = new Queue(deliverJob.queue, { connection: { url: redis.url } });
  });
  afterAll(async () => {
    await queue.close();
    await bench.close();
    await redis.stop();
  });

  it.each(payloads)("%s brings a card to its channel", async (_name, payload) => {
    const { place, subjectId } = await bench.oneCard();
    await queue.add(deliverJob.queue, { ...payload, installationId: place.installation });
    const jobs = await bench.startJobs();
    // Nobody sweeps and nobody kicks.
    await vi.waitFor(
      async () => expect(await bench.rowOf(subjectId)).toMatchObject({ state: "applied" }),
      5000,
    );
    await jobs.stop();
  });

  it("of a kind we do not know fails loudly, and loses nothing", async () => {
    const { place, subjectId } = await bench.oneCard();
    await queue.add(deliverJob.queue, { lane: "slack:A1:T1", version: 2 });
    await queue.add(deliverJob.queue, { installationId: place.installation, urgent: true });
    const jobs = await bench.startJobs();
    await vi.waitFor(
      () => expect(bench.logged.filter((line) => line.includes("a job failed"))).toHaveLength(2),
      5000,
    );
    expect(await bench.rowOf(subjectId)).toMatchObject({ state: "pending", attempts: 0 });
    await jobs.idle();
    expect(await bench.rowOf(subjectId)).toMatchObject({ state: "applied" });
  });
});
