import { setTimeout as wait } from "node:timers/promises";

import { describe, expect, test } from "vitest";

import { answer } from "../../bench/answer/answer.ts";
import { drive } from "../../bench/answer/load.ts";
import { percentile } from "../../bench/shared/numbers.ts";

const { signal } = new AbortController();

describe("the load", () => {
  test("charges a stall to everybody who had to wait behind it", async () => {
    const stalledUntil = performance.now() + 300;
    const { latencies } = await drive({ rate: 50, seconds: 0.2, signal }, async () => {
      await wait(Math.max(0, stalledUntil - performance.now()));
      return performance.now();
    });
    expect(latencies).toHaveLength(10);
    expect(latencies.filter((latency) => latency > 100)).toHaveLength(10);
  });

  test("counts what went wrong apart from what was fast", async () => {
    let turn = 0;
    const { latencies, errors } = await drive({ rate: 200, seconds: 0.05, signal }, async () => {
      turn += 1;
      if (turn % 2 === 0) throw new Error("refused");
      return performance.now();
    });
    expect([latencies.length, errors]).toEqual([5, Array.from({ length: 5 }, () => "refused")]);
  });

  test("ends when it is told to", async () => {
    const stopping = new AbortController();
    const driving = drive({ rate: 10, seconds: 60, signal: stopping.signal }, async () => performance.now());
    stopping.abort();
    await expect(driving).rejects.toThrow("aborted");
  });
});

test("a percentile is a latency that was measured", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect([0.5, 0.95, 0.99, 1].map((share) => percentile(hundred, share))).toEqual([50, 95, 99, 100]);
  expect(percentile([7], 0.99)).toBe(7);
});

test("the bot answers the bench on both platforms, and every receipt is backed by a stored tip", async () => {
  const said: string[] = [];
  const lines = await answer({
    platforms: ["slack", "discord"],
    rate: 20,
    seconds: 0.25,
    warmUpSeconds: 0.05,
    signal,
    progress: (line) => said.push(line),
  });
  expect(
    lines.map(({ platform, step, errors }) => ({ platform, step, errors })),
    said.join("\n"),
  ).toEqual([
    { platform: "slack", step: "form", errors: 0 },
    { platform: "slack", step: "stored", errors: 0 },
    { platform: "discord", step: "form", errors: 0 },
    { platform: "discord", step: "stored", errors: 0 },
  ]);
  for (const { p50_ms, p95_ms, p99_ms, bare_p50_ms, added_p50_ms } of lines) {
    expect(p50_ms).toBeGreaterThan(0);
    expect([p50_ms, p95_ms, p99_ms]).toEqual([p50_ms, p95_ms, p99_ms].toSorted((one, other) => one - other));
    expect(bare_p50_ms).toBeGreaterThan(0);
    expect(added_p50_ms).toBeCloseTo(p50_ms - bare_p50_ms, 1);
  }
}, 120_000);
