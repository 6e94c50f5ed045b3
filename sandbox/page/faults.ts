import type { Fault } from "../pretend.ts";
import { platforms, type Platform } from "./client.ts";
import type { Desk } from "./desk.ts";

// The switches of the panel: what the pretend platforms can be made to do, and which of it is on.

export const troubles = {
  storm: {
    label: "429 storm",
    about: "7 of 10 calls are answered with 429",
    // Discord's 429s of the whole application are the ones a bot dreads.
    fault: { kind: "rate-limited", share: 0.7, retryAfter: 1, global: true },
  },
  down: {
    label: "down",
    about: "every call of the bot is answered with 503",
    fault: { kind: "down", share: 1 },
  },
} as const satisfies Record<
  string,
  { readonly label: string; readonly about: string; readonly fault: Fault }
>;
export type Trouble = keyof typeof troubles;
export const troubleNames = Object.keys(troubles) as [Trouble, ...Trouble[]];

export interface Switches {
  readonly isOn: (platform: Platform, trouble: Trouble) => boolean;
  readonly set: (platform: Platform, trouble: Trouble, on: boolean) => Promise<void>;
}

export function openSwitches(desks: Readonly<Record<Platform, Desk>>): Switches {
  const on = new Map(platforms.map((platform) => [platform, new Set<Trouble>()]));
  return {
    isOn: (platform, trouble) => on.get(platform)?.has(trouble) === true,
    async set(platform, trouble, wanted) {
      const { api } = desks[platform].client;
      const now = on.get(platform) ?? new Set();
      if (wanted) now.add(trouble);
      else now.delete(trouble);
      await api.clearFaults();
      for (const name of now) await api.addFault(troubles[name].fault);
    },
  };
}
