import type { ClientApi } from "./client.ts";

/**
 * How a test, a story or the browser page drives a pretend platform: as its people would.
 *
 * Both pretend platforms serve this control API beside the platform's own protocol, under `/_pretend/`:
 * `POST /_pretend/<method>` with the method's argument as JSON, answered with its result as JSON, or with
 * status 400 and `{ "error": "sentence" }` when the caller asked for something impossible (no such button).
 * What a person does here leaves as the real protocol (a signed HTTP request, a gateway dispatch) and the
 * call returns when the platform would have shown that person something, or has given up on the app.
 */

export interface PretendWorkspace {
  /** Slack team id ("T…") or Discord guild id (18 digits). */
  readonly id: string;
  readonly name: string;
  /** The bot token that is valid in this workspace (one token for all guilds of a Discord application). */
  readonly token: string;
  readonly botUser: string;
}
export interface PretendUser {
  readonly workspace: string;
  readonly id: string;
  readonly name: string;
  /** IANA zone in which this person's client shows times. Default "America/New_York". */
  readonly timeZone?: string;
}
export interface PretendChannel {
  readonly workspace: string;
  readonly id: string;
  readonly name: string;
  /** Default true. */
  readonly private?: boolean;
  /** Slack Connect. Default false. */
  readonly sharedOutside?: boolean;
  /** Default false. */
  readonly archived?: boolean;
  /** The bot has been invited and may post. Default true. */
  readonly botIsMember?: boolean;
  /** Who is in it; absent: everybody of the workspace. */
  readonly members?: readonly string[];
}

export interface ShownButton {
  /** What a person reads on it. */
  readonly label: string;
  /** The platform's own id of it (action id and value, custom id). */
  readonly id: string;
  readonly disabled: boolean;
}

/** A message as a person reads it: blocks, embeds and components flattened to lines, in order. */
export interface ShownMessage {
  readonly id: string;
  readonly channel: string;
  /** Display name of the author. */
  readonly author: string;
  /** Line 1, as a notification shows it. */
  readonly headline: string;
  /** Everything, the headline included, one line each; times rendered in the reader's zone (UTC in channel views). */
  readonly lines: readonly string[];
  readonly buttons: readonly ShownButton[];
  /** "#RRGGBB" of the bar at the side, where there is one. */
  readonly colour?: string;
  readonly edited: boolean;
  /** The thread under it, oldest first. */
  readonly thread: readonly ShownMessage[];
  /** Only for private answers: visible to this one user. */
  readonly onlyFor?: string;
  /** The exact payload as the app sent it, for tests of limits and neutralised markup. */
  readonly raw: unknown;
}

export interface ShownField {
  readonly id: string;
  readonly label: string;
  readonly hint?: string;
  readonly kind: "text" | "choice";
  readonly required: boolean;
  readonly many?: boolean;
  readonly options?: readonly { readonly value: string; readonly label: string }[];
  /** Prefilled text, or the values chosen so far. */
  readonly value?: string | readonly string[];
  /** The sentence shown at this field after a refused submission. */
  readonly problem?: string;
}

/** What a person sees at once after doing something. */
export type Shown =
  | { readonly kind: "message"; readonly message: ShownMessage }
  /** A modal. `id` names this opening; `lines` and `buttons` are what else the modal shows. */
  | {
      readonly kind: "form";
      readonly id: string;
      readonly title: string;
      readonly submit?: string;
      readonly fields: readonly ShownField[];
      readonly lines: readonly string[];
      readonly buttons: readonly ShownButton[];
      readonly raw: unknown;
    }
  | { readonly kind: "nothing" }
  /** What the platform itself says: "/tip failed with the error \"operation_timeout\"", "This interaction failed". */
  | { readonly kind: "error"; readonly text: string };

/** What goes wrong with a call. "Written" is what it asked for: a message posted, edited, deleted. */
export type FaultKind =
  /** 429 with `retryAfter`; nothing is written. */
  | "rate-limited"
  /** 500; nothing is written. "server-error" is the same. */
  | "error-before"
  | "server-error"
  /** Written, then 500. */
  | "error-after"
  /** No answer, nothing written. */
  | "hang-before"
  /** Written, and no answer. */
  | "hang-after"
  /** No answer, and written only `afterMs` later: when the caller has given up. */
  | "late"
  /** Takes `afterMs` longer, and is all right. */
  | "slow"
  /** The connection is there and nothing comes over it: nothing written, and a reset after `afterMs` if that is given. */
  | "half-open"
  | "token-revoked"
  /** 503; nothing is written. */
  | "down";

/**
 * What befalls the calls that fit `method`, `workspace` and `channel`; absent ones fit any. Of several faults that fit,
 * the one that was added first strikes.
 */
export interface Fault {
  /** A Slack Web API method, or a Discord route such as "POST /channels/:id/messages". */
  readonly method?: string;
  readonly workspace?: string;
  readonly channel?: string;
  readonly kind: FaultKind;
  /** How often it strikes. Default 1; without end where `share` or `forMs` is given. */
  readonly times?: number;
  /** It strikes this share (0 to 1) of the fitting calls, drawn from `seed`. Default: all. */
  readonly share?: number;
  /** Default 1: the same seed strikes the same calls of a sequence. */
  readonly seed?: number;
  /** It ends so long after it was added. */
  readonly forMs?: number;
  /** For rate-limited: seconds in Retry-After. Default 1. */
  readonly retryAfter?: number;
  /** For rate-limited on Discord: the whole application is meant. Default false: the one route. */
  readonly global?: boolean;
  /** For late (default 5,000), slow (default 2,000) and half-open (default: never). */
  readonly afterMs?: number;
  /** For hang-before, hang-after, late and down: the connection is reset at once. Default false: silence, or 503. */
  readonly reset?: boolean;
}

