import {
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ChannelType,
  ComponentType,
  InteractionType,
  MessageFlags,
  type APIApplicationCommandAutocompleteInteraction,
  type APIApplicationCommandInteraction,
  type APIApplicationCommandInteractionDataOption,
  type APIInteraction,
  type APIMessageComponentInteraction,
  type APIModalSubmitInteraction,
} from "discord.js";

import type { InboundEvent, MessageRef } from "../../src/chat.ts";
import { readCustomId } from "./custom-ids.ts";
import { readForm } from "./render-form.ts";

type Arrival = Pick<InboundEvent, "platform" | "workspace" | "user" | "channel" | "dedupeKey">;
type Deed = InboundEvent extends infer Event
  ? Event extends Arrival
    ? Omit<Event, keyof Arrival>
    : never
  : never;

/** What a person did, free of Discord; undefined for what Allpoints never offers. */
export function inboundEvent(interaction: APIInteraction, commandPrefix = ""): InboundEvent | undefined {
  switch (interaction.type) {
    case InteractionType.ApplicationCommand:
      return arrived(interaction, command(interaction, commandPrefix));
    case InteractionType.ApplicationCommandAutocomplete:
      return arrived(interaction, completion(interaction, commandPrefix));
    case InteractionType.MessageComponent:
      return press(interaction);
    case InteractionType.ModalSubmit:
      return submission(interaction);
    case InteractionType.Ping:
      return undefined;
  }
}

function arrived(interaction: APIInteraction, deed: Deed | undefined, workspace = interaction.guild_id) {
  const user = interaction.member?.user.id ?? interaction.user?.id;
  if (deed === undefined || workspace === undefined || user === undefined) return undefined;
  const channel = channelOf(interaction);
  const arrival: Arrival = {
    platform: "discord",
    workspace,
    user,
    dedupeKey: interaction.id,
    ...(channel !== undefined && { channel }),
  };
  return { ...arrival, ...deed } as InboundEvent;
}

/** What is done in a thread is done in its channel: clearances and agencies belong to channels. */
function channelOf({ channel }: APIInteraction): string | undefined {
  if (channel === undefined) return undefined;
  const thread =
    channel.type === ChannelType.PublicThread ||
    channel.type === ChannelType.PrivateThread ||
    channel.type === ChannelType.AnnouncementThread;
  return thread && "parent_id" in channel && typeof channel.parent_id === "string"
    ? channel.parent_id
    : channel.id;
}

function command({ data }: APIApplicationCommandInteraction, prefix: string): Deed | undefined {
  if (data.type === ApplicationCommandType.Message) {
    const text = data.resolved.messages[data.target_id]?.content ?? "";
    return { kind: "message-shortcut", shortcut: data.name, text };
  }
  if (data.type !== ApplicationCommandType.ChatInput) return undefined;
  const { verb, options } = spoken(data.options);
  return {
    kind: "command",
    command: withoutPrefix(data.name, prefix),
    input: {
      kind: "options",
      ...(verb !== "" && { verb }),
      options: Object.fromEntries(
        options.flatMap((option) => ("value" in option ? [[option.name, String(option.value)]] : [])),
      ),
    },
  };
}

function completion({ data }: APIApplicationCommandAutocompleteInteraction, prefix: string): Deed {
  const { verb, options } = spoken(data.options);
  const typed = options.find((option) => "focused" in option && option.focused);
  return {
    kind: "complete",
    command: withoutPrefix(data.name, prefix),
    ...(verb !== "" && { verb }),
    typed: typed && "value" in typed ? String(typed.value) : "",
  };
}

function withoutPrefix(name: string, prefix: string): string {
  return name.startsWith(prefix) ? name.slice(prefix.length) : name;
}

/** Sub-commands and their groups are nested options: `officer` ▸ `approve` ▸ code is the verb "officer approve". */
function spoken(
  options: readonly APIApplicationCommandInteractionDataOption[] = [],
  verbs: readonly string[] = [],
) {
  const [first] = options;
  const nested =
    first?.type === ApplicationCommandOptionType.Subcommand ||
    first?.type === ApplicationCommandOptionType.SubcommandGroup;
  if (nested) return spoken(first.options, [...verbs, first.name]);
  return { verb: verbs.join(" "), options };
}

function press(interaction: APIMessageComponentInteraction): InboundEvent | undefined {
  const { data, message, guild_id: guild } = interaction;
  const id = readCustomId(data.custom_id, guild !== undefined);
  // One that asks was not meant yet: confirmation.ts answers it.
  if (data.component_type !== ComponentType.Button || id === undefined || id.asks === true) return undefined;
  const workspace = guild ?? id.workspace;
  const deed = { kind: "button", action: id.first, subject: id.second } as const;
  const privately = ((message.flags ?? 0) & MessageFlags.Ephemeral) !== 0;
  if (privately || workspace === undefined) return arrived(interaction, deed, workspace);
  const ref: MessageRef = {
    platform: "discord",
    workspace,
    channel: message.channel_id,
    message: message.id,
    ...(guild === undefined && { direct: true }),
  };
  return arrived(interaction, { ...deed, message: ref }, workspace);
}

function submission(interaction: APIModalSubmitInteraction): InboundEvent | undefined {
  const { data, guild_id: guild } = interaction;
  const id = readCustomId(data.custom_id, guild !== undefined);
  if (id === undefined) return undefined;
  const deed = { kind: "form", form: id.first, state: id.second, values: readForm(data) } as const;
  return arrived(interaction, deed, guild ?? id.workspace);
}
