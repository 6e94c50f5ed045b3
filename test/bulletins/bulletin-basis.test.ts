import { sql } from "kysely";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { appendAudit } from "../../src/audit/audit-store.ts";
import { newRef } from "../../src/refs.ts";
import { uuidv7 } from "../../src/store/ids.ts";
import { superuser } from "../support/database.ts";
import {
  cardOf,
  openBench,
  person,
  refOn,
  seen,
  subscribe,
  todo,
  what,
  who,
  wordsOf,
  write,
  type Bench,
  type Channel,
  type Person,
  type Place,
} from "./bulletin-bench.ts";

let bench: Bench;
let metro: Place;
let analyst: Person;
let lund: Person;
let ortiz: Person;
let full: Channel;
let summary: Channel;
let entry: string;

beforeAll(async () => {
  bench = await openBench();
  metro = await bench.addPlace("Metro");
  const riverton = await bench.addPlace("Riverton");
  analyst = await bench.addPerson(metro, ["analyst"], "Det. Okafor");
  lund = await bench.addPerson(metro, ["supervisor"], "Sgt Lund");
  ortiz = await bench.addPerson(metro, ["watch_commander"], "Lt Ortiz");
  const diaz = await bench.addPerson(riverton, ["supervisor"], "Sgt Diaz");
  full = await bench.addChannel(riverton, "bulletins", "full");
  summary = await bench.addChannel(riverton, "bulletins");
  for (const channel of [full, summary]) {
    // oxlint-disable-next-line no-await-in-loop
    await subscribe(diaz, channel);
  }
  entry = await bench.addEntry(metro, analyst.id, lund.id);
});
afterAll(() => bench.close());

const copyIn = (channel: Channel, ref: string) =>
  wordsOf(bench.messagesIn(channel).find(({ card }) => wordsOf(card).includes(ref))?.card);

describe("without limit (TLP:CLEAR)", () => {
  const danger = {
    danger: "An armed man is on his way to the station now.",
    areas: "Riverton",
    valid: ["24"],
  };
  const emergency = async (first = {}) =>
    ortiz.fills(await ortiz.fills(await ortiz.types("bulletin", "emergency"), { ...what, ...first }), todo);

  it("nothing about an entry goes, whether or not the person has a field of their own", async () => {
    const first = await analyst.types("bulletin", `new from:${entry}`);
    const second = await analyst.fills(first, what);
    const third = await analyst.fills(second, { ...todo, summary: person.summary });
    expect(await analyst.fills(third, { ...who, entry, tlp: ["clear"] })).toMatchObject({
      problems: { tlp: expect.stringContaining("never without limit") },
    });
  });

  it("no person is added afterwards", async () => {
    const preview = cardOf(await ortiz.fills(await emergency(), { ...danger, tlp: ["clear"] }));
    expect(wordsOf(preview)).toContain("TLP:CLEAR");
    const page = await ortiz.presses(preview, "Edit what to do");
    expect(await ortiz.fills(page, { ...todo, ...person })).toMatchObject({
      problems: { person: expect.stringContaining("TLP:CLEAR") },
    });
    expect(
      await ortiz.fills(await ortiz.presses(preview, "Edit what"), { ...what, known: "MD ABC1234" }),
    ).toMatchObject({ problems: { known: expect.stringContaining("a plate") } });
  });

  it("no plate goes in an emergency's own words", async () => {
    const third = await emergency({ known: "He drives a white F-150, MD ABC1234." });
    expect(await ortiz.fills(third, { ...danger, tlp: ["clear"] })).toMatchObject({
      problems: { tlp: expect.stringContaining("never without limit") },
    });
    expect(wordsOf(cardOf(await ortiz.fills(third, { ...danger, tlp: ["amber"] })))).toContain("TLP:AMBER");
  });
});

