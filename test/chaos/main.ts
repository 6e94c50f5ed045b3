import { once } from "node:events";

import { Command, CommanderError, InvalidArgumentError, Option } from "commander";

import { platforms, type Platform } from "../../src/chat.ts";
import { disturb, disturbances } from "./disturbances.ts";
import { matrix } from "./matrix.ts";
import { backends, otherChaos, points, type Backend, type Point } from "./points.ts";
import { blind } from "./policy.ts";
import { blindSummaryOf, isClean, lineOf, summaryOf } from "./report.ts";
import { attempt, type Outcome, type Stage } from "./scene.ts";
import { openStage } from "./stage.ts";
import { rage, stormsOf } from "./storm.ts";

interface Options {
  readonly seeds: number;
  readonly backend?: Backend;
  readonly platform?: Platform;
  readonly point?: Point;
  readonly jobs: number;
  readonly storm?: boolean;
  readonly blind?: boolean;
  readonly broken?: boolean;
  readonly json?: boolean;
}

const program = new Command("chaos")
  .description("Kills Allpoints at every step of a delivery and counts what was lost or doubled.")
  .showHelpAfterError("(--help lists what there is)")
  .exitOverride()
  .option("--seeds <seeds>", "runs of each point, platform and backend", positive, 1)
  .addOption(new Option("--backend <backend>", "only this queue").choices(backends))
  .addOption(new Option("--platform <platform>", "only this one").choices(platforms))
  .addOption(new Option("--point <point>", "only this one").choices(points))
  .option("--jobs <runs>", "side by side", positive, 8)
  .option("--storm", "1,500 deliveries under kills and faults, then what else befalls a system")
  .option("--blind", "with Slack's default scopes, where nobody can look: shows what is promised instead")
  .option("--broken", "with a ledger that looks nothing up: must fail")
  .option("--json", "one JSON line at the end")
  .action(chaos);

async function chaos(options: Options): Promise<void> {
  const stopping = new AbortController();
  process.once("SIGINT", () => stopping.abort());
  process.once("SIGTERM", () => stopping.abort());
  const aborted = once(stopping.signal, "abort");
  const outcomes: Outcome[] = [];
  const done = (outcome: Outcome) => {
    outcomes.push(outcome);
    process.stderr.write(`${lineOf(outcome, outcomes.length)}\n`);
  };
  {
    await using stage = await openStage({
      platforms: platformsOf(options),
      redis: backendsOf(options).includes("redis"),
    });
    await Promise.race([playAll(stage, options, { done, signal: stopping.signal }), aborted]);
  }
  // The processes under test end when this one does.
  if (stopping.signal.aborted) process.exit(130);
  const summary = options.blind ? blindSummaryOf(outcomes) : summaryOf(outcomes);
  process.stdout.write(`${options.json ? JSON.stringify(summary) : table(summary)}\n`);
  if (!isClean(summary)) process.exitCode = 1;
}

const platformsOf = ({ platform, blind }: Options): readonly Platform[] =>
  blind ? ["slack"] : platform === undefined ? platforms : [platform];
const backendsOf = ({ backend, blind }: Options): readonly Backend[] =>
  blind ? [] : backend === undefined ? backends : [backend];

interface Listening {
  readonly done: (outcome: Outcome) => void;
  readonly signal: AbortSignal;
}

async function playAll(stage: Stage, options: Options, { done, signal }: Listening): Promise<void> {
  const [on, queues] = [platformsOf(options), backendsOf(options)];
  const { seeds, point, jobs: sideBySide, broken = false } = options;
  /* oxlint-disable no-await-in-loop -- each of these needs the machine, or the servers, for itself */
  if (options.blind) {
    for (const gravity of ["critical", "routine"] as const)
      done(await attempt(`blind ${gravity}`, () => blind(stage, gravity)));
  } else if (options.storm) {
    for (const storm of stormsOf({ seeds, platforms: on, backends: queues }))
      done(await attempt("storm", () => rage(stage, storm)));
    for (const name of otherChaos) {
      if (name === "storm" || !on.includes(disturbances[name].platform)) continue;
      done(await attempt(name, () => disturb(stage, name)));
    }
  } else {
    const choice = { seeds, backends: queues, platforms: on, ...(point && { points: [point] }) };
    await matrix(stage, { ...choice, sideBySide, broken, signal, done });
  }
  /* oxlint-enable no-await-in-loop */
}

function positive(given: string): number {
  const value = Number(given);
  if (!Number.isInteger(value) || value <= 0) throw new InvalidArgumentError("A whole number above 0.");
  return value;
}

function table(summary: object): string {
  return Object.entries(summary)
    .map(([name, value]) => `${name.padEnd(18)}${String(value)}`)
    .join("\n");
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

/** 1 is kept for what was measured. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 64;
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  return 70;
}
