import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Client } from "pg";
import type { ClientConfig } from "pg";
import type { TestProject } from "vitest/node";

import { bullmqSchema } from "../../jobs/bullmq-schema.ts";
import { startEmbedded } from "../../src/store/embedded-postgres.ts";
import { migrate } from "../../src/store/migrate.ts";
import { ensureRoles, roles } from "../../src/store/roles.ts";

/** What a test file needs to clone its own database. */
export interface TestCluster {
  readonly host: string;
  readonly port: number;
  readonly template: string;
  readonly passwords: Readonly<Record<"superuser" | "owner" | "app" | "jobs", string>>;
}

declare module "vitest" {
  interface ProvidedContext {
    /** Or the sentence why there is none: a broken migration fails the tests that need it, and no others. */
    readonly cluster: TestCluster | string;
  }
}

// In memory where there is such a thing: nothing here outlives the run.
const memory = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
const prefix = "allpoints-test-";
const template = "template_app";

/** One cluster per run, with a migrated database that every test file clones. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  removeDeadRuns();
  const folder = join(memory, `${prefix}${process.pid}`);
  const cluster = await startEmbedded({
    dataDir: join(folder, "pg"),
    initdbArgs: ["--no-sync"],
    settings: { fsync: "off", synchronous_commit: "off", full_page_writes: "off", max_connections: "200" },
  });
  const passwords = {
    owner: cluster.passwordFor(roles.owner),
    app: cluster.passwordFor(roles.app),
    jobs: cluster.passwordFor(roles.jobs),
  };
  try {
    await ensureRoles({ admin: cluster.superuserOptions, database: template, passwords });
    await migrate({ owner: cluster.url(template, roles.owner), queueSchema: bullmqSchema });
    await freeze(cluster.superuserOptions);
    const { host = "", port = 0, password } = cluster.superuserOptions;
    const superuser = String(password);
    project.provide("cluster", { host, port, template, passwords: { ...passwords, superuser } });
  } catch (error) {
    project.provide("cluster", error instanceof Error ? error.message : String(error));
  }
  return async () => {
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}

/** A database that somebody is connected to cannot be cloned. */
async function freeze(superuser: ClientConfig): Promise<void> {
  const client = new Client(superuser);
  await client.connect();
  await client.query(`alter database ${template} with is_template true allow_connections false`);
  await client.end();
}

/** A killed run leaves its cluster in memory, with the server still running on it. */
function removeDeadRuns(): void {
  for (const name of readdirSync(memory).filter((entry) => entry.startsWith(prefix))) {
    const pid = parseInt(name.slice(prefix.length), 10);
    if (!isAlive(pid)) {
      const postmaster = Number(read(join(memory, name, "pg", "postmaster.pid"))?.split("\n")[0]);
      if (read(`/proc/${postmaster}/comm`)?.startsWith("postgres")) process.kill(postmaster, "SIGQUIT");
      rmSync(join(memory, name), { recursive: true, force: true });
    }
  }
}

/** A zombie counts as gone. */
function isAlive(pid: number): boolean {
  const state = read(`/proc/${pid}/stat`)?.split(") ").at(-1)?.[0];
  return state !== undefined && state !== "Z";
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
