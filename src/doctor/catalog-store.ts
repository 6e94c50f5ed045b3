import { createHash } from "node:crypto";

import { sql } from "kysely";
import { Pool, type PoolConfig } from "pg";

import { queueNames } from "../store/queues.ts";
import { roles } from "../store/roles.ts";
import type { Tx } from "../store/store.ts";

/** A way to ask the database without a change to it. */
export type Look = Pool;

/** One connection to look with, a question at a time: whatever is asked through it can change nothing. */
export async function openLook(config: PoolConfig): Promise<Look> {
  const pool = new Pool({
    ...config,
    max: 1,
    connectionTimeoutMillis: 5_000,
    application_name: "allpoints doctor",
    verify: (client, done) =>
      client.query("set default_transaction_read_only = on; set statement_timeout = '8s'", (error) =>
        done(error),
      ),
  });
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  try {
    (await pool.connect()).release();
    return pool;
  } catch (error) {
    await pool.end();
    throw error;
  }
}

export interface Server {
  readonly version: string;
  readonly number: number;
  readonly encrypted: boolean;
  /** On this machine, or in it: nobody between listens. */
  readonly near: boolean;
  readonly may_make_roles: boolean;
  /** How many of our roles there are. */
  readonly known: number;
}

export async function askServer(look: Look): Promise<Server> {
  const { rows } = await look.query<Server>(
    `select current_setting('server_version') as version, current_setting('server_version_num')::int as number,
            coalesce((select ssl from pg_stat_ssl where pid = pg_backend_pid()), false) as encrypted,
            inet_client_addr() is null or inet_client_addr() = inet_server_addr() as near,
            (select rolsuper or rolcreaterole from pg_roles where rolname = current_user) as may_make_roles,
            (select count(*)::int from pg_roles where rolname = any($1)) as known`,
    [Object.values(roles)],
  );
  const [row] = rows;
  if (row === undefined) throw new Error("the server said nothing");
  return row;
}

export interface LoggedIn {
  /** As whom it acts. */
  readonly role: string;
  /** As whom it came in, and to which it could go back. */
  readonly login: string;
  readonly superuser: boolean;
}

export async function askLogin(look: Look): Promise<LoggedIn> {
  const { rows } = await look.query<LoggedIn>(
    `select current_user as role, session_user as login, rolsuper as superuser
       from pg_roles where rolname = session_user`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error("the server does not know who asks");
  return row;
}

/** What lets the bot or the jobs past row-level security, in words. */
export async function findRoleFaults(look: Look): Promise<readonly string[]> {
  const { rows } = await look.query<{ fault: string }>(
    `with bound as (select * from pg_roles where rolname in ($1, $2))
     select rolname || ' is a superuser' as fault from bound where rolsuper
     union all select rolname || ' bypasses row-level security' from bound where rolbypassrls
     union all select rolname || ' may make roles' from bound where rolcreaterole
     union all select rolname || ' is a member of ' || pg_get_userbyid(roleid)
       from bound join pg_auth_members on member = bound.oid
     union all select rolname || ' owns the database' from bound
       join pg_database on datdba = bound.oid and datname = current_database()
     union all select rolname || ' owns ' || relname from bound
       join pg_class on relowner = bound.oid and relpersistence <> 't'`,
    [roles.app, roles.jobs],
  );
  return rows.map(({ fault }) => fault);
}

export interface Tables {
  /** How many tables hold rows of an agency. */
  readonly total: number;
  /** Those of them whose rows everybody, or their owner, could read. */
  readonly open: readonly string[];
}

export async function findOpenTables(look: Look): Promise<Tables> {
  const { rows } = await look.query<{ name: string; forced: boolean }>(
    `select distinct c.relname as name, c.relrowsecurity and c.relforcerowsecurity as forced
       from pg_class c
       join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'allpoints'
       join pg_attribute a on a.attrelid = c.oid and a.attname in ('agency_id', 'owner_agency_id')
      where c.relkind in ('r', 'p') and not a.attisdropped
      order by 1`,
  );
  return { total: rows.length, open: rows.filter(({ forced }) => !forced).map(({ name }) => name) };
}

/** What the queue needs in the database and does not find there. */
export async function findMissingQueueParts(look: Look): Promise<readonly string[]> {
  const wanted = [
    "migration",
    ...queueNames.map((name) => `bullmq_jid_${createHash("md5").update(name).digest("hex")}`),
  ];
  const { rows } = await look.query<{ name: string }>(
    `select w.name from unnest($1::text[]) as w(name)
      where not exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'bullmq'
                         where c.relname = w.name)`,
    [wanted],
  );
  return rows.map(({ name }) => name);
}

/** How far the database's clock is ahead of this machine's, in ms; the way there and back is given the benefit. */
export async function measureSkew(look: Look): Promise<number> {
  // A connection of its own for the moment: waiting for other questions would pass for a long way.
  const client = await look.connect();
  try {
    const before = Date.now();
    const { rows } = await client.query<{ ms: number }>(
      "select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms",
    );
    const after = Date.now();
    const there = rows[0]?.ms ?? Number.NaN;
    if (there < before) return there - before;
    return Math.max(0, there - after);
  } finally {
    client.release();
  }
}

/** By how much the business clock is moved: "00:00:00", or the sandbox's. As the bot. */
export async function readClockShift(look: Look): Promise<{ readonly moved: boolean; readonly by: string }> {
  const { rows } = await look.query<{ moved: boolean; by: string }>(
    "select by <> '0' as moved, by::text as by from clock.shift",
  );
  return rows[0] ?? { moved: false, by: "0" };
}

/** As the system: whether there is an agency yet, and so something sealed. */
export async function hasAgencies(tx: Tx): Promise<boolean> {
  const { rows } = await sql`select from agency limit 1`.execute(tx);
  return rows.length > 0;
}
