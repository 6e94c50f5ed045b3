import { afterAll, beforeAll, describe, expect, it } from "vitest";

import {
  actionsOf,
  approved,
  expectSaid,
  facts,
  formIn,
  freshName,
  openEntryBench,
  pages,
  refIn,
  said,
  subjectOf,
  write,
  writeAndSend,
  type Agency,
  type EntryBench,
  type Person,
} from "./entry-bench.ts";

let bench: EntryBench;
let metro: Agency;
let cedar: Agency;
beforeAll(async () => {
  bench = await openEntryBench();
  metro = await bench.addAgency();
  cedar = await bench.addAgency();
});
afterAll(() => bench.db.close());

const show = (person: Person, ref: string, level?: "none" | "summary") =>
  bench.types(person, `entry show ${ref}`, level);

async function stateOf(ref: string): Promise<string | undefined> {
  const row = await bench.as(metro.analyst, (tx) =>
    tx.selectFrom("entry").select("state").where("ref", "=", ref).executeTakeFirst(),
  );
  return row?.state;
}

/** What the desk or a colleague was told about it, without words. */
const noticesOf = (ref: string) =>
  bench.as(metro.analyst, async (tx) => {
    const rows = await tx.selectFrom("notice").select("kind").where("ref", "=", ref).orderBy("id").execute();
    return rows.map(({ kind }) => kind);
  });

