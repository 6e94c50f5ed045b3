import { setTimeout as wait } from "node:timers/promises";

import { asMessage, castOf, channelView, expectWords, refIn, type Person } from "../../sandbox/cast.ts";
import type { Platforms } from "../../sandbox/settle.ts";
import { bulletinPages, entryPages, grade, tip, wish } from "../../sandbox/story-values.ts";

// What a test or a picture needs to have happened, done past the page: straight on the pretend platforms.

const PATIENCE_MS = 10_000;

export interface Waiting {
  readonly ref: string;
  /** A supervisor approves it: it goes out. */
  readonly approve: () => Promise<void>;
}

/** Riverton and Cedar County listen: the one cleared for full text, the other for summaries. */
export async function subscribeBoth(platforms: Platforms): Promise<void> {
  const cast = castOf(platforms);
  for (const supervisor of [cast("riverton", "diaz"), cast("cedar", "ruiz")]) {
    // oxlint-disable-next-line no-await-in-loop
    const form = await supervisor.types("/subscribe", "bulletins");
    // oxlint-disable-next-line no-await-in-loop
    expectWords(await supervisor.submits(form, wish), "This channel is subscribed.");
  }
  const adler = cast("riverton", "adler");
  expectWords(await adler.types("/allpoints channel clearance level:full", "bulletins"), "full text");
  const lang = cast("cedar", "lang");
  expectWords(await lang.types("/allpoints channel-clearance level:summary", "bulletins"), "summaries");
}

/** A tip, taken and graded; its reference. */
export async function gradedTip(platforms: Platforms): Promise<string> {
  const cast = castOf(platforms);
  const [reyes, okafor] = [cast("metro", "reyes"), cast("metro", "okafor")];
  const ref = refIn(await reyes.submits(await reyes.types("/tip"), tip), "T");
  const card = await channelView(platforms, "metro", "intake").shows(`NEW TIP ${ref}`);
  expectWords(await okafor.presses(card, "Take it"), `${ref} is yours.`);
  expectWords(await okafor.submits(await okafor.presses(card, "Grade"), grade), `${ref} is B3`);
  return ref;
}

/** An entry out of a tip, approved; its reference. */
export async function approvedEntry(platforms: Platforms, tipRef: string): Promise<string> {
  const cast = castOf(platforms);
  const [okafor, lund] = [cast("metro", "okafor"), cast("metro", "lund")];
  const opened = asMessage(await okafor.types(`/allpoints show ${tipRef}`));
  const draft = asMessage(await okafor.fills(await okafor.presses(opened, "Make an entry"), entryPages));
  const ref = refIn(draft, "E");
  expectWords(await okafor.presses(draft, "Send for approval"), ref);
  const waiting = asMessage(await lund.types(`/entry show ${ref}`));
  expectWords(await lund.presses(waiting, "Approve"), ref);
  await hears(okafor, `${ref} was approved`);
  return ref;
}

/** Word of it comes on its own, and must not be taken for the answer to what the person does next. */
async function hears(person: Person, words: string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  const isThere = async () => (await person.messages()).some(({ lines }) => lines.join("\n").includes(words));
  // oxlint-disable-next-line no-await-in-loop
  while (!(await isThere())) {
    if (performance.now() > deadline) throw new Error(`${person.name} never heard "${words}"`);
    // oxlint-disable-next-line no-await-in-loop
    await wait(25);
  }
}

/** A bulletin on an entry, written and sent for approval. */
export async function waitingBulletin(platforms: Platforms, entryRef: string): Promise<Waiting> {
  const cast = castOf(platforms);
  const [okafor, lund] = [cast("metro", "okafor"), cast("metro", "lund")];
  const first = await okafor.types(`/bulletin new from:${entryRef}`);
  const preview = asMessage(await okafor.fills(first, bulletinPages(entryRef)));
  const ref = refIn(preview, "B");
  expectWords(await okafor.presses(preview, "Send for approval"), ref);
  const card = await channelView(platforms, "metro", "desk").shows(ref);
  return {
    ref,
    async approve() {
      const whole = asMessage(await lund.presses(card, "Open"));
      expectWords(await lund.presses(whole, "Approve and send"), ref);
    },
  };
}
