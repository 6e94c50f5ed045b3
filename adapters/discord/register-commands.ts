import { isDeepStrictEqual } from "node:util";

import { ApplicationCommandType, REST, Routes, type RESTPutAPIApplicationCommandsJSONBody } from "discord.js";

export interface Registration {
  /** Root of the REST API with trailing slash ("https://discord.com/api/"). */
  readonly apiBaseUrl: string;
  readonly token: string;
  readonly application: string;
  /** All commands there shall be, as Discord's API wants them. */
  readonly commands: RESTPutAPIApplicationCommandsJSONBody;
  /** Only in this guild; absent: everywhere. */
  readonly guild?: string;
}

export interface RegistrationChange {
  readonly changed: boolean;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly updated: readonly string[];
}

/** Makes Discord's commands equal to the given ones. Writes only if they differ: Discord counts what is created. */
export async function registerCommands(registration: Registration): Promise<RegistrationChange> {
  const { apiBaseUrl, token, application, commands, guild } = registration;
  const rest = new REST({ api: apiBaseUrl.replace(/\/$/, "") }).setToken(token);
  const route =
    guild === undefined
      ? Routes.applicationCommands(application)
      : Routes.applicationGuildCommands(application, guild);
  const query = new URLSearchParams({ with_localizations: "true" });
  const before = byName((await rest.get(route, { query })) as RESTPutAPIApplicationCommandsJSONBody);
  const after = byName(commands);

  const added = [...after.keys()].filter((name) => !before.has(name));
  const removed = [...before.keys()].filter((name) => !after.has(name));
  const updated = [...after.keys()].filter(
    (name) => before.has(name) && !isDeepStrictEqual(essence(before.get(name)), essence(after.get(name))),
  );
  const changed = added.length + removed.length + updated.length > 0;
  if (changed) await rest.put(route, { body: commands });
  return { changed, added, removed, updated };
}

/** A slash command and a message command may share a name. */
function byName(commands: RESTPutAPIApplicationCommandsJSONBody) {
  return new Map(
    commands.map((command) => {
      const { type = ApplicationCommandType.ChatInput, name } = command;
      return [type === ApplicationCommandType.ChatInput ? `/${name}` : name, { ...command, type }];
    }),
  );
}

// Added by Discord, and no part of what a command is.
const ofTheServer = new Set([
  "id",
  "application_id",
  "guild_id",
  "version",
  "dm_permission",
  "default_permission",
]);

/** What is left when the server's own fields and everything that only states a default are taken out. */
function essence(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(essence);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(
    ([name, part]) => !ofTheServer.has(name) && !isDefault(name, part),
  );
  return Object.fromEntries(entries.map(([name, part]) => [name, essence(part)]));
}

function isDefault(name: string, value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === "") return true;
  if (name === "integration_types") return isDeepStrictEqual(value, [0]);
  return typeof value === "object" && Object.keys(value).length === 0;
}