describe("writing an entry", () => {
  it("takes four pages and a grade, each saved before the next opens", async () => {
    const name = freshName();
    const { analyst } = metro;
    const first = await bench.types(analyst, "entry new");
    expect(formIn(first).title).toBe("Entry 1 of 4: person");
    const second = await bench.fills(analyst, first, pages.person(name));
    expect(second).toMatchObject({ kind: "form", form: { title: "Entry 2 of 4: predicate" } });
    const ref = refIn(second);
    // The phone locks here; what was saved is there.
    expectSaid(await show(analyst, ref), name, "Still missing", "the predicate");
    const third = await bench.fills(analyst, second, pages.predicate);
    const fourth = await bench.fills(analyst, third, pages.handling);
    expect(formIn(fourth).fields.find(({ id }) => id === "valid")?.value).toEqual(["365"]);
    expect(formIn(fourth).fields.find(({ id }) => id === "tlp")?.value).toEqual(["amber"]);
    const grade = await bench.fills(analyst, fourth, pages.sharing);
    const preview = await bench.fills(analyst, grade, pages.grade);
    expectSaid(
      preview,
      name,
      facts,
      "18 USC 115",
      "CAUTION: armed and dangerous",
      "NO WARRANT",
      "TLP:AMBER (",
      "PAP:RED",
    );
    expect(said(preview)).not.toContain("Still missing");
    expect(actionsOf(preview)).toContain("entry.send");
    expect(await stateOf(ref)).toBe("draft");
  });

  it("keeps a page open with a sentence at what cannot be read, and everything in it", async () => {
    const first = await bench.types(metro.analyst, "entry new");
    const values = { ...pages.person(freshName()), born: "about 30", identifiers: "blue truck" };
    const again = await bench.fills(metro.analyst, first, values);
    expect(again).toMatchObject({
      kind: "problems",
      problems: {
        born: expect.stringContaining("about 30. Write 1987-04-02 or 4/2/1987 (month first)."),
        identifiers: expect.stringContaining("blue truck"),
      },
    });
    expect(formIn(again).fields.find(({ id }) => id === "born")?.value).toBe("about 30");
  });

  it.each([
    ["short facts", 1, { facts: "He is dangerous." }, "facts"],
    ["an offence without a statute", 1, { offence: "threatens people" }, "offence"],
    ["protected speech without a direct relation", 2, { speech: ["yes"] }, "relation"],
    ["detaining without a warrant", 2, { action: ["detain_with_pc"] }, "action"],
    ["an unknown agency", 3, { audience: ["nobody"] }, "audience"],
    ["everybody and somebody", 3, { audience: ["all", "x"] }, "audience"],
    ["a validity nobody offered", 3, { valid: ["3650"] }, "valid"],
    ["TLP:RED, which no query could show", 3, { tlp: ["red"] }, "tlp"],
  ] as const)("refuses %s", async (...[, page, change, field]) => {
    const steps = [pages.person(freshName()), pages.predicate, pages.handling, pages.sharing];
    let shown = await bench.types(metro.analyst, "entry new");
    // oxlint-disable-next-line no-await-in-loop
    for (const values of steps.slice(0, page)) shown = await bench.fills(metro.analyst, shown, values);
    const answer = await bench.fills(metro.analyst, shown, { ...steps[page], ...change });
    expect(answer.kind === "problems" && Object.keys(answer.problems)).toEqual([field]);
  });

  it("makes a juvenile of whoever is under eighteen, decided by a privacy officer and for at most 180 days", async () => {
    const first = await bench.types(metro.analyst, "entry new");
    const values = { ...pages.person(freshName()), born: "2020-01-01" };
    let shown = await bench.fills(metro.analyst, first, values);
    shown = await bench.fills(metro.analyst, shown, pages.predicate);
    shown = await bench.fills(metro.analyst, shown, pages.handling);
    expect(formIn(shown).fields.find(({ id }) => id === "valid")?.value).toEqual(["180"]);
    const refused = await bench.fills(metro.analyst, shown, pages.sharing);
    expect(refused).toMatchObject({ problems: { valid: expect.stringContaining("180 days") } });
    shown = await bench.fills(metro.analyst, refused, { ...pages.sharing, valid: ["180"] });
    const preview = await bench.fills(metro.analyst, shown, pages.grade);
    const ref = refIn(preview);
    expectSaid(preview, '"Juvenile","value":"yes"');
    await bench.presses(metro.analyst, ["entry.send", ref]);
    expect(actionsOf(await show(metro.supervisor, ref))).not.toContain("entry.approve");
    const subject = subjectOf(await show(metro.privacy, ref), "entry.approve");
    expectSaid(await bench.presses(metro.privacy, ["entry.approve", subject]), `Approved: ${ref}`);
  });

  it("has one effect when the platform repeats the page", async () => {
    const opened = formIn(await bench.types(metro.analyst, "entry new"));
    const event = {
      platform: "slack",
      workspace: metro.analyst.workspace,
      user: metro.analyst.user,
      dedupeKey: `again ${opened.state}`,
      kind: "form",
      form: opened.form,
      state: opened.state,
      values: pages.person(freshName()),
    } as const;
    const first = refIn(await bench.receive(event));
    expect(refIn(await bench.receive(event))).toBe(first);
  });

  it("is for analysts and supervisors", async () => {
    expectSaid(await bench.types(metro.patrol, "entry new"), "needs analyst or supervisor");
    expectSaid(await bench.types(metro.privacy, "entry new"), "needs analyst or supervisor");
  });

  it("stays with its author: a colleague can read a draft but not edit it", async () => {
    const { ref } = await write(bench, metro.analyst);
    expect(actionsOf(await show(metro.colleague, ref))).toEqual([]);
    expectSaid(await bench.presses(metro.colleague, ["entry.person", ref]), `I find no ${ref}`);
    expectSaid(await bench.presses(metro.colleague, ["entry.send", ref]), `I find no ${ref}`);
  });

  it("shows nothing that was written where the platform may show nothing", async () => {
    const { ref, name } = await write(bench, metro.analyst);
    const card = await show(metro.analyst, ref, "none");
    expectSaid(card, "may not be shown on this platform");
    expect(said(card)).not.toContain(name);
    expect(said(card)).not.toContain("USC");
    const edit = await bench.presses(metro.analyst, ["entry.predicate", ref], "summary");
    expectSaid(edit, "may not be shown on this platform");
  });
});

