import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

import type { Jobs } from "../../jobs/jobs.ts";
import { haveRedis, startRedis, type RedisServer } from "../support/redis-server.ts";
import { openJobsBench, type JobsBench } from "./jobs-bench.ts";

// Redis is only there to wake somebody. While it is away the sweep does it all itself.

describe.runIf(haveRedis)("while Redis is away", () => {
  let redis: RedisServer;
  let bench: JobsBench;
  let jobs: Jobs;
  const freed: (() => void)[] = [];
  beforeAll(async () => {
    // One that is there for as long as the bench is; each test breaks its own.
    bench = await openJobsBench(undefined);
  });
  beforeEach(async () => {
    redis = await startRedis();
    jobs = await bench.startJobs({ redisUrl: redis.url, sweeping: true });
  });
  afterEach(async () => {
    for (const free of freed.splice(0)) free();
    await jobs.stop();
    await redis.stop();
  });
  afterAll(() => bench.close());

  const expectArrival = (subjectId: string, ms: number) =>
    vi.waitFor(async () => expect(await bench.rowOf(subjectId)).toMatchObject({ state: "applied" }), ms);
  // A test that hangs fails; what is under way gets 25 seconds, and there is nothing here that takes so long.
  const gone = { timeout: 15_000 };

  it("because it was killed, cards still reach their channels", gone, async () => {
    await redis.kill();
    const { place, subjectId } = await bench.oneCard();
    jobs.kick([place.installation]);
    await expectArrival(subjectId, 5000);
  });

  it("because it does not answer, cards still reach their channels", gone, async () => {
    freed.push(redis.freeze());
    const { place, subjectId } = await bench.oneCard();
    jobs.kick([place.installation]);
    await expectArrival(subjectId, 8000);
  });

  it("stopping waits for what is under way", gone, async () => {
    await redis.kill();
    const { subjectId, address } = await bench.oneCard();
    const release = bench.slack.hold();
    await vi.waitFor(
      () => expect(bench.slack.log().some(({ channel }) => channel === address)).toBe(true),
      5000,
    );
    const began = performance.now();
    const stopped = jobs.stop();
    setTimeout(release, 300);
    await stopped;
    expect(await bench.rowOf(subjectId)).toMatchObject({ state: "applied" });
    // And not for Redis, which may never come back.
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it("because it does not answer, stopping waits for what is under way and not for Redis", gone, async () => {
    freed.push(redis.freeze());
    const { place } = await bench.oneCard();
    jobs.kick([place.installation]);
    const began = performance.now();
    await jobs.stop();
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});
