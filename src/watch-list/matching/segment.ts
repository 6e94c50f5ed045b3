/* oxlint-disable complexity -- what is counted are the "?? 0" of typed arrays, which branch nowhere */
import { buildLists, type Lists } from "./buckets.ts";
import { growingRows, rowsBytes, trimmed, type Rows } from "./rows.ts";

// Entries that do not change, and where to find them: by two parts of a name, by one, and by a birth date.

export interface Segment {
  /** In the order of their numbers. */
  readonly rows: Rows;
  /** Parts numbered from here on came later: no name here has them. */
  readonly tokens: number;
  /**
   * By part: the other part of each pair, in order, and beside it the entry (its slot). Each pair of parts of a name is
   * listed once, under the one that fewer names have; a name of one part under this, with itself.
   */
  readonly partners: Lists;
  readonly pairSlots: Uint32Array;
  readonly pairDays: Uint16Array;
  /** By part: the entries (slots) of the names that have it. */
  readonly postings: Lists;
  readonly postingDays: Uint16Array;
  /** Dates that occur, in order, and for each of them the entries. */
  readonly days: Int32Array;
  readonly bornThen: Lists;
}

// Beside each entry in pairs and postings its birth date, because it is looked at first and most are refused by it:
// NO_DAY, or its place in `days`, from 1, or SOME_DAY: several, or one of more than fit into two bytes.
export const NO_DAY = 0;
export const SOME_DAY = 0xffff;

/** Steps between two breaths: about half a millisecond. */
const BREATH = 8192;

/** Makes one of several; what is over for good (expires 0) stays behind. Stops often, for others to work. */
export function* buildSegment(sources: readonly Rows[], tokens: number): Generator<undefined, Segment> {
  const rows = yield* joined(sources);
  const postings = yield* buildPostings(rows, tokens);
  const { partners, pairNames } = yield* buildPairs(rows, postings);
  const { days, bornThen } = yield* buildDays(rows);
  const dayOfSlot = yield* buildDayOfSlot(rows, days);
  const pairSlots = yield* toSlots(rows, pairNames);
  yield* toSlots(rows, postings.items);
  const pairDays = yield* daysBeside(pairSlots, dayOfSlot);
  const postingDays = yield* daysBeside(postings.items, dayOfSlot);
  return { rows, tokens, partners, pairSlots, pairDays, postings, postingDays, days, bornThen };
}

function* joined(sources: readonly Rows[]): Generator<undefined, Rows> {
  const order = yield* inOrder(sources);
  const live = sources.reduce((sum, { entries }) => sum + entries, 0);
  const all = growingRows(live);
  for (const [step, at] of order.entries()) {
    const [source, slot] = locate(sources, at);
    if (source !== undefined && source.expires[slot] !== 0) all.copy(source, slot);
    if (step % BREATH === 0) yield;
  }
  return trimmed(all.rows());
}

function locate(sources: readonly Rows[], at: number): readonly [source: Rows | undefined, slot: number] {
  let slot = at;
  for (const source of sources) {
    if (slot < source.entries) return [source, slot];
    slot -= source.entries;
  }
  return [undefined, 0];
}

/** All entries of all sources, counted through, in the order of their numbers: sorted by digits of eleven bits. */
function* inOrder(sources: readonly Rows[]): Generator<undefined, Uint32Array> {
  const total = sources.reduce((sum, { entries }) => sum + entries, 0);
  const numbers = new Uint32Array(total);
  let filled = 0;
  for (const source of sources) {
    numbers.set(source.numbers.subarray(0, source.entries), filled);
    filled += source.entries;
  }
  let order: Uint32Array = Uint32Array.from(numbers.keys());
  if (isSorted(numbers)) return order;
  for (const shift of [0, 11, 22]) {
    const lists = buildLists(2048);
    for (let at = 0; at < total; at += 1) {
      lists.count(((numbers[at] ?? 0) >>> shift) & 2047);
      if (at % BREATH === 0) yield;
    }
    lists.counted();
    for (let at = 0; at < total; at += 1) {
      const one = order[at] ?? 0;
      lists.add(((numbers[one] ?? 0) >>> shift) & 2047, one);
      if (at % BREATH === 0) yield;
    }
    order = lists.lists().items;
  }
  return order;
}

function isSorted(numbers: Uint32Array): boolean {
  for (let at = 1; at < numbers.length; at += 1)
    if ((numbers[at - 1] ?? 0) > (numbers[at] ?? 0)) return false;
  return true;
}

function* buildPostings(rows: Rows, tokens: number): Generator<undefined, Lists> {
  const lists = buildLists(tokens);
  const last = rows.firstTokens[rows.names] ?? 0;
  for (let at = 0; at < last; at += 1) {
    lists.count(rows.tokens[at] ?? 0);
    if (at % BREATH === 0) yield;
  }
  lists.counted();
  for (let name = 0; name < rows.names; name += 1) {
    for (let at = rows.firstTokens[name] ?? 0; at < (rows.firstTokens[name + 1] ?? 0); at += 1) {
      lists.add(rows.tokens[at] ?? 0, name);
    }
    if (name % BREATH === 0) yield;
  }
  return lists.lists();
}

