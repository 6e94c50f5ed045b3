import { join } from "node:path";

import { startChild, type Child } from "../shared/child.ts";
import { openFolder } from "../shared/folder.ts";
import { sayWhenBusy } from "../shared/machine.ts";
import { percentile, rounded } from "../shared/numbers.ts";
import type { Answered, Made, Making, Slice } from "../watch-process.ts";
import { engines, type EngineName, type Peer } from "./contenders.ts";
import type { Mode } from "./entities.ts";

export interface WatchOptions {
  readonly n: number;
  readonly seed: number;
  readonly mode: Mode;
  readonly engines: readonly EngineName[];
  readonly peers: readonly Peer[];
  /** The folder of the name lists. */
  readonly data: string;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

export interface WatchLine {
  readonly bench: "watch";
  readonly engine: EngineName | Peer;
  readonly n: number;
  readonly mode: Mode;
  readonly seed: number;
  /** Measured ones: slow peers get fewer. */
  readonly queries: number;
  readonly p50_ms: number;
  readonly p95_ms: number;
  readonly p99_ms: number;
  readonly p999_ms: number;
  readonly qps: number;
  /** By rank, whether a group would be shown or not: as peers are judged, which show whatever is nearest. */
  readonly recall10: number;
  readonly recall1: number;
  readonly dob_strict10: number;
  /** Of what an officer would see. */
  readonly shown10: number;
  readonly memory_mb: number;
  readonly build_s: number;
  /** Making names comparable, before the index is made. */
  readonly read_s?: number;
}

/** How many times faster we are than each peer, at the middle and at the end. */
export interface RatioLine {
  readonly bench: "watch";
  readonly ratios_to: Peer;
  readonly n: number;
  readonly mode: Mode;
  readonly p50: number;
  readonly p99: number;
  readonly qps: number;
}

const QUERIES = 3_000;
const WARM_UP = 400;
const ROUNDS = 13;
/** Of one round of a peer: the fast ones get through as many queries as we do. */
const PEER_BUDGET_MS = 4_000;
const nodeOptions = ["--expose-gc", "--max-old-space-size=16384", "--max-semi-space-size=64"];

interface Side {
  readonly name: EngineName | Peer;
  readonly child: Child;
  readonly made: Made;
  readonly answered: Answered[];
  next: number;
}

/** Our search and its peers on the same list and queries, by turns. */
export async function watch(options: WatchOptions): Promise<readonly (WatchLine | RatioLine)[]> {
  await using opened = new AsyncDisposableStack();
  sayWhenBusy(options.progress);
  const folder = openFolder(opened);
  const sides: Side[] = [];
  const names = [...options.engines, ...options.peers];
  // One after the other: two that are made at once would time each other.
  // oxlint-disable-next-line no-await-in-loop
  for (const name of names) sides.push(await makeSide(name, { options, folder, opened }));
  for (let round = 0; round < ROUNDS; round += 1) {
    // oxlint-disable-next-line no-await-in-loop
    for (const side of sides) await playRound(side, options.signal);
    options.progress(`round ${round + 1} of ${ROUNDS}`);
  }
  const lines = sides.map((side) => lineOf(side, options));
  return [...lines, ...ratiosOf(lines)];
}

async function makeSide(
  name: EngineName | Peer,
  {
    options: { n, seed, mode, data, signal, progress },
    folder,
    opened,
  }: {
    readonly options: WatchOptions;
    readonly folder: string;
    readonly opened: AsyncDisposableStack;
  },
): Promise<Side> {
  signal.throwIfAborted();
  const child = opened.adopt(
    startChild({
      file: "watch-process.ts",
      settings: {},
      log: join(folder, `${name}.log`),
      node: nodeOptions,
      signal,
    }),
    (one) => one.close(),
  );
  const making: Making = { contender: name, n, seed, mode, data, folder };
  const made = (await child.call("make", making)) as Made;
  progress(`${name}: made of ${n} entries in ${rounded(made.buildS, 1)} s, ${rounded(made.memoryMb, 0)} MB`);
  return { name, child, made, answered: [], next: 0 };
}

async function playRound(side: Side, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const count = Math.min(Math.ceil(QUERIES / ROUNDS), QUERIES - side.next);
  if (count === 0) return;
  const isPeer = !Object.hasOwn(engines, side.name);
  const slice: Slice = { from: side.next, count, budgetMs: isPeer ? PEER_BUDGET_MS : 60_000 };
  const answered = (await side.child.call("ask", slice)) as readonly Answered[];
  side.answered.push(...answered);
  side.next += answered.length;
}

function lineOf({ name, made, answered }: Side, { n, mode, seed }: WatchOptions): WatchLine {
  // Whoever is too slow for all queries has a shorter warm-up, and keeps nine in ten.
  const measured = answered.slice(answered.length === QUERIES ? WARM_UP : Math.floor(answered.length / 10));
  const times = measured.map(({ ms }) => ms);
  const dated = measured.filter(({ strict }) => strict !== null);
  return {
    bench: "watch",
    engine: name,
    n,
    mode,
    seed,
    queries: measured.length,
    p50_ms: rounded(percentile(times, 0.5), 3),
    p95_ms: rounded(percentile(times, 0.95), 3),
    p99_ms: rounded(percentile(times, 0.99), 3),
    p999_ms: rounded(percentile(times, 0.999), 3),
    qps: rounded((1_000 * times.length) / times.reduce((sum, ms) => sum + ms, 0), 0),
    recall10: share(measured, ({ found }) => found),
    recall1: share(measured, ({ first }) => first),
    dob_strict10: share(dated, ({ strict }) => strict === true),
    shown10: share(measured, ({ shown }) => shown),
    memory_mb: rounded(made.memoryMb, 0),
    build_s: rounded(made.buildS, 2),
    ...(made.readS !== undefined && { read_s: rounded(made.readS, 2) }),
  };
}

function share(of: readonly Answered[], counts: (one: Answered) => boolean): number {
  return rounded(of.filter(counts).length / of.length, 4);
}

function ratiosOf(lines: readonly WatchLine[]): readonly RatioLine[] {
  const ours = lines.find(({ engine }) => engine === "memory");
  if (ours === undefined) return [];
  return lines.flatMap((line) => {
    if (Object.hasOwn(engines, line.engine)) return [];
    return [
      {
        bench: "watch" as const,
        ratios_to: line.engine as Peer,
        n: line.n,
        mode: line.mode,
        p50: rounded(line.p50_ms / ours.p50_ms, 1),
        p99: rounded(line.p99_ms / ours.p99_ms, 1),
        qps: rounded(ours.qps / line.qps, 1),
      },
    ];
  });
}
