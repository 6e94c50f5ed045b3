import { officerName } from "../agencies/officer-store.ts";
import type { Rendered, Rendering } from "../deliveries/delivery.ts";
import type { Keyring } from "../store/seal.ts";
import type { Tx } from "../store/store.ts";
import { intakeCard } from "./tip-card.ts";
import { findTip } from "./tip-store.ts";

/** The card in the intake channel, as the tip stands now. */
export function renderIntake(keyring: Keyring) {
  return async (tx: Tx, { subjectId }: Rendering): Promise<Rendered> => {
    const tip = await findTip(tx, keyring, subjectId);
    // Purged since: nothing of it is left to say.
    if (tip === undefined)
      return {
        card: { headline: "This tip was deleted when its time was over.", tone: "ended", blocks: [] },
      };
    const owner = tip.takenBy === null ? undefined : await officerName(tx, keyring, tip.takenBy);
    return { card: intakeCard(tip, owner) };
  };
}
