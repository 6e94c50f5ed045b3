import { startJobs, type Jobs } from "../../jobs/jobs.ts";
import type { ChatAdapter } from "../../src/chat.ts";
import type { Limits } from "../../src/deliveries/pace.ts";
import { openFollowUps, openNotices } from "../../src/features.ts";
import type { Ground } from "../../src/main.ts";

const free = { everyMs: 0, burst: 1_000 } as const;
const noLimits: Limits = {
  discord: { calls: free, posts: free, edits: free },
  slack: { posts: free, edits: free, lookUps: free, channelPosts: free },
};

/** The jobs side as `main.ts` starts it, with these adapters and without the platforms' limits. */
export function startUnlimited(ground: Ground, adapters: readonly ChatAdapter[]): Promise<Jobs> {
  const { config, database, jobs, keyring, log } = ground;
  const options = {
    store: jobs,
    connection: database.jobs,
    redisUrl: config.REDIS_URL,
    keyring,
    notices: openNotices({ keyring, privateLevel: { slack: "full", discord: "none" } }),
    adapters,
    followUps: openFollowUps(),
    log,
    limits: noLimits,
  };
  return startJobs(options);
}
