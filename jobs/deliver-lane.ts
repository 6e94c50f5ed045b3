import { SECOND } from "../src/clock.ts";
import {
  claim,
  claimDoubtful,
  findDue,
  putOff,
  releaseClaims,
  type Candidate,
  type Claimed,
  type Doubtful,
  type Lane,
} from "../src/deliveries/claim-store.ts";
import { lockPaces, putOffProbes, readPaces, writePaces } from "../src/deliveries/pace-store.ts";
import {
  laneUses,
  nextSlot,
  reserve,
  untouched,
  usesOf,
  type Asking,
  type Limits,
  type Pace,
  type Reserved,
  type Slot,
  type Use,
} from "../src/deliveries/pace.ts";
import type { Tx } from "../src/store/store.ts";
import { system, systemUnflushed, type DelivererOptions } from "./deliverer-options.ts";

/** Taken with one claim. */
const CHUNK = 50;
/** Slots are reserved at most this far ahead, so that what is urgent does not wait behind what is not. */
const HORIZON = SECOND;

/** Of those whose outcome is unknown, with one claim. */
const DOUBTS = 10;

/** A claimed delivery with its slot, on this process's monotonic clock. */
export interface Booked extends Claimed {
  readonly startAt: number;
  readonly gapMs: number;
  readonly troubled: boolean;
}

export interface Chunk {
  readonly booked: readonly Booked[];
  readonly doubtful: readonly Doubtful[];
  /** When it is worth looking again, on this process's monotonic clock; undefined: nothing more is due. */
  readonly againAt: number | undefined;
}

/** Takes the next deliveries of a lane, each with its slot, and those to be looked for, in one transaction. */
export async function claimChunk(
  { store, limits }: Pick<DelivererOptions, "store" | "limits">,
  { lane, platform }: Lane,
): Promise<Chunk> {
  return store.transaction(systemUnflushed, async (tx) => {
    const uses = laneUses(platform, lane, limits);
    const { at, left } = await lockPaces(tx, [...new Set([uses.posts.key, uses.edits.key])]);
    const now = performance.now();
    const doubtful = await claimDoubtful(tx, lane, DOUBTS);
    const inMs = ({ key, budget }: Use) => nextSlot(budget, left.get(key) ?? untouched);
    const [posts, edits] = [inMs(uses.posts) <= HORIZON, inMs(uses.edits) <= HORIZON];
    const due = onceForProbes(await findDue(tx, { lane, limit: CHUNK, posts, edits }));
    const closedFor = [...(posts ? [] : [inMs(uses.posts)]), ...(edits ? [] : [inMs(uses.edits)])];
    const reach = closedFor.map((ms) => now + ms - HORIZON);
    const againAt = doubtful.length === DOUBTS ? now : minOf(reach);
    if (due.length === 0) return { booked: [], doubtful, againAt };
    const asking = due.map(askingOf(limits));
    const reserved = reserve(asking, new Map([...left, ...(await channelPaces(tx, asking, at))]), HORIZON);
    await putOff(tx, reserved.later);
    await writePaces(tx, { at, left: reserved.paces });
    const booked = await take(tx, { candidates: due, slots: reserved.slots }, now);
    const waits = [...reserved.later.map((one) => one.inMs), ...againInMs(due.length, reserved)];
    const moments = [...waits.map((ms) => now + ms), ...(againAt === undefined ? [] : [againAt])];
    return { booked, doubtful, againAt: minOf(moments) };
  });
}

const minOf = (moments: readonly number[]): number | undefined =>
  moments.length === 0 ? undefined : Math.min(...moments);

/** Where the lane is used up: when its next slot comes within reach. Otherwise at once, if there may be more. */
function againInMs(due: number, { nextInMs }: Reserved): readonly number[] {
  if (nextInMs !== undefined) return [Math.max(0, nextInMs - HORIZON)];
  return due === CHUNK ? [0] : [];
}

async function channelPaces(
  tx: Tx,
  asking: readonly Asking[],
  at: string,
): Promise<ReadonlyMap<string, Pace>> {
  return readPaces(tx, [...new Set(asking.map(({ uses }) => uses.channel.key))], at);
}

const askingOf =
  (limits: Limits) =>
  (candidate: Candidate): Asking => ({ id: candidate.id, uses: usesOf(candidate, limits) });

/** Of a workspace that kept failing the first only. */
function onceForProbes(candidates: readonly Candidate[]): readonly Candidate[] {
  const probed = new Set<string>();
  return candidates.filter(({ installationId, probing }) => {
    if (!probing) return true;
    if (probed.has(installationId)) return false;
    probed.add(installationId);
    return true;
  });
}

interface Taking {
  readonly candidates: readonly Candidate[];
  readonly slots: readonly Slot[];
}

async function take(tx: Tx, { candidates, slots }: Taking, now: number): Promise<readonly Booked[]> {
  if (slots.length === 0) return [];
  const taken = await claim(
    tx,
    slots.map(({ id }) => id),
  );
  const probing = candidates.filter((one) => one.probing && slots.some(({ id }) => id === one.id));
  await putOffProbes(
    tx,
    probing.map(({ installationId }) => installationId),
  );
  const claims = new Map(taken.map((one) => [one.id, one]));
  const troubled = new Set(candidates.flatMap((one) => (one.troubled ? [one.id] : [])));
  return slots.flatMap(({ id, inMs, gapMs }) => {
    const claimed = claims.get(id);
    return claimed === undefined
      ? []
      : [{ ...claimed, startAt: now + inMs, gapMs, troubled: troubled.has(id) }];
  });
}

/** Gives back what was not begun. */
export async function giveBack({ store }: Pick<DelivererOptions, "store">, claims: readonly Claimed[]) {
  if (claims.length > 0) await store.transaction(system, (tx) => releaseClaims(tx, claims));
}
