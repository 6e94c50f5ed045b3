import type { Platform } from "../chat.ts";

/** What a channel is for, in words. */
export const channelUses = {
  intake: "new tips arrive here",
  desk: "drafts to approve, hits and questions arrive here",
  bulletins: "bulletins of other agencies arrive here",
  admin: "for the administrators",
} as const;
export type ChannelUse = keyof typeof channelUses;

export const clearedFor = ["pointer", "summary", "full"] as const;

export interface Channel {
  readonly id: string;
  readonly agency: string;
  readonly installation: string;
  readonly platform: Platform;
  readonly workspace: string;
  readonly ref: string;
  readonly use: string;
  readonly state: string;
  readonly private: boolean;
  readonly sharedOutside: boolean;
  readonly clearedFor: string | null;
  readonly clearedUntil: Date | null;
}

/** What the channel may be shown, for its agency's people to read. The rule itself is the database's `clearance`. */
export function clearanceWords(channel: Channel): string {
  if (!channel.private) return "public: pointers only";
  if (channel.sharedOutside) return "shared with another organisation: pointers only";
  if (channel.platform === "discord") {
    return channel.clearedFor === "summary" || channel.clearedFor === "full"
      ? "summaries, by a recorded decision"
      : "pointers only (Discord's default)";
  }
  if (channel.clearedFor === "full") return "full text, signed by your privacy officer";
  return channel.clearedFor === "pointer" ? "pointers only, by a recorded decision" : "summaries";
}
