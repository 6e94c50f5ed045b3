import type { Blind } from "./policy.ts";
import type { Outcome } from "./scene.ts";

/** The one JSON line. */
export interface Summary {
  readonly runs: number;
  readonly deliveries: number;
  readonly kills: number;
  readonly unknown_outcomes: number;
  readonly lost: number;
  readonly doubled: number;
  readonly unaudited: number;
  /** Findings of the standing check after the runs. */
  readonly violations: number;
  readonly recovery_max_s: number;
}

/** Where nobody can look: sent again once and marked, or held for a person. */
export interface BlindSummary extends Summary {
  readonly marked: number;
  readonly held: number;
}

const LONGEST_RECOVERY_S = 15;

export function summaryOf(outcomes: readonly Outcome[]): Summary {
  const sum = (count: (outcome: Outcome) => number) =>
    outcomes.reduce((total, outcome) => total + count(outcome), 0);
  return {
    runs: outcomes.length,
    deliveries: sum(({ deliveries }) => deliveries),
    kills: sum(({ kills }) => kills),
    unknown_outcomes: sum(({ unknownOutcomes }) => unknownOutcomes),
    lost: sum(({ lost }) => lost.length),
    doubled: sum(({ doubled }) => doubled.length),
    unaudited: sum(({ unaudited }) => unaudited),
    violations: sum(({ violations }) => violations.length),
    recovery_max_s: Math.round(Math.max(0, ...outcomes.map(({ recoveryS }) => recoveryS)) * 10) / 10,
  };
}

export function blindSummaryOf(outcomes: readonly (Outcome & Partial<Blind>)[]): BlindSummary {
  const sum = (name: "marked" | "held") =>
    outcomes.reduce((total, outcome) => total + (outcome[name] ?? 0), 0);
  return { ...summaryOf(outcomes), marked: sum("marked"), held: sum("held") };
}

export function isClean({ runs, lost, doubled, unaudited, violations, recovery_max_s }: Summary): boolean {
  const wrong = lost + doubled + unaudited + violations;
  return runs > 0 && wrong === 0 && recovery_max_s <= LONGEST_RECOVERY_S;
}

/** One line for a run, and one more for each thing that went wrong in it. */
export function lineOf(outcome: Outcome, count: number): string {
  const { name, deliveries, kills, unknownOutcomes, recoveryS, seconds } = outcome;
  const numbers = `${deliveries} deliveries, ${kills} kills, ${unknownOutcomes} unknown`;
  const times = `recovered in ${recoveryS.toFixed(1)} s, ${seconds.toFixed(0)} s in all`;
  return [
    `${String(count).padStart(4)} ${name.padEnd(76)} ${numbers}, ${times}`,
    ...outcome.lost.map((what) => `       lost: ${what}`),
    ...outcome.doubled.map((what) => `       doubled: ${what}`),
    ...outcome.violations.map((what) => `       violated: ${what}`),
    ...(outcome.unaudited > 0 ? [`       unaudited: ${outcome.unaudited}`] : []),
  ].join("\n");
}
