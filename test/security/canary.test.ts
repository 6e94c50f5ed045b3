import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { asMessage, expectWords, refIn, type Values } from "../../sandbox/cast.ts";
import { bulletinPages, entryPages } from "../../sandbox/story.ts";
import { superuser } from "../support/database.ts";
import { openTown, type Town } from "../support/town.ts";
import { dumpOf, leaksIn, wordSecret } from "./leaks.ts";

// Marked words go into every free-text and personal field there is. None of them may then be found in any table, in
// any queue row, or in any log line: what people wrote is sealed, and what is not sealed says nothing.

const marks: string[] = [];
/** A word that occurs nowhere else, in the letters that names and texts keep. */
function mark(field: string): string {
  const word = `zq${field}${String(marks.length).padStart(2, "0")}xj`;
  marks.push(word);
  return word;
}
const freeText = [
  "Facts",
  "Documents",
  "Why does it matter to other agencies?",
  "The bottom line, in one line",
  "What do we know?",
  "Person and vehicle",
  "Summary without the person",
];
const marked = (values: Values): Values =>
  Object.fromEntries(
    Object.entries(values).map(([label, value]) => [
      label,
      freeText.includes(label) ? `${String(value)} ${mark("text")}` : value,
    ]),
  );

let town: Town;
let root: Client;

beforeAll(async () => {
  town = await openTown();
  root = new Client(superuser(String(town.db.connection.owner.database)));
  await root.connect();
}, 60_000);
afterAll(async () => {
  await root.end();
  await town.close();
});

