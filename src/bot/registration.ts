import type { z } from "zod";

import type { Command, Verb } from "./command.ts";
import { choicesOf, discordName, isOptional, refLettersOf } from "./input.ts";
import type { Table } from "./routes.ts";

// What the platforms must be told of the commands, made from the one table.

export interface ManifestOptions {
  /** Put before every command's name: names are shared between apps, and the last installed wins. */
  readonly prefix: string;
  /** Where Slack sends everything; undefined for Socket Mode. */
  readonly requestUrl: string | undefined;
}

const scopes = ["commands", "chat:write", "channels:read", "groups:read"] as const;
/** Let a post whose outcome is unknown be looked for; im:write, because only opening a conversation tells its id. */
const optionalScopes = ["channels:history", "groups:history", "im:history", "im:write"] as const;
const events = [
  "app_uninstalled",
  "tokens_revoked",
  "channel_archive",
  "channel_unarchive",
  "channel_deleted",
  "channel_left",
  "channel_shared",
  "channel_unshared",
  "channel_rename",
  "group_archive",
  "group_deleted",
  "group_left",
  "member_joined_channel",
] as const;

/** Shortcuts, because Slack's threads refuse slash commands. */
export const globalShortcuts = [
  { name: "Report a threat", callbackId: "tip", about: "Opens the form: this is not 911" },
  { name: "Check the watch-list", callbackId: "watch", about: "Opens the form: every query is recorded" },
] as const;
export const messageShortcut = {
  name: "Make a tip from this",
  callbackId: "tip-from-message",
  about: "Opens the tip form with the message's words",
} as const;

export function slackScopes(): readonly string[] {
  return scopes;
}

/** What Slack asks the person who installs the app for, and they may refuse. */
export function slackOptionalScopes(): readonly string[] {
  return optionalScopes;
}

interface SlackCommand {
  readonly command: string;
  readonly description: string;
  readonly usageHint: string;
}

/** The commands Slack registers: "/tip", "/ap-watch", with what its client shows while somebody types them. */
export function slackSlashCommands(table: Table, prefix: string): readonly SlackCommand[] {
  return [...table.commands.values()].map((command) => ({
    command: `/${prefix}${command.name}`,
    description: command.help,
    usageHint: usageHintOf(command),
  }));
}

/** The manifest of the Slack app (schema 1.0): paste it at "Create an app from a manifest". */
export function slackManifest(table: Table, { prefix, requestUrl }: ManifestOptions): object {
  const url = requestUrl === undefined ? {} : { url: requestUrl };
  return {
    _metadata: { major_version: 1, minor_version: 1 },
    display_information: {
      name: "Allpoints",
      description: "Share tips about threats of violence between law-enforcement agencies.",
      background_color: "#1d3557",
    },
    features: {
      // Notices to one person arrive in the app's messages tab.
      app_home: { home_tab_enabled: false, messages_tab_enabled: true, messages_tab_read_only_enabled: true },
      bot_user: { display_name: "allpoints", always_online: false },
      slash_commands: slackSlashCommands(table, prefix).map(({ command, description, usageHint }) => ({
        command,
        description,
        usage_hint: usageHint,
        should_escape: true,
        ...url,
      })),
      shortcuts: [
        ...globalShortcuts.map(({ name, callbackId, about }) => ({
          type: "global",
          name,
          callback_id: callbackId,
          description: about,
        })),
        {
          type: "message",
          name: messageShortcut.name,
          callback_id: messageShortcut.callbackId,
          description: messageShortcut.about,
        },
      ],
    },
    // Slack wants the optional ones in both lists.
    oauth_config: { scopes: { bot: [...scopes, ...optionalScopes], bot_optional: optionalScopes } },
    settings: {
      event_subscriptions: {
        ...(requestUrl !== undefined && { request_url: requestUrl }),
        bot_events: events,
      },
      interactivity: { is_enabled: true, ...(requestUrl !== undefined && { request_url: requestUrl }) },
      org_deploy_enabled: false,
      socket_mode_enabled: requestUrl === undefined,
      token_rotation_enabled: false,
    },
  };
}

function usageHintOf(command: Command): string {
  const verbs = command.verbs.map(({ verb }) => verb).filter(Boolean);
  return verbs.length === 0 ? "opens a form" : verbs.join(" | ").slice(0, 1000);
}

/** As Discord's API takes it; typed only as far as its adapter needs. */
interface DiscordCommand {
  readonly name: string;
  readonly type?: 3;
  readonly description?: string;
}

const SUBCOMMAND = 1;
const STRING = 3;
const MESSAGE_COMMAND = 3;
const GUILD_ONLY = { contexts: [0], integration_types: [0] };

/** The body for Discord's PUT of all application commands. */
export function discordCommands(table: Table, prefix: string): DiscordCommand[] {
  const typed = [...table.commands.values()].map((command) => {
    const verbs = command.verbs.filter(({ only }) => only === undefined || only === "discord");
    const alone = verbs.find(({ verb }) => verb === "");
    return {
      name: `${prefix}${command.name}`,
      description: command.help.slice(0, 100),
      ...GUILD_ONLY,
      options:
        alone === undefined
          ? verbs.map((one) => ({
              type: SUBCOMMAND,
              name: discordName(one.verb),
              description: one.help.slice(0, 100),
              options: optionsOf(one),
            }))
          : optionsOf(alone),
    };
  });
  return [...typed, { name: messageShortcut.name, type: MESSAGE_COMMAND, ...GUILD_ONLY }];
}

function optionsOf({ input }: Verb): readonly object[] {
  // Discord wants the required ones first.
  return Object.entries(input.shape)
    .toSorted(([, one], [, other]) => Number(isOptional(one)) - Number(isOptional(other)))
    .map(([name, schema]) => optionOf(name, schema));
}

function optionOf(name: string, schema: z.ZodType): object {
  const choices = choicesOf(schema);
  const letters = refLettersOf(schema);
  return {
    type: STRING,
    name,
    description: (schema.description ?? (letters === undefined ? name : "The reference on the card")).slice(
      0,
      100,
    ),
    required: !isOptional(schema),
    ...(choices.length > 0 && {
      choices: choices.map((value) => ({ name: value.replaceAll("_", " "), value })),
    }),
    ...(letters !== undefined && { autocomplete: true }),
  };
}
