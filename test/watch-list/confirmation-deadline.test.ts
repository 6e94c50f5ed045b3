import { CompiledQuery } from "kysely";
import { afterAll, describe, expect, it } from "vitest";

import { noticeWords } from "../../src/agencies/notice.ts";
import { appendAudit } from "../../src/audit/audit-store.ts";
import { openConfirmationDuo } from "./confirmation-bench.ts";
import { said, type Agency, type Person } from "./query-bench.ts";

const { bench, owner, asking, officer, press, asked, open, answer, queue, notices } =
  await openConfirmationDuo();
afterAll(() => bench.db.close());

describe("the deadlines", () => {
  it("a second request, then the watch commander, then nothing more; the asker hears of each", async () => {
    const other = await bench.addAgency();
    const hit = await asked(other);
    await bench.pass("9 minutes");
    expect(await bench.requestOf(other, hit)).toMatchObject({ state: "asked" });

    await bench.pass("2 minutes");
    const second = await bench.requestOf(other, hit);
    expect(second).toMatchObject({ state: "second", unanswered_at: null });
    expect(Number(second?.due_at) - Number(second?.second_at)).toBe(10 * 60_000);
    const cards = await bench.cards(other, "confirmation");
    expect(cards.map(({ subject }) => subject)).toEqual([hit.id, second?.second_id]);
    expect(cards[0]?.card.headline).toContain("ASKED AGAIN");
    expect(cards[1]?.card.headline).toContain("SECOND REQUEST: URGENT");
    expect(await notices(hit)).toBe(1);
    expect(said(await queue(officer))).toContain("No answer yet. Asked a second time");

    await bench.pass("11 minutes");
    expect(await bench.requestOf(other, hit)).toMatchObject({ state: "unanswered", answer: null });
    const toPerson = (await bench.cards(other, "confirmation")).filter(({ use }) => use === "person");
    expect(toPerson).toMatchObject([{ subject: hit.id, channelRef: other.supervisor.account.user }]);
    expect(toPerson[0]?.card.headline).toContain("NOT ANSWERED IN TIME");
    expect(await notices(hit)).toBe(2);
    expect(said(await queue(officer))).toContain("NO ANSWER to two requests");
    const actions = async (agency: Agency) =>
      (await bench.audits(agency, `confirmation:${hit.id}`)).map(({ action }) => action);
    const steps = ["ask", "post", "ask-again", "unanswered"].map((step) => `confirmation.${step}`);
    expect(await actions(other)).toEqual(steps);
    expect((await actions(asking)).filter((action) => action !== "confirmation.told")).toEqual(steps);

    expect(await bench.pass("2 hours")).toEqual([]);
    expect(await notices(hit)).toBe(2);
    // Late is better than never, and the silence stays on record.
    expect(said(await answer(hit.id, "needs_time 10", other.analyst))).toContain("Its time is over");
    expect(said(await answer(hit.id, "denied", other.analyst))).toContain("Answered:");
    await bench.follow();
    expect(await notices(hit)).toBe(3);
    const row = await bench.requestOf(other, hit);
    expect(row).toMatchObject({ state: "answered", answer: "denied" });
    expect(row?.unanswered_at).not.toBeNull();
  });

  it("where no watch commander can be reached the desk is told, once", async () => {
    const other = await bench.addAgency();
    const hit = await asked(other);
    await bench.setRoles(other.supervisor, ["supervisor"]);
    await bench.pass("11 minutes");
    await bench.pass("11 minutes");
    const told = (await bench.cards(other, "notice")).map(({ card }) => card.headline);
    expect(told).toEqual([noticeWords.confirmation_unanswered(hit.query.ref)]);
  });

  it("after an answer nothing falls due", async () => {
    const hit = await asked();
    await answer(hit.id, "confirmed");
    await bench.follow();
    const before = await bench.requestOf(owner, hit);
    await bench.pass("3 hours");
    expect(await bench.requestOf(owner, hit)).toEqual(before);
    const cards = (await bench.cards(owner, "confirmation")).filter(({ subject }) => subject === hit.id);
    expect(cards).toHaveLength(1);
    expect(await notices(hit)).toBe(1);
  });

  it("several processes at once send one request, one second one, one notice", async () => {
    const other = await bench.addAgency();
    const hit = await bench.hit(other, officer);
    await press(hit);
    const together = () => Promise.all([bench.follow(), bench.follow(), bench.follow()]);
    await together();
    await bench.db.moveClock("11 minutes");
    await together();
    const row = await bench.requestOf(other, hit);
    expect(row).toMatchObject({ state: "second", news: 1, told: 1 });
    await bench.db.moveClock("11 minutes");
    await together();
    expect(await bench.requestOf(other, hit)).toMatchObject({ state: "unanswered", news: 2, told: 2 });
    expect(await notices(hit)).toBe(2);
    const cards = await bench.cards(other, "confirmation");
    expect(cards.map(({ use }) => use).toSorted()).toEqual(["desk", "desk", "person"]);
  });

  it("an answer that meets the deadline is one or the other, never both", async () => {
    const other = await bench.addAgency();
    const hit = await asked(other);
    const shown = await open(hit.id, other.analyst);
    await bench.db.moveClock("11 minutes");
    await Promise.all([
      bench.follow(),
      bench.screen().fill(other.analyst, shown, { answer: ["confirmed"] }),
      bench.follow(),
    ]);
    await bench.follow();
    expect(await bench.requestOf(other, hit)).toMatchObject({ state: "answered", answer: "confirmed" });
  });

  it("stand in the queue of the owner's desk, and of nobody else there", async () => {
    const other = await bench.addAgency();
    const hit = await asked(other);
    expect(said(await queue(other.analyst))).toContain(`asked about in ${hit.query.ref}`);
    const patrol = await bench.addPerson(other, ["officer"]);
    expect(said(await queue(patrol))).not.toContain(hit.query.ref);
    const colleague = await bench.addPerson(asking, ["officer"]);
    expect(said(await queue(colleague))).not.toContain(hit.query.ref);
    await answer(hit.id, "denied", other.analyst);
    expect(said(await queue(other.analyst))).not.toContain(hit.query.ref);
  });
});

