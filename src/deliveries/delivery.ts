import type { Card } from "../chat.ts";

/** What can travel. `notices.ts` says how each is rendered; the ledger itself knows nothing of what it carries. */
export const deliveryKinds = [
  "bulletin",
  "correction",
  "intake",
  "approval",
  "review",
  "notice",
  "acknowledgment",
  "hit",
  "confirmation",
] as const;
export type DeliveryKind = (typeof deliveryKinds)[number];

export const levels = ["pointer", "summary", "full"] as const;
/** How much a channel, or a person, may be shown. */
export type Level = (typeof levels)[number];

export const deliveryStates = ["blocked", "pending", "sending", "checking", "applied", "dead"] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/**
 * The life of one card on its way to one channel. Sending, updating, recalling and expiring all mean bringing
 * applied_version to wanted_version.
 *
 *   (planned) ──▶ blocked                      the label forbids it, or it ended before it was sent
 *        │           ▲
 *        ▼           │ before the intent only
 *     pending ─────▶ sending ──▶ applied ──▶ pending      a newer version is wanted
 *        ▲   claim      │ unknown outcome, or the lease ran out after the intent
 *        │              ▼
 *        └───────── checking ──▶ applied | dead
 *                                          dead: with a reason, shown to a person
 *
 * The claim raises the epoch and takes a lease. The intent, written before the call, sets quiet_until: a row that is
 * being sent without one has not been sent.
 */
const nextStates: Readonly<Record<DeliveryState, readonly DeliveryState[]>> = {
  blocked: [],
  pending: ["sending", "blocked", "dead"],
  sending: ["applied", "pending", "checking", "dead", "blocked"],
  checking: ["applied", "pending", "dead"],
  applied: ["pending"],
  dead: ["pending"],
};

/** The states a delivery may be in just before it becomes `to`. */
export function statesBefore(to: DeliveryState): DeliveryState[] {
  return deliveryStates.filter((from) => nextStates[from].includes(to));
}

/** What a renderer is told of the delivery it renders for. */
export interface Rendering {
  readonly id: string;
  readonly ref: string;
  readonly kind: DeliveryKind;
  readonly subjectId: string;
  readonly ownerAgency: string;
  /** The agency whose channel it goes to. */
  readonly agency: string;
  /** That agency's zone, for times in plain text. */
  readonly zone: string;
  readonly platform: "slack" | "discord";
  readonly level: Level | null;
  /** The outcome of an earlier send was unknown and could not be looked up: say so on the card. */
  readonly repeated: boolean;
}

/** What the ledger sends, and the dissemination that is written with the intent, before the call. */
export interface Rendered {
  readonly card: Card;
  readonly given?: {
    /** "bulletin:<id>" */
    readonly object: string;
    readonly version: number;
    readonly reason: string;
    readonly tlp: string;
    readonly level: Level;
  };
  /** For a reply that opens a thread: names nobody, at most 80 characters. */
  readonly threadTitle?: string;
}
