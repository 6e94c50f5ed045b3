import type {
  Card,
  ChannelRef,
  ChatAdapter,
  EditsCards,
  MessageRef,
  Platform,
  Post,
  RepliesInThreads,
  SendOutcome,
} from "../../src/chat.ts";

export interface MemoryMessage {
  readonly id: string;
  readonly key: string;
  readonly under?: string;
  /** Everything it ever showed, the newest last. */
  readonly shown: Card[];
}

/** What happens to the next call instead of success. */
export interface Mishap {
  readonly outcome: SendOutcome | "throws";
  /** The message is made or changed all the same, and only the answer is lost. */
  readonly lands?: boolean;
}

export interface MemoryChat extends ChatAdapter, EditsCards, RepliesInThreads {
  /** By the platform's channel id. */
  readonly messages: (channel: string) => readonly MemoryMessage[];
  readonly calls: () => number;
  readonly mishap: (mishap: Mishap) => void;
  /** Calls wait here before they do anything, until the returned function is called. */
  readonly hold: () => () => void;
  readonly remove: (channel: string) => void;
}

/** A chat platform in memory, with Discord's promise that one key makes one message, or without, like Slack. */
export function openMemoryChat(platform: Platform): MemoryChat {
  const channels = new Map<string, MemoryMessage[]>();
  const mishaps: Mishap[] = [];
  let calls = 0;
  let gate = Promise.resolve();

  const inChannel = (channel: string) => channels.get(channel) ?? [];
  const act = async (deed: () => SendOutcome): Promise<SendOutcome> => {
    calls += 1;
    await gate;
    const mishap = mishaps.shift();
    if (mishap === undefined) return deed();
    if (mishap.lands === true) deed();
    if (mishap.outcome === "throws") throw new Error("a bug in the adapter");
    return mishap.outcome;
  };
  const add = (to: ChannelRef, { card, key }: Pick<Post, "card" | "key">, under?: string): SendOutcome => {
    const there = inChannel(to.channel);
    const same = platform === "discord" ? there.find((message) => message.key === key) : undefined;
    const message = same ?? {
      id: `m${calls}-${there.length}`,
      key,
      shown: [card],
      ...(under !== undefined && { under }),
    };
    if (same === undefined) channels.set(to.channel, [...there, message]);
    return { kind: "sent", message: { ...to, message: message.id } };
  };

  return {
    platform,
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
    post: async (_installation, post) => act(() => add(post.to, post)),
    reply: async (_installation, under, post) => act(() => add(post.to, post, under.message)),
    edit: async (_installation, message: MessageRef, card) =>
      act(() => {
        const found = inChannel(message.channel).find(({ id }) => id === message.message);
        if (found === undefined) return { kind: "message-gone", reason: "message_not_found" };
        found.shown.push(card);
        return { kind: "sent", message };
      }),
    messages: inChannel,
    calls: () => calls,
    mishap: (mishap) => mishaps.push(mishap),
    hold() {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      gate = promise.then(() => undefined);
      return () => {
        resolve(undefined);
      };
    },
    remove: (channel) => channels.delete(channel),
  };
}
