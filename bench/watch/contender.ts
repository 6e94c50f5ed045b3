import type { Generator } from "./entities.ts";
import type { Asked } from "./queries.ts";

/** What all contenders are given. */
export interface World {
  readonly generator: Generator;
  readonly n: number;
  /** Where it may write. */
  readonly folder: string;
}

/** One way to search a list, made for this list. */
export interface Contender {
  /** Seconds of making names comparable, where that is apart from making the index. */
  readonly readS?: number;
  readonly buildS: number;
  /** What the index takes. */
  readonly memoryMb: number;
  /** Groups in order, the best first, each of places of entities. */
  readonly ask: (asked: Asked) => Promise<Answer> | Answer;
  /**
   * The same before what nobody would be shown is left out: peers show whatever is nearest, and this is what is compared
   * with them. Never timed.
   */
  readonly rank?: (asked: Asked) => Answer;
  readonly close: () => Promise<void>;
}

export type Answer = readonly (readonly number[])[];

export type MakeContender = (world: World) => Promise<Contender>;

/** Heap and arrays of this process after everything that can go has gone: needs --expose-gc. */
export function memoryMb(): number {
  for (let round = 0; round < 3; round += 1) globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 2 ** 20;
}

export function secondsSince(start: number): number {
  return (performance.now() - start) / 1000;
}
