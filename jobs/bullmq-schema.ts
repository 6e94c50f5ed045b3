import { runMigrations } from "bullmq";
import type pg from "pg";

/** Brings BullMQ's own tables up to date; `migrate` grants on them afterwards. Does nothing when they are. */
export async function bullmqSchema(client: pg.Client): Promise<void> {
  await runMigrations(client, "bullmq");
}
