import {
  ButtonStyle,
  ComponentType,
  type APIActionRowComponent,
  type APIButtonComponentWithCustomId,
  type APIEmbed,
} from "discord.js";

import type { Block, Button, Card, Inline, Text, Tone } from "../../src/chat.ts";
import { customId } from "./custom-ids.ts";
import { escaped, pieces, plain } from "./neutral-text.ts";

/** A card as the body of a message: complete, so that an edit leaves nothing of the card before it. */
export interface MessageBody {
  readonly content: string;
  readonly embeds: APIEmbed[];
  readonly components: APIActionRowComponent<APIButtonComponentWithCustomId>[];
  readonly allowed_mentions: { readonly parse: [] };
}

/** TLP 2.0's colours. */
const colours: Readonly<Record<Tone, number | undefined>> = {
  plain: undefined,
  clear: 0xffffff,
  green: 0x33ff00,
  amber: 0xffc000,
  red: 0xff2b2b,
  ended: 0x808080,
};

/** `workspace` is given for direct messages only: see `CustomId`. */
export function renderCard(card: Card, workspace?: string): MessageBody {
  const color = colours[card.tone ?? "plain"];
  return {
    content: escaped(card.headline).replaceAll("\n", " "),
    embeds: descriptions(card.blocks).map((description) => ({
      description,
      ...(color !== undefined && { color }),
    })),
    components: buttonRows(card.buttons ?? [], workspace),
    // The second line of defence: even a mention that escaped escaping notifies nobody.
    allowed_mentions: { parse: [] },
  };
}

/** One line of a description; `prefix` is said again where the line goes on in the next embed. */
interface Line {
  readonly prefix: string;
  readonly pieces: readonly string[];
}

// One description holds 4,096 characters, all embeds of a message together 6,000.
const pageLengths = [4_096, 6_000 - 4_096] as const;
const shortened =
  "\n**Shortened: Discord shows no more.** To read the rest, run /allpoints show with the reference in line 1, or call the owner.";

// Everything goes into descriptions, in the order of the blocks: fields and footers are shown after the text, and a
// caution must not slip below a caveat. Footers would show moments as raw codes, too.
function descriptions(blocks: readonly Block[]): readonly string[] {
  const lines = blocks.flatMap(blockLines);
  const whole = fill(lines, pageLengths);
  if (whole.complete) return whole.pages;
  const [first, second] = pageLengths;
  const { pages } = fill(lines, [first, second - shortened.length]);
  return pages.map((page, index) => (index === pages.length - 1 ? page + shortened : page));
}

function fill(lines: readonly Line[], lengths: readonly number[]) {
  const pages: string[] = [];
  let page = "";
  for (const { prefix, pieces: rest } of lines) {
    const start = page === "" ? prefix : `\n${prefix}`;
    for (const piece of [start, ...rest]) {
      if (page.length + piece.length <= (lengths[pages.length] ?? 0)) {
        page += piece;
        continue;
      }
      pages.push(page);
      if (pages.length === lengths.length) return { pages, complete: false };
      page = piece === start ? prefix : prefix + piece;
    }
  }
  if (page.trim() !== "") pages.push(page);
  return { pages, complete: true };
}

function blockLines(block: Block): readonly Line[] {
  switch (block.kind) {
    case "divider":
      return [{ prefix: "", pieces: ["———"] }];
    case "facts":
      return block.facts.flatMap(({ label, value }) =>
        linesOf("", [...inlinePieces({ bold: `${label}:` }), " ", ...textPieces(value)]),
      );
    case "text":
    case "quote":
    case "note":
      return linesOf(prefixes[block.kind], textPieces(block.text));
  }
}
const prefixes = { text: "", quote: "> ", note: "-# " } as const;

function linesOf(prefix: string, all: readonly string[]): readonly Line[] {
  const lines: string[][] = [[]];
  for (const piece of all) {
    if (piece === "\n") lines.push([]);
    else lines.at(-1)?.push(piece);
  }
  return lines.map((line) => ({ prefix, pieces: line }));
}

function textPieces(text: Text): readonly string[] {
  return typeof text === "string" ? pieces(escaped(text)) : text.flatMap(inlinePieces);
}

function inlinePieces(inline: Inline): readonly string[] {
  if (typeof inline === "string") return pieces(escaped(inline));
  if ("at" in inline) return [moment(inline.at)];
  const inner = escaped(inline.bold);
  // Bold words stay one piece, so that their marks cannot be parted; beyond a sentence they go without.
  return inner === "" || inner.length > 500 || inner.includes("\n") ? pieces(inner) : [`**${inner}**`];
}

/** The reader's own time, and Zulu for the radio. */
function moment(at: Date): string {
  return `<t:${String(Math.floor(at.getTime() / 1_000))}:f> (${at.toISOString().slice(11, 16)}Z)`;
}

const styles = {
  primary: ButtonStyle.Primary,
  danger: ButtonStyle.Danger,
  plain: ButtonStyle.Secondary,
} as const;

// Discord cannot ask by itself, so a press on a button with `confirm` is answered by a question: see confirmation.ts.
function buttonRows(buttons: readonly Button[], workspace: string | undefined) {
  const components = buttons.map(
    ({ action, subject, label, tone, confirm }): APIButtonComponentWithCustomId => ({
      type: ComponentType.Button,
      style: styles[tone ?? "plain"],
      label: plain(label),
      custom_id: customId({
        first: action,
        second: subject,
        asks: confirm !== undefined,
        ...(workspace !== undefined && { workspace }),
      }),
    }),
  );
  return Array.from({ length: Math.ceil(components.length / 5) }, (_, row) => ({
    type: ComponentType.ActionRow as const,
    components: components.slice(row * 5, row * 5 + 5),
  }));
}
