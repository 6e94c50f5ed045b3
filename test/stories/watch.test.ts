import { setTimeout as wait } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import {
  asMessage,
  expectNoWords,
  expectWords,
  refIn,
  wordsOf,
  type Person,
  type Values,
} from "../../sandbox/cast.ts";
import type { Shown, ShownMessage } from "../../sandbox/pretend.ts";
import { entryPages } from "../../sandbox/story.ts";
import { openTown, type Town } from "../support/town.ts";

let town: Town;
beforeAll(async () => {
  town = await openTown();
}, 60_000);
afterAll(() => town.close());

const CASE = "CAD or case number, and for which unit";
const PLATE = "Plate, phone, e-mail, handle or VIN";

async function ask(who: Person, values: Values): Promise<Shown> {
  return who.submits(await who.types("/watch"), {
    "Why are you asking?": "Traffic stop",
    [CASE]: "24-118833",
    ...values,
  });
}

interface Making {
  readonly name: string;
  readonly sensitivity: "OPEN" | "AGENCY_ONLY" | "RESTRICTED";
  readonly audience?: string;
  readonly cautions?: readonly string[];
}

/** An entry about this person, written by Det. Okafor and approved by whom its kind needs. */
async function entryAbout({
  name,
  sensitivity,
  audience = "all",
  cautions = ["violent"],
}: Making): Promise<string> {
  const okafor = town.person("metro", "okafor");
  const [person, predicate, handling, sharing] = entryPages;
  const pages = [
    { ...person, Names: name },
    predicate ?? {},
    { ...handling, "Cautions, as reported": [...cautions] },
    {
      ...sharing,
      "What does somebody who asks learn?": sensitivity,
      "Whose queries may match it?": [audience],
    },
    { Source: "B", Information: "3" },
  ];
  const draft = asMessage(await okafor.fills(await okafor.types("/entry new"), pages));
  const ref = refIn(draft, "E");
  await okafor.presses(draft, "Send for approval");
  if (sensitivity === "RESTRICTED" && cautions.length > 0) {
    const brandt = town.person("metro", "brandt");
    const signing = await brandt.presses(
      asMessage(await brandt.types(`/entry show ${ref}`)),
      "Sign: hide the caution",
    );
    expectWords(
      await brandt.submits(signing, {
        "Why must they not be warned?": "An undercover colleague would be exposed at once.",
      }),
      `Signed: ${ref}`,
    );
  }
  const approver = town.person("metro", sensitivity === "RESTRICTED" ? "weiss" : "lund");
  expectWords(
    await approver.presses(asMessage(await approver.types(`/entry show ${ref}`)), "Approve"),
    `Approved: ${ref}`,
  );
  // Every process that is asked knows it within a second of its approval.
  await wait(1_500);
  return ref;
}

/** The answer with what differs between any two queries taken out. */
function faceless(shown: Shown): string {
  return JSON.stringify(
    shown.kind === "message" ? shown.message.raw : shown.kind === "form" ? shown.raw : shown,
  )
    .replaceAll(/Q-[0-9A-Z]{3}-[0-9A-Z]{3}/g, "Q")
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "id")
    .replaceAll(/\d\d:\d\d E.T/g, "time")
    .replaceAll(/"(block_id|hash|id|root_view_id|view_id)":"[^"]*"/g, "");
}

/** What the desk's channel shows of queries. */
async function asking(): Promise<readonly ShownMessage[]> {
  await town.idle();
  const shown = await town.channel("metro", "desk").read();
  return shown.filter(({ headline }) => headline.includes("asked about"));
}

/** The owner's analyst opens the newest notice about an entry. */
async function whoAsked(ref: string): Promise<Shown> {
  const card = (await asking()).findLast(({ headline }) => headline.includes(ref));
  if (card === undefined) throw new Error(`nobody was told about ${ref}`);
  // All that the channel keeps, whatever the entry and whoever asked.
  expect(card.lines).toEqual([`Somebody asked about ${ref}: open it privately.`]);
  return town.person("metro", "okafor").presses(card, "Who asked");
}

