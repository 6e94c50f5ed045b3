import type { PretendApi } from "../../sandbox/pretend.ts";
import { untilRest } from "./ledger.ts";
import { acknowledge, draftBulletin, recall } from "./people.ts";
import type { Plan } from "./points.ts";
import { begin, conclude, openScene, REST_MS, type Outcome, type Scene, type Stage } from "./scene.ts";

/** Where plans of one kind are played one after the other: who was started in place of the killed begins the next. */
export function openFor(stage: Stage, plan: Plan, broken: boolean): Promise<Scene> {
  const { platform, backend, survivor } = plan;
  const part = { broken };
  return openScene(stage, {
    name: nameOf(plan),
    platform,
    brisk: true,
    ...(backend === "redis" && { redisUrl: stage.redisUrl() }),
    parts: [
      { ...part, roles: ["bot", "jobs"] },
      ...(survivor ? [{ ...part, roles: ["jobs"] as const }] : []),
    ],
  });
}

/** One life of a bulletin, with a kill in it, and what was left of it. */
export async function run(scene: Scene, plan: Plan): Promise<Outcome> {
  const beginning = await begin(scene);
  await scene.side.api.clearFaults();
  await play(plan, scene);
  const outcome = { ...(await conclude(scene, beginning)), name: nameOf(plan) };
  // A point that nobody passes would look safe.
  return outcome.kills >= plan.armings.length ? outcome : { ...outcome, lost: [...outcome.lost, notPassed] };
}

const notPassed = "the point was not passed";

/** Whether all that is wrong is that nobody died: where two work, the other one may have passed the point. */
export function wasMissed({ lost, doubled, unaudited, violations }: Outcome): boolean {
  return lost.length === 1 && lost[0] === notPassed && doubled.length + unaudited + violations.length === 0;
}

async function play({ armings, during, hasty, ...plan }: Plan, scene: Scene): Promise<void> {
  const { side, database } = scene;
  const { ref, approve } = await draftBulletin(side, plan.seed % 2 === 0 ? "routine" : "critical");
  await untilRest(database.look, REST_MS);
  await makeTrouble(side.api, plan);
  if (during === "sending") await scene.arm(armings);
  await approve();
  await acknowledge(side, 1, ref);
  if (!hasty || during === "recalling") await untilRest(database.look, REST_MS);
  if (during === "recalling") await scene.arm(armings);
  await recall(side, ref);
}

export const postMethods = { slack: "chat.postMessage", discord: "POST /channels/:id/messages" } as const;

type Trouble = Pick<Plan, "trouble" | "platform" | "seed">;

async function makeTrouble(api: PretendApi, { trouble, platform, seed }: Trouble): Promise<void> {
  const method = postMethods[platform];
  if (trouble !== "none") await api.addFault({ kind: trouble, method, times: 3, seed });
  // Every answer takes a while, so that a kill finds requests on the wire.
  await api.addFault({ kind: "slow", method, share: 1, afterMs: 40 });
}

export function nameOf(plan: Plan): string {
  const { point, platform, backend, seed, armings, during, survivor, hasty, trouble } = plan;
  const drawn = [
    during,
    survivor ? "survivor" : "alone",
    hasty ? "hasty" : "calm",
    trouble,
    ...armings.map(({ nth }) => nth),
  ];
  return `${point.padEnd(19)} ${platform.padEnd(7)} ${backend.padEnd(5)} ${seed} (${drawn.join(" ")})`;
}
