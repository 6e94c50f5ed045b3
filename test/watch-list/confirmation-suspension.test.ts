import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { noticeWords } from "../../src/agencies/notice.ts";
import { appendAudit } from "../../src/audit/audit-store.ts";
import { markUnanswered, takeDueStep } from "../../src/watch-list/confirmation-due-store.ts";
import { confirmationSteps } from "../../src/watch-list/confirmation-follow-up.ts";
import {
  findSuspension,
  holdAgency,
  liftSuspension,
} from "../../src/watch-list/confirmation-suspension-store.ts";
import { suspendEntries } from "../../src/watch-list/confirmation-suspension.ts";
import { openConfirmationBench, type ConfirmationBench, type HitMade } from "./confirmation-bench.ts";
import { freshName, said, asked, type Agency, type EntryMade, type Person } from "./query-bench.ts";

let bench: ConfirmationBench;
let owner: Agency;
let asking: Agency;
let officer: Person;
beforeAll(async () => {
  bench = await openConfirmationBench();
  asking = await bench.addAgency();
});
beforeEach(async () => {
  owner = await bench.addAgency();
  officer = await bench.addPerson(asking, ["officer"]);
});
afterAll(() => bench.db.close());

/** One request that its owner lets run out. */
async function unanswered(to = owner, by = officer): Promise<HitMade> {
  return runOut(await bench.hit(to, by), by);
}

async function runOut<Hit extends Pick<HitMade, "subject">>(hit: Hit, by = officer): Promise<Hit> {
  await bench.screen().press(by, "confirm.ask", hit.subject);
  await bench.pass("1 second");
  await bench.pass("11 minutes");
  await bench.pass("11 minutes");
  return hit;
}

const stateOf = ({ id }: EntryMade, of = owner) =>
  bench.as(of.analyst, async (tx) => {
    const { state } = await tx
      .selectFrom("entry")
      .select("state")
      .where("id", "=", id)
      .executeTakeFirstOrThrow();
    return state;
  });
const suspension = (of = owner) => bench.as(of.analyst, (tx) => findSuspension(tx, of.id));
const lift = (of = owner, by = of.supervisor) =>
  bench.as(by, async (tx) => {
    await appendAudit(tx, of.id, { action: "entry.validate", subject: "entry:some" });
    return liftSuspension(tx, { agency: of.id, officer: by.id });
  });

async function finds(name: string): Promise<boolean> {
  const answer = await bench.screen().form(officer, asked({ name }));
  return said(answer).includes("ANSWER TO YOUR QUERY");
}

