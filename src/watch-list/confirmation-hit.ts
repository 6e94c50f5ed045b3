import { show } from "../bot/answers.ts";
import type { Call } from "../bot/command.ts";
import type { Answer } from "../chat.ts";
import { notFound } from "../errors.ts";
import { readHitSubject } from "./confirmation.ts";
import { ownQuery } from "./query-answer-command.ts";
import { waitingCard } from "./query-card.ts";
import type { Query } from "./query-store.ts";
import type { FoundEntry } from "./query.ts";

/** A hit of one's own question, by the button under it. */
export interface PressedHit {
  readonly kind: "hit";
  /** The button's. */
  readonly subject: string;
  readonly query: Query;
  readonly found: FoundEntry & { readonly sensitivity: "OPEN" | "AGENCY_ONLY" };
}

/**
 * What stands at this place of the sealed record. A place that holds a silent hit is like one that holds nothing, in
 * words and in work; where a private answer may show nothing, every place is.
 */
export async function pressedHit(
  call: Call,
  subject: string,
): Promise<PressedHit | { readonly kind: "answer"; readonly answer: Answer }> {
  const read = readHitSubject(subject);
  if (read === undefined) throw notFound("query");
  const query = await ownQuery(call, read.query);
  if (call.tools.privateLevel[call.event.platform] === "none") {
    return { kind: "answer", answer: show(waitingCard(query)) };
  }
  const found = query.found[read.place];
  if (found === undefined) throw notFound("query");
  const { sensitivity } = found;
  if (sensitivity === "RESTRICTED") throw notFound("query");
  return { kind: "hit", subject, query, found: { ...found, sensitivity } };
}
