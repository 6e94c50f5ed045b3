/**
 * The port between the core and the chat platforms.
 *
 * An adapter turns what a platform sends into an `InboundEvent`, hands it to the `Sink`, and shows the
 * `Answer` privately to the person who acted. It turns a `Card` into the platform's blocks and what the
 * platform says about a send into a `SendOutcome`. It never stores and never decides.
 */

export const platforms = ["slack", "discord"] as const;
export type Platform = (typeof platforms)[number];

// ---------------------------------------------------------------------------------------------- places

/** One bot application in one Slack workspace or Discord guild, with what is needed to call it. */
export interface Installation {
  readonly id: string;
  readonly platform: Platform;
  /** Slack team id or Discord guild id. */
  readonly workspace: string;
  /** Slack app id or Discord application id. */
  readonly application: string;
  /** The bot's own user id. */
  readonly botUser: string;
  readonly token: string;
  /** Root of the platform's Web API, with a trailing slash: "https://slack.com/api/", "https://discord.com/api/". */
  readonly apiBaseUrl: string;
  readonly environment: "commercial" | "gov";
}

export interface ChannelRef {
  readonly platform: Platform;
  readonly workspace: string;
  /** The platform's channel id, or a person's user id when `direct`. */
  readonly channel: string;
  /** A direct message to one person instead of a channel. */
  readonly direct?: boolean;
}

export interface MessageRef extends ChannelRef {
  /** Slack `ts` or Discord message id. For a direct message, `channel` is the conversation it went to. */
  readonly message: string;
}

/** Where an adapter finds its installations; main.ts hands it the store's. */
export interface InstallationDirectory {
  /** Undefined for a workspace that no one connected, or whose installation is no longer active. */
  readonly find: (platform: Platform, workspace: string) => Promise<Installation | undefined>;
}

// ---------------------------------------------------------------------------------------------- cards

/** A moment, shown in the reader's own zone and in Zulu: "Wed 25 Nov 02:00 EST (07:00Z)". */
export interface Moment {
  readonly at: Date;
}
export interface Bold {
  readonly bold: string;
}
/** Text is data: adapters neutralise mentions, links, markup and bidi controls in every string of it. */
export type Inline = string | Moment | Bold;
export type Text = string | readonly Inline[];

export type Block =
  | { readonly kind: "text"; readonly text: Text }
  /** Words as somebody said them, set apart. */
  | { readonly kind: "quote"; readonly text: Text }
  | { readonly kind: "facts"; readonly facts: readonly Fact[] }
  /** Small print: labels, caveats. */
  | { readonly kind: "note"; readonly text: Text }
  | { readonly kind: "divider" };

export interface Fact {
  readonly label: string;
  readonly value: Text;
}

/**
 * What a press means. Comes back as a `button` event, unchanged.
 * `action` names the deed ("bulletin.acknowledge", at most 40 characters of a-z . -), `subject` the row it is about
 * (an id or a reference, at most 50 characters, never content).
 */
export interface Button {
  readonly action: string;
  readonly subject: string;
  /** At most 75 characters. */
  readonly label: string;
  readonly tone?: "primary" | "danger";
  /** Asked once more before the press counts, where the platform can. */
  readonly confirm?: string;
}

/** What a channel or a person is shown, free of any platform. */
export interface Card {
  /** Line 1, also the notification and the lock screen: names no person. At most 150 characters. */
  readonly headline: string;
  readonly tone?: Tone;
  readonly blocks: readonly Block[];
  /** At most 25: five rows of five on Discord. */
  readonly buttons?: readonly Button[];
}

/** The colour at the side: a TLP 2.0 label's, or the severity's. */
export type Tone = "plain" | "clear" | "green" | "amber" | "red" | "ended";

// ---------------------------------------------------------------------------------------------- forms

/** One page of at most five fields: one modal. */
export interface Form {
  /** Which form this is ("tip", "entry.facts"), at most 40 characters of a-z . -. */
  readonly form: string;
  /** Opaque, fresh at each opening, at most 50 characters. Comes back with the answers. */
  readonly state: string;
  /** At most 24 characters (Slack). */
  readonly title: string;
  /** At most 24 characters. */
  readonly submit: string;
  readonly fields: readonly Field[];
}

export type Field = TextField | ChoiceField;

