import type {
  Card,
  ChannelRef,
  ChatAdapter,
  EditsCards,
  FindsPosts,
  MessageRef,
  Platform,
  Post,
  RemovesMessages,
  RepliesInThreads,
  SendOutcome,
  Sighting,
  Sought,
} from "../../src/chat.ts";

export interface MemoryMessage {
  readonly id: string;
  readonly key: string;
  readonly under?: string;
  /** Everything it ever showed, the newest last. */
  readonly shown: Card[];
}

export type Deed = "post" | "edit" | "remove";

/** What happens to a call instead of success. */
export interface Mishap {
  readonly outcome: SendOutcome | "throws";
  /** The message is made or changed all the same, and only the answer is lost. */
  readonly lands?: boolean;
  /** Left out: whatever is called. A reply is a post. */
  readonly on?: Deed;
  /** Left out: wherever it goes. */
  readonly workspace?: string;
  /** The platform's channel id. Left out: wherever it goes. */
  readonly channel?: string;
  /** Left out: once. */
  readonly times?: number;
}

/** One call, as the platform saw it. */
export interface MemoryCall {
  readonly deed: Deed;
  readonly channel: string;
  readonly key?: string;
  /** On the monotonic clock. */
  readonly at: number;
}

export interface MemoryChat extends ChatAdapter, EditsCards, RepliesInThreads, RemovesMessages, FindsPosts {
  /** By the platform's channel id. */
  readonly messages: (channel: string) => readonly MemoryMessage[];
  readonly calls: () => number;
  /** Every call in its order. */
  readonly log: () => readonly MemoryCall[];
  readonly looks: () => readonly Sought[];
  readonly mishap: (mishap: Mishap) => void;
  /** What the next look-up sees instead. */
  readonly misSee: (sighting: Sighting | "throws") => void;
  /** Slack's optional history scope; without it nobody can look. */
  readonly grantHistory: (granted: boolean) => void;
  /** The next message that is sent uses up its channel's budget. */
  readonly rest: (ms: number) => void;
  /** Discord remembers a nonce for a few minutes: they are over. */
  readonly forgetKeys: () => void;
  /** Calls wait here before they do anything, until the returned function is called. */
  readonly hold: () => () => void;
  /** The channel is empty afterwards. */
  readonly clear: (channel: string) => void;
}

/** A chat platform in memory, with Discord's promise that one key makes one message, or without, like Slack. */
export function openMemoryChat(platform: Platform): MemoryChat {
  const channels = new Map<string, MemoryMessage[]>();
  const remembered = new Map<string, MemoryMessage>();
  const log: MemoryCall[] = [];
  const rests: number[] = [];
  const mishaps = openMishaps();
  let gate = Promise.resolve();
  let made = 0;

  const inChannel = (channel: string) => channels.get(channel) ?? [];
  const act = async (deed: Deed, call: Called, succeed: () => SendOutcome): Promise<SendOutcome> => {
    const { channel, key } = call;
    log.push({ deed, channel, at: performance.now(), ...(key !== undefined && { key }) });
    await gate;
    const mishap = mishaps.take(deed, call);
    if (mishap === undefined) return succeed();
    if (mishap.lands === true) succeed();
    if (mishap.outcome === "throws") throw new Error("a bug in the adapter");
    return mishap.outcome;
  };
  const add = ({ to, card, key }: Post, under?: string): SendOutcome => {
    const place = `${to.channel} ${key}`;
    const same = platform === "discord" ? remembered.get(place) : undefined;
    const message = same ?? {
      id: `m${(made += 1)}`,
      key,
      shown: [card],
      ...(under !== undefined && { under }),
    };
    if (same === undefined) channels.set(to.channel, [...inChannel(to.channel), message]);
    remembered.set(place, message);
    const restMs = rests.shift();
    return { kind: "sent", message: { ...to, message: message.id }, ...(restMs !== undefined && { restMs }) };
  };
  const change = (message: MessageRef, how: (found: MemoryMessage) => void): SendOutcome => {
    const found = inChannel(message.channel).find(({ id }) => id === message.message);
    if (found === undefined) return { kind: "message-gone", reason: "message_not_found" };
    how(found);
    return { kind: "sent", message };
  };

  return {
    platform,
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
    post: (_installation, post) => act("post", { ...post.to, key: post.key }, () => add(post)),
    reply: (_installation, under, post) =>
      act("post", { ...post.to, key: post.key }, () => add(post, under.message)),
    edit: (_installation, message, card) =>
      act("edit", message, () => change(message, (found) => found.shown.push(card))),
    remove: (_installation, message) =>
      act("remove", message, () =>
        change(message, (found) => {
          const left = inChannel(message.channel).filter((one) => one !== found);
          channels.set(message.channel, left);
        }),
      ),
    ...openHistory(inChannel),
    messages: inChannel,
    calls: () => log.length,
    log: () => log,
    mishap: mishaps.add,
    rest: (ms) => rests.push(ms),
    forgetKeys: () => remembered.clear(),
    hold() {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      gate = promise.then(() => undefined);
      return () => resolve(undefined);
    },
    clear: (channel) => channels.delete(channel),
  };
}

type Called = ChannelRef & { readonly key?: string };

function openMishaps() {
  let waiting: (Mishap & { readonly left: number })[] = [];
  return {
    add: (mishap: Mishap) => void waiting.push({ ...mishap, left: mishap.times ?? 1 }),
    take(deed: Deed, { workspace, channel }: Called): Mishap | undefined {
      const next = waiting.find(
        (one) =>
          (one.on ?? deed) === deed &&
          (one.workspace ?? workspace) === workspace &&
          (one.channel ?? channel) === channel,
      );
      if (next === undefined) return undefined;
      waiting = waiting.flatMap((one) => {
        if (one !== next) return [one];
        return one.left > 1 ? [{ ...one, left: one.left - 1 }] : [];
      });
      return next;
    },
  };
}

/** What a look-up sees: the messages, where reading them was granted. */
function openHistory(inChannel: (channel: string) => readonly MemoryMessage[]) {
  const looks: Sought[] = [];
  const mistaken: (Sighting | "throws")[] = [];
  let granted = false;
  return {
    async find(_installation: unknown, sought: Sought): Promise<Sighting> {
      looks.push(sought);
      const said = mistaken.shift();
      if (said === "throws") throw new Error("a bug in the adapter");
      if (said !== undefined) return said;
      if (!granted) return { kind: "cannot", reason: "missing_scope" };
      const { to, key } = sought;
      const there = inChannel(to.channel).find((message) => message.key === key);
      return Promise.resolve(
        there === undefined ? { kind: "absent" } : { kind: "found", message: { ...to, message: there.id } },
      );
    },
    looks: () => looks,
    misSee: (sighting: Sighting | "throws") => void mistaken.push(sighting),
    grantHistory: (now: boolean) => void (granted = now),
  };
}
