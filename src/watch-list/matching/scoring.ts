/* oxlint-disable complexity -- what is counted are the "?? 0" of typed arrays, which branch nowhere */
import type { Asked, Reading } from "./asked.ts";
import { bornConflict, bornLevel, bornUnknown } from "./birth.ts";
import { createBounds, type Bounds } from "./bounds.ts";
import { emptyListed, emptyWeighed, weigh, type Listed, type Weighed } from "./evidence.ts";
import { isShown, leastPair } from "./judgement.ts";
import { levels } from "./likeness.ts";
import { SLOTS, type Marks } from "./marks.ts";
import { MOST_PARTS } from "./name-reader.ts";
import type { Rows } from "./rows.ts";
import { isParticle, likelyOf, particleTrait, sameName, single, traitsOf } from "./scale.ts";
import type { Vocabulary } from "./vocabulary.ts";

// The one scorer: weighs listed names for a question, whether memory or SQL found them, and keeps those that fit.

/** A name that fits, by its place in the columns. */
export interface Fit {
  readonly rows: Rows;
  readonly name: number;
  /** The entry's number. */
  readonly number: number;
  readonly reading: Reading;
  readonly bits: number;
  /** Equal for names that the question cannot tell apart. */
  readonly key: number;
}

export interface Scorer {
  /** How a birth date fits the one asked: a level of birth.ts. */
  readonly bornLevel: (date: number) => number;
  readonly bounds: Bounds;
  /** Begins with a question. `all`: keeps also what nobody would be shown. */
  readonly start: (asked: Asked, all?: boolean) => void;
  /**
   * Weighs the names of an entry (by its slot), each once in a question, and keeps the best that fits. Says whether any
   * was worth weighing.
   */
  readonly visit: (rows: Rows, slot: number) => boolean;
  /** The best name of each entry that fits. */
  readonly fits: () => readonly Fit[];
  /** Weighs a name by a reading, whether it fits or not. Overwritten by the next one. */
  readonly weighed: (rows: Rows, name: number, reading: Reading) => Weighed;
  /** The reading by which a name that may not fit weighs the most. */
  readonly bestReading: (rows: Rows, name: number) => Reading | undefined;
}

const noDates: readonly number[] = [];
const LETTER_BITS = 31;

