import type { ChatAdapter, Installation } from "../src/chat.ts";
import type { Limits } from "../src/deliveries/pace.ts";
import type { Log } from "../src/log.ts";
import type { Meters } from "../src/metrics.ts";
import type { Notices } from "../src/notices.ts";
import type { Keyring } from "../src/store/seal.ts";
import type { Store } from "../src/store/store.ts";
import type { AtStep } from "./steps.ts";

/** What a worker works with. */
export interface DelivererOptions {
  /** As allpoints_jobs. */
  readonly store: Store;
  readonly keyring: Keyring;
  readonly notices: Notices;
  readonly adapters: readonly ChatAdapter[];
  readonly limits: Limits;
  readonly log: Log;
  readonly meters: Meters;
  /** Told which installations have something to deliver because of what happened here. */
  readonly wake: (installations: readonly string[]) => void;
  readonly at: AtStep;
  /** Only to show that the tests notice: what is unknown is sent again at once, as if for the first time. */
  readonly skipLookUp: boolean;
}

/** Where a delivery goes. */
export interface Target {
  readonly installation: Installation;
  readonly adapter: ChatAdapter;
}

export const system = { agency: null, id: "system" } as const;
/** For claims. One that is lost was not acted upon: the intent after it, which is flushed, would have flushed it too. */
export const systemUnflushed = { ...system, mayBeLost: true } as const;
