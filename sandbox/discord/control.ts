import type { Posted, PretendApi, PretendChannel } from "../pretend.ts";
import { ImpossibleError } from "../shared/control.ts";
import { addCrowd } from "../shared/crowd.ts";
import type { CrowdNames } from "../shared/crowd.ts";
import { conversationOf, newTextChannel, wake } from "./channels.ts";
import { createClient } from "./client.ts";
import type { Discord } from "./interactions.ts";
import { flags } from "./message-rules.ts";
import { addMessage } from "./messages.ts";
import { channelBefore, createPeople } from "./people.ts";
import { length } from "./rules.ts";
import { eyesOf, headlineOf, shownMessage, utc } from "./shown.ts";
import { tellPlaces, tellThread } from "./telling.ts";
import { channelObject, guildCreate } from "./wire.ts";
import type { Application, Channel, Message, World } from "./world.ts";

type Change = Parameters<PretendApi["changeChannel"]>[0];

/** The control API over one pretend Discord. */
export function createControl(discord: Discord): PretendApi {
  const { world } = discord;
  const setting = createSetting(discord);
  return {
    ...createPeople(discord),
    ...createClient(world),
    ...setting,
    crowd: async (size) => addCrowd({ ...setting, names: crowdNames(world.application) }, size),

    say: async ({ text, ...where }) => {
      const channel = channelBefore(world, where);
      checkWords(text);
      wake(discord, channel);
      return {
        id: addMessage(world, { channel: channel.id, author: where.user, body: { content: text } }).id,
      };
    },

    channel: async ({ workspace, channel }) =>
      existing(world, workspace, channel).messages.map((message) => shownMessage(world, message, utc)),

    directMessages: async ({ user }) => {
      const messages = conversationOf(world, user)?.messages ?? [];
      return messages.map((message) => shownMessage(world, message, eyesOf(world, user)));
    },

    privateAnswers: async ({ workspace, user }) =>
      [...world.messages.values()]
        .filter(({ onlyFor, flags: set }) => onlyFor === user && (set & flags.loading) === 0)
        .filter(({ channel }) => world.channels.get(channel)?.guild === workspace)
        .map((message) => shownMessage(world, message, eyesOf(world, user))),

    addFault: async (fault) => world.faults.add(fault),
    clearFaults: async () => world.faults.clear(),
    calls: async ({ method }) => world.calls.list(method),
    counts: async () => world.calls.counts(),
    posts: async ({ workspace }) =>
      world.publications
        .map((message) => posted(world, message))
        .filter((one) => (workspace ?? one.workspace) === one.workspace),
    setScopes: async () => {
      throw new ImpossibleError("Discord gives permissions, not scopes.");
    },
    age: async ({ workspace, channel, byMs }) => {
      for (const message of existing(world, workspace, channel).messages) message.createdAt -= byMs;
    },
  };
}

function posted(world: World, message: Message): Posted {
  const channel = world.channels.get(message.channel);
  const under = channel?.kind === "thread" ? channel.id : message.body.message_reference?.message_id;
  return {
    // A direct conversation is in no guild.
    workspace: channel?.guild ?? "",
    channel: message.channel,
    id: message.id,
    ...(message.nonce === undefined ? {} : { key: message.nonce }),
    ...(under === undefined ? {} : { under }),
    at: message.createdAt,
    edits: message.edits,
    headline: headlineOf(world, message),
    ...(message.removed ? { removed: true } : {}),
  };
}

const sixteenDigits = (number: number): string => String(number).padStart(16, "0");
const crowdNames = ({ token, botUser }: Application): CrowdNames => ({
  workspace: (number) => ({ id: `81${sixteenDigits(number)}`, token, botUser }),
  channel: (workspace, number) => `82${sixteenDigits(workspace * 1_000 + number)}`,
});

function existing(world: World, workspace: string, id: string): Channel {
  const channel = world.channels.get(id);
  if (channel?.guild !== workspace) throw new ImpossibleError(`There is no channel ${id} in ${workspace}.`);
  return channel;
}

const snowflake = /^\d{17,19}$/;
function checkId(id: string): void {
  // Client libraries take apart ids by this pattern; others would go wrong in quiet ways.
  if (!snowflake.test(id)) throw new ImpossibleError(`"${id}" is not an id of 17 to 19 digits.`);
}

