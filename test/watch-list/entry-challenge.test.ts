import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import type { FormValues } from "../../src/chat.ts";
import {
  expireEntries,
  purgeEntries,
  suspendNeglectedEntries,
} from "../../src/watch-list/entry-follow-ups.ts";
import {
  actionsOf,
  approved,
  expectSaid,
  formIn,
  openEntryBench,
  pages,
  said,
  subjectOf,
  type Agency,
  type EntryBench,
  type Person,
  type Written,
} from "./entry-bench.ts";

let bench: EntryBench;
let agency: Agency;
beforeAll(async () => {
  bench = await openEntryBench();
});
beforeEach(async () => {
  agency = await bench.addAgency();
});
afterAll(() => bench.db.close());

const words = { who: "Mary Complainant, 555-0199", what: "He was in hospital on that day." };

const show = (person: Person, ref: string) => bench.types(person, `entry show ${ref}`);
const row = (ref: string) => bench.row(agency.analyst, ref);
const found = async (name: string) => (await bench.finds(agency.patrol, { name })).open;
const entry = (written: Written & { readonly by?: Person } = {}) => approved(bench, agency, written);
const open = (ref: string) => bench.types(agency.privacy, `entry challenge ${ref}`);

async function challenged(written: Written & { readonly by?: Person } = {}) {
  const made = await entry(written);
  expectSaid(await bench.fills(agency.privacy, await open(made.ref), words), `Under review: ${made.ref}`);
  return made;
}

async function decide(ref: string, values: FormValues, by: Person = agency.privacy) {
  const form = await bench.presses(by, ["entry.decide", ref]);
  return form.kind === "form"
    ? bench.fills(by, form, { decision: ["rejected"], reason: "The hospital does not know him.", ...values })
    : form;
}

/** Which of a challenge's sealed words are still there. */
const kept = (ref: string) =>
  bench.as(agency.privacy, (tx) =>
    tx
      .selectFrom("entry_challenge as c")
      .innerJoin("entry as e", "e.id", "c.entry_id")
      .select(["c.outcome", "c.words_sealed", "c.reason_sealed", "c.decided_by"])
      .where("e.ref", "=", ref)
      .orderBy("c.opened_at")
      .execute(),
  );

/** Changed, sent and approved. */
async function correct(ref: string): Promise<void> {
  const begun = said(await bench.presses(agency.colleague, ["entry.change", ref]));
  const draft = /Entry (E-\w{3}-\w{3}) · draft/.exec(begun)?.[1] ?? "";
  const page = await bench.presses(agency.colleague, ["entry.handling", draft]);
  await bench.fills(agency.colleague, page, { ...pages.handling, cautions: [] });
  await bench.presses(agency.colleague, ["entry.send", draft]);
  const subject = subjectOf(await show(agency.supervisor, draft), "entry.approve");
  expectSaid(await bench.presses(agency.supervisor, ["entry.approve", subject]), "version 2");
}

