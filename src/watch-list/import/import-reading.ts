import { cleanText } from "../../text.ts";
import type { Column } from "./import-columns.ts";

// What every part of a row is read with.

export interface Problem {
  /** Absent: the row as a whole. */
  readonly column?: Column;
  readonly sentence: string;
}

export interface RowContext {
  readonly now: Date;
  /** Other member agencies: name in lower case → id. */
  readonly agencies: ReadonlyMap<string, string>;
}

/** One row being read. */
export interface Reading extends RowContext {
  readonly cells: ReadonlyMap<Column, string>;
  /** Remembers what is wrong with a column, or with the row as a whole. */
  readonly refuse: (column: Column | undefined, sentence: string) => void;
}

/** What stands between semicolons or on lines of their own. */
export function listOf(text = ""): readonly string[] {
  return cleanText(text)
    .split(/[;\n]+/)
    .map((part) => part.trim().replaceAll(/\s+/g, " "))
    .filter(Boolean);
}

/** Enough of it to find it by. */
export function shown(text: string): string {
  return text.slice(0, 60);
}
