import { randomBytes } from "node:crypto";

import { Client } from "pg";
import type { ClientConfig, PoolConfig } from "pg";
import { inject } from "vitest";

import type { KeyFile } from "../../src/store/key-file.ts";
import { roles } from "../../src/store/roles.ts";
import type { LoginRole } from "../../src/store/roles.ts";
import { openKeyring } from "../../src/store/seal.ts";
import type { Keyring } from "../../src/store/seal.ts";
import { openStore } from "../../src/store/store.ts";
import type { Store } from "../../src/store/store.ts";
import type { TestCluster } from "./global-setup.ts";

export interface TestDatabase {
  /** As allpoints_app. */
  readonly store: Store;
  /** As allpoints_jobs. */
  readonly jobs: Store;
  readonly keyring: Keyring;
  /** What the keyring holds, for a thread that opens its own. */
  readonly keys: KeyFile;
  readonly connection: Readonly<Record<LoginRole, PoolConfig>>;
  /** A new connection as allpoints_owner, search_path allpoints; closed with the database. */
  readonly ownerClient: () => Promise<Client>;
  /** Lets that much time pass for every connection to this database: "49 hours", "16 minutes". */
  readonly moveClock: (interval: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** A database with our roles and nothing in it. */
export interface EmptyDatabase {
  readonly connection: Readonly<Record<LoginRole, PoolConfig>>;
  /** Drops it; every connection to it has to be closed. */
  readonly close: () => Promise<void>;
}

/** A migrated database of the test file's own. Between tests make new agencies instead of emptying tables. */
export async function openTestDatabase(): Promise<TestDatabase> {
  const { connection, close } = await makeDatabase(testCluster().template);
  const store = openStore({ connection: connection.app, max: 5 });
  const jobs = openStore({ connection: connection.jobs, max: 5 });
  const clients: Client[] = [];
  const keys = testKeys();

  return {
    store,
    jobs,
    keyring: openKeyring({ keys }),
    keys,
    connection,
    async ownerClient() {
      const client = await connect({ ...connection.owner, options: "-c search_path=allpoints" });
      clients.push(client);
      return client;
    },
    moveClock: (interval) =>
      withClient(connection.owner, async (client) => {
        await client.query("update clock.shift set by = by + $1::interval", [interval]);
      }),
    async close() {
      await Promise.all([store.close(), jobs.close(), ...clients.map((client) => client.end())]);
      await close();
    },
  };
}

/** For tests of the migrations themselves. */
export function openEmptyDatabase(): Promise<EmptyDatabase> {
  return makeDatabase("template1");
}

function testCluster(): TestCluster {
  const cluster = inject("cluster");
  if (typeof cluster === "string") throw new Error(cluster);
  return cluster;
}

/** The cluster's superuser, for tests of roles and catalogs. */
export function superuser(database = "postgres"): ClientConfig {
  const { host, port, passwords } = testCluster();
  return { host, port, database, user: "postgres", password: passwords.superuser };
}

async function makeDatabase(template: string): Promise<EmptyDatabase> {
  const { host, port, passwords } = testCluster();
  const name = `t_${randomBytes(8).toString("hex")}`;
  await withClient(superuser(), async (client) => {
    await client.query(
      `create database ${name} template ${template} owner ${roles.owner} strategy file_copy`,
    );
    // Rights on a database are not cloned with it.
    await client.query(`grant connect, temporary on database ${name} to ${roles.app}, ${roles.jobs}`);
  });
  const as = (role: LoginRole): PoolConfig => ({
    host,
    port,
    database: name,
    user: roles[role],
    password: passwords[role],
  });
  return {
    connection: { app: as("app"), jobs: as("jobs"), owner: as("owner") },
    close: () => withClient(superuser(), (client) => drop(client, name)),
  };
}

function testKeys(): KeyFile {
  const [root = "", index = ""] = [randomBytes(32), randomBytes(32)].map((key) => key.toString("base64"));
  return { current: "test", keys: { test: root }, index };
}

/**
 * Not `with (force)`: that breaks connections which the test process thinks closed, and the run fails with every
 * test green. `pool.end()` resolves before the server has let go, so the first tries may find it still connected.
 */
async function drop(client: Client, name: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    try {
      // oxlint-disable-next-line no-await-in-loop
      await client.query(`drop database ${name}`);
      return;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "55006")) throw error;
      // oxlint-disable-next-line no-await-in-loop
      await new Promise((done) => setTimeout(done, 20));
    }
  }
  throw new Error(`Something is still connected to the test's database: close it before the database.`);
}

async function withClient<T>(config: ClientConfig, work: (client: Client) => Promise<T>): Promise<T> {
  const client = await connect(config);
  try {
    return await work(client);
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
