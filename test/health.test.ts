import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Client, type PoolConfig } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";

import { readConfig } from "../src/config.ts";
import { openLog } from "../src/log.ts";
import { start } from "../src/main.ts";
import { openTestDatabase, superuser, type TestDatabase } from "./support/database.ts";

let folder: string;
let db: TestDatabase;
let running: Awaited<ReturnType<typeof start>>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "allpoints-health-"));
  db = await openTestDatabase();
  const { owner, app, jobs } = db.connection;
  const { config } = readConfig({
    ALLPOINTS_DATA: folder,
    DATABASE_URL: url(owner),
    DATABASE_APP_URL: url(app),
    DATABASE_JOBS_URL: url(jobs),
    HEALTH_PORT: "0",
  });
  running = await start({ config, log: openLog({ to: { write: () => {} } }) }, []);
}, 60_000);
afterAll(async () => {
  await running[Symbol.asyncDispose]();
  await db.close();
  rmSync(folder, { recursive: true, force: true });
});

function url({ host = "", port, database, user = "", password }: PoolConfig): string {
  return `postgres://${user}:${encodeURIComponent(String(password))}@/${database}?host=${encodeURIComponent(host)}&port=${port}`;
}

async function ask(path: "healthz" | "readyz") {
  const response = await fetch(`http://127.0.0.1:${running.healthPort}/${path}`);
  const text = await response.text();
  return { status: response.status, said: path === "readyz" ? (JSON.parse(text) as unknown) : text };
}

const ready = { status: 200, said: { ready: true, checks: { database: "ok", migrations: "ok" } } };

it("is ready with its database up to date", async () => {
  expect(await ask("healthz")).toEqual({ status: 200, said: "ok" });
  expect(await ask("readyz")).toEqual(ready);
});

it("is not ready while a migration is pending", async () => {
  const owner = await db.ownerClient();
  const { rows } = await owner.query<{ name: string; checksum: string }>(
    "delete from schema_migration where name = (select max(name) from schema_migration) returning name, checksum",
  );
  expect(await ask("readyz")).toEqual({
    status: 503,
    said: { ready: false, checks: { database: "ok", migrations: "pending" } },
  });
  const [last] = rows;
  await owner.query("insert into schema_migration values ($1, $2)", [last?.name, last?.checksum]);
  expect(await ask("readyz")).toEqual(ready);
});

it("lives but is not ready while its database is away, says no more than that, and is ready again after", async () => {
  const name = String(db.connection.owner.database);
  const root = new Client(superuser());
  await root.connect();
  try {
    await root.query(`alter database ${name} with allow_connections false`);
    await root.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [name]);
    expect(await ask("readyz")).toEqual({
      status: 503,
      said: { ready: false, checks: { database: "failed", migrations: "failed" } },
    });
    expect(await ask("healthz")).toEqual({ status: 200, said: "ok" });
  } finally {
    await root.query(`alter database ${name} with allow_connections true`);
    await root.end();
  }
  expect(await ask("readyz")).toEqual(ready);
});
