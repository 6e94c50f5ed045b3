import { SECOND } from "../src/clock.ts";
import { findLane, type Claimed, type Lane } from "../src/deliveries/claim-store.ts";
import type { Held } from "../src/deliveries/held-store.ts";
import { backoff } from "../src/deliveries/outcome.ts";
import { recordPending } from "../src/deliveries/result-store.ts";
import { bury } from "../src/deliveries/settle.ts";
import { openBell, until, type Bell } from "./bell.ts";
import { call } from "./deliver-call.ts";
import { claimChunk, giveBack, type Booked } from "./deliver-lane.ts";
import { settleDoubts } from "./deliver-look-up.ts";
import { prepare, UnrenderableError, type Preparation, type Prepared } from "./deliver-prepare.ts";
import { openSettler, type Settler } from "./deliver-settle.ts";
import { system, type DelivererOptions, type Target } from "./deliverer-options.ts";
import { openTargets, type Targets } from "./targets.ts";

export interface Deliverer {
  /** Brings everything that is due in this installation's lane to its wanted version. */
  readonly deliver: (installationId: string) => Promise<void>;
  readonly isBusy: () => boolean;
  /** What is under way finishes, nothing new is begun. */
  readonly stop: () => void;
  /** Resolves when nothing is under way. */
  readonly drained: () => Promise<void>;
}

/** Intents written at once, for sends that are about to go out. */
const SIDE_BY_SIDE = 10;
/** An intent is written at most so long before its send. */
const LEAD = 300;
/** Of one lane, announced and not yet answered. */
const MOST_UNDER_WAY = 60;
const MOST_RENDERINGS = 3;
/** For so long a delivery waits whose workspace's token cannot be opened. */
const UNABLE_FOR = 30 * SECOND;
/** A lane whose next slot is further away is left to the sweep. */
const PATIENCE = 2 * SECOND;
/** For so long a process remembers which lane an installation is in. */
const LANE_KNOWN = 10 * SECOND;

