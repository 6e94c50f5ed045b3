import { markInstallationGone } from "../agencies/agency-store.ts";
import { appendAudit } from "../audit/audit-store.ts";
import type { MessageRef } from "../chat.ts";
import type { Tx } from "../store/store.ts";
import {
  recordApplied,
  recordBlocked,
  recordChecking,
  recordDead,
  recordOvertaken,
  recordPending,
  type Claim,
  type Held,
  type Settled,
} from "./claim-store.ts";
import { auditDeliveries, type AuditedDelivery } from "./delivery-audit-store.ts";
import { requestInChannels } from "./delivery-store.ts";
import { afterQuiet, postedVersion, type DeadReason, type Settlement } from "./outcome.ts";
import {
  findQuiet,
  findUnreachable,
  markChannelGone,
  suspendSubscription,
  type QuietDelivery,
} from "./sweep-store.ts";

// How a delivery comes to rest: the row, the audit of both agencies, and what else follows. In one transaction, as
// the system. Each returns the installations that have something to deliver because of it.

const NOTICE_URGENCY = 4;
const MOST_AT_ONCE = 100;

/** Writes down what became of a call. */
export async function settle(tx: Tx, held: Held, settlement: Settlement): Promise<readonly string[]> {
  switch (settlement.to) {
    case "applied":
      await settleApplied(tx, held, settlement);
      return [];
    case "pending":
      await recordPending(tx, held, settlement);
      return [];
    case "checking":
      await recordChecking(tx, held, settlement.error);
      return [];
    case "dead":
      if (settlement.reason === "channel_gone") await loseChannel(tx, held.channelId);
      if (settlement.reason === "tenant_gone") await loseTenant(tx, held);
      // A recall may have come while an edit was under way: its tombstone has not been tried yet.
      if (await recordOvertaken(tx, held, settlement.error)) return [];
      return bury(tx, held, settlement);
  }
}

function settleApplied(
  tx: Tx,
  held: Held,
  { message }: Extract<Settlement, { to: "applied" }>,
): Promise<Settled | undefined> {
  if (message === undefined) return arrive(tx, held, { version: held.version });
  const resent = held.repeated && held.platform === "discord";
  return arrive(tx, held, { version: postedVersion(held.version, resent), message });
}

/** The platform shows this version. */
export async function arrive(
  tx: Tx,
  claim: Claim,
  shown: { readonly version: number; readonly message?: MessageRef },
): Promise<Settled | undefined> {
  const row = await recordApplied(tx, claim, shown);
  if (row === undefined) return undefined;
  await audit(tx, row, { action: "delivery.applied", detail: { version: shown.version } });
  return row;
}

/** It must not go out: the label, or it is over. What was sent with an unknown outcome before may be out there. */
export async function block(tx: Tx, held: Held, reason: "label" | "ended"): Promise<readonly string[]> {
  if (held.repeated) return bury(tx, held, { reason: "outcome_unknown", error: reason });
  const row = await recordBlocked(tx, held, reason);
  if (row !== undefined) await audit(tx, row, { action: "delivery.blocked", detail: { reason } });
  return [];
}

/** Nobody tries again by itself. When it carried a bulletin, the owner's desk is told. */
export async function bury(
  tx: Tx,
  claim: Claim,
  { reason, error }: { readonly reason: DeadReason; readonly error: string },
): Promise<readonly string[]> {
  const row = await recordDead(tx, claim, { reason, error });
  if (row === undefined) return [];
  await audit(tx, row, { action: "delivery.dead", detail: { reason } });
  if (row.kind !== "bulletin" && row.kind !== "correction") return [];
  return requestInChannels(tx, {
    kind: "notice",
    subjectId: row.id,
    agency: row.ownerAgency,
    use: "desk",
    urgency: NOTICE_URGENCY,
  });
}

/** Outcomes that stay unknown: sent again where that is safe or worth it, otherwise a person has to look. */
export async function settleQuiet(tx: Tx): Promise<readonly string[]> {
  const woken: string[] = [];
  for (const delivery of await findQuiet(tx, MOST_AT_ONCE)) {
    // oxlint-disable-next-line no-await-in-loop
    woken.push(...(await settleOneQuiet(tx, delivery)));
  }
  return woken;
}

async function settleOneQuiet(tx: Tx, { quiet, ...claim }: QuietDelivery): Promise<readonly string[]> {
  const next = afterQuiet(quiet);
  if (next === "lost") return bury(tx, claim, { reason: "outcome_unknown", error: "outcome_unknown" });
  await recordPending(tx, claim, { afterMs: 0, error: "outcome_unknown", repeated: next === "repeat" });
  return [];
}

/** What waits for a place that is gone is dead, so that somebody hears of it. */
export async function buryUnreachable(tx: Tx): Promise<readonly string[]> {
  const woken: string[] = [];
  for (const { reason, ...claim } of await findUnreachable(tx, MOST_AT_ONCE)) {
    // oxlint-disable-next-line no-await-in-loop
    woken.push(...(await bury(tx, claim, { reason, error: reason })));
  }
  return woken;
}

async function loseChannel(tx: Tx, channelId: string): Promise<void> {
  const agency = await markChannelGone(tx, channelId);
  if (agency === undefined) return;
  await appendAudit(tx, agency, { action: "channel.gone", subject: `channel:${channelId}` });
  const subscription = await suspendSubscription(tx, channelId);
  if (subscription !== undefined) {
    await appendAudit(tx, agency, {
      action: "subscription.suspended",
      subject: `subscription:${subscription}`,
      detail: { reason: "channel_gone" },
    });
  }
}

async function loseTenant(tx: Tx, held: Held): Promise<void> {
  const agency = await markInstallationGone(tx, held.platform, held.workspace);
  if (agency === undefined) return;
  await appendAudit(tx, agency, { action: "installation.gone", subject: `workspace:${held.workspace}` });
}

function audit(
  tx: Tx,
  { id, ownerAgency, agency }: Settled,
  said: Pick<AuditedDelivery, "action" | "detail">,
): Promise<void> {
  return auditDeliveries(tx, [{ id, ownerAgency, agency, ...said }]);
}
