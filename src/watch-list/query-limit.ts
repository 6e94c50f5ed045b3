import { addNotice } from "../agencies/notice-store.ts";
import type { Call } from "../bot/command.ts";
import { requestInChannels, requestToPerson } from "../deliveries/delivery-store.ts";
import { findUntold, listAuditors } from "./query-limit-store.ts";

const URGENCY = 3;

/**
 * Once an hour, that one officer asked more often than anybody may: to the agency's auditors, or where none can be
 * reached into its admin channel, or its desk. A reference says whose questions are meant; nothing says what they were.
 */
export async function tellAuditors(call: Call): Promise<void> {
  const { tx, officer } = call;
  const { agency } = officer;
  const ref = await findUntold(tx, officer.id);
  if (ref === undefined) return;
  const subjectId = await addNotice(tx, { agency, kind: "query_limit", ref });
  const card = { kind: "notice", subjectId, agency, urgency: URGENCY } as const;
  const woken: string[] = [];
  for (const auditor of await listAuditors(tx, { agency, except: officer.id })) {
    // oxlint-disable-next-line no-await-in-loop
    woken.push(...(await requestToPerson(tx, { ...card, officerId: auditor })));
  }
  for (const use of ["admin", "desk"] as const) {
    // oxlint-disable-next-line no-await-in-loop
    if (woken.length === 0) woken.push(...(await requestInChannels(tx, { ...card, use })));
  }
  for (const installation of woken) call.wake.add(installation);
  await call.audit({
    action: "query.limit",
    subject: `officer:${officer.id}`,
    detail: { query: ref, posted: woken.length > 0 },
  });
}
