import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { castOf } from "../../sandbox/cast.ts";
import type { SandboxOperator } from "../../sandbox/operator.ts";
import { pretend } from "../../sandbox/pretend.ts";
import type { Platforms } from "../../sandbox/settle.ts";
import { tip } from "../../sandbox/story-values.ts";
import { world } from "../../sandbox/world.ts";
import { startSandbox, type RunningSandbox } from "../../src/cli-sandbox.ts";
import { readConfig } from "../../src/config.ts";
import { openLog } from "../../src/log.ts";
import { openBench } from "./bench.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const bench = openBench();
const said: string[] = [];
let running: RunningSandbox;
let operator: SandboxOperator;

beforeAll(async () => {
  vi.spyOn(console, "log").mockImplementation((line: string) => void said.push(line));
  const { config } = readConfig({
    ALLPOINTS_DATA: bench.data,
    KEYRING_FILE: join(bench.data, "keyring.json"),
  });
  const { signal: stopping } = new AbortController();
  running = await startSandbox(
    { config, log: openLog({ level: "error" }) },
    { port: 0, open: false, stopping },
  );
  ({ operator } = running);
});
afterAll(async () => {
  await running?.[Symbol.asyncDispose]();
  bench.close();
});

/** As the file that names a running sandbox has them. */
function platforms(): Platforms {
  const { slack, discord } = JSON.parse(readFileSync(join(bench.data, "running.json"), "utf8")) as {
    slack: string;
    discord: string;
  };
  return { slack: pretend(slack), discord: pretend(discord) };
}

const agencyOn = (platform: "slack" | "discord") => (platform === "slack" ? world.metro : world.cedar);

/** What is looked for, once it is there; the test's own time limit ends it. */
async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await wait(50);
  }
}

