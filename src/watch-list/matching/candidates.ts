/* oxlint-disable complexity -- what is counted are the "?? 0" of typed arrays, which branch nowhere */
import type { Asked } from "./asked.ts";
import { bornConflict, bornUnknown } from "./birth.ts";
import type { Bounds } from "./bounds.ts";
import { leastPair } from "./judgement.ts";
import type { Marks } from "./marks.ts";
import type { Rows } from "./rows.ts";
import type { Scorer } from "./scoring.ts";
import { dayOf, positionOf, type Segment } from "./segment.ts";

// The entries of a segment that a question is about: all that an index can find, and hardly any other.

/** A list longer than this is searched for each partner instead of read, where that is less. */
const LONG_LIST = 256;

/** Who asks, and when: what may not be matched, or is over, is not shown. */
export interface Seeing {
  readonly may: Uint8Array;
  /** Seconds. */
  readonly now: number;
  readonly marks: Marks;
  readonly scorer: Scorer;
}

export function isVisible(rows: Rows, slot: number, { may, now }: Seeing): boolean {
  return (rows.expires[slot] ?? 0) > now && may[rows.classes[slot] ?? 0] === 1;
}

/** Of an entry (its slot) that can be shown; says whether it was. */
export type Show = (slot: number) => boolean;

/** How a day, as segment.ts writes it, fits the birth date asked: a level of birth.ts, or another number: not known. */
export type LevelOfDay = (day: number) => number;

interface Asking {
  readonly asked: Asked;
  readonly marks: Marks;
  readonly levelOfDay: LevelOfDay;
  readonly bounds: Bounds;
}

/** Entries with a name that has parts alike to two asked ones, and by these may be shown. */
export function showPairs(segment: Segment, asking: Asking, show: Show): void {
  const { asked, marks, levelOfDay, bounds } = asking;
  const { partners, pairSlots, pairDays, tokens } = segment;
  const { starts, items } = partners;
  const { rowOf, has } = marks;
  const masks = marks.masks();
  const marked = marks.tokens();
  const likely = marks.likely();
  const rows = marks.rows();
  for (let row = 1; row <= rows; row += 1) {
    const token = marked[row] ?? 0;
    // Two parts that are hardly alike are not the same person's; unless born then, which is looked up by itself.
    const least = leastPair - (likely[row] ?? 0);
    const wanted = companionsOf(asked, masks[row] ?? 0);
    if (wanted === 0 || token >= tokens) continue;
    const start = starts[token] ?? 0;
    const end = starts[token + 1] ?? 0;
    if (end - start > LONG_LIST && end - start > rows * 8) {
      searchLong(segment, { start, end, row, wanted, least }, { ...asking, show });
      continue;
    }
    for (let at = start; at < end; at += 1) {
      const partner = items[at] ?? 0;
      if (((has[partner >>> 5] ?? 0) & (1 << (partner & 31))) === 0) continue;
      const other = rowOf[partner] ?? 0;
      const alone = partner === token;
      if (!alone && ((likely[other] ?? 0) < least || ((masks[other] ?? 0) & wanted) === 0)) continue;
      const level = levelOfDay(pairDays[at] ?? 0);
      if (bounds.mayFit(level, row, alone ? 0 : other)) show(pairSlots[at] ?? 0);
    }
  }
}

interface LongList {
  readonly start: number;
  readonly end: number;
  readonly row: number;
  readonly wanted: number;
  readonly least: number;
}

function searchLong(
  { partners, pairSlots, pairDays }: Segment,
  { start, end, row, wanted, least }: LongList,
  { marks, levelOfDay, bounds, show }: Asking & { readonly show: Show },
): void {
  const masks = marks.masks();
  const marked = marks.tokens();
  const likely = marks.likely();
  for (let other = 1; other <= marks.rows(); other += 1) {
    const partner = marked[other] ?? 0;
    const alone = other === row;
    if (!alone && ((likely[other] ?? 0) < least || ((masks[other] ?? 0) & wanted) === 0)) continue;
    let at = positionOf(partners.items, partner, [start, end]);
    for (; at !== -1 && at < end && partners.items[at] === partner; at += 1) {
      const level = levelOfDay(pairDays[at] ?? 0);
      if (bounds.mayFit(level, row, alone ? 0 : other)) show(pairSlots[at] ?? 0);
    }
  }
}

/** Slots that make a pair with one of these. */
function companionsOf({ companions }: Asked, mask: number): number {
  let all = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) all |= companions[31 - Math.clz32(rest & -rest)] ?? 0;
  return all;
}

/** Whoever was born then, if a part of a name is alike to an asked one. */
export function showBornThen(
  { rows, days, bornThen }: Segment,
  {
    asked,
    marks,
    visible,
  }: Pick<Asking, "asked" | "marks"> & { readonly visible: (slot: number) => boolean },
  show: Show,
): void {
  const wanted = asked.paired | asked.alone;
  const masks = marks.masks();
  const { rowOf } = marks;
  for (const date of asked.dates) {
    const day = dayOf(days, date);
    if (day === -1) continue;
    for (let at = bornThen.starts[day] ?? 0; at < (bornThen.starts[day + 1] ?? 0); at += 1) {
      const slot = bornThen.items[at] ?? 0;
      if (!visible(slot)) continue;
      const last = rows.firstNames[slot + 1] ?? 0;
      for (let name = rows.firstNames[slot] ?? 0; name < last; name += 1) {
        const end = rows.firstTokens[name + 1] ?? 0;
        for (let part = rows.firstTokens[name] ?? 0; part < end; part += 1) {
          const row = rowOf[rows.tokens[part] ?? 0] ?? 0;
          if (row !== 0 && ((masks[row] ?? 0) & wanted) !== 0) show(slot);
        }
      }
    }
  }
}

/**
 * Entries with a name that has a part alike to the only one asked, the likeliest part first; where a date was asked,
 * those of which it says nothing come last. Says how many they were.
 */
export function showAlone(segment: Segment, asking: Asking & { readonly left: number }, show: Show): number {
  const shown = showPostings(segment, { ...asking, undated: false }, show);
  return shown + showPostings(segment, { ...asking, left: asking.left - shown, undated: true }, show);
}

interface AskingPostings extends Asking {
  readonly left: number;
  /** Whether to show those whose birth date says nothing, or the others. */
  readonly undated: boolean;
}

function showPostings(
  { postings, postingDays, tokens }: Segment,
  { asked, left, marks, levelOfDay, bounds, undated }: AskingPostings,
  show: Show,
): number {
  if (!undated && asked.born === undefined) return 0;
  let shown = 0;
  for (const [slot, alike] of asked.slots.entries()) {
    if ((asked.alone & (1 << slot)) === 0) continue;
    for (const token of alike.tokens) {
      const row = marks.rowOf[token] ?? 0;
      if (token >= tokens || (undated && !bounds.undated(row, 0))) continue;
      const contradicted = bounds.contradicted(row, 0);
      const end = postings.starts[token + 1] ?? 0;
      for (let at = postings.starts[token] ?? 0; at < end && shown < left; at += 1) {
        const level = levelOfDay(postingDays[at] ?? 0);
        if ((level === bornUnknown) !== undated || (level === bornConflict && !contradicted)) continue;
        if (show(postings.items[at] ?? 0)) shown += 1;
      }
    }
  }
  return shown;
}
