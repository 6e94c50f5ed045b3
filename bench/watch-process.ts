import { serveParent } from "./shared/parent-calls.ts";
import type { Contender } from "./watch/contender.ts";
import { contenders, type EngineName, type Peer } from "./watch/contenders.ts";
import { generatorOf, type Generator, type Mode } from "./watch/entities.ts";
import { isRight } from "./watch/metrics.ts";
import { queryOf } from "./watch/queries.ts";
import { readSources, type Sources } from "./watch/sources.ts";

// One contender of the watch bench, alone in its process: nobody else's garbage is collected while it answers.

/** What it is to be made of. */
export interface Making {
  readonly contender: EngineName | Peer;
  readonly n: number;
  readonly seed: number;
  readonly mode: Mode;
  readonly data: string;
  readonly folder: string;
}

export type Made = Pick<Contender, "readS" | "buildS" | "memoryMb">;

/** Queries from this one on, so many or until the time is over; at least one. */
export interface Slice {
  readonly from: number;
  readonly count: number;
  readonly budgetMs: number;
}

export interface Answered {
  readonly ms: number;
  readonly noise: string;
  /** Among the first ten, and first, by rank. */
  readonly found: boolean;
  readonly first: boolean;
  readonly strict: boolean | null;
  /** Among the first ten of what is shown. */
  readonly shown: boolean;
}

interface Running {
  readonly contender: Contender;
  readonly generator: Generator;
  readonly sources: Sources;
  readonly seed: number;
}

let running: Running | undefined;

async function make({ contender: name, n, seed, mode, data, folder }: Making): Promise<Made> {
  const sources = readSources(data);
  const generator = generatorOf(sources, seed, mode);
  const contender = await contenders[name]({ generator, n, folder });
  running = { contender, generator, sources, seed };
  const { readS, buildS, memoryMb } = contender;
  return { ...(readS !== undefined && { readS }), buildS, memoryMb };
}

async function askSlice({ from, count, budgetMs }: Slice): Promise<readonly Answered[]> {
  if (running === undefined) throw new Error("not made yet");
  const { contender, generator, sources, seed } = running;
  const queries = Array.from({ length: count }, (_none, step) =>
    queryOf(generator, { seed, nicknames: sources.nicknames }, from + step),
  );
  const end = performance.now() + budgetMs;
  const answered: Answered[] = [];
  for (const query of queries) {
    const started = performance.now();
    // oxlint-disable-next-line no-await-in-loop -- one at a time is what is measured
    const answer = await contender.ask(query);
    const ms = performance.now() - started;
    const ranked = contender.rank?.(query) ?? answer;
    const { found, strict = null } = isRight(generator, query, ranked);
    const { found: first } = isRight(generator, query, ranked.slice(0, 1));
    const { found: shown } = isRight(generator, query, answer);
    answered.push({ ms, noise: query.noise, found, first, strict, shown });
    if (performance.now() > end) break;
  }
  return answered;
}

serveParent({ make, ask: askSlice }, async () => running?.contender.close());
