import { sql } from "kysely";
import { Client } from "pg";
import type { ClientConfig } from "pg";

import type { Store, Tx } from "./store.ts";

/** Whether somebody moved the business clock: right in a test and in the sandbox, wrong anywhere else. */
export async function clockMoved(store: Store): Promise<boolean> {
  const moved = await store.transaction({ agency: null, id: "system" }, (tx) =>
    sql<{ moved: boolean }>`select by <> interval '0' as moved from clock.shift`.execute(tx),
  );
  return moved.rows[0]?.moved ?? true;
}

/** What time it is for deadlines, expiry and birth dates that cannot be. */
export async function businessNow(tx: Tx): Promise<Date> {
  const { rows } = await sql<{ now: Date }>`select clock.now() as now`.execute(tx);
  const [row] = rows;
  if (row === undefined) throw new Error("the database has no clock");
  return row.now;
}

export interface BusinessClock {
  readonly now: Date;
  /** How far it was moved ahead of the real one, in seconds. */
  readonly aheadS: number;
}

/** The business clock, and how far it was moved. */
export async function readClock(store: Store): Promise<BusinessClock> {
  const { rows } = await store.transaction({ agency: null, id: "system" }, (tx) =>
    sql<BusinessClock>`
      select clock.now() as now, extract(epoch from by)::float8 as "aheadS" from clock.shift`.execute(tx),
  );
  const [row] = rows;
  if (row === undefined) throw new Error("the database has no clock");
  return row;
}

/** Moves the business clock ahead for every connection, by "1 hour" or the like: only the owner can. */
export async function moveClock(owner: ClientConfig, interval: string): Promise<void> {
  const client = new Client({ ...owner, application_name: "allpoints clock" });
  client.on("error", () => {});
  await client.connect();
  try {
    await client.query("update clock.shift set by = by + $1::interval", [interval]);
  } finally {
    await client.end();
  }
}