interface FieldBase {
  /** a-z and -, at most 30 characters; unique within its form. */
  readonly id: string;
  /** At most 45 characters (Discord). */
  readonly label: string;
  /** At most 100 characters (Discord). */
  readonly hint?: string;
  readonly required: boolean;
}
export interface TextField extends FieldBase {
  readonly kind: "text";
  readonly long?: boolean;
  /** At most 3,000 (Slack). */
  readonly maxLength: number;
  readonly value?: string;
}
export interface ChoiceField extends FieldBase {
  readonly kind: "choice";
  /** 1 to 25 (Discord); label at most 75 characters, value at most 75. */
  readonly options: readonly Option[];
  /** Several may be chosen. */
  readonly many?: boolean;
  /** The values chosen so far. */
  readonly value?: readonly string[];
}
export interface Option {
  readonly value: string;
  readonly label: string;
}

/** What a person entered: text fields as given, choices as the list of chosen values; empty fields are absent. */
export type FormValues = Readonly<Record<string, string | readonly string[]>>;

// ---------------------------------------------------------------------------------------------- inbound

interface Arrival {
  readonly platform: Platform;
  /** Of the installation that received the event. */
  readonly workspace: string;
  readonly user: string;
  /** The person's home workspace when it is another one (Slack Connect): a stranger to the installation. */
  readonly homeWorkspace?: string;
  readonly channel?: string;
  /** Same event, same key: a platform's retry or a double click has no second effect. At most 120 characters. */
  readonly dedupeKey: string;
}

export type InboundEvent = Arrival &
  (
    | { readonly kind: "command"; readonly command: string; readonly input: CommandInput }
    | {
        readonly kind: "button";
        readonly action: string;
        readonly subject: string;
        /** The message that carried the button; absent for a button in a private answer. */
        readonly message?: MessageRef;
      }
    | {
        readonly kind: "form";
        readonly form: string;
        readonly state: string;
        readonly values: FormValues;
      }
    /** A person is typing a reference: which ones might they mean? Answered with `choices`. */
    | { readonly kind: "complete"; readonly command: string; readonly verb?: string; readonly typed: string }
    /** A shortcut on one message ("Make a tip from this"). The text is the message's own. */
    | { readonly kind: "message-shortcut"; readonly shortcut: string; readonly text: string }
  );

/** Slack gives the words after the command; Discord gives a verb and named options. */
export type CommandInput =
  | { readonly kind: "words"; readonly words: string }
  | {
      readonly kind: "options";
      readonly verb?: string;
      readonly options: Readonly<Record<string, string>>;
    };

/** What changed on the platform itself; no person acted, nobody is answered. */
export type PlatformNews =
  | { readonly kind: "removed"; readonly platform: Platform; readonly workspace: string }
  | {
      readonly kind: "channel-changed";
      readonly platform: Platform;
      readonly workspace: string;
      readonly channel: string;
    };

/** Shown to the person who acted and to nobody else. */
export type Answer =
  | { readonly kind: "card"; readonly card: Card }
  | {
      readonly kind: "form";
      readonly form: Form;
      /** Said where a form cannot open by itself (Discord, after a form). */ readonly lead?: string;
    }
  /** The form stays open with a sentence at each field; where that is impossible, a private message with *Try again*. */
  | { readonly kind: "problems"; readonly form: Form; readonly problems: Readonly<Record<string, string>> }
  | { readonly kind: "choices"; readonly choices: readonly Option[] }
  /** Nothing to show (a lifecycle press that changed nothing). */
  | { readonly kind: "nothing" };

/** The core's one entrance. Never rejects: a bug becomes a sentence with a reference. */
export interface Sink {
  readonly receive: (event: InboundEvent) => Promise<Answer>;
  readonly news: (news: PlatformNews) => Promise<void>;
}

/** The pseudo-action behind *Continue* and *Try again*: opens the form named in the subject, "form/state". */
export const OPEN_FORM = "form.open";

// ---------------------------------------------------------------------------------------------- outbound

/** How a send, an edit or a deletion ended. Adapters return this; they throw only for bugs. */
export type SendOutcome =
  | {
      readonly kind: "sent";
      readonly message: MessageRef;
      /** The platform says that the next call to this channel has to wait this long: its budget is used up. */
      readonly restMs?: number;
    }
  | {
      readonly kind: "rate-limited";
      readonly afterMs: number;
      readonly scope: "channel" | "workspace" | "application";
    }
  /** It may or may not have happened: time-out, reset, 5xx. Look before sending again. */
  | { readonly kind: "unknown"; readonly reason: string }
  /** It surely did not happen and may be tried again (connection refused, 5xx known to be before the write). */
  | { readonly kind: "unavailable"; readonly reason: string }
  | { readonly kind: "channel-gone"; readonly reason: string }
  | { readonly kind: "tenant-gone"; readonly reason: string }
  | { readonly kind: "scope-missing"; readonly reason: string }
  | { readonly kind: "payload-invalid"; readonly reason: string }
  | { readonly kind: "policy-blocked"; readonly reason: string }
  /** The message to edit, delete or reply to is not there any more. */
  | { readonly kind: "message-gone"; readonly reason: string }
  /** The message is there, and cannot be changed: another author's, too old to edit, in a closed thread. */
  | { readonly kind: "edit-refused"; readonly reason: string }
  /** An answer that is in no table of ours, whole: nobody tries again before a person has read it. */
  | { readonly kind: "unheard-of"; readonly reason: string };

