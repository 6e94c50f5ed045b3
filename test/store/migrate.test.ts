import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Client } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { migrate, pendingMigrations } from "../../src/store/migrate.ts";
import { queueNames } from "../../src/store/queues.ts";
import { openEmptyDatabase, openTestDatabase } from "../support/database.ts";
import type { EmptyDatabase, TestDatabase } from "../support/database.ts";

const first = "create table first (id int primary key); insert into first values (1);";
const second = "create function ones() returns bigint language sql as $$ select count(*) from first $$;";

/** Stands for the queue's own migrations, which have a test of their own below. */
async function queueSchema(client: Client): Promise<void> {
  await client.query(
    "create schema if not exists bullmq; create table if not exists bullmq.migration (version int)",
  );
}

describe("migrations", () => {
  let database: EmptyDatabase;
  let folder: string;
  beforeEach(async () => {
    database = await openEmptyDatabase();
    folder = mkdtempSync(join(tmpdir(), "migrations-"));
    write("0001-first.sql", first);
    write("0002-second.sql", second);
  });
  afterEach(async () => {
    rmSync(folder, { recursive: true });
    await database.close();
  });

  const write = (name: string, sql: string) => writeFileSync(join(folder, name), sql);
  const run = () => migrate({ owner: database.connection.owner, queueSchema, folder });
  const pending = () => pendingMigrations({ connection: database.connection.app, folder });
  async function ask(sql: string): Promise<unknown> {
    const client = new Client({ ...database.connection.owner, options: "-c search_path=allpoints" });
    await client.connect();
    try {
      return (await client.query({ text: sql, rowMode: "array" })).rows[0]?.[0];
    } finally {
      await client.end();
    }
  }

  it("are applied in order, once", async () => {
    expect(await pending()).toEqual(["0001-first.sql", "0002-second.sql"]);
    expect(await run()).toEqual({ applied: ["0001-first.sql", "0002-second.sql"] });
    expect(await run()).toEqual({ applied: [] });
    expect(await pending()).toEqual([]);
    expect(await ask("select ones()")).toBe("1");
  });

  it("are applied once by two processes that start together", async () => {
    const results = await Promise.all([run(), run()]);
    expect(results.flatMap(({ applied }) => applied)).toEqual(["0001-first.sql", "0002-second.sql"]);
  });

  it("refuse to go on when one that was applied has changed", async () => {
    await run();
    write("0001-first.sql", `${first} -- better`);
    await expect(run()).rejects.toThrow("0001-first.sql is not what it was");
    await expect(pending()).rejects.toThrow("0001-first.sql is not what it was");
  });

  it("refuse a database that newer code has migrated", async () => {
    write("0003-third.sql", "select 1");
    await run();
    rmSync(join(folder, "0003-third.sql"));
    await expect(run()).rejects.toThrow("newer than this version");
    await expect(pending()).rejects.toThrow("newer than this version");
  });

  it("refuse a late-comer with a lower number, which other databases would get in another order", async () => {
    rmSync(join(folder, "0001-first.sql"));
    write("0002-second.sql", first);
    await run();
    write("0001-first.sql", "select 1");
    await expect(run()).rejects.toThrow("comes before 0002-second.sql");
  });

  it.each(["0002-third.sql", "3-short.sql", "0003_Third.sql"])("refuse the file name %s", async (name) => {
    write(name, "select 1");
    await expect(run()).rejects.toThrow(name);
  });

  it("leave nothing of one that fails, and keep those before it", async () => {
    write("0003-third.sql", "create table third (id int); select 1 / 0");
    await expect(run()).rejects.toThrow("0003-third.sql was not applied: division by zero");
    expect(await ask("select to_regclass('third')")).toBeNull();
    expect(await pending()).toEqual(["0003-third.sql"]);
    write("0003-third.sql", "create table third (id int)");
    expect(await run()).toEqual({ applied: ["0003-third.sql"] });
  });

  it("refuse a function whose body cannot work", async () => {
    write(
      "0003-third.sql",
      "create function f() returns int language sql as $$ select missing from first $$",
    );
    await expect(run()).rejects.toThrow('column "missing" does not exist');
    write("0003-third.sql", "create function f() returns int language plpgsql as $$ begin retrun 1; end $$");
    await expect(run()).rejects.toThrow("syntax error");
  });

  it("fail loudly where forced row-level security would make an update touch nothing, but may define functions", async () => {
    const forced = "alter table first enable row level security; alter table first force row level security;";
    write("0003-third.sql", `${forced} ${second.replace("ones", "again")}`);
    await run();
    write("0004-backfill.sql", "update first set id = 2");
    await expect(run()).rejects.toThrow("affected by row-level security");
  });

  it("commit as a whole: one that commits by itself does not count as applied", async () => {
    write("0003-third.sql", "create table third (id int); rollback; create table fourth (id int)");
    await expect(run()).rejects.toThrow("0003-third.sql was not applied");
    expect(await pending()).toEqual(["0003-third.sql"]);
  });
});

describe("the queue's schema", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => database.close());

  it.each(["store", "jobs"] as const)(
    "can be used by %s, with an id sequence for each queue",
    async (who) => {
      const { pool } = database[who];
      for (const name of queueNames) {
        // oxlint-disable-next-line no-await-in-loop
        const { rows } = await pool.query(
          "select nextval('bullmq.bullmq_jid_' || md5($1)) is not null as drawn",
          [name],
        );
        expect(rows).toEqual([{ drawn: true }]);
      }
      await pool.query("select from bullmq.job limit 1");
      await expect(pool.query("delete from bullmq.migration")).rejects.toThrow("permission denied");
      await expect(pool.query("create table bullmq.mine (id int)")).rejects.toThrow("permission denied");
    },
  );
});
