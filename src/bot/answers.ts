import type { Answer, Block, Button, Card, Fact, Field, Option, Text, Tone } from "../chat.ts";
import type { FormContent, Problems } from "./command.ts";

/** A private answer of plain lines. */
export function say(headline: string, ...lines: readonly Text[]): Answer {
  return { kind: "card", card: { headline, blocks: lines.map(text) } };
}

export function show(card: Card): Answer {
  return { kind: "card", card };
}

export function text(value: Text): Block {
  return { kind: "text", text: value };
}
export function quote(value: Text): Block {
  return { kind: "quote", text: value };
}
export function note(value: Text): Block {
  return { kind: "note", text: value };
}
export function facts(...rows: readonly (readonly [label: string, value: Text | undefined])[]): Block {
  const given = rows.flatMap(([label, value]): Fact[] =>
    value === undefined || value === "" ? [] : [{ label, value }],
  );
  return { kind: "facts", facts: given };
}

/** A moment in the reader's zone and Zulu. */
export function at(moment: Date): { readonly at: Date } {
  return { at: moment };
}

export function button(
  [action, subject]: readonly [string, string],
  label: string,
  extra: Pick<Button, "tone" | "confirm"> = {},
): Button {
  return { action, subject, label, ...extra };
}

/** A card in few words; undefined blocks are left out. */
export function card(
  headline: string,
  blocks: readonly (Block | undefined)[],
  { buttons, tone }: { readonly buttons?: readonly Button[]; readonly tone?: Tone } = {},
): Card {
  return {
    headline,
    blocks: blocks.filter((block) => block !== undefined),
    ...(buttons !== undefined && { buttons }),
    ...(tone !== undefined && { tone }),
  };
}

// ------------------------------------------------------------------------------------------------ form fields

type FieldExtra = { readonly hint?: string; readonly required?: boolean };

/** Several lines. Default 3,000 characters, the most both platforms take. */
export function longText(
  id: string,
  label: string,
  extra: FieldExtra & { readonly maxLength?: number; readonly value?: string } = {},
): Field {
  return { kind: "text", id, label, long: true, required: false, maxLength: 3000, ...extra };
}
/** One line. */
export function lineText(
  id: string,
  label: string,
  extra: FieldExtra & { readonly maxLength?: number; readonly value?: string } = {},
): Field {
  return { kind: "text", id, label, required: false, maxLength: 200, ...extra };
}
/** A choice from a table of value → words. */
export function choice(
  [id, label]: readonly [id: string, label: string],
  options: Readonly<Record<string, string>>,
  extra: FieldExtra & { readonly many?: boolean; readonly value?: readonly string[] } = {},
): Field {
  return { kind: "choice", id, label, options: optionsOf(options), required: false, ...extra };
}

function optionsOf(words: Readonly<Record<string, string>>): readonly Option[] {
  return Object.entries(words).map(([value, label]) => ({ value, label }));
}

export function form(title: string, submit: string, fields: readonly Field[]): FormContent {
  return { title, submit, fields };
}

/** Sentences at fields; the form stays open with everything in it. */
export function problems(sentences: Readonly<Record<string, string>>): Problems {
  return { kind: "field-problems", problems: sentences };
}
