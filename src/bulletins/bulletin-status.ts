import { listAcknowledgments, listNotes } from "../acknowledgments/acknowledgment-store.ts";
import { acknowledgedLine, type Acknowledgment } from "../acknowledgments/acknowledgment.ts";
import { listAgencies } from "../agencies/agency-store.ts";
import { contactWords, type AgencyContact } from "../agencies/agency.ts";
import { at, button, card, note, show, text } from "../bot/answers.ts";
import type { Call } from "../bot/command.ts";
import type { Answer, Block, Button, Text } from "../chat.ts";
import { inZone } from "../clock.ts";
import { deliveryCounts } from "../deliveries/delivery-store.ts";
import { isRecalled, type DeliveryCounts, type Standing } from "../deliveries/standing.ts";
import { notFound } from "../errors.ts";
import { businessNow } from "../store/clock-store.ts";
import { privateLevel } from "./bulletin-preview.ts";
import { findBulletin, type BulletinRow } from "./bulletin-store.ts";
import { bulletinTitle, cancelReasons, hasEnded } from "./bulletin.ts";

/** Everything the owner wants to know of one bulletin, read in one transaction. */
interface Account {
  readonly call: Call;
  readonly row: BulletinRow;
  readonly now: Date;
  readonly copies: DeliveryCounts;
  readonly corrections: DeliveryCounts;
  readonly acknowledged: readonly Acknowledgment[];
  readonly agencies: ReadonlyMap<string, AgencyContact>;
}

/** Who has it, who acknowledged, who has not, what failed and why; after a recall, the receipt. As of now. */
export async function statusAnswer(call: Call, ref: string): Promise<Answer> {
  const { tx, tools } = call;
  const row = await findBulletin(tx, ref);
  if (row === undefined) throw notFound(ref);
  const account: Account = {
    call,
    row,
    now: await businessNow(tx),
    copies: await deliveryCounts(tx, { subjectId: row.id, kind: "bulletin" }),
    corrections: await deliveryCounts(tx, { subjectId: row.id, kind: "correction" }),
    acknowledged: await listAcknowledgments(tx, tools.keyring, { bulletinId: row.id, version: row.version }),
    agencies: new Map((await listAgencies(tx)).map((agency) => [agency.id, agency])),
  };
  await call.audit({ action: "bulletin.status", subject: `bulletin:${row.id}`, detail: { ref } });
  if (row.sent_at === null) return show(card(`${ref}: ${unsentWords[row.state] ?? "was never sent"}.`, []));
  const blocks = [
    ...(row.state === "cancelled" ? recallBlocks(account) : sentBlocks(account)),
    ...agencyBlocks(account),
    ...(await noteBlocks(account)),
    note(["As of ", at(account.now), "."]),
  ];
  return show(card(headline(account), blocks, { buttons: buttons(account) }));
}

const unsentWords: Readonly<Record<string, string>> = {
  draft: "a draft, not sent",
  waiting: "waits for approval, not sent",
};

function headline({ row, copies, now, call }: Account): string {
  if (row.state === "cancelled" && row.cancel_reason !== null) {
    const recalled = `recalled ${copies.recalled} of ${copies.copies}`;
    return `Recall ${row.ref} (${cancelReasons[row.cancel_reason]}): ${recalled}, ${inZone(now, call.officer.zone)}.`;
  }
  const { exercise, severity, type, ref, version } = row;
  return severity === null || type === null ? ref : bulletinTitle({ exercise, severity, type, ref, version });
}

function buttons({ row }: Account): readonly Button[] {
  return [button(["bulletin.status", row.ref], "Refresh")];
}

// ------------------------------------------------------------------------------------------------- in one glance

function sentBlocks({ row, copies, acknowledged, now }: Account): readonly Block[] {
  const ended = hasEnded({ state: row.state, expiresAt: row.expires_at }, now);
  const until: Text =
    row.expires_at === null ? "" : [ended ? "Ended " : "Sent, valid until ", at(row.expires_at), "."];
  const agencies = new Set(
    copies.standings.filter(({ state }) => state !== "blocked").map(({ agency }) => agency),
  );
  const acks = acknowledged.filter(({ kind }) => kind === "bulletin").length;
  return [
    text(until),
    ...(row.basis === "emergency" ? [text(reviewWords(row))] : []),
    text(
      `In ${copies.delivered} of ${copies.planned} channels. Acknowledged by ${acks} of ${agencies.size} agencies.`,
    ),
    ...(ended ? [text(`Removed from ${copies.recalled} of ${copies.copies}.`)] : []),
  ];
}

function reviewWords({ reviewed_at, review_due_at, shrunk_at }: BulletinRow): Text {
  if (reviewed_at !== null) return ["Reviewed by a second person ", at(reviewed_at), "."];
  if (shrunk_at !== null) return ["UNREVIEWED: every copy shrank to a pointer ", at(shrunk_at), "."];
  return review_due_at === null ? "UNREVIEWED." : ["UNREVIEWED: second review due ", at(review_due_at), "."];
}