describe("a challenge", () => {
  it("leaves the entry found, and hits say that it is under review", async () => {
    const { ref, name } = await challenged();
    expect(await found(name)).toEqual([`${ref} under review`]);
    expect((await row(ref)).state).toBe("active");
    expect(await bench.notices(agency.analyst, ref)).toContain("entry_challenged");
    expectSaid(await show(agency.analyst, ref), "Under review", "decided by");
    expectSaid(await bench.types(agency.analyst, "entry list"), "in force, under review");
  });

  it("is taken and read by a privacy officer alone; who complains is in no audit row, card or column", async () => {
    const { ref } = await challenged();
    for (const seat of ["analyst", "supervisor", "commander"] as const) {
      // oxlint-disable-next-line no-await-in-loop
      expectSaid(await bench.types(agency[seat], `entry challenge ${ref}`), "needs privacy officer");
      // oxlint-disable-next-line no-await-in-loop
      expectSaid(await bench.presses(agency[seat], ["entry.challenged", ref]), "needs privacy officer");
      // oxlint-disable-next-line no-await-in-loop
      expect(said(await show(agency[seat], ref))).not.toContain("Complainant");
    }
    expect(said(await show(agency.privacy, ref))).not.toContain("Complainant");
    expectSaid(await open(ref), "Mary Complainant", "in hospital");
    const [challenge] = await kept(ref);
    expect(challenge?.words_sealed?.toString("latin1")).not.toContain("Complainant");
    const audits = [
      ...(await bench.audited(agency.analyst, "entry.challenge")),
      ...(await bench.audited(agency.analyst, "entry.challenge-read")),
    ];
    expect(audits).toHaveLength(2);
    expect(JSON.stringify(audits)).not.toContain("Complainant");
    expectSaid(
      await bench.types((await bench.addAgency()).privacy, `entry challenge ${ref}`),
      `I find no ${ref}`,
    );
  });

  it("is one at a time, also when two take it at once", async () => {
    const { ref } = await entry();
    const [one, other] = [await open(ref), await open(ref)];
    expect(formIn(one).title).toBe(`Challenge ${ref}`);
    const answers = await Promise.all([one, other].map((form) => bench.fills(agency.privacy, form, words)));
    expect(answers.filter((answer) => said(answer).includes("It is still found"))).toHaveLength(1);
    expect(await kept(ref)).toHaveLength(1);
  });

  it("is not of a draft or of what is over, and needs a platform that may show it", async () => {
    const { ref } = await entry();
    expectSaid(await bench.types(agency.privacy, `entry challenge ${ref}`, "summary"), "on this platform");
    await bench.types(agency.analyst, `entry cancel ${ref} reason:error`);
    expectSaid(await open(ref), "is not in force: it is cancelled");
  });

  it("waits in the queue of privacy officers with its last day", async () => {
    const { ref } = await challenged();
    expectSaid(await bench.types(agency.privacy, "allpoints queue"), `${ref}`, "is under review, decide by");
    expect(said(await bench.types(agency.supervisor, "allpoints queue"))).not.toContain(ref);
  });

  it("keeps the entry from being validated until it is decided", async () => {
    const { ref } = await entry();
    const form = await bench.types(agency.supervisor, `entry validate ${ref}`);
    await bench.fills(agency.privacy, await open(ref), words);
    const values = { holds: ["yes"], reason: "Read the case file again today.", valid: ["same"] };
    expectSaid(await bench.fills(agency.supervisor, form, values), "is under review");
    expect(actionsOf(await show(agency.supervisor, ref))).not.toContain("entry.validate");
    await decide(ref, {});
    expectSaid(await bench.fills(agency.supervisor, form, values), `Validated: ${ref}`);
  });
});

describe("deciding a challenge", () => {
  it("rejected: the entry stands, and hits say nothing of it any more", async () => {
    const { ref, name } = await challenged();
    expectSaid(await decide(ref, {}), `Decided: ${ref}`, "Rejected");
    expect(await found(name)).toEqual([ref]);
    expect(await kept(ref)).toMatchObject([{ outcome: "rejected", decided_by: agency.privacy.id }]);
    expect(await bench.audited(agency.analyst, "entry.decide")).toMatchObject([
      { actor: agency.privacy.id, detail: { outcome: "rejected" } },
    ]);
    expect(await bench.notices(agency.analyst, ref)).toContain("entry_decided");
    // And it can be challenged again.
    expect((await open(ref)).kind).toBe("form");
  });

  it("upheld and cancelled: no query finds it from then on", async () => {
    const { ref, name } = await challenged();
    expectSaid(await decide(ref, { decision: ["wrong_person"] }), "No query finds it any more");
    expect(await found(name)).toEqual([]);
    expect(await row(ref)).toMatchObject({
      state: "cancelled",
      end_reason: "wrong_person",
      challenged_at: null,
    });
    expect(await kept(ref)).toMatchObject([{ outcome: "cancelled" }]);
    expect(await bench.indexed(agency.analyst, ref)).toEqual({
      names: false,
      births: false,
      identifiers: false,
    });
  });

  it("upheld and corrected: only where a change was approved since", async () => {
    const { ref, name } = await challenged();
    expect(await decide(ref, { decision: ["corrected"] })).toMatchObject({
      problems: { decision: expect.stringContaining("Nothing was changed since") },
    });
    await correct(ref);
    expect(await found(name)).toEqual([`${ref} under review`]);
    expectSaid(await decide(ref, { decision: ["corrected"] }), "it was corrected since");
    expect(await found(name)).toEqual([ref]);
    expect(await row(ref)).toMatchObject({ state: "active", version: 2 });
  });

  it("is a privacy officer's, with a reason, and happens once", async () => {
    const { ref } = await challenged();
    expectSaid(await decide(ref, {}, agency.supervisor), "needs privacy officer");
    expect(await decide(ref, { reason: " " })).toMatchObject({ problems: { reason: expect.any(String) } });
    const forms = [
      await bench.presses(agency.privacy, ["entry.decide", ref]),
      await bench.presses(agency.privacy, ["entry.decide", ref]),
    ];
    const answers = await Promise.all(
      forms.map((form) =>
        bench.fills(agency.privacy, form, {
          decision: ["rejected"],
          reason: "The hospital does not know him.",
        }),
      ),
    );
    expect(answers.filter((answer) => said(answer).includes(`Decided: ${ref}`))).toHaveLength(1);
    expect(await bench.audited(agency.analyst, "entry.decide")).toHaveLength(1);
  });
});

