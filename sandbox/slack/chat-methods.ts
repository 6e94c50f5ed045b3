import { isObject, objectAt, stringAt } from "../shared/json.ts";
import type { JsonObject } from "../shared/json.ts";
import { directChannel } from "./channels.ts";
import { decoded, readContent, refuse } from "./content.ts";
import type { Parsed, Reply } from "./content.ts";
import { appear, publish, remove, rewrite } from "./messages.ts";
import { readerOf, showMessage } from "./shown.ts";
import { isInChannel } from "./world.ts";
import type { Channel, Message, Workspace, World } from "./world.ts";

export interface ApiCall {
  readonly world: World;
  readonly workspace: Workspace;
  readonly args: JsonObject;
}

/** The channel of a call as far as the bot can see it; a person's id stands for the conversation with them. */
export function channelFor({ world, workspace, args }: ApiCall, usersToo = false): Channel | undefined {
  const id = stringAt(args, "channel") ?? "";
  if (usersToo && workspace.users.has(id)) return directChannel(world, workspace, id);
  const channel = workspace.channels.get(id);
  return channel === undefined || (channel.private && !channel.botIsMember) ? undefined : channel;
}

function writable(call: ApiCall): Parsed<Channel> {
  const channel = channelFor(call, true);
  if (channel === undefined) return { refusal: refuse("channel_not_found") };
  if (channel.archived) return { refusal: refuse("is_archived") };
  if (!channel.botIsMember && !call.world.app.scopes.includes("chat:write.public"))
    return { refusal: refuse("not_in_channel") };
  return { value: channel };
}

/** Undefined when all is well. */
function metadataRefusal(metadata: unknown): Reply | undefined {
  if (metadata === undefined) return undefined;
  if (!isObject(metadata)) return refuse("invalid_metadata_format");
  const complete = stringAt(metadata, "event_type") !== undefined && isObject(metadata["event_payload"]);
  // An empty object is how chat.update removes metadata.
  return complete || Object.keys(metadata).length === 0 ? undefined : refuse("invalid_metadata_schema");
}

function canCarryThread(channel: Channel, threadTs: string): boolean {
  return channel.messages.some((message) => message.ts === threadTs && message.threadTs === undefined);
}

/** The message object of Web API answers and interaction payloads. */
export function messagePayload(
  { world, workspace }: Pick<ApiCall, "world" | "workspace">,
  message: Message,
): JsonObject {
  const { content } = message;
  return {
    type: "message",
    user: message.author,
    ts: message.ts,
    text: content.text,
    team: workspace.id,
    ...(message.author === workspace.botUser ? { bot_id: botId(workspace), app_id: world.app.id } : {}),
    ...(content.blocks.length > 0 ? { blocks: content.blocks } : {}),
    ...(content.attachments.length > 0 ? { attachments: content.attachments } : {}),
    ...(message.threadTs === undefined ? {} : { thread_ts: message.threadTs }),
    ...(message.metadata === undefined ? {} : { metadata: message.metadata }),
    ...(message.edits > 0 ? { edited: { user: message.author, ts: message.ts } } : {}),
  };
}

export function botId(workspace: Workspace): string {
  return `B${workspace.botUser.slice(1)}`;
}

export function postMessage(call: ApiCall): Reply {
  const { world, workspace, args } = call;
  const channel = writable(call);
  if ("refusal" in channel) return channel.refusal;
  const content = readContent(world, args);
  if ("refusal" in content) return content.refusal;
  const metadata = decoded(args["metadata"]);
  const refusal = metadataRefusal(metadata);
  if (refusal !== undefined) return refusal;
  const threadTs = stringAt(args, "thread_ts");
  if (threadTs !== undefined && !canCarryThread(channel.value, threadTs))
    return refuse("cannot_reply_to_message");

  const message: Message = {
    ts: world.nextTs(),
    channel: channel.value.id,
    author: workspace.botUser,
    threadTs,
    content: content.value,
    raw: rawOf(args),
    metadata,
    edits: 0,
    deleted: false,
  };
  publish(world, { workspace, message, key: stringAt(objectAt(metadata, "event_payload"), "delivery") });
  showDirect(call, channel.value, message);
  const truncated = (stringAt(args, "text") ?? "").length > content.value.text.length;
  return {
    ok: true,
    channel: channel.value.id,
    ts: message.ts,
    message: messagePayload(call, message),
    ...(truncated
      ? { warning: "message_truncated", response_metadata: { warnings: ["message_truncated"] } }
      : {}),
  };
}

