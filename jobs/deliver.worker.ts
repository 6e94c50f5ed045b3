import { SECOND } from "../src/clock.ts";
import { findLane, type Lane } from "../src/deliveries/claim-store.ts";
import type { Meters } from "../src/metrics.ts";
import { until } from "./bell.ts";
import { announce, type Sending } from "./deliver-announce.ts";
import { call } from "./deliver-call.ts";
import { claimChunk, giveBack, type Booked } from "./deliver-lane.ts";
import { settleDoubts } from "./deliver-look-up.ts";
import { openSettler } from "./deliver-settle.ts";
import { system, type DelivererOptions } from "./deliverer-options.ts";
import { isRefused, openPassage, refuse, takeTurn, type Passage, type Run } from "./passage.ts";
import { openTargets } from "./targets.ts";

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

/** Never rejects: what is not written down is found by the sweep when its lease is over. */
async function sendOne(passage: Passage, { slot, held, ...target }: Sending): Promise<void> {
  const { options, settler } = passage.run;
  const { log, meters, skipLookUp } = options;
  passage.turn = takeTurn(passage, slot);
  await passage.turn;
  try {
    options.at("calling");
    const key = skipLookUp ? `${held.id}:${held.epoch}` : held.id;
    const refused = isRefused(passage, held.message === null ? "posts" : "edits");
    const said = refused ? heldBack : await timed(meters, call({ ...target, held, key, log }));
    options.at("answered");
    if (said.outcome.kind === "rate-limited" && said.outcome.scope !== "channel")
      refuse(passage, held, said.outcome.afterMs);
    await settler.add({ held, troubled: slot.troubled, ...said });
  } catch (error) {
    log.error("a delivery failed", { error, delivery: held.id });
  }
}

async function timed<T>(meters: Meters, work: Promise<T>): Promise<T> {
  const begun = performance.now();
  const result = await work;
  meters.observe("call_seconds", (performance.now() - begun) / SECOND);
  return result;
}

const heldBack = { outcome: { kind: "held-back" }, removing: false } as const;
