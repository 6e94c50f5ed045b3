import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";

import { openAuditor, verify } from "../../src/auditor/auditor.ts";
import { openHeartbeat } from "../../src/auditor/heartbeat.ts";
import { startHealth } from "../../src/health.ts";
import { openLog } from "../../src/log.ts";
import { metricsText, openMeters } from "../../src/metrics.ts";
import type { LedgerRow } from "../deliveries/ledger-bench.ts";
import { openAuditorBench, type AuditorBench } from "./auditor-bench.ts";

let bench: AuditorBench;
let first: LedgerRow;
let second: LedgerRow;
beforeAll(async () => {
  bench = await openAuditorBench();
  const bulletin = await bench.sendBulletin();
  [first, second] = (await bench.rows(bulletin)) as [LedgerRow, LedgerRow];
  for (const { id } of [first, second]) await bench.worker.deliver(id);
});
afterAll(() => bench.close());

let logged: Record<string, unknown>[] = [];
const log = openLog({
  to: { write: (line) => void logged.push(JSON.parse(line) as Record<string, unknown>) },
});
beforeEach(() => {
  logged = [];
});

/** A jobs process that has not looked yet, a minute after the last one looked. */
async function check(): Promise<"clean" | "not clean"> {
  await bench.tamper("update standing_check set ran_at = ran_at - interval '1 minute'");
  let clean = false;
  await openAuditor({ log, onClean: () => void (clean = true) }).run(
    bench.database.jobs,
    bench.database.keyring,
  );
  return clean ? "clean" : "not clean";
}

const alarms = () => logged.filter(({ level }) => level === "error");
const broken = (id: string) => `update delivery set wanted_version = 2 where id = '${id}'`;
const mended = (id: string) => `update delivery set wanted_version = 1 where id = '${id}'`;

it("is made once a minute, by one of several processes", async () => {
  let clean = 0;
  const processes = [1, 2, 3].map(() => openAuditor({ log, onClean: () => void (clean += 1) }));
  const sweep = () =>
    Promise.all(processes.map((auditor) => auditor.run(bench.database.jobs, bench.database.keyring)));
  await sweep();
  await sweep();
  expect({ clean, logged }).toEqual({ clean: 1, logged: [] });
});

it("raises an alarm once for each finding, and says when all is well again", async () => {
  await bench.tamper(broken(first.id));
  expect(await check()).toBe("not clean");
  expect(alarms()).toEqual([
    expect.objectContaining({ code: "I10", outcome: "behind", kind: "delivery", subject: first.id }),
  ]);
  expect(await check()).toBe("not clean");
  await bench.tamper(broken(second.id));
  expect(await check()).toBe("not clean");
  expect(alarms().map(({ subject }) => subject)).toEqual([first.id, second.id]);
  await bench.tamper(mended(first.id) + ";" + mended(second.id));
  expect(await check()).toBe("clean");
  expect(logged.at(-1)).toMatchObject({ level: "info", event: "the standing check is clean again" });
});

it("looks only at what came to rest since, and goes on looking at what it found", async () => {
  const age = (id: string) => `update delivery set rested_at = rested_at - interval '3 h' where id = '${id}'`;
  await bench.tamper(`${age(first.id)}; ${broken(first.id)}`);
  expect(await check()).toBe("clean");
  expect((await verify(bench.database.jobs)).map(({ subject }) => subject)).toEqual([`delivery:${first.id}`]);
  await bench.tamper(broken(second.id));
  expect(await check()).toBe("not clean");
  await bench.tamper(age(second.id));
  expect(await check()).toBe("not clean");
  await bench.tamper(mended(first.id) + ";" + mended(second.id));
  expect(await check()).toBe("clean");
});

it("tells nobody that all is well when the database does not answer", async () => {
  await bench.tamper("alter table standing_check rename to away");
  try {
    await expect(check()).rejects.toThrow("standing_check");
  } finally {
    await bench.tamper("alter table away rename to standing_check");
  }
});

interface Monitor extends AsyncDisposable {
  readonly url: string;
  readonly calls: readonly string[];
  /** Resolves with the next call. */
  readonly called: () => Promise<void>;
}

