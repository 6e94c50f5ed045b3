import { afterAll, beforeAll, expect, it } from "vitest";

import { asMessage, expectNoWords, expectWords, refIn } from "../../sandbox/cast.ts";
import { entryPages } from "../../sandbox/story.ts";
import { openTown, type Town } from "../support/town.ts";

// A hit is asked about, answered and said to be wrong, through the pretend Slack and the real ledger.

let town: Town;
beforeAll(async () => {
  town = await openTown();
}, 60_000);
afterAll(() => town.close());

/** The newest card of an agency's desk that says this. */
async function onDesk(agency: "metro" | "riverton", words: string) {
  await town.idle();
  const card = (await town.channel(agency, "desk").read()).findLast(({ lines }) =>
    lines.join("\n").includes(words),
  );
  if (card === undefined) throw new Error(`the desk was told nothing of ${words}`);
  return card;
}

it("a hit is confirmed at the second request, and found to be about somebody else", async () => {
  const [okafor, lund, hale] = [
    town.person("metro", "okafor"),
    town.person("metro", "lund"),
    town.person("riverton", "hale"),
  ];
  const [person, ...pages] = entryPages;
  const draft = asMessage(
    await okafor.fills(await okafor.types("/entry new"), [
      { ...person, Names: "Casimir Confirmer" },
      ...pages,
      { Source: "B", Information: "3" },
    ]),
  );
  const entry = refIn(draft, "E");
  await okafor.presses(draft, "Send for approval");
  await lund.presses(asMessage(await lund.types(`/entry show ${entry}`)), "Approve");

  const hit = asMessage(
    await hale.submits(await hale.types("/watch"), {
      "Why are you asking?": "Traffic stop",
      "CAD or case number, and for which unit": "24-118833",
      Name: "Casimir Confirmer",
    }),
  );
  const query = refIn(hit, "Q");
  const asked = await hale.presses(hit, "Ask owner to confirm: 10 min");
  expectWords(asked, `${query}: asked to confirm`, "A phone call is faster", "Metro watch 555-0142");

  const first = await onDesk("metro", `URGENT: does ${entry} hold?`);
  expect(first.lines.join("\n")).not.toMatch(/Casimir|Hale|Riverton|24-118833/);
  await town.pass("11 minutes");
  const second = await onDesk("metro", `SECOND REQUEST: URGENT: does ${entry} hold?`);
  expectWords(await onDesk("metro", "ASKED AGAIN"), `${entry}, asked about in ${query}`);
  expectWords(await hale.types("/allpoints queue"), "No answer yet. Asked a second time");

  const receipt = await okafor.submits(await okafor.presses(second, "Answer"), {
    "Your answer": "Confirmed: in force, and about this person",
  });
  expectWords(receipt, `Answered: ${entry} for ${query}.`);
  expectWords(await lund.presses(second, "Answer"), "Already answered.", "Det. Okafor answered");
  expectWords(await onDesk("metro", `ANSWERED: ${entry}`), "By Det. Okafor");
  expectWords(await hale.types("/allpoints queue"), "CONFIRMED: in force");
  // The hit was replaced by what was asked, and comes back with how that stands.
  const again = asMessage(await hale.presses(asMessage(asked), "Show again, 15 min"));
  expectWords(again, entry, "CAUTION", "CONFIRMED: in force");

  const wrong = asMessage(await hale.presses(again, "Not same person"));
  expectWords(wrong, `Recorded for ${query}`, "not the same person");
  const outcome = await hale.submits(await hale.presses(wrong, "What happened"), {
    "After this hit": "Spoke to the person",
    "Anything its owner should know?": "He showed a licence in another name.",
  });
  expectWords(outcome, "contact made");
  await onDesk("metro", `There is news of ${entry} after a query.`);
  expectWords(await okafor.types(`/entry show ${entry}`), "After its hits, in 90 days: contact made 1.");
  const who = await okafor.presses(await onDesk("metro", `ANSWERED: ${entry}`), "Who asked");
  expectWords(who, "Ofc. Hale", "He showed a licence in another name.");
  // Whoever asks the watch-list next to them learns nothing of it.
  expectNoWords(await town.person("riverton", "park").types("/allpoints queue"), query, entry);
});
