import { addNotice } from "../agencies/notice-store.ts";
import { appendAudit } from "../audit/audit-store.ts";
import { quote, text } from "../bot/answers.ts";
import type { Block } from "../chat.ts";
import { requestInChannels } from "../deliveries/delivery-store.ts";
import { eachDue } from "../follow-ups.ts";
import type { Keyring } from "../store/seal.ts";
import type { Tx } from "../store/store.ts";
import { countOutcomes, findOutcome, listUntold, openNote, takeUntold } from "./outcome-store.ts";
import { MOST_FALSE_HITS, outcomeWords } from "./outcome.ts";

// What an entry's owner hears of its hits.

/** For the card of an own entry: what came of its hits in 90 days, and whether it needs more identifiers. */
export async function outcomeLines(
  tx: Tx,
  { id: entry, agency: owner }: { readonly id: string; readonly agency: string },
): Promise<readonly string[]> {
  const counts = await countOutcomes(tx, { owner, entry });
  if (counts.length === 0) return [];
  const falseHits = counts.find(({ outcome }) => outcome === "not_same_person")?.count ?? 0;
  const said = counts.map(({ outcome, count }) => `${outcomeWords[outcome]} ${count}`).join(" · ");
  return [
    ...(falseHits > MOST_FALSE_HITS
      ? [`Said not to be the same person: ${falseHits} times in 90 days; add identifiers.`]
      : []),
    `After its hits, in 90 days: ${said}.`,
  ];
}

interface OfHit {
  readonly query: string;
  readonly entry: string;
}

/** For whoever opens one hit of an own entry: what came of it, in the asker's words where those may be shown. */
export async function outcomeOfHit(
  tx: Tx,
  keyring: Keyring,
  { words, ...hit }: OfHit & { readonly words: boolean },
): Promise<readonly Block[]> {
  const outcome = await findOutcome(tx, hit);
  if (outcome === undefined) return [];
  const note = words ? openNote(keyring, outcome) : undefined;
  return [
    text(`They said what came of it: ${outcomeWords[outcome.outcome]}.`),
    ...(note === undefined ? [] : [quote(note)]),
  ];
}

/** Tells the owner's desk that there is news of its entry, and nothing of what. */
export const outcomeNews = eachDue({
  name: "outcome-news",
  find: listUntold,
  work: (store, { id, agency }) =>
    store.transaction({ agency, id: "system" }, async (tx) => {
      const untold = await takeUntold(tx, id);
      if (untold === undefined) return [];
      const { owner, entryRef: ref } = untold;
      const subjectId = await addNotice(tx, { agency: owner, kind: "outcome_news", ref });
      const card = { kind: "notice", subjectId, agency: owner, urgency: 4 } as const;
      const desk = await requestInChannels(tx, { ...card, use: "desk" });
      const woken = desk.length > 0 ? desk : await requestInChannels(tx, { ...card, use: "intake" });
      await appendAudit(tx, owner, {
        action: "outcome.notified",
        subject: `outcome:${id}`,
        detail: { posted: woken.length > 0 },
      });
      return woken;
    }),
});