/** One deliverer per process: two wake jobs for one lane become one run and a second look. */
export function createDeliverer(options: DelivererOptions): Deliverer {
  const stopping = new AbortController();
  const run: Run = {
    options,
    stopping: stopping.signal,
    targets: openTargets(options),
    settler: openSettler(options),
  };
  const running = new Map<string, Passage>();
  const laneOf = rememberLanes(options);

  return {
    async deliver(installationId) {
      options.at("woken");
      const lane = await laneOf(installationId);
      if (lane === undefined) return;
      const before = running.get(lane.lane);
      if (before !== undefined) {
        before.again = true;
        before.bell.ring();
        return;
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      const passage = openPassage(run, promise);
      running.set(lane.lane, passage);
      try {
        // oxlint-disable-next-line no-await-in-loop
        while (passage.again && !stopping.signal.aborted) await drain(passage, lane);
      } finally {
        running.delete(lane.lane);
        resolve();
      }
    },
    isBusy: () => running.size > 0,
    stop: () => stopping.abort(),
    async drained() {
      await Promise.all([...running.values()].map(({ done }) => done));
    },
  };
}

/** Undefined: the installation is gone, or another process has its platform's adapter. */
function rememberLanes({ store, adapters }: DelivererOptions) {
  const known = new Map<string, { readonly lane: Lane; readonly at: number }>();
  return async (installationId: string): Promise<Lane | undefined> => {
    const before = known.get(installationId);
    if (before !== undefined && performance.now() - before.at < LANE_KNOWN) return before.lane;
    const lane = await store.transaction(system, (tx) => findLane(tx, installationId));
    if (lane === undefined || !adapters.some(({ platform }) => platform === lane.platform)) {
      known.delete(installationId);
      return undefined;
    }
    known.set(installationId, { lane, at: performance.now() });
    return lane;
  };
}

interface Run {
  readonly options: DelivererOptions;
  readonly stopping: AbortSignal;
  readonly targets: Targets;
  readonly settler: Settler;
}

/** What is going on in one lane. */
interface Passage {
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

function openPassage(run: Run, done: Promise<void>): Passage {
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

/** Until nothing is due for a while. What becomes due because of it is woken by whoever wrote that down. */
async function drain(passage: Passage, lane: Lane): Promise<void> {
  passage.again = false;
  try {
    await drainLane(passage, lane);
  } finally {
    await Promise.all(passage.underWay);
  }
}

async function drainLane(passage: Passage, lane: Lane): Promise<void> {
  const { run, bell } = passage;
  let again: number | undefined = performance.now();
  while (again !== undefined && again - performance.now() < PATIENCE && !run.stopping.aborted) {
    // oxlint-disable-next-line no-await-in-loop
    await bell.until(again);
    if (run.stopping.aborted) return;
    // oxlint-disable-next-line no-await-in-loop
    const { booked, doubtful, againAt } = await claimChunk(run.options, lane);
    if (booked.length > 0) run.options.at("claimed");
    // oxlint-disable-next-line no-await-in-loop
    await Promise.all([settleDoubts(run, doubtful), sendChunk(passage, booked)]);
    again = againAt;
  }
}

/** Announces and sends what was claimed, each at its slot, without waiting for the answers. */
async function sendChunk(passage: Passage, booked: readonly Booked[]): Promise<void> {
  const { run, underWay } = passage;
  let rest = booked;
  try {
    while (rest.length > 0) {
      // oxlint-disable-next-line no-await-in-loop
      while (underWay.size >= MOST_UNDER_WAY) await Promise.race(underWay);
      // oxlint-disable-next-line no-await-in-loop
      await until((rest[0]?.startAt ?? 0) - LEAD, run.stopping);
      if (run.stopping.aborted || isRefused(passage, "both")) break;
      const group = nextGroup(rest);
      rest = rest.slice(group.length);
      // oxlint-disable-next-line no-await-in-loop
      for (const sending of await announce(run, group)) {
        const sent = sendOne(passage, sending).finally(() => underWay.delete(sent));
        underWay.add(sent);
      }
    }
  } finally {
    await giveBack(run.options, rest);
  }
}

function isRefused({ refusedUntil: { posts, edits } }: Passage, what: "posts" | "edits" | "both"): boolean {
  const until = { posts, edits, both: Math.min(posts, edits) }[what];
  return performance.now() < until;
}

/** Discord's limit is one for everything. */
function refuse(passage: Passage, { platform, message }: Held, afterMs: number): void {
  const until = performance.now() + afterMs;
  if (platform === "discord" || message === null) passage.refusedUntil.posts = until;
  if (platform === "discord" || message !== null) passage.refusedUntil.edits = until;
}

/** Those of one owner, at most ten, whose slots are near to the first one's. */
function nextGroup(rest: readonly Booked[]): readonly Booked[] {
  const [first] = rest;
  if (first === undefined) return [];
  const end = rest.findIndex(
    ({ ownerAgency, startAt }, place) =>
      place >= SIDE_BY_SIDE || ownerAgency !== first.ownerAgency || startAt > first.startAt + 2 * LEAD,
  );
  return rest.slice(0, end === -1 ? rest.length : end);
}

/** Writes the intents of those that have somewhere to go. */
async function announce({ options, targets }: Run, group: readonly Booked[]): Promise<readonly Sending[]> {
  const known = await targets.of(group.map(({ installationId }) => installationId));
  const [able, unable] = [true, false].map((can) =>
    group.filter(({ installationId }) => known.has(installationId) === can),
  );
  await leave(options, unable ?? []);
  const { prepared, woken } = await prepareOrPutOff(options, able ?? []);
  if (prepared.length > 0) options.at("intended");
  options.wake(woken);
  return prepared.flatMap((one) => {
    const target = known.get(one.held.installationId);
    const slot = group.find(({ id }) => id === one.held.id);
    return target === undefined || slot === undefined ? [] : [{ ...one, ...target, slot }];
  });
}

/** Their token cannot be opened, or their installation is gone since: nothing was sent. */
async function leave({ store }: DelivererOptions, claims: readonly Booked[]): Promise<void> {
  if (claims.length === 0) return;
  await store.transaction(system, async (tx) => {
    for (const claim of claims) {
      // oxlint-disable-next-line no-await-in-loop
      await recordPending(tx, claim, { afterMs: UNABLE_FOR, error: "no_token" });
    }
  });
}

/** A card that cannot be made must not hold up the others, and is not tried for ever. */
async function prepareOrPutOff(options: DelivererOptions, group: readonly Claimed[]): Promise<Preparation> {
  const [first, ...others] = group;
  if (first === undefined) return { prepared: [], woken: [] };
  try {
    return await prepare(options, [first, ...others]);
  } catch (error) {
    // The database, not the card: nothing was written, and what was claimed goes back.
    if (!(error instanceof UnrenderableError)) {
      options.log.error("intents could not be written", { error });
      await giveBack(options, group);
      return { prepared: [], woken: [] };
    }
    if (others.length === 0) return { prepared: [], woken: await putOff(options, first, error.cause) };
    // One of them may be to blame: each by itself.
    const each = await Promise.all(group.map((one) => prepareOrPutOff(options, [one])));
    return { prepared: each.flatMap((one) => one.prepared), woken: each.flatMap(({ woken }) => woken) };
  }
}

async function putOff({ store, log }: DelivererOptions, claim: Claimed, error: unknown) {
  log.error("a card could not be made", { error, delivery: claim.id });
  return store.transaction(system, async (tx): Promise<readonly string[]> => {
    if (claim.renderFailures + 1 >= MOST_RENDERINGS) {
      return bury(tx, claim, { reason: "render_failed", error: "render_failed" });
    }
    await recordPending(tx, claim, {
      afterMs: backoff(claim.renderFailures + 1),
      error: "render_failed",
      failed: true,
    });
    return [];
  });
}

interface Sending extends Prepared, Target {
  readonly slot: Booked;
}

/** Never rejects: what is not written down is found by the sweep when its lease is over. */
async function sendOne(passage: Passage, { slot, held, ...target }: Sending): Promise<void> {
  const { options, settler } = passage.run;
  const { log, meters, skipLookUp } = options;
  passage.turn = takeTurn(passage, slot);
  await passage.turn;
  try {
    options.at("calling");
    const key = skipLookUp ? `${held.id}:${held.epoch}` : held.id;
    const begun = performance.now();
    const said = isRefused(passage, held.message === null ? "posts" : "edits")
      ? heldBack
      : await call({ ...target, held, key, log });
    meters.observe("call_seconds", (performance.now() - begun) / SECOND);
    options.at("answered");
    if (said.outcome.kind === "rate-limited" && said.outcome.scope !== "channel")
      refuse(passage, held, said.outcome.afterMs);
    await settler.add({ held, troubled: slot.troubled, ...said });
  } catch (error) {
    log.error("a delivery failed", { error, delivery: held.id });
  }
}

async function takeTurn(passage: Passage, slot: Booked): Promise<void> {
  await passage.turn;
  // A stop does not shorten the wait: the intent is written.
  await until(Math.max(slot.startAt, passage.nextAt), neverAborted);
  passage.nextAt = performance.now() + slot.gapMs;
}

const neverAborted = new AbortController().signal;
const heldBack = { outcome: { kind: "held-back" }, removing: false } as const;