describe("an entry from a tip", () => {
  async function tip(
    values: { readonly speech: string } | undefined,
  ): Promise<{ readonly ref: string; readonly id: string }> {
    const receipt = await bench.fills(metro.patrol, await bench.types(metro.patrol, "tip"), {
      said: "He said he will shoot the next cop",
      soon: ["days"],
      source: ["online"],
    });
    const [ref = ""] = /T-[0-9A-Z]{3}-[0-9A-Z]{3}/.exec(said(receipt)) ?? [];
    const id = subjectOf(receipt, "tip.person");
    if (values !== undefined) {
      await bench.fills(metro.analyst, await bench.presses(metro.analyst, ["tip.grade", id]), {
        source: ["C"],
        information: ["2"],
        life: ["yes"],
        speech: [values.speech],
        why: "He was named by two people.",
      });
    }
    return { ref, id };
  }

  it("takes over its grade, and nothing that anybody said", async () => {
    const { ref } = await tip({ speech: "no" });
    const first = await bench.presses(metro.analyst, ["entry.new", ref]);
    expect(said(first)).not.toContain("shoot");
    let shown = await bench.fills(metro.analyst, first, pages.person(freshName()));
    for (const values of [pages.predicate, pages.handling, pages.sharing]) {
      // oxlint-disable-next-line no-await-in-loop
      shown = await bench.fills(metro.analyst, shown, values);
    }
    // No fifth page: the grade is there.
    expectSaid(shown, "Source C (fairly reliable), information 2 (probably true).");
    expectSaid(await bench.presses(metro.analyst, ["entry.send", refIn(shown)]), "Sent");
  });

  it("is refused where the tip is not graded", async () => {
    const { ref } = await tip(undefined);
    expectSaid(await bench.types(metro.analyst, `entry new from:${ref}`), `${ref} is not graded`);
  });

  it("is refused, with the reason, where the tip is only opinion or protest", async () => {
    const { ref } = await tip({ speech: "yes" });
    expectSaid(await bench.types(metro.analyst, `entry new from:${ref}`), "opinion or protest only");
  });

  it("goes no further when the tip is graded anew as opinion or protest", async () => {
    const { ref: tipRef, id } = await tip({ speech: "no" });
    let shown = await bench.types(metro.analyst, `entry new from:${tipRef}`);
    for (const values of [pages.person(freshName()), pages.predicate, pages.handling, pages.sharing]) {
      // oxlint-disable-next-line no-await-in-loop
      shown = await bench.fills(metro.analyst, shown, values);
    }
    const ref = refIn(shown);
    await bench.presses(metro.analyst, ["entry.send", ref]);
    const subject = subjectOf(await show(metro.supervisor, ref), "entry.approve");
    await bench.fills(metro.analyst, await bench.presses(metro.analyst, ["tip.grade", id]), {
      source: ["C"],
      information: ["2"],
      life: ["no"],
      speech: ["yes"],
      why: "It was a song.",
    });
    expectSaid(await bench.presses(metro.supervisor, ["entry.approve", subject]), "opinion or protest only");
    expect(await stateOf(ref)).toBe("waiting");
  });

  it("needs a tip of the own agency", async () => {
    const { ref } = await tip({ speech: "no" });
    expectSaid(await bench.types(cedar.analyst, `entry new from:${ref}`), `I find no ${ref}`);
  });
});

