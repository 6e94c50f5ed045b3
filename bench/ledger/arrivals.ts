import { createHash } from "node:crypto";

import { sql } from "kysely";

import type { Platform } from "../../src/chat.ts";
import type { Ground } from "../../src/main.ts";

/** A copy of a bulletin as the ledger has it. */
export interface Copy {
  readonly id: string;
  readonly platform: Platform;
  readonly workspace: string;
  readonly channel: string;
  /** How the ledger says it stands: state, reason and last error, codes all of them. */
  readonly standing: string;
}

export async function listCopies({ jobs }: Ground, bulletin: string): Promise<readonly Copy[]> {
  const { rows } = await jobs.transaction({ agency: null, id: "system" }, (tx) =>
    sql<Copy>`
      select d.id, c.platform, c.workspace, c.channel_ref as channel,
             concat_ws(' ', d.state, d.reason, d.last_error) as standing
        from delivery d join channel c on c.agency_id = d.agency_id and c.id = d.channel_id
       where d.kind = 'bulletin' and d.subject_id = ${bulletin}`.execute(tx),
  );
  return rows;
}

/** A message in a platform's own store. */
export interface Found {
  readonly platform: Platform;
  readonly workspace: string;
  readonly channel: string;
  readonly key?: string;
  /** In milliseconds, on the one clock of this machine. */
  readonly at: number;
}

export interface Arrivals {
  /** Each copy with the moment its first message was there; lost ones are not among them. */
  readonly arrived: readonly (Copy & { readonly at: number })[];
  readonly lost: readonly Copy[];
  /** Messages beyond the first of a copy, and messages of a copy in another's channel. */
  readonly doubled: number;
}

/** The platforms' stores against the ledger. */
export function compare(copies: readonly Copy[], found: readonly Found[]): Arrivals {
  const byKey = Map.groupBy(found, ({ platform, key = "" }) => `${platform} ${key}`);
  let doubled = 0;
  const lost: Copy[] = [];
  const arrived = copies.flatMap((copy) => {
    const all = byKey.get(`${copy.platform} ${keyOf(copy)}`) ?? [];
    const here = all.filter(
      ({ channel, workspace }) => channel === copy.channel && workspace === copy.workspace,
    );
    doubled += all.length - Math.min(1, here.length);
    if (here.length > 0) return [{ ...copy, at: Math.min(...here.map(({ at }) => at)) }];
    lost.push(copy);
    return [];
  });
  return { arrived, lost, doubled };
}

/** What a message carries of its delivery: Slack the id, Discord's nonce has no room for it. */
function keyOf({ id, platform }: Copy): string {
  return platform === "slack"
    ? id
    : createHash("sha256").update(id).digest().subarray(0, 16).toString("base64url");
}
