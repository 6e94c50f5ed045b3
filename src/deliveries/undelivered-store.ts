import type { Tx } from "../store/store.ts";

export interface Undelivered {
  readonly kind: string;
  readonly agency: string;
  readonly reason: string;
  /** The bulletin's reference. */
  readonly ref: string;
}

/** The dead delivery that a notice is about. As the system, for the bulletin's owner. */
export async function findUndelivered(tx: Tx, deliveryId: string): Promise<Undelivered | undefined> {
  const row = await tx
    .selectFrom("delivery as d")
    .innerJoin("bulletin as b", "b.id", "d.subject_id")
    .select(["d.kind", "d.agency_id as agency", "d.reason", "b.ref"])
    .where("d.id", "=", deliveryId)
    .executeTakeFirst();
  return row && { ...row, reason: row.reason ?? "pending" };
}
