import { markInstallationGone } from "../agencies/agency-store.ts";
import { addNotice, hasNoticeLately } from "../agencies/notice-store.ts";
import type { NoticeKind } from "../agencies/notice.ts";
import { appendAudit } from "../audit/audit-store.ts";
import type { Tx } from "../store/store.ts";
import { closed, tally } from "./breaker.ts";
import type { Claim } from "./claim-store.ts";
import { auditDeliveries, type AuditedDelivery } from "./delivery-audit-store.ts";
import { requestInChannels } from "./delivery-store.ts";
import type { Held } from "./held-store.ts";
import { settlementOf, type CallOutcome, type DeadReason, type Settlement, type Tried } from "./outcome.ts";
import { closePace, lockBreakers, restPace, writeBreaker } from "./pace-store.ts";
import { channelKey, laneKeys } from "./pace.ts";
import {
  isStillHeld,
  recordApplied,
  recordBlocked,
  recordChecking,
  recordDead,
  recordOvertaken,
  recordPending,
  type Arrival,
  type Arrived,
  type Settled,
} from "./result-store.ts";
import { findUnreachable, isToldOf, markChannelGone, suspendSubscription } from "./sweep-store.ts";

// How a delivery comes to rest: the row, the audit of both agencies, and what else follows. In one transaction, as
// the system. Each returns the installations that have something to deliver because of it.

const NOTICE_URGENCY = 4;
const MOST_AT_ONCE = 100;

/** One call that was made, and what came of it. */
export interface Called {
  readonly held: Held;
  readonly outcome: CallOutcome;
  readonly removing: boolean;
  /** Its workspace failed lately. */
  readonly troubled: boolean;
}

/** Writes down what became of calls, in bulk where they succeeded. */
export async function settle(tx: Tx, calls: readonly Called[]): Promise<readonly string[]> {
  const settled = calls.map((call) => ({ ...call, settlement: settlementOf(call.outcome, triedOf(call)) }));
  const arrivals = settled.flatMap(({ held, settlement }) =>
    settlement.to === "applied" ? [arrivalOf(held, settlement)] : [],
  );
  const arrived = await arrive(tx, arrivals);
  // A newer version is wanted by now, or something waits to go under it.
  const woken = arrived.filter(({ more }) => more).map(({ installationId }) => installationId);
  for (const { held, settlement } of settled) {
    // oxlint-disable-next-line no-await-in-loop
    if (settlement.to !== "applied") woken.push(...(await settleFailed(tx, held, settlement)));
  }
  await learnLimits(tx, calls);
  await learnHealth(tx, calls);
  return woken;
}

function triedOf({ held, removing }: Called): Tried {
  return {
    edit: held.message !== null,
    ended: held.endedVersion !== null,
    removing,
    attempts: held.attempts + 1,
  };
}

function arrivalOf(held: Held, { message, removed }: Extract<Settlement, { to: "applied" }>): Arrival {
  // A repetition may have been answered with the message of the first post: then it is changed once more.
  const resent = message !== undefined && held.repeated && held.platform === "discord";
  return {
    claim: held,
    version: resent ? (held.intendedVersion ?? held.version) : held.version,
    message,
    removed,
  };
}

async function settleFailed(
  tx: Tx,
  held: Held,
  settlement: Exclude<Settlement, { to: "applied" }>,
): Promise<readonly string[]> {
  if (settlement.to === "pending") {
    await recordPending(tx, held, settlement);
    return [];
  }
  if (settlement.to === "checking") {
    await recordChecking(tx, held, settlement.error);
    return [];
  }
  // Somebody else's by now: what it was told then says nothing of the place as it is.
  if (!(await isStillHeld(tx, held))) return [];
  const woken = await loseWhatIsGone(tx, held, settlement.reason);
  // A recall may have come while an edit was under way: its tombstone has not been tried yet.
  const overtaken = { claim: held, version: held.version, error: settlement.error };
  if (await recordOvertaken(tx, overtaken)) return woken;
  return [...woken, ...(await bury(tx, held, settlement))];
}

/** The platform shows these versions. */
export async function arrive(tx: Tx, arrivals: readonly Arrival[]): Promise<readonly Arrived[]> {
  return arrivals.length === 0 ? [] : recordApplied(tx, arrivals);
}

/** It must not go out: the label, or it is over. What was sent with an unknown outcome before may be out there. */
export async function block(tx: Tx, held: Held, reason: "label" | "ended"): Promise<readonly string[]> {
  if (held.repeated) return bury(tx, held, { reason: "outcome_unknown", error: reason });
  const row = await recordBlocked(tx, held, reason);
  if (row !== undefined) await audit(tx, row, { action: "delivery.blocked", detail: { reason } });
  return [];
}

/**
 * Nobody tries again by itself, so a person is told: of a bulletin the owner's desk, once for all channels of an agency
 * that were lost for the same reason; of an agency's own card its desk. The operator is told of everything.
 */
export async function bury(
  tx: Tx,
  claim: Claim,
  { reason, error }: { readonly reason: DeadReason; readonly error: string },
): Promise<readonly string[]> {
  const row = await recordDead(tx, claim, { reason, error });
  if (row === undefined) return [];
  await audit(tx, row, { action: "delivery.dead", detail: { reason } });
  // Notices of notices would never end: of these only the operator hears.
  if (row.kind === "notice") return [];
  const bulletin = row.kind === "bulletin" || row.kind === "correction";
  if (bulletin && !row.recalling && (await isToldOf(tx, row, reason))) return [];
  const subjectId = bulletin && !row.recalling ? row.id : await addTold(tx, row);
  return requestInChannels(tx, {
    kind: "notice",
    subjectId,
    agency: row.ownerAgency,
    use: "desk",
    urgency: NOTICE_URGENCY,
  });
}

