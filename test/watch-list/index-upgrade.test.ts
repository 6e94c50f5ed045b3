import { copyFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Client } from "pg";
import { expect, it } from "vitest";

import { bullmqSchema } from "../../jobs/bullmq-schema.ts";
import { migrate } from "../../src/store/migrate.ts";
import { openEmptyDatabase, superuser } from "../support/database.ts";

const folder = join(import.meta.dirname, "../../src/store/migrations");

it("a list that was there before the index is numbered, and waits to be indexed", async () => {
  const database = await openEmptyDatabase();
  const before = mkdtempSync(join(tmpdir(), "allpoints-migrations-"));
  for (const name of readdirSync(folder)) {
    if (name < "0009") copyFileSync(join(folder, name), join(before, name));
  }
  const { owner } = database.connection;
  await migrate({ owner, queueSchema: bullmqSchema, folder: before });
  const root = new Client({
    ...superuser(String(owner.database)),
    options: "-c search_path=allpoints -c session_replication_role=replica",
  });
  await root.connect();
  await root.query(
    "insert into entry (id, agency_id, ref, state, author_id) select gen_random_uuid(), gen_random_uuid(), 'E-' || i, 'draft', gen_random_uuid() from generate_series(1, 3) i",
  );
  await migrate({ owner, queueSchema: bullmqSchema });
  const { rows } = await root.query<{ number: number; old: number | null; known: boolean }>(
    "select number, index_version as old, index_xid is not null as known from entry order by number",
  );
  await root.end();
  rmSync(before, { recursive: true });
  await database.close();
  expect(rows).toEqual([1, 2, 3].map((number) => ({ number, old: null, known: true })));
});