/** What looking for a message showed. */
export type Sighting =
  | { readonly kind: "found"; readonly message: MessageRef }
  | { readonly kind: "absent" }
  /** Reading the channel's history was not granted, or the channel cannot be read: nobody knows. */
  | { readonly kind: "cannot"; readonly reason: string }
  /** Not now: ask again. */
  | { readonly kind: "later"; readonly afterMs: number; readonly reason: string };

/** One card on its way to one channel. */
export interface Post {
  readonly to: ChannelRef;
  readonly card: Card;
  /** The delivery's id: the same key twice makes one message where the platform can promise that. */
  readonly key: string;
}

/** The whole of what the core needs from a chat platform. */
export interface ChatAdapter {
  readonly platform: Platform;
  /** Resolves when events can arrive. */
  start(sink: Sink): Promise<void>;
  /** Stops intake, lets answers under way finish (at most 5 s), closes every connection. */
  stop(): Promise<void>;
  post(installation: Installation, post: Post): Promise<SendOutcome>;
}

/** Platforms that can change a card in place: acknowledgment lines, updates, tombstones. */
export interface EditsCards {
  edit(installation: Installation, message: MessageRef, card: Card): Promise<SendOutcome>;
}

/** Platforms with threads: posts under a message, opening its thread at the first use. */
export interface RepliesInThreads {
  reply(
    installation: Installation,
    under: MessageRef,
    post: Post & { readonly threadTitle: string },
  ): Promise<SendOutcome>;
}

/** Platforms that can take a message away. "sent": it is not there any more. */
export interface RemovesMessages {
  remove(installation: Installation, message: MessageRef): Promise<SendOutcome>;
}

/** Where a post whose outcome is unknown would be. */
export interface Sought {
  readonly to: ChannelRef;
  /** The message whose thread it went into. */
  readonly under?: MessageRef;
  /** The post's key. */
  readonly key: string;
  /** It was not sent before this moment, whatever the two clocks say. */
  readonly since: Date;
}

/** Platforms that can tell whether a post arrived. Discord cannot need it: the same key twice makes one message. */
export interface FindsPosts {
  find(installation: Installation, sought: Sought): Promise<Sighting>;
}

/** What a platform says about a channel now: the basis of its clearance. */
export interface ChannelFacts {
  readonly name: string;
  readonly private: boolean;
  /** Shared with another organisation (Slack Connect). */
  readonly sharedOutside: boolean;
  readonly archived: boolean;
  /** The bot is in it and may post. */
  readonly canPost: boolean;
}
export interface InspectsChannels {
  /** Undefined when the channel does not exist or cannot be seen by the bot. */
  inspect(installation: Installation, channel: ChannelRef): Promise<ChannelFacts | undefined>;
}

/** What a token turns out to be. */
export interface Identity {
  readonly workspace?: string;
  readonly application: string;
  readonly botUser: string;
  /** The scopes the token holds, where the platform tells. */
  readonly scopes?: readonly string[];
}
export interface IdentifiesTokens {
  identify(target: { readonly apiBaseUrl: string; readonly token: string }): Promise<Identity>;
}

export function editsCards(adapter: ChatAdapter): adapter is ChatAdapter & EditsCards {
  return "edit" in adapter;
}
export function repliesInThreads(adapter: ChatAdapter): adapter is ChatAdapter & RepliesInThreads {
  return "reply" in adapter;
}
export function removesMessages(adapter: ChatAdapter): adapter is ChatAdapter & RemovesMessages {
  return "remove" in adapter;
}
export function findsPosts(adapter: ChatAdapter): adapter is ChatAdapter & FindsPosts {
  return "find" in adapter;
}
export function inspectsChannels(adapter: ChatAdapter): adapter is ChatAdapter & InspectsChannels {
  return "inspect" in adapter;
}
export function identifiesTokens(adapter: ChatAdapter): adapter is ChatAdapter & IdentifiesTokens {
  return "identify" in adapter;
}
