import { sql } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";

import { uuidv7 } from "../../src/store/ids.ts";
import { openStore } from "../../src/store/store.ts";
import type { Store, Tx } from "../../src/store/store.ts";
import { openTestDatabase } from "../support/database.ts";
import type { TestDatabase } from "../support/database.ts";

const [riverton, lake] = [uuidv7(), uuidv7()];
const asRiverton = { agency: riverton, id: "system" };

let database: TestDatabase;
let store: Store;
beforeAll(async () => {
  database = await openTestDatabase();
  store = database.store;
  const owner = await database.ownerClient();
  await owner.query(`
    create table probe (agency_id uuid not null default current_agency(), word text not null, day date);
    alter table probe enable row level security;
    alter table probe force row level security;
    create policy own on probe using (agency_id = (select current_agency()));
    grant select, insert on probe to allpoints_app`);
});
afterAll(() => database.close());

function write(tx: Tx, word: string) {
  return sql`insert into probe (word) values (${word})`.execute(tx);
}

async function words(tx: Tx): Promise<readonly string[]> {
  const { rows } = await sql<{ word: string }>`select word from probe order by word`.execute(tx);
  return rows.map(({ word }) => word);
}

it("an agency sees what it committed, another agency and nobody see nothing", async () => {
  await store.transaction(asRiverton, (tx) => write(tx, "kept"));
  expect(await store.transaction(asRiverton, words)).toContain("kept");
  expect(await store.transaction({ agency: lake, id: uuidv7() }, words)).toEqual([]);
  expect(await store.transaction({ agency: null, id: "stranger" }, words)).toEqual([]);
  expect((await store.pool.query("select from allpoints.probe")).rowCount).toBe(0);
});

it("work that throws has written nothing", async () => {
  const work = store.transaction(asRiverton, async (tx) => {
    await write(tx, "undone");
    throw new Error("changed my mind");
  });
  await expect(work).rejects.toThrow("changed my mind");
  expect(await store.transaction(asRiverton, words)).not.toContain("undone");
});

it("a failed statement that the work swallowed is not taken for a commit", async () => {
  const work = store.transaction(asRiverton, async (tx) => {
    await write(tx, "lost");
    await sql`select 1 / 0`.execute(tx).catch(() => {});
  });
  await expect(work).rejects.toThrow("nothing was written");
});

it("refuses a statement after the end, instead of running it on somebody else's connection", async () => {
  const kept: Tx[] = [];
  await store.transaction(asRiverton, (tx) => Promise.resolve(kept.push(tx)));
  const failed = store.transaction(asRiverton, (tx) => {
    kept.push(tx);
    return Promise.reject(new Error("changed my mind"));
  });
  await expect(failed).rejects.toThrow("changed my mind");
  const late = await Promise.allSettled(kept.map((tx) => write(tx, "late")));
  expect(late.map((result) => result.status === "rejected" && String(result.reason))).toEqual([
    "Error: transaction is over",
    "Error: transaction is over",
  ]);
});

it("does not nest, and lets nothing but the store begin", async () => {
  const nested = store.transaction(asRiverton, (tx) =>
    tx.transaction().execute((inner) => write(inner, "inner")),
  );
  await expect(nested).rejects.toThrow("do not nest");
});

it.each([
  { agency: "riverton", id: "system" },
  { agency: `${riverton}'; drop table probe; --`, id: "system" },
  { agency: riverton, id: "root" },
  { agency: riverton, id: "system'" },
  { agency: riverton, id: "" },
])("refuses the malformed actor $agency $id", async (actor) => {
  await expect(store.transaction(actor, words)).rejects.toThrow("malformed actor");
});

it("agency and actor are the transaction's own, also with many at once, and are gone after it", async () => {
  const ask = (agency: string, id: string) =>
    store.transaction({ agency, id }, async (tx) => {
      await sql`select pg_sleep(0.001)`.execute(tx);
      const { rows } = await sql<object>`select current_agency() as agency, current_actor() as id`.execute(
        tx,
      );
      return rows[0];
    });
  const actors = Array.from({ length: 100 }, (_, at) => ({ agency: at % 2 ? riverton : lake, id: uuidv7() }));
  expect(await Promise.all(actors.map(({ agency, id }) => ask(agency, id)))).toEqual(actors);
  const left = await Promise.all(
    [1, 2, 3, 4, 5].map(() => store.pool.query("select current_setting('app.agency', true) as left")),
  );
  for (const { rows } of left) expect(rows[0]?.left ?? "").toBe("");
});

