import { afterAll, beforeAll, describe, expect, it } from "vitest";

import {
  asMessage,
  expectNoWords,
  expectWords,
  refIn,
  type Person,
  type Values,
} from "../../sandbox/cast.ts";
import type { Shown } from "../../sandbox/pretend.ts";
import { openTown, type Town } from "../support/town.ts";

let town: Town;
beforeAll(async () => {
  town = await openTown();
  const [diaz, ruiz] = [town.person("riverton", "diaz"), town.person("cedar", "ruiz")];
  for (const one of [diaz, ruiz]) {
    expectWords(
      await one.submits(await one.types("/subscribe", "bulletins"), wish),
      "This channel is subscribed.",
    );
  }
}, 60_000);
afterAll(() => town.close());

const wish: Values = {
  "Which bulletins?": ["officer-safety bulletin", "situational bulletin"],
  "From which severity on?": "MEDIUM",
};
const what: Values = {
  "What kind?": "situational bulletin",
  "How severe?": "HIGH",
  "The bottom line, in one line": "Shots heard near the Elm St station",
  "What do we know?": 'A caller said "three shots", 22 Nov, by telephone.',
};
const todo: Values = {
  "Legal status": "NO WARRANT",
  "What do you ask for?": "be aware. Do not seek contact.",
};
const who: Values = { "Which areas?": "Riverton" };

/** From the first page to the preview. */
function write(author: Person, pages: readonly Values[] = [what, todo, who]): Promise<Shown> {
  return author.types("/bulletin new").then((first) => author.fills(first, pages));
}

async function approved(pages?: readonly Values[]): Promise<string> {
  const [okafor, lund] = [town.person("metro", "okafor"), town.person("metro", "lund")];
  const preview = asMessage(await write(okafor, pages));
  const ref = refIn(preview, "B");
  await okafor.presses(preview, "Send for approval");
  const card = await town.channel("metro", "desk").shows(ref);
  const opened = asMessage(await lund.presses(card, "Open"));
  expectWords(await lund.presses(opened, "Approve and send"), ref);
  await town.idle();
  return ref;
}

describe("subscribing", () => {
  it("is for a bulletins channel of the own agency; anything else gets a sentence how to make it one", async () => {
    const diaz = town.person("riverton", "diaz");
    expectWords(
      await diaz.types("/subscribe", "desk"),
      "not a bulletins channel",
      "/allpoints channel use:bulletins",
    );
    expectWords(
      await town.person("riverton", "hale").types("/subscribe", "bulletins"),
      "Not done: subscribing a channel needs",
    );
  });

  it("can be changed, paused and stopped; a paused channel gets nothing new", async () => {
    const kim = town.person("riverton", "kim");
    expectWords(await kim.submits(await kim.types("/subscribe", "bulletins"), { State: "paused" }), "Paused");
    const ref = await approved();
    await town.channel("cedar", "bulletins").shows(ref);
    const seen = await town.channel("riverton", "bulletins").read();
    expect(seen.some(({ lines }) => lines.join("").includes(ref))).toBe(false);
    const again = await kim.types("/subscribe", "bulletins");
    expectWords(await kim.submits(again, { State: "active" }), "This channel is subscribed.");
  });
});