describe("approving an entry", () => {
  it("is asked of the desk without a word of it, done by a second person who sees everything, and told the author", async () => {
    const { ref, name } = await writeAndSend(bench, metro);
    expect(await noticesOf(ref)).toEqual(["entry_waiting"]);
    expect((await bench.finds(metro.patrol, { name })).open).toEqual([]);
    const opened = await show(metro.supervisor, ref);
    expectSaid(opened, "APPROVE?", name, facts, "Det. analyst", "all member agencies");
    const done = await bench.presses(metro.supervisor, ["entry.approve", subjectOf(opened, "entry.approve")]);
    expect(said(done)).toMatch(
      new RegExp(String.raw`Approved: ${ref}.*Valid until \w{3} \d+ \w{3} 20\d\d \d\d:\d\d E[DS]T`),
    );
    expect(await noticesOf(ref)).toEqual(["entry_waiting", "entry_approved"]);
    expect((await bench.finds(metro.patrol, { name })).open).toEqual([ref]);
    expect((await bench.finds(cedar.patrol, { name })).open).toEqual([ref]);
    const row = await bench.as(metro.analyst, (tx) =>
      tx.selectFrom("entry").selectAll().where("ref", "=", ref).executeTakeFirstOrThrow(),
    );
    const days = (from: Date | null, to: Date | null) =>
      ((to?.getTime() ?? 0) - (from?.getTime() ?? 0)) / 86_400_000;
    expect(days(row.last_validated_at, row.review_due_at)).toBeCloseTo(90, 0);
    expect(days(row.last_validated_at, row.expires_at)).toBeCloseTo(365, 0);
    const audited = await bench.as(metro.analyst, (tx) =>
      tx.selectFrom("audit").select("action").where("subject", "=", `entry:${row.id}`).execute(),
    );
    expect(audited.map(({ action }) => action)).toEqual(
      expect.arrayContaining(["entry.begin", "entry.edit", "entry.submit", "entry.read", "entry.approve"]),
    );
  });

  it("is never the author's, supervisor or not", async () => {
    const { ref } = await write(bench, metro.supervisor);
    await bench.presses(metro.supervisor, ["entry.send", ref]);
    expect(actionsOf(await show(metro.supervisor, ref))).not.toContain("entry.approve");
    const subject = subjectOf(await show(metro.commander, ref), "entry.approve");
    const refused = await bench.presses(metro.supervisor, ["entry.approve", subject]);
    expectSaid(refused, "approving your own entry needs a second person", "the attempt is logged");
    expect(await stateOf(ref)).toBe("waiting");
  });

  it("is refused when it was edited since, and says to read it again", async () => {
    const { ref, name } = await writeAndSend(bench, metro);
    const before = subjectOf(await show(metro.supervisor, ref), "entry.approve");
    const page = await bench.presses(metro.analyst, ["entry.predicate", ref]);
    expect(formIn(page).fields.find(({ id }) => id === "facts")?.value).toBe(facts);
    await bench.fills(metro.analyst, page, { ...pages.predicate, facts: `${facts} He has a rifle.` });
    // It came back to its author by that; sent again, the old button still approves nothing.
    expect(await stateOf(ref)).toBe("draft");
    expectSaid(await bench.presses(metro.supervisor, ["entry.approve", before]), "not what you were shown");
    await bench.presses(metro.analyst, ["entry.send", ref]);
    expectSaid(await bench.presses(metro.supervisor, ["entry.approve", before]), "not what you were shown");
    expect((await bench.finds(metro.patrol, { name })).open).toEqual([]);
    const after = subjectOf(await show(metro.supervisor, ref), "entry.approve");
    expectSaid(await bench.presses(metro.supervisor, ["entry.approve", after]), `Approved: ${ref}`);
  });

  it("happens once, however many press at the same time", async () => {
    const { ref } = await writeAndSend(bench, metro);
    const subject = subjectOf(await show(metro.supervisor, ref), "entry.approve");
    const answers = await Promise.all(
      [metro.supervisor, metro.commander, metro.privacy].map((person) =>
        bench.presses(person, ["entry.approve", subject]),
      ),
    );
    expect(answers.filter((answer) => said(answer).includes("Approved"))).toHaveLength(1);
  });

  it("is returned with a note that only its author reads, edited and sent again", async () => {
    const { ref } = await writeAndSend(bench, metro);
    const form = await bench.presses(metro.supervisor, ["entry.return", ref]);
    expectSaid(
      await bench.fills(metro.supervisor, form, { note: "Which statute of Maryland?" }),
      `Returned: ${ref}`,
    );
    expect(await noticesOf(ref)).toEqual(["entry_waiting", "entry_returned"]);
    expectSaid(await show(metro.analyst, ref), "Which statute of Maryland?");
    expectSaid(await bench.presses(metro.analyst, ["entry.send", ref]), "Sent");
    expect(said(await show(metro.supervisor, ref))).not.toContain("Maryland");
  });

  it("of protected speech takes a privacy officer, who reads how the act relates to it", async () => {
    const handling = {
      ...pages.handling,
      speech: ["yes"],
      relation: "At the rally he named the officer and the day.",
    };
    const { ref } = await writeAndSend(bench, metro, { handling });
    const opened = await show(metro.supervisor, ref);
    expect(actionsOf(opened)).toEqual(["entry.return"]);
    const subject = subjectOf(await show(metro.privacy, ref), "entry.approve");
    expectSaid(await bench.presses(metro.supervisor, ["entry.approve", subject]), "needs privacy officer");
    expectSaid(await show(metro.privacy, ref), "At the rally he named the officer and the day.");
    expectSaid(await bench.presses(metro.privacy, ["entry.approve", subject]), `Approved: ${ref}`);
  });

  it("of a RESTRICTED entry that hides a danger takes a watch commander's signed reason first", async () => {
    const sharing = { ...pages.sharing, sensitivity: ["RESTRICTED"] };
    const { ref, name } = await writeAndSend(bench, metro, { sharing });
    expect(actionsOf(await show(metro.privacy, ref))).toEqual(["entry.return"]);
    const opened = await show(metro.commander, ref);
    const form = await bench.presses(metro.commander, ["entry.sign", subjectOf(opened, "entry.sign")]);
    expectSaid(
      await bench.fills(metro.commander, form, { reason: "An undercover officer lives there." }),
      `Signed: ${ref}`,
    );
    const signed = await show(metro.privacy, ref);
    expectSaid(signed, "An undercover officer lives there.");
    expectSaid(
      await bench.presses(metro.privacy, ["entry.approve", subjectOf(signed, "entry.approve")]),
      "Approved",
    );
    expect(await bench.finds(cedar.patrol, { name })).toEqual({ open: [], silent: [ref] });
  });

  it("loses a signature by an edit: it was given for what was there before", async () => {
    const sharing = { ...pages.sharing, sensitivity: ["RESTRICTED"] };
    const { ref } = await writeAndSend(bench, metro, { sharing });
    const form = await bench.presses(metro.commander, [
      "entry.sign",
      subjectOf(await show(metro.commander, ref), "entry.sign"),
    ]);
    await bench.fills(metro.commander, form, { reason: "An undercover officer lives there." });
    const page = await bench.presses(metro.analyst, ["entry.handling", ref]);
    await bench.fills(metro.analyst, page, { ...pages.handling, cautions: ["armed", "violent"] });
    await bench.presses(metro.analyst, ["entry.send", ref]);
    const opened = await show(metro.privacy, ref);
    expect(actionsOf(opened)).toEqual(["entry.return"]);
    expect(said(opened)).not.toContain("undercover");
  });

  it("cannot be done where the words may not be shown", async () => {
    const { ref } = await writeAndSend(bench, metro);
    expect(actionsOf(await show(metro.supervisor, ref, "summary"))).toEqual([]);
  });

  it("for named agencies keeps it from every other", async () => {
    const other = await bench.addAgency();
    const { ref, name } = await approved(bench, metro, {
      sharing: { ...pages.sharing, audience: [cedar.id] },
    });
    expectSaid(await show(metro.analyst, ref), `May match it: ${cedar.name}.`);
    expect((await bench.finds(metro.patrol, { name })).open).toEqual([ref]);
    expect((await bench.finds(cedar.patrol, { name })).open).toEqual([ref]);
    expect((await bench.finds(other.patrol, { name })).open).toEqual([]);
  });
});
