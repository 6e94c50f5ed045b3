import { sql } from "kysely";

import type { Store } from "./store.ts";

/** Whether somebody moved the business clock: right in a test and in the sandbox, wrong anywhere else. */
export async function clockMoved(store: Store): Promise<boolean> {
  const moved = await store.transaction({ agency: null, id: "system" }, (tx) =>
    sql<{ moved: boolean }>`select by <> interval '0' as moved from clock.shift`.execute(tx),
  );
  return moved.rows[0]?.moved ?? true;
}
