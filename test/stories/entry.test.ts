import { afterAll, beforeAll, describe, expect, it } from "vitest";

import {
  asMessage,
  expectNoWords,
  expectWords,
  refIn,
  type Person,
  type Values,
} from "../../sandbox/cast.ts";
import { entryPages } from "../../sandbox/story.ts";
import { openTown, type Town } from "../support/town.ts";

let town: Town;
let okafor: Person;
let lund: Person;
beforeAll(async () => {
  town = await openTown();
  okafor = town.person("metro", "okafor");
  lund = town.person("metro", "lund");
}, 60_000);
afterAll(() => town.close());

const pages: readonly Values[] = [...entryPages, { Source: "B", Information: "3" }];

/** What the desk's channel shows of an entry, the oldest first: line 1 and the buttons. */
async function desk(ref: string) {
  await town.idle();
  const shown = await town.channel("metro", "desk").read();
  return shown
    .filter(({ headline }) => headline.includes(ref))
    .map(({ headline, buttons }) => [headline, ...buttons.map(({ label }) => label)]);
}

// Each waits until the channel shows it: one change would otherwise carry the next one.

/** Written and sent; the desk says that it waits. */
async function waiting(): Promise<string> {
  const draft = asMessage(await okafor.fills(await okafor.types("/entry new"), pages));
  const ref = refIn(draft, "E");
  await okafor.presses(draft, "Send for approval");
  await town.idle();
  return ref;
}

async function shownTo(who: Person, ref: string) {
  return asMessage(await who.types(`/entry show ${ref}`));
}

async function approved(): Promise<string> {
  const ref = await waiting();
  expectWords(await lund.presses(await shownTo(lund, ref), "Approve"), `Approved: ${ref}`);
  await town.idle();
  return ref;
}

describe("the desk's card about an entry", () => {
  it("says that it waits and nothing about the person; Open shows it privately, to be approved", async () => {
    const ref = await waiting();
    const card = await town.channel("metro", "desk").shows(ref);
    expect(await desk(ref)).toEqual([[`${ref} waits for a second person.`, "Open"]]);
    expectWords(card, "By Det. Okafor. No query finds it before a second person has read it.");
    expectNoWords(card, "Smyth", "ABC1234", "Elm St", "rifle");
    const opened = asMessage(await lund.presses(card, "Open"));
    expectWords(opened, `Entry ${ref}`, "John A. Smyth", "APPROVE?");
    expectWords(await lund.presses(opened, "Approve"), `Approved: ${ref}`);
    expect(await desk(ref)).toEqual([[`${ref} was approved.`, "Open"]]);
    const after = await town.channel("metro", "desk").shows(ref);
    expectWords(after, /By Sgt Lund, \w{3} \d+ \w{3}/);
    expect(after.edited).toBe(true);
  });

  it("opens for nobody who may not read entries", async () => {
    const ref = await waiting();
    const card = await town.channel("metro", "desk").shows(ref);
    const refused = await town.person("metro", "reyes").presses(card, "Open");
    expectWords(refused, "Not done");
    expectNoWords(refused, "Smyth");
  });

  it("says that it is suspended, and then why it ended", async () => {
    const ref = await approved();
    await okafor.types(`/entry suspend ${ref}`);
    expect(await desk(ref)).toEqual([
      [`${ref} was approved. It is suspended now: no query finds it.`, "Open"],
    ]);
    await okafor.types(`/entry cancel ${ref} wrong person`);
    expect(await desk(ref)).toEqual([[`${ref} has ended: wrong person.`]]);
  });

  it("of one that nobody approved says that it was discarded", async () => {
    const ref = await waiting();
    await okafor.types(`/entry cancel ${ref} reason:error`);
    expect(await desk(ref)).toEqual([[`${ref} was discarded.`]]);
  });

  it("says that it was returned; sent anew, it waits again in both cards and is approved in both", async () => {
    const ref = await waiting();
    const form = await lund.presses(await shownTo(lund, ref), "Return with note");
    await lund.submits(form, { "What is to change?": "Which statute of Maryland?" });
    expect(await desk(ref)).toEqual([[`${ref} was returned with a note.`]]);
    await okafor.presses(await shownTo(okafor, ref), "Send for approval");
    const again = [`${ref} waits for a second person.`, "Open"];
    expect(await desk(ref)).toEqual([again, again]);
    await lund.presses(await shownTo(lund, ref), "Approve");
    const done = [`${ref} was approved.`, "Open"];
    expect(await desk(ref)).toEqual([done, done]);
  });

  it("says that its author took it back to change it", async () => {
    const ref = await waiting();
    const page = await okafor.presses(await shownTo(okafor, ref), "Edit person");
    await okafor.submits(page, { Names: "John A. Smyth" });
    expect(await desk(ref)).toEqual([[`${ref} is being changed.`]]);
  });

  it("says by itself that its time is over, and still does when the words are gone", async () => {
    const ref = await approved();
    await town.pass("91 days");
    expect(await desk(ref)).toEqual([[`${ref} has ended: expired.`]]);
    await town.pass("25 hours");
    expect(await desk(ref)).toEqual([[`${ref} has ended: expired.`]]);
  });

  it("changes on Discord as well", async () => {
    const [shaw, ruiz] = [town.person("cedar", "shaw"), town.person("cedar", "ruiz")];
    const draft = asMessage(await shaw.fills(await shaw.types("/entry new"), pages));
    const ref = refIn(draft, "E");
    await shaw.presses(draft, "Send for approval");
    const card = await town.channel("cedar", "desk").shows(`${ref} waits for a second person.`);
    expectWords(await ruiz.presses(card, "Open"), `Entry ${ref}`);
    await shaw.types(`/entry cancel ref:${ref} reason:error`);
    await town.channel("cedar", "desk").shows(`${ref} was discarded.`);
    expectNoWords(card, "Smyth");
  });
});
