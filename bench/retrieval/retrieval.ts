import { createEngine } from "../../src/watch-list/matching/engine.ts";
import type { Engine } from "../../src/watch-list/matching/feed.ts";
import { NotUsable } from "../names/pairs-file.ts";
import { sayWhenBusy } from "../shared/machine.ts";
import { percentile, rounded } from "../shared/numbers.ts";
import { generatorOf } from "../watch/entities.ts";
import { feedChunk, feeding, searchOf } from "../watch/memory.ts";
import { readSources } from "../watch/sources.ts";
import { readPeople, type Person } from "./people-file.ts";

export interface RetrievalOptions {
  readonly list: string;
  readonly queries: string;
  /** So many others, made up, are on the list as well. */
  readonly background: number;
  readonly seed: number;
  /** The folder of the name lists. */
  readonly data: string;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

/** A query whose answer did not hold whom it meant. */
export interface MissLine {
  readonly miss: string;
  /** It was among the first ten by rank, and not close enough to be shown to anybody. */
  readonly ranked: boolean;
  readonly name: string;
  readonly dob: string | undefined;
  readonly listed: readonly string[];
  /** What came first instead. */
  readonly first: readonly string[];
}

export interface RetrievalLine {
  readonly bench: "retrieval";
  readonly list: number;
  readonly background: number;
  readonly queries: number;
  /** Queries whose target is not on the list: left out of the rest. */
  readonly unknown_targets: number;
  /** Shares of the queries in whose first group, or first ten, the very entry is: by rank, whether shown or not. */
  readonly recall1: number;
  readonly recall10: number;
  /** The same of those with a date, in the first ten. */
  readonly dob_strict10?: number;
  /** Of what an officer would see. */
  readonly shown1: number;
  readonly shown10: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
}

const CHUNK = 10_000;

/** Any list and any queries for it, among made-up others. */
export async function* retrieval(options: RetrievalOptions): AsyncGenerator<MissLine | RetrievalLine> {
  const { progress, background } = options;
  sayWhenBusy(progress);
  const list = await readPeople(options.list, "id");
  const queries = await readPeople(options.queries, "target");
  const numbers = numbersOf(list, background);
  const asked = queries.filter(({ key }) => numbers.has(key));
  if (asked.length === 0) throw new NotUsable("No target of the queries is an id of the list.", 64);
  const engine = createEngine();
  fill(engine, list, options);
  progress(`${engine.status().names} names on the list`);
  for (const query of asked.slice(0, WARM_UP)) engine.search(searchOf(query));
  const times: number[] = [];
  const ranks = { first: 0, ten: 0, dated: 0, datedTen: 0 };
  const shown = { first: 0, ten: 0 };
  for (const query of asked) {
    options.signal.throwIfAborted();
    const meant = numbers.get(query.key) ?? new Set();
    const started = performance.now();
    const { groups } = engine.search(searchOf(query)).open;
    times.push(performance.now() - started);
    const isMeant = (group: readonly number[]): boolean => group.some((number) => meant.has(number));
    const place = groups.findIndex(({ numbers: group }) => isMeant(group));
    const rank = engine.rank(searchOf(query)).findIndex(isMeant);
    count(shown, place);
    count(ranks, rank);
    if (query.born !== undefined) {
      ranks.dated += 1;
      if (rank !== -1) ranks.datedTen += 1;
    }
    if (place === -1) {
      yield {
        miss: query.key,
        ranked: rank !== -1,
        name: query.name,
        dob: query.born,
        listed: list.filter(({ key }) => key === query.key).map(inWords),
        first: groups[0]?.why ?? [],
      };
    }
  }
  yield {
    bench: "retrieval",
    list: list.length,
    background,
    queries: asked.length,
    unknown_targets: queries.length - asked.length,
    recall1: rounded(ranks.first / asked.length, 4),
    recall10: rounded(ranks.ten / asked.length, 4),
    ...(ranks.dated > 0 && { dob_strict10: rounded(ranks.datedTen / ranks.dated, 4) }),
    shown1: rounded(shown.first / asked.length, 4),
    shown10: rounded(shown.ten / asked.length, 4),
    p50_ms: rounded(percentile(times, 0.5), 3),
    p99_ms: rounded(percentile(times, 0.99), 3),
  };
}

const WARM_UP = 400;

function count(of: { first: number; ten: number }, place: number): void {
  if (place === 0) of.first += 1;
  if (place !== -1) of.ten += 1;
}

function fill(engine: Engine, list: readonly Person[], options: RetrievalOptions): void {
  const { background, seed, data, signal, progress } = options;
  const feed = feeding();
  if (background > 0) {
    const generator = generatorOf(readSources(data), seed, "clean");
    for (let from = 0; from < background; from += CHUNK) {
      signal.throwIfAborted();
      const rows = feedChunk(generator, feed, [from, Math.min(background, from + CHUNK)]);
      engine.addTokens(feed.newTokens());
      engine.load(rows);
      if (from % (CHUNK * 25) === 0) progress(`${from} of ${background} made up`);
    }
  }
  const rows = list.map(({ name, born }, place) =>
    feed.entry(background + place + 1, { names: [name], born }),
  );
  engine.addTokens(feed.newTokens());
  engine.load(rows);
  engine.loaded();
  while (engine.work(100)) signal.throwIfAborted();
}

/** By id: the numbers of the rows that have it; several are names of one person. */
function numbersOf(list: readonly Person[], background: number): ReadonlyMap<string, ReadonlySet<number>> {
  const numbers = new Map<string, Set<number>>();
  for (const [place, { key }] of list.entries()) {
    numbers.set(key, (numbers.get(key) ?? new Set()).add(background + place + 1));
  }
  return numbers;
}

function inWords({ name, born }: Person): string {
  return born === undefined ? name : `${name} (${born})`;
}
