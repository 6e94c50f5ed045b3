import {
  ApplicationCommandOptionType,
  ApplicationCommandType,
  type RESTPutAPIApplicationCommandsJSONBody,
} from "discord.js";

import { discordAdapter } from "../../adapters/discord/discord-adapter.ts";
import { registerCommands } from "../../adapters/discord/register-commands.ts";
import { startPretendDiscord } from "../../sandbox/discord/pretend-discord.ts";
import { pretend } from "../../sandbox/pretend.ts";
import type { Answer, InboundEvent, Installation, PlatformNews } from "../../src/chat.ts";
import type { Subject } from "../contracts/chat-adapter-subject.ts";

export const application = "400000000000000001";
export const token = "pretend-discord-token";
const guild = "500000000000000001";
const channel = "600000000000000001";
const user = "700000000000000001";

export const commands: RESTPutAPIApplicationCommandsJSONBody = [
  { name: "tip", description: "Report a threat", contexts: [0] },
  {
    name: "bulletin",
    description: "Bulletins",
    contexts: [0],
    options: [
      {
        type: ApplicationCommandOptionType.Subcommand,
        name: "status",
        description: "Who has it",
        options: [
          {
            type: ApplicationCommandOptionType.String,
            name: "ref",
            description: "Reference",
            required: true,
            autocomplete: true,
          },
        ],
      },
    ],
  },
  {
    name: "allpoints",
    description: "Everything else",
    contexts: [0],
    options: [
      {
        type: ApplicationCommandOptionType.SubcommandGroup,
        name: "officer",
        description: "Officers",
        options: [
          {
            type: ApplicationCommandOptionType.Subcommand,
            name: "approve",
            description: "Approve an officer",
            options: [
              {
                type: ApplicationCommandOptionType.String,
                name: "code",
                description: "Code",
                required: true,
              },
              { type: ApplicationCommandOptionType.Integer, name: "days", description: "For how long" },
            ],
          },
        ],
      },
    ],
  },
  { name: "Make a tip from this", type: ApplicationCommandType.Message },
];

export interface DiscordSubject extends Subject {
  readonly logged: () => readonly string[];
  /** From now on no installation is found. */
  readonly disconnect: () => void;
}

/** The adapter on a pretend Discord with one guild, one private channel and one person. */
export async function openDiscord({ commandPrefix = "" } = {}): Promise<DiscordSubject> {
  const server = await startPretendDiscord({ applicationId: application, token, botUser: application });
  const people = pretend(server.url);
  const apiBaseUrl = `${server.url}/api/`;
  await people.addWorkspace({ id: guild, name: "Riverton PD", token, botUser: application });
  await people.addUser({ workspace: guild, id: user, name: "Reyes", timeZone: "America/New_York" });
  await people.addChannel({ workspace: guild, id: channel, name: "bulletins", members: [user] });
  await registerCommands({ apiBaseUrl, token, application, commands: prefixed(commandPrefix) });

  const installation: Installation = {
    id: "installation-1",
    platform: "discord",
    workspace: guild,
    application,
    botUser: application,
    token,
    apiBaseUrl,
    environment: "commercial",
  };
  const events: InboundEvent[] = [];
  const news: PlatformNews[] = [];
  const logged: string[] = [];
  let answer: (event: InboundEvent) => Answer | Promise<Answer> = () => ({ kind: "nothing" });
  let connected = true;
  const write = (_fields: object, message: string) => logged.push(message);
  const adapter = discordAdapter({
    token,
    application,
    apiBaseUrl,
    commandPrefix,
    installations: {
      find: async (_platform, workspace) => (connected && workspace === guild ? installation : undefined),
    },
    log: { info: write, warn: write, error: write },
  });
  await adapter.start({
    receive: async (event) => {
      events.push(event);
      return answer(event);
    },
    news: async (told) => {
      news.push(told);
    },
  });

  return {
    adapter,
    installation,
    workspace: guild,
    channel: { platform: "discord", workspace: guild, channel },
    user,
    pretend: people,
    postMethod: "POST /channels/:id/messages",
    absent: { message: "100000000000000404", channel: "100000000000000405" },
    asksInMessage: true,
    events: () => events,
    news: () => news,
    logged: () => logged,
    answerWith: (next) => {
      answer = next;
    },
    disconnect: () => {
      connected = false;
    },
    close: async () => {
      await adapter.stop();
      await server.close();
    },
  };
}

function prefixed(prefix: string): RESTPutAPIApplicationCommandsJSONBody {
  return commands.map((command) => {
    if (command.type === ApplicationCommandType.Message) return command;
    return { ...command, name: prefix + command.name };
  });
}
