import { agencyContact } from "../agencies/agency-store.ts";
import { show } from "../bot/answers.ts";
import type { Call } from "../bot/command.ts";
import type { Answer } from "../chat.ts";
import { notFound } from "../errors.ts";
import { askerCard } from "./query-card.ts";
import { findHit, openAsker } from "./query-hit-store.ts";

/** Who asked, for those who work on the owner's entries; where the platform may not be told, whom to call. */
export async function showAsker(call: Call, id: string): Promise<Answer> {
  const { tx, officer, tools } = call;
  const hit = await findHit(tx, id, officer.agency);
  if (hit === undefined) throw notFound("query");
  const words = tools.privateLevel[call.event.platform] === "full";
  const asker = words ? openAsker(tools.keyring, hit) : undefined;
  await call.audit({ action: "hit.read", subject: `hit:${id}`, detail: { words } });
  return show(askerCard(hit, await agencyContact(tx, hit.agency), asker));
}
