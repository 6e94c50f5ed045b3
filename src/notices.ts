import { agencyContact } from "./agencies/agency-store.ts";
import { findNotice } from "./agencies/notice-store.ts";
import { noticeWords, type NoticeKind } from "./agencies/notice.ts";
import { card, text } from "./bot/answers.ts";
import type { Card } from "./chat.ts";
import type { DeliveryKind, Rendered, Rendering } from "./deliveries/delivery.ts";
import { findUndelivered } from "./deliveries/undelivered-store.ts";
import type { Tx } from "./store/store.ts";

/** Reads a subject as it is now and says how its card looks. Runs as the system, for the owner agency. */
export type Renderer = (tx: Tx, rendering: Rendering) => Promise<Rendered>;

/** The same for several deliveries of one kind: what they share is read once. In their order. */
export type RenderMany = (tx: Tx, renderings: readonly Rendering[]) => Promise<readonly Rendered[]>;

/** What the deliveries' jobs know of everything they carry. */
export interface Notices {
  /** Of one owner's deliveries of any kinds. Rejects when one of them cannot be rendered. */
  readonly render: RenderMany;
}

/** Puts the features' renderers together: one for every kind. */
export function createNotices(renderers: Readonly<Record<DeliveryKind, RenderMany>>): Notices {
  return {
    async render(tx, renderings) {
      const rendered = new Map<Rendering, Rendered>();
      for (const [kind, some] of Map.groupBy(renderings, (one) => one.kind)) {
        // One connection: one after the other.
        // oxlint-disable-next-line no-await-in-loop
        const cards = await renderers[kind](tx, some);
        for (const [place, one] of some.entries()) {
          const card = cards[place];
          if (card !== undefined) rendered.set(one, card);
        }
      }
      return renderings.map((one) => {
        const card = rendered.get(one);
        if (card === undefined) throw new Error("a renderer left one out");
        return card;
      });
    },
  };
}

/** For the cards that are alone of their kind. */
export function oneByOne(render: Renderer): RenderMany {
  return async (tx, renderings) => {
    const rendered: Rendered[] = [];
    // oxlint-disable-next-line no-await-in-loop
    for (const rendering of renderings) rendered.push(await render(tx, rendering));
    return rendered;
  };
}

/** Kinds of notices whose card says how what they are about stands now. The others stay as they were sent. */
type Standing = Partial<Readonly<Record<NoticeKind, (tx: Tx, ref: string) => Promise<Card>>>>;

/** The cards that only say that there is something: a notice row's, or the one about a delivery that died. */
export function renderNotices(standing: Standing = {}): RenderMany {
  return oneByOne(async (tx, { subjectId }) => {
    const notice = await findNotice(tx, subjectId);
    if (notice === undefined) return { card: await undeliveredCard(tx, subjectId) };
    const { kind, ref } = notice;
    if (kind === "recall_failed") return { card: await undeliveredCard(tx, ref) };
    return { card: (await standing[kind]?.(tx, ref)) ?? card(noticeWords[kind](ref), []) };
  });
}

async function undeliveredCard(tx: Tx, id: string): Promise<Card> {
  const undelivered = await findUndelivered(tx, id);
  if (undelivered === undefined) throw new Error("a notice about nothing");
  const { kind, ref, reason, recalling } = undelivered;
  const { name, contactName, contactPhone } = await agencyContact(tx, undelivered.agency);
  const what = kind === "correction" ? `Correction of ${ref}` : ref;
  const status = text(`/bulletin status ${ref}`);
  if (recalling) {
    return card(`${what} could not be taken back from ${name} (${reason}).`, [
      text(
        `A copy is still in their channel. Call them and have it removed: ${contactName} ${contactPhone}.`,
      ),
      status,
    ]);
  }
  const said = reason === "outcome_unknown" ? "may not have reached" : "could not be delivered to";
  return card(`${what} ${said} ${name} (${reason}).`, [status]);
}
