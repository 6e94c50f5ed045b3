import { createEngine } from "../../src/watch-list/matching/engine.ts";
import type { EntryRow, NameRow, TokenRow } from "../../src/watch-list/matching/feed.ts";
import { readName } from "../../src/watch-list/matching/name-reader.ts";
import type { Search } from "../../src/watch-list/matching/question.ts";
import { memoryMb, secondsSince, type MakeContender } from "./contender.ts";
import { textOf, type Entity, type Generator } from "./entities.ts";
import type { Asked } from "./queries.ts";

/** The agency whose entries these are, and which asks. */
const AGENCY = "bench";
/** Long after all that is asked here. */
const EXPIRES = 4_000_000_000;
const CHUNK = 10_000;

/** Entries as the engine is fed, with ids that their parts are given on the way. */
export interface Feeding {
  readonly entry: (
    number: number,
    entity: Pick<Entity, "born"> & { readonly names: readonly string[] },
  ) => EntryRow;
  /** Parts that came up since the last time. */
  readonly newTokens: () => readonly TokenRow[];
}

export function feeding(): Feeding {
  const ids = new Map<string, number>();
  let fresh: TokenRow[] = [];
  const idOf = (string: string): number => {
    const known = ids.get(string);
    if (known !== undefined) return known;
    const id = ids.size + 1;
    ids.set(string, id);
    fresh.push({ id, string });
    return id;
  };
  const nameRow = (name: string): NameRow => {
    const { parts, suffix } = readName(name);
    return { tokens: parts.map(idOf), suffix };
  };
  return {
    entry: (number, { names, born }) => ({
      number,
      lane: "open",
      owner: AGENCY,
      audience: undefined,
      expires: EXPIRES,
      names: names.map(nameRow),
      dates: born === undefined ? [] : [Number(born.replaceAll("-", ""))],
    }),
    newTokens: () => {
      const tokens = fresh;
      fresh = [];
      return tokens;
    },
  };
}

/** Entities `from` up to `to` of a generator; their numbers are one more than their places. */
export function feedChunk(
  { entity }: Generator,
  feed: Feeding,
  [from, to]: readonly [from: number, to: number],
): readonly EntryRow[] {
  return Array.from({ length: to - from }, (_none, step) => {
    const { names, born } = entity(from + step);
    return feed.entry(from + step + 1, { names: names.map(textOf), born });
  });
}

export function searchOf({ name, born }: Pick<Asked, "name" | "born">): Search {
  return {
    name,
    born: born === undefined ? undefined : { readings: [born], years: 0 },
    agency: AGENCY,
    now: new Date(),
    also: [],
  };
}

function placesOf(numbers: readonly number[]): readonly number[] {
  return numbers.map((number) => number - 1);
}

/** The product's index in memory, on one thread. */
export const makeMemory: MakeContender = async ({ generator, n }) => {
  const before = memoryMb();
  const engine = createEngine();
  let readS = 0;
  let buildS = 0;
  let feed: Feeding | undefined = feeding();
  for (let from = 0; from < n; from += CHUNK) {
    const started = performance.now();
    const rows = feedChunk(generator, feed, [from, Math.min(n, from + CHUNK)]);
    const read = performance.now();
    engine.addTokens(feed.newTokens());
    engine.load(rows);
    readS += (read - started) / 1000;
    buildS += secondsSince(read);
  }
  feed = undefined;
  const started = performance.now();
  engine.loaded();
  while (engine.work(100));
  buildS += secondsSince(started);
  return {
    readS,
    buildS,
    memoryMb: memoryMb() - before,
    ask: (asked) => engine.search(searchOf(asked)).open.groups.map(({ numbers }) => placesOf(numbers)),
    rank: (asked) => engine.rank(searchOf(asked)).map(placesOf),
    close: async () => undefined,
  };
};
