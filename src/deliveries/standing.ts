import type { DeliveryState, Level } from "./delivery.ts";

/** How one copy stands, for the owner's status and receipt. */
export interface Standing {
  readonly id: string;
  readonly ref: string;
  readonly agency: string;
  readonly channelId: string;
  readonly level: Level | null;
  readonly state: DeliveryState;
  /** Why it is blocked or dead. */
  readonly reason: string | null;
  readonly appliedVersion: number;
  readonly endedVersion: number | null;
  /** A card is in the channel, or may be. */
  readonly mayExist: boolean;
  readonly appliedAt: Date | null;
}

export interface DeliveryCounts {
  /** Channels it was meant for, the blocked ones left out. */
  readonly planned: number;
  /** Has been in the channel at some version. */
  readonly delivered: number;
  /** Still on its way. */
  readonly open: number;
  readonly blocked: number;
  /** Nobody is going to try again by itself: a person has to. */
  readonly dead: readonly Standing[];
  /** Of `copies`, those that show the tombstone or are not there any more. */
  readonly recalled: number;
  /** Copies that are in a channel, or may be: what a recall has to reach. */
  readonly copies: number;
  readonly standings: readonly Standing[];
}

/** Counts exactly: a copy is recalled when the platform has confirmed it, and not before. */
export function countStandings(standings: readonly Standing[]): DeliveryCounts {
  const count = (fits: (standing: Standing) => boolean) => standings.filter(fits).length;
  return {
    planned: count(({ state }) => state !== "blocked"),
    delivered: count(({ appliedVersion }) => appliedVersion > 0),
    open: count(({ state }) => state === "pending" || state === "sending" || state === "checking"),
    blocked: count(({ state }) => state === "blocked"),
    dead: standings.filter(({ state }) => state === "dead"),
    recalled: count(isRecalled),
    copies: count(({ mayExist }) => mayExist),
    standings,
  };
}

export function isRecalled({ appliedVersion, endedVersion, mayExist }: Standing): boolean {
  return mayExist && endedVersion !== null && appliedVersion >= endedVersion;
}
