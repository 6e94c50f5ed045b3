import { setTimeout as wait } from "node:timers/promises";

import { asMessage, refIn, wordsOf, type Values } from "../../sandbox/cast.ts";
import type { Shown, ShownMessage } from "../../sandbox/pretend.ts";
import { places, type Duty, type Place } from "./places.ts";
import type { Side } from "./side.ts";

// What people do in a run. Every act may meet a bot that is dead or just starting: then they do it again, as people do.

const PATIENCE_MS = 60_000;
const BETWEEN_TRIES_MS = 250;

/** Does it again until it shows this, or says what was shown last. */
export async function insist(act: () => Promise<Shown>, wanted: RegExp): Promise<Shown> {
  const deadline = performance.now() + PATIENCE_MS;
  let seen = "nothing";
  while (performance.now() < deadline) {
    /* oxlint-disable no-await-in-loop */
    try {
      const shown = await act();
      seen = wordsOf(shown);
      if (wanted.test(seen)) return shown;
    } catch (error) {
      seen = error instanceof Error ? error.message : String(error);
    }
    await wait(BETWEEN_TRIES_MS);
    /* oxlint-enable no-await-in-loop */
  }
  throw new Error(`${String(wanted)} was expected, and this was shown: ${seen.slice(0, 600)}`);
}

export function personOf({ platform, api }: Side, agency: number, duty: Duty) {
  const place = placeOf(platform, agency);
  const self = { workspace: place.workspace, user: place.people[duty] };
  const presses = (message: ShownMessage | Extract<Shown, { kind: "form" }>, button: string) =>
    api.press({
      ...self,
      message: message.id,
      button,
      ...("channel" in message && { channel: message.channel }),
    });
  return {
    types: (line: string, channel: string = place.desk) => api.type({ ...self, channel, line }),
    presses,
    /** Page after page; on Discord with *Continue* in between. */
    async fills(first: Shown, pages: readonly Values[]): Promise<Shown> {
      let shown = first;
      for (const [index, values] of pages.entries()) {
        /* oxlint-disable no-await-in-loop */
        if (index > 0 && shown.kind === "message") shown = await presses(shown.message, "Continue");
        if (shown.kind !== "form") throw new Error(`a form was expected, and this came: ${wordsOf(shown)}`);
        shown = await api.submit({ ...self, form: shown.id, values });
        /* oxlint-enable no-await-in-loop */
      }
      return shown;
    },
  };
}

function placeOf(platform: Side["platform"], agency: number): Place {
  const place = places[platform][agency];
  if (place === undefined) throw new Error(`there is no agency ${agency}`);
  return place;
}

/** How grave a bulletin is decides what happens when nobody can know whether it arrived. */
export type Gravity = "critical" | "routine";
const severity = { critical: "CRITICAL", routine: "LOW" } as const;

const pages = (gravity: Gravity): readonly Values[] => [
  {
    "What kind?": "situational bulletin",
    "How severe?": severity[gravity],
    "The bottom line, in one line": "Shots heard near the Elm St station",
    "What do we know?": 'A caller said "three shots", 22 Nov, by telephone.',
  },
  { "Legal status": "NO WARRANT", "What do you ask for?": "be aware. Do not seek contact." },
  { "Which areas?": "Riverton" },
];

export interface Draft {
  readonly ref: string;
  /** Says yes; again and again until it is surely sent. */
  readonly approve: () => Promise<void>;
}

/** An analyst writes a bulletin and asks for approval; a supervisor has it open. */
export async function draftBulletin(side: Side, gravity: Gravity): Promise<Draft> {
  const [author, approver] = [personOf(side, 0, "author"), personOf(side, 0, "approver")];
  // From the beginning where a page did not open in time: a machine that runs many of these at once is slow.
  const write = async () => author.fills(await author.types("/bulletin new"), pages(gravity));
  const preview = asMessage(await insist(write, /Goes to/));
  const ref = refIn(preview, "B");
  await insist(() => author.presses(preview, "Send for approval"), new RegExp(ref));
  const { workspace, desk } = placeOf(side.platform, 0);
  const card = await shownIn(side, { workspace, channel: desk }, ref);
  const opened = asMessage(await insist(() => approver.presses(card, "Open"), /APPROVE\?/));
  return {
    ref,
    async approve() {
      // Who was answered, or was shown nothing, looks at the status before pressing again.
      await insist(async () => {
        const pressed = await approver.presses(opened, "Approve and send");
        return pressed.kind === "error" ? approver.types(`/bulletin status ${ref}`) : pressed;
      }, /is being sent|Sent, valid until/);
    },
  };
}

/** The supervisor of another agency acknowledges the copy in its first channel. */
export async function acknowledge(side: Side, agency: number, ref: string): Promise<void> {
  const { workspace, bulletins } = placeOf(side.platform, agency);
  const copy = await shownIn(side, { workspace, channel: bulletins[0] ?? "" }, ref);
  const supervisor = personOf(side, agency, "approver");
  // A copy that says only whom to call is received rather than acknowledged.
  const [button = ""] = copy.buttons
    .map(({ label }) => label)
    .filter((label) => /Acknowledge|Received/.test(label));
  // Whose receipt was lost finds the button replaced.
  await insist(() => supervisor.presses(copy, button), /Recorded|Already acknowledged|Add note/);
}

/** The owner takes it back, because it was about the wrong person. */
export async function recall(side: Side, ref: string): Promise<void> {
  const author = personOf(side, 0, "author");
  await insist(
    () => author.types(`/bulletin cancel ${ref} reason:wrong_person`),
    /Recall|recalled|cancelled/i,
  );
}

/** The newest message of a channel that says this. */
async function shownIn(
  { api }: Side,
  where: { readonly workspace: string; readonly channel: string },
  words: string,
): Promise<ShownMessage> {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    /* oxlint-disable no-await-in-loop */
    const messages = await api.channel(where);
    const found = messages.findLast(({ lines }) => lines.join("\n").includes(words));
    if (found !== undefined) return found;
    await wait(100);
    /* oxlint-enable no-await-in-loop */
  }
  throw new Error(`nothing in ${where.channel} says ${words}`);
}
