import { createHash } from "node:crypto";

import { Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from "kysely";
import type { DatabaseConnection, Driver } from "kysely";
import { DatabaseError, Pool, types } from "pg";
import type { PoolClient, PoolConfig } from "pg";

import type { Database } from "./schema.ts";

/** For whom a transaction works: row-level security shows it this agency's rows and no others. */
export interface Actor {
  /** Null: nobody's rows. */
  readonly agency: string | null;
  /** An officer's id, or "system", "operator", "stranger". */
  readonly id: string;
  /**
   * Commits without waiting for the disk: a power cut may undo the last half second of such transactions, wholly and in
   * order. Only where nothing was done yet because of it.
   */
  readonly mayBeLost?: true;
}

/** What a statement runs on. Handed from function to function; refuses everything once its transaction is over. */
export type Tx = Kysely<Database>;

export interface Store {
  readonly transaction: <T>(actor: Actor, work: (tx: Tx) => Promise<T>) => Promise<T>;
  /** For what has no actor: LISTEN, health checks. */
  readonly pool: Pool;
  readonly close: () => Promise<void>;
}

export interface StoreOptions {
  readonly connection: PoolConfig;
  readonly max?: number;
  /** Told when a connection breaks while nobody uses it. */
  readonly onError?: (error: Error) => void;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const namedActors = ["system", "operator", "stranger"];

/**
 * PostgreSQL undid everything, and the same work may well succeed now: serialization failure, deadlock, a reference
 * drawn that somebody has already, because references are short enough to be said by radio, and a token that left the
 * vocabulary with its last entry just as a new one took it up.
 */
function worthRetrying(error: unknown): boolean {
  if (!(error instanceof DatabaseError)) return false;
  const { code = "", constraint = "" } = error;
  if (code === "23505") return constraint.endsWith("_ref_key");
  return code === "40001" || code === "40P01" || (code === "23503" && constraint.endsWith("_token_fkey"));
}

/** It is the database, or the way to it, and not what was asked. */
export function isDatabaseTrouble(error: unknown): boolean {
  if (error instanceof DatabaseError) return true;
  if (!(error instanceof Error)) return false;
  return "code" in error || /^(Connection terminated|timeout exceeded)/.test(error.message);
}

/** A migration changed a table under a prepared `select *`: only a new connection can prepare it again. */
function isOutdated(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === "0A000";
}

// Set by us and not through pg's options, which a URL with "?options=" would override. They stop at the server:
// pg's own time-outs only stop waiting. Plans are kept: one that was made while a table was nearly empty must still be good
// when it is full, so every plan goes through an index where there is one.
const sessionSettings = [
  "search_path = allpoints",
  "enable_seqscan = off",
  "enable_hashjoin = off",
  "enable_mergejoin = off",
  // Neither pays for statements that touch a few rows.
  "jit = off",
  "max_parallel_workers_per_gather = 0",
  "statement_timeout = '15s'",
  "lock_timeout = '5s'",
  "idle_in_transaction_session_timeout = '15s'",
]
  .map((setting) => `set ${setting}`)
  .join("; ");

/** Opens the pool through which one role reads and writes. */
export function openStore({ connection, max = 10, onError = () => {} }: StoreOptions): Store {
  const pool = new Pool({
    connectionTimeoutMillis: 10_000,
    ...connection,
    max,
    // Lets `begin` and the first statement share one packet.
    pipeline: true,
    types: { getTypeParser },
    verify: (client, done) => client.query(sessionSettings, (error) => done(error)),
  });
  pool.on("error", onError);
  // A client in use is not covered by the pool's listener: without its own a killed backend ends the process.
  pool.on("connect", (client) => client.on("error", onError));
  const factory = kyselyFactory();

  return {
    pool,
    async transaction(actor, work) {
      checkActor(actor);
      const once = async () => runTransaction({ client: await pool.connect(), actor, factory }, work);
      // Every connection may hold a plan from before a migration: each is met once.
      for (let outdated = 0; ; outdated += 1) {
        try {
          // oxlint-disable-next-line no-await-in-loop
          return await once();
        } catch (error) {
          if (isOutdated(error) && outdated <= max) continue;
          if (worthRetrying(error)) return once();
          throw error;
        }
      }
    },
    close: () => pool.end(),
  };
}

function checkActor({ agency, id }: Actor): void {
  // Both go into SQL as text, so that they can share a packet with `begin`.
  if ((agency !== null && !uuid.test(agency)) || !(uuid.test(id) || namedActors.includes(id))) {
    throw new Error("malformed actor");
  }
}

const notFlushed = ", set_config('synchronous_commit', 'off', true)";

interface Opening {
  readonly client: PoolClient;
  readonly actor: Actor;
  readonly factory: (connection: DatabaseConnection) => Tx;
}

async function runTransaction<T>(
  { client, actor, factory }: Opening,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  let over = false;
  let broken: Error | undefined;
  const connection = connectionOf(client, () => over);
  try {
    const opened = client.query(
      `begin; select set_config('app.agency', '${actor.agency ?? ""}', true), set_config('app.actor', '${actor.id}', true)${actor.mayBeLost === true ? notFlushed : ""}`,
    );
    // Awaited below. A failure in between also fails the work's first statement, which says it better.
    opened.catch(() => {});
    const result = await work(factory(connection));
    over = true;
    await opened;
    const { command } = await client.query("commit");
    // After a failed statement that the work swallowed, COMMIT answers ROLLBACK and raises nothing.
    if (command !== "COMMIT") throw new Error("the transaction had failed; nothing was written");
    return result;
  } catch (error) {
    over = true;
    if (isOutdated(error)) broken = new Error("its prepared statements are outdated");
    await client.query("rollback").catch((reason: Error) => (broken = reason));
    throw error;
  } finally {
    client.release(broken ?? false);
  }
}

function connectionOf(client: PoolClient, isOver: () => boolean): DatabaseConnection {
  return {
    async executeQuery({
      sql,
      parameters,
    }: {
      readonly sql: string;
      readonly parameters: readonly unknown[];
    }) {
      if (isOver()) throw new Error("transaction is over");
      const { command, rowCount, rows } = await client.query({
        text: sql,
        values: [...parameters],
        ...(parameters.length > 0 && { name: statementName(sql) }),
      });
      const changes = command !== "SELECT" && rowCount !== null;
      return { rows, ...(changes && { numAffectedRows: BigInt(rowCount) }) };
    },
    // oxlint-disable-next-line require-yield
    async *streamQuery() {
      throw new Error("a pipelined connection cannot stream");
    },
  };
}

const names = new Map<string, string>();
const MOST_NAMES = 1_000;

/**
 * Planned once per connection and not at each use: with row-level security that is most of a short statement's cost.
 * Lists of every length would make names without end.
 */
function statementName(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= MOST_NAMES) return known;
  const name = createHash("sha256").update(text).digest("base64url").slice(0, 22);
  names.set(text, name);
  return name;
}

function refuse(): Promise<never> {
  return Promise.reject(new Error("transactions are begun by the store and do not nest"));
}

/** One query builder per store; each transaction gets a copy that can reach its own connection and nothing else. */
function kyselyFactory(): (connection: DatabaseConnection) => Tx {
  const driver: Driver = {
    init: () => Promise.resolve(),
    acquireConnection: refuse,
    beginTransaction: refuse,
    commitTransaction: refuse,
    rollbackTransaction: refuse,
    releaseConnection: () => Promise.resolve(),
    destroy: () => Promise.resolve(),
  };
  const dialect = {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => driver,
    createIntrospector: (db: Kysely<unknown>) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
  const config = { dialect };
  const executor = new Kysely<Database>(config).getExecutor();
  return (connection) =>
    new Kysely<Database>({
      config,
      dialect,
      driver,
      executor: executor.withConnectionProvider({ provideConnection: (consumer) => consumer(connection) }),
    });
}

/** pg reads a date as midnight in the machine's zone; a date has no zone, so it stays text. */
function getTypeParser(...[oid, format]: Parameters<typeof types.getTypeParser>) {
  if (oid === types.builtins.DATE) return (text: string) => text;
  return types.getTypeParser(oid, format);
}
