import { SECOND } from "../src/clock.ts";
import { buryUnreachable } from "../src/deliveries/settle.ts";
import { expireLeases, findDueLanes, msUntilNext } from "../src/deliveries/sweep-store.ts";
import type { Followed, FollowUp } from "../src/follow-ups.ts";
import type { Log } from "../src/log.ts";
import type { Keyring } from "../src/store/seal.ts";
import type { Store } from "../src/store/store.ts";
import type { AtStep } from "./steps.ts";

export interface SweeperOptions {
  /** As allpoints_jobs. */
  readonly store: Store;
  readonly keyring: Keyring;
  readonly followUps: readonly FollowUp[];
  readonly log: Log;
  readonly wake: (installations: readonly string[]) => Promise<void>;
  readonly at: AtStep;
}

export interface Swept {
  /** Installations in which something is due. */
  readonly woken: readonly string[];
  /** When the next row falls due by the clock; undefined: none is planned. */
  readonly nextInMs: number | undefined;
  /** A follow-up has more to do than fits in one sweep. */
  readonly more: boolean;
}

export interface Sweeper {
  /** One look at everything that is due. Safe in several processes at once. */
  readonly sweep: () => Promise<Swept>;
  /** Sweeps again and again, at least once a second. */
  readonly start: () => void;
  /** Lets the sweep under way finish. */
  readonly stop: () => Promise<void>;
}

const TICK = SECOND;
const SHORTEST = 50;
/** While the workers are behind, the loop does not add the same wake job at every look. */
const REPEAT_AFTER = SECOND;
/** Chunks of one follow-up in one sweep, so that a long one does not hold up the deliveries. */
const MOST_CHUNKS = 10;
/** How often the follow-ups look that people do not wait for, while none of them has more to do. */
const UNHURRIED = 5 * SECOND;
const system = { agency: null, id: "system" } as const;

/** The guarantee behind the queue: finds in the database whatever should have happened, and wakes those who do it. */
export function createSweeper(options: SweeperOptions): Sweeper {
  const { store, log, wake, at } = options;
  const woken = new Map<string, number>();

  const look = async (
    which: readonly FollowUp[],
    choose: (due: readonly string[]) => readonly string[],
  ): Promise<Swept> => {
    const more = await runFollowUps(options, which);
    await store.transaction(system, expireLeases);
    at("swept");
    const { told, due, nextInMs } = await store.transaction(system, async (tx) => ({
      told: await buryUnreachable(tx),
      due: await findDueLanes(tx),
      nextInMs: await msUntilNext(tx),
    }));
    await wake([...told, ...choose(due)]);
    return { woken: due, nextInMs: more ? 0 : nextInMs, more };
  };
  const turns = inTurns(options.followUps);

  const stopping = new AbortController();
  let loop = Promise.resolve();
  const run = async () => {
    while (!stopping.signal.aborted) {
      let pause = TICK;
      try {
        // oxlint-disable-next-line no-await-in-loop
        const { nextInMs = TICK, more } = await look(turns.next(), (due) => rested(woken, due));
        turns.over(more);
        pause = Math.min(TICK, Math.max(SHORTEST, nextInMs));
      } catch (error) {
        log.error("a sweep failed", { error });
      }
      // oxlint-disable-next-line no-await-in-loop
      await rest(pause, stopping.signal);
    }
  };

  return {
    sweep: () => look(options.followUps, (due) => due),
    start() {
      loop = run();
    },
    async stop() {
      stopping.abort();
      await loop;
    },
  };
}

/** Those that were not woken just now. How long ago is a machine's pace, not a decision about anything. */
function rested(woken: Map<string, number>, due: readonly string[]): readonly string[] {
  const now = performance.now();
  const fresh = due.filter((id) => now - (woken.get(id) ?? Number.NEGATIVE_INFINITY) >= REPEAT_AFTER);
  for (const id of fresh) woken.set(id, now);
  return fresh;
}

/** The prompt ones every time, all of them every five seconds, and at once where one has more to do. */
function inTurns(followUps: readonly FollowUp[]) {
  const prompt = followUps.filter((one) => one.prompt === true);
  let allAt = Number.NEGATIVE_INFINITY;
  return {
    next(): readonly FollowUp[] {
      if (performance.now() - allAt < UNHURRIED) return prompt;
      allAt = performance.now();
      return followUps;
    },
    over(more: boolean): void {
      if (more) allAt = Number.NEGATIVE_INFINITY;
    },
  };
}

/** Each by itself: one that fails is heard of and keeps no other back. True: there is more to do. */
async function runFollowUps(
  { store, keyring, log, wake }: SweeperOptions,
  which: readonly FollowUp[],
): Promise<boolean> {
  let more = false;
  for (const followUp of which) {
    try {
      // oxlint-disable-next-line no-await-in-loop
      const result = await runChunks(followUp, { store, keyring });
      more ||= result.again;
      for (const { error, subject } of result.failed)
        log.error("a follow-up left a row for later", { error, part: followUp.name, subject });
      // oxlint-disable-next-line no-await-in-loop
      await wake(result.wake);
    } catch (error) {
      log.error("a follow-up failed", { error, part: followUp.name });
    }
  }
  return more;
}

async function runChunks(
  { run }: FollowUp,
  { store, keyring }: Pick<SweeperOptions, "store" | "keyring">,
): Promise<Required<Followed>> {
  const wake = new Set<string>();
  const failed: NonNullable<Followed["failed"]>[number][] = [];
  let again = true;
  for (let chunk = 0; again && chunk < MOST_CHUNKS; chunk += 1) {
    // oxlint-disable-next-line no-await-in-loop
    const result = await run(store, keyring);
    for (const installation of result.wake) wake.add(installation);
    failed.push(...(result.failed ?? []));
    ({ again } = result);
  }
  return { wake: [...wake], again, failed };
}

function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    if (signal.aborted) done();
    else signal.addEventListener("abort", done);
  });
}
