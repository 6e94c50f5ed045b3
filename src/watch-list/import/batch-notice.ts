import { officerName } from "../../agencies/officer-store.ts";
import type { Card } from "../../chat.ts";
import type { Keyring } from "../../store/seal.ts";
import type { Tx } from "../../store/store.ts";
import { deskCard } from "./batch-card.ts";
import { countOpen, findBatch, listKeptOut } from "./batch-store.ts";

/** The desk's card about an import, as it stands now. */
export function renderWaitingImport(keyring: Keyring): (tx: Tx, ref: string) => Promise<Card> {
  return async (tx, ref) => {
    const batch = await findBatch(tx, keyring, ref);
    if (batch === undefined) throw new Error("a notice about an import that is not there");
    const names = {
      author: await officerName(tx, keyring, batch.author),
      approver: batch.approver === null ? undefined : await officerName(tx, keyring, batch.approver),
    };
    const settling = { left: await countOpen(tx, batch.id), keptOut: await listKeptOut(tx, batch.id) };
    return deskCard(batch, names, settling);
  };
}
