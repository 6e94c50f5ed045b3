import { join } from "node:path";

import { Client } from "pg";
import type { ClientConfig, PoolConfig } from "pg";

import type { Config } from "../config.ts";
import { StartError } from "../errors.ts";
import { startEmbedded } from "./embedded-postgres.ts";
import { asRole, ensureRoles, roles } from "./roles.ts";

const DATABASE = "allpoints";
const OLDEST = 17;

/** How to reach the database as each role. */
export interface DatabaseAccess {
  readonly owner: ClientConfig;
  readonly app: PoolConfig;
  readonly jobs: PoolConfig;
  /** The one that comes with the bot: for trying out, and for one box. */
  readonly embedded: boolean;
  /** Lets go of an embedded server; the last one to leave stops it. */
  readonly stop: () => Promise<void>;
}

/** Starts the embedded database, or reaches the configured one, with its roles in place. */
export async function openDatabase(
  config: Pick<Config, "ALLPOINTS_DATA" | "DATABASE_URL" | "DATABASE_APP_URL" | "DATABASE_JOBS_URL">,
): Promise<DatabaseAccess> {
  return config.DATABASE_URL === undefined
    ? openEmbedded(config.ALLPOINTS_DATA)
    : openConfigured({ ...config, DATABASE_URL: config.DATABASE_URL });
}

async function openEmbedded(data: string): Promise<DatabaseAccess> {
  const cluster = await startEmbedded({ dataDir: join(data, "pg") });
  const { owner, app, jobs } = roles;
  await ensureRoles({
    admin: cluster.superuserOptions,
    database: DATABASE,
    passwords: {
      owner: cluster.passwordFor(owner),
      app: cluster.passwordFor(app),
      jobs: cluster.passwordFor(jobs),
    },
  });
  return {
    owner: cluster.url(DATABASE, owner),
    app: cluster.url(DATABASE, app),
    jobs: cluster.url(DATABASE, jobs),
    embedded: true,
    stop: cluster.stop,
  };
}

async function openConfigured(
  config: Pick<Config, "DATABASE_APP_URL" | "DATABASE_JOBS_URL"> & { readonly DATABASE_URL: string },
): Promise<DatabaseAccess> {
  const login: ClientConfig = { connectionString: config.DATABASE_URL };
  await prepareRoles(login);
  return {
    owner: asRole(login, "owner"),
    app:
      config.DATABASE_APP_URL === undefined
        ? asRole(login, "app")
        : { connectionString: config.DATABASE_APP_URL },
    jobs:
      config.DATABASE_JOBS_URL === undefined
        ? asRole(login, "jobs")
        : { connectionString: config.DATABASE_JOBS_URL },
    embedded: false,
    stop: async () => {},
  };
}

/** Makes the roles on the first start; afterwards the login needs no right to make any. */
async function prepareRoles(login: ClientConfig): Promise<void> {
  const client = new Client(login);
  client.on("error", () => {});
  try {
    await client.connect();
  } catch (error) {
    throw new StartError(
      "The database of DATABASE_URL cannot be reached.",
      `Check address, name and password, and that the server runs (${error instanceof Error && "code" in error ? String(error.code) : "no code"}).`,
      69,
    );
  }
  try {
    const { rows } = await client.query<{ version: number; known: number; name: string }>(
      `select current_setting('server_version_num')::int as version, current_database() as name,
              (select count(*)::int from pg_roles where rolname = any($1)) as known`,
      [Object.values(roles)],
    );
    const { version = 0, known = 0, name = "" } = rows[0] ?? {};
    if (version < OLDEST * 10_000) {
      throw new StartError(
        "The database server is too old.",
        `Allpoints needs PostgreSQL ${OLDEST} or later.`,
        69,
      );
    }
    if (known < Object.values(roles).length) await ensureRoles({ admin: login, database: name });
  } finally {
    await client.end();
  }
}
