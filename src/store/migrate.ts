import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { Client } from "pg";
import type { ClientConfig } from "pg";

import { queueNames } from "./queues.ts";
import { roles } from "./roles.ts";

export interface Migrate {
  /** Logs in as allpoints_owner, or as a login that became it (`asRole`). */
  readonly owner: ClientConfig;
  /** Makes the queue's own tables in schema `bullmq`; handed in because only `jobs/` knows the queue. */
  readonly queueSchema: (client: Client) => Promise<void>;
  /** Where the numbered .sql files are; our own unless a test says otherwise. */
  readonly folder?: string;
}

interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

const ownFolder = join(import.meta.dirname, "migrations");
const fileName = /^\d{4}-[a-z0-9-]+\.sql$/;

/** Brings the database up to this code: our migrations in order, the queue's tables, the grants on them. */
export async function migrate({
  owner,
  queueSchema,
  folder = ownFolder,
}: Migrate): Promise<{ readonly applied: readonly string[] }> {
  const migrations = await readMigrations(folder);
  const client = new Client({ ...owner, application_name: "allpoints migrate" });
  client.on("error", () => {});
  await client.connect();
  try {
    // A session lock, because each migration commits by itself; it goes with the connection, however that ends.
    await client.query("select pg_advisory_lock(7_022_002)");
    // Forced row-level security binds the owner too: better an error than an update that touches no row.
    await client.query("set row_security = off");
    await createLedger(client);
    const pending = comparePending(migrations, await readLedger(client));
    await client.query(`grant create on schema allpoints to ${roles.definer}`);
    for (const migration of pending) await apply(client, migration);
    // Only needed while functions are handed to it.
    await client.query(`revoke create on schema allpoints from ${roles.definer}`);
    await queueSchema(client);
    await grantQueue(client);
    return { applied: pending.map(({ name }) => name) };
  } finally {
    await client.end();
  }
}

/** The migrations this code has and the database has not; throws where the two contradict each other. */
export async function pendingMigrations({
  connection,
  folder = ownFolder,
}: {
  readonly connection: ClientConfig;
  readonly folder?: string;
}): Promise<readonly string[]> {
  const migrations = await readMigrations(folder);
  const client = new Client(connection);
  client.on("error", () => {});
  await client.connect();
  try {
    const { rows } = await client.query<{ known: boolean }>(
      "select to_regclass('allpoints.schema_migration') is not null as known",
    );
    const ledger = rows[0]?.known ? await readLedger(client) : new Map<string, string>();
    return comparePending(migrations, ledger).map(({ name }) => name);
  } finally {
    await client.end();
  }
}

async function readMigrations(folder: string): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sql")).toSorted();
  const numbers = names.map((name) => name.slice(0, 4));
  for (const [at, name] of names.entries()) {
    if (!fileName.test(name)) throw new Error(`A migration is named 0001-what-it-does.sql, not ${name}.`);
    if (numbers.indexOf(name.slice(0, 4)) !== at)
      throw new Error(`Two migrations have the number of ${name}.`);
  }
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(join(folder, name), "utf8");
      return { name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
    }),
  );
}

// Not called "migration": BullMQ has a table of that name, and its statements do not name their schema.
async function createLedger(client: Client): Promise<void> {
  await client.query(`
    create schema if not exists allpoints;
    create table if not exists allpoints.schema_migration (
      name text primary key,
      checksum text not null,
      applied_at timestamptz not null default clock_timestamp()
    );
    grant usage on schema allpoints to ${roles.app}, ${roles.jobs};
    grant select on allpoints.schema_migration to ${roles.app}, ${roles.jobs}`);
}

async function readLedger(client: Client): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<{ name: string; checksum: string }>(
    "select name, checksum from allpoints.schema_migration",
  );
  return new Map(rows.map(({ name, checksum }) => [name, checksum]));
}

function comparePending(
  migrations: readonly Migration[],
  ledger: ReadonlyMap<string, string>,
): readonly Migration[] {
  const ours = new Set(migrations.map(({ name }) => name));
  for (const name of ledger.keys()) {
    if (!ours.has(name)) {
      throw new Error(`The database is newer than this version of Allpoints: it has had ${name}.`);
    }
  }
  for (const { name, checksum } of migrations) {
    const before = ledger.get(name);
    if (before !== undefined && before !== checksum) {
      throw new Error(`${name} is not what it was when this database had it: write a new migration instead.`);
    }
  }
  const pending = migrations.filter(({ name }) => !ledger.has(name));
  const last = [...ledger.keys()].toSorted().at(-1) ?? "";
  const late = pending.find(({ name }) => name < last);
  if (late) throw new Error(`${late.name} comes before ${last}, which this database has had: renumber it.`);
  return pending;
}

const checkBodies = `
  select case l.lanname when 'sql' then fmgr_sql_validator(p.oid) else plpgsql_validator(p.oid) end
    from pg_proc p
    join pg_language l on l.oid = p.prolang
   where p.pronamespace = 'allpoints'::regnamespace and l.lanname in ('sql', 'plpgsql')`;

async function apply(client: Client, { name, sql, checksum }: Migration): Promise<void> {
  await client.query("begin");
  try {
    // Bodies are checked at the end: with row_security off PostgreSQL refuses a body that reads a table with forced
    // row-level security, although a function will never run with that setting.
    await client.query("set local search_path = allpoints; set local check_function_bodies = off");
    await client.query(sql);
    await client.query("set local check_function_bodies = on; set local row_security = on");
    await client.query(checkBodies);
    await client.query("insert into allpoints.schema_migration (name, checksum) values ($1, $2)", [
      name,
      checksum,
    ]);
    const { command } = await client.query("commit");
    if (command !== "COMMIT") throw new Error("the transaction had failed");
  } catch (error) {
    await client.query("rollback");
    throw new Error(`${name} was not applied: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** Repeated at every migrate, because a newer BullMQ may bring new tables and functions. */
async function grantQueue(client: Client): Promise<void> {
  const both = `${roles.app}, ${roles.jobs}`;
  const sequences = queueNames.map(
    (name) =>
      `create sequence if not exists bullmq.bullmq_jid_${createHash("md5").update(name).digest("hex")}`,
  );
  await client.query(`
    ${sequences.join(";\n")};
    grant usage on schema bullmq to ${both};
    grant select, insert, update, delete on all tables in schema bullmq to ${both};
    revoke insert, update, delete on bullmq.migration from ${both};
    grant usage, select on all sequences in schema bullmq to ${both};
    grant execute on all functions in schema bullmq to ${both}`);
}