describe("a challenge that nobody decides in thirty days", () => {
  it("suspends the entry, tells its author and the desk, and stays to be decided", async () => {
    const { ref, name } = await challenged();
    await bench.db.moveClock("29 days");
    await bench.follow(suspendNeglectedEntries);
    expect((await row(ref)).state).toBe("active");
    await bench.db.moveClock("2 days");
    await bench.follow(suspendNeglectedEntries);
    expect(await row(ref)).toMatchObject({ state: "suspended", suspended_reason: "challenge_undecided" });
    expect(await found(name)).toEqual([]);
    expect(await bench.audited(agency.analyst, "entry.suspend")).toMatchObject([
      { actor: "system", detail: { reason: "challenge_undecided" } },
    ]);
    expect(
      (await bench.notices(agency.analyst, ref)).filter((kind) => kind === "entry_suspended"),
    ).toHaveLength(1);
    expectSaid(await show(agency.analyst, ref), "Suspended: a challenge was not decided in time");
    expectSaid(await bench.types(agency.supervisor, `entry validate ${ref}`), "is under review");
    expectSaid(await decide(ref, {}), "It stays suspended until somebody validates it");
    const values = { holds: ["yes"], reason: "Read the case file again today.", valid: ["same"] };
    const form = await bench.types(agency.supervisor, `entry validate ${ref}`);
    expectSaid(await bench.fills(agency.supervisor, form, values), "queries find it again");
    expect(await found(name)).toEqual([ref]);
  });

  it("does nothing to one that was decided in time", async () => {
    const { ref } = await challenged();
    await decide(ref, {});
    await bench.db.moveClock("31 days");
    await bench.follow(suspendNeglectedEntries);
    expect((await row(ref)).state).toBe("active");
  });
});

describe("the end of a challenged entry", () => {
  it("ends the challenge with it, and its purge deletes who complained", async () => {
    const { ref } = await challenged({ sharing: { ...pages.sharing, valid: ["30"] } });
    await bench.db.moveClock("31 days");
    await bench.follow(expireEntries);
    expect(await row(ref)).toMatchObject({ state: "expired", challenged_at: null });
    expect(await kept(ref)).toMatchObject([{ outcome: "ended", decided_by: null }]);
    expect((await kept(ref))[0]?.words_sealed).not.toBeNull();
    await bench.db.moveClock("24 hours");
    await bench.follow(purgeEntries);
    expect(await kept(ref)).toMatchObject([{ words_sealed: null, reason_sealed: null }]);
  });

  it("by hand does the same", async () => {
    const { ref } = await challenged();
    await bench.types(agency.analyst, `entry cancel ${ref} reason:wrong_person`);
    expect(await kept(ref)).toMatchObject([{ outcome: "ended" }]);
    expect(await row(ref)).toMatchObject({ state: "cancelled", challenged_at: null });
  });
});
