import { sql } from "kysely";

import type { Ground } from "../../src/main.ts";

/** Whether anything has not come to rest, one workspace left out. Asked often, so it costs next to nothing. */
export async function hasOpen({ jobs }: Ground, except = ""): Promise<boolean> {
  const counts = sql`not exists (select from installation i where i.id = d.installation_id and i.workspace = ${except})`;
  const { rows } = await jobs.transaction({ agency: null, id: "system" }, (tx) =>
    // One by one, because each state has its own index.
    sql<{ readonly open: boolean }>`
      select exists (select from delivery d where d.state = 'sending' and ${counts})
          or exists (select from delivery d where d.state = 'pending' and ${counts})
          or exists (select from delivery d where d.state = 'checking' and ${counts}) as open`.execute(tx),
  );
  return rows[0]?.open === true;
}
