import type { LaneName } from "./feed.ts";
import { judge } from "./judgement.ts";
import type { Group, Judgement } from "./question.ts";
import type { Rows } from "./rows.ts";
import type { Fit, Scorer } from "./scoring.ts";

// Who cannot be told apart becomes one group, and the first ten groups the answer.

/**
 * Of the open lane more than ten are counted, not shown. Of the restricted one each is told to its owner, so it gives
 * as many as are told: MOST_SILENT of query.ts.
 */
const MOST_NUMBERS: Readonly<Record<LaneName, number>> = { open: 10, restricted: 40 };
const MOST_GROUPS = 10;
/** So many groups may fit equally well before none of them is told with certainty. */
const MOST_TIED = 5;

interface Naming {
  readonly lane: LaneName;
  /** Strings of the parts of a name. */
  readonly partsOf: (rows: Rows, name: number) => readonly string[];
  readonly ownerOf: (visibilityClass: number) => string;
  /** Whether whoever asks may be told how many of these there are. */
  readonly isTold: (visibilityClass: number) => boolean;
}

interface Gathering {
  best: Fit;
}

/** Groups that the scorer kept, shown or not: the numbers of the first ten, the best first. */
export function rankingOf(scorer: Scorer): readonly (readonly number[])[] {
  const keys = sortedGroups(scorer)
    .slice(0, MOST_GROUPS)
    .map(({ best }) => best.key);
  const members = membersOf(scorer, new Set(keys));
  return keys.map((key) => (members.get(key) ?? []).map(({ number }) => number));
}

function sortedGroups(scorer: Scorer): readonly Gathering[] {
  const gathered = new Map<number, Gathering>();
  for (const fit of scorer.fits()) {
    const group = gathered.get(fit.key);
    if (group === undefined) gathered.set(fit.key, { best: fit });
    else if (compare(fit, group.best) < 0) group.best = fit;
  }
  return [...gathered.values()].toSorted((one, other) => compare(one.best, other.best));
}

export function groupsOf(scorer: Scorer, naming: Naming): readonly Group[] {
  const sorted = sortedGroups(scorer);
  const top = sorted.slice(0, MOST_GROUPS);
  const members = membersOf(scorer, new Set(top.map(({ best }) => best.key)));
  return top.flatMap(({ best }) => {
    const tied = sorted.filter((other) => other.best.bits === best.bits).length > MOST_TIED;
    const judgement = judgementOf(scorer, best, { naming, tied });
    const { band } = judgement;
    const own = (members.get(best.key) ?? []).toSorted(compare);
    return band === undefined ? [] : [{ ...judgement, ...told(own, naming), band }];
  });
}

type Told = Pick<Group, "entries" | "agencies" | "numbers" | "kept">;

function told(own: readonly Fit[], { lane, ownerOf, isTold }: Naming): Told {
  const classOf = ({ rows, name }: Fit) => rows.classes[rows.entryOf[name] ?? 0] ?? 0;
  const [counted, kept] = [
    own.filter((fit) => isTold(classOf(fit))),
    own.filter((fit) => !isTold(classOf(fit))),
  ];
  const byOwner = Map.groupBy(kept, (fit) => ownerOf(classOf(fit)));
  // Of each owner the first: further ones say no more, and must push out nobody.
  const contacts = new Set([...byOwner.values()].flatMap(([first]) => first ?? []));
  const first = own.filter((fit) => isTold(classOf(fit)) || contacts.has(fit));
  const others = kept.filter((fit) => !contacts.has(fit));
  const numbersOf = (fits: readonly Fit[]) => fits.slice(0, MOST_NUMBERS[lane]).map(({ number }) => number);
  return {
    entries: counted.length,
    agencies: new Set(counted.map((fit) => ownerOf(classOf(fit)))).size,
    numbers: numbersOf([...first, ...others]),
    // More than one of each: the first may be over by now.
    kept: numbersOf([...contacts, ...others]),
  };
}

function membersOf(scorer: Scorer, keys: ReadonlySet<number>): ReadonlyMap<number, readonly Fit[]> {
  const members = new Map<number, Fit[]>();
  for (const fit of scorer.fits()) {
    if (!keys.has(fit.key)) continue;
    const own = members.get(fit.key);
    if (own === undefined) members.set(fit.key, [fit]);
    else own.push(fit);
  }
  return members;
}

/** The greatest evidence first; of equals the oldest entry. */
function compare(one: Fit, other: Fit): number {
  return other.bits - one.bits || one.number - other.number;
}

interface Judging {
  readonly naming: Naming;
  readonly tied: boolean;
}

function judgementOf(scorer: Scorer, { rows, name, reading }: Fit, { naming, tied }: Judging): Judgement {
  const weighed = scorer.weighed(rows, name, reading);
  const slot = rows.entryOf[name] ?? 0;
  const born = [...rows.dates.subarray(rows.firstDates[slot] ?? 0, rows.firstDates[slot + 1] ?? 0)];
  return judge(reading.scale, weighed, { listed: naming.partsOf(rows, name), born, tied });
}

/** An entry that was found otherwise: by its best name, whether that fits or not. */
export function judgeEntry(scorer: Scorer, naming: Naming, at: { rows: Rows; slot: number }): Judgement {
  const { rows, slot } = at;
  let best: Fit | undefined;
  for (let name = rows.firstNames[slot] ?? 0; name < (rows.firstNames[slot + 1] ?? 0); name += 1) {
    const reading = scorer.bestReading(rows, name);
    if (reading === undefined) continue;
    const { bits } = scorer.weighed(rows, name, reading);
    if (best === undefined || bits > best.bits) best = { rows, name, number: 0, reading, bits, key: 0 };
  }
  return best === undefined ? nothing : judgementOf(scorer, best, { naming, tied: false });
}

const nothing: Judgement = { band: undefined, bits: 0, chance: 1, why: [], conflict: false };