/** A message of its own each time: somebody has to act. */
function addTold(tx: Tx, { id, ownerAgency, ref, recalling }: Settled): Promise<string> {
  return recalling
    ? addNotice(tx, { agency: ownerAgency, kind: "recall_failed", ref: id })
    : addNotice(tx, { agency: ownerAgency, kind: "card_lost", ref });
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

// ------------------------------------------------------------------------------------------------ places

async function loseWhatIsGone(tx: Tx, held: Held, reason: DeadReason): Promise<readonly string[]> {
  if (reason === "channel_gone") return loseChannel(tx, held);
  if (reason === "tenant_gone") await loseTenant(tx, held);
  if (reason === "scope_missing" && held.kind !== "notice" && !(await isToldLately(tx, held)))
    return tellAdmins(tx, held, "scope_missing");
  return [];
}

function isToldLately(tx: Tx, { agency }: Held): Promise<boolean> {
  return hasNoticeLately(tx, { agency, kind: "scope_missing" });
}

async function loseChannel(tx: Tx, held: Held): Promise<readonly string[]> {
  const { channelId } = held;
  const agency = await markChannelGone(tx, channelId);
  if (agency === undefined) return [];
  await appendAudit(tx, agency, { action: "channel.gone", subject: `channel:${channelId}` });
  const subscription = await suspendSubscription(tx, channelId);
  if (subscription !== undefined) {
    await appendAudit(tx, agency, {
      action: "subscription.suspended",
      subject: `subscription:${subscription}`,
      detail: { reason: "channel_gone" },
    });
  }
  return tellAdmins(tx, held, "channel_gone");
}

async function loseTenant(tx: Tx, held: Held): Promise<void> {
  const agency = await markInstallationGone(tx, held.platform, held.workspace);
  if (agency === undefined) return;
  await appendAudit(tx, agency, { action: "installation.gone", subject: `workspace:${held.workspace}` });
}

/** The agency whose place it is, where its admins look; otherwise at its desk. */
async function tellAdmins(tx: Tx, { agency, ref }: Held, kind: NoticeKind): Promise<readonly string[]> {
  const subjectId = await addNotice(tx, { agency, kind, ref });
  const notice = { kind: "notice", subjectId, agency, urgency: NOTICE_URGENCY } as const;
  const admins = await requestInChannels(tx, { ...notice, use: "admin" });
  return admins.length > 0 ? admins : requestInChannels(tx, { ...notice, use: "desk" });
}

// ------------------------------------------------------------------------------------------------ learning

/** What the platform said about its limits closes them: of the channel, of the workspace, or of the application. */
async function learnLimits(tx: Tx, calls: readonly Called[]): Promise<void> {
  const refused = new Map<string, number>();
  const resting = new Map<string, number>();
  for (const { held, outcome } of calls) {
    if (outcome.kind === "rate-limited") {
      const key = limitOf(held, outcome.scope);
      refused.set(key, Math.max(refused.get(key) ?? 0, outcome.afterMs));
    }
    if (outcome.kind === "sent" && outcome.restMs !== undefined)
      resting.set(limitOf(held, "channel"), outcome.restMs);
  }
  // In one order, so that two who learn at once cannot deadlock.
  // oxlint-disable-next-line no-await-in-loop
  for (const [key, ms] of inOrder(refused)) await closePace(tx, key, ms);
  // oxlint-disable-next-line no-await-in-loop
  for (const [key, ms] of inOrder(resting)) await restPace(tx, key, ms);
}

function limitOf({ platform, lane, channelId, message }: Held, scope: LimitScope): string {
  const edit = message !== null;
  if (scope === "channel") return channelKey(channelId, edit);
  const { posts, edits } = laneKeys(platform, lane);
  return edit ? edits : posts;
}

type LimitScope = "channel" | "workspace" | "application";

/** As a claim takes them: the lane's, then the channels'. */
const inOrder = <T>(map: ReadonlyMap<string, T>) =>
  [...map].toSorted(([a], [b]) => (orderOf(a) < orderOf(b) ? -1 : 1));
const orderOf = (key: string): string => (key.startsWith("channel:") ? `2${key}` : `1${key}`);

/** Workspaces that keep failing are left alone for a while. An answer is an answer, also when it is a refusal. */
async function learnHealth(tx: Tx, calls: readonly Called[]): Promise<void> {
  const telling = calls.filter(({ outcome, troubled }) => troubled || hasFailed(outcome));
  const installations = [...new Set(telling.map(({ held }) => held.installationId))].toSorted();
  if (installations.length === 0) return;
  const before = await lockBreakers(tx, installations);
  for (const installation of installations) {
    const after = calls
      .filter(({ held, outcome }) => held.installationId === installation && outcome.kind !== "held-back")
      .reduce(
        (breaker, { outcome }) => tally(breaker, !hasFailed(outcome)),
        before.get(installation) ?? closed,
      );
    // oxlint-disable-next-line no-await-in-loop
    await writeBreaker(tx, installation, after);
  }
}

/** What we were too late for ourselves says nothing about the platform. */
function hasFailed(outcome: CallOutcome): boolean {
  return outcome.kind === "unknown" || (outcome.kind === "unavailable" && outcome.reason !== "too_late");
}

function audit(
  tx: Tx,
  { id, ownerAgency, agency }: Settled,
  said: Pick<AuditedDelivery, "action" | "detail">,
): Promise<void> {
  return auditDeliveries(tx, [{ id, ownerAgency, agency, ...said }]);
}
