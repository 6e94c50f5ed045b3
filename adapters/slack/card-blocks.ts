import type { types } from "@slack/bolt";

import type { Block, Button, Card, Fact, Tone } from "../../src/chat.ts";
import { neutral } from "./neutral-text.ts";
import {
  label,
  mrkdwnLine,
  mrkdwnObject,
  plain,
  textObjects,
  wordsOf,
  escaped,
  type TextObject,
} from "./text-objects.ts";

/** How much of a card one surface takes. */
export interface Room {
  readonly blocks: number;
  /** Of the blocks as JSON. Slack refuses messages of about 13,200 with msg_blocks_too_long and documents no number. */
  readonly characters: number;
}
export const messageRoom: Room = { blocks: 50, characters: 12_000 };
/** Private answers are spared that limit, but 40,000 characters are more than a screen can use. */
export const answerRoom: Room = { blocks: 50, characters: 40_000 };
const viewRoom: Room = { blocks: 100, characters: 80_000 };

export interface MessageContent {
  readonly text: string;
  readonly blocks: types.KnownBlock[];
  readonly attachments: types.MessageAttachment[];
}

/** TLP 2.0's own colours, and a grey for what is over. */
const colours: Readonly<Record<Exclude<Tone, "plain">, string>> = {
  clear: "#FFFFFF",
  green: "#33FF00",
  amber: "#FFC000",
  red: "#FF2B2B",
  ended: "#9E9E9E",
};

const SHORTENED =
  "This card was shortened: it does not fit here. Read all of it with /allpoints show and the reference in line 1.";

interface Parts {
  readonly head: types.KnownBlock[];
  readonly body: types.KnownBlock[];
  /** Labels and buttons: what must never fall off the end. */
  readonly foot: types.KnownBlock[];
}

/** A card as a message: a private answer, or a post in a channel. */
export function cardMessage(card: Card, room: Room): MessageContent {
  const text = escaped(neutral(card.headline)) || "Allpoints";
  const { head, body, foot } = partsOf(card, room);
  const tone = card.tone ?? "plain";
  if (tone === "plain") return { text, blocks: [...head, ...body, ...foot], attachments: [] };
  // Slack folds long attachments behind "Show more", so only the labels and buttons stand beside the coloured bar.
  const beside = foot.length > 0 ? foot : body.splice(-1);
  const attachment = { color: colours[tone], fallback: text, blocks: beside };
  return { text, blocks: [...head, ...body], attachments: beside.length > 0 ? [attachment] : [] };
}

/** A card inside a modal. */
export function cardView(card: Card): types.ModalView {
  const { head, body, foot } = partsOf(card, viewRoom);
  return {
    type: "modal",
    callback_id: "card",
    title: plain("Allpoints"),
    close: plain("Close"),
    blocks: [...head, ...body, ...foot],
  };
}

function partsOf(card: Card, room: Room): Parts {
  const head = headline(card.headline);
  const end = lastLabels(card.blocks);
  const foot = [...card.blocks.slice(end).flatMap(blocksOf), ...actions(card.buttons ?? [])];
  const body = card.blocks.slice(0, end).flatMap(blocksOf);
  return { head, body: fitted(body, spare(room, [...head, ...foot])), foot };
}

/** Where the small print at the end begins; one that is itself too long is ordinary text. */
function lastLabels(blocks: readonly Block[]): number {
  const last = blocks.findLastIndex(({ kind }) => kind !== "note") + 1;
  return JSON.stringify(blocks.slice(last)).length > 2_000 ? blocks.length : last;
}

const spare = (room: Room, taken: readonly types.KnownBlock[]): Room => ({
  blocks: room.blocks - taken.length,
  characters: room.characters - JSON.stringify(taken).length,
});

