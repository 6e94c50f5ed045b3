import { sql } from "kysely";

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
