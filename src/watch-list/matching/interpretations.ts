import { MOST_PARTS } from "./name-reader.ts";
import { shareOf } from "./population.ts";

// What is written in two parts here is written in one there: Mary Ann and Maryann, Jong-un and Jongun.

const most = 6;
/** They tell father and son apart, and must stay apart themselves; written in one they are found anyway. */
const sons: ReadonlySet<string> = new Set(["bin", "ibn", "bint"]);

/** What is known of the names on the list. */
export interface Known {
  /** Somebody's name has such a part. */
  readonly known: (part: string) => boolean;
  /** Nobody's name has such a part, or one that is close to it. */
  readonly strange: (part: string) => boolean;
}

/**
 * The parts as written, and then every reading in which neighbours are one part, or one part is two: only where
 * somebody's name has such a part. Of what is strange, one half may be misspelt. At most six.
 */
export function interpretationsOf(
  parts: readonly string[],
  { known, strange }: Known,
): readonly (readonly string[])[] {
  const odd = parts.filter((part) => part.length >= ODD && !known(part) && strange(part));
  const fits = (one: string, halves: readonly string[]): boolean =>
    known(one) || (halves.some((half) => odd.includes(half)) && !strange(one));
  return [
    parts,
    ...joined(parts, fits),
    ...split(parts, known),
    ...odd.flatMap((part) => splitOdd(parts, part, { known, strange })),
  ].slice(0, most);
}
/** So few letters are no reason to wonder. */
const ODD = 4;

function* joined(
  parts: readonly string[],
  fits: (one: string, halves: readonly string[]) => boolean,
): Generator<readonly string[]> {
  for (const run of [2, 3])
    for (let at = 0; at + run <= parts.length; at += 1) {
      const halves = parts.slice(at, at + run);
      const one = halves.join("");
      if (sons.has(parts[at] ?? "") || one.length > 32 || parts.includes(one)) continue;
      if (fits(one, halves)) yield parts.toSpliced(at, run, one);
    }
}

function* split(parts: readonly string[], known: (part: string) => boolean): Generator<readonly string[]> {
  if (parts.length === MOST_PARTS) return;
  const fits = (part: string): boolean => !parts.includes(part) && known(part);
  for (const [at, part] of parts.entries()) {
    const [one = "", other = ""] = part;
    if (areInitials(part) && !known(part)) yield parts.toSpliced(at, 1, one, other);
    for (let cut = 2; cut <= part.length - 2; cut += 1) {
      const [head, tail] = [part.slice(0, cut), part.slice(cut)];
      if (head !== tail && fits(head) && fits(tail)) yield parts.toSpliced(at, 1, head, tail);
    }
  }
}

const mostOdd = 3;

/** Written together and misspelt: cut where one half is somebody's name, the most usual first. */
function splitOdd(
  parts: readonly string[],
  part: string,
  { known, strange }: Known,
): readonly (readonly string[])[] {
  if (parts.length === MOST_PARTS || part.length < 2 * HALF) return [];
  const cuts = Array.from({ length: part.length - 2 * HALF + 1 }, (_none, at) => {
    const [head, tail] = [part.slice(0, HALF + at), part.slice(HALF + at)];
    const whole = [head, tail].filter((half) => known(half) && !parts.includes(half));
    // Of what the population does not know, the longer half.
    const worth = Math.max(0, ...whole.map((half) => shareOf(half) + half.length * 1e-7));
    return { worth, halves: [head, tail] };
  });
  const one = cuts.filter(({ worth }) => worth > 0);
  // A whole name in one: then both halves may be misspelt.
  const both = one.length > 0 || parts.length > 1 ? [] : cuts.filter(({ halves }) => !halves.some(strange));
  return [...one, ...both]
    .toSorted((one, other) => other.worth - one.worth)
    .slice(0, mostOdd)
    .map(({ halves }) => parts.toSpliced(parts.indexOf(part), 1, ...halves));
}
/** Letters of the shorter half. */
const HALF = 3;

/** JC and AJ are initials, unless somebody is called so; Un and Li are not. */
function areInitials(part: string): boolean {
  return /^(?:[^aeiou]{2}|j.|.j)$/.test(part) && part[0] !== part[1];
}
