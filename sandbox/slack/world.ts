import type { PretendUser, PretendWorkspace, Shown } from "../pretend.ts";
import { createCalls } from "../shared/calls.ts";
import type { Calls } from "../shared/calls.ts";
import { createChanges } from "../shared/changes.ts";
import type { Changes } from "../shared/changes.ts";
import { ImpossibleError } from "../shared/control.ts";
import { createFaults } from "../shared/faults.ts";
import type { Faults } from "../shared/faults.ts";
import type { JsonObject } from "../shared/json.ts";
import { createScreens } from "../shared/screens.ts";
import type { Screens } from "../shared/screens.ts";
import type { KitBlock, KitView } from "./block-kit.ts";

/** Everything the pretend Slack knows, in memory. */
export interface World {
  /** Its own address, without a trailing slash. */
  url: string;
  /** How long a person looks at the screen after an empty answer. */
  readonly patienceMs: number;
  readonly app: SlackApp;
  readonly workspaces: Map<string, Workspace>;
  /** The workspace in which each bot token is valid. */
  readonly tokens: Map<string, Workspace>;
  /** What the app posted for everybody in a channel, oldest first, also what is gone. */
  readonly publications: Publication[];
  readonly triggers: Map<string, Trigger>;
  readonly responseUrls: Map<string, ResponseUrl>;
  readonly faults: Faults;
  readonly calls: Calls;
  readonly screens: Screens<Shown>;
  /** What open clients hear of. */
  readonly changes: Changes;
  /** "1764000000.000200": seconds and a counter; never the same twice. */
  readonly nextTs: () => string;
  readonly nextId: (prefix: string) => string;
}

/** The app as its configuration page at Slack describes it. */
export interface SlackApp {
  readonly id: string;
  readonly name: string;
  readonly signingSecret: string;
  readonly appToken: string | undefined;
  scopes: readonly string[];
  requestUrl: string | undefined;
  /** Undefined: any command is taken to be registered. */
  slashCommands: readonly SlashCommand[] | undefined;
  shortcuts: readonly Shortcut[];
}

export interface SlashCommand {
  /** "/tip" */
  readonly command: string;
  readonly description?: string;
  /** What may follow it: "[ref] | show". */
  readonly usageHint?: string;
}

export interface Shortcut {
  readonly name: string;
  readonly callbackId: string;
  readonly type: "global" | "message";
}

export interface Workspace extends PretendWorkspace {
  removed: boolean;
  readonly users: Map<string, PretendUser>;
  readonly channels: Map<string, Channel>;
  /** Ephemeral messages: Slack keeps none of them for the app to find again. */
  readonly privateAnswers: Message[];
  /** The modals each person has open, the visible one last. */
  readonly modals: Map<string, View[]>;
  readonly homes: Map<string, View>;
}

export interface Channel {
  readonly id: string;
  name: string;
  private: boolean;
  sharedOutside: boolean;
  archived: boolean;
  botIsMember: boolean;
  members: readonly string[] | undefined;
  /** The person at the other end of a direct conversation. */
  readonly directWith?: string;
  /** Everything ever said, thread replies included, oldest first, also what is gone. */
  readonly messages: Message[];
  /** The replies among them, by the message they hang under. */
  readonly threads: Map<string, Message[]>;
}

export interface Message {
  readonly ts: string;
  readonly channel: string;
  /** User id. */
  readonly author: string;
  readonly threadTs?: string | undefined;
  readonly onlyFor?: string;
  content: Content;
  raw: unknown;
  metadata?: unknown;
  edits: number;
  deleted: boolean;
}

export interface Publication {
  readonly workspace: Workspace;
  readonly message: Message;
  /** By which the app knows it again, as it was when the message was posted. */
  readonly key: string | undefined;
}

export interface Content {
  readonly text: string;
  readonly blocks: readonly KitBlock[];
  readonly attachments: readonly Attachment[];
  /** Slack looks for links and mentions in `text` by itself. */
  readonly autoLink: boolean;
  readonly mrkdwn: boolean;
}

