import { readFileSync } from "node:fs";

// How usual names are, and which of them stand for one another: tables/, with NOTICE beside them.

/** The share of all people who have this part in their name; 0: not among the usual ones. */
export function shareOf(part: string): number {
  return shares.get(part) ?? 0;
}

/** The usual parts, about four thousand, with their shares. */
export function usualParts(): Iterable<readonly [part: string, share: number]> {
  return shares;
}

export interface Namesakes {
  /** The given names that this is a short form of, or one of several languages for; itself, if it has short forms. */
  readonly nicknames: readonly string[];
  /** The groups of spellings it belongs to. */
  readonly variants: readonly string[];
  /** The pairs it belongs to of names of which one is seldom short for the other, or doubtfully. */
  readonly seldom: readonly string[];
}

const nobody: Namesakes = { nicknames: [], variants: [], seldom: [] };

export function namesakes(part: string): Namesakes {
  return alike.get(part) ?? nobody;
}

function lines(file: string): readonly (readonly string[])[] {
  return readFileSync(new URL(`tables/${file}.txt`, import.meta.url), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(/:? /));
}

const shares: ReadonlyMap<string, number> = new Map(
  lines("population").flatMap(([count, ...names]) =>
    names.map((name) => [name, Number(count) / 1e6] as const),
  ),
);

const alike: ReadonlyMap<string, Namesakes> = readNamesakes();

function readNamesakes(): ReadonlyMap<string, Namesakes> {
  const found = new Map<string, { nicknames: string[]; variants: string[]; seldom: string[] }>();
  const of = (part: string) => {
    const known = found.get(part) ?? { nicknames: [], variants: [], seldom: [] };
    found.set(part, known);
    return known;
  };
  for (const names of lines("nicknames")) for (const name of names) of(name).nicknames.push(names[0] ?? "");
  for (const [place, names] of lines("languages").entries())
    for (const name of names) of(name).nicknames.push(`languages ${place}`);
  for (const [place, names] of lines("variants").entries())
    for (const name of names) of(name).variants.push(`variants ${place}`);
  // Pair by pair: what two names are seldom short for does not make these two one.
  for (const [name = "", ...others] of lines("seldom"))
    for (const other of others)
      for (const one of [name, other]) of(one).seldom.push(`seldom ${name} ${other}`);
  return found;
}
