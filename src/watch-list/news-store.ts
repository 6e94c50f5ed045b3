import { setTimeout as sleep } from "node:timers/promises";

import type { PoolClient } from "pg";

import type { Store } from "../store/store.ts";

/** Wakes whoever waits when something changed in the database, and after a second in any case. */
export interface News extends Disposable {
  /** Resolves at the next news, at once if there were some since the last time. */
  readonly next: () => Promise<void>;
}

const POLL_MS = 1000;

/** Listens on a connection of its own, and on a new one when that breaks: until then the poll has to do. */
export function listen(store: Store, channel: "watch_list"): News {
  let told = false;
  let wake = () => {};
  const tell = () => {
    told = true;
    wake();
  };
  const ear = openEar(store, channel, tell);
  return {
    async next() {
      ear.connect();
      if (!told) {
        const heard = Promise.withResolvers<void>();
        wake = heard.resolve;
        const over = new AbortController();
        await Promise.race([
          heard.promise,
          sleep(POLL_MS, undefined, { signal: over.signal }).catch(() => {}),
        ]);
        over.abort();
      }
      told = false;
    },
    [Symbol.dispose]() {
      ear.close();
      tell();
    },
  };
}

function openEar(store: Store, channel: string, tell: () => void) {
  let client: PoolClient | undefined;
  let connecting = false;
  let closed = false;
  const drop = (lost: PoolClient | undefined) => {
    if (lost === undefined || client !== lost) return;
    client = undefined;
    lost.release(true);
  };
  async function connect(): Promise<void> {
    connecting = true;
    try {
      const opened = await store.pool.connect();
      client = opened;
      opened.on("notification", tell);
      opened.on("error", () => drop(opened));
      opened.on("end", () => drop(opened));
      if (closed) drop(opened);
      else await opened.query(`listen ${channel}`);
      // Whatever happened before this connection listened was not heard.
      tell();
    } catch {
      drop(client);
    } finally {
      connecting = false;
    }
  }
  return {
    /** Not waited for: while the server is away, the poll goes on. */
    connect(): void {
      if (client === undefined && !connecting && !closed) void connect();
    },
    close(): void {
      closed = true;
      drop(client);
    },
  };
}