/** What the work meets at its first, second, … run: an SQLSTATE, or nothing. */
async function runsWith(states: readonly (string | undefined)[]): Promise<number> {
  let runs = 0;
  await store.transaction(asRiverton, async (tx) => {
    const state = states[runs];
    runs += 1;
    await write(tx, `run ${runs}`);
    if (state) await sql`do ${sql.raw(`$$ begin raise using errcode = '${state}'; end $$`)}`.execute(tx);
  });
  return runs;
}

it.each(["40001", "40P01"])("runs the whole work once more after %s", async (state) => {
  expect(await runsWith([state])).toBe(2);
  expect(await store.transaction(asRiverton, words)).not.toContain("run 1");
  await expect(runsWith([state, state])).rejects.toMatchObject({ code: state });
});

it("does not repeat work for any other failure", async () => {
  await expect(runsWith(["23505"])).rejects.toMatchObject({ code: "23505" });
});

it("two officers who lock each other out both succeed", async () => {
  const lockBoth = (first: number, second: number) =>
    store.transaction(asRiverton, async (tx) => {
      await sql`select pg_advisory_xact_lock(${first})`.execute(tx);
      await sql`select pg_sleep(0.05)`.execute(tx);
      await sql`select pg_advisory_xact_lock(${second})`.execute(tx);
      return "done";
    });
  expect(await Promise.all([lockBoth(1, 2), lockBoth(2, 1)])).toEqual(["done", "done"]);
});

it("survives the server killing a connection in use, and reports it", async () => {
  const seen: string[] = [];
  const small = openStore({
    connection: database.connection.app,
    max: 1,
    onError: (e) => seen.push(e.message),
  });
  const work = small.transaction(asRiverton, async (tx) => {
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx);
    // The app may end what it began itself.
    await store.pool.query("select pg_terminate_backend($1)", [rows[0]?.pid]);
    await sql`select pg_sleep(1)`.execute(tx);
  });
  // In which words depends on how far the statement had come: the connection ended, was reset, or its pipe broke.
  await expect(work).rejects.toThrow(/connection|ECONNRESET|EPIPE|queryable/i);
  expect(seen).not.toEqual([]);
  expect(await small.transaction({ agency: lake, id: "system" }, words)).toEqual([]);
  await small.close();
});

it("every connection has the server's own time limits, also through a URL with options", async () => {
  const { host = "", database: name = "", user = "", password } = database.connection.app;
  const url = `postgres://${user}:${String(password)}@/${name}?host=${host}&options=-c%20work_mem%3D5MB`;
  const byUrl = openStore({ connection: { connectionString: url }, max: 1 });
  const limits = await byUrl.transaction(asRiverton, async (tx) => {
    const { rows } = await sql<object>`
      select current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock,
             current_setting('idle_in_transaction_session_timeout') as idle,
             current_setting('search_path') as path, current_setting('work_mem') as memory`.execute(tx);
    return rows[0];
  });
  await byUrl.close();
  expect(limits).toEqual({ statement: "15s", lock: "5s", idle: "15s", path: "allpoints", memory: "5MB" });
});

it("a date stays the text it is, whatever zone the machine is in", async () => {
  const day = await store.transaction(asRiverton, async (tx) => {
    const { rows } = await sql<{ day: unknown }>`select date '2026-11-22' as day`.execute(tx);
    return rows[0]?.day;
  });
  expect(day).toBe("2026-11-22");
});

it("the test's clock moves for every connection, and the app cannot move it", async () => {
  const ahead = async (tx: Tx) => {
    const { rows } = await sql<{ hours: string }>`
      select round(extract(epoch from clock.now() - clock_timestamp()) / 3600) as hours`.execute(tx);
    return Number(rows[0]?.hours);
  };
  expect(await store.transaction(asRiverton, ahead)).toBe(0);
  await database.moveClock("49 hours");
  expect(await store.transaction(asRiverton, ahead)).toBe(49);
  expect(await database.jobs.transaction(asRiverton, ahead)).toBe(49);
  await expect(store.pool.query("update clock.shift set by = '0'")).rejects.toThrow("permission denied");
});
