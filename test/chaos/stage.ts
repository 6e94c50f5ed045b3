import type { Platform } from "../../src/chat.ts";
import { startRedis } from "../support/redis-server.ts";
import { openCluster } from "./cluster.ts";
import type { Stage } from "./scene.ts";
import { makeTemplate } from "./seed.ts";
import { warmUp } from "./supervisor.ts";

export interface StageOptions {
  readonly platforms: readonly Platform[];
  readonly redis: boolean;
}

/** The servers that all runs share, and a database for each platform in which everybody has moved in. */
export async function openStage({ platforms, redis }: StageOptions): Promise<Stage & AsyncDisposable> {
  await using opened = new AsyncDisposableStack();
  const cluster = opened.use(await openCluster());
  const server = redis ? opened.adopt(await startRedis(), (one) => one.stop()) : undefined;
  await warmUp(cluster);
  const templates = { slack: "", discord: "" };
  for (const platform of platforms) {
    // oxlint-disable-next-line no-await-in-loop
    templates[platform] = await makeTemplate(cluster, platform);
  }
  let databases = 0;
  const closing = opened.move();
  return {
    cluster,
    templates,
    redisUrl() {
      if (server === undefined) throw new Error("this stage has no Redis");
      databases += 1;
      return server.database(databases);
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}
