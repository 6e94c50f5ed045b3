import { createHash } from "node:crypto";

import { describe, expect, test } from "vitest";

import { compare, type Copy } from "../../bench/ledger/arrivals.ts";
import { engine } from "../../bench/ledger/engine.ts";
import { fanOut } from "../../bench/ledger/fanout.ts";
import { growth } from "../../bench/ledger/growth.ts";
import { idle } from "../../bench/ledger/idle.ts";
import { layOut } from "../../bench/ledger/town.ts";
import { cpuOf, cpuOfTree } from "../../bench/shared/cpu.ts";
import { haveRedis } from "../support/redis-server.ts";

const { signal } = new AbortController();
const apiBaseUrl = "http://127.0.0.1:9/";

describe("the town", () => {
  test("has every channel once, spread evenly", () => {
    const laid = layOut({ platform: "slack", workspaces: 4, channels: 10, apiBaseUrl });
    expect(laid.map(({ channels }) => channels.length)).toEqual([3, 3, 2, 2]);
    expect(new Set(laid.flatMap(({ channels }) => channels)).size).toBe(10);
    expect(new Set(laid.map(({ token }) => token)).size).toBe(4);
  });

  test("shares Discord's applications among its guilds, one by default", () => {
    const size = { platform: "discord", workspaces: 6, channels: 6, apiBaseUrl } as const;
    const applications = (count?: number) =>
      layOut({ ...size, ...(count !== undefined && { applications: count }) }).map(
        ({ application }) => application,
      );
    expect(new Set(applications()).size).toBe(1);
    expect(new Set(applications(3)).size).toBe(3);
  });
});

describe("what arrived", () => {
  const slack: Copy = { id: "1", platform: "slack", workspace: "T1", channel: "C1", standing: "applied" };
  const discord: Copy = { id: "2", platform: "discord", workspace: "5", channel: "6", standing: "applied" };
  const nonce = createHash("sha256").update("2").digest().subarray(0, 16).toString("base64url");
  const [there, also] = [
    { ...slack, key: "1", at: 7 },
    { ...discord, key: nonce, at: 9 },
  ];

  test("is each copy with its own message", () => {
    const { arrived, lost, doubled } = compare([slack, discord], [there, also]);
    expect([arrived.map(({ at }) => at), lost, doubled]).toEqual([[7, 9], [], 0]);
  });

  test("leaves out what is lost", () => {
    expect(compare([slack, discord], [there])).toMatchObject({ lost: [discord], doubled: 0 });
  });

  test("counts a second message, and one in a channel that it was not meant for", () => {
    const again = { ...there, at: 8 };
    const astray = { ...also, channel: "7" };
    expect(compare([slack, discord], [there, again, also, astray])).toMatchObject({ lost: [], doubled: 2 });
    expect(compare([discord], [astray])).toMatchObject({ lost: [discord], doubled: 1 });
  });
});

test("the CPU a process used is read as it says itself, and its parent's tree has it too", () => {
  const [before, tree] = [cpuOf(process.pid), cpuOfTree(process.ppid)];
  const since = process.cpuUsage();
  while (process.cpuUsage(since).user < 200_000);
  // Counted in hundredths of a second.
  expect(cpuOf(process.pid) - before).toBeGreaterThan(0.18);
  expect(cpuOfTree(process.ppid) - tree).toBeGreaterThan(0.18);
});

describe.each([
  { backend: "pg", transport: "memory" },
  { backend: "redis", transport: "http" },
] as const)("the engine's bench on $backend, through $transport", ({ backend, transport }) => {
  test.skipIf(backend === "redis" && !haveRedis)(
    "applies what it planned",
    { timeout: 120_000 },
    async () => {
      const said: string[] = [];
      const line = await engine({
        backend,
        transport,
        deliveries: 32,
        workspaces: 4,
        channels: 16,
        signal,
        progress: (one) => said.push(one),
      });
      expect(line, said.join("\n")).toMatchObject({ bench: "engine", backend, transport, deliveries: 32 });
      expect(line.per_s).toBeGreaterThan(0);
      expect(line.ratio).toBeCloseTo(line.per_s / line.raw_per_s, 2);
    },
  );
});

test(
  "the fan-out reaches every channel once, also beside a sick workspace",
  { timeout: 180_000 },
  async () => {
    const said: string[] = [];
    const line = await fanOut({
      slackWorkspaces: 2,
      discordGuilds: 2,
      channels: 8,
      workers: 2,
      latencyMs: 20,
      sickWorkspace: true,
      signal,
      progress: (one) => said.push(one),
    });
    expect(line, said.join("\n")).toMatchObject({ channels: 8, workers: 2, lost: 0, doubled: 0 });
    // Four channels at fifty a second, and the time of one call.
    expect(line.bound_s).toBe(0.1);
    expect(line.ratio).toBeCloseTo(line.total_s / line.bound_s, 0);
    expect(line.slack_s).toBeLessThanOrEqual(line.total_s);
    expect(line.first_channel_max_s).toBeLessThanOrEqual(line.total_s);
    expect(line.well_slack_s).toBeGreaterThan(0);
    expect(line.beside_sick_slack_s).toBeGreaterThan(0);
  },
);

test("growth times the same number out of each backlog", { timeout: 120_000 }, async () => {
  const lines = await growth({
    backlogs: [20, 60],
    deliveries: 10,
    rounds: 1,
    workspaces: 4,
    channels: 20,
    signal,
    progress: () => {},
  });
  expect(lines.map(({ pending }) => pending)).toEqual([20, 60]);
  for (const { per_delivery_ms, rss_mib } of lines) {
    expect(per_delivery_ms).toBeGreaterThan(0);
    expect(rss_mib).toBeGreaterThan(20);
  }
  expect(lines[0]?.ratio).toBe(1);
});

test(
  "idling is measured beside as many finished deliveries as were asked for",
  { timeout: 120_000 },
  async () => {
    const line = await idle({
      finished: 45,
      workspaces: 4,
      channels: 40,
      seconds: 1,
      signal,
      progress: () => {},
    });
    expect(line.finished).toBe(45);
    expect(line.percent).toBeCloseTo(line.jobs_percent + line.postgres_percent, 1);
  },
);
