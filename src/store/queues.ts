/**
 * Every queue there is. A closed list, because BullMQ's PostgreSQL backend makes a sequence for each queue and
 * only the owner of the schema may do that: the migration makes them all.
 */
export const queueNames = ["deliver"] as const;
export type QueueName = (typeof queueNames)[number];
