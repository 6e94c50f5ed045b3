import type { Tx } from "../store/store.ts";

export interface Undelivered {
  readonly kind: string;
  readonly agency: string;
  readonly reason: string;
  /** A copy is in the channel, and what it shows is over. */
  readonly recalling: boolean;
  /** The bulletin's reference. */
  readonly ref: string;
}

/** The dead delivery that a notice is about. As the system, for the bulletin's owner. */
export async function findUndelivered(tx: Tx, deliveryId: string): Promise<Undelivered | undefined> {
  const row = await tx
    .selectFrom("delivery as d")
    .innerJoin("bulletin as b", "b.id", "d.subject_id")
    .select(["d.kind", "d.agency_id as agency", "d.reason", "d.message", "d.ended_version", "b.ref"])
    .where("d.id", "=", deliveryId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { kind, agency, ref, reason } = row;
  return {
    kind,
    agency,
    ref,
    reason: reason ?? "pending",
    recalling: row.message !== null && row.ended_version !== null,
  };
}
