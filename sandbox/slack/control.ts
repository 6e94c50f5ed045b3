import type { Posted, PretendApi, ShownMessage } from "../pretend.ts";
import { ImpossibleError } from "../shared/control.ts";
import { addCrowd } from "../shared/crowd.ts";
import { createClient } from "./client.ts";
import { shortcut, type } from "./commands.ts";
import type { Deliver } from "./deliver.ts";
import type { Events } from "./events.ts";
import { isKept, repliesTo, timeOf } from "./messages.ts";
import type { Reader } from "./mrkdwn.ts";
import { createPlaces, crowdNames } from "./places.ts";
import { press } from "./presses.ts";
import { say } from "./sayings.ts";
import { headlineOf, readerOf, showMessage } from "./shown.ts";
import type { Sockets } from "./sockets.ts";
import { submit } from "./submissions.ts";
import { channelOf, personOf, workspaceOf } from "./world.ts";
import type { Channel, Message, Publication, Shortcut, SlashCommand, World } from "./world.ts";

/** What the app's configuration page says, where it is known only after the app started. */
export interface PretendSlackSettings {
  readonly requestUrl?: string;
  readonly slashCommands?: readonly SlashCommand[];
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
  const places = createPlaces(world, events);
  return {
    ...places,
    ...createSetting(world, sockets),
    crowd: async (size) => addCrowd({ ...places, names: crowdNames }, size),
    ...createLooking(world),
    ...createClient(world, deliver),
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
  "addFault" | "clearFaults" | "configure" | "setScopes" | "age" | "refreshSockets"
>;

function createSetting(world: World, sockets: Sockets): Setting {
  return {
    addFault: async (fault) => world.faults.add(fault),
    clearFaults: async () => world.faults.clear(),
    setScopes: async ({ scopes }) => void Object.assign(world.app, { scopes }),
    age: async () => {
      throw new ImpossibleError("A message's age changes nothing on Slack.");
    },
    configure: async (settings) => {
      Object.assign(world.app, settings);
      world.changes.tell({ kind: "places" });
    },
    refreshSockets: async () => ({ connections: sockets.refresh() }),
  };
}

type Looking = Pick<
  SlackControl,
  "channel" | "directMessages" | "privateAnswers" | "calls" | "counts" | "posts"
>;

function createLooking(world: World): Looking {
  return {
    channel: async ({ workspace, channel }) =>
      conversation(channelOf(workspaceOf(world, workspace), channel), (message, thread) =>
        showMessage(message, readerOf(world), thread),
      ),
    directMessages: async (target) => {
      const { workspace, user } = personOf(world, target);
      const channel = workspace.channels.get(`D${user.id.slice(1)}`);
      if (channel === undefined) return [];
      return conversation(channel, (message, thread) => showMessage(message, readerOf(world, user), thread));
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
    at: timeOf(message.ts),
    edits: message.edits,
    headline: headlineOf(message, reader),
    ...(message.deleted ? { removed: true } : {}),
  };
}

/** Threads under their messages. */
function conversation(
  channel: Channel,
  show: (message: Message, thread: readonly Message[]) => ShownMessage,
): ShownMessage[] {
  return channel.messages
    .filter((message) => message.threadTs === undefined && isKept(channel, message))
    .map((message) => show(message, repliesTo(channel, message.ts)));
}
