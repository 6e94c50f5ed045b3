import { parseToken, readDate, readPlain, unescaped, visible } from "../../slack/mrkdwn.ts";
import type { Manner, Token } from "../../slack/mrkdwn.ts";
import type { Piece } from "./slack-pieces.ts";
import { markedPieces, markerOf } from "./slack-spans.ts";
import type { Leaves, Marker } from "./slack-spans.ts";

// mrkdwn and Markdown as pieces. The rules for tokens, dates and the edges of words are those of slack/mrkdwn.ts.

type Manners = Pick<Manner, "reader" | "autoLink">;

const block: readonly Marker[] = [markerOf("```", "pre")];
const mrkdwn: readonly Marker[] = [
  markerOf("`", "code"),
  markerOf("*", "bold"),
  markerOf("_", "italic"),
  markerOf("~", "strike"),
];
const markdown: readonly Marker[] = [
  markerOf("`", "code"),
  markerOf("**", "bold"),
  markerOf("__", "bold"),
  markerOf("~~", "strike"),
  markerOf("*", "italic"),
  markerOf("_", "italic"),
];

/** mrkdwn as Slack's client draws it. */
export function mrkdwnPieces(source: string, manner: Manners): readonly Piece[] {
  // Tokens are set aside under private-use characters, so that formatting may span them but not reach inside.
  const tokens: Piece[] = [];
  const outline = source
    .replaceAll(/[\uE000\uE001]/g, "")
    .replaceAll(/<([^<>\n]+)>/g, (_whole, token: string) => {
      tokens.push(tokenPiece(parseToken(token), manner));
      return `\uE000${tokens.length - 1}\uE001`;
    });
  const words = (text: string): readonly Piece[] =>
    text
      .split(/\uE000(\d+)\uE001/)
      .flatMap((part, index) => (index % 2 === 0 ? wordPieces(part, manner) : (tokens[Number(part)] ?? [])));
  return allPieces(outline, mrkdwn, { words, code: words });
}

/** The text of a `markdown` block: what of Markdown an app is likely to use. */
export function markdownPieces(source: string): readonly Piece[] {
  const words = (text: string): readonly Piece[] =>
    text
      .split(/(\[[^[\]\n]+\]\([^()\s]+\))/)
      .flatMap((part, index) => (index % 2 === 0 ? textPiece(part) : markdownLink(part)));
  const titled = source.replaceAll(/^#{1,6} +(.+)$/gm, (_whole, title: string) => `**${title.trim()}**`);
  return allPieces(titled, markdown, { words, code: textPiece });
}

/** Text in which nothing is marked: plain_text objects, and messages with `mrkdwn: false`. */
export function plainPieces(source: string): readonly Piece[] {
  return textPiece(readPlain(source));
}

/** Blocks of code first, then quotations, then what is marked within a line. */
function allPieces(text: string, markers: readonly Marker[], leaves: Leaves): readonly Piece[] {
  const inLine = (line: string): readonly Piece[] => markedPieces(line, markers, leaves);
  // A block of code stands on lines of its own anyway: the break beside it would be an empty line.
  const outside = (lines: string): readonly Piece[] => quotedPieces(lines.replaceAll(/^\n|\n$/g, ""), inLine);
  return markedPieces(text, block, { words: outside, code: leaves.code });
}

/** Lines that begin with ">" stand together as one quotation. */
function quotedPieces(text: string, inLine: (line: string) => readonly Piece[]): readonly Piece[] {
  const groups: { readonly quote: boolean; readonly lines: string[] }[] = [];
  for (const line of text.split("\n")) {
    const quote = /^(?:>|&gt;) ?/.exec(line);
    const last = groups.at(-1);
    const own = line.slice(quote?.[0].length ?? 0);
    if (last?.quote === (quote !== null)) last.lines.push(own);
    else groups.push({ quote: quote !== null, lines: [own] });
  }
  return groups.flatMap(({ quote, lines }) => {
    const inside = lines.flatMap((line, index) => [
      ...(index === 0 ? [] : [{ kind: "text", text: "\n" } as const]),
      ...inLine(line),
    ]);
    return quote ? [{ kind: "quote", inside } as const] : inside;
  });
}

function textPiece(text: string): readonly Piece[] {
  return text === "" ? [] : [{ kind: "text", text }];
}

/** Words between tokens: Slack finds bare addresses and @here in them by itself. */
function wordPieces(source: string, { autoLink }: Manners): readonly Piece[] {
  const text = unescaped(source);
  if (!autoLink) return textPiece(visible(text));
  return text.split(/(\bhttps?:\/\/\S+|(?<![\w@])@(?:channel|here|everyone)\b)/).flatMap((part, index) => {
    const shown = visible(part);
    if (index % 2 === 0) return textPiece(shown);
    return [
      part.startsWith("@") ? { kind: "mention", text: shown } : { kind: "link", text: shown, address: part },
    ];
  });
}

function markdownLink(source: string): readonly Piece[] {
  const [, text = "", address = ""] = /^\[(.+)\]\((.+)\)$/.exec(source) ?? [];
  return [{ kind: "link", text, address }];
}

function tokenPiece(token: Token, { reader }: Manners): Piece {
  switch (token.kind) {
    case "everyone":
    case "group":
      return { kind: "mention", text: `@${token.name.replace(/^@/, "")}` };
    case "person":
      return { kind: "mention", text: `@${reader.nameOf(token.id)}` };
    case "channel":
      return { kind: "mention", text: `#${token.name ?? reader.nameOf(token.id)}` };
    case "date":
      return momentPiece(token, { reader });
    case "link":
      return { kind: "link", text: token.name ?? token.address, address: token.address };
    case "literal":
      return { kind: "text", text: token.text };
  }
}

/** A date as Slack writes it in the reader's zone; what it cannot read stands as its fallback. */
export function momentPiece(
  date: { readonly target: string; readonly fallback: string | undefined },
  manner: Pick<Manner, "reader">,
): Piece {
  const text = visible(readDate(date, manner));
  const at = new Date(Number(date.target.split("^")[1]) * 1_000);
  return Number.isNaN(at.getTime()) ? { kind: "text", text } : { kind: "moment", text, at };
}