/** One message of the app's own in a channel, a thread or a direct conversation: private answers are not among them. */
export interface Posted {
  readonly workspace: string;
  readonly channel: string;
  readonly id: string;
  /** What the app told messages apart by: `delivery` in Slack's metadata, Discord's nonce, as first posted. */
  readonly key?: string;
  /** The message whose thread it is in, or that it refers to. */
  readonly under?: string;
  /** When it appeared, in milliseconds since 1970. */
  readonly at: number;
  readonly edits: number;
  /** Line 1 as it stands now, or as it stood when the message was removed. */
  readonly headline: string;
  /** It is not there any more. */
  readonly removed?: true;
}

/** One workspace of a crowd, with the channels that the bot is in. */
export interface CrowdPlace extends PretendWorkspace {
  readonly channels: readonly string[];
}

export interface CallCount {
  readonly method: string;
  readonly calls: number;
  /** Answered with 429. */
  readonly rateLimited: number;
  /** Answered with 5xx. */
  readonly failed: number;
  readonly unanswered: number;
}

/** Every method of the control API: name → argument and result. */
export interface PretendApi extends ClientApi {
  addWorkspace(workspace: PretendWorkspace): Promise<void>;
  addUser(user: PretendUser): Promise<void>;
  addChannel(channel: PretendChannel): Promise<void>;
  /** Changes what is given: archive it, make it public, share it outside, remove the bot. Tells the app as the platform would. */
  changeChannel(
    change: Partial<PretendChannel> & { readonly workspace: string; readonly id: string },
  ): Promise<void>;
  /** Uninstalls the app (Slack) or kicks the bot (Discord); its token stops working there. */
  removeApp(target: { readonly workspace: string }): Promise<void>;
  /**
   * A person types a whole line, such as "/tip" or "/bulletin status B-7K3-M9Q", under `thread` when that is given; on
   * Discord the line is taken apart by the registered options.
   */
  type(act: {
    workspace: string;
    user: string;
    channel: string;
    line: string;
    thread?: string;
  }): Promise<Shown>;
  /** A person presses a button in a channel message, a private answer or an open modal; `button` is its label or its id. */
  press(act: {
    workspace: string;
    user: string;
    message: string;
    button: string;
    channel?: string;
  }): Promise<Shown>;
  /** A person submits an open modal. Keys are field labels or ids; choice values are option labels or values. Missing keys keep the prefilled value. */
  submit(act: {
    workspace: string;
    user: string;
    form: string;
    values: Record<string, string | string[]>;
  }): Promise<Shown>;
  /** What autocomplete offers (Discord) for the line typed so far; [] elsewhere. */
  complete(act: {
    workspace: string;
    user: string;
    channel: string;
    line: string;
  }): Promise<{ value: string; label: string }[]>;
  /** A global or message shortcut (Slack) or message command (Discord), by its shown name. */
  shortcut(act: {
    workspace: string;
    user: string;
    channel: string;
    name: string;
    message?: string;
  }): Promise<Shown>;
  /** A member posts an ordinary message, under `thread` when that is given. The client refuses what is too long. */
  say(act: {
    workspace: string;
    user: string;
    channel: string;
    text: string;
    thread?: string;
  }): Promise<{ id: string }>;
  /** What the members of a channel now see, oldest first, threads included; private answers are not in it. */
  channel(target: { workspace: string; channel: string }): Promise<ShownMessage[]>;
  /** The direct messages the app sent this person, oldest first. */
  directMessages(target: { workspace: string; user: string }): Promise<ShownMessage[]>;
  /** Every private answer this person was shown since the start, oldest first. */
  privateAnswers(target: { workspace: string; user: string }): Promise<ShownMessage[]>;
  addFault(fault: Fault): Promise<void>;
  clearFaults(): Promise<void>;
  /** The last calls the app made (as many as the platform keeps), oldest first. Status 0: never answered. */
  calls(filter: {
    method?: string;
  }): Promise<
    { method: string; at: number; status: number; workspace?: string; token: string; body: unknown }[]
  >;
  /** All calls of the app since the start, by method. */
  counts(): Promise<CallCount[]>;
  /** Every message the app ever posted, oldest first, also those that are gone: what tests hold the ledger against. */
  posts(filter: { workspace?: string }): Promise<Posted[]>;
  /**
   * Adds many workspaces ("Crowd 001" …) with as many private channels each. The same numbers give the same ids, and
   * no two crowds fit into one platform.
   */
  crowd(size: { workspaces: number; channels: number }): Promise<CrowdPlace[]>;
  /** What every token of the app may do from now on (Slack). */
  setScopes(grant: { scopes: readonly string[] }): Promise<void>;
  /** Makes what was posted in a channel so far older (Discord): old messages take few edits, and nonces are forgotten. */
  age(target: { workspace: string; channel: string; byMs: number }): Promise<void>;
}

/** The control API of a pretend platform, from anywhere. */
export function pretend(url: string): PretendApi {
  const call = async (method: string, argument: unknown): Promise<unknown> => {
    const answer = await fetch(new URL(`/_pretend/${method}`, url), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(argument ?? {}),
    });
    const body: unknown = await answer.json();
    if (!answer.ok) throw new Error(`${method}: ${(body as { error?: string }).error ?? answer.status}`);
    return body;
  };
  return new Proxy({} as PretendApi, {
    get: (_target, method) =>
      typeof method === "string" && method !== "then"
        ? (argument: unknown) => call(method, argument)
        : undefined,
  });
}
