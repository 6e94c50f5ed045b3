import type { Shown, ShownButton, ShownMessage } from "../pretend.ts";
import type { KitBlock, KitElement, TextObject } from "./block-kit.ts";
import { fieldsOf } from "./modal-fields.ts";
import { readMrkdwn, readPlain } from "./mrkdwn.ts";
import type { Reader } from "./mrkdwn.ts";
import { nameIn } from "./names.ts";
import type { Attachment, Message, View, World } from "./world.ts";

/** How one person, or nobody in particular (UTC), reads things. */
export function readerOf(world: World, user?: { readonly timeZone?: string }): Reader {
  const timeZone = user === undefined ? "UTC" : (user.timeZone ?? "America/New_York");
  return { timeZone, nameOf: (id) => nameIn(world, id) };
}

export function showMessage(message: Message, reader: Reader, thread: readonly Message[] = []): ShownMessage {
  const { content } = message;
  const lines = message.deleted ? ["This message was deleted."] : linesOfMessage(message, reader);
  const colour = content.attachments.map(colourOf).find((each) => each !== undefined);
  const blocks = [...content.blocks, ...content.attachments.flatMap((each) => each.blocks ?? [])];
  return {
    id: message.ts,
    channel: message.channel,
    author: reader.nameOf(message.author),
    headline: headlineOf(message, reader),
    lines,
    buttons: message.deleted ? [] : blocks.flatMap(buttonsOf),
    ...(colour === undefined ? {} : { colour }),
    edited: message.edits > 0,
    thread: thread.map((reply) => showMessage(reply, reader)),
    ...(message.onlyFor === undefined ? {} : { onlyFor: message.onlyFor }),
    raw: message.raw,
  };
}

/** What a notification shows, whether or not the message is still there. */
export function headlineOf(message: Message, reader: Reader): string {
  const { text, mrkdwn } = message.content;
  const manner = { reader, autoLink: false, datesAsFallback: true };
  const notification = mrkdwn ? readMrkdwn(text, manner) : text;
  return notification.split("\n")[0] || (linesOfMessage(message, reader)[0] ?? "");
}

export function showForm(view: View, reader: Reader): Extract<Shown, { kind: "form" }> {
  const { title, submit, blocks } = view.content;
  return {
    kind: "form",
    id: view.id,
    title: title?.text ?? "",
    ...(submit === undefined ? {} : { submit: submit.text }),
    fields: fieldsOf(view),
    lines: blocks.filter((block) => block.type !== "input").flatMap((block) => linesOf(block, reader)),
    buttons: blocks.flatMap(buttonsOf),
    raw: view.raw,
  };
}

/** Slack shows `text` only where there are no blocks; attachments come after either. */
function linesOfMessage({ content }: Message, reader: Reader): string[] {
  const { text, blocks, attachments, autoLink, mrkdwn } = content;
  const own = mrkdwn ? readMrkdwn(text, { reader, autoLink }) : readPlain(text);
  return [
    ...(blocks.length > 0 ? blocks.flatMap((block) => linesOf(block, reader)) : split(own)),
    ...attachments.flatMap((attachment) => linesOfAttachment(attachment, reader)),
  ];
}

function linesOfAttachment(attachment: Attachment, reader: Reader): string[] {
  if (attachment.blocks !== undefined) return attachment.blocks.flatMap((block) => linesOf(block, reader));
  const { pretext, title, text, fields = [], footer } = attachment;
  const all = [pretext, title, text, ...fields.flatMap((field) => [field.title, field.value]), footer];
  return all.flatMap((each) => split(readMrkdwn(each ?? "", { reader, autoLink: true })));
}

function linesOf(block: KitBlock, reader: Reader): string[] {
  const read = (text: TextObject | string | undefined): string => readText(text, reader);
  switch (block.type) {
    case "context":
      return split(
        (block.elements ?? []).map((element) => element.alt_text ?? read(ownText(element))).join(" "),
      );
    case "section":
      return [block.text, ...(block.fields ?? [])].flatMap((text) => split(read(text)));
    case "rich_text":
      return split(richText(block.elements));
    case "input":
      return split(read(block.label));
    default:
      return split(block.alt_text ?? read(block.text));
  }
}

/** The text elements of a context block are text objects themselves. */
function ownText({ type, text, verbatim }: KitElement): TextObject | undefined {
  if (typeof text !== "string") return undefined;
  return { type: type === "mrkdwn" ? "mrkdwn" : "plain_text", text, verbatim: verbatim === true };
}

function readText(text: TextObject | string | undefined, reader: Reader): string {
  if (text === undefined) return "";
  if (typeof text === "string") return text;
  if (text.type === "plain_text") return readPlain(text.text);
  return readMrkdwn(text.text, { reader, autoLink: text.verbatim !== true });
}

function richText(elements: unknown): string {
  if (Array.isArray(elements)) return elements.map(richText).join("");
  if (typeof elements !== "object" || elements === null) return "";
  const own = "text" in elements && typeof elements.text === "string" ? elements.text : "";
  return own + ("elements" in elements ? `${richText(elements.elements)}\n` : "");
}

function split(text: string): string[] {
  return text.split("\n").filter((line) => line.trim() !== "");
}

function buttonsOf(block: KitBlock): ShownButton[] {
  const elements = block.type === "actions" ? (block.elements ?? []) : [];
  return [...elements, ...(block.accessory === undefined ? [] : [block.accessory])]
    .filter((element) => element.type === "button")
    .map((element) => ({ label: labelOf(element), id: idOf(element), disabled: false }));
}

export function labelOf(element: KitElement): string {
  return readPlain(typeof element.text === "object" ? element.text.text : (element.text ?? ""));
}

/** Action id and value: together they name one button among many with the same action. */
export function idOf(element: KitElement): string {
  const action = element.action_id ?? "";
  return element.value === undefined ? action : `${action}|${element.value}`;
}

const NAMED_COLOURS: Readonly<Record<string, string>> = {
  good: "#2EB886",
  warning: "#DAA038",
  danger: "#A30200",
};

function colourOf({ color }: Attachment): string | undefined {
  if (color === undefined) return undefined;
  return NAMED_COLOURS[color] ?? `#${color.replace(/^#/, "").toUpperCase()}`;
}