describe("an owner that keeps silent", () => {
  it("three times in 30 days loses all its active entries; the desk is told why and what to do", async () => {
    const name = freshName();
    const unasked = await bench.addEntry(owner, { names: [name] });
    const other = await bench.addAgency();
    const theirs = await bench.addEntry(other, { names: [freshName()] });
    const first = await unanswered();
    await bench.pass("9 days");
    const second = await unanswered();
    expect(await suspension()).toBeUndefined();
    expect(await finds(name)).toBe(true);
    await bench.pass("9 days");
    const third = await unanswered();

    expect(await suspension()).toMatchObject({ entries: 4 });
    for (const { entry } of [first, second, third]) expect(await stateOf(entry)).toBe("suspended");
    expect(await stateOf(unasked)).toBe("suspended");
    expect(await stateOf(theirs, other)).toBe("active");
    expect(await finds(name)).toBe(false);
    const told = (await bench.cards(owner, "notice")).map(({ card }) => card);
    expect(told.map(({ headline }) => headline)).toEqual([noticeWords.entries_suspended(third.query.ref)]);
    expect(JSON.stringify(told)).toMatch(/ran out within 30 days.*validates each entry again/);
    const audit = await bench.audits(owner, `entry:${unasked.id}`);
    expect(audit.at(-1)).toEqual({
      action: "entry.suspend",
      outcome: "ok",
      detail: { reason: "confirmations_unanswered" },
    });
  });

  it("three times in more than 30 days loses nothing", async () => {
    const { entry } = await unanswered();
    await bench.pass("16 days");
    await unanswered();
    await bench.pass("16 days");
    await unanswered();
    expect(await suspension()).toBeUndefined();
    expect(await stateOf(entry)).toBe("active");
  });

  it("an answer that came too late counts as silence, one in time does not", async () => {
    const late = await unanswered();
    const row = await bench.requestOf(owner, late);
    const answer = async (id: string) => {
      const shown = await bench.screen().press(owner.analyst, "confirm.answer", id);
      await bench.screen().fill(owner.analyst, shown, { answer: ["denied"] });
    };
    await answer(row?.id ?? "");
    await unanswered();
    const hit = await bench.hit(owner, officer);
    await bench.screen().press(officer, "confirm.ask", hit.subject);
    await bench.pass("11 minutes");
    const asked = await bench.requestOf(owner, hit);
    await answer(asked?.id ?? "");
    await bench.pass("30 minutes");
    expect(await suspension()).toBeUndefined();
    await unanswered();
    expect(await suspension()).toBeDefined();
  });

  it("counts anew from the lifting, and what was validated or approved since stays", async () => {
    for (let time = 0; time < 3; time += 1) {
      // oxlint-disable-next-line no-await-in-loop
      await unanswered();
    }
    expect(await suspension()).toBeDefined();
    expect(await lift()).toBe(true);
    expect(await lift()).toBe(false);
    expect(await suspension()).toBeUndefined();
    const later = await unanswered();
    await unanswered();
    expect(await stateOf(later.entry)).toBe("active");
    expect(await suspension()).toBeUndefined();
    await unanswered();
    expect(await suspension()).toBeDefined();
    expect(await stateOf(later.entry)).toBe("suspended");
    const since = await bench.addEntry(owner, { names: [freshName()] });
    await bench.follow();
    expect(await stateOf(since)).toBe("active");
  });

  it("is not silent about what never arrived: no channel, or a platform that is down", async () => {
    bench.platform("down");
    for (let time = 0; time < 3; time += 1) {
      // oxlint-disable-next-line no-await-in-loop
      await unanswered();
    }
    // The first card arrives once its time is over, the second one in time: two requests were not made.
    const late = await bench.hit(owner, officer);
    await bench.screen().press(officer, "confirm.ask", late.subject);
    await bench.pass("1 second");
    await bench.db.moveClock("11 minutes");
    bench.platform("up");
    await bench.follow();
    await bench.pass("11 minutes");
    expect(await bench.requestOf(owner, late)).toMatchObject({ state: "unanswered", reached: false });
    expect(await suspension()).toBeUndefined();
    // And the other way round.
    const half = await bench.hit(owner, officer);
    await bench.screen().press(officer, "confirm.ask", half.subject);
    await bench.pass("1 second");
    bench.platform("down");
    await bench.pass("11 minutes");
    await bench.pass("11 minutes");
    bench.platform("up");
    expect(await bench.requestOf(owner, half)).toMatchObject({ state: "unanswered", reached: false });
    await unanswered();
    await unanswered();
    expect(await suspension()).toBeUndefined();
    await unanswered();
    expect(await suspension()).toBeDefined();
  });

  it("loses nothing by one officer who asks about one entry again and again", async () => {
    const { name } = await unanswered();
    for (let time = 0; time < 3; time += 1) {
      // oxlint-disable-next-line no-await-in-loop
      const query = await bench.ask(officer, name, "traffic_stop");
      // oxlint-disable-next-line no-await-in-loop
      await runOut({ subject: `${query.id}.0` });
    }
    expect(await suspension()).toBeUndefined();
    const colleague = await bench.addPerson(asking, ["officer"]);
    const theirs = await bench.ask(colleague, name, "traffic_stop");
    await runOut({ subject: `${theirs.id}.0` }, colleague);
    expect(await suspension()).toBeUndefined();
    await unanswered();
    expect(await suspension()).toBeDefined();
  });

  it("loses nothing by a single question that hit three of its entries", async () => {
    const name = freshName();
    for (let count = 0; count < 3; count += 1) {
      // oxlint-disable-next-line no-await-in-loop
      await bench.addEntry(owner, { names: [name] });
    }
    const query = await bench.ask(officer, name, "traffic_stop");
    await bench.follow();
    for (const place of [0, 1, 2]) {
      // oxlint-disable-next-line no-await-in-loop
      await runOut({ subject: `${query.id}.${place}` });
    }
    const requests = await bench.as(owner.analyst, (tx) =>
      tx.selectFrom("confirmation").select("reached").where("query_id", "=", query.id).execute(),
    );
    expect(requests).toEqual([{ reached: true }, { reached: true }, { reached: true }]);
    expect(await suspension()).toBeUndefined();
    await unanswered();
    expect(await suspension()).toBeDefined();
  });

  it("loses nothing by what its own people ask", async () => {
    const own = await bench.addPerson(owner, ["officer"]);
    for (let time = 0; time < 3; time += 1) {
      // oxlint-disable-next-line no-await-in-loop
      const hit = await unanswered(owner, own);
      // oxlint-disable-next-line no-await-in-loop
      expect(await bench.requestOf(owner, hit)).toMatchObject({ reached: true });
    }
    expect(await suspension()).toBeUndefined();
    const desk = (await bench.cards(owner, "confirmation")).filter(({ use }) => use === "desk");
    expect(JSON.stringify(desk)).not.toContain("suspend your entries");
  });

  it("suspends no exercise", async () => {
    const name = freshName();
    const exercise = await bench.addEntry(owner, { names: [name], exercise: true });
    for (let time = 0; time < 3; time += 1) {
      // oxlint-disable-next-line no-await-in-loop
      await unanswered();
    }
    expect(await suspension()).toBeDefined();
    expect(await stateOf(exercise)).toBe("active");
  });

  it("three at the same moment, in several processes, suspend once", async () => {
    const hits: HitMade[] = [];
    for (let time = 0; time < 3; time += 1) {
      // oxlint-disable-next-line no-await-in-loop
      hits.push(await bench.hit(owner, officer));
    }
    for (const { subject } of hits) {
      // oxlint-disable-next-line no-await-in-loop
      await bench.screen().press(officer, "confirm.ask", subject);
    }
    const together = () => Promise.all([bench.follow(), bench.follow(), bench.follow()]);
    await together();
    await bench.db.moveClock("11 minutes");
    await together();
    await bench.db.moveClock("11 minutes");
    await together();
    await bench.follow();
    expect(await suspension()).toMatchObject({ entries: 3 });
    const told = (await bench.cards(owner, "notice")).map(({ card }) => card.headline);
    expect(told.filter((one) => one.startsWith("No query finds"))).toHaveLength(1);
  });

  it("the third is the third for somebody, though two run out at the same moment", async () => {
    await unanswered();
    const [one, other] = [await bench.hit(owner, officer), await bench.hit(owner, officer)];
    for (const { subject } of [one, other]) {
      // oxlint-disable-next-line no-await-in-loop
      await bench.screen().press(officer, "confirm.ask", subject);
    }
    await bench.follow();
    await bench.pass("11 minutes");
    await bench.db.moveClock("11 minutes");
    const first = await bench.requestOf(owner, one);
    const second = await bench.db.jobs.transaction({ agency: owner.id, id: "system" }, async (tx) => {
      const step = await takeDueStep(tx, first?.id ?? "");
      await holdAgency(tx, owner.id);
      await markUnanswered(tx, step?.id ?? "");
      await appendAudit(tx, owner.id, { action: "confirmation.unanswered", subject: "confirmation:first" });
      // Another process comes to the other one, and cannot see this one yet.
      const running = bench.run(confirmationSteps);
      await new Promise((done) => setTimeout(done, 500));
      return { running };
    });
    await second.running;
    expect(await bench.requestOf(owner, other)).toMatchObject({ state: "unanswered" });
    expect(await suspension()).toBeDefined();
  });

  it("many entries are taken out in chunks, each with its audit row, each once", async () => {
    // What other tests left.
    for (let again = true; again;) {
      // oxlint-disable-next-line no-await-in-loop
      ({ again } = await bench.run(suspendEntries));
    }
    const entries: EntryMade[] = [];
    for (let count = 0; count < 110; count += 1) {
      // oxlint-disable-next-line no-await-in-loop
      entries.push(await bench.addEntry(owner, { names: [freshName()] }));
    }
    await bench.db.jobs.transaction({ agency: owner.id, id: "system" }, async (tx) => {
      await tx
        .insertInto("suspension")
        .values({ id: entries[0]?.id ?? "", agency_id: owner.id })
        .execute();
      await appendAudit(tx, owner.id, { action: "agency.suspend-entries", subject: "suspension:some" });
    });
    // Somebody stood by this one since.
    const since = await bench.addEntry(owner, { names: [freshName()] });
    // One chunk in a run, whatever is left: whatever else is due has its turn in between.
    expect((await bench.run(suspendEntries)).again).toBe(true);
    expect(await suspension()).toMatchObject({ entries: 100 });
    await Promise.all([bench.run(suspendEntries), bench.run(suspendEntries)]);
    expect((await bench.run(suspendEntries)).again).toBe(false);
    expect(await suspension()).toMatchObject({ entries: 110 });
    const left = await bench.as(owner.analyst, (tx) =>
      tx.selectFrom("entry").select("id").where("state", "=", "active").execute(),
    );
    expect(left).toEqual([{ id: since.id }]);
    const indexed = await bench.as(owner.analyst, (tx) =>
      tx
        .selectFrom("name_pair")
        .select("entry_id")
        .distinct()
        .where("agency_id", "=", owner.id)
        .where("entry_id", "!=", since.id)
        .execute(),
    );
    expect(indexed).toEqual([]);
    const audit = await bench.as(owner.analyst, (tx) =>
      tx.selectFrom("audit").select("subject").where("action", "=", "entry.suspend").execute(),
    );
    expect(new Set(audit.map(({ subject }) => subject)).size).toBe(110);
    expect(audit).toHaveLength(110);
  }, 60_000);

  it("is lifted by who may approve entries, says the database", async () => {
    for (let time = 0; time < 3; time += 1) {
      // oxlint-disable-next-line no-await-in-loop
      await unanswered();
    }
    await expect(lift(owner, owner.analyst)).rejects.toThrow(/only who approves entries/);
    const privacy = await bench.addPerson(owner, ["privacy_officer"]);
    // Another agency has nothing to lift.
    expect(await lift(asking)).toBe(false);
    expect(await lift(owner, privacy)).toBe(true);
  });
});
