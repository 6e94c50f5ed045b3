import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { asMessage, expectNoWords, expectWords, refIn, wordsOf, type Values } from "../../sandbox/cast.ts";
import { openTown, type Town } from "../support/town.ts";

let town: Town;
beforeAll(async () => {
  town = await openTown();
}, 60_000);
afterAll(() => town.close());

const words: Values = {
  "What was said or seen?": "He said he will shoot the next cop at the Elm St station",
  "Who might do it?": "John A. Smyth, born 2 March 1984",
  "How soon?": "Days",
  "How do you know?": "Family, friend or partner told me",
};

async function submitTip(values: Values = words): Promise<string> {
  const reyes = town.person("metro", "reyes");
  return refIn(await reyes.submits(await reyes.types("/tip"), values), "T");
}

describe("a tip", () => {
  it("is received privately with a reference, and its card in the intake channel says nothing about the person", async () => {
    const reyes = town.person("metro", "reyes");
    const receipt = asMessage(await reyes.submits(await reyes.types("/tip"), words));
    const ref = refIn(receipt, "T");
    expectWords(
      receipt,
      `Received: ${ref}`,
      "Say: Tango",
      "Nobody has read it yet",
      "It alone supports no stop",
    );
    const card = await town.channel("metro", "intake").shows(ref);
    expectWords(
      card,
      `NEW TIP ${ref} · proposed P1 (days)`,
      "told by a family member or friend",
      "owner: nobody",
    );
    expectNoWords(card, "Smyth", "Elm", "shoot");
    const seen = await Promise.all([
      town.channel("metro", "intake").read(),
      town.channel("riverton", "intake").read(),
    ]);
    expect(seen[1]).toEqual([]);
  });

  it("is taken by one analyst; the second is told who has it, and the officer that somebody took it", async () => {
    const ref = await submitTip();
    const card = await town.channel("metro", "intake").shows(ref);
    const [okafor, lee] = [town.person("metro", "okafor"), town.person("metro", "lee")];
    expectWords(await okafor.presses(card, "Take it"), `${ref} is yours.`);
    expectWords(await lee.presses(card, "Take it"), `Det. Okafor has ${ref}.`);
    await town.idle();
    await town.channel("metro", "intake").shows(ref, "owner: Det. Okafor");
    const notices = await town.person("metro", "reyes").messages();
    expectWords(notices.at(-1) ?? asMessage({ kind: "nothing" }), `${ref} was taken by an analyst`);
  });

  it("is opened privately, graded, asked about, answered and closed; the officer sees what became of it", async () => {
    const ref = await submitTip();
    const intake = town.channel("metro", "intake");
    const card = await intake.shows(ref);
    const [okafor, reyes] = [town.person("metro", "okafor"), town.person("metro", "reyes")];
    await okafor.presses(card, "Take it");
    expectWords(
      await okafor.presses(card, "Open"),
      "He said he will shoot the next cop",
      "John A. Smyth",
      "Ofc. Reyes",
    );
    expectWords(
      await okafor.submits(await okafor.presses(card, "Grade"), {
        Source: "B usually reliable: minor doubt",
        Information: "3 possibly true: reasonably logical",
        "Threat to life?": "Yes: a threat to somebody's life",
        "Only opinion or protest?": "No",
        "Why?": "Named place, first-hand witness",
      }),
      `Graded: ${ref} is B3`,
    );
    expectWords(
      await okafor.submits(await okafor.presses(card, "Ask the officer"), {
        "What do you need to know?": "Did she see the rifle herself?",
      }),
      `Asked about ${ref}.`,
    );
    await town.idle();
    const notice = (await reyes.messages()).at(-1);
    expectWords(notice ?? asMessage({ kind: "nothing" }), `There is a question about ${ref}`);
    expectNoWords(notice ?? asMessage({ kind: "nothing" }), "rifle");

    const opened = asMessage(await reyes.types(`/allpoints show ${ref}`));
    expectWords(opened, "Did she see the rifle herself?", "Taken by Det. Okafor.");
    expectNoWords(opened, "Named place, first-hand witness");
    expectWords(
      await reyes.submits(await reyes.presses(opened, "Answer"), { "Your answer": "Yes, in his truck" }),
      `Answered: ${ref}`,
    );
    expectWords(await okafor.presses(card, "Open"), "Yes, in his truck");
    expectWords(
      await okafor.submits(await okafor.presses(card, "Close…"), {
        "What became of it?": "Substantiated: supported by facts",
        "Why?": "Confirmed by a second witness",
      }),
      `Closed: ${ref}`,
    );
    expectWords(await reyes.types(`/allpoints show ${ref}`), "Closed: Substantiated");
    await town.idle();
    await intake.shows(`ENDED TIP ${ref}`, "closed: Substantiated");
  });

  it("is nobody's again when its analyst is suspended, and somebody else takes it", async () => {
    const ref = await submitTip();
    const intake = town.channel("metro", "intake");
    const card = await intake.shows(ref);
    const [okafor, lee, novak] = [
      town.person("metro", "okafor"),
      town.person("metro", "lee"),
      town.person("metro", "novak"),
    ];
    await lee.presses(card, "Take it");
    expectWords(await novak.types("/allpoints officer suspend <@U0LEE0000>"), "Analyst Lee: suspended");
    await town.idle();
    await intake.shows(`NEW TIP ${ref}`, "owner: nobody");
    expectWords(await okafor.presses(card, "Take it"), `${ref} is yours.`);
    expectWords(await novak.types("/allpoints officer restore <@U0LEE0000>"), "Analyst Lee: active");
  });

  it("that Discord refused is offered again with its answers, which are gone once it was accepted", async () => {
    const moss = town.person("cedar", "moss");
    const refused = asMessage(
      await moss.submits(await moss.types("/tip"), {
        ...words,
        "What was said or seen?": "\u{1D160}".repeat(1400),
        "Who might do it?": "tall man in a grey coat",
      }),
    );
    expectWords(refused, "At most 3000 characters");
    const again = await moss.presses(refused, "Try again");
    const kept =
      again.kind === "form"
        ? again.fields.find(({ label }) => label === "Who might do it?")?.value
        : undefined;
    expect(kept).toBe("tall man in a grey coat");
    expectWords(await moss.submits(again, { "What was said or seen?": "He has a knife" }), "Received: T-");
    const drafts = await town.db.jobs.transaction({ agency: null, id: "system" }, (tx) =>
      tx.selectFrom("form_draft").select("id").execute(),
    );
    expect(drafts).toEqual([]);
  });

  it("of another agency looks exactly like an unknown one", async () => {
    const ref = await submitTip();
    const park = town.person("riverton", "park");
    const foreign = wordsOf(await park.types(`/allpoints show ${ref}`));
    const unknown = wordsOf(await park.types("/allpoints show T-7K3-M9C"));
    expect(foreign.replace(ref, "T-7K3-M9C")).toBe(unknown);
    expectWords(await park.types("/allpoints show T-7K3-M9"), "That is not a reference");
  });

  it("cannot be read by a colleague who neither sent it nor works at the desk; the attempt is audited", async () => {
    const ref = await submitTip();
    const novak = town.person("metro", "novak");
    expectWords(await novak.types(`/allpoints show ${ref}`), `I find no ${ref}`);
    const card = await town.channel("metro", "intake").shows(ref);
    expectWords(await novak.presses(card, "Open"), "Not done: reading a tip needs analyst");
  });

  it("with an empty required field stays open with a sentence at the field, and nothing is stored", async () => {
    const reyes = town.person("metro", "reyes");
    const before = (await town.channel("metro", "intake").read()).length;
    const shown = await reyes.submits(await reyes.types("/tip"), {
      ...words,
      "What was said or seen?": "   ",
    });
    expectWords(shown, "What was said or seen?: Say what was said or seen");
    await town.idle();
    expect(await town.channel("metro", "intake").read()).toHaveLength(before);
  });

  it("with mentions, markup, live links and direction marks reaches the next reader as inert text", async () => {
    const ref = await submitTip({
      ...words,
      "What was said or seen?":
        "@everyone <!channel> *bold* <@U0LUND000> https://evil.example/x \u202Egnp.exe",
    });
    const okafor = town.person("metro", "okafor");
    const opened = asMessage(await okafor.types(`/allpoints show ${ref}`));
    expectWords(opened, "hxxps://evil[.]example/x", "*bold*");
    expectNoWords(opened, "https://evil", "\u202E", "notifies everyone");
  });

  it("can be withdrawn by the officer until somebody takes it", async () => {
    const ref = await submitTip();
    const reyes = town.person("metro", "reyes");
    const mine = asMessage(await reyes.types(`/allpoints show ${ref}`));
    expectWords(await reyes.presses(mine, "Withdraw"), `Withdrawn: ${ref}`);
    await town.idle();
    await town.channel("metro", "intake").shows(`ENDED TIP ${ref}`, "withdrawn by the officer");
  });

  it("gets a person, an online post and weapons added by button, each saved alone", async () => {
    const reyes = town.person("metro", "reyes");
    const receipt = asMessage(await reyes.submits(await reyes.types("/tip"), words));
    const ref = refIn(receipt, "T");
    expectWords(
      await reyes.submits(await reyes.presses(receipt, "Add weapons or plans"), {
        "Access to weapons": "Seen by somebody",
        "What, and how is it known?": "rifle in his truck",
      }),
      `Added to ${ref}.`,
    );
    expectWords(
      await town.person("metro", "okafor").types(`/allpoints show ${ref}`),
      "Weapons and plans",
      "rifle in his truck",
    );
  });

  it("can be made from a message by the shortcut, and by the global shortcut in a thread", async () => {
    const said = await town.platforms.slack.say({
      workspace: "T0METRO00",
      user: "U0REYES00",
      channel: "C0METROIN",
      text: "He posted a picture of the station",
    });
    const shown = await town.platforms.slack.shortcut({
      workspace: "T0METRO00",
      user: "U0REYES00",
      channel: "C0METROIN",
      name: "Make a tip from this",
      message: said.id,
    });
    expect(shown.kind === "form" && shown.fields[0]?.value).toBe("He posted a picture of the station");
    const global = await town.platforms.slack.shortcut({
      workspace: "T0METRO00",
      user: "U0REYES00",
      channel: "C0METROIN",
      name: "Report a threat",
    });
    expect(global.kind).toBe("form");
  });

  it("stands in the queue of the desk until it is closed", async () => {
    const ref = await submitTip({ ...words, "How soon?": "Now or within 24 h" });
    expectWords(await town.person("metro", "okafor").types("/allpoints queue"), ref, "P0", "nobody has it");
    expectWords(await town.person("riverton", "hale").types("/allpoints queue"), "Nothing waits for you.");
  });

  it("from a Discord officer works the same, but Discord shows no words", async () => {
    const moss = town.person("cedar", "moss");
    const receipt = await moss.submits(await moss.types("/tip"), words);
    const ref = refIn(receipt, "T");
    await town.channel("cedar", "intake").shows(ref);
    const shown = asMessage(await town.person("cedar", "shaw").types(`/allpoints show ${ref}`));
    expectWords(shown, "may not be shown on this platform");
    expectNoWords(shown, "Smyth", "shoot");
  });
});
