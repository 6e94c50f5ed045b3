import { isObject, parseJson, stringAt } from "../shared/json.ts";
import type { JsonObject } from "../shared/json.ts";
import { blockProblems, isBlocks } from "./block-kit.ts";
import type { KitBlock, KitElement } from "./block-kit.ts";
import type { Attachment, Content, World } from "./world.ts";

/** What a Web API method answers; `ok: false` carries Slack's error code. */
export type Reply = JsonObject & { readonly ok: boolean };

export function refuse(error: string, details: readonly string[] = []): Reply {
  if (details.length === 0) return { ok: false, error };
  return {
    ok: false,
    error,
    errors: details,
    response_metadata: { messages: details.map((text) => `[ERROR] ${text}`) },
  };
}

export type Parsed<Value> = { readonly value: Value } | { readonly refusal: Reply };

const MAX_TEXT = 40_000;
const MAX_ATTACHMENTS = 100;

/** The readable part of a message as the app sent it, or Slack's refusal. */
export function readContent(world: World, args: JsonObject): Parsed<Content> {
  const blocks = readBlocks(world, decoded(args["blocks"]));
  if ("refusal" in blocks) return blocks;
  const attachments = readAttachments(world, decoded(args["attachments"]));
  if ("refusal" in attachments) return attachments;
  const text = (stringAt(args, "text") ?? "").slice(0, MAX_TEXT);
  if (text.trim() === "" && blocks.value.length === 0 && attachments.value.length === 0)
    return { refusal: refuse("no_text") };
  return {
    value: {
      text,
      blocks: blocks.value,
      attachments: attachments.value,
      autoLink: args["parse"] !== "none",
      mrkdwn: ![false, "false"].some((no) => no === args["mrkdwn"]),
    },
  };
}

/** Form bodies carry structures as JSON strings, JSON bodies may carry them as they are. */
export function decoded(value: unknown): unknown {
  if (typeof value !== "string") return value;
  return value === "" ? undefined : (parseJson(value) ?? value);
}

function readBlocks(world: World, blocks: unknown): Parsed<readonly KitBlock[]> {
  if (blocks === undefined || blocks === null) return { value: [] };
  if (!Array.isArray(blocks)) return { refusal: refuse("invalid_blocks_format") };
  if (!isBlocks(blocks)) return { refusal: refuse("invalid_blocks", blockProblems(blocks)) };
  return { value: withIds(world, blocks) };
}

function readAttachments(world: World, attachments: unknown): Parsed<readonly Attachment[]> {
  if (attachments === undefined || attachments === null) return { value: [] };
  if (!areAttachments(attachments)) return { refusal: refuse("invalid_attachments") };
  if (attachments.length > MAX_ATTACHMENTS) return { refusal: refuse("too_many_attachments") };
  const problems = attachments.flatMap((attachment, index) =>
    attachment.blocks === undefined ? [] : blockProblems(attachment.blocks, `/attachments/${index}/blocks`),
  );
  if (problems.length > 0) return { refusal: refuse("invalid_attachments", problems) };
  return {
    value: attachments.map((attachment) =>
      attachment.blocks === undefined
        ? attachment
        : { ...attachment, blocks: withIds(world, attachment.blocks) },
    ),
  };
}

const attachmentTexts = ["color", "pretext", "title", "text", "fallback", "footer"];

/** An attachment needs something to show; its blocks are looked at separately, for their own sentences. */
function areAttachments(value: unknown): value is readonly Attachment[] {
  return (
    Array.isArray(value) &&
    value.every(
      (each) =>
        isObject(each) &&
        attachmentTexts.every((key) => each[key] === undefined || typeof each[key] === "string") &&
        ["blocks", "fields"].every((key) => each[key] === undefined || Array.isArray(each[key])) &&
        ["blocks", "fields", "text", "title", "pretext", "fallback"].some((key) => each[key] !== undefined),
    )
  );
}

/** Slack gives every block and every element an id where the app gave none. */
export function withIds(world: World, blocks: readonly KitBlock[]): readonly KitBlock[] {
  const named = (element: KitElement): KitElement =>
    ["image", "mrkdwn", "plain_text"].includes(element.type)
      ? element
      : { ...element, action_id: element.action_id ?? world.nextId("a") };
  return blocks.map((block) => ({
    ...block,
    block_id: block.block_id ?? world.nextId("b"),
    ...(block.element === undefined ? {} : { element: named(block.element) }),
    ...(block.accessory === undefined ? {} : { accessory: named(block.accessory) }),
    ...(block.elements === undefined || block.type === "rich_text"
      ? {}
      : { elements: block.elements.map(named) }),
  }));
}
