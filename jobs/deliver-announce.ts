import { SECOND } from "../src/clock.ts";
import type { Claimed } from "../src/deliveries/claim-store.ts";
import { backoff } from "../src/deliveries/outcome.ts";
import { recordPending } from "../src/deliveries/result-store.ts";
import { bury } from "../src/deliveries/settle.ts";
import { isDatabaseTrouble } from "../src/store/store.ts";
import { giveBack, type Booked } from "./deliver-lane.ts";
import { prepare, UnrenderableError, type Preparation, type Prepared } from "./deliver-prepare.ts";
import { system, type DelivererOptions, type Target } from "./deliverer-options.ts";
import type { Run } from "./passage.ts";

const MOST_RENDERINGS = 3;
/** For so long a delivery waits whose workspace's token cannot be opened. */
const UNABLE_FOR = 30 * SECOND;

/** A delivery whose intent is written, with where it goes and when. */
export interface Sending extends Prepared, Target {
  readonly slot: Booked;
}

/** Writes the intents of those that have somewhere to go. */
export async function announce(
  { options, targets }: Run,
  group: readonly Booked[],
): Promise<readonly Sending[]> {
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
    if (!(error instanceof UnrenderableError) || isDatabaseTrouble(error.cause)) {
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
