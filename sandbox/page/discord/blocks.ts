/** Consecutive lines of one kind, without the marks at their beginning. */
export interface Block {
  readonly kind: BlockKind;
  readonly lines: readonly string[];
}
type BlockKind = "text" | "quote" | "subtext" | "item" | "heading-1" | "heading-2" | "heading-3";

const beginnings: readonly (readonly [string, BlockKind])[] = [
  ["> ", "quote"],
  ["-# ", "subtext"],
  ["# ", "heading-1"],
  ["## ", "heading-2"],
  ["### ", "heading-3"],
  ["- ", "item"],
  ["* ", "item"],
];

/** Parts a text at its lines as Discord does. `quoted`: it is inside a quote, and there are none in quotes. */
export function blocksOf(text: string, quoted = false): readonly Block[] {
  // Everything from here on is quoted.
  const rest = quoted ? -1 : text.search(/^>>> /m);
  if (rest === -1) return grouped(text.split("\n"), quoted);
  const before = rest === 0 ? [] : grouped(text.slice(0, rest - 1).split("\n"), quoted);
  return [...before, { kind: "quote", lines: text.slice(rest + ">>> ".length).split("\n") }];
}

function grouped(lines: readonly string[], quoted: boolean): readonly Block[] {
  const blocks: { readonly kind: BlockKind; readonly lines: string[] }[] = [];
  for (const line of lines) {
    const { kind, words } = lineOf(line, quoted);
    const last = blocks.at(-1);
    if (last?.kind === kind) last.lines.push(words);
    else blocks.push({ kind, lines: [words] });
  }
  return blocks;
}

function lineOf(line: string, quoted: boolean): { readonly kind: BlockKind; readonly words: string } {
  const [mark, kind] = beginnings.find(([start]) => line.startsWith(start)) ?? ["", "text"];
  return quoted && kind === "quote"
    ? { kind: "text", words: line }
    : { kind, words: line.slice(mark.length) };
}
