import { setTimeout as wait } from "node:timers/promises";

import type { PretendApi } from "../../sandbox/pretend.ts";
import type { Platform } from "../../src/chat.ts";
import { untilRecovered, untilRest } from "./ledger.ts";
import { acknowledge, draftBulletin } from "./people.ts";
import { generator, type Backend } from "./points.ts";
import { openRepeater } from "./repeater.ts";
import { postMethods } from "./run.ts";
import { begin, conclude, openScene, type Outcome, type Scene, type Stage } from "./scene.ts";

export interface Storm {
  readonly platform: Platform;
  readonly backend: Backend;
  readonly seed: number;
}

export function stormsOf(choice: {
  readonly seeds: number;
  readonly platforms: readonly Platform[];
  readonly backends: readonly Backend[];
}): readonly Storm[] {
  return Array.from({ length: choice.seeds }, (_, index) =>
    choice.platforms.flatMap((platform) =>
      choice.backends.map((backend) => ({ platform, backend, seed: index + 1 })),
    ),
  ).flat();
}

const BULLETINS = 4;
/** With the four that each of the three agencies has: 375 channels, and 1,500 deliveries. */
const CROWD = 121;
const KILLING_MS = 60_000;
const LONGEST_MS = 240_000;

/** 1,500 deliveries by three processes, of which one is killed about every second, on a platform that fails. */
export async function rage(stage: Stage, { platform, backend, seed }: Storm): Promise<Outcome> {
  const random = generator(`storm ${seed} ${platform} ${backend}`);
  await using opened = new AsyncDisposableStack();
  const repeater = opened.adopt(await openRepeater(random), (one) => one.close());
  const scene = opened.use(
    await openScene(stage, {
      name: `storm ${platform} ${backend} ${seed}`,
      platform,
      ...(backend === "redis" && { redisUrl: stage.redisUrl() }),
      parts: [{ roles: ["bot", "jobs"] }, { roles: ["jobs"] }, { roles: ["jobs"] }],
      brisk: true,
      crowd: CROWD,
      slackGate: repeater.before,
    }),
  );
  const beginning = await begin(scene);
  const drafts = [];
  // oxlint-disable-next-line no-await-in-loop
  while (drafts.length < BULLETINS) drafts.push(await draftBulletin(scene.side, "critical"));
  await raiseFaults(scene.side.api, platform, seed);

  const over = new AbortController();
  const killing = killEverySecond(scene, random, over.signal);
  try {
    for (const { ref, approve } of drafts) {
      /* oxlint-disable no-await-in-loop -- one after the other, each as often as it takes */
      await approve();
      await acknowledge(scene.side, 1, ref);
      /* oxlint-enable no-await-in-loop */
    }
    await untilRest(scene.database.look, LONGEST_MS);
  } finally {
    over.abort();
  }
  const lastKill = await killing;
  return { ...(await conclude(scene, beginning)), recoveryS: lastKill };
}

/** What the platform does wrong, by share of the posts. */
async function raiseFaults(api: PretendApi, platform: Platform, seed: number): Promise<void> {
  const method = postMethods[platform];
  const faults = [
    { kind: "rate-limited", share: 0.03 },
    { kind: "error-before", share: 0.02 },
    { kind: "error-after", share: 0.04 },
    { kind: "hang-after", share: 0.03 },
    // The caller has given up after five seconds, and must not have looked before this.
    { kind: "late", share: 0.02, afterMs: 7_000 },
    { kind: "slow", share: 1, afterMs: 60 },
  ] as const;
  for (const [index, fault] of faults.entries()) {
    // In this order: the first that strikes is the one.
    // oxlint-disable-next-line no-await-in-loop
    await api.addFault({ ...fault, method, seed: seed * 100 + index });
  }
}

/**
 * Every second or so, for a minute at most, or until nothing is on its way. Returns how long the recovery from the last
 * kill took: what the others left is taken down again with whoever was about to bring it on.
 */
async function killEverySecond(
  { crew, database }: Scene,
  random: () => number,
  signal: AbortSignal,
): Promise<number> {
  const end = performance.now() + KILLING_MS;
  while (!signal.aborted && performance.now() < end) {
    // oxlint-disable-next-line no-await-in-loop
    await wait(700 + random() * 500, undefined, { signal }).catch(() => {});
    if (!signal.aborted) crew[Math.floor(random() * crew.length)]?.kill();
  }
  return untilRecovered(database.look);
}