/** A monitor on loopback that answers with this status; never with 0. */
async function openMonitor(status: number): Promise<Monitor> {
  const calls: string[] = [];
  let heard = Promise.withResolvers<undefined>();
  const server = createServer((request: IncomingMessage, response) => {
    const body: Buffer[] = [];
    request.on("data", (part: Buffer) => body.push(part));
    request.on("end", () => {
      calls.push(`${request.method} ${request.url} ${Buffer.concat(body).toString()}`);
      if (status > 0) response.writeHead(status).end();
      heard.resolve(undefined);
      heard = Promise.withResolvers();
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/ping/secret`,
    calls,
    called: () => heard.promise,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

it("the heartbeat is a GET without words", async () => {
  await using monitor = await openMonitor(200);
  await using heartbeat = openHeartbeat(monitor.url, log);
  const called = monitor.called();
  heartbeat.beat();
  await called;
  expect(monitor.calls).toEqual(["GET /ping/secret "]);
  expect(logged).toEqual([]);
});

it("a heartbeat that was refused is logged without its address", async () => {
  await using monitor = await openMonitor(404);
  const heartbeat = openHeartbeat(monitor.url, log);
  const called = monitor.called();
  heartbeat.beat();
  await called;
  await expect.poll(() => logged.length).toBe(1);
  await heartbeat[Symbol.asyncDispose]();
  expect(logged[0]).toMatchObject({ level: "warn", status: 404 });
  expect(JSON.stringify(logged)).not.toContain("secret");
});

it("a monitor that does not answer keeps nothing from stopping", async () => {
  await using monitor = await openMonitor(0);
  const heartbeat = openHeartbeat(monitor.url, log);
  const called = monitor.called();
  heartbeat.beat();
  await called;
  const before = performance.now();
  await heartbeat[Symbol.asyncDispose]();
  expect(performance.now() - before).toBeLessThan(1_000);
  expect(logged).toEqual([]);
});

it("/metrics says in numbers how it stands", async () => {
  const bulletin = await bench.sendBulletin();
  const [waiting, lost] = (await bench.rows(bulletin)) as [LedgerRow, LedgerRow];
  await bench.worker.claim(lost.id);
  await bench.worker.intend(lost.id);
  await bench.worker.die(lost.id);
  await bench.tamper(`
    update delivery set due_at = clock_timestamp() - interval '30 s' where id = '${waiting.id}';
    insert into pace (key, refused) values ('a', 2), ('b', 3);
    insert into breaker (installation_id, open_until) values ('${waiting.installation_id}', clock_timestamp())`);
  expect(await check()).toBe("not clean");
  const meters = openMeters();
  meters.count("calls", { state: "applied" });
  meters.count("calls", { state: "applied" });
  meters.count("calls", { platform: "slack", outcome: "#general with spaces" });
  meters.observe("call_seconds", 0.25);
  meters.observe("call_seconds", 0.5);
  const health = await startHealth({
    host: "127.0.0.1",
    port: 0,
    checks: {},
    metrics: () => metricsText(bench.database.jobs, meters),
  });
  try {
    const answer = await fetch(`http://127.0.0.1:${health.port}/metrics`);
    const text = await answer.text();
    expect(answer.headers.get("content-type")).toContain("text/plain; version=0.0.4");
    const said = new Map(
      text
        .split("\n")
        .filter((line) => line.startsWith("allpoints_"))
        .map((line) => line.split(" ") as [string, string]),
    );
    expect(Object.fromEntries(said)).toMatchObject({
      'allpoints_deliveries{state="pending"}': "1",
      'allpoints_deliveries{state="sending"}': "0",
      'allpoints_deliveries{state="checking"}': "0",
      'allpoints_deliveries{state="dead"}': "1",
      allpoints_rate_limited_total: "5",
      allpoints_breakers_open: "1",
      allpoints_auditor_findings: "1",
      'allpoints_calls_total{state="applied"}': "2",
      'allpoints_calls_total{platform="slack",outcome="other"}': "1",
      allpoints_call_seconds_sum: "0.75",
      allpoints_call_seconds_max: "0.5",
    });
    const oldest = Number(said.get("allpoints_oldest_pending_seconds"));
    expect(oldest).toBeGreaterThanOrEqual(30);
    expect(oldest).toBeLessThan(60);
    const lastClean = Number(said.get("allpoints_auditor_last_clean_timestamp_seconds"));
    expect(Math.abs(Date.now() / 1000 - lastClean)).toBeLessThan(600);
    // Ids are in no line of it.
    expect(text).not.toMatch(/[0-9a-f]{8}-/);
  } finally {
    await health.close();
  }
});

it("/metrics tells how long it took at worst to learn an unknown outcome", async () => {
  const bulletin = await bench.sendBulletin();
  const [doubtful] = (await bench.rows(bulletin)) as [LedgerRow];
  await bench.worker.claim(doubtful.id);
  await bench.worker.intend(doubtful.id);
  await bench.asSystem((tx) =>
    tx
      .updateTable("delivery")
      .set({ state: "checking", lease_until: null })
      .where("id", "=", doubtful.id)
      .execute(),
  );
  await bench.worker.arrive(doubtful.id);
  await bench.tamper(`
    update delivery set life = jsonb_set(life, '{1,0}', to_jsonb((life -> 1 ->> 0)::timestamptz - interval '12 s'))
     where id = '${doubtful.id}'`);
  await check();
  const text = await metricsText(bench.database.jobs, openMeters());
  expect(text).toMatch(/^allpoints_recovery_seconds\{which="last"\} 12(\.\d+)?$/m);
  expect(text).toMatch(/^allpoints_recovery_seconds\{which="max"\} 12(\.\d+)?$/m);
});
