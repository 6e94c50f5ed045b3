import type { PretendApi, Shown } from "../pretend.ts";
import { ImpossibleError } from "../shared/control.ts";
import type { JsonObject } from "../shared/json.ts";
import { entered, fieldsOf, objections, submission } from "./fields.ts";
import type { Act, Discord } from "./interactions.ts";
import { LineError, nest, optionValues, readLine } from "./line.ts";
import { everyone } from "./permissions.ts";
import { buttonsOf, shownForm, shownOutcome } from "./shown.ts";
import { guildsOf } from "./telling.ts";
import { messageObject } from "./wire.ts";
import type { Channel, Command, Message, Person, World } from "./world.ts";
import { canSee, rootOf, threadUnder } from "./world.ts";

interface Where {
  readonly workspace: string;
  readonly user: string;
  readonly channel: string;
  /** The message in whose thread they are. */
  readonly thread?: string;
}

/** The deeds of people that reach the app. */
export function createPeople(
  discord: Discord,
): Pick<PretendApi, "type" | "press" | "submit" | "complete" | "shortcut"> {
  const { world } = discord;
  const sees = async (act: Act): Promise<Shown> => shownOutcome(world, await discord.act(act), act.user);

  return {
    type: async ({ line, ...where }) => {
      const place = present(world, where);
      try {
        const typed = readLine(commandsFor(world, where.workspace), line);
        const { options, resolved } = optionValues(world, typed, where.workspace);
        return await sees({ type: 2, ...place, data: commandData(typed.command, options, resolved) });
      } catch (error) {
        if (error instanceof LineError) return { kind: "error", text: error.message };
        throw error;
      }
    },

    complete: async ({ line, ...where }) => {
      const place = present(world, where);
      const suggestions = offered(world, where.workspace, line);
      if (!("typed" in suggestions)) return [...suggestions.known];
      const outcome = await discord.act({ type: 4, ...place, data: suggestions.typed });
      if (outcome.kind !== "choices") return [];
      return outcome.choices.map(({ name, value }) => ({ label: name, value: String(value) }));
    },

    press: async ({ workspace, user, message: id, button: wanted }) => {
      const message = visibleMessage(world, { workspace, user, message: id });
      const buttons = buttonsOf(message.body.components);
      const button = buttons.find((one) => one.id === wanted) ?? buttons.find((one) => one.label === wanted);
      if (!button)
        throw new ImpossibleError(
          `The message has no button "${wanted}" but: ${buttons.map((one) => one.label).join(", ")}.`,
        );
      if (button.disabled) throw new ImpossibleError(`The button "${button.label}" is disabled.`);
      if (/^https?:/.test(button.id)) return { kind: "nothing" };
      const data = { id: buttons.indexOf(button) + 2, custom_id: button.id, component_type: 2 };
      return sees({ type: 3, guild: workspace, channel: message.channel, user, source: message, data });
    },

    submit: async ({ user, form: id, values }) => {
      const form = world.forms.get(id);
      if (form?.user !== user) throw new ImpossibleError("This person has no such form open.");
      const fields = fieldsOf(form.modal);
      const answers = entered(fields, values);
      const wrong = objections(fields, answers);
      if (Object.keys(wrong).length > 0) return shownForm(form, { answers, problems: wrong });
      const data = { custom_id: form.modal.custom_id, components: submission(form.modal, answers) };
      const { guild, channel, source } = form;
      const shown = await sees({ type: 5, guild, channel, user, source, data });
      // After an error the modal stays open, and may be sent once more.
      if (shown.kind !== "error") world.forms.delete(id);
      return shown;
    },

    shortcut: async ({ name, message: id, ...where }) => {
      const place = present(world, where);
      if (id === undefined) throw new ImpossibleError("Discord has shortcuts on messages only.");
      const message = visibleMessage(world, { ...where, message: id });
      const command = commandsFor(world, where.workspace).find((one) => one.type === 3 && one.name === name);
      if (!command) return { kind: "error", text: `There is no message command "${name}" here.` };
      const resolved = { messages: { [message.id]: messageObject(world, message, false) } };
      const data = { ...commandData(command, [], resolved), target_id: message.id };
      // The answer appears where the message is: it may be in a thread of the channel.
      return sees({ type: 2, ...place, channel: message.channel, data });
    },
  };
}

