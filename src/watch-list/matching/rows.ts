import { growing, type Growing } from "./growing.ts";

// Entries with their names and dates as columns of numbers: about fifty bytes for each, and no object.

/** Columns; entries are counted from 0 ("slots"), and so are names. */
export interface Rows {
  readonly entries: number;
  readonly names: number;
  /** By slot: the number that the entry has in the database. */
  readonly numbers: Int32Array;
  /** By slot: who may match it, interned; see visibility.ts. */
  readonly classes: Uint32Array;
  /** By slot: seconds from which on it is over; 0: taken out. The one column that is written to later. */
  readonly expires: Uint32Array;
  /** By slot: its names are those from firstNames[slot] up to firstNames[slot + 1]. */
  readonly firstNames: Uint32Array;
  readonly firstDates: Uint32Array;
  /** By name. */
  readonly entryOf: Int32Array;
  readonly suffixes: Uint8Array;
  /** By name: its parts are those from firstTokens[name] up to firstTokens[name + 1]. */
  readonly firstTokens: Uint32Array;
  readonly tokens: Int32Array;
  readonly dates: Int32Array;
}

/** An entry to be appended: parts by their number in the vocabulary. */
export interface Row {
  readonly number: number;
  readonly class: number;
  readonly expires: number;
  readonly names: readonly RowName[];
  readonly dates: readonly number[];
}

export interface RowName {
  readonly tokens: readonly number[];
  readonly suffix: number;
}

export interface GrowingRows {
  /** The slot it got. */
  readonly append: (row: Row) => number;
  /** From other columns, where it is not over. */
  readonly copy: (from: Rows, slot: number) => void;
  /** What is there now. Columns may be longer than what is used of them. */
  readonly rows: () => Rows;
}

/** The last moment that the column of moments holds, in 2106. */
const NEVER = 0xffff_ffff;

export function seconds(moment: number): number {
  return Math.min(NEVER, Math.max(0, Math.ceil(moment)));
}

// oxlint-disable-next-line max-lines-per-function -- one state, and everything that may touch it
export function growingRows(room = 16): GrowingRows {
  const numbers = growing(Int32Array, room);
  const classes = growing(Uint32Array, room);
  const expires = growing(Uint32Array, room);
  const firstNames = growing(Uint32Array, room + 1);
  const firstDates = growing(Uint32Array, room + 1);
  const entryOf = growing(Int32Array, room);
  const suffixes = growing(Uint8Array, room);
  const firstTokens = growing(Uint32Array, room + 1);
  const tokens = growing(Int32Array, room);
  const dates = growing(Int32Array, room);
  for (const first of [firstNames, firstDates, firstTokens]) first.push(0);

  function begin(number: number, of: number, until: number): number {
    numbers.push(number);
    classes.push(of);
    expires.push(until);
    return numbers.length - 1;
  }

  function endName(slot: number, suffix: number): void {
    firstTokens.push(tokens.length);
    entryOf.push(slot);
    suffixes.push(suffix);
  }

  function end(): void {
    firstNames.push(entryOf.length);
    firstDates.push(dates.length);
  }

  return {
    append: (row) => {
      const slot = begin(row.number, row.class, row.expires);
      for (const name of row.names) {
        for (const token of name.tokens) tokens.push(token);
        endName(slot, name.suffix);
      }
      for (const date of row.dates) dates.push(date);
      end();
      return slot;
    },
    copy: (from, slot) => {
      const to = begin(from.numbers[slot] ?? 0, from.classes[slot] ?? 0, from.expires[slot] ?? 0);
      for (let name = from.firstNames[slot] ?? 0; name < (from.firstNames[slot + 1] ?? 0); name += 1) {
        copyRun(tokens, from.tokens, [from.firstTokens[name] ?? 0, from.firstTokens[name + 1] ?? 0]);
        endName(to, from.suffixes[name] ?? 0);
      }
      copyRun(dates, from.dates, [from.firstDates[slot] ?? 0, from.firstDates[slot + 1] ?? 0]);
      end();
    },
    rows: () => ({
      entries: numbers.length,
      names: entryOf.length,
      numbers: numbers.array,
      classes: classes.array,
      expires: expires.array,
      firstNames: firstNames.array,
      firstDates: firstDates.array,
      entryOf: entryOf.array,
      suffixes: suffixes.array,
      firstTokens: firstTokens.array,
      tokens: tokens.array,
      dates: dates.array,
    }),
  };
}

function copyRun(
  to: Growing<Int32Array>,
  from: Int32Array,
  [start, end]: readonly [start: number, end: number],
): void {
  for (let at = start; at < end; at += 1) to.push(from[at] ?? 0);
}

/** The same in arrays that are exactly as long as needed. */
export function trimmed(rows: Rows): Rows {
  const { entries, names } = rows;
  return {
    entries,
    names,
    numbers: rows.numbers.slice(0, entries),
    classes: rows.classes.slice(0, entries),
    expires: rows.expires.slice(0, entries),
    firstNames: rows.firstNames.slice(0, entries + 1),
    firstDates: rows.firstDates.slice(0, entries + 1),
    entryOf: rows.entryOf.slice(0, names),
    suffixes: rows.suffixes.slice(0, names),
    firstTokens: rows.firstTokens.slice(0, names + 1),
    tokens: rows.tokens.slice(0, rows.firstTokens[names] ?? 0),
    dates: rows.dates.slice(0, rows.firstDates[entries] ?? 0),
  };
}

export function rowsBytes(rows: Rows): number {
  return Object.values(rows).reduce<number>(
    (sum, column: unknown) => sum + (ArrayBuffer.isView(column) ? column.byteLength : 0),
    0,
  );
}
