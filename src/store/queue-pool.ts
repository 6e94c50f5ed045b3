import { Pool } from "pg";

import type { StoreOptions } from "./store.ts";

/** The pool that BullMQ works through, for one process: every worker parks one connection of it to listen on. */
export function openQueuePool({ connection, max = 10, onError = () => {} }: StoreOptions): Pool {
  const pool = new Pool({
    ...connection,
    max,
    connectionTimeoutMillis: 10_000,
    // BullMQ names its tables without their schema. Set by us and not through pg's options, which a URL would override.
    verify: (client, done) => client.query("set search_path = bullmq, public", (error) => done(error)),
  });
  // Every queue and worker leaves a listener of its own.
  pool.setMaxListeners(0);
  pool.on("error", onError);
  // A client in use is not covered by the pool's listener: without its own a killed backend ends the process.
  pool.on("connect", (client) => client.on("error", onError));
  return pool;
}
