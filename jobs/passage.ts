import type { Held } from "../src/deliveries/held-store.ts";
import { openBell, until, type Bell } from "./bell.ts";
import type { Booked } from "./deliver-lane.ts";
import type { Settler } from "./deliver-settle.ts";
import type { DelivererOptions } from "./deliverer-options.ts";
import type { Targets } from "./targets.ts";

/** What the lanes of one process share. */
export interface Run {
  readonly options: DelivererOptions;
  readonly stopping: AbortSignal;
  readonly targets: Targets;
  readonly settler: Settler;
}

/** What is going on in one lane. */
export interface Passage {
  readonly run: Run;
  readonly underWay: Set<Promise<void>>;
  /** The one that goes last so far: sends of a lane begin one after the other. */
  turn: Promise<void>;
  /** Sends of a paced lane keep their distance, whatever held one of them up: the next one goes no sooner. */
  nextAt: number;
  /** The platform asked to wait until then with new messages, or with changes: what was not sent is given back. */
  readonly refusedUntil: { posts: number; edits: number };
  /** There is more to do: another look when this one is over. */
  again: boolean;
  /** Somebody says so: what is waited for may not be the next thing any more. */
  readonly bell: Bell;
  readonly done: Promise<void>;
}

export function openPassage(run: Run, done: Promise<void>): Passage {
  return {
    run,
    underWay: new Set(),
    turn: Promise.resolve(),
    nextAt: 0,
    refusedUntil: { posts: 0, edits: 0 },
    again: true,
    bell: openBell(run.stopping),
    done,
  };
}

export function isRefused(
  { refusedUntil: { posts, edits } }: Passage,
  what: "posts" | "edits" | "both",
): boolean {
  const until = { posts, edits, both: Math.min(posts, edits) }[what];
  return performance.now() < until;
}

/** Discord's limit is one for everything. */
export function refuse(passage: Passage, { platform, message }: Held, afterMs: number): void {
  const until = performance.now() + afterMs;
  if (platform === "discord" || message === null) passage.refusedUntil.posts = until;
  if (platform === "discord" || message !== null) passage.refusedUntil.edits = until;
}

/** Waits until it is this one's turn, and its slot has come. */
export async function takeTurn(passage: Passage, slot: Booked): Promise<void> {
  await passage.turn;
  // A stop does not shorten the wait: the intent is written.
  await until(Math.max(slot.startAt, passage.nextAt), neverAborted);
  passage.nextAt = performance.now() + slot.gapMs;
}

const neverAborted = new AbortController().signal;
