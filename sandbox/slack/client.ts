import type {
  ClientApi,
  ClientChannel,
  ClientCommands,
  ClientMessage,
  ClientMessages,
  ClientPlace,
  ClientWindow,
} from "../client.ts";
import { ImpossibleError } from "../shared/control.ts";
import { installedFor } from "./commands.ts";
import type { Deliver } from "./deliver.ts";
import { repliesTo, timeOf } from "./messages.ts";
import { close, formNow } from "./modals.ts";
import { nameIn, namesIn } from "./names.ts";
import { stretchOf } from "./window.ts";
import { channelOf, isInChannel, personOf } from "./world.ts";
import type { Channel, Content, Message, Person, Workspace, World } from "./world.ts";

/** What a chat client needs to draw this Slack. */
export function createClient(world: World, deliver: Deliver): ClientApi {
  return {
    places: async () => [...world.workspaces.values()].map((workspace) => placeOf(world, workspace)),
    commands: async (who) => commandsFor(world, personOf(world, who)),
    read: async (window) => read(world, window),
    form: async (target) => formNow(world, target),
    close: (target) => close(world, deliver, target),
  };
}

function placeOf(world: World, workspace: Workspace): ClientPlace {
  return {
    id: workspace.id,
    name: workspace.name,
    installed: !workspace.removed,
    people: [...workspace.users.values()].map(({ id, name, timeZone = "America/New_York" }) => ({
      id,
      name,
      timeZone,
    })),
    channels: [...workspace.channels.values()].map((channel) => clientChannel(world, channel)),
  };
}

function clientChannel(world: World, channel: Channel): ClientChannel {
  const direct = channel.directWith !== undefined;
  return {
    id: channel.id,
    // A direct conversation is called as the one at its other end: the app.
    name: direct ? world.app.name : channel.name,
    kind: direct ? "direct" : "channel",
    private: channel.private,
    sharedOutside: channel.sharedOutside,
    archived: channel.archived,
    ...(channel.members === undefined ? {} : { members: channel.members }),
  };
}

function commandsFor({ app }: World, person: Person): ClientCommands {
  if (!installedFor(person)) return { commands: [], shortcuts: [] };
  return {
    commands: (app.slashCommands ?? []).map(({ command, description = "", usageHint }) => ({
      line: command,
      description,
      ...(usageHint === undefined ? {} : { hint: usageHint }),
      options: [],
    })),
    shortcuts: app.shortcuts.map(({ name, type }) => ({
      name,
      on: type === "global" ? "anywhere" : "message",
    })),
  };
}

function read(world: World, window: ClientWindow): ClientMessages {
  const { workspace, user } = personOf(world, window);
  const channel = channelOf(workspace, window.channel);
  if (!isInChannel(channel, user.id, workspace))
    throw new ImpossibleError(`${user.name} is not in #${channel.name}.`);
  const { messages, ...sides } = stretchOf(workspace, channel, window);
  return {
    messages: messages.map((message) => clientMessage(world, { workspace, channel, message })),
    ...sides,
  };
}

const tombstone: Content = {
  text: "This message was deleted.",
  blocks: [],
  attachments: [],
  autoLink: false,
  mrkdwn: false,
};

interface InChannel {
  readonly workspace: Workspace;
  readonly channel: Channel;
  readonly message: Message;
}

function clientMessage(world: World, { workspace, channel, message }: InChannel): ClientMessage {
  const { ts, author, deleted } = message;
  const content = deleted ? tombstone : message.content;
  const replies = repliesTo(channel, ts);
  const last = replies.at(-1);
  return {
    id: ts,
    at: timeOf(ts),
    author: { id: author, name: nameIn(world, author, workspace), app: author === workspace.botUser },
    content,
    edited: message.edits > 0 && !deleted,
    deleted,
    private: message.onlyFor !== undefined,
    pending: false,
    ...(last === undefined ? {} : { replies: { count: replies.length, lastAt: timeOf(last.ts) } }),
    names: namesIn(world, content, workspace),
  };
}
