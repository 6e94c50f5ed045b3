/* oxlint-disable complexity -- what is counted are the "?? 0" of typed arrays, which branch nowhere */
import type { Asked } from "./asked.ts";
import { leastPair } from "./judgement.ts";
import type { Marks } from "./marks.ts";
import type { Rows } from "./rows.ts";
import type { Scorer } from "./scoring.ts";
import { dayOf, NO_DAY, positionOf, SOME_DAY, type Segment } from "./segment.ts";

// The names of a segment that a question is about: all that an index can find, and hardly any other.

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

/**
 * With its day as segment.ts writes it, and how likely (log2) the less alike of the parts is by which it was found; says
 * whether it was shown.
 */
export type Show = (name: number, day: number, likely: number) => boolean;

interface Asking {
  readonly asked: Asked;
  readonly marks: Marks;
}

/** Names that have parts alike to two asked ones. */
export function showPairs(segment: Segment, { asked: { paired }, marks }: Asking, show: Show): void {
  const { partners, pairNames, pairDays, tokens } = segment;
  const { starts, items } = partners;
  const { rowOf, has } = marks;
  const masks = marks.masks();
  const marked = marks.tokens();
  const likely = marks.likely();
  const rows = marks.rows();
  for (let row = 1; row <= rows; row += 1) {
    const token = marked[row] ?? 0;
    // Two parts that are hardly alike are not the same person's; unless born then, which is looked up by itself.
    const one = likely[row] ?? 0;
    const least = leastPair - one;
    const mask = (masks[row] ?? 0) & paired;
    if (mask === 0 || token >= tokens) continue;
    const start = starts[token] ?? 0;
    const end = starts[token + 1] ?? 0;
    if (end - start > LONG_LIST && end - start > rows * 8) {
      searchLong(segment, { start, end, token, mask, paired, least }, { marks, show });
      continue;
    }
    for (let at = start; at < end; at += 1) {
      const partner = items[at] ?? 0;
      if (((has[partner >>> 5] ?? 0) & (1 << (partner & 31))) === 0) continue;
      const other = rowOf[partner] ?? 0;
      const two = likely[other] ?? 0;
      if (partner === token || (two >= least && isPair(mask, (masks[other] ?? 0) & paired))) {
        show(pairNames[at] ?? 0, pairDays[at] ?? 0, one < two ? one : two);
      }
    }
  }
}

interface LongList {
  readonly start: number;
  readonly end: number;
  readonly token: number;
  readonly mask: number;
  readonly paired: number;
  readonly least: number;
}

function searchLong(
  { partners, pairNames, pairDays }: Segment,
  { start, end, token, mask, paired, least }: LongList,
  { marks, show }: { readonly marks: Marks; readonly show: Show },
): void {
  const masks = marks.masks();
  const marked = marks.tokens();
  const likely = marks.likely();
  for (let row = 1; row <= marks.rows(); row += 1) {
    const partner = marked[row] ?? 0;
    const fits = (likely[row] ?? 0) >= least && isPair(mask, (masks[row] ?? 0) & paired);
    if (!fits && partner !== token) continue;
    let at = positionOf(partners.items, partner, [start, end]);
    const both = Math.min(leastPair - least, likely[row] ?? 0);
    for (; at !== -1 && at < end && partners.items[at] === partner; at += 1) {
      show(pairNames[at] ?? 0, pairDays[at] ?? 0, both);
    }
  }
}

/** Alike to two different asked parts. */
function isPair(one: number, other: number): boolean {
  const both = one | other;
  return other !== 0 && (both & (both - 1)) !== 0;
}

/** Whoever was born then, if a part of a name is alike to an asked one. */
export function showBornThen(
  { rows, days, bornThen }: Segment,
  { asked, marks, visible }: Asking & { readonly visible: (slot: number) => boolean },
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
          if (row !== 0 && ((masks[row] ?? 0) & wanted) !== 0) show(name, SOME_DAY, 0);
        }
      }
    }
  }
}

/**
 * Names that have a part alike to the only one asked, the likeliest part first; where a date was asked, those without
 * one come last. Says how many they were.
 */
export function showAlone(
  segment: Segment,
  { asked, left, marks }: Asking & { readonly left: number },
  show: Show,
): number {
  if (asked.born === undefined) return showPostings(segment, { asked, left, marks }, show);
  const dated: Show = (name, day, likely) => day !== NO_DAY && show(name, day, likely);
  const shown = showPostings(segment, { asked, left, marks }, dated);
  const undated: Show = (name, day, likely) => day === NO_DAY && show(name, day, likely);
  return shown + showPostings(segment, { asked, left: left - shown, marks }, undated);
}

function showPostings(
  { postings, postingDays, tokens }: Segment,
  { asked, left, marks }: Asking & { readonly left: number },
  show: Show,
): number {
  const likely = marks.likely();
  let shown = 0;
  for (const [slot, alike] of asked.slots.entries()) {
    if ((asked.alone & (1 << slot)) === 0) continue;
    for (const token of alike.tokens) {
      if (token >= tokens) continue;
      const row = marks.rowOf[token] ?? 0;
      const end = postings.starts[token + 1] ?? 0;
      for (let at = postings.starts[token] ?? 0; at < end && shown < left; at += 1) {
        if (show(postings.items[at] ?? 0, postingDays[at] ?? 0, likely[row] ?? 0)) shown += 1;
      }
    }
  }
  return shown;
}
