import type { Shown } from "./pretend.ts";

/**
 * What a chat client needs from a pretend platform to draw itself: the half of the control API that a person sees
 * through, beside the acts in `pretend.ts`. Ids and payloads are the platform's own, so that the client draws what the
 * platform took, not what somebody made of it.
 */
export interface ClientApi {
  /** The workspaces or guilds there are, with their people and channels. Crowds are among them. */
  places(): Promise<ClientPlace[]>;
  /** What a client offers this person when they type "/", and in its menus; [] where the app was removed. */
  commands(who: { readonly workspace: string; readonly user: string }): Promise<ClientCommands>;
  /** A window on a channel, a direct conversation or a thread, as this person sees it. */
  read(window: ClientWindow): Promise<ClientMessages>;
  /** The form as it stands now; { kind: "nothing" } when it is not open any more. */
  form(target: { readonly workspace: string; readonly user: string; readonly form: string }): Promise<Shown>;
  /** The person closes a form without submitting it; what it uncovers (Slack stacks up to three). */
  close(target: { readonly workspace: string; readonly user: string; readonly form: string }): Promise<Shown>;
}

export interface ClientPlace {
  readonly id: string;
  readonly name: string;
  /** The app is installed. */
  readonly installed: boolean;
  readonly people: readonly { readonly id: string; readonly name: string; readonly timeZone: string }[];
  readonly channels: readonly ClientChannel[];
}
export interface ClientChannel {
  readonly id: string;
  readonly name: string;
  readonly kind: "channel" | "direct";
  readonly private: boolean;
  readonly sharedOutside: boolean;
  readonly archived: boolean;
  /** Who is in it; absent: everybody of the workspace. A direct conversation has one. */
  readonly members?: readonly string[];
}

export interface ClientCommands {
  readonly commands: readonly ClientCommand[];
  readonly shortcuts: readonly ClientShortcut[];
}
/** One line of the list that a client opens at "/". */
export interface ClientCommand {
  /** As typed: "/tip"; on Discord with its sub-command: "/bulletin status". */
  readonly line: string;
  readonly description: string;
  /** Slack's usage hint: "[ref] | show | status …". */
  readonly hint?: string;
  /** What it takes, in the platform's order (Discord). */
  readonly options: readonly ClientOption[];
}
export interface ClientOption {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
  readonly choices: readonly { readonly value: string; readonly label: string }[];
  /** The app is asked while somebody types it. */
  readonly completes: boolean;
}
export interface ClientShortcut {
  readonly name: string;
  /** In the menu of a message, or in the composer's. */
  readonly on: "message" | "anywhere";
}

export interface ClientWindow {
  readonly workspace: string;
  /** Whose eyes: private answers are theirs alone. */
  readonly user: string;
  readonly channel: string;
  /** The id of a message: only it and its thread. */
  readonly thread?: string;
  /** The first message to give; absent: the newest `limit`. */
  readonly from?: string;
  /** Instead of `from`: the `limit` messages just before this one. */
  readonly before?: string;
  /** At most 200. */
  readonly limit: number;
  /** Private answers older than this (milliseconds since 1970) are left out: a client forgets them on reload. */
  readonly privateSince: number;
}
export interface ClientMessages {
  /** Oldest first; thread replies are only in their thread's window. */
  readonly messages: readonly ClientMessage[];
  /** There are messages before the first, and after the last. */
  readonly earlier: boolean;
  readonly later: boolean;
}
export interface ClientMessage {
  readonly id: string;
  /** Milliseconds since 1970, on the platform's clock. */
  readonly at: number;
  readonly author: { readonly id: string; readonly name: string; readonly app: boolean };
  /**
   * The platform's own content as it took it, with the ids it assigned: on Slack `Content` of slack/world.ts,
   * on Discord `MessageBody` of discord/world.ts.
   */
  readonly content: unknown;
  readonly edited: boolean;
  /** Slack leaves a tombstone where a deleted message has a thread. */
  readonly deleted: boolean;
  /** A private answer: "Only visible to you". */
  readonly private: boolean;
  /** Discord: "Allpoints is thinking…" */
  readonly pending: boolean;
  /** What this answers (Discord shows it above): who used what, or whose message. */
  readonly answers?: { readonly name: string; readonly what: string };
  readonly replies?: { readonly count: number; readonly lastAt: number };
  /** Everybody and every channel the content names, by id, for mentions. */
  readonly names: Readonly<Record<string, string>>;
}

/** Something that a client may be showing is different now. Served as lines of JSON by `GET /_pretend/changes`. */
export type Change =
  /** In this channel: a message came, changed or went. `thread`: the message under whose thread it is. */
  | {
      readonly kind: "message";
      readonly workspace: string;
      readonly channel: string;
      readonly message: string;
      readonly thread?: string;
      readonly is: "new" | "changed" | "gone";
      /** A private answer: this person's alone. */
      readonly onlyFor?: string;
    }
  /** The app changed a form somebody has open. */
  | { readonly kind: "form"; readonly workspace: string; readonly user: string; readonly form: string }
  /** Channels, people or the app's standing changed. */
  | { readonly kind: "places" }
  /** The platform refused what the app asked for: its own words. Rate limits and faults are not among them. */
  | { readonly kind: "refused"; readonly workspace?: string; readonly method: string; readonly text: string };

/**
 * The changes until the signal, or until the platform goes away. The first is always "places": from then on nothing is
 * missed, so whoever follows looks at everything once more.
 */
export async function* changesOf(url: string, signal: AbortSignal): AsyncGenerator<Change> {
  const answer = await fetch(new URL("/_pretend/changes", url), { signal });
  if (!answer.ok || answer.body === null) throw new Error(`changes: ${answer.status}`);
  yield { kind: "places" };
  let rest = "";
  for await (const text of answer.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    // An empty line only keeps the connection.
    for (const line of lines) if (line !== "") yield JSON.parse(line) as Change;
  }
}
