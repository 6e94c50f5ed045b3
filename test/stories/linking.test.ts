import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { asMessage, expectWords, wordsOf } from "../../sandbox/cast.ts";
import { agencyNamed, inviteOfficer } from "../../src/operator.ts";
import { openTown, type Town } from "../support/town.ts";

let town: Town;
beforeAll(async () => {
  town = await openTown();
}, 60_000);
afterAll(() => town.close());

describe("linking", () => {
  it("somebody without an account is told how to get one, and what they typed is not kept", async () => {
    await town.platforms.slack.addUser({ workspace: "T0METRO00", id: "U0STRANGE", name: "Stranger" });
    const shown = await town.platforms.slack.type({
      workspace: "T0METRO00",
      user: "U0STRANGE",
      channel: "C0METROIN",
      line: "/tip armed man",
    });
    expectWords(shown, "I cannot tell who you are", "/allpoints link");
  });

  it("a stranger reads a code to the admin, who approves it and gives a role; the next command works", async () => {
    const asked = await town.platforms.slack.type({
      workspace: "T0METRO00",
      user: "U0STRANGE",
      channel: "C0METROIN",
      line: "/allpoints link",
    });
    const code = /[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(wordsOf(asked))?.[0] ?? "";
    const novak = town.person("metro", "novak");
    const form = await novak.types(`/allpoints officer approve ${code} role:officer`);
    expectWords(
      await novak.submits(form, { "Rank and name, as others shall see it": "Ofc. Strange" }),
      "Ofc. Strange is linked",
    );
    const whoami = await town.platforms.slack.type({
      workspace: "T0METRO00",
      user: "U0STRANGE",
      channel: "C0METROIN",
      line: "/allpoints whoami",
    });
    expectWords(whoami, "Ofc. Strange, Metro Fusion Center", "officer");
  });

  it("a code works once, and a wrong one not at all", async () => {
    const agency = await agencyNamed(town.ground, "Riverton PD");
    const code = await inviteOfficer(town.ground, { agency, name: "Ofc. Twice", roles: ["officer"] });
    for (const id of ["U0TWICE01", "U0TWICE02"]) {
      await town.platforms.slack.addUser({ workspace: "T0RIVERTN", id, name: id });
    }
    const as = (user: string, line: string) =>
      town.platforms.slack.type({ workspace: "T0RIVERTN", user, channel: "C0RIVERIN", line });
    expectWords(await as("U0TWICE01", "/allpoints link 0000-0000"), "That code is not right");
    expectWords(await as("U0TWICE01", `/allpoints link ${code}`), "Linked: Ofc. Twice, Riverton PD");
    expectWords(await as("U0TWICE02", `/allpoints link ${code}`), "was used before");
  });

  it("one person on two platforms is still one person: the second account is added to the first", async () => {
    const { cedar, slackUser } = { cedar: "500000000000000003", slackUser: "700000000000000099" };
    await town.platforms.discord.addUser({ workspace: cedar, id: slackUser, name: "Ruiz, second account" });
    const as = (line: string) =>
      town.platforms.discord.type({ workspace: cedar, user: slackUser, channel: "600000000000000032", line });
    const code = /[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(wordsOf(await as("/allpoints link")))?.[0] ?? "";
    const tate = town.person("cedar", "tate");
    const approved = await tate.types(`/allpoints officer-approve code:${code} user:<@700000000000000033>`);
    expectWords(approved, "Linked: one more account of Sgt Ruiz");
    expectWords(await as("/allpoints whoami"), "Sgt Ruiz, Cedar County SO", "supervisor");
    const listed = asMessage(await tate.types("/allpoints officer-list"));
    expect(listed.lines.filter((line) => line.includes("Sgt Ruiz"))).toHaveLength(1);
    // An account is one person: it cannot be given away a second time.
    const again = /[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(wordsOf(await as("/allpoints link")))?.[0];
    expect(again).toBeUndefined();
  });

  it("a role counts from the next event on", async () => {
    const [hale, kim] = [town.person("riverton", "hale"), town.person("riverton", "kim")];
    expectWords(await hale.types("/subscribe", "bulletins"), "Not done: subscribing a channel needs");
    expectWords(
      await kim.types("/allpoints officer role <@U0HALE000> role:supervisor"),
      "Ofc. Hale is now: supervisor",
    );
    expect((await hale.types("/subscribe", "bulletins")).kind).toBe("form");
    expectWords(
      await kim.types("/allpoints officer role <@U0HALE000> role:officer"),
      "Ofc. Hale is now: officer",
    );
    expectWords(await hale.types("/subscribe", "bulletins"), "Not done");
    expectWords(await kim.types("/allpoints officer role <@U0KIM0000> role:officer"), "your own standing");
  });

  it("suspending an officer works at their next event, also for a form that is already open", async () => {
    const reyes = town.person("metro", "reyes");
    const form = await reyes.types("/tip");
    const novak = town.person("metro", "novak");
    expectWords(await novak.types("/allpoints officer suspend <@U0REYES00>"), "Ofc. Reyes: suspended");
    expectWords(
      await reyes.submits(form, {
        "What was said or seen?": "something",
        "How soon?": "Days",
        "How do you know?": "Online",
      }),
      "Your access is suspended",
    );
    expectWords(await reyes.types("/tip"), "Your access is suspended");
    expectWords(await novak.types("/allpoints officer restore <@U0REYES00>"), "Ofc. Reyes: active");
    expect((await reyes.types("/tip")).kind).toBe("form");
  });

  it("only an agency admin may manage officers; the attempt is refused and audited", async () => {
    const shown = await town.person("metro", "reyes").types("/allpoints officer list");
    expectWords(asMessage(shown), "Not done: managing your agency's officers", "agency admin");
    const rows = await town.db.jobs.transaction({ agency: null, id: "system" }, (tx) =>
      tx.selectFrom("audit").select("action").where("outcome", "=", "denied").execute(),
    );
    expect(rows.map(({ action }) => action)).toContain("allpoints.officer.list");
  });

  it("Discord people link in the same way", async () => {
    expectWords(
      await town.person("cedar", "ruiz").types("/allpoints whoami"),
      "Sgt Ruiz, Cedar County SO",
      "supervisor",
    );
  });
});