/** A person of the guild, in a channel or thread of it that they see. */
function present(world: World, where: Where): Pick<Act, "guild" | "channel" | "user"> {
  const channel = channelBefore(world, where);
  if (channel.kind === "direct") throw new ImpossibleError("Commands are used in the channels of a guild.");
  return { guild: where.workspace, channel: channel.id, user: where.user };
}

/** The channel, thread or direct conversation that this person looks at. */
export function channelBefore(world: World, { workspace, user, channel: id, thread }: Where): Channel {
  personIn(world, workspace, user);
  const channel = world.channels.get(id);
  if (!channel || !guildsOf(world, channel).includes(workspace) || rootOf(world, channel).archived)
    throw new ImpossibleError(`There is no channel ${id} in ${workspace}.`);
  if (!canSee(world, user, channel)) throw new ImpossibleError(`${user} is not in the channel ${id}.`);
  if (thread === undefined) return channel;
  const below = threadUnder(world, { id: thread });
  if (below?.parent !== id) throw new ImpossibleError("There is no thread under this message yet.");
  return below;
}

export function personIn(world: World, workspace: string, user: string): Person {
  const person = world.guilds.get(workspace)?.members.has(user) === true ? world.people.get(user) : undefined;
  if (!person) throw new ImpossibleError(`Nobody with the id ${user} is in ${workspace}.`);
  return person;
}

/** Guild commands hide global ones of the same name; none are left where the app was removed. */
export function commandsFor(world: World, guild: string): readonly Command[] {
  if (world.guilds.get(guild)?.installed !== true) return [];
  const own = (world.commands.get(guild) ?? []).filter(usable);
  const hidden = (one: Command): boolean =>
    own.some(({ type, name }) => type === one.type && name === one.name);
  const global = (world.commands.get("") ?? []).filter((one) => usable(one) && !hidden(one));
  return [...own, ...global];
}

function usable({ default_member_permissions: needed }: Command): boolean {
  const bits = BigInt(needed ?? everyone);
  return bits !== 0n && (everyone & bits) === bits;
}

function commandData(command: Command, options: readonly JsonObject[], resolved: JsonObject): JsonObject {
  return {
    id: command.id,
    name: command.name,
    type: command.type,
    ...(command.guild_id === undefined ? {} : { guild_id: command.guild_id }),
    ...(options.length > 0 ? { options } : {}),
    ...(Object.keys(resolved).length > 0 ? { resolved } : {}),
  };
}

interface Known {
  readonly known: readonly { readonly value: string; readonly label: string }[];
}

/** What the client offers by itself, or the question it asks the app. */
function offered(world: World, guild: string, line: string): Known | { readonly typed: JsonObject } {
  const typed = readLineOrNothing(world, guild, line);
  const option = typed?.options.find(({ name }) => name === typed.focused);
  if (!typed || !option) return { known: [] };
  const soFar = typed.values.get(option.name) ?? "";
  if (option.autocomplete !== true) {
    const fitting = (option.choices ?? []).filter(({ name }) =>
      name.toLowerCase().includes(soFar.toLowerCase()),
    );
    return { known: fitting.map(({ name, value }) => ({ label: name, value: String(value) })) };
  }
  const options = typed.options
    .filter(({ name }) => typed.values.has(name) || name === option.name)
    .map(({ name, type }) => ({
      name,
      type,
      value: typed.values.get(name) ?? "",
      ...(name === option.name ? { focused: true } : {}),
    }));
  return { typed: commandData(typed.command, nest(typed.path, options), {}) };
}

function readLineOrNothing(
  world: World,
  guild: string,
  line: string,
): ReturnType<typeof readLine> | undefined {
  try {
    return readLine(commandsFor(world, guild), line);
  } catch (error) {
    if (error instanceof LineError) return undefined;
    throw error;
  }
}

function visibleMessage(
  world: World,
  at: { readonly workspace: string; readonly user: string; readonly message: string },
): Message {
  const person = personIn(world, at.workspace, at.user);
  const message = world.messages.get(at.message);
  const channel: Channel | undefined = world.channels.get(message?.channel ?? "");
  const mine = message?.onlyFor === undefined || message.onlyFor === at.user;
  if (!message || !channel || !mine || !canSee(world, at.user, channel)) {
    throw new ImpossibleError(`${person.name} sees no message ${at.message}.`);
  }
  return message;
}
