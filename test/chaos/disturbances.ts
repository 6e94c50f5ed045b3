import { setTimeout as wait } from "node:timers/promises";

import type { Platform } from "../../src/chat.ts";
import { openFaultProxy, type FaultProxy, type ProxyMode } from "../support/fault-proxy.ts";
import { startRedis, type RedisServer } from "../support/redis-server.ts";
import { acknowledge, draftBulletin, recall } from "./people.ts";
import type { OtherChaos } from "./points.ts";
import { postMethods } from "./run.ts";
import { begin, conclude, openScene, type Outcome, type Scene, type Stage } from "./scene.ts";

/** What befalls the system from outside, while it sends. */
interface Disturbance {
  readonly platform: Platform;
  /** Without this, the queue is in PostgreSQL. */
  readonly redis?: true;
  /** PostgreSQL is reached through a proxy. */
  readonly proxied?: true;
  /** By how much the clock of the second jobs process is wrong. */
  readonly clockMs?: number;
  readonly strike: (tools: Tools) => Promise<void>;
}

interface Tools {
  readonly stage: Stage;
  readonly scene: Scene;
  readonly proxy: FaultProxy;
  readonly redis: RedisServer;
}

const away =
  (mode: ProxyMode) =>
  async ({ proxy }: Tools) => {
    await proxy.set(mode);
    await wait(10_000);
    await proxy.set("pass");
  };

const killBoth = async ({ scene }: Tools) => {
  for (const process of scene.crew) process.kill();
  await Promise.resolve();
};

export const disturbances: Readonly<Record<Exclude<OtherChaos, "storm">, Disturbance>> = {
  "postgres-killed": { platform: "slack", strike: ({ stage }) => stage.cluster.restart("SIGKILL", 500) },
  "postgres-stopped-at-once": {
    platform: "discord",
    strike: ({ stage }) => stage.cluster.restart("SIGQUIT", 2_000),
  },
  "postgres-refuses-10-s": { platform: "slack", proxied: true, strike: away("refuse") },
  "postgres-silent-10-s": { platform: "discord", proxied: true, strike: away("black-hole") },
  "redis-flushed": { platform: "slack", redis: true, strike: ({ redis }) => redis.flush() },
  "redis-killed": {
    platform: "discord",
    redis: true,
    async strike({ redis }) {
      await redis.kill();
      await wait(3_000);
      await redis.start();
    },
  },
  "clock-60-s-fast": { platform: "slack", clockMs: 60_000, strike: killBoth },
  "clock-60-s-slow": { platform: "discord", clockMs: -60_000, strike: killBoth },
  "stopped-20-s": {
    platform: "slack",
    async strike({ scene: { crew } }) {
      crew[1]?.kill("SIGSTOP");
      await wait(20_000);
      crew[1]?.kill("SIGCONT");
    },
  },
  "platform-down-15-s": {
    platform: "slack",
    async strike({ scene }) {
      await scene.side.api.addFault({ kind: "down", forMs: 15_000 });
      await wait(15_000);
    },
  },
};

/** The channels that each agency has besides, so that there is something to send while it strikes. */
const CROWD = 12;

/** A bulletin's life in which this happens in the middle of the sending. */
export async function disturb(stage: Stage, name: keyof typeof disturbances): Promise<Outcome> {
  const disturbance = disturbances[name];
  const { platform, clockMs } = disturbance;
  await using opened = new AsyncDisposableStack();
  const proxy = opened.adopt(await openFaultProxy({ to: stage.cluster.address }), (one) => one.close());
  const redis = opened.adopt(await startRedis(), (one) => one.stop());
  const scene = opened.use(
    await openScene(stage, {
      name,
      platform,
      ...(disturbance.redis && { redisUrl: redis.url }),
      ...(disturbance.proxied && { databaseAt: proxy }),
      parts: [
        { roles: ["bot", "jobs"] },
        {
          roles: ["jobs"],
          ...(clockMs !== undefined && {
            settings: { CHAOS_CLOCK_MS: String(clockMs) },
            preload: [new URL("shifted-clock.ts", import.meta.url).href],
          }),
        },
      ],
      crowd: CROWD,
    }),
  );
  const beginning = await begin(scene);
  const { side } = scene;
  const { ref, approve } = await draftBulletin(side, "critical");
  await side.api.addFault({ kind: "slow", method: postMethods[platform], share: 1, afterMs: 100 });
  const before = (await side.api.posts({})).length;
  await approve();
  // oxlint-disable-next-line no-await-in-loop
  while ((await side.api.posts({})).length < before + 3) await wait(20);
  await disturbance.strike({ stage, scene, proxy, redis });
  await acknowledge(side, 1, ref);
  await recall(side, ref);
  return await conclude(scene, beginning);
}
