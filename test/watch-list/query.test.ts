import { Client } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { superuser } from "../support/database.ts";
import {
  asked,
  freshName,
  openQueryBench,
  said,
  type Agency,
  type Person,
  type QueryBench,
} from "./query-bench.ts";

let bench: QueryBench;
let owner: Agency;
let asking: Agency;
let officer: Person;
beforeAll(async () => {
  bench = await openQueryBench();
  owner = await bench.addAgency();
  asking = await bench.addAgency();
});
afterAll(() => bench.db.close());

async function freshOfficer(): Promise<Person> {
  return bench.addPerson(asking, ["officer"]);
}
const NO_HIT = "Nothing to show for this query.";
/** How sure a name alone is, is how rare it is. */
const HIT = /(?:STRONG|POSSIBLE) match/;

function rowsOf(person: Person) {
  return bench.as(person, (tx) =>
    tx.selectFrom("query").selectAll().where("officer_id", "=", person.id).orderBy("at").execute(),
  );
}

describe("the answer", () => {
  beforeAll(async () => {
    officer = await freshOfficer();
  });

  it("shows an OPEN entry with caution, legal status, caveat, why, whom to call and labels", async () => {
    const [name, alias] = [freshName(), freshName()];
    const { ref } = await bench.addEntry(owner, { names: [name, alias], birthDates: ["1984-03-02"] });
    const answer = await bench.screen().form(officer, asked({ name, born: "2 Mar 1984" }));
    expect(answer.kind === "card" && answer.card.headline).toMatch(/^ANSWER TO YOUR QUERY Q-/);
    for (const words of [
      "STRONG match",
      "CAUTION: armed and dangerous",
      "NO WARRANT",
      "ASKED: be aware, call owner before acting.",
      "do not stop, extend a stop, search, detain or arrest on this alone.",
      "Make sure it is the same person.",
      `Searched: ${name.toUpperCase()} · born 1984-03-02 · no plate or other identifier. Similar spellings`,
      `${ref}, ${owner.name} watch 555-0142, 24 h`,
      "They are told who asked, why and when.",
      "TLP:AMBER (your agency and those it serves, need to know)",
      "PAP:RED",
      "Do not tell the person.",
    ]) {
      expect(said(answer)).toContain(words);
    }
    expect(said(answer)).toMatch(/"Why: [^"]+ Make sure/);
    // Nothing about the person that was not asked.
    expect(said(answer).toLowerCase()).not.toContain(alias.split(" ")[0]?.toLowerCase());
  });

  it("says when its owner is looking at it again, and when it should have", async () => {
    const name = freshName();
    const long = new Date(Date.now() - 10 * 86_400_000);
    await bench.addEntry(owner, {
      names: [name],
      columns: { challenged_at: new Date(), review_due_at: long },
    });
    const answer = said(await bench.screen().form(officer, asked({ name })));
    expect(answer).toContain("UNDER REVIEW: ");
    expect(answer).toContain("REVIEW OVERDUE: ");
    const plain = freshName();
    await bench.addEntry(owner, { names: [plain] });
    expect(said(await bench.screen().form(officer, asked({ name: plain })))).not.toMatch(/REVIEW/);
  });

  it("has buttons about each hit, by its place in the question's record", async () => {
    const name = freshName();
    await bench.addEntry(owner, { names: [name] });
    await bench.addEntry(asking, { names: [name], sensitivity: "AGENCY_ONLY" });
    await bench.addEntry(owner, { names: [name], sensitivity: "RESTRICTED" });
    const person = await freshOfficer();
    const answer = await bench.screen().form(person, asked({ name, purpose: ["investigation"] }));
    const [query] = await rowsOf(person);
    const buttons = answer.kind === "card" ? (answer.card.buttons ?? []) : [];
    const [open, other] = said(answer).includes('"1 · Ask owner to confirm: 1 h"') ? [0, 1] : [1, 0];
    expect(buttons.map(({ action, subject, label }) => [action, subject.slice(36), label])).toEqual([
      ["confirm.ask", `.${open}`, "1 · Ask owner to confirm: 1 h"],
      ["outcome.not_same", `.${open}`, "1 · Not same person"],
      ["outcome.ask", `.${open}`, "1 · What happened"],
      ["confirm.ask", `.${other}`, "2 · Ask owner to call: 1 h"],
      ["outcome.not_same", `.${other}`, "2 · Not same person"],
      ["query.change", "", "Change and search again"],
      ["query.again", "", "Show again, 15 min"],
    ]);
    expect(new Set(buttons.map(({ subject }) => subject.slice(0, 36)))).toEqual(new Set([query?.id]));
  });

  it("shows of an AGENCY_ONLY entry whom to call and nothing else", async () => {
    const name = freshName();
    const { ref } = await bench.addEntry(owner, { names: [name], sensitivity: "AGENCY_ONLY" });
    const answer = await bench.screen().form(officer, asked({ name }));
    expect(said(answer)).toContain(`call ${owner.name} watch 555-0142, 24 h, quote Q-`);
    expect(said(answer)).toContain("No caution is shown at this level. That does not mean there is none.");
    expect(said(answer)).not.toMatch(/CAUTION|armed|match ·|same name/);
    expect(said(answer)).not.toContain(ref);
  });

  it("never shows more of a TLP:RED entry than whom to call", async () => {
    const name = freshName();
    await bench.addEntry(owner, { names: [name], tlp: "red" });
    const answer = await bench.screen().form(officer, asked({ name }));
    expect(said(answer)).toContain("A record may match.");
    expect(said(answer)).not.toContain("armed");
  });

  it("says what was searched, that it is no all-clear, and that it was logged, when nothing fits", async () => {
    const answer = await bench
      .screen()
      .form(
        officer,
        asked({ name: "jon o'smyth", born: "1984-03-02", ref: "NONE 4A12", identifiers: "MD abc-1234" }),
      );
    for (const words of [
      NO_HIT,
      "Searched: JON OSMYTH · born 1984-03-02 · plate MD ABC1234. Similar spellings, short names and other scripts are searched too.",
      "Plates that look alike are searched too, those of other states are not.",
      "This is not an all-clear",
      "Not NCIC",
      "Logged: you, traffic stop, no CAD number yet, for 4A12.",
      "Another agency may contact you about any query.",
    ]) {
      expect(said(answer)).toContain(words);
    }
  });

  it("says what it did not understand instead of leaving it out silently", async () => {
    const answer = await bench
      .screen()
      .form(officer, asked({ name: freshName(), identifiers: "the red truck" }));
    expect(said(answer)).toContain("Not understood and not searched: the red truck.");
  });

  it("shows five of many, the strongest first, and that there are more", async () => {
    const name = freshName();
    const made = [];
    for (let place = 0; place < 6; place += 1) {
      // oxlint-disable-next-line no-await-in-loop
      made.push(
        await bench.addEntry(owner, { names: [name], ...(place === 5 && { birthDates: ["1984-03-02"] }) }),
      );
    }
    const answer = await bench.screen().form(officer, asked({ name, born: "1984-03-02" }));
    const shown = made.map(({ ref }) => said(answer).indexOf(ref)).filter((place) => place > 0);
    expect(shown).toHaveLength(5);
    expect(Math.min(...shown)).toBe(said(answer).indexOf(made.at(-1)?.ref ?? "-"));
    expect(said(answer)).toContain("More entries fit than are shown.");
  });
});