describe("what channels not cleared for personal details read", () => {
  it("of an entry is the summary, never the text, even when the person has no field of their own", async () => {
    const first = await analyst.types("bulletin", `new from:${entry}`);
    const second = await analyst.fills(first, { ...what, known: "John Smyth said he will shoot." });
    expect(await analyst.fills(second, todo)).toMatchObject({
      problems: { summary: expect.stringContaining("without the person") },
    });
    expect(
      await analyst.fills(second, { ...todo, summary: "A man in MD ABC1234 made a threat." }),
    ).toMatchObject({ problems: { summary: expect.stringContaining("a plate") } });
    const third = await analyst.fills(second, { ...todo, summary: person.summary });
    const preview = cardOf(await analyst.fills(third, { ...who, entry }));
    const ref = refOn(preview);
    await analyst.presses(preview, "Send for approval");
    const approval = cardOf(await lund.types("bulletin", `show ${ref}`));
    await lund.presses(approval, "Approve and send");
    await bench.deliver();
    expect(copyIn(full, ref)).toContain("John Smyth");
    expect(copyIn(summary, ref)).toContain(person.summary);
    expect(copyIn(summary, ref)).not.toMatch(/Smyth|Elm St/);
  });

  it("of an emergency without a summary is whom to call, and so it is counted, recorded and acknowledged", async () => {
    const first = await ortiz.types("bulletin", "emergency");
    const third = await ortiz.fills(await ortiz.fills(first, { ...what, known: "John Smyth comes." }), todo);
    const danger = "He left ten minutes ago with the rifle.";
    const preview = cardOf(
      await ortiz.fills(third, { danger, areas: "Riverton", tlp: ["amber"], valid: ["24"] }),
    );
    const ref = refOn(preview);
    expect(wordsOf(preview)).toContain("1 full, 0 summary, 1 pointer");
    await ortiz.presses(preview, "Send now");
    await bench.deliver();
    expect(copyIn(full, ref)).toContain("John Smyth");
    expect(copyIn(summary, ref)).toContain("Nothing more may be shown in this channel");
    expect(copyIn(summary, ref)).not.toMatch(/Smyth|rifle|Elm St/);
    const diaz = await bench.addPerson(summary.place, ["supervisor"]);
    const copy = bench.messagesIn(summary).find(({ card }) => wordsOf(card).includes(ref));
    expect(seen(await diaz.presses(copy?.card, "Received, we will call"))).toContain("shown: pointer");
  });

  it("a situational bulletin is its text, so that no plate gets into it: at the field, and on page 3", async () => {
    const second = await analyst.fills(await analyst.types("bulletin", "new"), {
      ...what,
      known: "A van, MD ABC1234, was seen near the station.",
    });
    const third = await analyst.fills(second, todo);
    const refused = await analyst.fills(third, who);
    expect(refused).toMatchObject({ problems: { entry: expect.stringContaining("a plate") } });
    expect(JSON.stringify(refused)).not.toContain("ABC1234");
    const ref = refused.kind === "problems" ? refused.form.state.slice(0, 9) : "";
    const saved = cardOf(await analyst.types("bulletin", `show ${ref}`));
    const page = await analyst.presses(saved, "Edit what");
    const again = await analyst.fills(page, what);
    const preview = cardOf(await analyst.fills(again, who));
    expect(wordsOf(preview)).toContain("Send for approval");
    const edit = await analyst.presses(preview, "Edit what");
    expect(await analyst.fills(edit, { ...what, unknown: "Who owns 410-555-0142" })).toMatchObject({
      problems: { unknown: expect.stringContaining("a telephone number") },
    });
  });

  it("an entry named on page 3 still needs the summary of page 2, which can be reached", async () => {
    const second = await analyst.fills(await analyst.types("bulletin", "new"), what);
    const third = await analyst.fills(second, todo);
    const refused = await analyst.fills(third, { ...who, entry });
    expect(refused).toMatchObject({ problems: { entry: expect.stringContaining("needs a summary") } });
    const ref = refused.kind === "problems" ? refused.form.state.slice(0, 9) : "";
    const saved = cardOf(await analyst.types("bulletin", `show ${ref}`));
    const page = await analyst.presses(saved, "Edit what to do");
    const last = await analyst.fills(page, { ...todo, summary: person.summary });
    expect(wordsOf(cardOf(await analyst.fills(last, { ...who, entry })))).toContain("Send for approval");
  });
});

