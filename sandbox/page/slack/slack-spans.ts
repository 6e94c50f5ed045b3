import { wordEdge } from "../../slack/mrkdwn.ts";
import type { Marked, Piece } from "./slack-pieces.ts";

// Finds marked words, as in *bold*. Time grows with the length of the text, whatever is in it: people paste anything.

/** One way to mark words. */
export interface Marker {
  readonly kind: Marked;
  readonly mark: string;
  /** Where it may begin, and where it may end. */
  readonly begins: RegExp;
  readonly ends: RegExp;
}
/** What becomes of text in which no marker counts. */
export interface Leaves {
  readonly words: (text: string) => readonly Piece[];
  /** In code, where nothing else is looked for. */
  readonly code: (text: string) => readonly Piece[];
}

interface Span {
  readonly marker: Marker;
  readonly start: number;
  readonly end: number;
}

export function markerOf(mark: string, kind: Marked): Marker {
  const escaped = mark.replaceAll("*", String.raw`\*`);
  const { before, after } = wordEdge;
  // A block of code may begin and end with an empty line; marked words touch their markers.
  const inner = kind === "pre" ? "" : wordEdge.inner;
  return {
    kind,
    mark,
    begins: new RegExp(`(?<=^|${before})${escaped}(?=${inner})`, "gm"),
    ends: new RegExp(`(?<=${inner})${escaped}(?=$|${after})`, "gm"),
  };
}

/** The text as pieces. Where two markers could begin at once, the earlier one in the list does. */
export function markedPieces(text: string, markers: readonly Marker[], leaves: Leaves): readonly Piece[] {
  const pieces: (readonly Piece[])[] = [];
  let done = 0;
  for (const { marker, start, end } of spansOf(text, markers)) {
    if (start < done) continue;
    const { kind, mark } = marker;
    const inner = text.slice(start + mark.length, end - mark.length);
    const others = markers.filter((other) => other !== marker);
    const inside =
      kind === "code" || kind === "pre" ? leaves.code(inner) : markedPieces(inner, others, leaves);
    if (start > done) pieces.push(leaves.words(text.slice(done, start)));
    pieces.push([{ kind, inside }]);
    done = end;
  }
  if (done < text.length) pieces.push(leaves.words(text.slice(done)));
  return pieces.flat();
}

function spansOf(text: string, markers: readonly Marker[]): readonly Span[] {
  // The sort is stable, so that the order of the markers decides.
  return markers
    .flatMap((marker) => spansOfOne(text, marker))
    .toSorted((one, other) => one.start - other.start);
}

/** Each place where the marker may begin, with the first place after it where it may end. */
function spansOfOne(text: string, marker: Marker): readonly Span[] {
  const { length } = marker.mark;
  // Most texts hold no marker, and a search for words costs more than one for characters.
  if (!text.includes(marker.mark)) return [];
  const ends = [...text.matchAll(marker.ends)].map(({ index }) => index);
  const spans: Span[] = [];
  let next = 0;
  for (const { index: start } of text.matchAll(marker.begins)) {
    while (next < ends.length && (ends[next] ?? 0) <= start + length) next += 1;
    const end = ends[next];
    if (end === undefined) break;
    spans.push({ marker, start, end: end + length });
  }
  return spans;
}