function recallBlocks({ copies, corrections, acknowledged }: Account): readonly Block[] {
  const stopped = copies.standings.filter(({ reason }) => reason === "ended").length;
  const agencies = new Set(corrections.standings.map(({ agency }) => agency)).size;
  const acks = acknowledged.filter(({ kind }) => kind === "correction").length;
  return [
    ...(stopped > 0 ? [text(`Stopped before sending: ${stopped}.`)] : []),
    ...(corrections.planned > 0
      ? [
          text(
            `Correction sent to ${corrections.delivered} of ${corrections.planned} channels. Agencies that acknowledged the correction: ${acks} of ${agencies}.`,
          ),
        ]
      : []),
    text("Not recallable: screenshots, print, phone notifications, exports, what the chat company keeps."),
  ];
}

// ------------------------------------------------------------------------------------------------ agency by agency

function agencyBlocks(account: Account): readonly Block[] {
  const { copies, corrections } = account;
  const ids = [...new Set([...copies.standings, ...corrections.standings].map(({ agency }) => agency))];
  return ids.map((id) => agencyBlock(account, id));
}

function agencyBlock(account: Account, id: string): Block {
  const { row, copies, corrections, acknowledged, agencies, call } = account;
  const contact = agencies.get(id);
  const name = contact?.name ?? "An agency";
  const recalled = row.state === "cancelled";
  const kind = recalled && corrections.standings.length > 0 ? "correction" : "bulletin";
  const done = acknowledged.find((one) => one.agency === id && one.kind === kind);
  const channels = [
    ...grouped(of(copies, id).map((standing) => standingWords(standing))),
    ...grouped(of(corrections, id).map((standing) => `correction ${standingWords(standing)}`)),
  ];
  const missing = recalled && kind === "bulletin" ? "" : ` Not acknowledged${callWords(contact)}.`;
  const said = done === undefined ? missing : ` ${acknowledgedLine(done, name, call.officer.zone)}`;
  return text([{ bold: name }, `: ${channels.join(", ")}.${said}`]);
}

function callWords(contact: AgencyContact | undefined): string {
  return contact === undefined ? "" : `: call ${contactWords(contact)}`;
}

function of(counts: DeliveryCounts, agency: string): readonly Standing[] {
  return counts.standings.filter((standing) => standing.agency === agency);
}

/** ["full text", "full text", "on its way"] → ["2 × full text", "on its way"] */
function grouped(words: readonly string[]): readonly string[] {
  return [...new Set(words)].map((word) => {
    const count = words.filter((other) => other === word).length;
    return count === 1 ? word : `${count} × ${word}`;
  });
}

const reasons: Readonly<Record<string, string>> = {
  channel_gone: "channel unreachable",
  tenant_gone: "workspace disconnected",
  scope_missing: "the app lacks a permission there",
  payload_invalid: "refused by the platform",
  policy_blocked: "blocked by the workspace's policy",
  message_gone: "the message is not there any more",
  outcome_unknown: "may or may not have arrived",
  label: "not sent, the label forbids it",
  ended: "not sent, it had ended",
};

/** How one copy stands, in the words of the person who waits for it. */
export function standingWords(standing: Standing): string {
  const { state, level, reason, appliedVersion, endedVersion } = standing;
  switch (state) {
    case "applied":
      return isRecalled(standing) ? "replaced" : ["has it", level].filter(Boolean).join(", ");
    case "pending":
    case "sending":
      return endedVersion === null ? underWay(appliedVersion) : "being replaced";
    case "checking":
      return "being checked: it may have arrived";
    case "blocked":
      return reasonWords(reason);
    case "dead":
      return endedVersion === null
        ? `FAILED: ${reasonWords(reason)} (${reason})`
        : `NOT REPLACED: ${reasonWords(reason)} (${reason}); ask them to delete it by hand`;
  }
}

function reasonWords(reason: string | null): string {
  return reasons[reason ?? ""] ?? "for a reason not known";
}

function underWay(appliedVersion: number): string {
  return appliedVersion > 0 ? "has it, being updated" : "on its way";
}

/** The words of the receivers' notes, where a private answer may show them. */
async function noteBlocks({ call, row, agencies }: Account): Promise<readonly Block[]> {
  const notes = await listNotes(call.tx, call.tools.keyring, row.id);
  if (notes.length > 0 && privateLevel(call) !== "full") {
    return [text(`Notes: ${notes.length}. Private answers on this platform may not show them.`)];
  }
  return notes.map(({ agency, words }) =>
    text(`Note of ${agencies.get(agency)?.name ?? "an agency"}: ${words}`),
  );
}
