import type { JsonObject } from "../shared/json.ts";
import { isObject } from "../shared/json.ts";
import { conversationWith, newThread, wake } from "./channels.ts";
import { editMessage } from "./edits.ts";
import { CHANNEL_MESSAGES } from "./limiter.ts";
import { checkMessage, flags } from "./message-rules.ts";
import { addMessage, removeMessage } from "./messages.ts";
import { readable, writable } from "./permissions.ts";
import { invalidForm, refusal, tooManyLateEdits } from "./refusals.ts";
import type { Reply, Request, Route } from "./routing.ts";
import { noContent, ok, param, unmetered } from "./routing.ts";
import { integer, maybe, oneOf, problem, shape, text, truth } from "./rules.ts";
import { tellThread } from "./telling.ts";
import { channelObject, messageObject } from "./wire.ts";
import type { Channel, Message, MessageBody, World } from "./world.ts";
import { threadUnder } from "./world.ts";

/** For how long a nonce keeps a second message from being made: Discord says "the past few minutes". */
const NONCE_MS = 5 * 60_000;
/** Discord limits edits of messages older than this and does not say how: here one each in as long a time. */
const OLD_MS = 60 * 60_000;
const settable = flags.suppressEmbeds | flags.silent | flags.componentsV2;
const perChannel = (name: string) => ({ ...CHANNEL_MESSAGES, name });

function findMessage(world: World, channel: Channel, id: string): Message {
  const found = world.messages.get(id);
  if (found?.channel !== channel.id || found.onlyFor !== undefined) throw refusal(10008);
  return found;
}

function postMessage({ discord, params, body }: Request): Reply {
  const { world } = discord;
  const channel = writable(world, param({ params }, 0));
  checkMessage(body, { allowed: settable });
  const sent = body as MessageBody;
  const nonce = sent.nonce ?? undefined;
  const earlier = sent.enforce_nonce === true ? rememberedUnder(world, nonce) : undefined;
  if (earlier) return ok({ ...messageObject(world, earlier, true), nonce });
  wake(discord, channel);
  const message = addMessage(world, {
    channel: channel.id,
    author: world.application.botUser,
    body: sent,
    flags: sent.flags ?? 0,
  });
  if (nonce !== undefined) remember(world, String(nonce), message);
  return ok({ ...messageObject(world, message, true), ...(nonce === undefined ? {} : { nonce }) });
}

/** A message that was deleted meanwhile keeps nobody from posting it again. */
function rememberedUnder(world: World, nonce: string | number | undefined): Message | undefined {
  const earlier = nonce === undefined ? undefined : world.nonces.get(String(nonce));
  return earlier && !earlier.removed && Date.now() - earlier.createdAt < NONCE_MS ? earlier : undefined;
}

function remember(world: World, nonce: string, message: Message): void {
  for (const [key, { createdAt }] of world.nonces) {
    if (Date.now() - createdAt < NONCE_MS) break;
    world.nonces.delete(key);
  }
  world.nonces.delete(nonce);
  world.nonces.set(nonce, message);
}

function patchMessage({ discord, params, body }: Request): Reply {
  const { world } = discord;
  const channel = readable(world, param({ params }, 0));
  const message = findMessage(world, channel, param({ params }, 1));
  if (message.author !== world.application.botUser) throw refusal(50005);
  if (channel.kind === "thread" && channel.archived) throw refusal(50083);
  const old = Date.now() - message.createdAt > OLD_MS;
  const freeAt = message.lateEditAt === undefined ? 0 : message.lateEditAt + OLD_MS;
  if (old && Date.now() < freeAt) throw tooManyLateEdits(freeAt - Date.now());
  editMessage(world, message, body);
  if (old) message.lateEditAt = Date.now();
  return ok(messageObject(world, message, true));
}

function deleteMessage({ discord, params }: Request): Reply {
  const { world } = discord;
  const channel = readable(world, param({ params }, 0));
  const message = findMessage(world, channel, param({ params }, 1));
  if (message.author !== world.application.botUser) throw refusal(50013);
  if (channel.kind === "thread" && channel.archived) throw refusal(50083);
  removeMessage(world, message);
  return noContent;
}

function bound(query: URLSearchParams, name: string): bigint | undefined {
  const given = query.get(name);
  if (given === null) return undefined;
  if (/^\d{1,20}$/.test(given)) return BigInt(given);
  throw invalidForm(problem([name], "NUMBER_TYPE_COERCE", `Value "${given}" is not snowflake.`));
}

