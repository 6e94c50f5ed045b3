import { randomBytes } from "node:crypto";

import {
  ApplicationCommandOptionType,
  ComponentType,
  InteractionResponseType,
  InteractionType,
} from "discord.js";

import { listAt, objectAt, stringAt, type JsonObject } from "../../sandbox/shared/json.ts";
import { channelObject, openDiscordApi } from "./discord-api.ts";
import { places, words } from "./places.ts";
import { expectWords, type Arrived, type Side } from "./side.ts";

const { workspace, channel, application } = places.discord;

/** Discord, dispatching interactions through its gateway. */
export async function openDiscordSide(): Promise<Side> {
  const api = await openDiscordApi();
  const opened: JsonObject[] = [];
  let turn = 0;
  const act = async (user: string, type: InteractionType, data: JsonObject): Promise<Arrived> => {
    const token = randomBytes(60).toString("base64url");
    const first = api.answerTo(token);
    api.dispatch("INTERACTION_CREATE", { ...interaction(user), id: api.freshId(), token, type, data });
    const answer = await first;
    // "Allpoints is thinking…" is no answer yet; that comes as an edit of it.
    return answer.body["type"] === InteractionResponseType.DeferredChannelMessageWithSource
      ? api.answerTo(token)
      : answer;
  };

  return {
    platform: "discord",
    apiUrl: api.apiUrl,
    attach: () => api.connected,
    type: async (user, { verb, options }, says) => {
      const named = Object.entries(options).map(([name, value]) => ({
        type: ApplicationCommandOptionType.String,
        name,
        value,
      }));
      const subcommand = { type: ApplicationCommandOptionType.Subcommand, name: verb, options: named };
      const { body } = await act(
        user,
        InteractionType.ApplicationCommand,
        command("allpoints", [subcommand]),
      );
      expectWords(body, says);
    },
    form: async (user) => {
      const arrived = await act(user, InteractionType.ApplicationCommand, command("tip", []));
      expectWords(arrived.body, '"type":9');
      expectWords(arrived.body, '"custom_id":"tip|');
      opened.push(objectAt(arrived.body, "data"));
      return arrived;
    },
    stored: async (user) => {
      const modal = opened[(turn += 1) % opened.length];
      if (modal === undefined) throw new Error("there is no form to submit");
      const data = { custom_id: modal["custom_id"], components: listAt(modal, "components").map(filled) };
      const arrived = await act(user, InteractionType.ModalSubmit, data);
      expectWords(arrived.body, "Received: T-");
      return arrived;
    },
    cards: api.cards,
    close: api.close,
  };
}

function command(name: string, options: readonly JsonObject[]): JsonObject {
  return { id: "100000000000000001", name, type: 1, guild_id: workspace, options };
}

/** A label of the modal with what was entered into it. */
function filled(label: unknown): JsonObject {
  const component = objectAt(label, "component");
  const common = { id: 1, type: component["type"], custom_id: component["custom_id"] };
  const value =
    component["type"] === ComponentType.TextInput
      ? { value: words }
      : { values: [stringAt(listAt(component, "options")[1], "value")] };
  return { id: 1, type: ComponentType.Label, component: { ...common, ...value } };
}

const ALL = String((1n << 50n) - 1n);

/** INTERACTION_CREATE with the fields Discord sends for a member of a guild. */
function interaction(user: string): JsonObject {
  return {
    application_id: application,
    version: 1,
    channel_id: channel,
    channel: { ...channelObject(channel), permissions: ALL },
    guild_id: workspace,
    guild: { id: workspace, locale: "en-US", features: [] },
    guild_locale: "en-US",
    locale: "en-US",
    app_permissions: ALL,
    entitlements: [],
    attachment_size_limit: 10_485_760,
    context: 0,
    authorizing_integration_owners: { 0: workspace },
    member: {
      user: { id: user, username: `officer_${user}`, discriminator: "0", global_name: null, avatar: null },
      nick: null,
      avatar: null,
      roles: [],
      joined_at: "2026-01-05T08:00:00.000000+00:00",
      premium_since: null,
      deaf: false,
      mute: false,
      flags: 0,
      pending: false,
      communication_disabled_until: null,
      permissions: ALL,
    },
  };
}