describe("the database itself", () => {
  const tries = (person: Pick<Person, "id" | "agency">, statement: string) =>
    bench
      .as({ ...person, account: officer.account }, async (tx) => {
        await appendAudit(tx, person.agency, { action: "test", subject: "test:1" });
        const { rows } = await tx.executeQuery(CompiledQuery.raw(statement));
        return rows;
      })
      .catch((error: unknown) => String(error));

  it("refuses what the code never asks for", async () => {
    const { id, query, entry } = await asked();
    const set = (what: string) => `update confirmation set ${what} where id = '${id}' returning id`;
    const given = (by: string, code = "confirmed") =>
      set(`state = 'answered', answer = '${code}', answered_by = '${by}', answered_at = clock.now()`);
    // The agency that asked sees the row and changes nothing of it.
    expect(await tries(asking.supervisor, given(asking.supervisor.id))).toEqual([]);
    const patrol = await bench.addPerson(owner, ["officer"]);
    expect(await tries(patrol, given(patrol.id))).toMatch(/only the owner's desk answers/);
    expect(await tries(owner.analyst, set("state = 'answered'"))).toMatch(/answered_or_open/);
    expect(await tries(owner.analyst, set("answer = 'denied'"))).toMatch(/answered_or_open|desk answers/);
    for (const moved of [
      "due_at = asked_at",
      "due_at = due_at + interval '1 minute'",
      "due_at = due_at + interval '1 minute', extensions = 2",
      "due_at = due_at - interval '1 minute', extensions = 1",
      `${"state = 'answered', answer = 'denied', answered_at = clock.now(), extensions = 1, answered_by = "}'${owner.analyst.id}'`,
    ]) {
      // oxlint-disable-next-line no-await-in-loop
      expect(await tries(owner.analyst, set(moved)), moved).toMatch(/counted extensions/);
    }
    expect(await tries(owner.analyst, set("due_at = due_at + interval '1 minute', extensions = 1"))).toEqual([
      { id },
    ]);
    expect(await tries(owner.analyst, set("extensions = 0"))).toMatch(/counted extensions/);
    expect(
      await tries(owner.analyst, set("extensions = 2, due_at = clock.now() + interval '5 hours'")),
    ).toMatch(/four hours/);
    expect(await tries(owner.analyst, set("extensions = 3"))).toMatch(/extensions/);
    expect(await tries(owner.analyst, set("told = 5"))).toMatch(/permission denied/);
    expect(await tries(owner.analyst, set("state = 'unanswered'"))).toMatch(/two_requests|ran_out/);
    const forged = `insert into confirmation (id, owner_agency_id, agency_id, query_id, query_ref, entry_id, entry_ref,
      sensitivity, purpose, asked_by, wait_minutes, due_at) values (gen_random_uuid(), '${owner.id}', '${asking.id}',
      '${query.id}', 'Q', '${entry.id}', 'E', 'OPEN', 'audit', '${officer.id}', 10, clock.now() + interval '1 hour')`;
    expect(await tries(officer, forged)).toMatch(/permission denied/);
    await answer(id, "confirmed");
    expect(await tries(owner.analyst, set("answer = 'denied'"))).toMatch(/what was answered stays/);
  });

  it("shows a request to the two agencies it concerns, and to no third", async () => {
    const { id } = await asked();
    const third = await bench.addAgency();
    const read = `select id from confirmation where id = '${id}'`;
    expect(await tries(owner.analyst, read)).toEqual([{ id }]);
    expect(await tries(asking.analyst, read)).toEqual([{ id }]);
    expect(await tries(third.supervisor, read)).toEqual([]);
    expect(await tries(third.supervisor, "select id from suspension")).toEqual([]);
  });

  it("asks for nobody but whoever asked, and says nothing of what it may not find", async () => {
    const hit = await bench.hit(owner, officer);
    const ask = `select * from ask_confirmation(gen_random_uuid(), '${hit.query.id}', '${hit.entry.id}', 'OPEN', 10)`;
    expect(await tries(asking.analyst, ask)).toEqual([]);
    expect(await tries(owner.analyst, ask)).toEqual([]);
    expect(await tries(officer, `select * from entry_behind('${hit.query.id}', '${hit.entry.id}')`)).toMatch(
      /permission denied/,
    );
    expect(await tries(officer, ask)).toEqual([{ owner_agency_id: owner.id }]);
  });
});
