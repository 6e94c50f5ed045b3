import { Command } from "commander";

import { openKick } from "../jobs/jobs.ts";
import { inBoth } from "./clock.ts";
import { deliveryStates, type DeliveryState } from "./deliveries/delivery.ts";
import { replayDelivery } from "./deliveries/replay-store.ts";
import { refuseReplay } from "./deliveries/replay.ts";
import {
  findAudited,
  findGivings,
  findTraced,
  listDeliveries,
  type Listed,
} from "./deliveries/trace-store.ts";
import { linkOf, traceLines, waitsOf, type Trace, type Traced } from "./deliveries/trace.ts";
import { StartError } from "./errors.ts";
import { openGround, type Base, type Ground } from "./main.ts";
import { parseRef, type RefKind } from "./refs.ts";
import type { Tx } from "./store/store.ts";

type GetBase = () => Base;
const system = { agency: null, id: "system" } as const;
const MOST_TRACED = 5;
const MOST_LISTED = 200;

/** What a person does about single deliveries: look, list, try again. None of it shows what they say. */
export function deliveryCommands(base: GetBase): Command {
  return new Command("delivery")
    .description("single deliveries: what became of them, and trying again")
    .addCommand(traceCommand(base))
    .addCommand(listCommand(base))
    .addCommand(replayCommand(base));
}

async function withGround(base: GetBase, work: (ground: Ground) => Promise<void>): Promise<void> {
  await using ground = await openGround(base());
  await work(ground);
}

/** As it is written, or a sentence: nothing of another kind and nothing mistyped is looked for. */
function needRef(kind: RefKind, text: string, example: string): string {
  const parsed = parseRef(text);
  if (parsed?.kind === kind) return parsed.ref;
  throw new StartError(`"${text}" is not the reference of a ${kind}.`, `It looks like ${example}.`, 64);
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

async function find(tx: Tx, text: string): Promise<readonly Traced[]> {
  const sought = uuid.test(text)
    ? { id: text }
    : { ref: needRef("delivery", text, "D-7K3-M9Q; a delivery's id will do too") };
  const found = await findTraced(tx, sought, MOST_TRACED);
  if (found.length > 0) return found;
  throw new StartError(
    `There is no delivery ${text}.`,
    "Check the reference, or see: allpoints delivery list",
  );
}

function traceCommand(base: GetBase): Command {
  return new Command("trace")
    .argument("<ref>", "D-… (or the delivery's id)")
    .description("the whole life of one delivery, without what it says")
    .option("--json", "for machines")
    .action((ref: string, { json }: { json?: boolean }) =>
      withGround(base, async ({ config, jobs }) => {
        const zone = config.DISPLAY_ZONE;
        const traces = await jobs.transaction(system, async (tx) => {
          const all: Trace[] = [];
          // oxlint-disable-next-line no-await-in-loop
          for (const traced of await find(tx, ref)) all.push(await complete(tx, traced, zone));
          return all;
        });
        console.log(
          json === true
            ? JSON.stringify(traces)
            : traces.map((trace) => traceLines(trace, zone).join("\n")).join("\n\n"),
        );
      }),
    );
}

async function complete(tx: Tx, traced: Traced, zone: string): Promise<Trace> {
  return {
    ...traced,
    givings: await findGivings(tx, traced),
    audits: await findAudited(tx, traced),
    link: linkOf(traced),
    waits: waitsOf(traced, zone),
  };
}

interface ListOptions {
  readonly dead?: boolean;
  readonly state?: string;
  readonly bulletin?: string;
  readonly json?: boolean;
}

function listCommand(base: GetBase): Command {
  return new Command("list")
    .description("deliveries that wait for a person, or those you ask for; the newest first, at most 200")
    .option("--dead", "those nobody tries again by itself (what is listed anyway)")
    .option("--state <state>", deliveryStates.join(", "))
    .option("--bulletin <ref>", "those of one bulletin, B-…, in every state")
    .option("--json", "for machines")
    .action(({ dead, state, bulletin, json }: ListOptions) =>
      withGround(base, async ({ config, jobs }) => {
        const wish = {
          state: dead === true ? "dead" : stateNamed(state, bulletin),
          bulletin: bulletin === undefined ? undefined : needRef("bulletin", bulletin, "B-7K3-M9Q"),
        } as const;
        const found = await jobs.transaction(system, (tx) => listDeliveries(tx, wish, MOST_LISTED));
        const lines = found.map((one) => listedLine(one, config.DISPLAY_ZONE));
        console.log(json === true ? JSON.stringify(found) : lines.join("\n") || "No such delivery.");
      }),
    );
}

function stateNamed(state: string | undefined, bulletin: string | undefined): DeliveryState | undefined {
  if (state === undefined) return bulletin === undefined ? "dead" : undefined;
  const named = deliveryStates.find((one) => one === state);
  if (named !== undefined) return named;
  throw new StartError(`There is no state "${state}".`, `The states are: ${deliveryStates.join(", ")}.`, 64);
}

function listedLine(one: Listed, zone: string): string {
  const { ref, kind, subject, agency, platform, state, reason, since } = one;
  const about = subject === null ? kind : `${kind} ${subject}`;
  const why = reason === null ? state : `${state} (${reason})`;
  return `${ref} · ${about} · ${agency}, ${platform} · ${why} · ${inBoth(since, zone)}`;
}

function replayCommand(base: GetBase): Command {
  return new Command("replay")
    .argument("<ref>", "D-… (or the delivery's id)")
    .description("try a dead delivery again")
    .option(
      "--even-if-it-may-repeat",
      "also where nobody knows whether it arrived; it then says that it may be a repeat",
    )
    .option("--json", "for machines")
    .action((ref: string, options: { evenIfItMayRepeat?: boolean; json?: boolean }) =>
      withGround(base, async (ground) => {
        const traced = await replay(ground, ref, options.evenIfItMayRepeat === true);
        await wake(ground, traced.installationId);
        console.log(
          options.json === true
            ? JSON.stringify({ id: traced.id, ref: traced.ref, state: "pending" })
            : `${traced.ref} is tried again. See: allpoints delivery trace ${traced.ref}`,
        );
      }),
    );
}

async function replay({ jobs }: Ground, ref: string, evenIfItMayRepeat: boolean): Promise<Traced> {
  return jobs.transaction(system, async (tx) => {
    const [traced, second] = await find(tx, ref);
    if (traced === undefined) throw new Error("a search that found nothing found something");
    if (second !== undefined)
      throw new StartError(
        `${traced.ref} names several deliveries.`,
        "Take the id of the one you mean: allpoints delivery trace " + traced.ref,
      );
    const refusal = refuseReplay(traced, evenIfItMayRepeat);
    if (refusal !== undefined) throw new StartError(refusal.why, refusal.fix);
    if (!(await replayDelivery(tx, traced)))
      throw new StartError(
        `${traced.ref} was tried again by somebody else just now.`,
        "Look again in a moment.",
      );
    return traced;
  });
}

/** Only sooner than the sweep would. */
async function wake({ config, database, log }: Ground, installation: string): Promise<void> {
  const { kick, close } = await openKick({ connection: database.jobs, redisUrl: config.REDIS_URL, log });
  kick([installation]);
  await close();
}