describe("what is found", () => {
  beforeAll(async () => {
    officer = await freshOfficer();
  });

  it("is in force by the clock, before any job ran", async () => {
    const name = freshName();
    await bench.addEntry(owner, { names: [name], days: 1 });
    expect(said(await bench.screen().form(officer, asked({ name })))).toMatch(HIT);
    await bench.db.moveClock("25 hours");
    expect(said(await bench.screen().form(officer, asked({ name })))).toContain(NO_HIT);
  });

  it.each(["suspended", "cancelled"] as const)("is never %s, though still in the index", async (state) => {
    const name = freshName();
    const entry = await bench.addEntry(owner, { names: [name] });
    await bench.endEntry(owner, entry, state);
    expect(said(await bench.screen().form(officer, asked({ name })))).toContain(NO_HIT);
  });

  it("is only what its audience may match", async () => {
    const name = freshName();
    const third = await bench.addAgency();
    await bench.addEntry(owner, { names: [name], audience: [third] });
    const theirs = await bench.addPerson(third, ["officer"]);
    expect(said(await bench.screen().form(officer, asked({ name })))).toContain(NO_HIT);
    expect(said(await bench.screen().form(theirs, asked({ name })))).toMatch(HIT);
    expect(said(await bench.screen().form(owner.analyst, asked({ name })))).toMatch(HIT);
  });

  it("is never an exercise", async () => {
    const name = freshName();
    await bench.addEntry(owner, { names: [name], exercise: true });
    expect(said(await bench.screen().form(officer, asked({ name })))).toContain(NO_HIT);
  });

  it("is found by a plate, with whoever drives it, and not in another state", async () => {
    await bench.addEntry(owner, { names: [freshName()], identifiers: "MD QRY7781" });
    const ask = (identifiers: string) => bench.screen().form(officer, asked({ identifiers }));
    expect(said(await ask("md qry-7781"))).toContain("STRONG match");
    expect(said(await ask("plate QRY7781"))).toContain("POSSIBLE match");
    expect(said(await ask("VA QRY7781"))).toContain(NO_HIT);
  });

  it("is nobody else of the same name with another birth date", async () => {
    const name = "Maria Garcia";
    await bench.addEntry(owner, { names: [name], birthDates: ["1984-03-02"] });
    expect(said(await bench.screen().form(officer, asked({ name, born: "1991-07-08" })))).toContain(NO_HIT);
    expect(said(await bench.screen().form(officer, asked({ name, born: "1984-03-02" })))).toMatch(HIT);
  });

  it("cannot be read across agencies by anybody's own statement", async () => {
    const name = freshName();
    await bench.addEntry(owner, { names: [name] });
    await bench.screen().form(officer, asked({ name }));
    const foreign = await bench.addAgency();
    for (const table of ["query", "hit", "entry", "name_pair"] as const) {
      // oxlint-disable-next-line no-await-in-loop
      expect(await bench.as(foreign.analyst, (tx) => tx.selectFrom(table).selectAll().execute())).toEqual([]);
    }
  });
});

