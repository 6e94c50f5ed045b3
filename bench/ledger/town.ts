import type { Platform } from "../../src/chat.ts";

/** How much there is on one platform. */
export interface Size {
  readonly platform: Platform;
  readonly workspaces: number;
  readonly channels: number;
  /** On Discord, where guilds of one application share a limit: how many applications there are. Default 1. */
  readonly applications?: number;
  /** Root of the platform's API, with a trailing slash. */
  readonly apiBaseUrl: string;
}

/** One workspace or guild: each belongs to an agency of its own. */
export interface Workspace {
  readonly platform: Platform;
  readonly id: string;
  readonly application: string;
  readonly botUser: string;
  readonly token: string;
  readonly apiBaseUrl: string;
  readonly channels: readonly string[];
}

export const discordApplication = {
  application: "900000000000000000",
  botUser: "900000000000000000",
  token: "bench-discord-token",
} as const;
const slackApplication = { application: "A0BENCH00", botUser: "U0BENCHBOT" } as const;

/** Names everything by a rule, so that the platforms and the database hear of the same places. */
export function layOut(size: Size): readonly Workspace[] {
  const { platform, workspaces, channels, applications = 1, apiBaseUrl } = size;
  return Array.from({ length: workspaces }, (_, index) => {
    const number = String(index + 1).padStart(5, "0");
    // Dealt out like cards: the fullest has one more than the emptiest.
    const count = Math.floor(channels / workspaces) + (index < channels % workspaces ? 1 : 0);
    const slots = Array.from({ length: count }, (__, slot) => String(slot + 1).padStart(5, "0"));
    return platform === "slack"
      ? {
          ...slackApplication,
          platform,
          id: `T0BENCH${number}`,
          token: `xoxb-bench-${number}`,
          apiBaseUrl,
          channels: slots.map((slot) => `C${number}${slot}`),
        }
      : {
          ...discordApplication,
          application: `9000000000000${String(index % applications).padStart(5, "0")}`,
          platform,
          id: `5000000000000${number}`,
          apiBaseUrl,
          channels: slots.map((slot) => `60000000${number}${slot}`),
        };
  });
}
