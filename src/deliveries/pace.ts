import type { Platform } from "../chat.ts";
import { SECOND } from "../clock.ts";
import type { DeliveryKind } from "./delivery.ts";

// Who may go out when. Pure: pace-store.ts reads and writes what is left of each limit, in the claim's transaction.
// A limit is a GCRA (ITU-T I.371): one number, the moment at which it would be whole again.

/** One call every so many milliseconds, and so many at once. Every 0 ms: no limit. */
export interface Budget {
  readonly everyMs: number;
  readonly burst: number;
}

/** What the platforms bear. `documented` says what they promise; the rest is learned from their answers. */
export interface Limits {
  readonly discord: {
    /** Of an application, in all its guilds; answers to people are outside it. */
    readonly calls: Budget;
    /** Of one channel. */
    readonly posts: Budget;
    readonly edits: Budget;
  };
  readonly slack: {
    /** Of one workspace. */
    readonly posts: Budget;
    readonly edits: Budget;
    readonly lookUps: Budget;
    /** Of one channel. */
    readonly channelPosts: Budget;
  };
}

const MINUTE = 60 * SECOND;

/** At most so many in any minute: a quarter of them may come at once, the rest evenly. */
export function perMinute(most: number): Budget {
  const burst = Math.max(1, Math.floor(most / 4));
  return { everyMs: MINUTE / Math.max(1, most - burst), burst };
}

export function perSecond(most: number, burst = 1): Budget {
  return { everyMs: SECOND / most, burst };
}

/** The defaults: 48 of Discord's 50 requests a second, its 5 messages in 5 s; Slack's published limits. */
export const documented: Limits = {
  discord: { calls: perSecond(48), posts: perSecond(1, 5), edits: perSecond(1) },
  slack: {
    posts: perSecond(5, 15),
    edits: perMinute(40),
    lookUps: perMinute(40),
    channelPosts: perSecond(1),
  },
};

/** One limit that a call uses up. */
export interface Use {
  readonly key: string;
  readonly budget: Budget;
}

/** What decides which limits a call falls under. */
export interface Errand {
  readonly platform: Platform;
  readonly lane: string;
  readonly channelId: string;
  readonly kind: DeliveryKind;
  /** A message is there and is changed. */
  readonly edit: boolean;
  /** A direct message. */
  readonly direct: boolean;
  /** It goes into a thread. */
  readonly threaded: boolean;
}

/** The limits of one call: the lane's, which many share, and the channel's own. */
export interface Uses {
  readonly lane: Use;
  readonly channel: Use;
  /** How many calls it takes: a first message to a person, or into a thread, opens the place first. */
  readonly calls: number;
}

/** The keys of a lane's limits: of new messages, and of changes. Discord has one for everything. */
export function laneKeys(platform: Platform, lane: string): Record<"posts" | "edits", string> {
  return platform === "discord"
    ? { posts: lane, edits: lane }
    : { posts: `${lane} post`, edits: `${lane} edit` };
}

export function laneUses(platform: Platform, lane: string, limits: Limits): Record<"posts" | "edits", Use> {
  const { posts, edits } = laneKeys(platform, lane);
  const { discord, slack } = limits;
  return platform === "discord"
    ? { posts: { key: posts, budget: discord.calls }, edits: { key: edits, budget: discord.calls } }
    : { posts: { key: posts, budget: slack.posts }, edits: { key: edits, budget: slack.edits } };
}

export function lookUpUse(lane: string, limits: Limits): Use {
  return { key: `${lane} look-up`, budget: limits.slack.lookUps };
}

export function usesOf({ platform, lane, channelId, edit, direct, threaded }: Errand, limits: Limits): Uses {
  const { posts, edits } = laneUses(platform, lane, limits);
  const { discord, slack } = limits;
  const ofChannel =
    platform === "discord"
      ? { posts: discord.posts, edits: discord.edits }
      : // Slack counts edits for the workspace only; the channel's key is there for its penalties.
        { posts: slack.channelPosts, edits: unlimited };
  return {
    lane: edit ? edits : posts,
    channel: {
      key: channelKey(channelId, edit),
      budget: edit ? ofChannel.edits : ofChannel.posts,
    },
    calls: platform === "discord" && !edit && (direct || threaded) ? 2 : 1,
  };
}

