import type { LaneFound, Search } from "./question.ts";

// What the engine is fed, and what it answers in between. Everything is numbers: parts of names are the ids that the
// database gave them, dates are yyyymmdd (00 where the month or the day is not known), moments are seconds.

export type LaneName = "open" | "restricted";

/** A part of a name: its id in the database, and its string as readName writes it. */
export interface TokenRow {
  readonly id: number;
  readonly string: string;
}

export interface NameRow {
  /** Ids of its parts, in the order written, each once, at most eight. */
  readonly tokens: ArrayLike<number>;
  readonly suffix?: string | undefined;
}

/** An entry as the index holds it: one row in place of whatever was known of this number before. */
export interface EntryRow {
  /** The whole number that it has in the database, in either lane. */
  readonly number: number;
  readonly lane: LaneName;
  /** The agency it belongs to: it may always match its own. */
  readonly owner: string;
  /** Agencies that may match it beside its owner; undefined: all. */
  readonly audience: readonly string[] | undefined;
  /** How many of these its owner has is for the owner alone to tell: not OPEN, or TLP:RED. */
  readonly kept?: boolean;
  /** Seconds since 1970 from which on it is over. */
  readonly expires: number;
  readonly names: readonly NameRow[];
  /** 19840302, 19840300, 19840000; none: not known. */
  readonly dates: readonly number[];
}

/** How often what is in the database occurs in a lane: what stands in for the index while it is loaded. */
export interface LaneStatistics {
  readonly lane: LaneName;
  /** All names of the lane. */
  readonly names: number;
  /** Ids of parts, and in how many names each is. */
  readonly tokens: ArrayLike<number>;
  readonly counts: ArrayLike<number>;
}

/** What SQL looks up for a question in one lane: entries that are found so are candidates for `searchRows`. */
export interface LaneLookUp {
  /**
   * Ids of parts: a name that has one of `a` and another one of `b` is a candidate, and so is a name of one part (its
   * pair with itself) that is in both. Each two that make a pair are there in both directions: so that pairs whose
   * smaller id comes first need to be looked up in one alone, that of `a` first. `dated`: unless all its birth dates
   * contradict.
   */
  readonly pairs: readonly {
    readonly a: readonly number[];
    readonly b: readonly number[];
    readonly dated: boolean;
  }[];
  /**
   * Ids of parts: a name that has any of these, in this order, at most `limit` names in all. First those (`anyDate` of
   * them) that may be shown although all birth dates contradict, then the likeliest.
   */
  readonly single: readonly number[];
  readonly anyDate: number;
  readonly limit: number;
  /** Dates as yyyymmdd: an entry that has one of these, and in one of its names any of `parts`, is a candidate. */
  readonly dates: readonly number[];
  readonly parts: readonly number[];
}

export interface LookUp {
  readonly open: LaneLookUp;
  readonly restricted: LaneLookUp;
  /** Of a date, yyyymmdd, whether it does not contradict; undefined: none was asked. */
  readonly mayBeBorn: ((date: number) => boolean) | undefined;
}

export interface EngineFound {
  readonly open: LaneFound;
  readonly restricted: LaneFound;
}

export interface EngineStatus {
  /** Whether everything that was loaded is indexed, so that `search` may answer. */
  readonly ready: boolean;
  readonly entries: number;
  readonly names: number;
  readonly tokens: number;
  /** Bytes of the index's arrays. */
  readonly bytes: number;
}

/**
 * The watch-list in memory. Not thread-safe, never waits: whoever owns it calls `work` between questions until it
 * says there is nothing left, and no call to it stops the thread for more than a few milliseconds.
 *
 * At start: `addTokens` for the whole vocabulary, `addStatistics` (so that SQL candidates are judged as the index
 * would judge them), `load` in chunks, `loaded`, `work` until ready. Afterwards: `addTokens` before the entries that
 * use them, `put` and `remove` as things change.
 */
export interface Engine {
  /** Known ids are left as they are: a repeated read is harmless. */
  readonly addTokens: (rows: Iterable<TokenRow>) => void;
  /** Replaced by the index's own counts as soon as that is ready. */
  readonly addStatistics: (statistics: LaneStatistics) => void;
  /** Entries of the first load, each number once, in any order. */
  readonly load: (rows: Iterable<EntryRow>) => void;
  /** That was all: from here on `work` makes the index. Changes may be put at once. */
  readonly loaded: () => void;
  /** New or changed, found by the next question. A token that was not added is an error. */
  readonly put: (row: EntryRow) => void;
  /** Ended, suspended, withdrawn: in neither lane any more. Unknown numbers are ignored. */
  readonly remove: (number: number) => void;
  /** Does what waits (indexing, merging) for about so many milliseconds; true while there is more. */
  readonly work: (milliseconds: number) => boolean;
  readonly search: (search: Search) => EngineFound;
  /**
   * Numbers of the first ten groups of the open lane by evidence alone, also what nobody would be shown: to measure
   * beside searches that show whatever is nearest. For nobody's eyes.
   */
  readonly rank: (search: Search) => readonly (readonly number[])[];
  /** What SQL looks up in place of the index, as far as the statistics tell that it may be shown. */
  readonly expand: (question: Pick<Search, "name" | "born" | "agency">) => LookUp;
  /** The same answer as `search` from candidates that SQL found, those of `search.also` among them, in any order. */
  readonly searchRows: (search: Search, candidates: readonly EntryRow[]) => EngineFound;
  readonly status: () => EngineStatus;
}
