import { mkdirSync, mkdtempSync, chmodSync, existsSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { Client, Pool } from "pg";
import type { ClientConfig } from "pg";

import { bullmqSchema } from "../../jobs/bullmq-schema.ts";
import { startEmbedded, type Embedded } from "../../src/store/embedded-postgres.ts";
import { readPostmaster, stopPostmaster } from "../../src/store/embedded-postmaster.ts";
import { migrate } from "../../src/store/migrate.ts";
import { ensureRoles, roles, type LoginRole } from "../../src/store/roles.ts";

/** The settings by which a process of ours finds one database. */
export type DatabaseSettings = Readonly<
  Record<"DATABASE_URL" | "DATABASE_APP_URL" | "DATABASE_JOBS_URL", string>
>;

export interface Cluster {
  /** Holds the cluster, the keyring and the logs. */
  readonly folder: string;
  /** An empty database of our schema, or a copy of a template that was made of one. */
  readonly clone: (from?: string) => Promise<Cloned>;
  /** Where the server is reached. */
  readonly address: { readonly host: string; readonly port: number };
  /** Stops the server with this signal, and starts it again after a while. */
  readonly restart: (signal: "SIGKILL" | "SIGQUIT", downMs: number) => Promise<void>;
}

export interface Cloned {
  readonly name: string;
  readonly settings: DatabaseSettings;
  /** The same through somebody who stands in between. */
  readonly settingsAt: (proxy: { readonly host: string; readonly port: number }) => DatabaseSettings;
  /** As the superuser, who sees everything. Ended when the database is dropped. */
  readonly look: Pool;
  /** Closes it to everybody, so that it can be cloned. */
  readonly freeze: () => Promise<void>;
  readonly drop: () => Promise<void>;
}

const template = "template_app";
const memory = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
const prefix = "allpoints-chaos-";

export function keyringIn({ folder }: Pick<Cluster, "folder">): string {
  return join(folder, "keyring.json");
}

/** One cluster for all runs. Processes are killed here, never machines, so nothing has to reach a disk. */
export async function openCluster(): Promise<Cluster & AsyncDisposable> {
  await removeDeadRuns();
  const folder = mkdtempSync(join(memory, `${prefix}${process.pid}-`));
  // PostgreSQL does not run as root, and the user it runs as has to come through here.
  chmodSync(folder, 0o711);
  mkdirSync(join(folder, "logs"));
  const dataDir = join(folder, "pg");
  const options = {
    dataDir,
    initdbArgs: ["--no-sync"],
    settings: {
      fsync: "off",
      // What was committed has left the server's own memory: it may be killed too.
      synchronous_commit: "on",
      full_page_writes: "off",
      max_connections: "600",
      // Hundreds of connections log in, and nobody guesses passwords here.
      scram_iterations: "1",
    },
  };
  let server = await startEmbedded(options);
  const passwords = {
    owner: server.passwordFor(roles.owner),
    app: server.passwordFor(roles.app),
    jobs: server.passwordFor(roles.jobs),
  };
  await ensureRoles({ admin: server.superuserOptions, database: template, passwords });
  await migrate({ owner: server.url(template, roles.owner), queueSchema: bullmqSchema });
  await asSuperuser(server, `alter database ${template} with is_template true allow_connections false`);
  let count = 0;
  return {
    folder,
    address: { host: server.superuserOptions.host ?? "", port: server.superuserOptions.port ?? 0 },
    clone: (from = template) => {
      count += 1;
      return clone(server, from, `chaos_${count}`);
    },
    async restart(signal, downMs) {
      const pid = readPostmaster(dataDir)?.pid;
      if (pid === undefined) throw new Error("the server does not run");
      process.kill(pid, signal);
      await wait(downMs);
      server = await startEmbedded(options);
    },
    async [Symbol.asyncDispose]() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A run that was killed leaves its cluster in memory, with the server still running on it. */
async function removeDeadRuns(): Promise<void> {
  for (const name of readdirSync(memory).filter((entry) => entry.startsWith(prefix))) {
    if (existsSync(`/proc/${parseInt(name.slice(prefix.length), 10)}`)) continue;
    const dataDir = join(memory, name, "pg");
    const pid = readPostmaster(dataDir)?.pid;
    // oxlint-disable-next-line no-await-in-loop
    if (pid !== undefined) await stopPostmaster(pid, dataDir);
    rmSync(join(memory, name), { recursive: true, force: true });
  }
}

async function clone(server: Embedded, from: string, name: string): Promise<Cloned> {
  await asSuperuser(
    server,
    `create database ${name} template ${from} owner ${roles.owner} strategy file_copy`,
    // Rights on a database are not cloned with it.
    `grant connect, temporary on database ${name} to ${roles.app}, ${roles.jobs}`,
  );
  const look = new Pool({ ...server.url(name), options: "-c search_path=allpoints", max: 3 });
  look.on("error", () => {});
  const settings = (through: Partial<ClientConfig> = {}): DatabaseSettings => {
    const url = (role: LoginRole) => urlOf({ ...server.url(name, roles[role]), ...through });
    return { DATABASE_URL: url("owner"), DATABASE_APP_URL: url("app"), DATABASE_JOBS_URL: url("jobs") };
  };
  return {
    name,
    settings: settings(),
    settingsAt: ({ host, port }) => settings({ host, port }),
    look,
    async freeze() {
      await look.end();
      await asSuperuser(server, `alter database ${name} with is_template true allow_connections false`);
    },
    async drop() {
      await look.end();
      await asSuperuser(server, `drop database ${name} with (force)`);
    },
  };
}

/** A server on a socket only: its folder goes where a URL has its options. */
function urlOf({ host = "", port = 0, database = "", user = "", password }: ClientConfig): string {
  const login = `${user}:${encodeURIComponent(String(password))}`;
  return `postgres://${login}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`;
}

async function asSuperuser(server: Embedded, ...statements: readonly string[]): Promise<void> {
  const client = await connect(server.superuserOptions);
  try {
    // oxlint-disable-next-line no-await-in-loop
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

async function connect(config: ClientConfig): Promise<Client> {
  const client = new Client(config);
  client.on("error", () => {});
  await client.connect();
  return client;
}