export function channelKey(channelId: string, edit: boolean): string {
  return `channel:${channelId} ${edit ? "edit" : "post"}`;
}

const unlimited: Budget = { everyMs: 0, burst: 1 };

/** What is left of a limit, in milliseconds from now. */
export interface Pace {
  /** When it would be whole again; at or below 0: it is. */
  readonly freeInMs: number;
  /** The platform said no until then. */
  readonly closedForMs: number;
  /** The interval in percent of the setting's. */
  readonly slower: number;
}

export const untouched: Pace = { freeInMs: 0, closedForMs: 0, slower: 100 };

const intervalOf = ({ everyMs }: Budget, { slower }: Pace): number => (everyMs * slower) / 100;

/** When the limit lets the next call through. */
export function nextSlot(budget: Budget, pace: Pace): number {
  // What was learned from a 429 also ends the burst.
  const atOnce = pace.slower > 100 ? 1 : budget.burst;
  return Math.max(0, pace.closedForMs, pace.freeInMs - (atOnce - 1) * intervalOf(budget, pace));
}

function taken(budget: Budget, pace: Pace, by: { readonly slot: number; readonly calls: number }): Pace {
  return { ...pace, freeInMs: Math.max(pace.freeInMs, by.slot) + by.calls * intervalOf(budget, pace) };
}

/** One that asks for a slot, in the order in which they are to go. */
export interface Asking {
  readonly id: string;
  readonly uses: Uses;
}

export interface Slot {
  readonly id: string;
  /** From now. */
  readonly inMs: number;
  /** The next send of this lane keeps at least this distance from it, also when something held one up. */
  readonly gapMs: number;
}

export interface Reserved {
  readonly slots: readonly Slot[];
  /** Whose own channel is not free yet: they keep nobody else from going. */
  readonly later: readonly { readonly id: string; readonly inMs: number }[];
  /** When the lane itself lets the next one through, where that is beyond the horizon. */
  readonly nextInMs: number | undefined;
  /** What is left now, of the limits that were touched. */
  readonly paces: ReadonlyMap<string, Pace>;
}

/** Gives each of them a slot within the horizon, in order, as far as the limits allow. */
export function reserve(
  asking: readonly Asking[],
  before: ReadonlyMap<string, Pace>,
  horizonMs: number,
): Reserved {
  const paces = new Map<string, Pace>();
  const paceOf = (key: string) => paces.get(key) ?? before.get(key) ?? untouched;
  const use = ({ key, budget }: Use, by: { readonly slot: number; readonly calls: number }) => {
    // What has no limit needs no row.
    if (budget.everyMs > 0) paces.set(key, taken(budget, paceOf(key), by));
  };
  const slots: Slot[] = [];
  const later: { id: string; inMs: number }[] = [];
  let nextInMs: number | undefined;
  for (const { id, uses } of asking) {
    const { lane, channel, calls } = uses;
    const inLane = nextSlot(lane.budget, paceOf(lane.key));
    const inChannel = nextSlot(channel.budget, paceOf(channel.key));
    if (inLane > horizonMs) {
      nextInMs = Math.min(nextInMs ?? Number.POSITIVE_INFINITY, inLane);
    } else if (inChannel > inLane) {
      later.push({ id, inMs: inChannel });
    } else {
      slots.push({ id, inMs: inLane, gapMs: calls * gapOf(lane.budget, paceOf(lane.key)) });
      use(lane, { slot: inLane, calls });
      use(channel, { slot: inLane, calls: 1 });
    }
  }
  return { slots, later, nextInMs, paces };
}

/** A sender that fell behind may catch up by two in a hundred, which is what the margin of 48 in 50 bears. */
const CATCH_UP = 0.98;
const gapOf = (budget: Budget, pace: Pace): number =>
  budget.burst > 1 ? 0 : intervalOf(budget, pace) * CATCH_UP;

const SLOWEST = 400;

/** After a 429 a quarter slower than before. What was learned fades by a half every minute without another. */
export function slowedDown(slower: number): number {
  return Math.min(SLOWEST, Math.max(100, slower) * 1.25);
}

const HALF_LIFE = MINUTE;

export function recovered(slower: number, quietMs: number): number {
  const left = (slower - 100) * 0.5 ** Math.max(0, quietMs / HALF_LIFE);
  return left < 1 ? 100 : 100 + left;
}
