import { steps } from "../../jobs/steps.ts";
import { platforms, type Platform } from "../../src/chat.ts";

/** Where a process kills itself. The bot's at the approval of a bulletin, the rest in the jobs. */
export const points = ["inbound_uncommitted", "inbound_committed", "kicked", ...steps] as const;
export type Point = (typeof points)[number];

/** What else befalls a system: a storm, and what strikes from outside. */
export const otherChaos = [
  "storm",
  "postgres-killed",
  "postgres-stopped-at-once",
  "postgres-refuses-10-s",
  "postgres-silent-10-s",
  "redis-flushed",
  "redis-killed",
  "clock-60-s-fast",
  "clock-60-s-slow",
  "stopped-20-s",
  "platform-down-15-s",
] as const;
export type OtherChaos = (typeof otherChaos)[number];

export const backends = ["pg", "redis"] as const;
export type Backend = (typeof backends)[number];

/** What kills a process: at the nth passing of a point, at once or some milliseconds later. */
export interface Arming {
  readonly point: Point;
  /** Counted only once this one has been passed. */
  readonly after?: Point | undefined;
  readonly nth: number;
  readonly afterMs: number;
}

/** One run, decided by its seed. */
export interface Plan {
  readonly seed: number;
  readonly platform: Platform;
  readonly backend: Backend;
  readonly point: Point;
  /** Each armed when the one before has killed. */
  readonly armings: readonly Arming[];
  /** During which deed the kill is armed. */
  readonly during: "sending" | "recalling";
  /** There is a second jobs process, and one of the two survives. */
  readonly survivor: boolean;
  /** The recall does not wait until everybody was told. */
  readonly hasty: boolean;
  /** Which of the platform's calls go wrong by themselves, as far as that is needed or drawn. */
  readonly trouble: "none" | "error-after" | "hang-after" | "rate-limited";
}

export interface Choice {
  readonly seeds: number;
  readonly backends: readonly Backend[];
  readonly platforms?: readonly Platform[] | undefined;
  readonly points?: readonly Point[] | undefined;
}

const botSide: readonly Point[] = ["inbound_uncommitted", "inbound_committed", "kicked"];
const lookUps: readonly Point[] = ["looking_up", "looked_up"];

/** Every point on every platform and backend. */
export function plansOf(choice: Choice): readonly Plan[] {
  const { seeds, backends: chosen, platforms: on = platforms, points: at = points } = choice;
  const plans: Plan[] = [];
  for (let seed = 1; seed <= seeds; seed += 1) {
    for (const platform of on) {
      for (const backend of chosen) {
        for (const point of at) plans.push(planOf({ seed, point, platform, backend }));
      }
    }
  }
  return plans;
}

function planOf(cell: Pick<Plan, "seed" | "point" | "platform" | "backend">): Plan {
  const { seed, point, platform, backend } = cell;
  const random = generator(`${seed} ${point} ${platform} ${backend}`);
  const draw = <Value>(...values: readonly [Value, ...Value[]]): Value =>
    values[Math.floor(random() * values.length)] ?? values[0];
  const atBot = botSide.includes(point);
  const atLookUp = lookUps.includes(point);
  const during = atBot || atLookUp ? "sending" : draw("sending" as const, "sending", "recalling" as const);
  // Discord's look-up is the same nonce sent again, so it has been looked up when that is answered.
  const byNonce = point === "looked_up" && platform === "discord";
  const arming: Arming = {
    ...(byNonce ? { point: "answered", after: "looking_up" } : { point }),
    // A recall takes few steps, and so does a look-up: the second time may never come.
    nth: atBot || atLookUp || during === "recalling" || point === "swept" ? 1 : draw(1, 1, 2),
    // The request is on the wire by then, and its answer is not here yet.
    afterMs: point === "calling" ? draw(3, 8, 20) : 0,
  };
  return {
    seed,
    platform,
    backend,
    point,
    // Only what a killed worker left behind is swept.
    armings: point === "swept" ? [{ ...arming, point: "claimed" }, arming] : [arming],
    during,
    // Each point with one and without, from seed to seed.
    survivor: (points.indexOf(point) + seed) % 2 === 0,
    hasty: draw(true, false),
    trouble: atLookUp
      ? draw("error-after", "hang-after")
      : draw("none", "none", "error-after", "rate-limited"),
  };
}

/** The same seed, the same run: mulberry32 over a hash of the words. */
export function generator(words: string): () => number {
  let state = 2_166_136_261;
  for (const letter of words) state = Math.imul(state ^ (letter.codePointAt(0) ?? 0), 16_777_619);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
