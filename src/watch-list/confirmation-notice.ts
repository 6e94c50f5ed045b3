import { noticeWords } from "../agencies/notice.ts";
import { officerName } from "../agencies/officer-store.ts";
import { card, text } from "../bot/answers.ts";
import type { Card } from "../chat.ts";
import type { Renderer } from "../notices.ts";
import type { Keyring } from "../store/seal.ts";
import type { Tx } from "../store/store.ts";
import { deskCard } from "./confirmation-card.ts";
import { findConfirmation, findHitOf } from "./confirmation-store.ts";

/** A request as it stands, in the owner's desk channel or before its watch commander: nothing of who, why and whom. */
export function renderConfirmation(keyring: Keyring): Renderer {
  return async (tx, { subjectId, zone }) => {
    const request = await findConfirmation(tx, subjectId);
    if (request === undefined) throw new Error("a card about a request that is not there");
    const { answeredBy } = request;
    return {
      card: deskCard(request, {
        zone,
        first: subjectId === request.id,
        hit: await findHitOf(tx, request),
        answeredBy: answeredBy === null ? undefined : await officerName(tx, keyring, answeredBy),
      }),
    };
  };
}

/** In the owner's desk channel, when three requests ran out: why nothing of theirs is found, and what to do. */
export function renderSuspended(_tx: Tx, ref: string): Promise<Card> {
  return Promise.resolve(
    card(noticeWords.entries_suspended(ref), [
      text(
        "Three requests to confirm a hit ran out within 30 days. What nobody stands by, nobody may rely on.",
      ),
      text(
        "A supervisor or a privacy officer validates each entry again: /entry show and its reference, then Validate. With the first one the count begins anew.",
      ),
    ]),
  );
}
