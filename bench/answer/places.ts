import type { Platform } from "../../src/chat.ts";

/** Where the load comes from: one workspace or guild with one intake channel, and the officers in it. */
export interface Place {
  readonly agency: string;
  readonly workspace: string;
  readonly channel: string;
  readonly application: string;
  readonly botUser: string;
  readonly token: string;
  readonly users: readonly string[];
}

const OFFICERS = 50;
const numbers = Array.from({ length: OFFICERS }, (_, index) => String(index).padStart(2, "0"));

export const signingSecret = "bench-signing-secret";

export const places: Readonly<Record<Platform, Place>> = {
  slack: {
    agency: "Metro",
    workspace: "T0BENCH00",
    channel: "C0BENCH00",
    application: "A0BENCH00",
    botUser: "U0BENCHBOT",
    token: "xoxb-bench",
    users: numbers.map((number) => `U0BENCH${number}`),
  },
  discord: {
    agency: "Cedar",
    workspace: "500000000000000001",
    channel: "600000000000000001",
    application: "900000000000000001",
    botUser: "900000000000000001",
    token: "bench-discord-token",
    users: numbers.map((number) => `7000000000000001${number}`),
  },
};

/** What an officer writes into every text field: as long as a real one. */
export const words =
  "Heard at the counter around 16:30: 'on Friday I bring it along and then they will listen'. " +
  "He meant the hearing on Friday at the county court, room 4. He had a photograph of the entrance on his telephone.";
