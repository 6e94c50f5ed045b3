import { afterAll, describe, expect, it } from "vitest";

import { appendAudit } from "../../src/audit/audit-store.ts";
import { answerConfirmation, hasEnded } from "../../src/watch-list/confirmation-store.ts";
import { neglected, openConfirmationDuo } from "./confirmation-bench.ts";
import { said, type EntryMade, type Person } from "./query-bench.ts";

const { bench, owner, asking, officer, press, asked, open, answer, queue, show, notices, suspendOfficer } =
  await openConfirmationDuo();
afterAll(() => bench.db.close());

describe("the owner's answer", () => {
  const told = {
    confirmed: "CONFIRMED: in force",
    denied: "NOT CONFIRMED: do not rely on the record.",
    not_same_person: "NOT THE SAME PERSON",
    stale: "OUT OF DATE",
  };

  it.each(Object.entries(told))("%s reaches whoever asked, and is on record", async (code, words) => {
    const { id, entry, query, subject } = await asked();
    const receipt = said(await answer(id, code));
    expect(receipt).toContain(`Answered: ${entry.ref} for ${query.ref}.`);
    expect(receipt.includes(`/entry suspend ${entry.ref}`)).toBe(code !== "confirmed");
    await bench.follow();
    expect(await notices({ query })).toBe(1);
    for (const shown of [await queue(officer), await show(officer, query.ref), await press({ subject })]) {
      expect(said(shown)).toContain(words);
      expect(said(shown)).toContain(`${owner.name} watch 555-0142`);
    }
    // Long after the hit itself may not be shown again.
    await bench.db.moveClock("20 minutes");
    expect(said(await show(officer, query.ref))).toContain(words);
    const given = await bench.as(asking.analyst, (tx) =>
      tx
        .selectFrom("dissemination")
        .select(["kind", "level", "officer_id", "owner_agency_id", "reason"])
        .where("object", "=", `entry:${entry.id}`)
        .where("kind", "=", "confirmation")
        .execute(),
    );
    expect(given).toEqual([
      {
        kind: "confirmation",
        level: "summary",
        officer_id: officer.id,
        owner_agency_id: owner.id,
        reason: "traffic_stop",
      },
    ]);
    for (const agency of [owner, asking]) {
      expect(await bench.audits(agency, `confirmation:${id}`)).toContainEqual({
        action: "confirmation.answer",
        outcome: "ok",
        detail: { answer: code },
      });
    }
  });

  const over = {
    suspended: (entry: EntryMade) => bench.endEntry(owner, entry, "suspended"),
    cancelled: (entry: EntryMade) => bench.endEntry(owner, entry, "cancelled"),
    ...Object.fromEntries(
      neglected.map(([when, field]) => [when, (entry: EntryMade) => bench.neglect(entry, field)]),
    ),
  };
  const endedSince = "ENDED SINCE: its owner withdrew it or let it end. Do not act on the earlier answer.";

  it.each(Object.entries(over))("confirmed says so no longer once the entry is %s", async (_how, end) => {
    const { id, entry, query, subject } = await asked();
    await answer(id, "confirmed");
    await bench.follow();
    expect(said(await show(officer, query.ref))).toContain(told.confirmed);
    await end(entry);
    for (const shown of [await queue(officer), await show(officer, query.ref), await press({ subject })]) {
      const words = said(shown);
      expect(words).toContain(endedSince);
      expect(words.slice(words.indexOf(endedSince))).toContain(`Call ${owner.name} watch 555-0142`);
    }
    expect(said(await show(officer, query.ref))).not.toContain(told.confirmed);
    expect(said(await press({ subject }))).not.toContain(told.confirmed);
    // That it ended is said to whoever asked, and to nobody beside them.
    const ended = (person: Person) => bench.as(person, (tx) => hasEnded(tx, id));
    expect([await ended(officer), await ended(asking.analyst)]).toEqual([true, false]);
  });

  it("that was no is said as before, once the entry has ended", async () => {
    const { id, entry, query } = await asked();
    await answer(id, "not_same_person");
    await bench.endEntry(owner, entry, "cancelled");
    expect(said(await show(officer, query.ref))).toContain(told.not_same_person);
    expect(said(await show(officer, query.ref))).not.toContain("ENDED SINCE");
  });

  it("to a hit without details has ended alike, whatever it was", async () => {
    for (const code of Object.keys(told)) {
      const { id, entry, query } = await asked(owner, { sensitivity: "AGENCY_ONLY" });
      await answer(id, code);
      await bench.endEntry(owner, entry, "cancelled");
      const words = said(await show(officer, query.ref));
      expect(words).toContain(endedSince);
      expect(words).not.toMatch(/they say it on the phone|CONFIRMED/);
      expect(words).not.toContain(entry.ref);
    }
  });

  it("to a hit without details looks the same whatever it is", async () => {
    const shown: string[] = [];
    for (const code of Object.keys(told)) {
      const { id, entry, query } = await asked(owner, { sensitivity: "AGENCY_ONLY" });
      await answer(id, code);
      await bench.follow();
      const row = await bench.requestOf(owner, { query });
      const words = said(await show(officer, query.ref));
      expect(words).toContain("they say it on the phone");
      expect(words).not.toContain(entry.ref);
      const block = /ANSWERED.*?before\./.exec(words)?.[0] ?? "";
      shown.push(block.replaceAll(/\d\d:\d\d/g, ""));
      const mine = (await bench.audits(asking, `confirmation:${id}`)).find(
        ({ action }) => action === "confirmation.answer",
      );
      expect(mine).toEqual({ action: "confirmation.answer", outcome: "ok", detail: {} });
      expect(row?.answer).toBe(code);
    }
    expect(new Set(shown).size).toBe(1);
  });

  it.each([["analyst"], ["supervisor"], ["watch_commander"]] as const)("is given by a %s", async (role) => {
    const person = await bench.addPerson(owner, [role]);
    const { id } = await asked();
    expect(said(await answer(id, "stale", person))).toContain("Answered:");
  });

  it.each([["officer"], ["dispatcher"], ["agency_admin"], ["privacy_officer"], ["auditor"]] as const)(
    "is not given by a %s",
    async (role) => {
      const person = await bench.addPerson(owner, [role]);
      const hit = await asked();
      expect(said(await open(hit.id, person))).toContain(
        "Not done: answering for your agency's watch-list entries needs analyst, supervisor or watch commander",
      );
      expect(await bench.requestOf(owner, hit)).toMatchObject({ state: "asked" });
    },
  );

  it("is not given by other agencies, by the one that asked, or by somebody suspended", async () => {
    const hit = await asked();
    const third = await bench.addAgency();
    const unknown = "I find no request that you may see.";
    expect(said(await open(hit.id, third.supervisor))).toContain(unknown);
    expect(said(await open(hit.id, asking.supervisor))).toContain(unknown);
    expect(said(await open("x"))).toContain(unknown);
    const gone = await bench.addPerson(owner, ["analyst"]);
    const shown = await open(hit.id, gone);
    await suspendOfficer(gone);
    expect(said(await bench.screen().fill(gone, shown, { answer: ["confirmed"] }))).toContain("suspended");
    // The form alone opens nothing either.
    const form = { ...shown };
    expect(said(await bench.screen().fill(asking.supervisor, form, { answer: ["confirmed"] }))).toContain(
      unknown,
    );
    expect(await bench.requestOf(owner, hit)).toMatchObject({ state: "asked" });
  });

  it("to one's own question needs a second person", async () => {
    const both = await bench.addPerson(owner, ["analyst"]);
    const hit = await bench.hit(owner, both);
    await bench.screen().press(both, "confirm.ask", hit.subject);
    const request = await bench.requestOf(owner, hit);
    expect(said(await open(request?.id ?? "", both))).toContain(
      "answering your own question needs a second person",
    );
    expect(said(await answer(request?.id ?? "", "confirmed"))).toContain("Answered:");
  });

  it("is the first one's: whoever comes second is told who that was", async () => {
    const hit = await asked();
    const colleague = await bench.addPerson(owner, ["supervisor"]);
    const forms = [await open(hit.id), await open(hit.id, colleague)] as const;
    const [first, second] = await Promise.all([
      bench.screen().fill(owner.analyst, forms[0], { answer: ["confirmed"] }),
      bench.screen().fill(colleague, forms[1], { answer: ["denied"] }),
    ]);
    const words = [said(first), said(second)];
    expect(words.filter((one) => one.includes("Answered:"))).toHaveLength(1);
    const row = await bench.requestOf(owner, hit);
    const winner = row?.answered_by === colleague.id ? colleague : owner.analyst;
    const late = words.find((one) => one.includes("Already answered."));
    expect(late).toContain(`Ofc. ${winner.account.user} answered`);
    // Whenever they press again, too.
    const loser = winner === colleague ? owner.analyst : colleague;
    expect(said(await open(hit.id, loser))).toContain(`Ofc. ${winner.account.user} answered`);
    const given = await bench.as(owner.analyst, (tx) =>
      tx
        .selectFrom("dissemination")
        .select("id")
        .where("object", "=", `entry:${hit.entry.id}`)
        .where("kind", "=", "confirmation")
        .execute(),
    );
    expect(given).toHaveLength(1);
  });

  it("confirms nothing that is not in force", async () => {
    const hit = await asked();
    await bench.endEntry(owner, hit.entry, "suspended");
    const refused = await answer(hit.id, "confirmed");
    expect(said(refused)).toContain(`${hit.entry.ref} is not in force, so it cannot be confirmed.`);
    expect(await bench.requestOf(owner, hit)).toMatchObject({ state: "asked" });
    expect(said(await answer(hit.id, "stale"))).toContain("Answered:");
  });

  it.each(neglected)("confirms no entry %s, and the database neither", async (...[, field]) => {
    const hit = await asked();
    await bench.neglect(hit.entry, field);
    const refused = await answer(hit.id, "confirmed");
    expect(said(refused)).toContain(`${hit.entry.ref} is not in force, so it cannot be confirmed.`);
    const past = bench.as(owner.analyst, async (tx) => {
      await appendAudit(tx, owner.id, { action: "test", subject: "test:1" });
      return answerConfirmation(tx, {
        id: hit.id,
        owner: owner.id,
        officer: owner.analyst.id,
        answer: "confirmed",
      });
    });
    await expect(past).rejects.toMatchObject({ constraint: "confirmed_in_force" });
  });

  it("changes the card in the channel, without saying there what it was", async () => {
    const { id, entry } = await asked();
    const find = async () => (await bench.cards(owner, "confirmation")).find(({ subject }) => subject === id);
    const before = await find();
    await answer(id, "not_same_person");
    const after = await find();
    expect(after?.wanted).toBe((before?.wanted ?? 0) + 1);
    expect(after?.card.headline).toContain(`ANSWERED: ${entry.ref}`);
    expect(JSON.stringify(after?.card)).toContain(`By Ofc. ${owner.analyst.account.user}`);
    expect(JSON.stringify(after?.card)).not.toMatch(/same person/i);
    expect(after?.card.buttons?.map(({ action }) => action)).toEqual(["hit.who"]);
  });
});

