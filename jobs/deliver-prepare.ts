import { appendAudit } from "../src/audit/audit-store.ts";
import { holdClaim, recordIntent, type Claim, type Held } from "../src/deliveries/claim-store.ts";
import type { Level, Rendered, Rendering } from "../src/deliveries/delivery.ts";
import { recordGiving } from "../src/deliveries/dissemination-store.ts";
import { judgeSending } from "../src/deliveries/outcome.ts";
import { block } from "../src/deliveries/settle.ts";
import type { Notices } from "../src/notices.ts";
import type { Store, Tx } from "../src/store/store.ts";

/** A delivery whose intent is written: it may be sent now, and must be settled afterwards. */
export interface Prepared {
  readonly held: Held;
  readonly rendered: Rendered;
  /** On the monotonic clock, just before the intent was written. */
  readonly intendedAt: number;
}

/** Everything that must be true and written down before the network is touched, in one transaction. */
export async function prepare(
  store: Store,
  notices: Notices,
  claim: Claim,
): Promise<{ readonly prepared?: Prepared; readonly woken: readonly string[] }> {
  return store.transaction({ agency: claim.ownerAgency, id: "system" }, async (tx) => {
    const held = await holdClaim(tx, claim);
    if (held === undefined) return { woken: [] };
    const edit = held.message !== null;
    const verdict = judgeSending({ ...held, edit, ended: held.endedVersion !== null });
    if (!verdict.send) return { woken: await block(tx, held, verdict.reason) };
    const intendedAt = performance.now();
    await recordIntent(tx, claim, verdict.level);
    const rendered = await notices.render(tx, renderingOf(held, verdict.level));
    await giveAway(tx, held, rendered);
    return { prepared: { held, rendered, intendedAt }, woken: [] };
  });
}

function renderingOf(held: Held, level: Level | null): Rendering {
  const { id, ref, kind, subjectId, ownerAgency, agency, zone, platform } = held;
  // Discord makes one message of two with the same nonce, so there is nothing to warn of.
  const repeated = held.repeated && platform === "slack";
  return { id, ref, kind, subjectId, ownerAgency, agency, zone, platform, level, repeated };
}

async function giveAway(tx: Tx, held: Held, { given }: Rendered): Promise<void> {
  if (given === undefined) return;
  const { ownerAgency, agency, channelId } = held;
  if (!(await recordGiving(tx, { ownerAgency, agency, channelId, given }))) return;
  await appendAudit(tx, ownerAgency, {
    action: "delivery.given",
    subject: `delivery:${held.id}`,
    detail: { version: given.version, level: given.level },
    also: [agency],
  });
}
