import { rollingWindow, tokenBucket } from "../shared/limits.ts";
import type { Use } from "../shared/limits.ts";

export type Tier = "tier2" | "tier3" | "tier4" | "post" | "special";

/** How much Slack bears; calls per minute are per method, workspace and app. */
export interface LimitNumbers {
  readonly tier2PerMinute: number;
  readonly tier3PerMinute: number;
  readonly tier4PerMinute: number;
  readonly specialPerMinute: number;
  /** chat.postMessage, one channel. */
  readonly channelBurst: number;
  readonly channelPerSecond: number;
  /** chat.postMessage, one workspace. */
  readonly workspaceBurst: number;
  readonly workspacePerSecond: number;
}

/** Slack documents the tiers and 1/s per channel; "several hundred per minute" per workspace is read as 20 and 5/s. */
export const realLimits: LimitNumbers = {
  tier2PerMinute: 20,
  tier3PerMinute: 50,
  tier4PerMinute: 100,
  specialPerMinute: 600,
  channelBurst: 2,
  channelPerSecond: 1,
  workspaceBurst: 20,
  workspacePerSecond: 5,
};

export interface ApiLimits {
  readonly usesOf: (call: {
    readonly tier: Tier;
    readonly name: string;
    readonly workspace: string;
    readonly channel: string;
  }) => readonly Use[];
}

const MINUTE = 60_000;

export function createApiLimits(numbers: LimitNumbers): ApiLimits {
  const tiers = {
    tier2: rollingWindow({ max: numbers.tier2PerMinute, perMs: MINUTE }),
    tier3: rollingWindow({ max: numbers.tier3PerMinute, perMs: MINUTE }),
    tier4: rollingWindow({ max: numbers.tier4PerMinute, perMs: MINUTE }),
    special: rollingWindow({ max: numbers.specialPerMinute, perMs: MINUTE }),
  };
  const channels = tokenBucket({ capacity: numbers.channelBurst, perSecond: numbers.channelPerSecond });
  const workspaces = tokenBucket({ capacity: numbers.workspaceBurst, perSecond: numbers.workspacePerSecond });
  return {
    usesOf: ({ tier, name, workspace, channel }) =>
      tier === "post"
        ? [
            { limit: channels, key: `${workspace}/${channel}` },
            { limit: workspaces, key: workspace },
          ]
        : [{ limit: tiers[tier], key: `${workspace}/${name}` }],
  };
}
