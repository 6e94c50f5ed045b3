import type { Platform } from "../../src/chat.ts";

/** One agency with its workspace or guild, as the pretend platforms and the operator need it. */
export interface Place {
  readonly name: string;
  readonly workspace: string;
  readonly token: string;
  readonly botUser: string;
  readonly people: Readonly<Record<Duty, string>>;
  readonly desk: string;
  readonly bulletins: readonly string[];
}

export const duties = { author: "analyst", approver: "supervisor", admin: "agency_admin" } as const;
export type Duty = keyof typeof duties;

export const signingSecret = "chaos-signing-secret";
export const slackScopes = [
  "commands",
  "chat:write",
  "channels:read",
  "groups:read",
  "im:read",
  "im:write",
  "users:read",
];
export const historyScopes = ["channels:history", "groups:history", "im:history"];
export const application: Readonly<Record<Platform, string>> = {
  slack: "A0CHAOS00",
  discord: "900000000000000001",
};
export const discordToken = "chaos-discord-token";

const names = ["Metro", "Riverton", "Cedar"] as const;
const CHANNELS = 4;

/** Three agencies on one platform, each with a desk and four channels for bulletins. */
export const places: Readonly<Record<Platform, readonly Place[]>> = {
  slack: names.map((name, index) => place("slack", name, index)),
  discord: names.map((name, index) => place("discord", name, index)),
};

function place(platform: Platform, name: string, index: number): Place {
  // A letter and eight more characters on Slack, eighteen digits on Discord.
  const id = (letter: string, digit: number, nr: number) =>
    platform === "slack" ? `${letter}0CHAOS${index}${nr}` : `${digit}000000000000000${index}${nr}`;
  return {
    name,
    workspace: id("T", 5, 0),
    token: platform === "slack" ? `xoxb-chaos-${index}` : discordToken,
    botUser: platform === "slack" ? id("U", 9, 9) : application.discord,
    people: { author: id("U", 7, 1), approver: id("U", 7, 2), admin: id("U", 7, 3) },
    desk: id("C", 6, 0),
    bulletins: Array.from({ length: CHANNELS }, (_, nr) => id("C", 6, nr + 1)),
  };
}
