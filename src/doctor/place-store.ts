import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { PoolConfig } from "pg";

import type { Config } from "../config.ts";
import { isPostmaster, readIfThere, readPostmaster } from "../store/embedded-postmaster.ts";
import { isAlive } from "../store/embedded-users.ts";
import { asRole, derivedPassword, roles, type LoginRole } from "../store/roles.ts";

/** How to reach the database as it is now. */
export interface Access {
  /** DATABASE_URL as it was given, or the embedded database's owner. */
  readonly login: PoolConfig;
  readonly app: PoolConfig;
  readonly jobs: PoolConfig;
}

export type DatabasePlace =
  | { readonly kind: "configured"; readonly access: Access }
  | {
      readonly kind: "embedded";
      readonly access: Access;
      readonly pid: number;
      /** No live process of ours uses it: a killed one left it behind. */
      readonly orphan: boolean;
    }
  | { readonly kind: "unmade" }
  | { readonly kind: "stopped" };

/** Where the database is. Starts and makes nothing: `openDatabase` would do both. */
export function findDatabase(
  config: Pick<Config, "ALLPOINTS_DATA" | "DATABASE_URL" | "DATABASE_APP_URL" | "DATABASE_JOBS_URL">,
): DatabasePlace {
  const { DATABASE_URL, DATABASE_APP_URL, DATABASE_JOBS_URL } = config;
  if (DATABASE_URL === undefined) return findEmbedded(join(config.ALLPOINTS_DATA, "pg"));
  const login = { connectionString: DATABASE_URL };
  const as = (role: "app" | "jobs", url: string | undefined) =>
    url === undefined ? asRole(login, role) : { connectionString: url };
  return {
    kind: "configured",
    access: { login, app: as("app", DATABASE_APP_URL), jobs: as("jobs", DATABASE_JOBS_URL) },
  };
}

function findEmbedded(dataDir: string): DatabasePlace {
  if (readIfThere(join(dataDir, "PG_VERSION")) === undefined) return { kind: "unmade" };
  const running = readPostmaster(dataDir);
  if (running === undefined || !running.ready || !isPostmaster(running.pid, dataDir))
    return { kind: "stopped" };
  const secret = readFileSync(join(dataDir, "superuser-password"), "utf8").trim();
  const as = (role: LoginRole): PoolConfig => ({
    host: running.socketDir,
    port: running.port,
    database: "allpoints",
    user: roles[role],
    password: derivedPassword(secret, roles[role]),
  });
  return {
    kind: "embedded",
    access: { login: as("owner"), app: as("app"), jobs: as("jobs") },
    pid: running.pid,
    orphan: !isUsed(`${dataDir}.users`),
  };
}

/** As in embedded-users.ts: a file for each process, named so that one can see whether it lives. */
function isUsed(folder: string): boolean {
  return existsSync(folder) && readdirSync(folder).some(isAlive);
}
