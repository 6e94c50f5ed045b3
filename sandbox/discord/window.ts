import type { ClientMessages, ClientWindow } from "../client.ts";
import { ImpossibleError } from "../shared/control.ts";
import { clientMessage } from "./client-message.ts";
import { channelBefore } from "./people.ts";
import type { Message, World } from "./world.ts";
import { threadUnder } from "./world.ts";

const MOST = 200;

/** Part of a channel or thread as one person sees it; only the messages of that part are looked into. */
export function readWindow(world: World, window: ClientWindow): ClientMessages {
  checkWindow(window);
  const lists = listsFor(world, window);
  const page = pageOf(lists, window);
  const total = sum(lists.map((list) => list.length));
  const [first] = page;
  const beyond = window.from === undefined ? 0 : total;
  const begin = first === undefined ? beyond : sum(lists.map((list) => countBefore(list, first.id)));
  return {
    messages: page.map((message) => clientMessage(world, message, window.user)),
    earlier: begin > 0,
    later: begin + page.length < total,
  };
}

function checkWindow({ from, before, limit }: ClientWindow): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST)
    throw new ImpossibleError(`A window holds from 1 to ${MOST} messages.`);
  for (const id of [from, before])
    if (id !== undefined && !/^\d{1,20}$/.test(id))
      throw new ImpossibleError("A window begins or ends at the id of a message.");
}

type OldestFirst = readonly Message[];

/** Everybody's messages and this person's private answers, each list oldest first. */
function listsFor(world: World, { thread, ...where }: ClientWindow): readonly OldestFirst[] {
  const channel = channelBefore(world, where);
  const mine = (list: OldestFirst): OldestFirst =>
    list.filter(({ onlyFor, createdAt }) => onlyFor === where.user && createdAt >= where.privateSince);
  if (thread === undefined) return [channel.messages, mine(channel.privateMessages)];
  const below = threadUnder(world, { id: thread });
  const above = world.messages.get(thread);
  return [
    above?.channel === channel.id && above.onlyFor === undefined ? [above] : [],
    ...(below?.parent === channel.id ? [below.messages, mine(below.privateMessages)] : []),
  ];
}

function pageOf(lists: readonly OldestFirst[], { from, before, limit }: ClientWindow): OldestFirst {
  if (from !== undefined) {
    const first = lists.flatMap((list) => {
      const start = countBefore(list, from);
      return list.slice(start, start + limit);
    });
    return first.toSorted(byAge).slice(0, limit);
  }
  const last = lists.flatMap((list) => {
    const end = before === undefined ? list.length : countBefore(list, before);
    return list.slice(Math.max(0, end - limit), end);
  });
  return last.toSorted(byAge).slice(-limit);
}

/** Ids carry their time, and say the order even of messages of one millisecond. */
function byAge(one: Message, other: Message): number {
  return BigInt(one.id) < BigInt(other.id) ? -1 : 1;
}

/** How many are older than this id, which may be gone already: by halves, as there may be thousands. */
function countBefore(list: OldestFirst, id: string): number {
  const edge = BigInt(id);
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (BigInt(list[middle]?.id ?? id) < edge) low = middle + 1;
    else high = middle;
  }
  return low;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
