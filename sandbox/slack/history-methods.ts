import { stringAt } from "../shared/json.ts";
import type { JsonObject } from "../shared/json.ts";
import { channelFor, messagePayload } from "./chat-methods.ts";
import type { ApiCall } from "./chat-methods.ts";
import { refuse } from "./content.ts";
import type { Parsed, Reply } from "./content.ts";
import { isKept, repliesTo } from "./messages.ts";
import type { Channel, Message } from "./world.ts";

interface Range {
  readonly oldest: number;
  readonly latest: number;
  readonly inclusive: boolean;
  readonly limit: number;
  /** The message at which the page begins; "": the first. */
  readonly from: string;
}

/** A channel's own messages without the threads, newest first. */
export function history(call: ApiCall): Reply {
  const channel = readable(call);
  if ("refusal" in channel) return channel.refusal;
  const range = readRange(call.args, { usual: 100, max: 999 });
  if ("refusal" in range) return range.refusal;
  const { from } = range.value;
  const inside = channel.value.messages
    .filter((message) => message.threadTs === undefined && isKept(channel.value, message))
    .filter(({ ts }) => isInside(ts, range.value) && (from === "" || ts <= from));
  return pageOf(call, { channel: channel.value, messages: inside.toReversed(), limit: range.value.limit });
}

/** One thread, oldest first, under the message it hangs at. */
export function replies(call: ApiCall): Reply {
  const channel = readable(call);
  if ("refusal" in channel) return channel.refusal;
  const range = readRange(call.args, { usual: 1_000, max: 1_000 });
  if ("refusal" in range) return range.refusal;
  const { messages } = channel.value;
  const named = messages.findLast((message) => message.ts === stringAt(call.args, "ts"));
  const root = messages.findLast((message) => message.ts === (named?.threadTs ?? named?.ts));
  if (root === undefined || !isKept(channel.value, root)) return refuse("thread_not_found");
  const { from } = range.value;
  const inside = repliesTo(channel.value, root.ts).filter(
    ({ ts }) => isInside(ts, range.value) && (from === "" || ts >= from),
  );
  return pageOf(call, { channel: channel.value, root, messages: inside, limit: range.value.limit });
}

/** Reading takes membership; an archived channel can be read. */
function readable(call: ApiCall): Parsed<Channel> {
  const channel = channelFor(call);
  if (channel === undefined) return { refusal: refuse("channel_not_found") };
  return channel.botIsMember ? { value: channel } : { refusal: refuse("not_in_channel") };
}

const timestamp = /^\d+(\.\d+)?$/;

function readRange(args: JsonObject, { usual, max }: { usual: number; max: number }): Parsed<Range> {
  const { oldest = "0", latest = "9999999999", limit = usual, cursor = "" } = args;
  if (!timestamp.test(String(oldest))) return { refusal: refuse("invalid_ts_oldest") };
  if (!timestamp.test(String(latest))) return { refusal: refuse("invalid_ts_latest") };
  if (!/^\d+$/.test(String(limit)) || Number(limit) < 1 || Number(limit) > max)
    return { refusal: refuse("invalid_limit") };
  const from = fromCursor(String(cursor));
  if (from === undefined) return { refusal: refuse("invalid_cursor") };
  const inclusive = isTrue(args["inclusive"]);
  return { value: { oldest: Number(oldest), latest: Number(latest), inclusive, limit: Number(limit), from } };
}

const CURSOR = "next_ts:";
const toCursor = (ts: string): string => Buffer.from(CURSOR + ts).toString("base64");

/** "": from the beginning; undefined: no cursor of ours. */
function fromCursor(cursor: string): string | undefined {
  const read = Buffer.from(cursor, "base64").toString();
  if (read === "") return "";
  return read.startsWith(CURSOR) ? read.slice(CURSOR.length) : undefined;
}

/** Forms carry booleans as words. */
function isTrue(value: unknown): boolean {
  return [true, 1, "true", "1"].some((yes) => yes === value);
}

function isInside(ts: string, { oldest, latest, inclusive }: Range): boolean {
  const at = Number(ts);
  return inclusive ? at >= oldest && at <= latest : at > oldest && at < latest;
}

interface Page {
  readonly channel: Channel;
  /** Heads every page of its thread. */
  readonly root?: Message;
  readonly messages: readonly Message[];
  readonly limit: number;
}

function pageOf(call: ApiCall, { channel, root, messages, limit }: Page): Reply {
  const next = messages[limit];
  const shown = [...(root === undefined ? [] : [root]), ...messages.slice(0, limit)];
  return {
    ok: true,
    messages: shown.map((message) => read(call, channel, message)),
    has_more: next !== undefined,
    ...(next === undefined ? {} : { response_metadata: { next_cursor: toCursor(next.ts) } }),
  };
}

function read(call: ApiCall, channel: Channel, message: Message): JsonObject {
  if (message.deleted)
    return { type: "message", subtype: "tombstone", text: "This message was deleted.", ts: message.ts };
  const { metadata, ...plain } = messagePayload(call, message);
  const answers = repliesTo(channel, message.ts);
  return {
    ...plain,
    ...(answers.length > 0 ? { thread_ts: message.ts, reply_count: answers.length } : {}),
    ...(metadata !== undefined && isTrue(call.args["include_all_metadata"]) ? { metadata } : {}),
  };
}