describe("the sandbox's start", () => {
  it("prints one address, and how long the first page and everything else took", () => {
    const text = said.join("\n");
    expect(text).toContain(`Allpoints' sandbox: ${running.url}\n`);
    expect(text).toMatch(
      /^First page after \d+\.\d s; everything ready after \d+\.\d s \(since (npm|this program's) start\)\.$/m,
    );
    expect(text.match(/http:/g)).toHaveLength(1);
  });

  it("is refused on data on which one runs, and told where that is", async () => {
    const { code, stderr } = await bench.run(["start", "--port", "0", "--no-open"]);
    expect(code).toBe(69);
    expect(stderr).toContain(`A sandbox is running on this data already: ${running.url}`);
  });

  it("on a port in use says which, and how to choose another; nothing stays running", async () => {
    const other = openBench();
    try {
      const { port } = new URL(running.url);
      const { code, stderr } = await other.run(["start", "--no-open", "--port", port]);
      expect(code).toBe(69);
      expect(stderr).toContain(`Port ${port} is in use`);
      expect(stderr).toContain(`npm start -- --port ${Number(port) + 1}`);
    } finally {
      other.close();
    }
  });

  it.each(["x", "-1", "65536", "1.5"])("takes no %s for a port", async (port) => {
    const { code, stderr } = await bench.run(["start", `--port=${port}`]);
    expect(code).toBe(64);
    expect(stderr).toContain(`"${port}" is no port`);
  });
});

describe("the sandbox's operator", () => {
  it("shows a delivery by the key under which its platform knows the message, and where that is", async () => {
    for (const platform of ["slack", "discord"] as const) {
      const agency = agencyOn(platform);
      const people = castOf(platforms());
      const admin = platform === "slack" ? people("metro", "novak") : people("cedar", "tate");
      const line = platform === "slack" ? "/allpoints channel test" : "/allpoints channel-test";
      expect(await admin.types(line, "desk")).toMatchObject({ kind: "message" });
      const row = await until(async () => {
        const { rows } = await operator.ledger(20);
        return rows.find((one) => one.platform === platform && one.state === "applied");
      });
      const posts = await platforms()[platform].posts({ workspace: agency.workspace });
      expect(posts.map(({ key, channel, workspace }) => ({ key, channel, workspace }))).toContainEqual({
        key: row.key,
        channel: agency.channels.desk.id,
        workspace: row.workspace,
      });
      expect(row).toMatchObject({ agency: agency.name, kind: "notice", channel: agency.channels.desk.id });
      expect(row).toMatchObject({ attempts: 0, wanted: 1, applied: 1, lastError: null, subject: null });
      expect(row.ref).toMatch(/^D-/);
    }
  });

  it("shows the newest first, as many as asked for, and counts them all", async () => {
    const { rows } = await operator.ledger(1);
    const all = await operator.ledger(100);
    expect(rows).toEqual(all.rows.slice(0, 1));
    expect(all.rows.map(({ since }) => since)).toEqual(
      all.rows
        .map(({ since }) => since)
        .toSorted()
        .toReversed(),
    );
    // The count may be a moment older than the rows.
    const counts = await until(async () => {
      const now = (await operator.ledger(1)).counts;
      return now.applied === all.rows.length ? now : undefined;
    });
    expect(counts).toEqual({ pending: 0, sending: 0, checking: 0, applied: 2, dead: 0, blocked: 0 });
  });

  it("says where the queue is, and that nothing waits in it when all is done", async () => {
    const queue = await until(async () => {
      const now = await operator.queue();
      return now.depth === 0 ? now : undefined;
    });
    expect(queue).toEqual({ depth: 0, backend: "PostgreSQL" });
  });

  it("shows a head for every agency's chain, and verifies them all", async () => {
    // Of what was done a moment ago, rows may come between the two.
    const { chain, verified } = await until(async () => {
      const now = { chain: await operator.chain(), verified: await operator.verify() };
      return now.chain.unsealed === 0 && now.verified.rows === now.chain.sealed ? now : undefined;
    });
    expect(chain.heads.map(({ agency }) => agency)).toEqual([
      "Cedar County SO",
      "Metro Fusion Center",
      "Riverton PD",
    ]);
    for (const { mac } of chain.heads) expect(mac).toMatch(/^[0-9a-f]{12}$/);
    expect(chain.heads.reduce((total, { rows }) => total + rows, 0)).toBe(chain.sealed);
    expect(Date.parse(chain.lastSealed ?? "")).toBeLessThanOrEqual(Date.now());
    expect(verified).toMatchObject({ chains: 3, broken: [] });
  });

  it("lets time pass: the clock is ahead, and what fell due is done within seconds", async () => {
    const before = await operator.clock();
    expect(before.aheadSeconds).toBe(0);
    const reyes = castOf(platforms())("metro", "reyes");
    await reyes.submits(await reyes.types("/tip"), tip);
    const notices = async () => (await operator.ledger(100)).rows.filter(({ kind }) => kind === "notice");
    const known = (await notices()).length;
    await operator.advance("1 hour");
    await operator.advance("10 minutes");
    expect((await operator.clock()).aheadSeconds).toBe(4_200);
    // A tip that nobody read for 30 days: the desk hears of it.
    for (let days = 0; days < 31; days += 1) await operator.advance("1 day");
    await until(async () => ((await notices()).length > known ? true : undefined));
    const { now, aheadSeconds } = await operator.clock();
    expect(aheadSeconds).toBe(31 * 86_400 + 4_200);
    expect(Date.parse(now) - Date.now()).toBeGreaterThan(31 * 86_400_000);
  });

  it("kills the jobs, which come back as another process and go on; the bot stays", async () => {
    const [bot, before] = await operator.processes();
    expect(before).toMatchObject({ role: "jobs", state: "running", restarts: 0 });
    await operator.killJobs();
    expect((await operator.processes())[1]).toEqual({
      role: "jobs",
      state: "restarting",
      pid: undefined,
      restarts: 0,
    });
    const after = await until(async () => {
      const [, jobs] = await operator.processes();
      return jobs?.state === "running" ? jobs : undefined;
    });
    expect(after).toMatchObject({ restarts: 1 });
    expect(after.pid).not.toBe(before?.pid);
    expect((await operator.processes())[0]).toEqual(bot);
    await castOf(platforms())("riverton", "kim").types("/allpoints channel test", "desk");
    await until(async () =>
      (await operator.ledger(10)).rows.find(
        ({ agency, state }) => agency === "Riverton PD" && state === "applied",
      ),
    );
  });

  it("starts the bot again too, and Slack finds it at its new address", async () => {
    const [bot] = await operator.processes();
    process.kill(bot?.pid ?? 0, "SIGKILL");
    await until(async () => ((await operator.processes())[0]?.restarts === 1 ? true : undefined));
    const shown = await castOf(platforms())("metro", "novak").types("/allpoints channel list", "desk");
    expect(shown.kind).toBe("message");
  });
});
