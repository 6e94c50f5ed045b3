import { agencyContact } from "./agencies/agency-store.ts";
import { findNotice } from "./agencies/notice-store.ts";
import { noticeWords } from "./agencies/notice.ts";
import { card, text } from "./bot/answers.ts";
import type { DeliveryKind, Rendered, Rendering } from "./deliveries/delivery.ts";
import { findUndelivered } from "./deliveries/undelivered-store.ts";
import type { Tx } from "./store/store.ts";

/** Reads a subject as it is now and says how its card looks. Runs as the system, for the owner agency. */
export type Renderer = (tx: Tx, rendering: Rendering) => Promise<Rendered>;

/** What the deliveries' jobs know of everything they carry. */
export interface Notices {
  readonly render: Renderer;
}

/** Puts the features' renderers together: one for every kind. */
export function createNotices(renderers: Readonly<Record<DeliveryKind, Renderer>>): Notices {
  return { render: (tx, rendering) => renderers[rendering.kind](tx, rendering) };
}

/** The cards that only say that there is something: a notice row's, or the one about a delivery that died. */
export const renderNotice: Renderer = async (tx, { subjectId }) => {
  const notice = await findNotice(tx, subjectId);
  if (notice !== undefined) return { card: card(noticeWords[notice.kind](notice.ref), []) };
  const undelivered = await findUndelivered(tx, subjectId);
  if (undelivered === undefined) throw new Error("a notice about nothing");
  const { kind, ref, reason } = undelivered;
  const { name } = await agencyContact(tx, undelivered.agency);
  const what = kind === "correction" ? `Correction of ${ref}` : ref;
  const said = reason === "outcome_unknown" ? "may not have reached" : "could not be delivered to";
  return { card: card(`${what} ${said} ${name} (${reason}).`, [text(`/bulletin status ${ref}`)]) };
};
