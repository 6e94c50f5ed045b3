import { grown } from "./growing.ts";
import { likelyOf } from "./scale.ts";

// Which parts of names are alike to which asked ones, for the length of one question: one look into an array tells
// of any part of the vocabulary whether, where and how much it is alike.

/** Asked parts of all readings of a question together: eight, and what is joined and split in five more readings. */
export const SLOTS = 32;

export interface Marks {
  /** By part: its row in the following, 0: not alike to anything asked. */
  rowOf: Int32Array;
  /** A bit for each part that has a row: a few kilobytes, where rowOf are hundreds. */
  has: Uint32Array;
  /** By row: the part. */
  readonly tokens: () => Int32Array;
  /** By row, a bit for each slot that it is alike to. */
  readonly masks: () => Int32Array;
  /** [row * SLOTS + slot]: how alike, or -1. */
  readonly levels: () => Int8Array;
  /** By row: how likely (log2) the likeliest of its likenesses is. */
  readonly likely: () => Float64Array;
  /** Rows are counted from 1 up to this. */
  readonly rows: () => number;
  /** The part's row. */
  readonly mark: (token: number, slot: number, level: number) => number;
  readonly clear: (vocabulary: number) => void;
}

export function createMarks(): Marks {
  let tokens = new Int32Array(1024);
  let masks = new Int32Array(1024);
  let levels = new Int8Array(1024 * SLOTS);
  let likely = new Float64Array(1024);
  let rows = 0;

  const marks: Marks = {
    rowOf: new Int32Array(1024),
    has: new Uint32Array(32),
    tokens: () => tokens,
    masks: () => masks,
    levels: () => levels,
    likely: () => likely,
    rows: () => rows,
    mark: (token, slot, level) => {
      let row = marks.rowOf[token] ?? 0;
      if (row === 0) {
        rows += 1;
        row = rows;
        if (row >= tokens.length) {
          tokens = grown(Int32Array, tokens, row + 1);
          masks = grown(Int32Array, masks, tokens.length);
          levels = grown(Int8Array, levels, tokens.length * SLOTS);
          likely = grown(Float64Array, likely, tokens.length);
        }
        marks.rowOf[token] = row;
        marks.has[token >>> 5] = (marks.has[token >>> 5] ?? 0) | (1 << (token & 31));
        tokens[row] = token;
        masks[row] = 0;
        likely[row] = Number.NEGATIVE_INFINITY;
        levels.fill(-1, row * SLOTS, (row + 1) * SLOTS);
      }
      masks[row] = (masks[row] ?? 0) | (1 << slot);
      levels[row * SLOTS + slot] = level;
      likely[row] = Math.max(likely[row] ?? 0, likelyOf[level] ?? 0);
      return row;
    },
    clear: (vocabulary) => {
      for (let row = 1; row <= rows; row += 1) {
        const token = tokens[row] ?? 0;
        marks.rowOf[token] = 0;
        marks.has[token >>> 5] = 0;
      }
      rows = 0;
      marks.rowOf = grown(Int32Array, marks.rowOf, vocabulary);
      marks.has = grown(Uint32Array, marks.has, (vocabulary >>> 5) + 1);
    },
  };
  return marks;
}
