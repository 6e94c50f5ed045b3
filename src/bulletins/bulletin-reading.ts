import { agencyContact } from "../agencies/agency-store.ts";
import { button, show } from "../bot/answers.ts";
import type { Call } from "../bot/command.ts";
import { can } from "../bot/policy.ts";
import type { Answer } from "../chat.ts";
import type { Level } from "../deliveries/delivery.ts";
import { businessNow } from "../store/clock-store.ts";
import { endedCard } from "./bulletin-card.ts";
import { cardAt, privateLevel } from "./bulletin-preview.ts";
import { asBulletin, overOf, recordReading, type BulletinRow } from "./bulletin-store.ts";
import { hasEnded, levelNow } from "./bulletin.ts";

/**
 * A bulletin, read privately: at most what this person's agency may see of it, and at most what a private answer may
 * show here. That they read it is recorded; of one that has ended there is nothing left to read.
 */
export async function readAnswer(call: Call, row: BulletinRow, most: Level): Promise<Answer> {
  const { tx, officer, tools } = call;
  const over = overOf(row);
  const bulletin = asBulletin(tools.keyring, row);
  if (
    bulletin === undefined ||
    hasEnded({ state: row.state, expiresAt: row.expires_at }, await businessNow(tx))
  ) {
    return show(endedCard(over, await agencyContact(tx, row.agency_id), officer.zone));
  }
  const level = privateLevel(call, levelNow(bulletin, most));
  const { id, ref, version, agency: owner } = bulletin;
  await recordReading(tx, { bulletin, agency: officer.agency, officer: officer.id, level });
  await call.audit({
    action: "bulletin.read",
    subject: `bulletin:${id}`,
    detail: { ref, version, level },
    also: [owner],
  });
  const card = await cardAt(call, bulletin, level);
  const follows = owner === officer.agency && can(officer, "bulletin.status");
  return show(follows ? { ...card, buttons: [button(["bulletin.status", ref], "Status")] } : card);
}
