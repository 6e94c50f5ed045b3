import { html } from "hono/html";

import { isObject } from "../../shared/json.ts";
import type { TextObject } from "../../slack/block-kit.ts";
import { readMrkdwn, readPlain } from "../../slack/mrkdwn.ts";
import type { Reader } from "../../slack/mrkdwn.ts";
import type { Html } from "../client.ts";
import { mrkdwnPieces, plainPieces } from "./slack-markup.ts";
import { drawPieces } from "./slack-pieces.ts";

// Slack's text objects.

/** A text object as HTML. */
export function drawText(text: TextObject | string | undefined, reader: Reader): Html {
  if (text === undefined) return html``;
  if (typeof text === "string") return drawPieces(plainPieces(text));
  if (text.type === "plain_text") return drawPieces(plainPieces(text.text));
  return drawPieces(mrkdwnPieces(text.text, { reader, autoLink: text.verbatim !== true }));
}

/** mrkdwn outside a text object, where Slack always looks for bare addresses. */
export function drawMrkdwn(source: string, reader: Reader): Html {
  return drawPieces(mrkdwnPieces(source, { reader, autoLink: true }));
}

/** A text object in words alone, for attributes and controls. */
export function wordsOf(text: TextObject | string | undefined, reader: Reader): string {
  if (text === undefined || typeof text === "string") return readPlain(text ?? "");
  return text.type === "plain_text"
    ? readPlain(text.text)
    : readMrkdwn(text.text, { reader, autoLink: false });
}

/** The words of something that may be a text object. */
export function textOf(value: unknown, reader: Reader): string | undefined {
  return isTextObject(value) ? wordsOf(value, reader) : undefined;
}

function isTextObject(value: unknown): value is TextObject {
  return isObject(value) && typeof value["text"] === "string";
}
