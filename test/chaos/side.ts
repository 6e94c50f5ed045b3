import { registerCommands } from "../../adapters/discord/register-commands.ts";
import { startPretendDiscord } from "../../sandbox/discord/pretend-discord.ts";
import { pretend, type PretendApi } from "../../sandbox/pretend.ts";
import { configurePretendSlack, startPretendSlack } from "../../sandbox/slack/pretend-slack.ts";
import {
  discordCommands,
  globalShortcuts,
  messageShortcut,
  slackSlashCommands,
} from "../../src/bot/registration.ts";
import type { Platform } from "../../src/chat.ts";
import { openTable } from "../../src/features.ts";
import { application, discordToken, historyScopes, places, signingSecret, slackScopes } from "./places.ts";

/** A pretend platform with the three agencies' places on it: what a run happens on, and its oracle. */
export interface Side {
  readonly platform: Platform;
  readonly api: PretendApi;
  readonly apiUrl: string;
  /** How a process of ours finds it. */
  readonly settings: Readonly<Record<string, string>>;
  /** Where the bot listens now. */
  readonly attach: (bot: { readonly slackPort?: number | undefined }) => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface SideOptions {
  /** Slack's optional scope, without which nobody can look whether a message arrived. */
  readonly history?: boolean;
}

const botUser = application.discord;
const table = openTable();

export async function openSide(platform: Platform, { history = true }: SideOptions = {}): Promise<Side> {
  const server = await (platform === "slack"
    ? startPretendSlack({
        signingSecret,
        appId: application.slack,
        limits: "off",
        patienceMs: 1_000,
        scopes: [...slackScopes, ...(history ? historyScopes : [])],
      })
    : startPretendDiscord({
        applicationId: application.discord,
        token: discordToken,
        botUser,
        limits: "off",
      }));
  const api = pretend(server.url);
  const apiUrl = `${server.url}/api/`;
  await build(platform, api);
  if (platform === "discord") {
    const commands = discordCommands(table, "");
    const target = { apiBaseUrl: apiUrl, token: discordToken, application: application.discord };
    await registerCommands({ ...target, commands });
  }
  return {
    platform,
    api,
    apiUrl,
    settings: settingsOf(platform, apiUrl),
    async attach({ slackPort }) {
      if (platform === "slack") await attachSlack(server.url, slackPort ?? 0);
    },
    close: server.close,
  };
}

async function build(platform: Platform, api: PretendApi): Promise<void> {
  for (const { name, workspace, token, botUser: bot, people, desk, bulletins } of places[platform]) {
    /* oxlint-disable no-await-in-loop -- on loopback, and one needs the other */
    await api.addWorkspace({ id: workspace, name, token, botUser: bot });
    for (const [duty, id] of Object.entries(people)) {
      await api.addUser({ workspace, id, name: `${name} ${duty}` });
    }
    for (const id of [desk, ...bulletins])
      await api.addChannel({ workspace, id, name: `c-${id.toLowerCase()}` });
    /* oxlint-enable no-await-in-loop */
  }
}

function settingsOf(platform: Platform, apiUrl: string): Readonly<Record<string, string>> {
  return platform === "slack"
    ? { SLACK_SIGNING_SECRET: signingSecret, SLACK_API_URL: apiUrl }
    : {
        DISCORD_TOKEN: discordToken,
        DISCORD_APPLICATION_ID: application.discord,
        DISCORD_API_URL: apiUrl,
      };
}

function attachSlack(url: string, slackPort: number): Promise<void> {
  return configurePretendSlack(url, {
    requestUrl: `http://127.0.0.1:${slackPort}/slack/events`,
    slashCommands: slackSlashCommands(table, ""),
    shortcuts: [
      ...globalShortcuts.map(({ name, callbackId }) => ({ name, callbackId, type: "global" as const })),
      { name: messageShortcut.name, callbackId: messageShortcut.callbackId, type: "message" },
    ],
  });
}