/** Somebody who waits for an answer outside any channel finds it in their direct messages. */
function showDirect({ world, workspace }: ApiCall, channel: Channel, message: Message): void {
  const user = channel.directWith === undefined ? undefined : workspace.users.get(channel.directWith);
  if (user === undefined) return;
  const shown = { kind: "message", message: showMessage(message, readerOf(world, user)) } as const;
  world.screens.show(shown, { place: `${workspace.id}/${user.id}/direct` });
}

/** The arguments as structures, without the token: what a test compares. */
export function rawOf(args: JsonObject): JsonObject {
  const structures = ["blocks", "attachments", "metadata", "view"];
  return Object.fromEntries(
    Object.entries(args)
      .filter(([key]) => key !== "token")
      .map(([key, value]) => [key, structures.includes(key) ? decoded(value) : value]),
  );
}

const MAX_UPDATE_TEXT = 4_000;

/** A message of the bot's own, or why there is none to change. */
function ownMessage(call: ApiCall, notOurs: string): Parsed<Message> {
  const ts = stringAt(call.args, "ts");
  const channel = channelFor(call);
  if (channel === undefined) return { refusal: refuse("channel_not_found") };
  const message = channel.messages.findLast((each) => each.ts === ts && !each.deleted);
  if (message === undefined) return { refusal: refuse("message_not_found") };
  if (message.author !== call.workspace.botUser) return { refusal: refuse(notOurs) };
  // Deleting from an archived channel is refused as well, with the code of posting.
  if (channel.archived)
    return { refusal: refuse(notOurs === "cant_update_message" ? "is_inactive" : "is_archived") };
  return { value: message };
}

export function updateMessage(call: ApiCall): Reply {
  const { world, workspace, args } = call;
  const found = ownMessage(call, "cant_update_message");
  if ("refusal" in found) return found.refusal;
  const message = found.value;
  if ((stringAt(args, "text") ?? "").length > MAX_UPDATE_TEXT) return refuse("msg_too_long");
  // Slack keeps the attachments that an update leaves out, and the blocks when no new text replaces them.
  const kept = {
    ...(args["attachments"] === undefined ? { attachments: message.content.attachments } : {}),
    ...(args["blocks"] === undefined && args["text"] === undefined ? { blocks: message.content.blocks } : {}),
  };
  const content = readContent(world, { ...args, ...kept });
  if ("refusal" in content) return content.refusal;
  const metadata = decoded(args["metadata"]);
  const refusal = metadataRefusal(metadata);
  if (refusal !== undefined) return refusal;

  // Metadata that an update leaves out stays.
  if (metadata !== undefined) message.metadata = metadata;
  rewrite(world, { workspace, message, content: content.value, raw: rawOf(args) });
  return {
    ok: true,
    channel: message.channel,
    ts: message.ts,
    text: message.content.text,
    message: messagePayload(call, message),
  };
}

export function deleteMessage(call: ApiCall): Reply {
  const found = ownMessage(call, "cant_delete_message");
  if ("refusal" in found) return found.refusal;
  remove(call.world, call.workspace, found.value);
  return { ok: true, channel: found.value.channel, ts: found.value.ts };
}

export function postEphemeral(call: ApiCall): Reply {
  const { world, workspace, args } = call;
  const channel = writable(call);
  if ("refusal" in channel) return channel.refusal;
  const user = workspace.users.get(stringAt(args, "user") ?? "");
  if (user === undefined || !isInChannel(channel.value, user.id, workspace))
    return refuse("user_not_in_channel");
  const content = readContent(world, args);
  if ("refusal" in content) return content.refusal;

  const message: Message = {
    ts: world.nextTs(),
    channel: channel.value.id,
    author: workspace.botUser,
    threadTs: stringAt(args, "thread_ts"),
    onlyFor: user.id,
    content: content.value,
    raw: rawOf(args),
    edits: 0,
    deleted: false,
  };
  appear(world, workspace, message);
  const shown = { kind: "message", message: showMessage(message, readerOf(world, user)) } as const;
  world.screens.show(shown, { place: `${workspace.id}/${user.id}` });
  return { ok: true, message_ts: message.ts };
}
