import { Routes, type APIApplication, type APIUser } from "discord.js";

import type {
  ChatAdapter,
  EditsCards,
  IdentifiesTokens,
  Identity,
  InspectsChannels,
  InstallationDirectory,
  RemovesMessages,
  RepliesInThreads,
} from "../../src/chat.ts";
import { sendingRests, type RestFor } from "./calls.ts";
import { inspectChannel } from "./inspect-channel.ts";
import { intake } from "./intake.ts";
import type { Log } from "./log.ts";
import { sending } from "./sending.ts";

export interface DiscordAdapterOptions {
  readonly token: string;
  readonly application: string;
  /** Root of the REST API with trailing slash ("https://discord.com/api/"). */
  readonly apiBaseUrl: string;
  readonly installations: InstallationDirectory;
  readonly log: Log;
  /** What the commands are registered with in front of their names ("ap-"); taken off again. */
  readonly commandPrefix?: string;
  /** 5,000 unless told. */
  readonly sendTimeoutMs?: number;
}

export type DiscordAdapter = ChatAdapter &
  EditsCards &
  RepliesInThreads &
  RemovesMessages &
  InspectsChannels &
  IdentifiesTokens;

/** One Discord application: its gateway connection, and sending for its installations. */
export function discordAdapter(options: DiscordAdapterOptions): DiscordAdapter {
  const { log, sendTimeoutMs = 5_000 } = options;
  const restFor = sendingRests({ log, sendTimeoutMs });
  return {
    platform: "discord",
    ...intake(options),
    ...sending(restFor, { log, sendTimeoutMs }),
    inspect: async (installation, channel) => inspectChannel(restFor(installation), installation, channel),
    identify: async (target) => identify(restFor, target),
  };
}

async function identify(restFor: RestFor, target: { apiBaseUrl: string; token: string }): Promise<Identity> {
  const application = (await restFor(target).get(Routes.currentApplication())) as APIApplication;
  const user = (await restFor(target).get(Routes.user())) as APIUser;
  return { application: application.id, botUser: user.id };
}
