import { appendAudit } from "../../src/audit/audit-store.ts";
import { approveBulletin, planDeliveries, submitBulletin } from "../../src/bulletins/bulletin-life-store.ts";
import { beginBulletin, savePage } from "../../src/bulletins/bulletin-store.ts";
import { urgencyOf } from "../../src/bulletins/bulletin.ts";
import type { Ground } from "../../src/main.ts";
import type { Tx } from "../../src/store/store.ts";
import type { Desk } from "./settle.ts";

/** Bulletins that were sent: their deliveries are rows, and nobody has been woken yet. */
export interface Planned {
  readonly bulletins: readonly string[];
  readonly deliveries: number;
  /** Whom to wake. */
  readonly installations: readonly string[];
}

// As long as a real one: what is read, unsealed and rendered for every copy.
const words = {
  headline: "Threat against the county court on Friday morning",
  known:
    "A caller said at 16:30 that on Friday he would bring it along and then they would listen. He meant the hearing " +
    "at the county court, room 4, and had a photograph of the entrance on his telephone. Two people heard it.",
  unknown: "Who the caller is, and whether he has what he says he has.",
  summary: "A credible threat against the county court on Friday morning. Call the desk before acting.",
  phone: "555-0142",
};

/** Writes and approves bulletins and plans them for every subscribed channel, as the bot does, in one transaction. */
export function planBulletins(ground: Ground, desk: Desk, count: number): Promise<Planned> {
  return ground.app.transaction({ agency: desk.agency, id: desk.approver }, async (tx) => {
    const bulletins: string[] = [];
    const installations = new Set<string>();
    let deliveries = 0;
    for (let bulletin = 0; bulletin < count; bulletin += 1) {
      /* oxlint-disable no-await-in-loop -- it is one connection */
      const id = await approved(ground, tx, desk);
      const planned = await planDeliveries(tx, { id, kind: "bulletin", urgency: urgencyOf("extreme") });
      /* oxlint-enable no-await-in-loop */
      bulletins.push(id);
      deliveries += planned.channels;
      for (const installation of planned.wake) installations.add(installation);
    }
    return { bulletins, deliveries, installations: [...installations] };
  });
}

/** Bulletins that were approved and go nowhere: somebody else makes their deliveries. */
export function approveBulletins(ground: Ground, desk: Desk, count: number): Promise<readonly string[]> {
  return ground.app.transaction({ agency: desk.agency, id: desk.approver }, async (tx) => {
    const bulletins: string[] = [];
    // oxlint-disable-next-line no-await-in-loop
    while (bulletins.length < count) bulletins.push(await approved(ground, tx, desk));
    return bulletins;
  });
}

async function approved({ keyring }: Ground, tx: Tx, { agency, author, approver }: Desk): Promise<string> {
  const row = await beginBulletin(tx, { agency, author, basis: null });
  const saved = await savePage(tx, keyring, {
    row,
    page: {
      words,
      basis: "situational",
      type: "situational",
      severity: "extreme",
      personal: false,
      legal_status: "no_warrant",
      requested_action: "awareness",
      cautions: [],
      source_grade: "B",
      information_grade: "2",
      tlp: "green",
      pap: "green",
      areas: ["riverton"],
      valid_hours: 168,
    },
  });
  await submitBulletin(tx, row.ref, author);
  const shown = saved?.content_hash?.toString("hex").slice(0, 16) ?? "";
  const sent = await approveBulletin(tx, { ref: row.ref, approver, shown });
  if (sent === undefined) throw new Error("the bulletin could not be approved");
  await appendAudit(tx, agency, { action: "bulletin.approve", subject: `bulletin:${row.id}` });
  return row.id;
}
