import type { Call } from "../bot/command.ts";
import { wantNew } from "../deliveries/delivery-store.ts";
import { badInput, notFound } from "../errors.ts";
import { findTip } from "./tip-store.ts";
import { mayRead, type Tip } from "./tip.ts";

/** The tip of a press or a form, if this officer may see it; anything else looks like an unknown one. */
export async function openTip(call: Call, idOrRef: string): Promise<Tip> {
  const tip = await findTip(call.tx, call.tools.keyring, idOrRef);
  if (tip === undefined || !mayRead(call.officer, tip))
    throw notFound(idOrRef.length === 36 ? "tip" : idOrRef);
  return tip;
}

/** The card in the intake channel is to show how the tip stands now. */
export async function refreshCard(call: Call, tip: Tip): Promise<void> {
  for (const installation of await wantNew(call.tx, { subjectId: tip.id, kinds: ["intake"] })) {
    call.wake.add(installation);
  }
}

export function ended(tip: Tip) {
  return badInput(`${tip.ref} is no longer open`, "See /allpoints show and the reference.");
}