describe("a bulletin from a tip", () => {
  /** A tip of the agency, graded or not, as the intake desk leaves it. */
  async function tip(speech?: boolean, state: "new" | "closed" = "new"): Promise<string> {
    const ref = newRef("tip");
    await bench.database.store.transaction({ agency: metro.agency, id: analyst.id }, async (tx) => {
      await appendAudit(tx, metro.agency, { action: "tip.add", subject: `tip:${ref}` });
      await tx
        .insertInto("tip")
        .values({
          id: uuidv7(),
          agency_id: metro.agency,
          ref,
          submitted_by: analyst.id,
          urgency: "days",
          source: "online",
          priority: "P2",
          words_sealed: Buffer.from("sealed"),
          retention_until: sql<Date>`clock.now() + interval '30 days'`,
          state,
          ...(state === "closed" && { closed_by: analyst.id, outcome: "information_only" as const }),
        })
        .execute();
      if (speech !== undefined) await grade(ref, speech, tx);
    });
    return ref;
  }
  type Tx = Parameters<Parameters<Bench["database"]["store"]["transaction"]>[1]>[0];
  const grade = (ref: string, speech: boolean, tx: Tx) =>
    tx
      .updateTable("tip")
      .set({
        source_grade: "B",
        information_grade: "3",
        threat_to_life: "no",
        protected_speech: speech,
        graded_by: analyst.id,
        graded_at: sql<Date>`clock.now()`,
      })
      .where("ref", "=", ref)
      .execute();

  it("takes over its grade, also by the button under the tip", async () => {
    const ref = await tip(false);
    const first = await analyst.pressesRaw("bulletin.new", ref);
    const third = await analyst.fills(await analyst.fills(first, what), todo);
    const preview = wordsOf(cardOf(await analyst.fills(third, who)));
    expect(preview).toContain("Source B (usually reliable), information 3 (possibly true)");
  });

  it.each([
    ["is opinion or protest only", { speech: true, state: "new" }, "opinion or protest only"],
    ["nobody graded", { speech: undefined, state: "new" }, "is not graded"],
    ["is closed", { speech: false, state: "closed" }, "is no longer open"],
  ] as const)("that %s is refused with the reason (INV-21)", async (...[, { speech, state }, sentence]) => {
    const ref = await tip(speech, state);
    expect(seen(await analyst.types("bulletin", `new from:${ref}`))).toContain(sentence);
    expect(seen(await analyst.pressesRaw("bulletin.new", ref))).toContain(sentence);
  });

  it("graded anew as opinion or protest is neither submitted nor approved", async () => {
    const ref = await tip(false);
    const one = await write(analyst, { from: ref });
    const two = await write(analyst, { from: ref });
    await analyst.presses(two, "Send for approval");
    const approval = cardOf(await lund.types("bulletin", `show ${refOn(two)}`));
    await bench.database.store.transaction({ agency: metro.agency, id: analyst.id }, async (tx) => {
      await grade(ref, true, tx);
      await appendAudit(tx, metro.agency, { action: "tip.grade", subject: `tip:${ref}` });
    });
    expect(seen(await analyst.presses(one, "Send for approval"))).toContain("opinion or protest only");
    expect(seen(await lund.presses(approval, "Approve and send"))).toContain("opinion or protest only");
    await bench.deliver();
    expect(copyIn(full, refOn(two))).toBe("");
  });
});

describe("an entry that nobody stands by any more", () => {
  async function withEntry(basis: string) {
    const second = await analyst.fills(await analyst.types("bulletin", "new"), what);
    const third = await analyst.fills(second, { ...todo, summary: "An armed man drives a grey van." });
    return cardOf(await analyst.fills(third, { ...who, entry: basis }));
  }

  it.each([
    ["whose review was missed by two weeks", "review_due_at = clock.now() - interval '14 days'"],
    ["whose challenge nobody decided for a month", "challenged_at = clock.now() - interval '30 days'"],
  ] as const)("%s is no basis, whether or not a job was there", async (...[, field]) => {
    const basis = await bench.addEntry(metro, analyst.id, lund.id);
    const preview = await withEntry(basis);
    await analyst.presses(preview, "Send for approval");
    const ref = refOn(preview);
    const approval = cardOf(await lund.types("bulletin", `show ${ref}`));
    const direct = new Client({
      ...superuser(bench.database.connection.owner.database),
      options: "-c search_path=allpoints -c session_replication_role=replica",
    });
    await direct.connect();
    await direct.query(`update entry set ${field} where ref = $1`, [basis]);
    await direct.end();
    expect(seen(await lund.presses(approval, "Approve and send"))).toContain(`Not sent: the basis of ${ref}`);
    const past = bench.database.store.transaction({ agency: metro.agency, id: lund.id }, async (tx) => {
      await appendAudit(tx, metro.agency, { action: "bulletin.test", subject: "bulletin:test" });
      await sql`update bulletin set state = 'sent', approver_id = ${lund.id}, approved_hash = content_hash,
                  sent_at = clock.now(), expires_at = clock.now() + interval '1 day' where ref = ${ref}`.execute(
        tx,
      );
    });
    await expect(past).rejects.toMatchObject({ constraint: "basis_entry_active" });
  });
});
