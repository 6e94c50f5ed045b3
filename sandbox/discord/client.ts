import type { ClientApi, ClientChannel, ClientCommand, ClientOption, ClientPlace } from "../client.ts";
import { commandsFor, personIn } from "./people.ts";
import { shownForm } from "./shown.ts";
import { guildsOf } from "./telling.ts";
import { readWindow } from "./window.ts";
import type { Channel, Command, CommandOption, Guild, OpenForm, World } from "./world.ts";

/** What a chat client of this Discord draws itself from. */
export function createClient(world: World): ClientApi {
  return {
    places: async () => [...world.guilds.values()].map((guild) => placeOf(world, guild)),

    commands: async ({ workspace, user }) => {
      personIn(world, workspace, user);
      const usable = commandsFor(world, workspace);
      return {
        commands: usable.filter(({ type }) => type === 1).flatMap(linesOf),
        shortcuts: usable.filter(({ type }) => type === 3).map(({ name }) => ({ name, on: "message" })),
      };
    },

    read: async (window) => readWindow(world, window),

    form: async (target) => {
      const form = openForm(world, target);
      return form ? shownForm(form) : { kind: "nothing" };
    },

    // Discord stacks no forms: behind a closed one is the channel.
    close: async (target) => {
      const form = openForm(world, target);
      if (form) world.forms.delete(form.id);
      return { kind: "nothing" };
    },
  };
}

function openForm(
  world: World,
  { workspace, user, form: id }: Parameters<ClientApi["form"]>[0],
): OpenForm | undefined {
  const form = world.forms.get(id);
  return form?.user === user && form.guild === workspace ? form : undefined;
}

function placeOf(world: World, { id, name, installed, members }: Guild): ClientPlace {
  const here = [...world.channels.values()].filter(
    (channel) => channel.kind !== "thread" && !channel.archived && guildsOf(world, channel).includes(id),
  );
  return {
    id,
    name,
    installed,
    people: [...members].flatMap((member) => world.people.get(member) ?? []),
    channels: here.map((channel) => clientChannel(world, channel)),
  };
}

/** A direct conversation goes by the name of the other side, which is the app. */
function clientChannel(world: World, channel: Channel): ClientChannel {
  const { id, name, kind, recipient } = channel;
  const members = recipient === undefined ? channel.members : [recipient];
  return {
    id,
    name: kind === "direct" ? world.application.name : name,
    kind: kind === "direct" ? "direct" : "channel",
    private: channel.private,
    sharedOutside: false,
    archived: channel.archived,
    ...(members === undefined ? {} : { members }),
  };
}

/** A command with sub-commands is a line for each of them. */
function linesOf(command: Pick<Command, "name" | "description" | "options">): readonly ClientCommand[] {
  const lines = (
    { description, options = [] }: Pick<CommandOption, "description" | "options">,
    line: string,
  ): readonly ClientCommand[] => {
    const deeper = options.filter(({ type }) => type === 1 || type === 2);
    if (deeper.length === 0) return [{ line, description, options: options.map(clientOption) }];
    return deeper.flatMap((option) => lines(option, `${line} ${option.name}`));
  };
  return lines(command, `/${command.name}`);
}

function clientOption(option: CommandOption): ClientOption {
  const { name, description, required = false, choices = [], autocomplete: completes = false } = option;
  return {
    name,
    description,
    required,
    choices: choices.map(({ name: label, value }) => ({ value: String(value), label })),
    completes,
  };
}
