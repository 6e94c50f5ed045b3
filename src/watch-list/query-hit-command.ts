import { agencyContact } from "../agencies/agency-store.ts";
import { show } from "../bot/answers.ts";
import type { Call } from "../bot/command.ts";
import type { Answer } from "../chat.ts";
import { notFound } from "../errors.ts";
import { outcomeOfHit } from "./outcome-owner.ts";
import { askerCard, askerElsewhereCard } from "./query-card.ts";
import { findHit, openAsker } from "./query-hit-store.ts";

/** Who asked, for those who work on the owner's entries; where the platform may not be told, whom to call. */
export async function showAsker(call: Call, id: string): Promise<Answer> {
  const { tx, officer, tools } = call;
  const hit = await findHit(tx, id, officer.agency);
  if (hit === undefined) throw notFound("query");
  const level = tools.privateLevel[call.event.platform];
  const contact = await agencyContact(tx, hit.agency);
  await call.audit({ action: "hit.read", subject: `hit:${id}`, detail: { level } });
  if (level === "none") return show(askerElsewhereCard(hit, contact));
  const asker = level === "full" ? (openAsker(tools.keyring, hit) ?? "deleted") : "withheld";
  const shown = askerCard(hit, contact, asker);
  const came = await outcomeOfHit(tx, tools.keyring, {
    query: hit.queryId,
    entry: hit.entryId,
    words: level === "full",
  });
  return show({ ...shown, blocks: [...shown.blocks, ...came] });
}
