import type { types } from "@slack/bolt";

import type { Bold, Inline, Moment, Text } from "../../src/chat.ts";
import { neutral, split, widthOf } from "./neutral-text.ts";

export type TextObject = types.PlainTextElement | types.MrkdwnElement;

export interface TextShape {
  /** Characters in one text object. */
  readonly limit: number;
  /** Set apart line by line, as somebody's words. */
  readonly quote?: boolean;
}

/** Literal text: nothing in it formats, links or mentions. Slack decodes its three entities here too. */
export const plain = (text: string): types.PlainTextElement => ({
  type: "plain_text",
  text: escaped(text),
  emoji: false,
});
// Verbatim: Slack looks for no addresses and channel names of its own in it.
const mrkdwn = (text: string): types.MrkdwnElement => ({ type: "mrkdwn", text, verbatim: true });

/** For titles and labels: literal, neutral, never empty, cut visibly. */
export function label(text: string, limit: number): types.PlainTextElement {
  const whole = neutral(text).trim();
  if (widthOf(whole, escapeWidth) <= limit) return plain(whole || "–");
  return plain(`${split(whole, limit - 1, escapeWidth)[0]?.trimEnd() ?? ""}…`);
}

export const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

// What Slack would format in mrkdwn: there is no escape for these, and a look-alike letter would falsify a handle or
// an exact quotation, so a text that holds one is sent as plain text instead. An underscore inside a word is harmless.
const MARKS = /[*~`]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|^\s*>|:[\w+'-]+:/m;

type Run = { readonly type: "plain"; text: string } | { readonly type: "mrkdwn"; inlines: Inline[] };

/**
 * A text as the text objects that carry it: literal ones for words that people chose, mrkdwn for moments and bold.
 * Words that would format stand in an object of their own beside the moment they came with.
 */
export function textObjects(text: Text, shape: TextShape): TextObject[] {
  const inlines = neutralInlines(text);
  const allWords = inlines.every((inline) => typeof inline === "string");
  if (allWords && (shape.quote !== true || inlines.some(formats)))
    return plainObjects(wordsOf(inlines), shape);
  return runsOf(inlines).flatMap((run) =>
    run.type === "plain" ? plainObjects(run.text, shape) : mrkdwnObjects(run.inlines, shape),
  );
}

/** A text in one line of mrkdwn, or undefined where some of its words would format. */
export function mrkdwnLine(text: Text): string | undefined {
  const inlines = neutralInlines(text);
  return inlines.some(formats) ? undefined : inlines.map(marked).join("");
}

/** A text in literal words; moments in Zulu only. */
export function wordsOf(text: Text): string {
  return neutral(neutralInlines(text).map(words).join(""));
}

export const mrkdwnObject = mrkdwn;

const isMoment = (inline: Inline): inline is Moment => typeof inline === "object" && "at" in inline;
const isBold = (inline: Inline): inline is Bold => typeof inline === "object" && "bold" in inline;

function neutralInlines(text: Text): Inline[] {
  const joined: Inline[] = [];
  // Neighbouring strings first become one, so that an address cannot hide in the gap between two.
  for (const inline of typeof text === "string" ? [text] : text) {
    const last = joined.at(-1);
    if (typeof inline === "string" && typeof last === "string") joined[joined.length - 1] = last + inline;
    else joined.push(inline);
  }
  return joined.map((inline) => {
    if (typeof inline === "string") return neutral(inline);
    return isBold(inline) ? { bold: neutral(inline.bold) } : inline;
  });
}

function formats(inline: Inline): boolean {
  if (isMoment(inline)) return false;
  return isBold(inline) ? MARKS.test(inline.bold) || inline.bold.includes("\n") : MARKS.test(inline);
}

/** Neutral strings go with their neighbour, so that a text is broken up no more than it must be. */
function runsOf(inlines: readonly Inline[]): Run[] {
  const runs: Run[] = [];
  if (!inlines.some(formats)) return [{ type: "mrkdwn", inlines: [...inlines] }];
  for (const inline of inlines) {
    const last = runs.at(-1);
    const literal = formats(inline) || (typeof inline === "string" && last?.type === "plain");
    if (literal && last?.type === "plain") last.text = neutral(last.text + words(inline));
    else if (literal) runs.push({ type: "plain", text: words(inline) });
    else if (last?.type === "mrkdwn") last.inlines.push(inline);
    else runs.push({ type: "mrkdwn", inlines: [inline] });
  }
  return runs;
}

/** How much room a character takes: escaped, and with a quotation's mark at the new line. */
function escapeWidth(char: string): number {
  return { "&": 5, "<": 4, ">": 4, "\n": "\n&gt; ".length }[char] ?? char.length;
}
/** The same for what is escaped already. */
const lineWidth = (char: string): number => (char === "\n" ? 2 : char.length);

function plainObjects(text: string, { limit, quote }: TextShape): TextObject[] {
  const pieces = split(text, limit - "&gt; ".length, escapeWidth);
  return pieces.map((piece) => plain(quote === true ? quoted(piece.trim(), "> ") : piece));
}

function mrkdwnObjects(inlines: readonly Inline[], { limit, quote }: TextShape): TextObject[] {
  const pieces: string[] = [];
  let used = 0;
  for (const part of inlines.flatMap((inline) => parts(inline, limit - 1))) {
    const width = widthOf(part, lineWidth);
    if (used > 0 && used + width <= limit - 1) pieces.push((pieces.pop() ?? "") + part);
    else pieces.push(part);
    used = pieces.at(-1) === part ? width : used + width;
  }
  return pieces
    .filter((piece) => piece.trim() !== "")
    .map((piece) => continued(piece))
    .map((piece) => mrkdwn(quote === true ? quoted(piece.trim(), ">") : piece));
}

/** A text cut just before a ">" would begin with it, and Slack would take it for a quotation's mark. */
function continued(piece: string): string {
  return /^\s*&gt;/.test(piece) ? `…${piece.trimStart()}` : piece;
}

function parts(inline: Inline, limit: number): string[] {
  if (isMoment(inline) || (isBold(inline) && escaped(inline.bold).length < limit - 2))
    return [marked(inline)];
  return split(words(inline), limit, escapeWidth).map(escaped);
}

function marked(inline: Inline): string {
  if (typeof inline === "string") return escaped(inline);
  if (isMoment(inline)) return shownMoment(inline);
  // Slack makes bold only what touches its stars.
  const [, before = "", bold = "", after = ""] = /^(\s*)(.*?)(\s*)$/s.exec(inline.bold) ?? [];
  return bold === "" ? before : `${before}*${escaped(bold)}*${after}`;
}

function words(inline: Inline): string {
  if (typeof inline === "string") return inline;
  return isBold(inline) ? inline.bold : `${utcDay(inline.at)} ${utcTime(inline.at)}Z`;
}

function shownMoment({ at }: Moment): string {
  const fallback = `${utcDay(at)} ${utcTime(at)} UTC`;
  const epoch = Math.floor(at.getTime() / 1_000);
  return `<!date^${epoch}^{date_short_pretty} {time}|${fallback}> (${utcTime(at)}Z)`;
}

// "Wed, 25 Nov 2026 07:00:00 GMT". With the year: what Slack does not show itself may be read at any time.
const utcDay = (at: Date): string => `${at.toUTCString().slice(0, 3)} ${at.toUTCString().slice(5, 16)}`;
const utcTime = (at: Date): string => at.toUTCString().slice(17, 22);

const quoted = (text: string, mark: string): string => mark + text.replaceAll("\n", `\n${mark}`);