export interface Attachment {
  readonly color?: string;
  readonly blocks?: readonly KitBlock[];
  readonly pretext?: string;
  readonly title?: string;
  readonly text?: string;
  readonly fallback?: string;
  readonly footer?: string;
  readonly fields?: readonly { readonly title?: string; readonly value?: string }[];
}

export interface View {
  readonly id: string;
  readonly workspace: string;
  readonly user: string;
  readonly root: string;
  readonly previous: string | undefined;
  hash: string;
  content: KitView;
  raw: unknown;
  /** What the person entered, by block and action: survives an update that keeps both ids. */
  entered: Readonly<Record<string, Readonly<Record<string, JsonObject>>>>;
  problems: Readonly<Record<string, string>>;
}

/** Who acts. `home` differs from `workspace` for a stranger in a channel shared with another organisation. */
export interface Person {
  readonly workspace: Workspace;
  readonly user: PretendUser;
  readonly home: string;
}

export interface Trigger {
  readonly person: Person;
  readonly act: string;
  readonly inModal: boolean;
  readonly expiresAt: number;
  used: boolean;
}

export interface ResponseUrl {
  readonly person: Person;
  readonly act: string;
  readonly channel: string;
  /** The message whose button was pressed. */
  readonly message: Message | undefined;
  readonly expiresAt: number;
  uses: number;
}

export interface WorldOptions {
  readonly patienceMs: number;
  readonly keptCalls: number | undefined;
}

export function createWorld(app: SlackApp, { patienceMs, keptCalls }: WorldOptions): World {
  let lastTs = 0;
  let lastId = 0;
  return {
    url: "",
    patienceMs,
    app,
    workspaces: new Map(),
    tokens: new Map(),
    publications: [],
    triggers: new Map(),
    responseUrls: new Map(),
    faults: createFaults(),
    calls: createCalls(keptCalls),
    screens: createScreens(),
    changes: createChanges(),
    nextTs: () => {
      // In steps of 100 µs, so that a later message always has the greater ts.
      lastTs = Math.max(lastTs + 100, Date.now() * 1000);
      return `${Math.floor(lastTs / 1_000_000)}.${String(lastTs % 1_000_000).padStart(6, "0")}`;
    },
    nextId: (prefix) => {
      lastId += 1;
      return `${prefix}${lastId.toString(36).toUpperCase().padStart(10, "0")}`;
    },
  };
}

export function workspaceOf(world: World, id: string): Workspace {
  const workspace = world.workspaces.get(id);
  if (workspace === undefined) throw new ImpossibleError(`There is no workspace ${id}.`);
  return workspace;
}

export function channelOf(workspace: Workspace, id: string): Channel {
  const channel = workspace.channels.get(id);
  if (channel === undefined) throw new ImpossibleError(`There is no channel ${id} in ${workspace.name}.`);
  return channel;
}

export function personOf(
  world: World,
  { workspace: workspaceId, user: userId }: { readonly workspace: string; readonly user: string },
): Person {
  const workspace = workspaceOf(world, workspaceId);
  const own = workspace.users.get(userId);
  if (own !== undefined) return { workspace, user: own, home: workspace.id };
  for (const other of world.workspaces.values()) {
    const stranger = other.users.get(userId);
    if (stranger !== undefined) return { workspace, user: stranger, home: other.id };
  }
  throw new ImpossibleError(`There is no user ${userId} in ${workspace.name}.`);
}

export function keyOf(person: {
  readonly workspace: { readonly id: string };
  readonly user: { readonly id: string };
}): string {
  return `${person.workspace.id}/${person.user.id}`;
}

/** Strangers of a shared channel are in it, too. */
export function isInChannel(channel: Channel, userId: string, workspace: Workspace): boolean {
  if (channel.directWith !== undefined) return channel.directWith === userId;
  if (channel.members !== undefined) return channel.members.includes(userId);
  return workspace.users.has(userId) || channel.sharedOutside;
}
