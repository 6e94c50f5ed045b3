import type { BulletinType, Severity } from "../bulletins/bulletin.ts";

export const subscriptionStates = {
  active: "Active",
  paused: "Paused: nothing arrives, the settings stay",
  stopped: "Stopped",
} as const;

export const subscribableTlp = {
  clear: "TLP:CLEAR",
  green: "TLP:GREEN and below",
  amber: "TLP:AMBER and below",
  "amber+strict": "TLP:AMBER+STRICT and below",
} as const;

/** What a channel wants to be sent. */
export interface Wish {
  readonly types: readonly BulletinType[];
  readonly minSeverity: Severity;
  /** Empty: every area. */
  readonly areas: readonly string[];
  readonly maxTlp: keyof typeof subscribableTlp;
  readonly state: keyof typeof subscriptionStates;
}

/** What an officer finds filled in who subscribes a channel for the first time. */
export function firstWish(areas: readonly string[]): Wish {
  return {
    types: ["officer_safety", "bolo_person", "bolo_vehicle"],
    minSeverity: "moderate",
    areas,
    maxTlp: "amber",
    state: "active",
  };
}