/** The most characters a person may send at once. */
const MOST = 2_000;
function checkWords(text: string): void {
  if (text.trim() === "") throw new ImpossibleError("Discord sends no empty message.");
  if (length(text) > MOST)
    throw new ImpossibleError(
      `Your message is too long: it has ${length(text).toLocaleString("en-US")} characters, and Discord takes at most 2,000.`,
    );
}

type Setting = Pick<PretendApi, "addWorkspace" | "addUser" | "addChannel" | "changeChannel" | "removeApp">;

/** Builds and changes guilds, channels and people; the app and open clients hear of it. */
function createSetting({ world, gateway }: Discord): Setting {
  const told =
    <Given>(deed: (given: Given) => void) =>
    async (given: Given): Promise<void> => {
      deed(given);
      tellPlaces(world);
    };
  return {
    addWorkspace: told(({ id, name, token, botUser }) => {
      checkId(id);
      const { application } = world;
      if (token !== application.token || botUser !== application.botUser) {
        throw new ImpossibleError(
          "One Discord application has one token and one bot user in all its guilds.",
        );
      }
      const before = world.guilds.get(id);
      const guild = before ?? {
        id,
        name,
        installed: true,
        botRole: world.freshId(),
        members: new Set<string>(),
        joinedAt: Date.now(),
      };
      const joins = !before?.installed;
      Object.assign(guild, { name, installed: true });
      world.guilds.set(id, guild);
      if (joins) gateway.dispatch("GUILD_CREATE", guildCreate(world, guild), id);
    }),

    addUser: told(({ workspace, id, name, timeZone = "America/New_York" }) => {
      checkId(id);
      const guild = world.guilds.get(workspace);
      if (!guild) throw new ImpossibleError(`There is no guild ${workspace}.`);
      guild.members.add(id);
      world.people.set(id, { id, name, timeZone });
    }),

    addChannel: told((given) => {
      checkId(given.id);
      if (!world.guilds.has(given.workspace))
        throw new ImpossibleError(`There is no guild ${given.workspace}.`);
      if (world.channels.has(given.id))
        throw new ImpossibleError(`The channel ${given.id} is there already.`);
      const channel = newChannel(given);
      world.channels.set(channel.id, channel);
      if (!channel.archived)
        gateway.dispatch("CHANNEL_CREATE", channelObject(world, channel), given.workspace);
    }),

    changeChannel: told((change) => {
      const channel = existing(world, change.workspace, change.id);
      const event = changed(channel, change);
      if (event !== undefined) gateway.dispatch(event, channelObject(world, channel), change.workspace);
      tellThread(world, channel);
    }),

    removeApp: told(({ workspace }) => {
      const guild = world.guilds.get(workspace);
      if (!guild?.installed) throw new ImpossibleError(`The app is not in ${workspace}.`);
      guild.installed = false;
      world.commands.delete(workspace);
      gateway.dispatch("GUILD_DELETE", { id: workspace }, workspace);
    }),
  };
}

function newChannel(given: PretendChannel): Channel {
  refuseSharing(given);
  const { id, workspace: guild, name, members, private: hidden = true } = given;
  const { botIsMember = true, archived = false } = given;
  return newTextChannel({ id, guild, name, members, private: hidden, botIsMember, archived });
}

function refuseSharing({ sharedOutside }: { readonly sharedOutside?: boolean }): void {
  if (sharedOutside === true) throw new ImpossibleError("Discord has no channels shared between guilds.");
}

/** Changes the channel and names the event by which the app hears of it. */
function changed(channel: Channel, change: Change): string | undefined {
  refuseSharing(change);
  const was = channel.archived;
  channel.name = change.name ?? channel.name;
  channel.private = change.private ?? channel.private;
  channel.botIsMember = change.botIsMember ?? channel.botIsMember;
  channel.members = change.members ?? channel.members;
  channel.archived = change.archived ?? channel.archived;
  if (channel.kind === "thread") return "THREAD_UPDATE";
  // Discord archives threads only: a text channel that goes away is deleted.
  if (channel.archived) return was ? undefined : "CHANNEL_DELETE";
  return was ? "CHANNEL_CREATE" : "CHANNEL_UPDATE";
}
