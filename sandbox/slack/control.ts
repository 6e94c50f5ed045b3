import type { Posted, PretendApi, PretendChannel, ShownMessage } from "../pretend.ts";
import { ImpossibleError } from "../shared/control.ts";
import { addCrowd, threeDigits } from "../shared/crowd.ts";
import type { CrowdNames } from "../shared/crowd.ts";
import { say, shortcut, type } from "./commands.ts";
import type { Deliver } from "./deliver.ts";
import { eventsOf } from "./events.ts";
import type { Events } from "./events.ts";
import type { Reader } from "./mrkdwn.ts";
import { press, submit } from "./presses.ts";
import { headlineOf, readerOf, showMessage } from "./shown.ts";
import type { Sockets } from "./sockets.ts";
import { channelOf, personOf, workspaceOf } from "./world.ts";
import type { Channel, Message, Publication, Shortcut, Workspace, World } from "./world.ts";

/** What the app's configuration page says, where it is known only after the app started. */
export interface PretendSlackSettings {
  readonly requestUrl?: string;
  readonly slashCommands?: readonly string[];
  readonly shortcuts?: readonly Shortcut[];
}

export interface SlackControl extends PretendApi {
  configure(settings: PretendSlackSettings): Promise<void>;
  /** Asks every Socket Mode connection to reconnect, as Slack does every few hours. */
  refreshSockets(): Promise<{ readonly connections: number }>;
}

export interface Parts {
  readonly world: World;
  readonly deliver: Deliver;
  readonly events: Events;
  readonly sockets: Sockets;
}

export function createControl({ world, deliver, events, sockets }: Parts): SlackControl {
  const setting = createSetting({ world, deliver, events, sockets });
  return {
    ...setting,
    crowd: async (size) => addCrowd({ ...setting, names: crowdNames }, size),
    ...createLooking(world),
    type: (act) => type(world, deliver, act),
    press: (act) => press(world, deliver, act),
    submit: (act) => submit(world, deliver, act),
    shortcut: (act) => shortcut(world, deliver, act),
    say: async (act) => say(world, act),
    // Slash commands have no completion on Slack.
    complete: async () => [],
  };
}

type Setting = Pick<
  SlackControl,
  | "addWorkspace"
  | "addUser"
  | "addChannel"
  | "changeChannel"
  | "removeApp"
  | "addFault"
  | "clearFaults"
  | "configure"
  | "setScopes"
  | "age"
  | "refreshSockets"
>;

function createSetting({ world, events, sockets }: Parts): Setting {
  return {
    addWorkspace: async (workspace) => {
      const known = world.workspaces.get(workspace.id);
      if (known !== undefined && !known.removed)
        throw new ImpossibleError(`${workspace.id} is there already.`);
      const added = { ...emptyWorkspace(), ...known, ...workspace, removed: false };
      if (known !== undefined) world.tokens.delete(known.token);
      world.workspaces.set(added.id, added);
      world.tokens.set(added.token, added);
    },
    addUser: async (user) => void workspaceOf(world, user.workspace).users.set(user.id, user),
    addChannel: async (channel) => {
      const { channels } = workspaceOf(world, channel.workspace);
      if (channels.has(channel.id)) throw new ImpossibleError(`Channel ${channel.id} is there already.`);
      channels.set(channel.id, newChannel(channel));
    },
    changeChannel: async ({ workspace: workspaceId, id, ...change }) => {
      const workspace = workspaceOf(world, workspaceId);
      const channel = channelOf(workspace, id);
      const before = { ...channel };
      Object.assign(channel, change);
      for (const event of eventsOf({ workspace, before, after: channel }))
        await events.send(workspace, event);
    },
    removeApp: async ({ workspace: id }) => {
      const workspace = workspaceOf(world, id);
      workspace.removed = true;
      await events.send(workspace, {
        type: "tokens_revoked",
        tokens: { oauth: [], bot: [workspace.botUser] },
      });
      await events.send(workspace, { type: "app_uninstalled" });
    },
    addFault: async (fault) => world.faults.add(fault),
    clearFaults: async () => world.faults.clear(),
    setScopes: async ({ scopes }) => void Object.assign(world.app, { scopes }),
    age: async () => {
      throw new ImpossibleError("A message's age changes nothing on Slack.");
    },
    configure: async (settings) => void Object.assign(world.app, settings),
    refreshSockets: async () => ({ connections: sockets.refresh() }),
  };
}

function emptyWorkspace(): Pick<Workspace, "users" | "channels" | "privateAnswers" | "modals" | "homes"> {
  return { users: new Map(), channels: new Map(), privateAnswers: [], modals: new Map(), homes: new Map() };
}

function newChannel(channel: PretendChannel): Channel {
  return {
    id: channel.id,
    name: channel.name,
    private: channel.private ?? true,
    sharedOutside: channel.sharedOutside ?? false,
    archived: channel.archived ?? false,
    botIsMember: channel.botIsMember ?? true,
    members: channel.members,
    messages: [],
  };
}

const crowdNames: CrowdNames = {
  workspace: (number) => {
    const id = `T0CROWD${threeDigits(number)}`;
    return { id, token: `xoxb-${id}`, botUser: `U0CROWD${threeDigits(number)}` };
  },
  channel: (workspace, number) => `C0CROWD${threeDigits(workspace)}${threeDigits(number)}`,
};

type Looking = Pick<
  SlackControl,
  "channel" | "directMessages" | "privateAnswers" | "calls" | "counts" | "posts"
>;

function createLooking(world: World): Looking {
  return {
    channel: async ({ workspace, channel }) =>
      conversation(channelOf(workspaceOf(world, workspace), channel).messages, (message, thread) =>
        showMessage(message, readerOf(world), thread),
      ),
    directMessages: async (target) => {
      const { workspace, user } = personOf(world, target);
      const channel = workspace.channels.get(`D${user.id.slice(1)}`);
      return conversation(channel?.messages ?? [], (message, thread) =>
        showMessage(message, readerOf(world, user), thread),
      );
    },
    privateAnswers: async (target) => {
      const { workspace, user } = personOf(world, target);
      return workspace.privateAnswers
        .filter((message) => message.onlyFor === user.id)
        .map((message) => showMessage(message, readerOf(world, user)));
    },
    calls: async ({ method }) => world.calls.list(method),
    counts: async () => world.calls.counts(),
    posts: async ({ workspace: id }) => {
      const reader = readerOf(world);
      return world.publications
        .filter(({ workspace }) => (id ?? workspace.id) === workspace.id)
        .map((publication) => posted(publication, reader));
    },
  };
}

function posted({ workspace, message, key }: Publication, reader: Reader): Posted {
  return {
    workspace: workspace.id,
    channel: message.channel,
    id: message.ts,
    ...(key === undefined ? {} : { key }),
    ...(message.threadTs === undefined ? {} : { under: message.threadTs }),
    at: Math.floor(Number(message.ts) * 1_000),
    edits: message.edits,
    headline: headlineOf(message, reader),
    ...(message.deleted ? { removed: true } : {}),
  };
}

/** Threads under their messages. Of a deleted message something stays only when it has a thread. */
function conversation(
  messages: readonly Message[],
  show: (message: Message, thread: readonly Message[]) => ShownMessage,
): ShownMessage[] {
  const present = messages.filter((message) => !message.deleted);
  return messages
    .filter((message) => message.threadTs === undefined)
    .map((message) => ({ message, thread: present.filter((reply) => reply.threadTs === message.ts) }))
    .filter(({ message, thread }) => !message.deleted || thread.length > 0)
    .map(({ message, thread }) => show(message, thread));
}
