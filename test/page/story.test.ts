import type { Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";

import {
  ACKNOWLEDGE,
  bulletinPages,
  entryPages,
  grade,
  personal,
  tip,
  unwatched,
  watched,
  wish,
} from "../../sandbox/story-values.ts";
import { haveBrowser } from "./browser.ts";
import { expectPanel, openPanel } from "./panel.ts";
import { expectSeen, peopleAt } from "./person.ts";
import { setStage } from "./stage.ts";

const stage = setStage();

/** The first reference with this letter: "T", "B", "E". */
function refIn(words: string, letter: string): string {
  const [ref] = new RegExp(`\\b${letter}-[0-9A-Z]{3}-[0-9A-Z]{3}\\b`).exec(words) ?? [];
  if (ref === undefined) throw new Error(`no reference ${letter}-… in: ${words}`);
  return ref;
}

function expectNothingPersonal(words: string): void {
  for (const one of personal) expect(words).not.toContain(one);
}

// One story: each chapter needs the ones before it.
describe.runIf(haveBrowser)("the whole story, played on the page", () => {
  let page: Page;
  let as: ReturnType<typeof peopleAt>;
  const refs = { tip: "", entry: "", bulletin: "" };
  beforeAll(async () => {
    page = await stage().desktop.tab();
    as = peopleAt(page);
  });

  it("who is here", async () => {
    const [reyes, lee, novak] = [as("metro", "reyes"), as("metro", "lee"), as("metro", "novak")];
    await reyes.types("/allpoints whoami");
    await expectSeen(reyes, "Ofc. Reyes, Metro Fusion Center");
    await novak.types("/allpoints officer suspend <@U0LEE0000>");
    await expectSeen(novak, "Analyst Lee: suspended");
    await lee.types("/tip");
    await expectSeen(lee, "Your access is suspended");
    await novak.types("/allpoints officer restore <@U0LEE0000>");
    await expectSeen(novak, "Analyst Lee: active");
  });

  it("a tip is reported, taken and graded", async () => {
    const [reyes, okafor, lee] = [as("metro", "reyes"), as("metro", "okafor"), as("metro", "lee")];
    await reyes.types("/tip", "intake");
    await reyes.fills(tip);
    const receipt = await expectSeen(reyes, "Received: T-", "It alone supports no stop");
    refs.tip = refIn(receipt, "T");
    expectNothingPersonal(await expectSeen(reyes, `NEW TIP ${refs.tip}`));

    await okafor.goes("intake");
    await okafor.presses("Take it", `NEW TIP ${refs.tip}`);
    await expectSeen(okafor, `${refs.tip} is yours.`);
    await lee.goes("intake");
    const card = `TAKEN TIP ${refs.tip}`;
    await lee.presses("Take it", card);
    await expectSeen(lee, "Det. Okafor has");
    await okafor.goes("intake");
    await okafor.presses("Open", card);
    await expectSeen(okafor, "shoot the next cop", "John A. Smyth");
    await okafor.goes("intake");
    await okafor.presses("Grade", card);
    await okafor.fills(grade);
    await expectSeen(okafor, `${refs.tip} is B3`);
  });

  it("the officer is asked back, and answers", async () => {
    const [reyes, okafor] = [as("metro", "reyes"), as("metro", "okafor")];
    await okafor.goes("intake");
    await okafor.presses("Ask the officer", `TAKEN TIP ${refs.tip}`);
    await okafor.fills({ "What do you need to know?": "Did anybody see the rifle?" });
    await expectSeen(okafor, `Asked about ${refs.tip}`);
    await reyes.types(`/allpoints show ${refs.tip}`, "intake");
    await reyes.presses("Answer", "Did anybody see the rifle?");
    await reyes.fills({ "Your answer": "Yes, his brother did." });
    await expectSeen(reyes, `Answered: ${refs.tip}`);
  });

  it("an entry with a predicate is written and approved by a second person", async () => {
    const [okafor, lund] = [as("metro", "okafor"), as("metro", "lund")];
    await okafor.types(`/allpoints show ${refs.tip}`, "desk");
    await okafor.presses("Make an entry", refs.tip);
    await okafor.fills(...entryPages);
    refs.entry = refIn(await expectSeen(okafor, "Send for approval", "E-"), "E");
    await okafor.presses("Send for approval", refs.entry);
    await lund.types(`/entry show ${refs.entry}`, "desk");
    await lund.presses("Approve", "APPROVE?", refs.entry);
    await expectSeen(lund, refs.entry, "approved");
  });

  it("both platforms subscribe and say what they are cleared for", async () => {
    const [diaz, ruiz] = [as("riverton", "diaz"), as("cedar", "ruiz")];
    await diaz.types("/subscribe", "bulletins");
    await diaz.fills(wish);
    await expectSeen(diaz, "This channel is subscribed.");
    await ruiz.types("/subscribe", "bulletins");
    await ruiz.fills(wish);
    await expectSeen(ruiz, "This channel is subscribed.");
    const [adler, lang] = [as("riverton", "adler"), as("cedar", "lang")];
    await adler.types("/allpoints channel clearance level:full", "bulletins");
    await expectSeen(adler, "full text");
    await lang.types("/allpoints channel-clearance level:summary", "bulletins");
    await expectSeen(lang, "summaries");
  });

  it("a bulletin is approved as it was shown", async () => {
    const [okafor, lund] = [as("metro", "okafor"), as("metro", "lund")];
    await okafor.types(`/bulletin new from:${refs.entry}`, "desk");
    await okafor.fills(...bulletinPages(refs.entry));
    const preview = await expectSeen(
      okafor,
      "Goes to 2 channels of 2 agencies: 1 full, 1 summary, 0 pointer",
    );
    refs.bulletin = refIn(preview, "B");
    await okafor.presses("Send for approval", "Goes to 2 channels", refs.bulletin);
    await lund.goes("desk");
    expectNothingPersonal(await expectSeen(lund, refs.bulletin));
    await lund.presses("Open", refs.bulletin);
    await expectSeen(lund, "John A. Smyth", `APPROVE? ${refs.bulletin}`);
    await lund.presses("Approve and send", `APPROVE? ${refs.bulletin}`);
  });

  it("a bulletin arrives full in Riverton on Slack, a summary in Cedar County on Discord", async () => {
    const [hale, moss] = [as("riverton", "hale"), as("cedar", "moss")];
    await hale.goes("bulletins");
    await expectSeen(hale, refs.bulletin, "John A. Smyth", "MD ABC1234", "NO WARRANT", "Not probable cause");
    await moss.goes("bulletins");
    expectNothingPersonal(await expectSeen(moss, refs.bulletin, "A man stated intent", "Identity withheld"));
  });

  it("a bulletin is acknowledged once for each agency, in the thread", async () => {
    const [hale, diaz, stone] = [as("riverton", "hale"), as("riverton", "diaz"), as("riverton", "stone")];
    await hale.goes("bulletins");
    await hale.presses(ACKNOWLEDGE, refs.bulletin);
    await expectSeen(hale, "acknowledging needs supervisor or watch commander");
    await diaz.goes("bulletins");
    await diaz.presses(ACKNOWLEDGE, refs.bulletin);
    await expectSeen(diaz, `Riverton PD has ${refs.bulletin} v1`, "shown: full");
    await stone.goes("bulletins");
    const riverton = "Acknowledged v1 for Riverton PD by Sgt Diaz";
    expect(await expectSeen(stone, refs.bulletin, riverton)).not.toContain(ACKNOWLEDGE);
    const ruiz = as("cedar", "ruiz");
    await ruiz.goes("bulletins");
    await ruiz.presses(ACKNOWLEDGE, refs.bulletin);
    await expectSeen(ruiz, `Cedar County SO has ${refs.bulletin} v1`);

    await stone.opensThread(refs.bulletin, riverton);
    await stone.readsInThread(riverton);
    await stone.closesThread();
    const cedar = "Acknowledged v1 for Cedar County SO by Sgt Ruiz";
    await ruiz.opensThread(refs.bulletin, cedar);
    await ruiz.readsInThread(cedar);
    await ruiz.closesThread();
    const okafor = as("metro", "okafor");
    await okafor.types(`/bulletin status ${refs.bulletin}`, "desk");
    await expectSeen(okafor, refs.bulletin, "Riverton PD", "Cedar County SO");
  });

  it("at the car door: a hit, and nothing that is no all-clear", async () => {
    const hale = as("riverton", "hale");
    await hale.types("/watch", "intake");
    await hale.fills(watched);
    await expectSeen(hale, "ANSWER TO YOUR QUERY", "armed and dangerous", refs.entry, "Not probable cause");
    await hale.types("/watch", "intake");
    await hale.fills(unwatched);
    await expectSeen(
      hale,
      "Nothing to show for this query",
      "This is not an all-clear",
      "Similar spellings, short names and other scripts are searched too",
    );

    const okafor = as("metro", "okafor");
    await okafor.goes("desk");
    const owner = await expectSeen(okafor, `Somebody asked about ${refs.entry}`);
    expectNothingPersonal(owner);
    expect(owner).not.toContain("Ofc. Hale");
    await okafor.presses("Who asked", `Somebody asked about ${refs.entry}`);
    await expectSeen(okafor, "Riverton PD", "Ofc. Hale", "24-118833");
  });

  it("a wrong person: every copy is taken back and corrected", async () => {
    const [okafor, diaz, ruiz] = [as("metro", "okafor"), as("riverton", "diaz"), as("cedar", "ruiz")];
    await okafor.types(`/bulletin cancel ${refs.bulletin} reason:wrong_person`, "desk");
    await expectSeen(okafor, `Recall ${refs.bulletin} (wrong person)`);
    const correction = `CANCELLED ${refs.bulletin}: WRONG PERSON`;
    for (const supervisor of [diaz, ruiz]) {
      // One supervisor after the other at the same screen.
      // oxlint-disable-next-line no-await-in-loop
      await supervisor.goes("bulletins");
      // oxlint-disable-next-line no-await-in-loop
      await expectSeen(supervisor, correction, "Tell your shift");
      // oxlint-disable-next-line no-await-in-loop
      expectNothingPersonal(
        await expectSeen(supervisor, `CANCELLED ${refs.bulletin} `, "Content removed here"),
      );
    }
    await diaz.goes("bulletins");
    await diaz.presses("Acknowledge correction", correction);
    await expectSeen(diaz, "Recorded");
    await okafor.types(`/bulletin status ${refs.bulletin}`, "desk");
    await expectSeen(okafor, "recalled 2 of 2", "1 of 2");
  });

  it("the audit is whole, and no delivery was lost or doubled", async () => {
    const panel = await openPanel(page);
    await panel.presses("Verify");
    await expectPanel(panel, /^Whole: \d+ rows/);
    await expectPanel(panel, /^[1-9]\d* messages · lost 0 · doubled 0/);
  });
});

describe.runIf(haveBrowser)("the guided tour", () => {
  it("plays the story to its end by itself", { timeout: 120_000 }, async () => {
    const page = await stage().tab();
    await page.getByRole("button", { name: "Play the story" }).click();
    const tour = page.getByRole("region", { name: "Guided tour" });
    await tour.getByLabel("Speed").selectOption("fast");
    await tour.getByText(/finished/i).waitFor({ timeout: 110_000 });
    expect(await tour.innerText()).not.toContain("This step needs");
  });
});
