import { setTimeout as wait } from "node:timers/promises";

import { findInstallation } from "../src/agencies/agency-store.ts";
import type { ChatAdapter, Installation } from "../src/chat.ts";
import { SECOND } from "../src/clock.ts";
import {
  claimChunk,
  findWorkspace,
  postponeInstallation,
  recordPending,
  releaseClaims,
  type Claimed,
} from "../src/deliveries/claim-store.ts";
import { backoff, settlementOf } from "../src/deliveries/outcome.ts";
import { bury, settle } from "../src/deliveries/settle.ts";
import type { Log } from "../src/log.ts";
import type { Notices } from "../src/notices.ts";
import type { Keyring } from "../src/store/seal.ts";
import type { Store, Tx } from "../src/store/store.ts";
import { call } from "./deliver-call.ts";
import { prepare, type Prepared } from "./deliver-prepare.ts";

export interface DelivererOptions {
  /** As allpoints_jobs. */
  readonly store: Store;
  readonly keyring: Keyring;
  readonly notices: Notices;
  readonly adapters: readonly ChatAdapter[];
  readonly log: Log;
  /** Told which installations have something to deliver because of what happened here. */
  readonly wake: (installations: readonly string[]) => void;
}

export interface Deliverer {
  /** Brings everything that is due in this installation to its wanted version. */
  readonly deliver: (installationId: string) => Promise<void>;
  readonly isBusy: () => boolean;
  /** What is under way finishes, nothing new is begun. */
  readonly stop: () => void;
}

const CHUNK = 50;
/** Intents written, and calls made, side by side. */
const SIDE_BY_SIDE = 10;
const MOST_RENDERINGS = 3;
const system = { agency: null, id: "system" } as const;

/** One deliverer per process: two wake jobs for one installation become one run and a second look. */
export function createDeliverer(options: DelivererOptions): Deliverer {
  const running = new Map<string, { again: boolean }>();
  let stopping = false;
  const run: Run = { options, isStopping: () => stopping };
  return {
    async deliver(installationId) {
      const before = running.get(installationId);
      if (before !== undefined) {
        before.again = true;
        return;
      }
      const mine = { again: true };
      running.set(installationId, mine);
      try {
        while (mine.again && !stopping) {
          mine.again = false;
          // oxlint-disable-next-line no-await-in-loop
          await drain(run, installationId);
        }
      } finally {
        running.delete(installationId);
      }
    },
    isBusy: () => running.size > 0,
    stop: () => (stopping = true),
  };
}

interface Run {
  readonly options: DelivererOptions;
  readonly isStopping: () => boolean;
}

/** Where a chunk goes. */
interface Target {
  readonly installation: Installation;
  readonly adapter: ChatAdapter;
}

async function drain(run: Run, installationId: string): Promise<void> {
  const { store } = run.options;
  const target = await findTarget(run.options, installationId);
  if (target === undefined) return;
  // Until nothing is due: a reply can go out once its message is there, and a newer version may have been asked for.
  let more = true;
  while (more && !run.isStopping()) {
    // oxlint-disable-next-line no-await-in-loop
    const chunk = await store.transaction(system, (tx) => claimChunk(tx, installationId, CHUNK));
    // oxlint-disable-next-line no-await-in-loop
    const finished = await deliverChunk(run, target, chunk);
    more = finished && chunk.length > 0;
  }
}

/** Undefined: the installation is gone, or another process has its platform's adapter. */
async function findTarget(
  { store, keyring, adapters }: DelivererOptions,
  installationId: string,
): Promise<Target | undefined> {
  const installation = await store.transaction(system, async (tx) => {
    const workspace = await findWorkspace(tx, installationId);
    return workspace && findInstallation(tx, keyring, workspace);
  });
  const adapter = adapters.find(({ platform }) => platform === installation?.platform);
  return installation && adapter && { installation, adapter };
}

/** False: it had to stop before the end. What it did not try is given back. */
async function deliverChunk(run: Run, target: Target, chunk: readonly Claimed[]): Promise<boolean> {
  const { store } = run.options;
  for (let at = 0; at < chunk.length; at += SIDE_BY_SIDE) {
    if (run.isStopping()) {
      // oxlint-disable-next-line no-await-in-loop
      await store.transaction(system, (tx) => releaseClaims(tx, chunk.slice(at)));
      return false;
    }
    const batch = chunk.slice(at, at + SIDE_BY_SIDE);
    // oxlint-disable-next-line no-await-in-loop
    const pauses = await Promise.all(batch.map((claim) => deliverOne(run.options, target, claim)));
    const pause = Math.max(...pauses);
    if (pause > 0) {
      // oxlint-disable-next-line no-await-in-loop
      await store.transaction(system, async (tx) => {
        await releaseClaims(tx, chunk.slice(at + SIDE_BY_SIDE));
        await postponeInstallation(tx, target.installation.id, pause);
      });
      return false;
    }
  }
  return true;
}

/** Returns for how long the whole installation has to pause, in milliseconds. */
async function deliverOne(options: DelivererOptions, target: Target, claim: Claimed): Promise<number> {
  const { store, log } = options;
  try {
    const prepared = await prepareOrPutOff(options, claim);
    if (prepared === undefined) return 0;
    const { held } = prepared;
    const outcome = await call({ ...target, ...prepared, log });
    const edit = held.message !== null;
    const tried = { edit, ended: held.endedVersion !== null, attempts: held.attempts + 1 };
    // Tried again, because an answer that is not written down is an unknown outcome.
    const woken = await persist(store, (tx) => settle(tx, held, settlementOf(outcome, tried)));
    options.wake(woken);
    if (outcome.kind !== "sent") {
      log.warn("a delivery was not made", { delivery: claim.id, outcome: outcome.kind });
    }
    return outcome.kind === "rate-limited" && outcome.scope !== "channel" ? outcome.afterMs : 0;
  } catch (error) {
    // Nothing is lost: the lease runs out and the sweep finds it.
    log.error("a delivery failed", { error, delivery: claim.id });
    return 0;
  }
}

/** A card that cannot be made must not hold up the others, and is not tried for ever. */
async function prepareOrPutOff(options: DelivererOptions, claim: Claimed): Promise<Prepared | undefined> {
  const { store, log, notices } = options;
  try {
    const { prepared, woken } = await prepare(store, notices, claim);
    options.wake(woken);
    return prepared;
  } catch (error) {
    log.error("a card could not be made", { error, delivery: claim.id });
    const woken = await store.transaction(system, async (tx): Promise<readonly string[]> => {
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
    options.wake(woken);
    return undefined;
  }
}

/** Three tries within the lease. */
async function persist<T>(store: Store, work: (tx: Tx) => Promise<T>, triesLeft = 2): Promise<T> {
  try {
    return await store.transaction(system, work);
  } catch (error) {
    if (triesLeft === 0) throw error;
    await wait(SECOND / 2);
    return persist(store, work, triesLeft - 1);
  }
}