describe("asking", () => {
  beforeEach(async () => {
    officer = await freshOfficer();
  });

  async function problemsOf(values: Parameters<typeof asked>[0], person = officer) {
    const answer = await bench.screen().form(person, asked(values));
    return answer.kind === "problems" ? Object.keys(answer.problems) : [answer.kind];
  }

  it.each([
    ["nothing", {}, "name"],
    ["one part of a name", { name: "Smyth" }, "name"],
    ["a birth date alone", { born: "1984-03-02" }, "name"],
    ["what is not understood", { identifiers: "a red truck" }, "identifiers"],
  ])("with %s is refused in one sentence, and written down", async (_what, values, field) => {
    expect(await problemsOf(values)).toEqual([field]);
    const audit = await bench.as(officer, (tx) =>
      tx.selectFrom("audit").select(["action", "outcome"]).where("actor", "=", officer.id).execute(),
    );
    expect(audit).toEqual([{ action: "query.ask", outcome: "denied" }]);
    expect(await rowsOf(officer)).toEqual([]);
  });

  it.each([
    ["a full name", { name: "Jon Smyth" }],
    ["one name with a birth date", { name: "Smyth", born: "2 Mar 1984" }],
    ["an identifier", { identifiers: "@ironjack" }],
  ])("with %s is enough", async (_what, values) => {
    expect(await problemsOf(values)).toEqual(["card"]);
  });

  it.each([
    ["no CAD number", "ref", { ref: "no idea" }],
    ["NONE without a unit", "ref", { ref: "NONE" }],
    ["a date that never was", "born", { name: "Jon Smyth", born: "1984-02-31" }],
    ["a date to come", "born", { name: "Jon Smyth", born: "2199-01-01" }],
    ["a date in the year 0084", "born", { born: "0084-03-02" }],
    ["a date before 1900", "born", { born: "3/2/1884" }],
    ["a year of two digits", "born", { born: "3/2/84" }],
    ["a name of signs", "name", { name: "!!", identifiers: "@ironjack" }],
    ["a name of pictures", "name", { name: "🎂" }],
    ["one letter", "name", { name: "J", born: "1984-03-02" }],
    ["a name cut short by a sign", "name", { name: "Smi*" }],
    ["a name of 300 characters", "name", { name: "Jon Smyth ".repeat(30) }],
    ["a name of 300 NUL bytes and a letter", "name", { name: `${"\u0000".repeat(300)}J` }],
    ["two signs of a plate", "identifiers", { identifiers: "MD A?1*" }],
    ["a handle cut short", "identifiers", { identifiers: "@iron*" }],
    ["a VIN that does not add up", "identifiers", { identifiers: "1M8GDM9AXKP042789" }],
  ])("with %s keeps the form open", async (_what, field, values) => {
    expect(await problemsOf({ name: "Jon Smyth", ...values })).toEqual([field]);
    expect(await rowsOf(officer)).toEqual([]);
  });

  it("as a dispatcher takes the unit asked for", async () => {
    const dispatcher = await bench.addPerson(asking, ["dispatcher"]);
    expect(await problemsOf({ name: "Jon Smyth" }, dispatcher)).toEqual(["ref"]);
    expect(await problemsOf({ name: "Jon Smyth", ref: "24-118833 for 4A12" }, dispatcher)).toEqual(["card"]);
  });

  it("is for those on duty", async () => {
    const auditor = await bench.addPerson(asking, ["auditor"]);
    expect(said(await bench.screen().form(auditor, asked({ name: "Jon Smyth" })))).toContain(
      "Not done: asking the watch-list needs",
    );
    expect(await rowsOf(auditor)).toEqual([]);
  });

  it("twice by one event asks once and answers alike", async () => {
    const name = freshName();
    await bench.addEntry(owner, { names: [name] });
    const first = await bench.screen().form(officer, asked({ name }), "key-1");
    const second = await bench.screen().form(officer, asked({ name }), "key-1");
    expect(second).toEqual(first);
    expect(await rowsOf(officer)).toHaveLength(1);
  });

  it("at once by one event asks once", async () => {
    const screen = bench.screen();
    const values = asked({ name: freshName() });
    const answers = await Promise.all([1, 2, 3].map(() => screen.form(officer, values, "key-2")));
    expect(new Set(answers.map(said)).size).toBe(1);
    expect(await rowsOf(officer)).toHaveLength(1);
  });

  it("seals whatever was typed", async () => {
    const name = freshName();
    await bench
      .screen()
      .form(officer, asked({ name, born: "1984-03-02", identifiers: "MD SEA1234", ref: "24-777001" }));
    const everything: string[] = [];
    const all = new Client({
      ...superuser(bench.db.connection.owner.database),
      options: "-c search_path=allpoints",
    });
    await all.connect();
    for (const table of ["query", "audit", "inbound_seen", "form_draft", "token", "entry", "identifier"]) {
      // oxlint-disable-next-line no-await-in-loop
      const { rows } = await all.query<{ row: string }>(`select t::text as row from ${table} t`);
      everything.push(...rows.map(({ row }) => row.toLowerCase()));
    }
    await all.end();
    expect(everything.some((row) => row.includes(officer.id))).toBe(true);
    for (const word of [name.toLowerCase(), "1984-03-02", "sea1234", "24-777001"]) {
      expect(everything.filter((row) => row.includes(word))).toEqual([]);
    }
  });
});
