import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { appendAudit } from "../../src/audit/audit-store.ts";
import type { FormValues } from "../../src/chat.ts";
import { beginSuspension, findSuspension } from "../../src/watch-list/confirmation-suspension-store.ts";
import {
  announceReviews,
  expireEntries,
  purgeEntries,
  suspendNeglectedEntries,
} from "../../src/watch-list/entry-follow-ups.ts";
import { suspendEntry } from "../../src/watch-list/entry-life-store.ts";
import { unindexEntry } from "../../src/watch-list/index-store.ts";
import {
  actionsOf,
  approved,
  expectSaid,
  formIn,
  openEntryBench,
  pages,
  said,
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
// Each has its own: the clock is moved far in most of them.
beforeEach(async () => {
  agency = await bench.addAgency();
});
afterAll(() => bench.db.close());

const show = (person: Person, ref: string) => bench.types(person, `entry show ${ref}`);
const row = (ref: string) => bench.row(agency.analyst, ref);
const queueOf = async (person: Person) => said(await bench.types(person, "allpoints queue"));
const found = async (name: string) => (await bench.finds(agency.patrol, { name })).open;
const days = (from: Date | null, to: Date | null) =>
  ((to?.getTime() ?? 0) - (from?.getTime() ?? 0)) / 86_400_000;

const holds: FormValues = {
  holds: ["yes"],
  reason: "Read the case file again: nothing has changed.",
  valid: ["same"],
};

async function validate(person: Person, ref: string, values: FormValues = {}) {
  const opened = await bench.types(person, `entry validate ${ref}`);
  return opened.kind === "form" ? bench.fills(person, opened, { ...holds, ...values }) : opened;
}

const later = (interval: string) => bench.db.moveClock(interval);

/** Every follow-up of reviews, in two processes at once. */
async function sweep(): Promise<void> {
  for (const one of [expireEntries, suspendNeglectedEntries, announceReviews]) {
    // oxlint-disable-next-line no-await-in-loop
    await bench.follow(one);
  }
}

const entry = (written: Written & { readonly by?: Person } = {}) => approved(bench, agency, written);

describe("a review that is due", () => {
  it("is told to the author and the desk once, in words that say nothing, and the entry stays found", async () => {
    const { ref, name } = await entry();
    await later("89 days");
    await sweep();
    expect(await bench.notices(agency.analyst, ref)).not.toContain("entry_review");
    expect(await queueOf(agency.supervisor)).not.toContain(ref);
    await later("2 days");
    await sweep();
    await sweep();
    const told = (await bench.notices(agency.analyst, ref)).filter((kind) => kind === "entry_review");
    expect(told).toHaveLength(1);
    expect(await deliveries(ref)).toEqual(["desk", "person"]);
    expect(await found(name)).toEqual([ref]);
    const audits = await bench.audited(agency.analyst, "entry.review-due");
    expect(audits).toMatchObject([{ actor: "system" }]);
  });

  it("is listed, shown, and in the queue of those who may validate it; its author is told who does", async () => {
    const { ref } = await entry();
    await later("91 days");
    expectSaid(await bench.types(agency.analyst, "entry list due:0"), ref, "review due since");
    expectSaid(await show(agency.supervisor, ref), "review due", "; suspended ");
    for (const seat of ["supervisor", "commander", "privacy"] as const) {
      // oxlint-disable-next-line no-await-in-loop
      expect(await queueOf(agency[seat])).toContain(`/entry validate ${ref}`);
    }
    expect(await queueOf(agency.analyst)).toContain("a second person validates it");
    expect(await queueOf(agency.colleague)).not.toContain(ref);
    expect(await queueOf((await bench.addAgency()).supervisor)).not.toContain(ref);
  });

  it("of a juvenile, a hidden record or protected speech is a privacy officer's", async () => {
    const handling = {
      ...pages.handling,
      cautions: [],
      speech: ["yes"],
      relation: "He named the officer and the day.",
    };
    const { ref } = await entry({ handling, by: agency.privacy });
    await later("91 days");
    expect(await queueOf(agency.supervisor)).not.toContain(ref);
    expect(await queueOf(agency.privacy)).toContain(`/entry validate ${ref}`);
  });

  it("is not told of an entry that ends that day anyway", async () => {
    const { ref } = await entry({ sharing: { ...pages.sharing, valid: ["90"] } });
    await later("91 days");
    await bench.follow(announceReviews);
    expect(await bench.notices(agency.analyst, ref)).not.toContain("entry_review");
  });
});

describe("validating an entry", () => {
  it("is done by a second person, in a form, and sets the next review a year away", async () => {
    const { ref, name } = await entry();
    await later("91 days");
    await sweep();
    const done = await validate(agency.supervisor, ref, { valid: ["1825"] });
    expectSaid(done, `Validated: ${ref}`, "Next review due");
    const { state, last_validated_at, review_due_at, expires_at, validated_by, review_told_at } =
      await row(ref);
    expect({ state, validated_by, review_told_at }).toEqual({
      state: "active",
      validated_by: agency.supervisor.id,
      review_told_at: null,
    });
    expect(days(last_validated_at, review_due_at)).toBeCloseTo(365, 5);
    expect(days(last_validated_at, expires_at)).toBeCloseTo(1825, 5);
    expect(await found(name)).toEqual([ref]);
    expect(await queueOf(agency.supervisor)).not.toContain(ref);
    expectSaid(await show(agency.analyst, ref), "next review due");
    const audits = await bench.audited(agency.analyst, "entry.validate");
    expect(audits).toMatchObject([{ actor: agency.supervisor.id, detail: { returned: false, days: 1825 } }]);
    // The next one is told of again.
    await later("366 days");
    await sweep();
    expect((await bench.notices(agency.analyst, ref)).filter((kind) => kind === "entry_review")).toHaveLength(
      2,
    );
  });

  it("as long as before leaves its end where it was", async () => {
    const { ref } = await entry();
    const { expires_at } = await row(ref);
    await later("300 days");
    await validate(agency.commander, ref);
    const after = await row(ref);
    expect(after.expires_at).toEqual(expires_at);
    // The end is nearer than a year.
    expect(after.review_due_at).toEqual(expires_at);
  });

  it("keeps the reason sealed", async () => {
    const { ref } = await entry();
    await validate(agency.supervisor, ref);
    const { validation_sealed } = await row(ref);
    expect(validation_sealed).not.toBeNull();
    expect(validation_sealed?.toString("latin1")).not.toContain("case file");
    expect(JSON.stringify(await bench.audited(agency.analyst, "entry.validate"))).not.toContain("case file");
  });

  it("asks whether it still holds and why, and takes no other answer", async () => {
    const { ref } = await entry();
    expect(await validate(agency.supervisor, ref, { holds: ["no"] })).toMatchObject({
      problems: { holds: expect.stringContaining("cancel it") },
    });
    expect(await validate(agency.supervisor, ref, { reason: "Still true." })).toMatchObject({
      problems: { reason: "At least 20 characters." },
    });
    expect(await validate(agency.supervisor, ref, { valid: ["3650"] })).toMatchObject({
      problems: { valid: expect.any(String) },
    });
    expect((await row(ref)).validated_by).toBeNull();
  });

  it("is not its author's, an analyst's, or another agency's", async () => {
    const { ref } = await entry();
    const own = await approved(bench, agency);
    expectSaid(await validate(agency.analyst, ref), "validating your own entry needs a second person");
    expectSaid(await validate(agency.colleague, ref), "validating a watch-list entry needs");
    expectSaid(await validate(agency.patrol, ref), "needs");
    expectSaid(await validate((await bench.addAgency()).supervisor, ref), `I find no ${ref}`);
    expect(actionsOf(await show(agency.analyst, ref))).not.toContain("entry.validate");
    expect(actionsOf(await show(agency.supervisor, own.ref))).toContain("entry.validate");
  });

  it("of a hidden record is a privacy officer's", async () => {
    const { ref } = await entry({
      handling: { ...pages.handling, cautions: [] },
      sharing: { ...pages.sharing, sensitivity: ["RESTRICTED"] },
      by: agency.privacy,
    });
    expectSaid(await validate(agency.supervisor, ref), "needs privacy officer");
    expectSaid(await validate(agency.privacy, ref), `Validated: ${ref}`);
  });

  it("of a juvenile is a privacy officer's, for at most 180 days", async () => {
    const { ref } = await entry({
      person: { juvenile: ["yes"] },
      sharing: { ...pages.sharing, valid: ["180"] },
      by: agency.privacy,
    });
    await later("100 days");
    expectSaid(await validate(agency.supervisor, ref), "needs privacy officer");
    expect(await validate(agency.privacy, ref, { valid: ["365"] })).toMatchObject({
      problems: { valid: expect.stringContaining("180 days") },
    });
    expectSaid(await validate(agency.privacy, ref, { valid: ["180"] }), `Validated: ${ref}`);
    const { last_validated_at, expires_at } = await row(ref);
    expect(days(last_validated_at, expires_at)).toBeCloseTo(180, 5);
  });

  it("is not of a draft, of what waits, or of what is over", async () => {
    const { ref } = await entry({ sharing: { ...pages.sharing, valid: ["30"] } });
    const opened = await bench.types(agency.supervisor, `entry validate ${ref}`);
    await later("31 days");
    // Before any job has run.
    expectSaid(await bench.fills(agency.supervisor, opened, holds), "or is over");
    await sweep();
    expectSaid(await bench.fills(agency.supervisor, opened, holds), "is not in force: it is expired");
    expectSaid(
      await bench.types(agency.supervisor, `entry validate ${ref}`),
      "is not in force: it is expired",
    );
  });

  it("says nothing of what was changed since it was opened", async () => {
    const { ref } = await entry();
    const opened = await bench.types(agency.supervisor, `entry validate ${ref}`);
    expect(formIn(opened).title).toBe(`Validate ${ref}`);
    const draft = /Entry (E-\w{3}-\w{3}) · draft/.exec(
      said(await bench.presses(agency.colleague, ["entry.change", ref])),
    )?.[1];
    const page = await bench.presses(agency.colleague, ["entry.handling", draft ?? ""]);
    await bench.fills(agency.colleague, page, { ...pages.handling, cautions: [] });
    await bench.presses(agency.colleague, ["entry.send", draft ?? ""]);
    const shown = await show(agency.commander, draft ?? "");
    const [approve] = (shown.kind === "card" ? shown.card.buttons : []) ?? [];
    await bench.presses(agency.commander, ["entry.approve", approve?.subject ?? ""]);
    expectSaid(await bench.fills(agency.supervisor, opened, holds), "is not what you were shown");
    expect((await row(ref)).validated_by).toBeNull();
  });

  it("needs a platform that shows it", async () => {
    const { ref } = await entry();
    expectSaid(
      await bench.types(agency.supervisor, `entry validate ${ref}`, "summary"),
      "cannot be read on this platform",
    );
    expect(actionsOf(await bench.types(agency.supervisor, `entry show ${ref}`, "none"))).toEqual([]);
  });
});

describe("a review that is missed by fourteen days", () => {
  it("suspends the entry, out of every query, and tells the author and the desk; only a validation brings it back", async () => {
    const { ref, name } = await entry();
    await later("103 days");
    await sweep();
    expect((await row(ref)).state).toBe("active");
    await later("2 days");
    await sweep();
    expect(await row(ref)).toMatchObject({ state: "suspended", suspended_reason: "review_missed" });
    expect(await found(name)).toEqual([]);
    expect(await bench.indexed(agency.analyst, ref)).toEqual({
      names: false,
      births: false,
      identifiers: false,
    });
    expect(
      (await bench.notices(agency.analyst, ref)).filter((kind) => kind === "entry_suspended"),
    ).toHaveLength(1);
    expect(await bench.audited(agency.analyst, "entry.suspend")).toMatchObject([
      { actor: "system", detail: { reason: "review_missed" } },
    ]);
    expectSaid(
      await show(agency.analyst, ref),
      "Suspended: its review was missed. Only a validation brings it back.",
    );
    expectSaid(await validate(agency.supervisor, ref), `Validated: ${ref}`, "queries find it again");
    expect(await row(ref)).toMatchObject({ state: "active", suspended_reason: null, suspended_at: null });
    expect(await found(name)).toEqual([ref]);
    await sweep();
    expect((await row(ref)).state).toBe("active");
  });

  it("does nothing where it was validated at the same moment", async () => {
    const { ref, name } = await entry();
    const opened = await bench.types(agency.supervisor, `entry validate ${ref}`);
    await later("105 days");
    await Promise.all([
      bench.fills(agency.supervisor, opened, holds),
      suspendNeglectedEntries.run(bench.db.jobs, bench.db.keyring),
    ]);
    // Whoever was first: the validation stands, and what was suspended is found again.
    expect((await row(ref)).state).toBe("active");
    expect(await found(name)).toEqual([ref]);
    expect(await bench.indexed(agency.analyst, ref)).toEqual({
      names: true,
      births: true,
      identifiers: true,
    });
  });

  it("brings back what was suspended while the validation waited for it", async () => {
    const { ref, name } = await entry();
    const { id } = await row(ref);
    const opened = await bench.types(agency.supervisor, `entry validate ${ref}`);
    const gate = Promise.withResolvers<void>();
    const suspended = Promise.withResolvers<void>();
    const suspending = bench.as(agency.analyst, async (tx) => {
      await suspendEntry(tx, id);
      await unindexEntry(tx, id);
      await appendAudit(tx, agency.id, { action: "entry.suspend", subject: `entry:${id}` });
      suspended.resolve();
      await gate.promise;
    });
    await suspended.promise;
    const validating = bench.fills(agency.supervisor, opened, holds);
    await new Promise((waited) => setTimeout(waited, 200));
    gate.resolve();
    await suspending;
    expectSaid(await validating, "queries find it again");
    expect(await found(name)).toEqual([ref]);
  });

  it("suspends nothing that is over", async () => {
    const { ref } = await entry({ sharing: { ...pages.sharing, valid: ["90"] } });
    await later("105 days");
    await bench.follow(suspendNeglectedEntries);
    expect((await row(ref)).state).toBe("active");
    await bench.follow(expireEntries);
    expect((await row(ref)).state).toBe("expired");
  });
});

describe("what was suspended by hand", () => {
  it("returns by validation, with its audience and in its lane", async () => {
    const other = await bench.addAgency();
    const { ref, name } = await entry({ sharing: { ...pages.sharing, audience: [other.id] } });
    expectSaid(await bench.types(agency.analyst, `entry suspend ${ref}`), "Only a validation brings it back");
    expect(await row(ref)).toMatchObject({ suspended_reason: "by_hand" });
    await validate(agency.supervisor, ref);
    expect((await bench.finds(other.patrol, { name })).open).toEqual([ref]);
    expect((await bench.finds((await bench.addAgency()).patrol, { name })).open).toEqual([]);
  });

  it("still expires, and is purged with all that led to it", async () => {
    const { ref } = await entry({ sharing: { ...pages.sharing, valid: ["30"] } });
    await validate(agency.supervisor, ref);
    await bench.types(agency.analyst, `entry suspend ${ref}`);
    await later("31 days");
    await sweep();
    expect((await row(ref)).state).toBe("expired");
    await later("22 hours");
    await bench.follow(purgeEntries);
    expect((await row(ref)).content_sealed).not.toBeNull();
    await later("65 minutes");
    await bench.follow(purgeEntries);
    // Within a day of its end.
    expect(await row(ref)).toMatchObject({
      state: "purged",
      content_sealed: null,
      content_hash: null,
      validation_sealed: null,
    });
    expect(await bench.indexed(agency.analyst, ref)).toEqual({
      names: false,
      births: false,
      identifiers: false,
    });
  });
});

describe("what was suspended because its agency stayed silent", () => {
  it("returns by validation, which ends the agency's suspension", async () => {
    const { ref, name } = await entry();
    const { id } = await row(ref);
    await bench.as(agency.analyst, async (tx) => {
      await appendAudit(tx, agency.id, { action: "entry.suspend", subject: `entry:${id}` });
      await suspendEntry(tx, id, "confirmations_unanswered");
      await unindexEntry(tx, id);
    });
    await bench.db.jobs.transaction({ agency: agency.id, id: "system" }, async (tx) => {
      await appendAudit(tx, agency.id, { action: "agency.suspend-entries", subject: `agency:${agency.id}` });
      await beginSuspension(tx, agency.id);
    });
    expectSaid(await show(agency.analyst, ref), "Suspended: requests to confirm stayed unanswered.");
    await validate(agency.supervisor, ref);
    expect(await found(name)).toEqual([ref]);
    expect(await bench.as(agency.analyst, (tx) => findSuspension(tx, agency.id))).toBeUndefined();
  });
});

/** Where the notices that a review is due went. */
async function deliveries(ref: string): Promise<readonly string[]> {
  const rows = await bench.as(agency.analyst, (tx) =>
    tx
      .selectFrom("delivery as d")
      .innerJoin("notice as n", "n.id", "d.subject_id")
      .innerJoin("channel as c", "c.id", "d.channel_id")
      .select("c.use")
      .where("n.ref", "=", ref)
      .where("n.kind", "=", "entry_review")
      .orderBy("c.use")
      .execute(),
  );
  return rows.map(({ use }) => use);
}
