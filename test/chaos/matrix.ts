import { setTimeout as wait } from "node:timers/promises";

import { plansOf, type Choice, type Plan } from "./points.ts";
import { isClean, summaryOf } from "./report.ts";
import { nameOf, openFor, run, wasMissed } from "./run.ts";
import { attempt, type Outcome, type Scene, type Stage } from "./scene.ts";

export interface MatrixOptions extends Choice {
  readonly sideBySide: number;
  readonly broken: boolean;
  readonly signal: AbortSignal;
  readonly done: (outcome: Outcome) => void;
}

/** Every point on every platform and backend, several chains side by side because each mostly waits. */
export async function matrix(stage: Stage, options: MatrixOptions): Promise<void> {
  const chains = [...Map.groupBy(plansOf(options), kindOf).values()];
  const work = async () => {
    for (let chain = chains.shift(); chain !== undefined; chain = chains.shift()) {
      // oxlint-disable-next-line no-await-in-loop
      await playChain(stage, chain, options);
    }
  };
  // One after the other: starting all at once, each would take as long as all.
  await Promise.all(Array.from({ length: options.sideBySide }, (_, index) => wait(index * 300).then(work)));
}

/** Of a run in which nobody was killed: after that it counts as one that lost. */
const MOST_TRIES = 4;

const kindOf = ({ seed, platform, backend, survivor }: Plan): string =>
  [seed, platform, backend, survivor].join(" ");

/** One scene for all of them, until something goes wrong in it: what follows begins with a new one. */
async function playChain(
  stage: Stage,
  plans: readonly Plan[],
  { broken, signal, done }: MatrixOptions,
): Promise<void> {
  let scene: Scene | undefined;
  /* oxlint-disable no-await-in-loop -- one after the other is what a chain is */
  for (const plan of plans) {
    if (signal.aborted) break;
    const once = () =>
      attempt(nameOf(plan), async () => {
        scene ??= await openFor(stage, plan, broken);
        return run(scene, plan);
      });
    let outcome = await once();
    for (let tries = 1; tries < MOST_TRIES && wasMissed(outcome); tries += 1) outcome = await once();
    done(outcome);
    if (isClean(summaryOf([outcome]))) continue;
    await scene?.[Symbol.asyncDispose]();
    scene = undefined;
  }
  /* oxlint-enable no-await-in-loop */
  await scene?.[Symbol.asyncDispose]();
}
