import { setTimeout as wait } from "node:timers/promises";

export interface Load {
  /** Acts a second. */
  readonly rate: number;
  readonly seconds: number;
  readonly signal: AbortSignal;
}

export interface Sample {
  /** Milliseconds, in the order in which the acts were due. */
  readonly latencies: readonly number[];
  readonly errors: readonly string[];
}

/**
 * Acts at fixed moments, whether or not earlier ones are answered, and counts from the moment an act was due: a bot
 * that stalls is charged for everybody who had to wait behind it. `act` resolves with the moment of its answer.
 */
export async function drive(load: Load, act: () => Promise<number>): Promise<Sample> {
  const acts: Promise<number | string>[] = [];
  const start = performance.now();
  for (let index = 0; index < Math.round(load.rate * load.seconds); index += 1) {
    const due = start + (index * 1_000) / load.rate;
    // Rounded up, because timers drop fractions: an act before its moment would look faster than it is.
    // oxlint-disable-next-line no-await-in-loop
    await wait(Math.max(0, Math.ceil(due - performance.now())), undefined, { signal: load.signal });
    acts.push(timed(due, act));
  }
  const results = await Promise.all(acts);
  return {
    latencies: results.filter((result) => typeof result === "number"),
    errors: results.filter((result) => typeof result === "string"),
  };
}

async function timed(due: number, act: () => Promise<number>): Promise<number | string> {
  try {
    return (await act()) - due;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export function joined(samples: readonly Sample[]): Sample {
  return {
    latencies: samples.flatMap(({ latencies }) => latencies),
    errors: samples.flatMap(({ errors }) => errors),
  };
}