// oxlint-disable-next-line max-lines-per-function -- one state, and everything that may touch it
export function createScorer(vocabulary: Vocabulary, marks: Marks, thorough: boolean): Scorer {
  const listed: Listed = emptyListed();
  const out = emptyWeighed();
  /** Of the name being weighed: the row in the marks of each of its parts. */
  const partRows = new Int32Array(MOST_PARTS);
  const oneDate = [0];
  const key = new Int32Array(MOST_PARTS);
  const bounds = createBounds();
  let asked: Asked | undefined;
  let keepsAll = false;
  let dates: ReadonlySet<number> = new Set();
  let fits: Fit[] = [];
  // Over all readings: how many whole parts at least, and how many initials at most.
  let leastParts = 0;
  let mostInitials = 0;
  /** Slots of particles, which are not weighed: whatever meets them does not make a name another one. */
  let particles = 0;

  /** Another birth date is another person, unless the whole name is the same. */
  function contradicts(level: number): boolean {
    return level === bornConflict && !thorough && !keepsAll;
  }

  function levelOfDate(date: number): number {
    const born = asked?.born;
    return born === undefined ? bornUnknown : bornLevel(born, date);
  }

  /** Of an entry, whether there are dates and all of them contradict; undefined: there are none. */
  function contradictsAll(
    { entryOf, firstDates, dates: listedDates }: Rows,
    name: number,
  ): boolean | undefined {
    const slot = entryOf[name] ?? 0;
    const first = firstDates[slot] ?? 0;
    const end = firstDates[slot + 1] ?? 0;
    for (let at = first; at < end; at += 1) {
      if (!contradicts(levelOfDate(listedDates[at] ?? 0))) return false;
    }
    return end > first ? true : undefined;
  }

  /** Cheap, before anything is weighed: what isShown refuses in any case. */
  function isHopeless(rows: Rows, name: number): boolean {
    const likely = marks.likely();
    const masks = marks.masks();
    const traits = vocabulary.traits();
    const end = rows.firstTokens[name + 1] ?? 0;
    let [found, wholeLeft, different] = [0, 0, false];
    for (let at = rows.firstTokens[name] ?? 0; at < end; at += 1) {
      const token = rows.tokens[at] ?? -1;
      const row = token < 0 ? 0 : (marks.rowOf[token] ?? 0);
      const trait = token < 0 ? 0 : (traits[token] ?? 0);
      if (row !== 0) found += 1;
      else if ((trait & (single | particleTrait)) === 0) wholeLeft += 1;
      const isMet = row !== 0 && ((likely[row] ?? 0) >= sameName || ((masks[row] ?? 0) & particles) !== 0);
      if ((trait & particleTrait) === 0 && !isMet) different = true;
    }
    const contradicted = asked?.born === undefined ? undefined : contradictsAll(rows, name);
    if (contradicted !== undefined) return contradicted && different;
    // Without dates: a part left over on either side is another name.
    return found < leastParts && wholeLeft > mostInitials;
  }

  /** Fills in what does not depend on the reading; says which slots any of its parts is alike to. */
  function look(rows: Rows, name: number): number {
    const first = rows.firstTokens[name] ?? 0;
    const parts = Math.min(MOST_PARTS, (rows.firstTokens[name + 1] ?? 0) - first);
    const masks = marks.masks();
    const traits = vocabulary.traits();
    let mask = 0;
    for (let part = 0; part < parts; part += 1) {
      const token = rows.tokens[first + part] ?? -1;
      const row = token < 0 ? 0 : (marks.rowOf[token] ?? 0);
      partRows[part] = row;
      listed.traits[part] = token < 0 ? 0 : (traits[token] ?? 0);
      if (row !== 0) mask |= masks[row] ?? 0;
    }
    listed.parts = parts;
    listed.suffix = rows.suffixes[name] ?? 0;
    listed.born = datesOf(rows, rows.entryOf[name] ?? 0);
    return mask;
  }

  function datesOf(rows: Rows, slot: number): readonly number[] {
    const first = rows.firstDates[slot] ?? 0;
    const count = (rows.firstDates[slot + 1] ?? 0) - first;
    if (count === 0) return noDates;
    if (count > 1) return Array.from(rows.dates.subarray(first, first + count));
    oneDate[0] = rows.dates[first] ?? 0;
    return oneDate;
  }

  function weighAs({ scale, slots }: Reading): void {
    const found = marks.levels();
    for (let place = 0; place < slots.length; place += 1) {
      const slot = slots[place] ?? 0;
      const trait = scale.traits[place] ?? 0;
      for (let part = 0; part < listed.parts; part += 1) {
        const row = partRows[part] ?? 0;
        let level = row === 0 ? -1 : (found[row * SLOTS + slot] ?? -1);
        if (level === -1 && isInitial(trait, listed.traits[part] ?? 0)) level = levels.initial;
        listed.levels[place * MOST_PARTS + part] = level;
      }
    }
    weigh(scale, listed, out);
  }

  /**
   * Whether an index of pairs, postings and dates would have found this name: what it cannot find does not fit. By
   * pairs it finds whatever has two parts that are together close enough.
   */
  function isFound({ scale, counting, alone }: Reading): boolean {
    let [closest, next, count] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
    for (let place = 0; place < scale.asked.length; place += 1) {
      if ((counting & (1 << place)) === 0 || (out.matches[place] ?? -1) < 0) continue;
      const level = out.levels[place] ?? 0;
      if (((scale.traits[place] ?? 0) & single) !== 0 && level === levels.initial) continue;
      const likely = likelyOf[level] ?? 0;
      count += 1;
      next = Math.max(next, Math.min(closest, likely));
      closest = Math.max(closest, likely);
    }
    if (count > 1 && closest + next >= leastPair) return true;
    return count > 0 && (alone || listed.parts === 1 || isBornThen());
  }

  function isBornThen(): boolean {
    for (let at = 0; at < listed.born.length; at += 1) if (dates.has(listed.born[at] ?? 0)) return true;
    return false;
  }

  /** The parts that stand for asked ones, in any order, and the dates where one was asked. */
  function keyOf(rows: Rows, name: number, { scale }: Reading): number {
    const first = rows.firstTokens[name] ?? 0;
    let count = 0;
    for (let place = 0; place < scale.asked.length; place += 1) {
      const part = out.matches[place] ?? -1;
      if (part < 0) continue;
      const token = rows.tokens[first + part] ?? 0;
      let at = count;
      for (; at > 0 && (key[at - 1] ?? 0) > token; at -= 1) key[at] = key[at - 1] ?? 0;
      key[at] = token;
      count += 1;
    }
    let high = count * 2 + Number(out.suffixConflict);
    let low = high;
    for (let at = 0; at < count; at += 1) {
      high = Math.imul(high ^ (key[at] ?? 0), 0x85ebca6b) ^ (high >>> 13);
      low = Math.imul(low + (key[at] ?? 0), 0xc2b2ae35) ^ (low >>> 15);
    }
    for (let at = 0; scale.born !== undefined && at < listed.born.length; at += 1) {
      high = Math.imul(high ^ (listed.born[at] ?? 0), 0x85ebca6b) ^ (high >>> 13);
      low = Math.imul(low + (listed.born[at] ?? 0), 0xc2b2ae35) ^ (low >>> 15);
    }
    // 53 bits: among thousands no two are the same by chance.
    return (high >>> 11) * 2 ** 32 + (low >>> 0);
  }

  /** A name as it fits best, if it does and fits better than the one before. */
  function betterFit(rows: Rows, name: number, before: Fit | undefined): Fit | undefined {
    const mask = look(rows, name);
    const readings = asked?.readings ?? [];
    let best = before;
    for (let at = 0; at < readings.length; at += 1) {
      const reading = readings[at];
      // Of a reading with a joined part only names that have such a part are told anything new.
      if (reading === undefined || (at > 0 && (mask & reading.novel) === 0)) continue;
      weighAs(reading);
      // Of names and of readings that weigh the same, the first.
      if (best !== undefined && out.bits <= best.bits) continue;
      if (!isFound(reading) || !(keepsAll || isShown(reading.scale, out))) continue;
      const number = rows.numbers[rows.entryOf[name] ?? 0] ?? 0;
      best = { rows, name, number, reading, bits: out.bits, key: keyOf(rows, name, reading) };
    }
    return best;
  }

  function markAlike({ slots }: Asked): void {
    marks.clear(vocabulary.size());
    const traits = vocabulary.traits();
    for (const [slot, { tokens, levels: found, chances }] of slots.entries()) {
      for (let at = 0; at < tokens.length; at += 1) {
        const token = tokens[at] ?? 0;
        const level = found[at] ?? 0;
        const rows = marks.rows();
        const row = marks.mark(token, slot, level);
        bounds.note(row, { trait: traits[token] ?? 0, level, chances, isNew: row > rows });
      }
    }
  }

  return {
    bornLevel: levelOfDate,
    bounds,
    start: (question, all = false) => {
      asked = question;
      keepsAll = all;
      bounds.start(question, all || thorough);
      dates = new Set(question.dates);
      fits = [];
      const wholes = question.readings.map(({ scale }) => scale.asked.filter(isWhole).length);
      leastParts = Math.min(...wholes);
      mostInitials = Math.max(
        ...question.readings.map(({ scale }) => scale.asked.filter(isInitialPart).length),
      );
      particles = question.readings.reduce((slots, reading) => slots | particleSlots(reading), 0);
      markAlike(question);
    },
    visit: (rows, slot) => {
      let best: Fit | undefined;
      let weighed = false;
      const end = rows.firstNames[slot + 1] ?? 0;
      for (let name = rows.firstNames[slot] ?? 0; name < end; name += 1) {
        if (!thorough && !keepsAll && isHopeless(rows, name)) continue;
        weighed = true;
        best = betterFit(rows, name, best);
      }
      if (best !== undefined) fits.push(best);
      return weighed;
    },
    fits: () => fits,
    weighed: (rows, name, reading) => {
      look(rows, name);
      weighAs(reading);
      return out;
    },
    bestReading: (rows, name) => {
      look(rows, name);
      let bits = Number.NEGATIVE_INFINITY;
      let chosen: Reading | undefined;
      for (const reading of asked?.readings ?? []) {
        weighAs(reading);
        if (out.bits <= bits) continue;
        bits = out.bits;
        chosen = reading;
      }
      return chosen;
    },
  };
}

function particleSlots({ scale: { traits }, slots }: Reading): number {
  let bits = 0;
  for (const [place, slot] of slots.entries()) if (isParticle(traits[place], place)) bits |= 1 << slot;
  return bits;
}

function isWhole(part: string): boolean {
  return (traitsOf(part) & (single | particleTrait)) === 0;
}

function isInitialPart(part: string): boolean {
  return part.length === 1;
}

function isInitial(one: number, other: number): boolean {
  return ((one | other) & single) !== 0 && (one & LETTER_BITS) === (other & LETTER_BITS);
}
