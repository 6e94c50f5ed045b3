import { html } from "hono/html";

import type { Html } from "../client.ts";
import { labelled } from "../drawing.ts";

// Formatted text as a small tree, whatever it was written in: mrkdwn, Slack's rich text or Markdown.

export type Piece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: Marked; readonly inside: readonly Piece[] }
  /** A person, a group, a channel, or everybody. */
  | { readonly kind: "mention"; readonly text: string }
  /** Drawn as text: nothing on this page leads off the machine. */
  | { readonly kind: "link"; readonly text: string; readonly address: string }
  | { readonly kind: "moment"; readonly text: string; readonly at: Date };
export type Marked = "bold" | "italic" | "strike" | "code" | "pre" | "quote";

/** The pieces as HTML; every text in it is escaped. */
export function drawPieces(pieces: readonly Piece[]): Html {
  return html`${pieces.map(draw)}`;
}

function draw(piece: Piece): Html {
  switch (piece.kind) {
    case "text":
      return labelled(piece.text);
    case "bold":
      return html`<b>${piece.inside.map(draw)}</b>`;
    case "italic":
      return html`<i>${piece.inside.map(draw)}</i>`;
    case "strike":
      return html`<s>${piece.inside.map(draw)}</s>`;
    case "code":
      return html`<code>${piece.inside.map(draw)}</code>`;
    case "pre":
      return html`<pre>${piece.inside.map(draw)}</pre>`;
    case "quote":
      return html`<blockquote>${piece.inside.map(draw)}</blockquote>`;
    case "mention":
      return html`<span class="mention">${piece.text}</span>`;
    case "link":
      return html`<span class="link" title="${piece.address}">${piece.text}</span>`;
    case "moment":
      return html`<time datetime="${piece.at.toISOString()}">${piece.text}</time>`;
  }
}
