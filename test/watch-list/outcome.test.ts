import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { noticeWords } from "../../src/agencies/notice.ts";
import { outcomeLines } from "../../src/watch-list/outcome-owner.ts";
import { outcomes } from "../../src/watch-list/outcome.ts";
import { queryRetention } from "../../src/watch-list/query-retention.ts";
import { openConfirmationBench, type ConfirmationBench, type HitMade } from "./confirmation-bench.ts";
import { said, type Agency, type Person } from "./query-bench.ts";

let bench: ConfirmationBench;
let owner: Agency;
let asking: Agency;
let officer: Person;
beforeAll(async () => {
  bench = await openConfirmationBench();
  owner = await bench.addAgency();
  asking = await bench.addAgency();
  officer = await bench.addPerson(asking, ["officer"]);
});
afterAll(() => bench.db.close());

const notSame = ({ subject }: Pick<HitMade, "subject">, person = officer) =>
  bench.screen().press(person, "outcome.not_same", subject);

async function happened({ subject }: HitMade, outcome: string, note?: string) {
  const shown = await bench.screen().press(officer, "outcome.ask", subject);
  if (shown.kind !== "form") return shown;
  return bench.screen().fill(officer, shown, { outcome: [outcome], ...(note !== undefined && { note }) });
}

const rowsOf = ({ query }: HitMade, reader = owner) =>
  bench.as(reader.analyst, (tx) =>
    tx.selectFrom("outcome").selectAll().where("query_id", "=", query.id).execute(),
  );

async function news(of: Agency, ref: string): Promise<number> {
  await bench.follow();
  const cards = await bench.cards(of, "notice");
  return cards.filter(({ card }) => card.headline === noticeWords.outcome_news(ref)).length;
}

