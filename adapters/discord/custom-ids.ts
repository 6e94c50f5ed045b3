import { OPEN_FORM } from "../../src/chat.ts";

/**
 * Discord keeps one string of at most 100 characters with each button and each modal: `action|subject` or
 * `form|state`. In direct messages an event names no guild, so there the guild comes third: `action|subject|guild`.
 * A question mark in front: a press on this one asks, and the answer's button carries the same id without it.
 */
export interface CustomId {
  readonly first: string;
  readonly second: string;
  readonly workspace?: string;
  readonly asks?: boolean;
}

const question = "?";
// "form.open" with the longest form name and state would not fit.
const openForm = ">";

/** Throws for ids the port does not allow: they would come back cut or not at all. */
export function customId({ first, second, workspace, asks = false }: CustomId): string {
  const parts = [(asks ? question : "") + (first === OPEN_FORM ? openForm : first), second];
  if (workspace !== undefined) parts.push(BigInt(workspace).toString(36));
  const id = parts.join("|");
  if (id.length > 100) throw new RangeError(`Longer than Discord's 100 characters: ${id}`);
  return id;
}

/** `inGuild` says whether the guild is known from elsewhere, and so is not part of the id. */
export function readCustomId(id: string, inGuild: boolean): CustomId | undefined {
  const first = id.indexOf("|");
  const last = inGuild ? id.length : id.lastIndexOf("|");
  if (first < 1 || last <= first) return undefined;
  const asks = id.startsWith(question);
  const name = id.slice(asks ? question.length : 0, first);
  const workspace = inGuild ? undefined : fromBase36(id.slice(last + 1));
  return {
    first: name === openForm ? OPEN_FORM : name,
    second: id.slice(first + 1, last),
    ...(workspace !== undefined && { workspace }),
    ...(asks && { asks }),
  };
}

function fromBase36(digits: string): string {
  return Array.from(digits)
    .reduce((sum, digit) => sum * 36n + BigInt(Number.parseInt(digit, 36)), 0n)
    .toString();
}
