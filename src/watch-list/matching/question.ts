// What the matcher is asked, and what it answers. Only names and birth dates are compared here: there is no field
// for anything else about a person. Identifiers are looked up exactly, elsewhere.

/** A birth date as far as it is known: "1984", "1984-03" or "1984-03-02". */
export type PartialDate = string;

/** When the person asked about was born, as it was understood. */
export interface Born {
  /** Every reading of what was written, never none: 3/2/1984 is 1984-03-02, and 1984-02-03 to other readers. */
  readonly readings: readonly PartialDate[];
  /** So many years earlier or later fit as well ("1984-03-02 ±2"). */
  readonly years: number;
}

export interface Question {
  /** As it was written, in any order, script and spelling. */
  readonly name?: string | undefined;
  readonly born?: Born | undefined;
}

/** A question, for whom and when: an entry that this agency may not match, or that is over, is not there. */
export interface Search extends Question {
  readonly agency: string;
  /** By the business clock. */
  readonly now: Date;
  /** Entries (their numbers) that something else found already, an identifier: judged whether the name fits or not. */
  readonly also: readonly number[];
}

export type Band = "STRONG" | "POSSIBLE";

/** How well one entry fits, and why. */
export interface Judgement {
  /** Left out: no hit by name and birth date. Only `also` entries are answered so. */
  readonly band: Band | undefined;
  /** Evidence in bits: for the order alone, never shown. */
  readonly bits: number;
  /** How many of the names that may be matched would fit this well by pure chance. */
  readonly chance: number;
  /** Stable sentences, one for each part of the evidence: "smyth ≈ smith — one letter different and sounds alike". */
  readonly why: readonly string[];
  /** Another birth date, another suffix: said first, because it speaks against. */
  readonly conflict: boolean;
}

/** People whom this question cannot tell apart: the same name, and the same birth date where one was asked. */
export interface Group extends Judgement {
  readonly band: Band;
  /** How many entries, and of how many agencies: of those whose number whoever asks may be told. */
  readonly entries: number;
  readonly agencies: number;
  /** Their numbers, the best first: at most ten, of the restricted lane forty. */
  readonly numbers: readonly number[];
  /** Some of the others: their owners may be said, each once, but not how many entries they have. */
  readonly kept: readonly number[];
}

/** What one lane holds. The restricted lane is probed every time and never ranked or counted with the open one. */
export interface LaneFound {
  /** At most ten, the best first. */
  readonly groups: readonly Group[];
  /** One for each of `also` that is in this lane, may be matched and is not over. */
  readonly judged: ReadonlyMap<number, Judgement>;
}

export interface MatcherFound {
  readonly open: LaneFound;
  readonly restricted: LaneFound;
  readonly engine: "memory" | "sql";
}

export interface MatcherStatus {
  /** loading: the vocabulary is being opened, questions wait · warming: answered by SQL · ready: from memory. */
  readonly state: "loading" | "warming" | "ready";
  readonly entries: number;
  readonly names: number;
  readonly tokens: number;
  /** Since what is in memory was last known to be the database's state. */
  readonly lagMs: number;
}

export interface PlatesAsked {
  /** "?" is one sign, "*" any number: "AB?12*" */
  readonly pattern: string;
  readonly agency: string;
  /** So many entries of each lane are looked at. */
  readonly limit: number;
}

/** Each lane by itself: what one holds changes nothing of the other. */
export interface PlatesFound {
  readonly open: readonly string[];
  readonly restricted: readonly string[];
  /** Of the open lane there are more than were looked at. */
  readonly more: boolean;
}

/** The watch-list as one process sees it. Correct without a warm index, faster with one. */
export interface Matcher {
  readonly search: (search: Search) => Promise<MatcherFound>;
  /** Plates that fit a pattern and that entries have which the agency may match now. */
  readonly plates: (asked: PlatesAsked) => Promise<PlatesFound>;
  readonly status: () => Promise<MatcherStatus>;
  readonly close: () => Promise<void>;
}
