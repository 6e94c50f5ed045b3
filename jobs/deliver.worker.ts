import { SECOND } from "../src/clock.ts";
import { findLane, type Claimed, type Lane } from "../src/deliveries/claim-store.ts";
import { backoff } from "../src/deliveries/outcome.ts";
import { recordPending } from "../src/deliveries/result-store.ts";
import { bury } from "../src/deliveries/settle.ts";
import { call } from "./deliver-call.ts";
import { claimChunk, giveBack, until, type Booked } from "./deliver-lane.ts";
import { settleDoubts } from "./deliver-look-up.ts";
import { prepare, type Preparation, type Prepared } from "./deliver-prepare.ts";
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
const LEAD = 150;
/** Of one lane, announced and not yet answered. */
const MOST_UNDER_WAY = 60;
const MOST_RENDERINGS = 3;
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
  const running = new Map<string, { again: boolean; readonly done: Promise<void> }>();
  const laneOf = rememberLanes(options);

  async function drainAgain(lane: Lane): Promise<void> {
    const mine = running.get(lane.lane);
    while (mine?.again === true && !stopping.signal.aborted) {
      mine.again = false;
      // oxlint-disable-next-line no-await-in-loop
      await drain(run, lane);
    }
  }

  return {
    async deliver(installationId) {
      options.at("woken");
      const lane = await laneOf(installationId);
      if (lane === undefined) return;
      const before = running.get(lane.lane);
      if (before !== undefined) {
        before.again = true;
        return;
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      running.set(lane.lane, { again: true, done: promise });
      try {
        await drainAgain(lane);
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

/** What one run through a lane has going. */
interface Passage {
  readonly run: Run;
  readonly underWay: Set<Promise<void>>;
  /** Sends of a paced lane keep their distance, whatever held one of them up: the next one goes no sooner. */
  nextAt: number;
  /** The platform asked the whole lane to wait: what is claimed and not sent is given back. */
  refused: boolean;
}

/** Until nothing is due for a while. What becomes due because of it is woken by whoever wrote that down. */
async function drain(run: Run, lane: Lane): Promise<void> {
  const passage: Passage = { run, underWay: new Set(), nextAt: 0, refused: false };
  let again: number | undefined = performance.now();
  while (again !== undefined && again - performance.now() < PATIENCE && !run.stopping.aborted) {
    // oxlint-disable-next-line no-await-in-loop
    await until(again, run.stopping);
    passage.refused = false;
    // oxlint-disable-next-line no-await-in-loop
    const { booked, doubtful, againAt } = await claimChunk(run.options, lane);
    if (booked.length > 0) run.options.at("claimed");
    // oxlint-disable-next-line no-await-in-loop
    await Promise.all([settleDoubts(run, doubtful), sendChunk(passage, booked)]);
    again = againAt;
  }
  await Promise.all(passage.underWay);
}

/** Announces and sends what was claimed, each at its slot, without waiting for the answers. */
async function sendChunk(passage: Passage, booked: readonly Booked[]): Promise<void> {
  const { run, underWay } = passage;
  let rest = booked;
  while (rest.length > 0) {
    // oxlint-disable-next-line no-await-in-loop
    while (underWay.size >= MOST_UNDER_WAY) await Promise.race(underWay);
    // oxlint-disable-next-line no-await-in-loop
    await until((rest[0]?.startAt ?? 0) - LEAD, run.stopping);
    if (run.stopping.aborted || passage.refused) break;
    const group = nextGroup(rest);
    rest = rest.slice(group.length);
    // oxlint-disable-next-line no-await-in-loop
    const prepared = await announce(run, group);
    // oxlint-disable-next-line no-await-in-loop
    const targets = await run.targets.of(group.map(({ installationId }) => installationId));
    for (const one of prepared) {
      const target = targets.get(one.held.installationId);
      const slot = group.find(({ id }) => id === one.held.id);
      if (target === undefined || slot === undefined) continue;
      const sending = sendOne(passage, { ...one, ...target, slot }).finally(() => underWay.delete(sending));
      underWay.add(sending);
    }
  }
  await giveBack(run.options, rest);
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

async function announce(run: Run, group: readonly Booked[]): Promise<readonly Prepared[]> {
  const { options } = run;
  const { prepared, woken } = await prepareOrPutOff(options, group);
  if (prepared.length > 0) options.at("intended");
  options.wake(woken);
  return prepared;
}

/** A card that cannot be made must not hold up the others, and is not tried for ever. */
async function prepareOrPutOff(options: DelivererOptions, group: readonly Claimed[]): Promise<Preparation> {
  const [first, ...others] = group;
  if (first === undefined) return { prepared: [], woken: [] };
  try {
    return await prepare(options, [first, ...others]);
  } catch (error) {
    if (others.length === 0) return { prepared: [], woken: await putOff(options, first, error) };
    // One of them may be to blame: each by itself.
    const each = await Promise.all(group.map((one) => prepareOrPutOff(options, [one])));
    return { prepared: each.flatMap((one) => one.prepared), woken: each.flatMap(({ woken }) => woken) };
  }
}

async function putOff({ store, log }: DelivererOptions, claim: Claimed, error: unknown) {
  log.error("a card could not be made", { error, delivery: claim.id });
  return store.transaction(system, async (tx): Promise<readonly string[]> => {
    if (claim.attempts + 1 >= MOST_RENDERINGS) {
      return bury(tx, claim, { reason: "render_failed", error: "render_failed" });
    }
    await recordPending(tx, claim, {
      afterMs: backoff(claim.attempts + 1),
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
  const startAt = Math.max(slot.startAt, passage.nextAt);
  passage.nextAt = startAt + slot.gapMs;
  // A stop does not shorten the wait: the intent is written.
  await until(startAt, neverAborted);
  try {
    options.at("calling");
    const key = skipLookUp ? `${held.id}:${held.epoch}` : held.id;
    const begun = performance.now();
    const said = passage.refused ? heldBack : await call({ ...target, held, key, log });
    meters.observe("call_seconds", (performance.now() - begun) / SECOND);
    options.at("answered");
    if (said.outcome.kind === "rate-limited" && said.outcome.scope !== "channel") passage.refused = true;
    await settler.add({ held, troubled: slot.troubled, ...said });
  } catch (error) {
    log.error("a delivery failed", { error, delivery: held.id });
  }
}

const neverAborted = new AbortController().signal;
const heldBack = { outcome: { kind: "held-back" }, removing: false } as const;