describe("more time", () => {
  it("moves the deadline, twice at the most, and the asker hears of it", async () => {
    const hit = await asked();
    expect(said(await answer(hit.id, "needs_time"))).toContain("Say how long you need.");
    expect(said(await answer(hit.id, "needs_time 240", owner.analyst))).toContain("waits for an answer");
    await bench.follow();
    expect(await notices(hit)).toBe(1);
    expect(said(await queue(officer))).toContain("They need more time: an answer is due by");
    const row = await bench.requestOf(owner, hit);
    expect(row).toMatchObject({ state: "asked", extensions: 1 });
    const hours = (Number(row?.due_at) - Number(row?.asked_at)) / 3_600_000;
    expect(hours).toBeGreaterThan(3.9);
    expect(hours).toBeLessThan(4.1);
    await bench.pass("1 hour");
    expect(await bench.requestOf(owner, hit)).toMatchObject({ state: "asked" });
    await answer(hit.id, "needs_time 10", owner.analyst);
    // It is not moved to earlier.
    expect((await bench.requestOf(owner, hit))?.due_at).toEqual(row?.due_at);
    expect(said(await answer(hit.id, "needs_time 10", owner.analyst))).toContain("2 times");
    expect(await bench.requestOf(owner, hit)).toMatchObject({ extensions: 2 });
    await bench.pass("4 hours");
    expect(await bench.requestOf(owner, hit)).toMatchObject({ state: "second" });
  });
});
