import { html } from "hono/html";

import type { Html } from "./client.ts";

// What both clients draw alike, each in its own colours.

const TINTS = 8;

/** One of eight, and always the same for an id: avatars differ without anybody's picture. */
export function tintOf(id: string): number {
  return [...id].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 997, 7) % TINTS;
}

/** "Metro Fusion Center" → "MF"; one word gives one letter. */
export function initialsOf(name: string): string {
  return name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => [...word][0] ?? "")
    .join("")
    .toUpperCase();
}

const UNSEEN = /[\u{200B}\u{2060}]/gu;
/** TLP 2.0's labels (FIRST, TLP 2.0, 2022), the longest first. */
const LABEL = /\b(TLP:(?:AMBER\+STRICT|AMBER|RED|GREEN|CLEAR))(?![\w+])/;

/** Words with their TLP labels set apart, in the colours of TLP 2.0; they still read the same. */
export function labelled(words: string): Html {
  // What nobody sees stops no label: adapters put it between characters to stop markup.
  const parts = words.replace(UNSEEN, "").split(LABEL);
  return html`${parts.map((part, index) =>
    index % 2 === 0 ? part : html`<span class="tlp ${tlpClass(part)}">${part}</span>`,
  )}`;
}

/** "TLP:AMBER+STRICT" is amber, too. */
function tlpClass(label: string): string {
  return `tlp-${label.slice("TLP:".length).replace(/\+.*/, "").toLowerCase()}`;
}