function listMessages({ discord, params, query }: Request): Reply {
  const channel = readable(discord.world, param({ params }, 0));
  const limit = Number(query.get("limit") ?? 50);
  const problems = integer(1, 100)(limit, ["limit"]);
  if (problems.length > 0) throw invalidForm(problems);
  const before = bound(query, "before") ?? 2n ** 64n;
  const after = bound(query, "after") ?? 0n;
  const inside = channel.messages.filter(({ id }) => BigInt(id) < before && BigInt(id) > after);
  // "after" counts from the oldest end, all else from the newest; the answer is newest first.
  const page = query.has("after") ? inside.slice(0, limit) : inside.slice(-limit);
  return ok(page.toReversed().map((message) => messageObject(discord.world, message, true)));
}

const threadRules = shape({
  name: text(1, 100),
  auto_archive_duration: maybe(oneOf([60, 1_440, 4_320, 10_080])),
  rate_limit_per_user: maybe(integer(0, 21_600)),
});

function openThread({ discord, params, body }: Request): Reply {
  const { world } = discord;
  const channel = writable(world, param({ params }, 0));
  if (channel.kind !== "text") throw refusal(50024);
  const message = findMessage(world, channel, param({ params }, 1));
  const problems = threadRules(body, []);
  if (problems.length > 0) throw invalidForm(problems);
  if (threadUnder(world, message)) throw refusal(160004);
  const { name, auto_archive_duration: autoArchive = 1_440 } = body as {
    name: string;
    auto_archive_duration?: number;
  };
  const thread = newThread(channel, { id: message.id, name, autoArchive });
  world.channels.set(thread.id, thread);
  discord.gateway.dispatch(
    "THREAD_CREATE",
    { ...channelObject(world, thread), newly_created: true },
    channel.guild ?? "0",
  );
  tellThread(world, thread);
  return { status: 201, body: channelObject(world, thread) };
}

/** Only threads: the bot is not invited with the right to change channels. */
function patchChannel({ discord, params, body }: Request): Reply {
  const { world, gateway } = discord;
  const channel = readable(world, param({ params }, 0));
  if (channel.kind !== "thread") throw refusal(50013);
  const problems = shape({ archived: maybe(truth), locked: maybe(truth), name: maybe(text(1, 100)) })(
    body,
    [],
  );
  if (problems.length > 0) throw invalidForm(problems);
  // Locking takes "manage threads"; a thread's owner may rename, archive and wake it.
  const { archived, locked, name } = body as { archived?: boolean; locked?: boolean; name?: string };
  if (locked !== undefined || channel.locked) throw refusal(50013);
  channel.archived = archived ?? channel.archived;
  channel.name = name ?? channel.name;
  gateway.dispatch("THREAD_UPDATE", channelObject(world, channel), channel.guild ?? "0");
  tellThread(world, channel);
  return ok(channelObject(world, channel));
}

function openConversation({ discord, body }: Request): Reply {
  const { world } = discord;
  const recipient = isObject(body) ? (body as JsonObject)["recipient_id"] : undefined;
  if (typeof recipient !== "string" || !world.people.has(recipient)) throw refusal(50033);
  return ok(channelObject(world, conversationWith(world, recipient)));
}

const readMessage = ({ discord: { world }, params }: Request): Reply => {
  const channel = readable(world, param({ params }, 0));
  return ok(messageObject(world, findMessage(world, channel, param({ params }, 1)), true));
};

export const channelRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/channels/:id",
    bucket: unmetered,
    run: ({ discord, params }) =>
      ok(channelObject(discord.world, readable(discord.world, param({ params }, 0)))),
  },
  { method: "PATCH", path: "/channels/:id", bucket: unmetered, run: patchChannel },
  { method: "GET", path: "/channels/:id/messages", bucket: perChannel("channel-reads"), run: listMessages },
  { method: "POST", path: "/channels/:id/messages", bucket: CHANNEL_MESSAGES, run: postMessage },
  { method: "GET", path: "/channels/:id/messages/:id", bucket: perChannel("channel-read"), run: readMessage },
  {
    method: "PATCH",
    path: "/channels/:id/messages/:id",
    bucket: perChannel("channel-edits"),
    run: patchMessage,
  },
  {
    method: "DELETE",
    path: "/channels/:id/messages/:id",
    bucket: perChannel("channel-deletes"),
    run: deleteMessage,
  },
  { method: "POST", path: "/channels/:id/messages/:id/threads", bucket: unmetered, run: openThread },
  { method: "POST", path: "/users/@me/channels", bucket: unmetered, run: openConversation },
];
