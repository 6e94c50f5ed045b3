/** Words, and what stands between two marks: `**bold**`, `*slanted*`, `_slanted_`, `__under__`, `~~struck~~`, `||hidden||`. */
export type Styled = string | { readonly mark: Mark; readonly inside: readonly Styled[] };
export type Mark = "**" | "*" | "_" | "__" | "~~" | "||";

/** A mark that was opened, with what came since; the lowest one is the text itself. */
interface Frame {
  readonly mark: Mark | "";
  readonly inside: Styled[];
}
/** The letters at both sides of a mark: they decide whether it may open or close. */
interface Sides {
  readonly before: string;
  readonly after: string;
}

const marks = /\*{1,3}|__?|~~|\|\|/g;

/**
 * Parts a text at Discord's marks; marks without a partner stay words. One pass with each mark open at most once, so
 * that neither the length nor the nesting of a hostile text costs more than its letters.
 */
export function styled(text: string): readonly Styled[] {
  const frames: Frame[] = [{ mark: "", inside: [] }];
  let end = 0;
  for (const { 0: run, index } of text.matchAll(marks)) {
    write(frames, text.slice(end, index));
    end = index + run.length;
    const sides = { before: text.charAt(index - 1), after: text.charAt(end) };
    for (const mark of marksIn(run, frames)) meet(frames, mark, sides);
  }
  write(frames, text.slice(end));
  while (frames.length > 1) giveUp(frames);
  return frames[0]?.inside ?? [];
}

/** Three stars are two marks; which is first depends on which was opened last. */
function marksIn(run: string, frames: readonly Frame[]): readonly Mark[] {
  if (run !== "***") return [run as Mark];
  const last = frames.findLast(({ mark }) => mark === "*" || mark === "**");
  return last?.mark === "*" ? ["*", "**"] : ["**", "*"];
}

function meet(frames: Frame[], mark: Mark, sides: Sides): void {
  const at = frames.findIndex((frame) => frame.mark === mark);
  if (at === -1 && opens(mark, sides)) frames.push({ mark, inside: [] });
  else if (at > 0 && closes(mark, sides) && !isEmpty(frames, at)) close(frames, at);
  else write(frames, mark);
}

function opens(mark: Mark, { before, after }: Sides): boolean {
  return /\S/.test(after) && !(mark === "_" && /\w/.test(before));
}
function closes(mark: Mark, { before, after }: Sides): boolean {
  return /\S/.test(before) && !(mark === "_" && /\w/.test(after));
}
function isEmpty(frames: readonly Frame[], at: number): boolean {
  return at === frames.length - 1 && frames[at]?.inside.length === 0;
}

function close(frames: Frame[], at: number): void {
  while (frames.length > at + 1) giveUp(frames);
  const { mark = "", inside = [] } = frames.pop() ?? {};
  if (mark !== "") frames.at(-1)?.inside.push({ mark, inside });
}

/** The last opened mark was no mark. */
function giveUp(frames: Frame[]): void {
  const { mark = "", inside = [] } = frames.pop() ?? {};
  const below = frames.at(-1)?.inside;
  below?.push(mark);
  for (const one of inside) below?.push(one);
}

function write(frames: readonly Frame[], words: string): void {
  if (words !== "") frames.at(-1)?.inside.push(words);
}
