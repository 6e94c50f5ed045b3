import { sql } from "kysely";

import type { Tx } from "../store/store.ts";
import { operatorChain } from "./seal-store.ts";

// The audit chains as they stand, without checking them. As the system.

export interface ChainStanding {
  /** Null: the operator's own chain. */
  readonly agency: string | null;
  /** The number of its last link. */
  readonly seq: number;
  /** That link's MAC. */
  readonly hash: Buffer;
  /** When what it covers happened, on the business clock; null when that row is gone. */
  readonly at: Date | null;
}

/** The head of every chain: the operator's first, then by the agency's name. */
export async function findChains(tx: Tx): Promise<readonly ChainStanding[]> {
  const { rows } = await sql<ChainStanding>`
    select g.name as agency, h.seq::float8 as seq, h.hash, a.at
      from audit_head h
      left join agency g on g.id = h.chain_id
      left join audit_seal s on s.chain_id = h.chain_id and s.seq = h.seq
      left join audit a on a.id = s.audit_id
     order by h.chain_id <> ${operatorChain}::uuid, g.name`.execute(tx);
  return rows;
}

/** How many rows no link covers yet. */
export async function countUnsealed(tx: Tx): Promise<number> {
  const { rows } = await sql<{
    unsealed: number;
  }>`select count(*)::int as unsealed from audit_waiting`.execute(tx);
  return rows[0]?.unsealed ?? 0;
}
