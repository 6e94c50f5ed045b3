import { findsPosts, type Sighting } from "../src/chat.ts";
import { MINUTE, SECOND } from "../src/clock.ts";
import type { Doubtful } from "../src/deliveries/claim-store.ts";
import { findDoubtful, type Held } from "../src/deliveries/held-store.ts";
import { afterQuiet, isLookedForTooLong, whenBlind } from "../src/deliveries/outcome.ts";
import { lockPaces, writePaces } from "../src/deliveries/pace-store.ts";
import { lookUpUse, reserve, type Use } from "../src/deliveries/pace.ts";
import { recordPending, recordStillDoubtful } from "../src/deliveries/result-store.ts";
import { arrive, bury } from "../src/deliveries/settle.ts";
import type { Tx } from "../src/store/store.ts";
import { system, type DelivererOptions } from "./deliverer-options.ts";
import type { Targets } from "./targets.ts";

const LONGEST_LOOK = 6 * SECOND;
const AFTER_A_BUG = 10 * SECOND;
const UNABLE_FOR = 30 * SECOND;
const OWN_LIMIT = "look_up_limit";

interface LookUp {
  readonly options: DelivererOptions;
  readonly targets: Targets;
}

/** Finds out what became of posts whose outcome is unknown, before anything is sent again. */
export async function settleDoubts(
  { options, targets }: LookUp,
  doubtful: readonly Doubtful[],
): Promise<void> {
  await Promise.all(
    doubtful.map(async (one) => {
      try {
        options.at("looking_up");
        const woken = await settleOne({ options, targets }, one);
        options.wake(woken);
      } catch (error) {
        // Nothing is lost: the lease runs out, and it is looked for again.
        options.log.error("a look-up failed", { error, delivery: one.id });
      }
    }),
  );
}

async function settleOne(lookUp: LookUp, one: Doubtful): Promise<readonly string[]> {
  const { options } = lookUp;
  const { store, skipLookUp } = options;
  const next = skipLookUp ? "again" : afterQuiet(one.quiet);
  if (next !== "look") {
    await store.transaction(system, (tx) =>
      recordPending(tx, one, { afterMs: 0, error: "outcome_unknown", repeated: next === "repeat" }),
    );
    return [one.installationId];
  }
  const held = await store.transaction(system, (tx) => findDoubtful(tx, one));
  if (held === undefined) return [];
  const sighting = await look(lookUp, held);
  options.at("looked_up");
  options.meters.count("look_ups", { platform: held.platform, outcome: sighting.kind });
  return store.transaction(system, (tx) => conclude(tx, { one, held, sighting }));
}

async function look({ options, targets }: LookUp, held: Held): Promise<Sighting> {
  const target = (await targets.of([held.installationId])).get(held.installationId);
  if (target === undefined) return { kind: "later", afterMs: UNABLE_FOR, reason: "no_token" };
  if (!findsPosts(target.adapter) || held.doubtSince === null)
    return { kind: "cannot", reason: "no_look_up" };
  const use = lookUpUse(held.lane, options.limits);
  const waitMs = await options.store.transaction(system, (tx) => reserveLook(tx, use));
  if (waitMs > 0) return { kind: "later", afterMs: waitMs, reason: OWN_LIMIT };
  const { platform, workspace, channel, direct, under, id: key, doubtSince: since } = held;
  const to = { platform, workspace, channel, ...(direct && { direct }) };
  const { promise: tooLong, resolve } = Promise.withResolvers<Sighting>();
  const timer = setTimeout(resolve, LONGEST_LOOK, { kind: "later", afterMs: SECOND, reason: "too_long" });
  try {
    const found = target.adapter.find(target.installation, {
      to,
      key,
      since,
      ...(under !== null && { under }),
    });
    return await Promise.race([found, tooLong]);
  } catch (error) {
    options.log.error("a look-up failed", { error, delivery: held.id });
    return { kind: "later", afterMs: AFTER_A_BUG, reason: "look_up_failed" };
  } finally {
    clearTimeout(timer);
  }
}

/** 0: now; otherwise in so many milliseconds. */
async function reserveLook(tx: Tx, use: Use): Promise<number> {
  const unlimited = { key: `${use.key} of a channel`, budget: { everyMs: 0, burst: 1 } };
  const asking = [{ id: "look", uses: { lane: use, channel: unlimited, calls: 1 } }];
  const { at, left } = await lockPaces(tx, [use.key]);
  const { slots, nextInMs, paces } = reserve(asking, left, 0);
  await writePaces(tx, { at, left: paces });
  return slots.length > 0 ? 0 : (nextInMs ?? SECOND);
}

interface Seen {
  readonly one: Doubtful;
  readonly held: Held;
  readonly sighting: Sighting;
}

async function conclude(tx: Tx, { one, held, sighting }: Seen): Promise<readonly string[]> {
  if (sighting.kind === "found") {
    const version = held.intendedVersion ?? 1;
    await arrive(tx, [{ claim: one, version, message: sighting.message }]);
    return [held.installationId];
  }
  if (sighting.kind === "absent") {
    await recordPending(tx, one, { afterMs: 0, error: "not_there", repeated: false });
    return [held.installationId];
  }
  if (sighting.kind === "later") {
    // Where one could look, nothing is repeated blindly: in the end a person does.
    if (sighting.reason !== OWN_LIMIT && isLookedForTooLong(one.quiet))
      return bury(tx, one, { reason: "outcome_unknown", error: sighting.reason });
    const afterMs = Math.min(MINUTE, Math.max(100, sighting.afterMs));
    await recordStillDoubtful(tx, one, { afterMs, error: sighting.reason });
    return [];
  }
  if (whenBlind(one.quiet) === "lost")
    return bury(tx, one, { reason: "outcome_unknown", error: sighting.reason });
  await recordPending(tx, one, { afterMs: 0, error: "outcome_unknown", repeated: true });
  return [held.installationId];
}
