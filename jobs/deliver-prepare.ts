import type { Claim } from "../src/deliveries/claim-store.ts";
import type { Rendered, Rendering } from "../src/deliveries/delivery.ts";
import { holdClaims, recordIntents, type Held } from "../src/deliveries/held-store.ts";
import { changeBy, judgeSending, NONCE_KEPT } from "../src/deliveries/outcome.ts";
import { arrive, block, bury } from "../src/deliveries/settle.ts";
import type { Notices } from "../src/notices.ts";
import type { Store, Tx } from "../src/store/store.ts";
import type { AtStep } from "./steps.ts";

/** A delivery whose intent is written: it may be sent now, and must be settled afterwards. */
export interface Prepared {
  readonly held: Held;
  readonly rendered: Rendered;
  /** On the monotonic clock, just before the intent was written. */
  readonly intendedAt: number;
}

export interface Preparation {
  readonly prepared: readonly Prepared[];
  readonly woken: readonly string[];
}

/** It is the card, and not the database or this process. */
export class UnrenderableError extends Error {
  override readonly name = "UnrenderableError";
}

interface Preparing {
  readonly store: Store;
  readonly notices: Notices;
  readonly at: AtStep;
}

/**
 * Everything that must be true and written down before the network is touched, in one transaction for deliveries of one
 * owner. Rejects as a whole.
 */
export async function prepare(
  { store, notices, at }: Preparing,
  claims: readonly [Claim, ...(readonly Claim[])],
): Promise<Preparation> {
  return store.transaction({ agency: claims[0].ownerAgency, id: "system" }, async (tx) => {
    const held = await holdClaims(tx, claims);
    const inOrder = claims.flatMap(({ id }) => held.find((one) => one.id === id) ?? []);
    const { going, woken } = await judge(tx, inOrder);
    if (going.length === 0) return { prepared: [], woken };
    const rendered = await notices.render(tx, going.map(renderingOf)).catch((cause: unknown) => {
      throw new UnrenderableError("a card could not be made", { cause });
    });
    const prepared = going.flatMap((held, place) => {
      const card = rendered[place];
      return card === undefined ? [] : [{ held, rendered: card, intendedAt: performance.now() }];
    });
    // Who is given what is on record before they have it.
    await recordIntents(
      tx,
      prepared.map(({ held, rendered: { given } }) => ({ held, given })),
    );
    at("intent_uncommitted");
    return { prepared, woken };
  });
}

/** Those that may go out now, with the level at which they may. */
async function judge(tx: Tx, all: readonly Held[]) {
  const going: Held[] = [];
  const woken: string[] = [];
  const left: Held[] = [];
  for (const held of all) {
    const edit = held.message !== null;
    const ended = held.endedVersion !== null;
    const verdict = judgeSending({ ...held, edit, ended });
    if (isForgotten(held)) {
      // oxlint-disable-next-line no-await-in-loop
      woken.push(...(await bury(tx, held, { reason: "outcome_unknown", error: "nonce_forgotten" })));
    } else if (!verdict.send) {
      // oxlint-disable-next-line no-await-in-loop
      woken.push(...(await block(tx, held, verdict.reason)));
    } else if (edit && verdict.level === held.level && changeBy({ ...held, ended }) === "leave")
      left.push(held);
    else going.push({ ...held, level: verdict.level });
  }
  await arrive(
    tx,
    left.map((held) => ({ claim: held, version: held.version })),
  );
  return { going, woken };
}

/** A repetition that was held up until Discord may not know its nonce any more: it could make a second message. */
function isForgotten({ platform, repeated, attempts, message, doubtMs }: Held): boolean {
  const again = platform === "discord" && repeated && attempts > 0 && message === null;
  return again && doubtMs >= NONCE_KEPT;
}

function renderingOf(held: Held): Rendering {
  const { id, ref, kind, subjectId, ownerAgency, agency, zone, platform, level } = held;
  // Discord makes one message of two with the same nonce, so there is nothing to warn of.
  // One that somebody replays begins anew, when Discord has long forgotten the first.
  const repeated = held.repeated && (platform === "slack" || held.attempts === 0);
  return { id, ref, kind, subjectId, ownerAgency, agency, zone, platform, level, repeated };
}
