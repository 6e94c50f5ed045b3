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

/** The same for a year: reviewed in between. */
const yearly = pages.map((page) => ("Valid for" in page ? { ...page, "Valid for": "1 year" } : page));

/** Written and sent; the desk says that it waits. */
async function waiting(written = pages): Promise<string> {
  const draft = asMessage(await okafor.fills(await okafor.types("/entry new"), written));
  const ref = refIn(draft, "E");
  await okafor.presses(draft, "Send for approval");
  await town.idle();
  return ref;
}

async function shownTo(who: Person, ref: string) {
  return asMessage(await who.types(`/entry show ${ref}`));
}

async function approved(written = pages): Promise<string> {
  const ref = await waiting(written);
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

describe("an entry in force", () => {
  it("is changed by a colleague and approved under its own reference; the desk reads which", async () => {
    const ref = await approved(yearly);
    const lee = town.person("metro", "lee");
    const draft = asMessage(await lee.presses(await shownTo(lee, ref), "Change"));
    const change = refIn(draft, "E");
    expectWords(draft, `Changes ${ref}, version 1: nothing yet.`, "John A. Smyth");
    const page = await lee.presses(draft, "Edit handling");
    const edited = asMessage(await lee.submits(page, { "Cautions, as reported": ["armed", "violent"] }));
    expectWords(edited, `Changes ${ref}, version 1: cautions. That is material.`);
    await lee.presses(edited, "Send for approval");
    expect(await desk(change)).toEqual([[`${change} waits for a second person.`, "Open"]]);
    const card = await town.channel("metro", "desk").shows(change);
    expectWords(card, `By Analyst Lee. It changes ${ref}`);
    expectNoWords(card, "Smyth", "violent");
    const opened = asMessage(await lund.presses(card, "Open"));
    expectWords(opened, "APPROVE?", "violent", `${ref} was shown to nobody by a query.`);
    expectWords(await lund.presses(opened, "Approve"), `Approved: ${ref}, version 2`);
    expect(await desk(change)).toEqual([[`${change} was approved: it is ${ref} now, version 2.`, "Open"]]);
    const after = await town.channel("metro", "desk").shows(`it is ${ref} now`);
    expectWords(await lund.presses(after, "Open"), `Entry ${ref}`, "Version 2.", "violent");
  });

  it("is reviewed, suspended when that is missed, and found again once somebody validated it", async () => {
    const ref = await approved(yearly);
    await town.pass("91 days");
    const due = `${ref} is due for review: without one it is suspended in 14 days.`;
    expect((await desk(ref)).map(([headline]) => headline)).toContainEqual(expect.stringContaining(due));
    const told = (await okafor.messages()).filter(({ headline }) => headline.includes(due));
    expect(told).toHaveLength(1);
    expectWords(await lund.types("/allpoints queue"), `${ref} is due for review`, `/entry validate ${ref}`);
    await town.pass("15 days");
    await town.channel("metro", "desk").shows(`${ref} is suspended: no query finds it.`);
    const card = await town.channel("metro", "desk").shows(`${ref} was approved. It is suspended now`);
    expectWords(card, "Because its review was missed. A validation brings it back.");
    const form = await lund.types(`/entry validate ${ref}`);
    const answers = {
      "Is it still true, and still needed?": "Yes",
      "How do you know?": "Read the case file and called the detective.",
      "Valid for": "1 year",
    };
    expectWords(await lund.submits(form, answers), `Validated: ${ref}`, "queries find it again");
    expect(await desk(ref)).toContainEqual([`${ref} was approved.`, "Open"]);
    expectWords(await okafor.types(`/entry validate ${ref}`), "a second person");
  });

  it("is challenged and decided by the privacy officer; nobody else reads who complained", async () => {
    const ref = await approved(yearly);
    const weiss = town.person("metro", "weiss");
    const complaint = {
      "Who disputes it?": "Mary Complainant, 555-0155",
      "What is disputed?": "He was in hospital on that day.",
    };
    expectWords(
      await weiss.submits(await weiss.types(`/entry challenge ${ref}`), complaint),
      `Under review: ${ref}`,
    );
    const card = await town.channel("metro", "desk").shows(`${ref} is under review for 30 days.`);
    expectNoWords(card, "Complainant", "hospital");
    const seen = await shownTo(okafor, ref);
    expectWords(seen, "Under review since");
    expectNoWords(seen, "Complainant", "hospital");
    const opened = asMessage(await weiss.types(`/entry challenge ${ref}`));
    expectWords(opened, "Mary Complainant, 555-0155", "He was in hospital on that day.");
    const decision = {
      "What do you decide?": "Upheld: cancel it, wrong person",
      "Why?": "The hospital confirms it.",
    };
    const decided = await weiss.submits(await weiss.presses(opened, "Decide"), decision);
    expectWords(decided, `Decided: ${ref}`, "No query finds it any more");
    await town.channel("metro", "desk").shows(`${ref} has ended: wrong person.`);
  });
});