describe("a bulletin", () => {
  it("is told to the approver without content, shown to them exactly, and goes to every channel at its clearance", async () => {
    const [okafor, lund] = [town.person("metro", "okafor"), town.person("metro", "lund")];
    const preview = asMessage(await write(okafor));
    const ref = refIn(preview, "B");
    expectWords(preview, "Goes to 2 channels of 2 agencies: 0 full, 1 summary, 1 pointer");
    await okafor.presses(preview, "Send for approval");
    const card = await town.channel("metro", "desk").shows(ref);
    expectNoWords(card, "Elm St", "three shots");
    const opened = asMessage(await lund.presses(card, "Open"));
    expectWords(opened, "Shots heard near the Elm St station", `APPROVE? ${ref} v1`, "by Det. Okafor");
    await lund.presses(opened, "Approve and send");
    const riverton = await town.channel("riverton", "bulletins").shows(ref);
    expectWords(
      riverton,
      "HIGH situational bulletin",
      "Metro Fusion Center",
      "NO WARRANT",
      "Not probable cause",
    );
    const cedar = await town.channel("cedar", "bulletins").shows(ref);
    expectWords(cedar, "Nothing more may be shown in this channel", "555-0142", `quote ${ref}`);
    expectNoWords(cedar, "Elm St", "three shots");
  });

  it("cannot be approved by its author, nor after it was edited", async () => {
    const [lund, brandt] = [town.person("metro", "lund"), town.person("metro", "brandt")];
    const preview = asMessage(await write(lund));
    const ref = refIn(preview, "B");
    await lund.presses(preview, "Send for approval");
    const card = await town.channel("metro", "desk").shows(ref);
    expectWords(await lund.presses(card, "Open"), /Not done|approv/);
    const opened = asMessage(await brandt.presses(card, "Open"));
    const own = asMessage(await lund.types(`/bulletin show ${ref}`));
    await lund.submits(await lund.presses(own, "Edit what"), {
      "The bottom line, in one line": "Shots heard near the Oak St station",
    });
    expectWords(await brandt.presses(opened, "Approve and send"), /edited|changed/i);
    const fresh = asMessage(await brandt.presses(card, "Open"));
    expectWords(fresh, "Oak St");
    expectWords(
      await brandt
        .presses(fresh, "Return with note")
        .then((form) => brandt.submits(form, { ...firstField(form, "Say which station is meant") })),
      "returned to its author",
    );
    expectWords(await lund.types(`/bulletin show ${ref}`), "Say which station is meant");
  });

  it("is acknowledged once for an agency: the thread gets its line, the message shows it, a note can be added", async () => {
    const ref = await approved();
    const [diaz, stone] = [town.person("riverton", "diaz"), town.person("riverton", "stone")];
    const copy = await town.channel("riverton", "bulletins").shows(ref);
    const recorded = asMessage(await diaz.presses(copy, "Acknowledge for our agency"));
    expectWords(recorded, "Recorded", `Riverton PD has ${ref} v1`, "shown: summary");
    expectWords(await stone.presses(copy, "Acknowledge for our agency"), "Already acknowledged by Sgt Diaz");
    await town.idle();
    const shown = await town.channel("riverton", "bulletins").shows(ref, "Acknowledged");
    expect(shown.thread.map(({ lines }) => lines.join(" ")).join("\n")).toContain(
      "Acknowledged v1 for Riverton PD by Sgt Diaz (supervisor)",
    );
    const noted = await diaz.presses(recorded, "Add note");
    expectWords(await diaz.submits(noted, firstField(noted, "Night shift briefed")), "Note added");
    expectWords(
      await town.person("metro", "okafor").types(`/bulletin status ${ref}`),
      "Riverton PD",
      "Sgt Diaz",
      "Night shift briefed",
    );
  });

  it("two supervisors press at once: one record, the other is told who was first", async () => {
    const ref = await approved();
    const copy = await town.channel("riverton", "bulletins").shows(ref);
    const both = await Promise.all(
      [town.person("riverton", "diaz"), town.person("riverton", "stone")].map((one) =>
        one.presses(copy, "Acknowledge for our agency"),
      ),
    );
    const words = both.map((shown) => asMessage(shown).lines.join("\n"));
    expect(words.filter((one) => one.includes("Recorded"))).toHaveLength(1);
    expect(words.filter((one) => one.includes("Already acknowledged by"))).toHaveLength(1);
  });

  it("is not acknowledged by an officer, nor by another agency's supervisor who sees the channel; both are audited", async () => {
    const ref = await approved();
    const copy = await town.channel("riverton", "bulletins").shows(ref);
    expectWords(
      await town.person("riverton", "hale").presses(copy, "Acknowledge for our agency"),
      "acknowledging needs supervisor or watch commander",
    );
    // A Metro supervisor works as a guest in Riverton's workspace: linked there too, and still of Metro.
    const { guest } = await guestOf(town);
    expectWords(
      await guest.press(copy.id, copy.channel),
      /acknowledging needs supervisor or watch commander of the agency that owns this channel|find no/,
    );
    const denied = await town.db.jobs.transaction({ agency: null, id: "system" }, (tx) =>
      tx.selectFrom("audit").select("action").where("outcome", "=", "denied").execute(),
    );
    expect(denied.filter(({ action }) => action === "bulletin.acknowledge").length).toBeGreaterThanOrEqual(2);
  });

  it("sent as an emergency by the watch commander alone says so, is paged for review, and shrinks unreviewed", async () => {
    const brandt = town.person("metro", "brandt");
    expectWords(
      await town.person("metro", "okafor").types("/bulletin emergency"),
      "Not done: sending an emergency bulletin alone needs watch commander",
    );
    const preview = asMessage(
      await brandt.types("/bulletin emergency").then((first) =>
        brandt.fills(first, [
          { ...what, "How severe?": "CRITICAL" },
          todo,
          {
            "What is the imminent danger?": "An armed man is on his way to the station now.",
            "Which areas?": "Riverton",
            "For how long?": "72 hours",
          },
        ]),
      ),
    );
    const ref = refIn(preview, "B");
    expectWords(await brandt.presses(preview, "Send now"), ref);
    expectWords(
      await town.channel("riverton", "bulletins").shows(ref),
      "UNREVIEWED: sent by the watch commander alone",
    );
    await town.pass("31 minutes");
    await town.channel("metro", "desk").shows(ref, "eview");
    await town.pass("24 hours");
    const shrunk = await town
      .channel("riverton", "bulletins")
      .shows(ref, "Nothing more may be shown in this channel");
    expectNoWords(shrunk, "armed man");
  });

  it("cancelled for the wrong person becomes a tombstone everywhere, a new message follows, and the receipt counts exactly", async () => {
    const ref = await approved();
    const okafor = town.person("metro", "okafor");
    const receipt = asMessage(await okafor.types(`/bulletin cancel ${ref} reason:wrong_person`));
    expectWords(receipt, ref);
    await town.idle();
    for (const agency of ["riverton", "cedar"] as const) {
      const messages = await town.channel(agency, "bulletins").read();
      const about = messages.filter(({ lines }) => lines.join("\n").includes(ref));
      expect(about).toHaveLength(2);
      for (const message of about) expectNoWords(message, "Elm St", "three shots");
      expectWords(about.at(-1) ?? receipt, `CANCELLED ${ref}`, "WRONG PERSON", "Do not act on any copy");
    }
    expectWords(await okafor.types(`/bulletin status ${ref}`), /2 of 2/);
    const diaz = town.person("riverton", "diaz");
    const correction = await town.channel("riverton", "bulletins").shows(`CANCELLED ${ref}`);
    expectWords(await diaz.presses(correction, "Acknowledge correction"), "Recorded");
    expectWords(await okafor.types(`/bulletin status ${ref}`), "1 of 2");
  });

  it("ends by itself: the copies lose their content and no new message is sent", async () => {
    const ref = await approved();
    const before = (await town.channel("riverton", "bulletins").read()).length;
    await town.pass("73 hours");
    const copy = await town.channel("riverton", "bulletins").shows(ref, "ended");
    expectNoWords(copy, "Elm St", "three shots");
    expect(await town.channel("riverton", "bulletins").read()).toHaveLength(before);
  });
});

/** The one text field of a short form. */
function firstField(form: Shown, words: string): Values {
  const field = form.kind === "form" ? form.fields[0] : undefined;
  return { [field?.label ?? ""]: words };
}

/** Sgt Lund of Metro, linked a second time as a guest of Riverton's workspace. */
async function guestOf(town: Town) {
  const workspace = "T0RIVERTN";
  const user = "U0LUNDGST";
  await town.platforms.slack.addUser({ workspace, id: user, name: "Sgt Lund (Metro)" });
  const { agencyNamed, inviteOfficer } = await import("../../src/operator.ts");
  const agency = await agencyNamed(town.ground, "Metro Fusion Center");
  const code = await inviteOfficer(town.ground, { agency, name: "Sgt Lund", roles: ["supervisor"] });
  await town.platforms.slack.type({ workspace, user, channel: "C0RIVERBU", line: `/allpoints link ${code}` });
  return {
    guest: {
      press: (message: string, channel: string) =>
        town.platforms.slack.press({
          workspace,
          user,
          message,
          channel,
          button: "Acknowledge for our agency",
        }),
    },
  };
}
