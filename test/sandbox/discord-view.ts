import type { Client, Interaction } from "discord.js";
import { MessageFlags, Routes } from "discord.js";

import type { ClientMessages, ClientWindow } from "../../sandbox/client.ts";
import type { Stage } from "./discord-stage.ts";
import { application, atDesk, desk } from "./discord-stage.ts";

const text = (name: string, more: object = {}) => ({ type: 3, name, description: `The ${name}`, ...more });
export const commands = [
  { name: "tip", description: "Report a threat" },
  {
    name: "bulletin",
    description: "Bulletins",
    options: [
      {
        type: 1,
        name: "cancel",
        description: "Cancel one",
        options: [
          text("ref", { required: true, autocomplete: true }),
          text("reason", { choices: [{ name: "Wrong person", value: "wrong_person" }] }),
        ],
      },
      {
        type: 2,
        name: "draft",
        description: "Drafts",
        options: [{ type: 1, name: "list", description: "List them", options: [] }],
      },
    ],
  },
  { name: "admin", description: "For nobody", default_member_permissions: "0" },
  { type: 3, name: "Make a tip from this" },
];

/** One person's client before the desk channel, and the app beside it. */
export interface View {
  /** The newest 50 messages, or what else is wanted. */
  readonly read: (window?: Partial<ClientWindow>) => Promise<ClientMessages>;
  /** Resolves with the id of what was said. */
  readonly say: (words: string, more?: { user?: string; thread?: string }) => Promise<string>;
  /** The app posts; resolves with the id. */
  readonly post: (body: object, channel?: string) => Promise<string>;
  /** The app opens a thread under a message, whose id is the thread's. */
  readonly openThread: (message: string) => Promise<string>;
  /** The app with its commands registered. */
  readonly connected: () => Promise<Client<true>>;
}

export function viewOf({ people, rest, connect }: Stage): View {
  return {
    read: (window) => people.read({ ...atDesk, limit: 50, privateSince: 0, ...window }),
    say: async (words, more) => (await people.say({ ...atDesk, text: words, ...more })).id,
    post: async (body, channel = desk) =>
      ((await rest.post(Routes.channelMessages(channel), { body })) as { id: string }).id,
    openThread: async (message) => {
      await rest.post(Routes.threads(desk, message), { body: { name: "Talk" } });
      return message;
    },
    connected: async () => {
      await rest.put(Routes.applicationCommands(application), { body: commands });
      return connect();
    },
  };
}

export const wordsIn = ({ messages }: ClientMessages): unknown[] =>
  messages.map(({ content }) => (content as { content?: string }).content);

/** Answers the next interaction; rejects with what went wrong in that. */
export function onNext(
  client: Client,
  answer: (interaction: Interaction) => Promise<unknown>,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    client.once("interactionCreate", (interaction) => void answer(interaction).then(resolve, reject));
  });
}

export const privately = (content: string) => async (interaction: Interaction) => {
  if (interaction.isRepliable()) await interaction.reply({ content, flags: MessageFlags.Ephemeral });
};
