import type { Renderer } from "../notices.ts";
import { ownerCard } from "./query-card.ts";
import { findHit } from "./query-hit-store.ts";

/** The card in the owner's desk channel: that somebody asked, and nothing of who, why and what they were shown. */
export const renderHit: Renderer = async (tx, { subjectId, ownerAgency }) => {
  const hit = await findHit(tx, subjectId, ownerAgency);
  if (hit === undefined) throw new Error("a notice about a hit that is not there");
  return { card: ownerCard(hit) };
};
