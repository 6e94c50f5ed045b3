import { html } from "hono/html";

import { momentIn, tokens } from "../../discord/markdown.ts";
import type { Html } from "../client.ts";
import { labelled } from "../drawing.ts";
import { type Block, blocksOf } from "./blocks.ts";
import { type Mark, type Styled, styled } from "./styled.ts";

/** Who reads a text, and what stands behind its ids. */
export interface TextReader {
  /** IANA zone. */
  readonly timeZone: string;
  /** People and channels by id. */
  readonly names: Readonly<Record<string, string>>;
  /** "@everyone" notifies. */
  readonly everyone: boolean;
}

type Piece = string | Html;
type Found = Readonly<Record<string, string | undefined>>;

// Addresses become links without being asked; inside <> as well.
const address = /<(?<bare>https?:\/\/[^\s>]+)>|(?<address>https?:\/\/[^\s<]*[^\s<.,:;"')\]*_~|])/;
const everyToken = new RegExp(`${tokens.source}|${address.source}`, "g");

// What a token stands for is set aside while the text is parted; a number between two letters of nobody's keeps its place.
const letters = /[\u{E000}\u{E001}\u{E002}]/gu;
const [open, close, closeBlock] = ["\u{E000}", "\u{E001}", "\u{E002}"];
const place = /\u{E000}(\d+)[\u{E001}\u{E002}]/u;

/** Discord's markdown as HTML for one reader; nothing in it is followed, loaded or run. */
export function discordText(source: string, reader: TextReader): Html {
  const aside: Piece[] = [];
  const marked = source.replaceAll(letters, "").replaceAll(everyToken, (...match) => {
    const found = match.at(-1) as Found;
    const index = aside.push(meaning(String(match[0]), found, reader)) - 1;
    return `${open}${index}${found["fence"] === undefined ? close : closeBlock}`;
  });
  return html`${blocksOf(marked).map((block) => drawBlock(block, aside))}`;
}

function drawBlock({ kind, lines }: Block, aside: readonly Piece[]): Html {
  switch (kind) {
    case "quote": {
      const blocks = blocksOf(lines.join("\n"), true);
      return html`<blockquote>${blocks.map((block) => drawBlock(block, aside))}</blockquote>`;
    }
    case "item":
      return html`<ul>
        ${lines.map((line) => html`<li>${inline(line, aside)}</li>`)}
      </ul>`;
    case "text":
    case "subtext":
    case "heading-1":
    case "heading-2":
    case "heading-3": {
      // A fence ends its line by itself.
      const words = lines.join("\n").replaceAll(`${closeBlock}\n`, closeBlock);
      return html`<div class="${kind}">${inline(words, aside)}</div>`;
    }
  }
}

function inline(words: string, aside: readonly Piece[]): readonly Piece[] {
  return styled(words).flatMap((one) => drawStyled(one, aside));
}

function drawStyled(one: Styled, aside: readonly Piece[]): readonly Piece[] {
  if (typeof one === "string")
    return one
      .split(place)
      .flatMap((part, index) => (index % 2 === 0 ? labelled(part) : (aside[Number(part)] ?? "")));
  return [wraps[one.mark](one.inside.flatMap((inner) => drawStyled(inner, aside)))];
}

const slanted = (inside: readonly Piece[]): Html => html`<em>${inside}</em>`;
const wraps: Readonly<Record<Mark, (inside: readonly Piece[]) => Html>> = {
  "**": (inside) => html`<strong>${inside}</strong>`,
  "*": slanted,
  _: slanted,
  __: (inside) => html`<u>${inside}</u>`,
  "~~": (inside) => html`<s>${inside}</s>`,
  "||": (inside) => html`<span class="spoiler">${inside}</span>`,
};

function meaning(whole: string, found: Found, reader: TextReader): Piece {
  const { fence, code, escaped, at, style, label, link } = found;
  if (fence !== undefined) return html`<pre><code>${fence.replace(/\n$/, "")}</code></pre>`;
  if (code !== undefined) return html`<code>${code}</code>`;
  if (escaped !== undefined) return escaped;
  if (at !== undefined) return moment({ whole, at, style }, reader.timeZone);
  if (label !== undefined && link !== undefined) return drawnLink(label, link);
  const bare = found["bare"] ?? found["address"];
  return bare === undefined ? mention(whole, found, reader) : drawnLink(bare, bare);
}

function moment(
  { whole, at, style }: { readonly whole: string; readonly at: string; readonly style: string | undefined },
  timeZone: string,
): Piece {
  const found = momentIn(timeZone, at, style);
  return found === undefined
    ? whole
    : html`<time class="moment" datetime="${found.at.toISOString()}">${found.words}</time>`;
}

/** Nothing leads away from the sandbox: where it would go is to be read, not followed. */
export function drawnLink(label: string, target: string): Html {
  return html`<span class="link" title="${target}">${label}</span>`;
}

function mention(whole: string, { ping, user, role, channel }: Found, reader: TextReader): Piece {
  const name = reader.names[user ?? channel ?? ""];
  if (user !== undefined) return pill(`@${name ?? "unknown-user"}`);
  if (channel !== undefined) return pill(`#${name ?? "No Access"}`);
  if (role !== undefined) return pill("@role");
  if (ping === undefined) return whole;
  const words = ping.replace("\\", "");
  return reader.everyone ? pill(words) : words;
}

function pill(words: string): Html {
  return html`<bdi class="mention">${words}</bdi>`;
}
