import type { Asked } from "./asked.ts";
import { bornUnknown } from "./birth.ts";
import {
  isVisible,
  showAlone,
  showBornThen,
  showPairs,
  type LevelOfDay,
  type Seeing,
  type Show,
} from "./candidates.ts";
import { grown } from "./growing.ts";
import { growingRows, rowsBytes, type GrowingRows, type Row, type Rows } from "./rows.ts";
import type { Scorer } from "./scoring.ts";
import { buildSegment, NO_DAY, positionOf, segmentBytes, SOME_DAY, type Segment } from "./segment.ts";
import { countStatistics, type CountedStatistics } from "./statistics.ts";

// All entries of one lane: segments that are indexed, and the few that came since, which are looked at one by one.
// A change takes out what was (its moment of expiry becomes 0) and appends what is. When enough has come together it
// is indexed, with every segment that is not much larger: there are never many.

export interface Lane {
  /** The first load; each number once. */
  readonly load: (row: Row) => void;
  readonly loaded: () => void;
  readonly put: (row: Row) => void;
  readonly remove: (number: number) => void;
  readonly isReady: () => boolean;
  /** Something waits to be indexed. */
  readonly isWaiting: () => boolean;
  /** Indexes what waits, a little at each step. */
  readonly settling: () => Generator<undefined, void>;
  /** Shows the scorer every name that an index finds for the question. */
  readonly candidates: (asked: Asked, seeing: Seeing) => void;
  readonly find: (number: number) => { readonly rows: Rows; readonly slot: number } | undefined;
  readonly statistics: CountedStatistics;
  readonly entries: () => number;
  readonly bytes: () => number;
}

/** So many new entries may wait: looking at all of them takes some hundredths of a millisecond. */
const MOST_WAITING = 512;
/** A segment of which more is over than this is made anew. */
const MOST_DEAD = 0.25;

// In place of a level of birth.ts: not compared yet, and not to be told from the day.
const NOT_YET = 255;
const NOT_KNOWN = 254;

/** Entries not indexed yet, found by their number. */
interface Waiting {
  readonly growing: GrowingRows;
  readonly slots: Map<number, number>;
}

interface Indexed {
  readonly segment: Segment;
  /** By slot: whether it was shown for this question already. */
  readonly seen: Uint8Array;
  dead: number;
}

function waiting(): Waiting {
  return { growing: growingRows(), slots: new Map() };
}

