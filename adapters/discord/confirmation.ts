import { ComponentType, InteractionType, type APIInteraction } from "discord.js";

import type { Answer } from "../../src/chat.ts";
import { readCustomId } from "./custom-ids.ts";

/**
 * The question that a press on a button with `confirm` is answered by; undefined for everything else. Asked without
 * the core and without any state: the button below it carries the same id, less the mark that it asks.
 */
export function confirmation(interaction: APIInteraction): Answer | undefined {
  if (interaction.type !== InteractionType.MessageComponent) return undefined;
  const { data, guild_id: guild, message } = interaction;
  const id = readCustomId(data.custom_id, guild !== undefined);
  if (id?.asks !== true) return undefined;
  const label = labelOf(message.components ?? [], data.custom_id);
  return {
    kind: "card",
    card: {
      headline: `Are you sure? ${label}`,
      blocks: [{ kind: "text", text: "Nothing is done yet. If you are not sure, dismiss this message." }],
      buttons: [
        { action: id.first, subject: id.second, label: `Yes: ${label}`.slice(0, 80), tone: "danger" },
      ],
    },
  };
}

type Components = Extract<
  APIInteraction,
  { type: InteractionType.MessageComponent }
>["message"]["components"];

/** What the person read on the button: the platform sends the message along. */
function labelOf(rows: NonNullable<Components>, customId: string): string {
  const buttons = rows
    .flatMap((row) => (row.type === ComponentType.ActionRow ? row.components : []))
    .flatMap((one) => (one.type === ComponentType.Button && "custom_id" in one ? [one] : []));
  return buttons.find((one) => one.custom_id === customId)?.label ?? "Do it";
}