describe("asking the watch-list", () => {
  it("shows an OPEN entry with its caution first, what is asked, and the whole caveat; the owner is told", async () => {
    const ref = await entryAbout({ name: "Omar Openson", sensitivity: "OPEN" });
    const hale = town.person("riverton", "hale");
    const shown = await ask(hale, { Name: "openson, OMAR", "Birth date": "3/2/1984" });
    expectWords(shown, "ANSWER TO YOUR QUERY", "STRONG match · CAUTION:", "violent", ref, "555-0142");
    expectWords(
      shown,
      "Not probable cause, and not by itself reasonable suspicion: do not stop, extend a stop, search, detain or arrest on this alone",
    );
    const told = await whoAsked(ref);
    expectWords(told, refIn(shown, "Q"), "Riverton PD", "Ofc. Hale", "OPEN", "shown its cautions");
    expectNoWords(told, "Openson");
  });

  it("shows of an AGENCY_ONLY entry only whom to call", async () => {
    const ref = await entryAbout({ name: "Anna Agencyonly", sensitivity: "AGENCY_ONLY" });
    const shown = await ask(town.person("riverton", "hale"), {
      Name: "Anna Agencyonly",
      "Birth date": "1984-03-02",
    });
    expectWords(shown, "A record may match. Its owner keeps the details: call Metro watch 555-0142");
    expectNoWords(shown, ref, "violent", "CAUTION");
    expectWords(await whoAsked(ref), refIn(shown, "Q"), "AGENCY_ONLY", "your number and nothing else");
  });

  it("answers a RESTRICTED entry byte for byte like no hit, and tells its owner", async () => {
    const ref = await entryAbout({ name: "Rita Restricted", sensitivity: "RESTRICTED" });
    const hale = town.person("riverton", "hale");
    const before = await asking();
    const silent = await ask(hale, { Name: "Rita Restricted", "Birth date": "1984-03-02" });
    const nothing = await ask(hale, { Name: "Nora Nobody", "Birth date": "1984-03-02" });
    expectWords(
      silent,
      "Nothing to show for this query",
      "Similar spellings, short names and other scripts are searched too",
      "This is not an all-clear",
    );
    expect(faceless(silent).replaceAll("RITA RESTRICTED", "NAME")).toBe(
      faceless(nothing).replaceAll("NORA NOBODY", "NAME"),
    );
    const told = await whoAsked(ref);
    expectWords(told, refIn(silent, "Q"), "RESTRICTED", "do not know that it exists");
    expect(await asking()).toHaveLength(before.length + 1);
  });

  it("finds an exact plate whatever its spelling, and not another one", async () => {
    const hale = town.person("riverton", "hale");
    await entryAbout({ name: "Paul Plateman", sensitivity: "OPEN" });
    expectWords(await ask(hale, { [PLATE]: "md abc-1234" }), "ANSWER TO YOUR QUERY");
    expectWords(await ask(hale, { [PLATE]: "MD ABC1235" }), "Nothing to show for this query");
  });

  it("never shows an entry to an agency outside its audience", async () => {
    const metro = await town.db.store.transaction({ agency: null, id: "operator" }, (tx) =>
      tx.selectFrom("agency").select("id").where("name", "=", "Cedar County SO").executeTakeFirstOrThrow(),
    );
    await entryAbout({ name: "Nina Namedonly", sensitivity: "OPEN", audience: metro.id });
    expectWords(
      await ask(town.person("riverton", "hale"), { Name: "Nina Namedonly", "Birth date": "1984-03-02" }),
      "Nothing to show",
    );
    expectWords(
      await ask(town.person("metro", "reyes"), { Name: "Nina Namedonly", "Birth date": "1984-03-02" }),
      "ANSWER TO YOUR QUERY",
    );
  });

  it("does not show an entry that ended, even before any job noticed", async () => {
    const ref = await entryAbout({ name: "Edna Ended", sensitivity: "OPEN" });
    const reyes = town.person("metro", "reyes");
    expectWords(await ask(reyes, { Name: "Edna Ended", "Birth date": "1984-03-02" }), "ANSWER");
    expectWords(await town.person("metro", "okafor").types(`/entry cancel ${ref} reason:wrong_person`), ref);
    expectWords(await ask(reyes, { Name: "Edna Ended", "Birth date": "1984-03-02" }), "Nothing to show");
  });

  it("needs a purpose, a number and enough to find one person by; what is wrong is said at the field", async () => {
    const hale = town.person("riverton", "hale");
    expectWords(await ask(hale, { Name: "Smith" }), "Too little to find one person by");
    expectWords(
      await ask(hale, { [CASE]: "NONE", Name: "Jon Smyth", "Birth date": "1984-03-02" }),
      /NONE|unit/,
    );
    expectWords(await ask(hale, { Name: "Jon Smyth", "Birth date": "2984-03-02" }), "Birth date:");
  });

  it("can be shown again for fifteen minutes, to the asker alone", async () => {
    const reyes = town.person("metro", "reyes");
    const shown = await ask(reyes, { Name: "Anna Agencyonly", "Birth date": "1984-03-02" });
    const ref = refIn(shown, "Q");
    expectWords(await reyes.types("/allpoints again"), ref);
    expectWords(await town.person("metro", "okafor").types(`/allpoints show ${ref}`), `I find no ${ref}`);
    await town.db.moveClock("16 minutes");
    expectNoWords(await reyes.types(`/allpoints show ${ref}`), "A record may match");
  });

  it("is off on Discord until the agency's privacy officer turns it on, and says nothing there even then", async () => {
    const moss = town.person("cedar", "moss");
    expectWords(await moss.types("/watch"), "your agency does not allow the watch-list on Discord");
    expectWords(
      await town.person("cedar", "lang").types("/allpoints agency-watch discord:on"),
      "/watch on Discord is on",
    );
    const hit = await ask(moss, { Name: "Anna Agencyonly", "Birth date": "1984-03-02" });
    const none = await ask(moss, { Name: "Nora Nobody", "Birth date": "1984-03-02" });
    expectWords(hit, "An answer for Q-");
    expect(wordsOf(hit).replace(/Q-\S+/, "")).toBe(wordsOf(none).replace(/Q-\S+/, ""));
  });
});