function fitted(body: types.KnownBlock[], room: Room): types.KnownBlock[] {
  const notice = section(plain(SHORTENED));
  const fits = (count: number, extra: readonly types.KnownBlock[]): boolean =>
    count + extra.length <= room.blocks &&
    JSON.stringify([...body.slice(0, count), ...extra]).length <= room.characters;
  if (fits(body.length, [])) return body;
  let count = Math.min(body.length, room.blocks - 1);
  while (count > 0 && !fits(count, [notice])) count -= 1;
  return [...body.slice(0, count), notice];
}

function headline(text: string): types.KnownBlock[] {
  const line = neutral(text).replaceAll("\n", " ").trim() || "Allpoints";
  if (escaped(line).length <= 150) return [{ type: "header", text: plain(line) }];
  return textObjects([{ bold: line }], { limit: 3_000 }).map(section);
}

// Expanded: otherwise Slack may fold a long section, and what is folded at night is not read.
const section = (text: TextObject): types.SectionBlock => ({ type: "section", text, expand: true });

function blocksOf(block: Block): types.KnownBlock[] {
  switch (block.kind) {
    case "text":
      return textObjects(block.text, { limit: 3_000 }).map(section);
    case "quote":
      return textObjects(block.text, { limit: 3_000, quote: true }).map(section);
    case "note":
      return inGroups(textObjects(block.text, { limit: 2_000 }), 10).map((elements) => ({
        type: "context",
        elements,
      }));
    case "facts":
      return factBlocks(block.facts);
    case "divider":
      break;
  }
  return [{ type: "divider" }];
}

function factBlocks(facts: readonly Fact[]): types.KnownBlock[] {
  const blocks: types.KnownBlock[] = [];
  let fields: TextObject[] = [];
  const flush = (): void => {
    if (fields.length > 0) blocks.push({ type: "section", fields, expand: true });
    fields = [];
  };
  for (const fact of facts) {
    const field = factField(fact);
    if (field === undefined) {
      flush();
      blocks.push(...textObjects([{ bold: fact.label }], { limit: 3_000 }).map(section));
      blocks.push(...textObjects(fact.value, { limit: 3_000 }).map(section));
      continue;
    }
    fields.push(field);
    if (fields.length === 10) flush();
  }
  flush();
  return blocks;
}

/** Label above value; undefined where it is too long for a field. */
function factField(fact: Fact): TextObject | undefined {
  const value = wordsOf(fact.value).trim() === "" ? "–" : fact.value;
  const [name, shown] = [mrkdwnLine([{ bold: fact.label }]), mrkdwnLine(value)];
  const field =
    name === undefined || shown === undefined
      ? plain(`${wordsOf(fact.label)}\n${wordsOf(value)}`)
      : mrkdwnObject(`${name}\n${shown}`);
  return field.text.length <= 2_000 ? field : undefined;
}

function actions(buttons: readonly Button[]): types.KnownBlock[] {
  return inGroups(buttons, 5).map((group) => ({
    type: "actions",
    elements: group.map((button, index) => buttonElement(button, repeatOf(group, index))),
  }));
}

// Slack wants each action id once in a block; the number is taken off again when the press comes back.
const repeatOf = (group: readonly Button[], index: number): string => {
  const before = group.slice(0, index).filter(({ action }) => action === group[index]?.action).length;
  return before === 0 ? "" : `#${before + 1}`;
};

/** The action a press was for: the id without the number that made it unique. */
export const actionOf = (actionId: string): string => actionId.replace(/#\d+$/, "");

function buttonElement(button: Button, repeat: string): types.Button {
  return {
    type: "button",
    action_id: `${button.action}${repeat}`,
    value: button.subject,
    text: label(button.label, 75),
    ...(button.tone !== undefined && { style: button.tone }),
    ...(button.confirm !== undefined && { confirm: confirmation(button, button.confirm) }),
  };
}

function confirmation(button: Button, question: string): types.ConfirmationDialog {
  return {
    title: plain("Are you sure?"),
    text: label(question, 300),
    confirm: label(button.label, 30),
    deny: plain("Not now"),
    ...(button.tone !== undefined && { style: button.tone }),
  };
}

function inGroups<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
