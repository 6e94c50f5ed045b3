import type { ClientWindow } from "../client.ts";
import { isKept, repliesTo, timeOf } from "./messages.ts";
import type { Channel, Message, Workspace } from "./world.ts";

/** Messages in a row, oldest first, and whether there are others before and after them. */
export interface Stretch {
  readonly messages: readonly Message[];
  readonly earlier: boolean;
  readonly later: boolean;
}

const MOST = 200;

/**
 * What a person sees in a window on a channel or a thread. Looks at the messages of the window and a few beside it: a
 * channel may hold thousands.
 */
export function stretchOf(workspace: Workspace, channel: Channel, window: ClientWindow): Stretch {
  const lines = [sharedLine(channel, window.thread), ownLine(workspace, window)];
  const limit = Math.min(MOST, Math.max(1, Math.floor(window.limit)));
  return window.from === undefined
    ? endingBefore(lines, window.before, limit)
    : beginningAt(lines, window.from, limit);
}

/** Messages by time, of which a person sees some. */
interface Line {
  readonly list: readonly Message[];
  readonly sees: (message: Message) => boolean;
}

function sharedLine(channel: Channel, thread: string | undefined): Line {
  if (thread === undefined)
    return {
      list: channel.messages,
      sees: (message) => message.threadTs === undefined && isKept(channel, message),
    };
  const root = channel.messages[indexOf(channel.messages, thread)];
  const whole = root?.ts === thread && root.threadTs === undefined && isKept(channel, root);
  return { list: whole ? [root, ...repliesTo(channel, thread)] : [], sees: () => true };
}

/** Private answers that this person was shown here since they opened their client. */
function ownLine({ privateAnswers }: Workspace, { user, channel, thread, privateSince }: ClientWindow): Line {
  return {
    list: privateAnswers,
    sees: (answer) =>
      answer.onlyFor === user &&
      answer.channel === channel &&
      answer.threadTs === thread &&
      timeOf(answer.ts) >= privateSince,
  };
}

function beginningAt(lines: readonly Line[], from: string, limit: number): Stretch {
  const found = inOrder(lines.flatMap((line) => onward(line, from, limit + 1)));
  return {
    messages: found.slice(0, limit),
    earlier: lines.some((line) => backward(line, from, 1).length > 0),
    later: found.length > limit,
  };
}

/** `before` undefined: the newest of all. */
function endingBefore(lines: readonly Line[], before: string | undefined, limit: number): Stretch {
  const found = inOrder(lines.flatMap((line) => backward(line, before, limit + 1)));
  return {
    messages: found.slice(-limit),
    earlier: found.length > limit,
    later: before !== undefined && lines.some((line) => onward(line, before, 1).length > 0),
  };
}

function onward({ list, sees }: Line, from: string, most: number): readonly Message[] {
  const found: Message[] = [];
  for (let index = indexOf(list, from); index < list.length && found.length < most; index += 1) {
    const message = list[index];
    if (message !== undefined && sees(message)) found.push(message);
  }
  return found;
}

function backward({ list, sees }: Line, before: string | undefined, most: number): readonly Message[] {
  const found: Message[] = [];
  const end = before === undefined ? list.length : indexOf(list, before);
  for (let index = end - 1; index >= 0 && found.length < most; index -= 1) {
    const message = list[index];
    if (message !== undefined && sees(message)) found.push(message);
  }
  return found;
}

/** Where the first message is that is not older than `ts`; every ts is written with as many digits. */
function indexOf(list: readonly Message[], ts: string): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const isOlder = (list[middle]?.ts ?? "") < ts;
    if (isOlder) low = middle + 1;
    else high = middle;
  }
  return low;
}

function inOrder(messages: readonly Message[]): readonly Message[] {
  return messages.toSorted((one, other) => (one.ts < other.ts ? -1 : 1));
}