// oxlint-disable-next-line max-lines-per-function -- one state, and everything that may touch it
export function createLane(traits: () => Uint8Array, vocabulary: () => number): Lane {
  const statistics = countStatistics(traits);
  let loading = growingRows();
  let state: "loading" | "loaded" | "ready" = "loading";
  let indexed: readonly Indexed[] = [];
  /** Being indexed. */
  let frozen: Waiting | undefined;
  let fresh = waiting();
  /** Numbers taken out while something is being indexed: the copy may have been made before. */
  let takenOut: number[] | undefined;
  let entries = 0;
  let seenSlots = new Int32Array(1024);
  /** By day: how it fits the one asked; they come up again and again. */
  const levelOf = new Uint8Array(SOME_DAY + 1);

  function liveSlot(rows: Rows, slot: number | undefined): boolean {
    return slot !== undefined && slot !== -1 && rows.expires[slot] !== 0;
  }

  function find(number: number): { rows: Rows; slot: number; at?: Indexed } | undefined {
    for (const part of [fresh, frozen]) {
      const slot = part?.slots.get(number);
      const rows = part?.growing.rows();
      if (rows !== undefined && slot !== undefined && liveSlot(rows, slot)) return { rows, slot };
    }
    for (const at of indexed) {
      const { rows } = at.segment;
      const slot = slotOf(rows, number);
      if (liveSlot(rows, slot)) return { rows, slot, at };
    }
    if (state === "ready") return undefined;
    const rows = loading.rows();
    const slot = rows.numbers.subarray(0, rows.entries).indexOf(number);
    return liveSlot(rows, slot) ? { rows, slot } : undefined;
  }

  function remove(number: number): void {
    takenOut?.push(number);
    const found = find(number);
    if (found === undefined) return;
    statistics.count(found.rows, found.slot, -1);
    found.rows.expires[found.slot] = 0;
    entries -= 1;
    if (found.at !== undefined) found.at.dead += 1;
  }

  /** An entry counts once, wherever it is kept. */
  function append(to: GrowingRows, row: Row): number {
    const slot = to.append(row);
    statistics.count(to.rows(), slot, 1);
    entries += 1;
    return slot;
  }

  function isWaiting(): boolean {
    return (
      state === "loaded" ||
      fresh.growing.rows().entries > MOST_WAITING ||
      indexed.some(({ segment, dead }) => dead > MOST_WAITING && dead > segment.rows.entries * MOST_DEAD)
    );
  }

  function* index(kept: readonly Indexed[], sources: readonly Rows[]): Generator<undefined, void> {
    takenOut = [];
    const segment = yield* buildSegment(sources, vocabulary());
    let dead = 0;
    for (const number of takenOut) {
      const slot = slotOf(segment.rows, number);
      if (!liveSlot(segment.rows, slot)) continue;
      segment.rows.expires[slot] = 0;
      dead += 1;
    }
    takenOut = undefined;
    indexed = [...kept, { segment, seen: new Uint8Array(segment.rows.entries), dead }];
  }

  function* settling(): Generator<undefined, void> {
    if (state === "loaded") {
      yield* index([], [loading.rows()]);
      loading = growingRows();
      state = "ready";
    }
    while (isWaiting()) {
      frozen = fresh;
      fresh = waiting();
      const rows = frozen.growing.rows();
      const kept: Indexed[] = [];
      const sources = [rows];
      let size = rows.entries;
      for (const one of indexed.toReversed()) {
        const { entries } = one.segment.rows;
        if (entries > 4 * size && one.dead <= entries * MOST_DEAD) kept.unshift(one);
        else {
          sources.push(one.segment.rows);
          size += entries;
        }
      }
      yield* index(kept, sources);
      frozen = undefined;
    }
  }

  function levelsOf(days: Int32Array, asked: Asked, { bornLevel }: Scorer): LevelOfDay {
    levelOf.fill(asked.born === undefined ? bornUnknown : NOT_YET, 0, days.length + 1);
    levelOf[NO_DAY] = bornUnknown;
    levelOf[SOME_DAY] = asked.born === undefined ? bornUnknown : NOT_KNOWN;
    return (day) => {
      let level = levelOf[day] ?? 0;
      if (level === NOT_YET) {
        level = bornLevel(days[day - 1] ?? 0);
        levelOf[day] = level;
      }
      return level;
    };
  }

  function candidates(asked: Asked, seeing: Seeing): void {
    for (const part of [fresh, frozen]) if (part !== undefined) showAll(part.growing.rows(), seeing);
    if (state !== "ready") showAll(loading.rows(), seeing);
    const { marks, scorer } = seeing;
    let left = asked.mostAlone;
    for (const { segment, seen } of indexed) {
      let count = 0;
      const { rows } = segment;
      const visible = (slot: number) => seen[slot] !== 1 && isVisible(rows, slot, seeing);
      const show: Show = (slot) => {
        if (seen[slot] === 1 || !isVisible(rows, slot, seeing)) return false;
        seen[slot] = 1;
        if (count === seenSlots.length) seenSlots = grown(Int32Array, seenSlots, count + 1);
        seenSlots[count++] = slot;
        return scorer.visit(rows, slot);
      };
      const asking = {
        asked,
        marks,
        bounds: scorer.bounds,
        levelOfDay: levelsOf(segment.days, asked, scorer),
      };
      if (asked.dates.length > 0) showBornThen(segment, { ...asking, visible }, show);
      if (asked.paired !== 0) showPairs(segment, asking, show);
      if (asked.alone !== 0) left -= showAlone(segment, { ...asking, left }, show);
      for (let at = 0; at < count; at += 1) seen[seenSlots[at] ?? 0] = 0;
    }
  }

  return {
    load: (row) => void append(loading, row),
    loaded: () => {
      state = "loaded";
    },
    put: (row) => {
      remove(row.number);
      fresh.slots.set(row.number, append(fresh.growing, row));
    },
    remove,
    isReady: () => state === "ready",
    isWaiting,
    settling,
    candidates,
    find,
    statistics,
    entries: () => entries,
    bytes: () =>
      statistics.bytes() +
      rowsBytes(loading.rows()) +
      indexed.reduce((sum, { segment, seen }) => sum + segmentBytes(segment) + seen.byteLength, 0),
  };
}

function slotOf(rows: Rows, number: number): number {
  return positionOf(rows.numbers, number, [0, rows.entries]);
}

function showAll(rows: Rows, seeing: Seeing): void {
  for (let slot = 0; slot < rows.entries; slot += 1) {
    if (isVisible(rows, slot, seeing)) seeing.scorer.visit(rows, slot);
  }
}