describe("after a hit", () => {
  it("“not the same person” is one press, counted once however often it is pressed", async () => {
    const hit = await bench.hit(owner, officer);
    const both = await Promise.all([notSame(hit), notSame(hit)]);
    for (const one of both) expect(said(one)).toContain(`Recorded for ${hit.query.ref}`);
    const [first] = both;
    expect(said(first)).toContain(`Recorded for ${hit.query.ref}`);
    expect(said(first)).toContain("Do not act on the record for this person.");
    await notSame(hit);
    expect(await rowsOf(hit)).toMatchObject([{ outcome: "not_same_person", officer_id: officer.id }]);
    const audit = await bench.audits(owner, `outcome:${(await rowsOf(hit))[0]?.id}`);
    expect(audit.filter(({ action }) => action !== "outcome.notified")).toEqual([
      { action: "outcome.record", outcome: "ok", detail: { outcome: "not_same_person", note: false } },
    ]);
  });

  it.each(Object.keys(outcomes))(
    "%s is recorded; the desk is told only what it must look at",
    async (code) => {
      const hit = await bench.hit(owner, officer);
      expect(said(await happened(hit, code))).toContain(`Recorded for ${hit.query.ref}`);
      expect(await rowsOf(hit)).toMatchObject([{ outcome: code, note_sealed: null }]);
      const tells = code === "not_same_person" || code === "arrest";
      expect(await news(owner, hit.entry.ref)).toBe(tells ? 1 : 0);
      expect(await news(owner, hit.entry.ref)).toBe(tells ? 1 : 0);
    },
  );

  it("works for a hit without details, and tells the asker nothing of the entry", async () => {
    const hit = await bench.hit(owner, officer, { sensitivity: "AGENCY_ONLY" });
    const answer = await notSame(hit);
    expect(said(answer)).toContain("Recorded");
    expect(said(answer)).not.toContain(hit.entry.ref);
    expect(await rowsOf(hit)).toHaveLength(1);
    // Its card has no second button: the answer has.
    const [change] = (answer.kind === "card" && answer.card.buttons) || [];
    expect(change).toMatchObject({ action: "outcome.ask", subject: hit.subject });
  });

  it("can be changed for 24 hours, and then stays", async () => {
    const hit = await bench.hit(owner, officer);
    await notSame(hit);
    expect(await news(owner, hit.entry.ref)).toBe(1);
    await bench.db.moveClock("23 hours");
    expect(said(await happened(hit, "arrest"))).toContain("arrest on probable cause of its own");
    expect(await news(owner, hit.entry.ref)).toBe(2);
    await bench.db.moveClock("2 hours");
    expect(said(await happened(hit, "no_action"))).toContain("so it stays");
    expect(said(await notSame(hit))).toContain("so it stays");
    // A form that was opened in time and sent too late.
    expect(await rowsOf(hit)).toMatchObject([{ outcome: "arrest" }]);
    expect(await news(owner, hit.entry.ref)).toBe(2);
  });

  it("a form opened in time and sent too late changes nothing", async () => {
    const hit = await bench.hit(owner, officer);
    await notSame(hit);
    const shown = await bench.screen().press(officer, "outcome.ask", hit.subject);
    await bench.db.moveClock("25 hours");
    const late = await bench.screen().fill(officer, shown, { outcome: ["arrest"] });
    expect(said(late)).toContain("so it stays");
    expect(await rowsOf(hit)).toMatchObject([{ outcome: "not_same_person" }]);
  });

  it("a note is sealed, comes back into its form, and is the owner's to read with the hit", async () => {
    const hit = await bench.hit(owner, officer);
    const words = "Zqnote said he was asleep at home.";
    await happened(hit, "contact_made", words);
    const [row] = await rowsOf(hit);
    expect(row?.note_sealed?.toString("latin1")).not.toContain("Zqnote");
    expect(said(await bench.screen().press(officer, "outcome.ask", hit.subject))).toContain(words);
    expect(said(await bench.screen("summary").press(officer, "outcome.ask", hit.subject))).not.toContain(
      words,
    );
    const [made] = await bench.as(owner.analyst, (tx) =>
      tx.selectFrom("hit").select("id").where("query_id", "=", hit.query.id).execute(),
    );
    const opened = (level: "full" | "summary") =>
      bench.screen(level).press(owner.analyst, "hit.who", made?.id ?? "");
    expect(said(await opened("full"))).toContain(words);
    expect(said(await opened("full"))).toContain("contact made");
    expect(said(await opened("summary"))).not.toContain(words);
    // Saying “not the same person” later keeps the note; saying it anew without one deletes it.
    await notSame(hit);
    expect(said(await opened("full"))).toContain(words);
    await happened(hit, "other");
    expect((await rowsOf(hit))[0]?.note_sealed).toBeNull();
  });

  it("the note goes with the words of its query, after a year; what came of it stays", async () => {
    const hit = await bench.hit(owner, officer);
    await happened(hit, "other", "Something to be deleted");
    await bench.db.moveClock("366 days");
    await bench.run(queryRetention);
    expect(await rowsOf(hit)).toMatchObject([{ outcome: "other", note_sealed: null }]);
    expect(said(await notSame(hit))).toContain("I find no query that you may see.");
  });

  it("is said by whoever asked, about their own question", async () => {
    const hit = await bench.hit(owner, officer);
    const colleague = await bench.addPerson(asking, ["officer"]);
    const admin = await bench.addPerson(asking, ["agency_admin"]);
    for (const person of [colleague, owner.analyst]) {
      expect(said(await notSame(hit, person))).toContain("I find no query that you may see.");
      const form = await bench.screen().press(person, "outcome.ask", hit.subject);
      expect(said(form)).toContain("I find no query that you may see.");
    }
    expect(said(await notSame(hit, admin))).toContain("Not done: asking the watch-list needs");
    const shown = await bench.screen().press(officer, "outcome.ask", hit.subject);
    const stolen = await bench.screen().fill(colleague, shown, { outcome: ["arrest"] });
    expect(said(stolen)).toContain("I find no query that you may see.");
    expect(await rowsOf(hit)).toEqual([]);
  });

  it("where a private answer may show nothing says nothing of a hit", async () => {
    const hit = await bench.hit(owner, officer);
    const blind = bench.screen("none");
    for (const action of ["outcome.not_same", "outcome.ask"]) {
      const known = await blind.press(officer, action, hit.subject);
      expect(known).toEqual(await blind.press(officer, action, `${hit.query.id}.9`));
      expect(said(known)).toContain("waits");
    }
    expect(await rowsOf(hit)).toEqual([]);
  });

  it("a third agency sees nothing of it", async () => {
    const hit = await bench.hit(owner, officer);
    await notSame(hit);
    const third = await bench.addAgency();
    expect(await rowsOf(hit, third)).toEqual([]);
    expect(await rowsOf(hit, asking)).toHaveLength(1);
  });
});

describe("the entry's false hits", () => {
  it("are counted for 90 days, and from the fourth its owner is told to add identifiers", async () => {
    const first = await bench.hit(owner, officer);
    const lines = () =>
      bench.as(owner.analyst, (tx) => outcomeLines(tx, { id: first.entry.id, agency: owner.id }));
    const again = async () => {
      const query = await bench.ask(officer, first.name, "traffic_stop");
      return { query, subject: `${query.id}.0` };
    };
    expect(await lines()).toEqual([]);
    await notSame(first);
    await notSame(await again());
    // The owner's own answer is a false hit too; the same hit said twice is one.
    const third = await again();
    await bench.screen().press(officer, "confirm.ask", third.subject);
    const request = await bench.requestOf(owner, third);
    const shown = await bench.screen().press(owner.analyst, "confirm.answer", request?.id ?? "");
    await bench.screen().fill(owner.analyst, shown, { answer: ["not_same_person"] });
    await notSame(third);
    expect(await lines()).toEqual(["After its hits, in 90 days: not the same person 3."]);
    await notSame(await again());
    expect(await lines()).toEqual([
      "Said not to be the same person: 4 times in 90 days; add identifiers.",
      "After its hits, in 90 days: not the same person 4.",
    ]);
    await bench.db.moveClock("91 days");
    expect(await lines()).toEqual([]);
  });
});
