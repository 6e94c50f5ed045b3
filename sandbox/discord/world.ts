import type { Calls } from "../shared/calls.ts";
import { createCalls } from "../shared/calls.ts";
import type { Changes } from "../shared/changes.ts";
import { createChanges } from "../shared/changes.ts";
import type { Faults } from "../shared/faults.ts";
import { createFaults } from "../shared/faults.ts";
import type { JsonObject } from "../shared/json.ts";

/** Everything the pretend Discord knows, in memory. */
export interface World {
  readonly application: Application;
  readonly guilds: Map<string, Guild>;
  readonly people: Map<string, Person>;
  /** Text channels, threads and direct conversations. */
  readonly channels: Map<string, Channel>;
  /** Channel messages and private answers alike. */
  readonly messages: Map<string, Message>;
  /** By token. */
  readonly interactions: Map<string, Interaction>;
  /** Modals somebody has open. */
  readonly forms: Map<string, OpenForm>;
  /** By guild id, and "" for the global ones. */
  readonly commands: Map<string, readonly Command[]>;
  /** First messages by nonce, oldest first: an enforced nonce makes no second one for five minutes. */
  readonly nonces: Map<string, Message>;
  /** What the app posted for everybody in a channel, oldest first, also what is gone. */
  readonly publications: Message[];
  readonly faults: Faults;
  readonly calls: Calls;
  /** What open clients are told. */
  readonly changes: Changes;
  readonly freshId: () => string;
}

export interface Application {
  readonly id: string;
  readonly token: string;
  readonly botUser: string;
  readonly name: string;
}
export interface Guild {
  readonly id: string;
  name: string;
  /** False after the bot was kicked. */
  installed: boolean;
  readonly botRole: string;
  readonly members: Set<string>;
  readonly joinedAt: number;
}
export interface Person {
  readonly id: string;
  name: string;
  timeZone: string;
}
export interface Channel {
  readonly id: string;
  readonly kind: "text" | "thread" | "direct";
  readonly guild: string | undefined;
  /** Of a thread: the channel it hangs in. Its id is the id of the message it hangs under. */
  readonly parent: string | undefined;
  /** Of a direct conversation: the person. */
  readonly recipient: string | undefined;
  name: string;
  private: boolean;
  botIsMember: boolean;
  members: readonly string[] | undefined;
  archived: boolean;
  locked: boolean;
  autoArchive: number;
  /** Oldest first; private answers are not among them. */
  readonly messages: Message[];
  /** Private answers to whomever, oldest first. */
  readonly privateMessages: Message[];
}
export interface MessageBody {
  readonly content?: string | null;
  readonly embeds?: readonly Embed[] | null;
  readonly components?: readonly JsonObject[] | null;
  readonly allowed_mentions?: {
    readonly parse?: readonly string[];
    readonly users?: readonly string[];
    readonly roles?: readonly string[];
  } | null;
  readonly flags?: number | null;
  readonly nonce?: string | number | null;
  readonly enforce_nonce?: boolean | null;
  readonly message_reference?: { readonly message_id?: string } | null;
}
export interface Embed {
  readonly title?: string;
  readonly description?: string;
  readonly color?: number | null;
  readonly author?: { readonly name: string };
  readonly footer?: { readonly text: string };
  readonly fields?: readonly { readonly name: string; readonly value: string }[];
}
export interface Message {
  readonly id: string;
  readonly channel: string;
  readonly author: string;
  /** What the app sent, with its edits laid over it. */
  body: MessageBody;
  flags: number;
  createdAt: number;
  editedAt: number | undefined;
  edits: number;
  /** When it was last edited at an age at which Discord takes few edits. */
  lateEditAt: number | undefined;
  removed: boolean;
  /** As it was posted: an edit leaves it out of the body. */
  readonly nonce: string | undefined;
  /** A private answer: visible to this person alone. */
  readonly onlyFor: string | undefined;
  /** It answers an interaction: mentions reach users only unless the app says otherwise. */
  readonly answers: Interaction | undefined;
}
export interface Interaction {
  readonly id: string;
  readonly token: string;
  /** 2 command, 3 component, 4 autocomplete, 5 modal submission. */
  readonly type: 2 | 3 | 4 | 5;
  readonly guild: string;
  readonly channel: string;
  readonly user: string;
  readonly at: number;
  /** The message whose button was pressed, also under a modal opened by it. */
  readonly source: Message | undefined;
  /** The command that was used, as its answer says it: "/bulletin status", or a message command's name. */
  readonly used: string | undefined;
  acknowledged: boolean;
  /** Three seconds passed without an answer. */
  expired: boolean;
  /** What @original means. */
  original: Message | undefined;
  /** Tells the person's client what it now shows; only the first time counts. */
  readonly show: (outcome: Outcome) => void;
}
export type Outcome =
  | { readonly kind: "message"; readonly message: Message }
  | { readonly kind: "form"; readonly form: OpenForm }
  | { readonly kind: "choices"; readonly choices: readonly Choice[] }
  | { readonly kind: "nothing" }
  | { readonly kind: "error"; readonly text: string };
export interface Choice {
  readonly name: string;
  readonly value: string | number;
}
export interface OpenForm {
  readonly id: string;
  readonly guild: string;
  readonly channel: string;
  readonly user: string;
  readonly source: Message | undefined;
  readonly modal: Modal;
}
export interface Modal {
  readonly custom_id: string;
  readonly title: string;
  readonly components: readonly JsonObject[];
}
export interface Command {
  readonly id: string;
  readonly application_id: string;
  readonly version: string;
  readonly guild_id?: string;
  readonly type: number;
  readonly name: string;
  readonly description: string;
  readonly options?: readonly CommandOption[];
  readonly default_member_permissions?: string | null;
}
export interface CommandOption {
  readonly type: number;
  readonly name: string;
  readonly description: string;
  readonly required?: boolean;
  readonly choices?: readonly Choice[];
  readonly autocomplete?: boolean;
  readonly min_length?: number;
  readonly max_length?: number;
  readonly options?: readonly CommandOption[];
}
const DISCORD_EPOCH = 1_420_070_400_000n;

/** Ids carry their time, as Discord's do: clients read ages from them. */
function snowflakes(): () => string {
  let last = 0n;
  return () => {
    const now = (BigInt(Date.now()) - DISCORD_EPOCH) << 22n;
    last = now > last ? now : last + 1n;
    return String(last);
  };
}

export function createWorld(application: Application, keptCalls?: number): World {
  return {
    application,
    guilds: new Map(),
    people: new Map(),
    channels: new Map(),
    messages: new Map(),
    interactions: new Map(),
    forms: new Map(),
    commands: new Map(),
    nonces: new Map(),
    publications: [],
    faults: createFaults(),
    calls: createCalls(keptCalls),
    changes: createChanges(),
    freshId: snowflakes(),
  };
}

/** The thread under a message: Discord gives both one id. */
export function threadUnder(world: World, message: Pick<Message, "id">): Channel | undefined {
  const thread = world.channels.get(message.id);
  return thread?.kind === "thread" ? thread : undefined;
}

/** Rights in a thread are those of the channel it hangs in. */
export function rootOf(world: World, channel: Channel): Channel {
  return (channel.parent === undefined ? undefined : world.channels.get(channel.parent)) ?? channel;
}

export function canSee(world: World, user: string, channel: Channel): boolean {
  if (channel.kind === "direct") return channel.recipient === user;
  const root = rootOf(world, channel);
  const guild = world.guilds.get(root.guild ?? "");
  return guild?.members.has(user) === true && (root.members === undefined || root.members.includes(user));
}
