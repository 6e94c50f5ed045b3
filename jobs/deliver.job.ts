import { z } from "zod";

import type { QueueName } from "../src/store/queues.ts";

/** Wakes a worker: something may be due in this installation. Ids only; PostgreSQL says what, and whether at all. */
export const deliverJob = {
  queue: "deliver" satisfies QueueName,
  payload: z.strictObject({ installationId: z.uuid() }),
} as const;

export type DeliverJob = z.infer<typeof deliverJob.payload>;
