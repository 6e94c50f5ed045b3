import { all, find, paneAround } from "./dom.ts";
import { standingOf } from "./standing.ts";

// Lines that were begun and not sent wait where they were begun.

const MOST_ROWS = 8;
/** By where a composer writes to. */
const drafts = new Map<string, string>();

/** Where a composer writes to: the channel or the thread, and as whom. */
export function targetOf(composer: HTMLElement): string {
  const { platform } = paneAround(composer);
  const { workspace, user, channel } = standingOf(platform);
  return [platform, workspace, user, channel, composer.dataset["under"] ?? ""].join(" ");
}

/** Puts a text on the line. */
export function write(line: HTMLTextAreaElement, text: string): void {
  line.value = text;
  fit(line);
}

/** Makes the line as high as its text, within bounds. */
export function fit(line: HTMLTextAreaElement): void {
  line.rows = Math.min(MOST_ROWS, line.value.split("\n", MOST_ROWS).length);
}

/** Remembers what stands on the lines of a part of the page that is about to go. */
export function keepDrafts(part: HTMLElement): void {
  for (const [composer, line] of linesIn(part)) drafts.set(targetOf(composer), line.value);
}

/** Puts what was begun back on the lines of a part of the page that has just come. */
export function putDraftsBack(part: HTMLElement): void {
  for (const [composer, line] of linesIn(part)) {
    const draft = drafts.get(targetOf(composer));
    if (draft !== undefined) write(line, draft);
  }
}

/** Gives a text back to where it was typed, on screen or for later; not over what has been begun there since. */
export function giveBack(target: string, text: string): void {
  const [, line] = linesIn(document).find(([composer]) => targetOf(composer) === target) ?? [];
  if (line === undefined) drafts.set(target, drafts.get(target) || text);
  else if (line.value === "") write(line, text);
}

function linesIn(part: ParentNode): readonly (readonly [HTMLElement, HTMLTextAreaElement])[] {
  return all("[data-composer]", part).flatMap((composer) => {
    const line = find("[data-line]", HTMLTextAreaElement, composer);
    return line === undefined ? [] : [[composer, line] as const];
  });
}