/** Walks the parts in order and adds each of its pairs to the rarer part: so all lists come out in order. */
function* buildPairs(
  rows: Rows,
  postings: Lists,
): Generator<undefined, { readonly partners: Lists; readonly pairNames: Uint32Array }> {
  const tokens = postings.starts.length - 2;
  const lists = buildLists(tokens);
  let pairs = 0;
  for (let name = 0; name < rows.names; name += 1) {
    eachPair(rows, postings, name, (rarer) => {
      lists.count(rarer);
      pairs += 1;
    });
    if (name % BREATH === 0) yield;
  }
  lists.counted();
  const pairNames = new Uint32Array(pairs);
  let step = 0;
  for (let partner = 0; partner < tokens; partner += 1) {
    const end = postings.starts[partner + 1] ?? 0;
    for (let at = postings.starts[partner] ?? 0; at < end; at += 1) {
      const name = postings.items[at] ?? 0;
      eachPair(rows, postings, name, (rarer, other) => {
        if (other === partner) pairNames[lists.add(rarer, partner)] = name;
      });
      if (++step % BREATH === 0) yield;
    }
  }
  return { partners: lists.lists(), pairNames };
}

// oxlint-disable-next-line max-params -- called for millions of names: no object for each
function eachPair(
  { firstTokens, tokens }: Rows,
  { starts }: Lists,
  name: number,
  visit: (rarer: number, other: number) => void,
): void {
  const first = firstTokens[name] ?? 0;
  const end = firstTokens[name + 1] ?? 0;
  if (end - first === 1) visit(tokens[first] ?? 0, tokens[first] ?? 0);
  for (let at = first; at < end; at += 1) {
    const one = tokens[at] ?? 0;
    const ones = (starts[one + 1] ?? 0) - (starts[one] ?? 0);
    for (let next = at + 1; next < end; next += 1) {
      const other = tokens[next] ?? 0;
      const others = (starts[other + 1] ?? 0) - (starts[other] ?? 0);
      if (ones < others || (ones === others && one < other)) visit(one, other);
      else visit(other, one);
    }
  }
}

function* buildDays(
  rows: Rows,
): Generator<undefined, { readonly days: Int32Array; readonly bornThen: Lists }> {
  const count = rows.firstDates[rows.entries] ?? 0;
  const days = Int32Array.from(new Set(rows.dates.subarray(0, count))).toSorted();
  yield;
  const lists = buildLists(days.length);
  for (let at = 0; at < count; at += 1) {
    lists.count(dayOf(days, rows.dates[at] ?? 0));
    if (at % BREATH === 0) yield;
  }
  lists.counted();
  for (let slot = 0; slot < rows.entries; slot += 1) {
    for (let at = rows.firstDates[slot] ?? 0; at < (rows.firstDates[slot + 1] ?? 0); at += 1) {
      lists.add(dayOf(days, rows.dates[at] ?? 0), slot);
    }
    if (slot % BREATH === 0) yield;
  }
  return { days, bornThen: lists.lists() };
}

function* buildDayOfSlot(
  { entries, firstDates, dates }: Rows,
  days: Int32Array,
): Generator<undefined, Uint16Array> {
  const dayOfSlot = new Uint16Array(entries);
  for (let slot = 0; slot < entries; slot += 1) {
    const first = firstDates[slot] ?? 0;
    const count = (firstDates[slot + 1] ?? 0) - first;
    if (count === 1) dayOfSlot[slot] = Math.min(SOME_DAY, dayOf(days, dates[first] ?? 0) + 1);
    else dayOfSlot[slot] = count === 0 ? NO_DAY : SOME_DAY;
    if (slot % BREATH === 0) yield;
  }
  return dayOfSlot;
}

/** In place: the entry that each name belongs to. */
function* toSlots({ entryOf }: Rows, names: Uint32Array): Generator<undefined, Uint32Array> {
  for (let at = 0; at < names.length; at += 1) {
    names[at] = entryOf[names[at] ?? 0] ?? 0;
    if (at % BREATH === 0) yield;
  }
  return names;
}

function* daysBeside(slots: Uint32Array, dayOfSlot: Uint16Array): Generator<undefined, Uint16Array> {
  const beside = new Uint16Array(slots.length);
  for (let at = 0; at < slots.length; at += 1) {
    beside[at] = dayOfSlot[slots[at] ?? 0] ?? 0;
    if (at % BREATH === 0) yield;
  }
  return beside;
}

/** Where a date stands among those that occur, or -1. */
export function dayOf(days: Int32Array, date: number): number {
  return positionOf(days, date, [0, days.length]);
}

/** Where in a sorted stretch a number stands first, or -1. */
export function positionOf(
  sorted: Int32Array | Uint32Array,
  wanted: number,
  [from, to]: readonly [from: number, to: number],
): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low < to && sorted[low] === wanted ? low : -1;
}

export function segmentBytes(segment: Segment): number {
  const { partners, pairSlots, pairDays, postings, postingDays, days, bornThen } = segment;
  const lists = [partners, postings, bornThen];
  return (
    rowsBytes(segment.rows) +
    pairSlots.byteLength +
    days.byteLength +
    pairDays.byteLength +
    postingDays.byteLength +
    lists.reduce((sum, { starts, items }) => sum + starts.byteLength + items.byteLength, 0)
  );
}
