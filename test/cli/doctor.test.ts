import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { askRedis } from "../../jobs/redis-check.ts";
import { startPretendDiscord, type PretendDiscord } from "../../sandbox/discord/pretend-discord.ts";
import { pretend } from "../../sandbox/pretend.ts";
import { startPretendSlack, type PretendSlack } from "../../sandbox/slack/pretend-slack.ts";
import { examine, type Examined } from "../../src/doctor/doctor.ts";
import { nodeVersion } from "../../src/doctor/machine-checks.ts";
import { discordToken, redisFinding, slackToken } from "../../src/doctor/platform-checks.ts";
import { startEmbedded } from "../../src/store/embedded-postgres.ts";
import { haveRedis, startRedis } from "../support/redis-server.ts";
import { openBench } from "./bench.ts";

// Each command is a process of its own, and loads everything.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const bench = openBench();
let slack: PretendSlack;
let discord: PretendDiscord;
const token = "xoxb-riverton-secret";
const application = "100000000000000001";
beforeAll(async () => {
  slack = await startPretendSlack({
    signingSecret: "12345678",
    scopes: ["commands", "chat:write", "channels:read", "users:read"],
  });
  discord = await startPretendDiscord({
    applicationId: application,
    token: "discord-secret",
    botUser: application,
  });
  await pretend(slack.url).addWorkspace({ id: "T0RIVERTON", name: "Riverton", token, botUser: "U0BOT" });
});
afterAll(async () => {
  await Promise.all([slack.close(), discord.close()]);
  bench.close();
});

interface Report {
  readonly ok: boolean;
  readonly checks: readonly Examined[];
}

async function doctor(settings: Readonly<Record<string, string>> = {}) {
  const { code, stdout, stderr } = await bench.run(["doctor", "--json"], settings);
  const { ok, checks } = JSON.parse(stdout) as Report;
  const of = (name: string) => checks.find((one) => one.name === name);
  return { code, ok, checks, of, stdout, stderr };
}

async function takenPort() {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { port: address.port, [Symbol.dispose]: () => void server.close() };
}

describe("the doctor", () => {
  it("has nothing against a machine on which nothing was ever started, and starts nothing itself", async () => {
    const { code, ok, checks, of, stderr } = await doctor();
    expect({ code, ok, stderr }).toEqual({ code: 0, ok: true, stderr: "" });
    expect(of("database")).toMatchObject({ status: "warn", said: expect.stringContaining("not made yet") });
    expect(of("keyring")).toMatchObject({ status: "warn" });
    for (const check of checks) expect(check).toHaveProperty(check.status === "ok" ? "said" : "fix");
    expect(existsSync(bench.data)).toBe(false);
  });

  it("says everything that is wrong at once, and shows no secret", async () => {
    using taken = await takenPort();
    const { code, ok, of, stdout, stderr } = await doctor({
      DATABASE_URL: "postgres://someone:hush@127.0.0.1:1/x",
      REDIS_URL: "redis://:hush@127.0.0.1:1",
      SLACK_SIGNING_SECRET: "hush-hush",
      SLACK_BOT_TOKEN: "xoxb-hush",
      SLACK_API_URL: `${slack.url}/api/`,
      DISCORD_TOKEN: "hush-hush",
      DISCORD_APPLICATION_ID: application,
      DISCORD_API_URL: `${discord.url}/api/`,
      PORT: String(taken.port),
      HEALTH_PORT: "0",
    });
    expect({ code, ok }).toEqual({ code: 1, ok: false });
    expect(of("database")).toMatchObject({
      status: "fail",
      said: "DATABASE_URL does not answer (ECONNREFUSED)",
    });
    expect(of("redis")).toMatchObject({ status: "fail", said: "cannot be reached (ECONNREFUSED)" });
    expect(of("slack token")).toMatchObject({
      status: "fail",
      said: "Slack refuses SLACK_BOT_TOKEN (invalid_auth)",
    });
    expect(of("discord token")).toMatchObject({
      status: "fail",
      said: "Discord refuses DISCORD_TOKEN (401)",
    });
    expect(of("PORT")).toMatchObject({
      status: "fail",
      said: `127.0.0.1:${taken.port} is in use by another program`,
    });
    expect(stdout + stderr).not.toContain("hush");
  });

  it("asks the platforms whose the tokens are and what they may do", async () => {
    const { code, of } = await doctor({
      SLACK_APP_TOKEN: "xapp-1",
      SLACK_BOT_TOKEN: token,
      SLACK_API_URL: `${slack.url}/api/`,
      DISCORD_TOKEN: "discord-secret",
      DISCORD_APPLICATION_ID: "100000000000000002",
      DISCORD_API_URL: `${discord.url}/api/`,
    });
    expect(code).toBe(1);
    expect(of("slack intake")?.said).toContain("Socket Mode");
    expect(of("slack token")).toMatchObject({
      status: "fail",
      said: "T0RIVERTON: scopes missing: groups:read",
    });
    expect(of("discord token")).toMatchObject({
      status: "fail",
      said: `DISCORD_TOKEN belongs to application ${application}, DISCORD_APPLICATION_ID says 100000000000000002`,
    });
    expect(of("PORT")).toBeUndefined();
  });

  it.skipIf(process.platform !== "linux")(
    "looks at an embedded database that runs, in lines for people",
    async () => {
      const cluster = await startEmbedded({ dataDir: join(bench.data, "pg"), initdbArgs: ["--no-sync"] });
      try {
        expect((await bench.run(["migrate"])).code).toBe(0);
        const { code, stdout } = await bench.run(["doctor"]);
        expect(code).toBe(0);
        expect(stdout).toMatch(/^warn database +embedded: for trying out, and for one box\n +→ /m);
        expect(stdout).toMatch(/^ok {3}database version +PostgreSQL \d+\.\d+/m);
        expect(stdout).toMatch(/^ok {3}row-level security +forced on all \d+ tables/m);
        expect(stdout).toMatch(/^\d+ ok, \d+ to look at, 0 failed\n$/m);
      } finally {
        await cluster.stop();
      }
      const { code, of } = await doctor();
      expect(code).toBe(0);
      expect(of("database")?.said).toContain("does not run");
      expect(existsSync(join(bench.data, "pg", "postmaster.pid"))).toBe(false);
    },
  );
});