async function plantEverywhere(): Promise<void> {
  const [reyes, okafor, lund, diaz] = [
    town.person("metro", "reyes"),
    town.person("metro", "okafor"),
    town.person("metro", "lund"),
    town.person("riverton", "diaz"),
  ];
  // A person's own name is personal too.
  await town.platforms.slack.addUser({ workspace: "T0METRO00", id: "U0CANARY0", name: "Canary" });
  const asked = await town.platforms.slack.type({
    workspace: "T0METRO00",
    user: "U0CANARY0",
    channel: "C0METROIN",
    line: "/allpoints link",
  });
  const code = /[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(asMessage(asked).lines.join(" "))?.[0] ?? "";
  const novak = town.person("metro", "novak");
  await novak.submits(await novak.types(`/allpoints officer approve ${code} role:officer`), {
    "Rank and name, as others shall see it": `Ofc. ${mark("officer")}`,
  });

  const receipt = asMessage(
    await reyes.submits(await reyes.types("/tip"), {
      "What was said or seen?": mark("said"),
      "Who might do it?": mark("who"),
      "Who or what is at risk, where, when?": mark("risk"),
      "How soon?": "Days",
      "How do you know?": "Online",
    }),
  );
  const tip = refIn(receipt, "T");
  const own = async () => asMessage(await reyes.types(`/allpoints show ${tip}`));
  await reyes.submits(await reyes.presses(await own(), "Add person"), {
    Name: mark("name"),
    "Birth date": mark("born"),
    "Plate, phone, handle, address": mark("plate"),
    Description: mark("looks"),
  });
  await reyes.submits(await reyes.presses(await own(), "Add online post"), {
    "App or site": mark("app"),
    Account: mark("account"),
    Link: `https://example.org/${mark("link")}`,
    "The exact words": mark("words"),
  });
  await reyes.submits(await reyes.presses(await own(), "Add weapons or plans"), {
    "What, and how is it known?": mark("gun"),
    "Steps taken": mark("steps"),
    "Named target": mark("target"),
  });
  const card = await town.channel("metro", "intake").shows(tip);
  await okafor.presses(card, "Take it");
  await okafor.submits(await okafor.presses(card, "Grade"), {
    Source: "B",
    Information: "3",
    "Threat to life?": "yes",
    "Only opinion or protest?": "no",
    "Why?": mark("grade"),
  });
  await okafor.submits(await okafor.presses(card, "Ask the officer"), {
    "What do you need to know?": mark("question"),
  });
  const mine = asMessage(await reyes.types(`/allpoints show ${tip}`));
  await reyes.submits(await reyes.presses(mine, "Answer"), { "Your answer": mark("answer") });

  const [personPage, ...rest] = entryPages;
  const pages = [
    {
      ...personPage,
      Names: `${mark("surname")} ${mark("given")}`,
      "Plate, phone, e-mail, handle, VIN": `@${mark("handle")}\n${mark("mail")}@example.org`,
      Description: mark("scar"),
    },
    ...rest.map(marked),
  ];
  const opened = asMessage(await okafor.types(`/allpoints show ${tip}`));
  const draft = asMessage(await okafor.fills(await okafor.presses(opened, "Make an entry"), pages));
  const entry = refIn(draft, "E");
  await okafor.presses(draft, "Send for approval");
  expectWords(await lund.presses(asMessage(await lund.types(`/entry show ${entry}`)), "Approve"), entry);

  expectWords(
    await diaz.submits(await diaz.types("/subscribe", "bulletins"), { "Which areas?": "Riverton" }),
    "subscribed",
  );
  await town.person("riverton", "adler").types("/allpoints channel clearance level:full", "bulletins");
  const bulletin = asMessage(
    await okafor.fills(await okafor.types(`/bulletin new from:${entry}`), bulletinPages(entry).map(marked)),
  );
  const ref = refIn(bulletin, "B");
  await okafor.presses(bulletin, "Send for approval");
  const waiting = await town.channel("metro", "desk").shows(ref);
  const whole = asMessage(await lund.presses(waiting, "Open"));
  const returning = await lund.presses(whole, "Return with note");
  const note = returning.kind === "form" ? (returning.fields[0]?.label ?? "") : "";
  await lund.submits(returning, { [note]: mark("returned") });
  const again = asMessage(await okafor.types(`/bulletin show ${ref}`));
  await okafor.presses(again, "Send for approval");
  await town.idle();
  await lund.presses(asMessage(await lund.presses(waiting, "Open")), "Approve and send");
  const copy = await town.channel("riverton", "bulletins").shows(ref);
  const recorded = asMessage(await diaz.presses(copy, "Acknowledge for our agency"));
  const noting = await diaz.presses(recorded, "Add note");
  const noteField = noting.kind === "form" ? (noting.fields[0]?.label ?? "") : "";
  await diaz.submits(noting, { [noteField]: mark("ack") });

  // An emergency: its danger is stated, and its draft is never sent.
  const brandt = town.person("metro", "brandt");
  const emergency = await brandt.types("/bulletin emergency");
  await brandt.fills(emergency, [
    {
      "What kind?": "officer_safety",
      "How severe?": "extreme",
      "The bottom line, in one line": mark("bottom"),
      "What do we know?": mark("known"),
      "What do we not know?": mark("unknown"),
    },
    { "Legal status": "no_warrant", "What do you ask for?": "awareness" },
    {
      "What is the imminent danger?": `An armed man is on his way ${mark("danger")}`,
      "Which areas?": "Riverton",
    },
  ]);

  // A hidden danger: somebody signs with a reason; then the entry goes back with a note.
  const [first, second, handling, sharing] = entryPages;
  const hidden = asMessage(
    await okafor.fills(await okafor.types("/entry new"), [
      { ...first, Names: `${mark("hiddenname")} ${mark("hiddengiven")}` },
      second ?? {},
      handling ?? {},
      { ...sharing, "What does somebody who asks learn?": "RESTRICTED" },
      { Source: "B", Information: "3" },
    ]),
  );
  const hiddenRef = refIn(hidden, "E");
  await okafor.presses(hidden, "Send for approval");
  const signing = await brandt.presses(
    asMessage(await brandt.types(`/entry show ${hiddenRef}`)),
    "Sign: hide the caution",
  );
  await brandt.submits(signing, {
    "Why must they not be warned?": `A colleague would be exposed ${mark("reason")}`,
  });
  const weiss = town.person("metro", "weiss");
  const back = await weiss.presses(
    asMessage(await weiss.types(`/entry show ${hiddenRef}`)),
    "Return with note",
  );
  expectWords(
    await weiss.submits(back, { "What is to change?": mark("entrynote") }),
    `Returned: ${hiddenRef}`,
  );

  const hale = town.person("riverton", "hale");
  await hale.submits(await hale.types("/watch"), {
    "Why are you asking?": "Traffic stop",
    "CAD or case number, and for which unit": `NONE ${mark("unit").slice(0, 12)}`,
    Name: `${mark("asked")} ${mark("asker")}`,
    "Birth date": "1990-01-01",
    "Plate, phone, e-mail, handle or VIN": `@${mark("askedhandle")}`,
  });
  // A refused form is kept for another try, on Discord: sealed too.
  const moss = town.person("cedar", "moss");
  // Each of these signs becomes three in its normal form, which is what is too long.
  const refused = await moss.submits(await moss.types("/tip"), {
    "What was said or seen?": `${"\u{1D160}".repeat(1400)} ${mark("kept")}`,
    "How soon?": "Days",
    "How do you know?": "Online",
  });
  expectWords(refused, "At most 3000 characters");
  await okafor.submits(await okafor.presses(card, "Close…"), {
    "What became of it?": "Substantiated: supported by facts",
    "Why?": mark("closed"),
  });
  await town.idle();
}

describe("marked words in every free-text and personal field", () => {
  it("are in no table, no queue row and no log line", async () => {
    await plantEverywhere();
    const places = await dumpOf(root);
    expect(places.length).toBeGreaterThan(60);
    const log = { where: "the log", text: town.log().join("\n") };
    expect(leaksIn([...places, log], marks.map(wordSecret))).toEqual([]);
  }, 60_000);

  it("were really written: the people who may read them do", async () => {
    const card = (await town.channel("metro", "intake").read()).at(-1);
    const ref = refIn(card ?? asMessage({ kind: "nothing" }), "T");
    const shown = asMessage(await town.person("metro", "okafor").types(`/allpoints show ${ref}`)).lines.join(
      "\n",
    );
    for (const field of ["said", "who", "risk", "name", "gun", "question", "answer", "grade"]) {
      expect(shown, field).toMatch(new RegExp(`zq${field}\\d\\dxj`));
    }
    expect(marks.length).toBeGreaterThan(35);
  });
});
