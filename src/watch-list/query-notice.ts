import { agencyContact } from "../agencies/agency-store.ts";
import type { Renderer } from "../notices.ts";
import { ownerCard } from "./query-card.ts";
import { findHit } from "./query-hit-store.ts";

/** The card in the owner's desk channel: that there was a query, by which agency, and what it was shown. */
export const renderHit: Renderer = async (tx, { subjectId, ownerAgency }) => {
  const hit = await findHit(tx, subjectId, ownerAgency);
  if (hit === undefined) throw new Error("a notice about a hit that is not there");
  return { card: ownerCard(hit, await agencyContact(tx, hit.agency)) };
};