describe.skipIf(process.platform !== "linux")("start", () => {
  const settings = { SLACK_SIGNING_SECRET: "12345678", PORT: "0", HEALTH_PORT: "0" };

  it.each(["PORT", "HEALTH_PORT"])(
    "ends with a sentence that names %s where another program has it",
    async (name) => {
      using taken = await takenPort();
      const { code, stderr } = await bench.run(["start"], { ...settings, [name]: String(taken.port) });
      expect(code).toBe(69);
      expect(stderr.trim().split("\n")).toEqual([
        `Port ${taken.port} (${name}) is in use by another program.`,
        `Stop that program, or choose another port: ${name}=${taken.port + 10}.`,
      ]);
    },
  );

  it("says where it answers, is known to the doctor, and ends when told to", async () => {
    using free = await takenPort();
    const health = String(free.port);
    free[Symbol.dispose]();
    const child = bench.spawn(["start"], { ...settings, HEALTH_PORT: health });
    let said = "";
    child.stderr?.on("data", (text) => (said += String(text)));
    const ended = once(child, "exit");
    try {
      await vi.waitFor(() => expect(said).toContain("Stop with Ctrl-C."), { timeout: 30_000, interval: 50 });
      expect(said).toMatch(/Slack's requests: http:\/\/127\.0\.0\.1:\d+\/slack\/events/);
      await vi.waitFor(
        async () => {
          const ready = await fetch(`http://127.0.0.1:${health}/readyz`);
          const checks = { database: "ok", migrations: "ok", watch: "ok" };
          expect(await ready.json()).toEqual({ ready: true, checks });
        },
        { timeout: 10_000, interval: 50 },
      );
      const { of } = await doctor({ ...settings, HEALTH_PORT: health });
      expect(of("HEALTH_PORT")).toMatchObject({
        status: "ok",
        said: expect.stringContaining("by Allpoints"),
      });
      expect(of("keyring")?.status).toBe("ok");
    } finally {
      child.kill("SIGTERM");
    }
    expect(await ended).toEqual([0, null]);
  });
});

describe.skipIf(!haveRedis)("by a Redis that runs", () => {
  it("the doctor is told what could lose wake-ups", async () => {
    const redis = await startRedis();
    try {
      const facts = await askRedis(redis.url);
      expect(facts).toEqual({
        version: expect.stringMatching(/^\d+\.\d+/),
        evictionPolicy: "noeviction",
        appendOnly: false,
      });
      expect(redisFinding(facts)).toMatchObject({ status: "warn", said: "appendonly is off" });
    } finally {
      await redis.stop();
    }
  });
});

describe("a check", () => {
  it("that breaks is a failed one and takes no other with it", async () => {
    const found = await examine([
      { name: "one", run: () => Promise.reject(Object.assign(new Error("hush"), { code: "EIO" })) },
      { name: "two", run: () => ({ status: "ok", said: "well" }) },
    ]);
    expect(found.map(({ status, said }) => [status, said])).toEqual([
      ["fail", "this check broke (EIO)"],
      ["ok", "well"],
    ]);
  });

  const known = (scopes?: readonly string[]) =>
    ({
      kind: "known",
      identity: { workspace: "T1", application: "A1", botUser: "U1", ...(scopes && { scopes }) },
    }) as const;
  const needed = ["commands", "chat:write", "channels:read", "groups:read"];

  it.each([
    { finding: nodeVersion("24.11.9"), status: "fail" },
    { finding: nodeVersion("24.12.0"), status: "ok" },
    { finding: nodeVersion("26.0.0"), status: "ok" },
    { finding: slackToken(known(needed)), status: "ok" },
    { finding: slackToken(known([...needed, "channels:history"])), status: "ok" },
    { finding: slackToken(known([...needed, "channels:history", "users:read"])), status: "warn" },
    { finding: slackToken(known([...needed.slice(1), "channels:history"])), status: "fail" },
    { finding: slackToken(known()), status: "warn" },
    { finding: slackToken({ kind: "unreachable", code: "ENOTFOUND" }), status: "fail" },
    { finding: discordToken(known(), "A1"), status: "ok" },
    {
      finding: redisFinding({ version: "7.0", evictionPolicy: "noeviction", appendOnly: true }),
      status: "ok",
    },
    {
      finding: redisFinding({ version: "7.0", evictionPolicy: "allkeys-lru", appendOnly: true }),
      status: "warn",
    },
    {
      finding: redisFinding({ version: "7.0", evictionPolicy: "noeviction", appendOnly: undefined }),
      status: "warn",
    },
  ])("says $finding.said: $status", ({ finding, status }) => {
    expect(finding.status).toBe(status);
  });
});
