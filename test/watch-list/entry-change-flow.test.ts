import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { FormValues } from "../../src/chat.ts";
import { expireEntries } from "../../src/watch-list/entry-follow-ups.ts";
import {
  actionsOf,
  approved,
  expectSaid,
  formIn,
  freshName,
  handleOf,
  openEntryBench,
  pages,
  refIn,
  said,
  subjectOf,
  type Agency,
  type EntryBench,
  type Person,
  type Written,
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

const show = (person: Person, ref: string) => bench.types(person, `entry show ${ref}`);

/** The reference of the draft that the colleague begins. */
async function begin(ref: string, by: Person = metro.colleague): Promise<string> {
  const shown = await bench.presses(by, ["entry.change", ref]);
  const [, draft = ""] = /Entry (E-\w{3}-\w{3}) · draft/.exec(said(shown)) ?? [];
  return draft;
}

type Page = "person" | "predicate" | "handling" | "sharing" | "grade";
const editAs = (by: Person) => async (draft: string, page: Page, values: FormValues) =>
  bench.fills(by, await bench.presses(by, [`entry.${page}`, draft]), values);
const edit: ReturnType<typeof editAs> = (...asked) => editAs(metro.colleague)(...asked);

const send = (draft: string, by: Person = metro.colleague) => bench.presses(by, ["entry.send", draft]);

async function approve(draft: string, by: Person = metro.supervisor) {
  return bench.presses(by, ["entry.approve", subjectOf(await show(by, draft), "entry.approve")]);
}

/** In force, and a change of it that waits. */
async function changing(page: Page, values: FormValues, written: Written & { readonly by?: Person } = {}) {
  const entry = await approved(bench, metro, written);
  const draft = await begin(entry.ref);
  await edit(draft, page, values);
  expectSaid(await send(draft), `Sent: ${draft}`);
  return { ...entry, draft };
}

const named = (name: string) => pages.person(name);

describe("changing an approved entry", () => {
  it("keeps what was approved until a second person approves the rest, then has one reference and a new version", async () => {
    const { ref, name } = await approved(bench, metro);
    const before = await bench.row(metro.analyst, ref);
    const draft = await begin(ref);
    expect(draft).not.toBe(ref);
    const other = freshName();
    expectSaid(
      await edit(draft, "person", named(other)),
      `Changes ${ref}, version 1: names, identifiers. That is material.`,
    );
    expectSaid(await send(draft), `Sent: ${draft}`);
    // Found as it was, by what it was.
    expect((await bench.finds(cedar.patrol, { name })).open).toEqual([ref]);
    expect((await bench.finds(cedar.patrol, { name: other })).open).toEqual([]);
    expect(await bench.row(metro.analyst, ref)).toEqual(before);
    const opened = await show(metro.supervisor, draft);
    expectSaid(opened, other, "APPROVE?", `Changes ${ref}`);
    expectSaid(
      await approve(draft),
      `Approved: ${ref}, version 2`,
      "Changed: names, identifiers. That is material.",
    );
    expect((await bench.finds(cedar.patrol, { name })).open).toEqual([]);
    expect((await bench.finds(cedar.patrol, { name: other })).open).toEqual([ref]);
    const after = await bench.row(metro.analyst, ref);
    expect(after).toMatchObject({
      id: before.id,
      state: "active",
      version: 2,
      author_id: metro.colleague.id,
      approver_id: metro.supervisor.id,
      expires_at: before.expires_at,
      last_validated_at: before.last_validated_at,
    });
    expectSaid(await show(metro.analyst, ref), other, "Version 2.");
    expect(said(await show(metro.analyst, ref))).not.toContain(name);
    expectSaid(await show(metro.analyst, draft), `I find no ${draft}`);
    const [audit] = await bench.audited(metro.analyst, "entry.change");
    expect(audit?.detail).toMatchObject({ version: 2, material: true, fields: ["names", "identifiers"] });
    expect(JSON.stringify(audit)).not.toContain(other);
    expect(await bench.notices(metro.analyst, ref)).toEqual([
      "entry_waiting",
      "entry_approved",
      "entry_changed",
    ]);
    expect(await bench.notices(metro.analyst, draft)).toEqual(["entry_waiting", "entry_approved"]);
  });

  it("tells a change that is not material apart in the audit", async () => {
    const { draft } = await changing("predicate", {
      ...pages.predicate,
      relevance: "He moves between two counties now.",
    });
    expectSaid(await approve(draft), "Changed: relevance.");
    const audits = await bench.audited(metro.analyst, "entry.change");
    expect(audits.at(-1)?.detail).toMatchObject({ material: false, fields: ["relevance"] });
  });

  it("counts to whom the entry was ever shown, for whoever reads or approves; a silent hit showed nothing", async () => {
    const { ref, draft } = await changing("handling", { ...pages.handling, cautions: ["armed", "violent"] });
    expectSaid(await show(metro.analyst, ref), "It was shown to nobody by a query.");
    const far = await bench.addAgency();
    await bench.gave(metro.analyst, ref, { to: cedar.patrol });
    await bench.gave(metro.analyst, ref, { to: cedar.patrol });
    await bench.gave(metro.analyst, ref, { to: cedar.supervisor, level: "owner_only" });
    await bench.gave(metro.analyst, ref, { to: far.patrol });
    await bench.gave(metro.analyst, ref, { to: far.commander, level: "nothing" });
    expectSaid(await show(metro.analyst, ref), "It was shown to 3 officers of 2 agencies.");
    expectSaid(await show(metro.supervisor, draft), `${ref} was shown to 3 officers of 2 agencies.`);
    expectSaid(await approve(draft), "3 officers of 2 agencies");
    const audits = await bench.audited(metro.analyst, "entry.change");
    expect(audits.at(-1)?.detail).toMatchObject({ officers: 3, agencies: 2 });
    expectSaid(await show(metro.analyst, ref), "It was shown to 3 officers of 2 agencies.");
  });

  it("is for analysts and supervisors of its own agency, one draft at a time, also when two press at once", async () => {
    const { ref } = await approved(bench, metro);
    expect(actionsOf(await show(metro.commander, ref))).not.toContain("entry.change");
    expectSaid(await bench.presses(metro.commander, ["entry.change", ref]), "needs analyst or supervisor");
    expectSaid(await bench.presses(cedar.analyst, ["entry.change", ref]), `I find no ${ref}`);
    const answers = await Promise.all(
      [metro.analyst, metro.colleague].map((person) => bench.presses(person, ["entry.change", ref])),
    );
    const begun = answers.filter((answer) => said(answer).includes("· draft"));
    expect(begun).toHaveLength(1);
    expectSaid(
      answers.find((answer) => !begun.includes(answer)) ?? answers[0] ?? ({} as never),
      "is being changed already",
    );
    expectSaid(await show(metro.analyst, ref), "Being changed: E-");
    expect(actionsOf(await show(metro.analyst, ref))).not.toContain("entry.change");
  });

  it("is not of a draft, nor of what is over", async () => {
    const { ref } = await approved(bench, metro);
    const draft = await begin(ref);
    expectSaid(await bench.presses(metro.analyst, ["entry.change", draft]), "is not in force: it is draft");
    await bench.types(metro.analyst, `entry cancel ${ref} reason:resolved`);
    expectSaid(await bench.presses(metro.analyst, ["entry.change", ref]), "is not in force: it is cancelled");
  });

  it("that changes nothing is not sent", async () => {
    const { ref } = await approved(bench, metro);
    const draft = await begin(ref);
    expectSaid(await show(metro.colleague, draft), `Changes ${ref}, version 1: nothing yet.`);
    expectSaid(await send(draft), `${draft} changes nothing of ${ref}`);
  });

  it("is not approved by its author, by a role without the right, or after it was edited", async () => {
    const { ref, draft } = await changing("handling", { ...pages.handling, cautions: [] });
    const subject = subjectOf(await show(metro.supervisor, draft), "entry.approve");
    expectSaid(
      await bench.presses(metro.analyst, ["entry.approve", subject]),
      "approving a watch-list entry needs",
    );
    await edit(draft, "handling", { ...pages.handling, cautions: ["suicidal"] });
    await send(draft);
    expectSaid(await bench.presses(metro.supervisor, ["entry.approve", subject]), "not what you were shown");
    expect(await bench.row(metro.analyst, ref)).toMatchObject({ version: 1, cautions: ["armed"] });
    const own = await approved(bench, metro);
    const mine = await begin(own.ref, metro.supervisor);
    await editAs(metro.supervisor)(mine, "handling", { ...pages.handling, cautions: [] });
    await send(mine, metro.supervisor);
    const theirs = subjectOf(await show(metro.commander, mine), "entry.approve");
    expectSaid(
      await bench.presses(metro.supervisor, ["entry.approve", theirs]),
      "approving your own entry needs a second person",
    );
  });

  it("may be approved by the author of the version before: nobody approves what they wrote, that is all", async () => {
    const agency = metro;
    const entry = await approved(bench, agency);
    const first = await begin(entry.ref, agency.supervisor);
    await editAs(agency.supervisor)(first, "handling", { ...pages.handling, cautions: [] });
    await send(first, agency.supervisor);
    expectSaid(await approve(first, agency.commander), "version 2");
    const second = await begin(entry.ref, agency.analyst);
    await editAs(agency.analyst)(second, "handling", pages.handling);
    await send(second, agency.analyst);
    expectSaid(await approve(second, agency.supervisor), "version 3");
  });

  it("happens once, however many press at the same time", async () => {
    const { ref, draft } = await changing("handling", { ...pages.handling, cautions: [] });
    const subject = subjectOf(await show(metro.supervisor, draft), "entry.approve");
    const answers = await Promise.all(
      [metro.supervisor, metro.commander, metro.privacy].map((person) =>
        bench.presses(person, ["entry.approve", subject]),
      ),
    );
    expect(answers.filter((answer) => said(answer).includes("Approved"))).toHaveLength(1);
    expect(await bench.row(metro.analyst, ref)).toMatchObject({ version: 2 });
  });

  it("of what was cancelled at the same moment leaves nothing in the index", async () => {
    const { ref, draft, name } = await changing("handling", { ...pages.handling, cautions: [] });
    const subject = subjectOf(await show(metro.supervisor, draft), "entry.approve");
    await Promise.all([
      bench.presses(metro.supervisor, ["entry.approve", subject]),
      bench.types(metro.analyst, `entry cancel ${ref} reason:error`),
    ]);
    expect(await bench.row(metro.analyst, ref)).toMatchObject({ state: "cancelled" });
    expect(await bench.row(metro.analyst, draft)).toMatchObject({ state: "purged", content_sealed: null });
    expect((await bench.finds(cedar.patrol, { name })).open).toEqual([]);
    expect(await bench.indexed(metro.analyst, ref)).toEqual({
      names: false,
      births: false,
      identifiers: false,
    });
  });

  it("of what is cancelled or expires is dropped with it, words and all", async () => {
    const cancelled = await changing("handling", { ...pages.handling, cautions: [] });
    await bench.types(metro.analyst, `entry cancel ${cancelled.ref} reason:error`);
    const gone = { state: "purged", content_sealed: null, approved_at: null };
    expect(await bench.row(metro.analyst, cancelled.draft)).toMatchObject(gone);
    const expired = await changing(
      "handling",
      { ...pages.handling, cautions: [] },
      { sharing: { ...pages.sharing, valid: ["30"] } },
    );
    await bench.db.moveClock("31 days");
    await bench.follow(expireEntries);
    expect(await bench.row(metro.analyst, expired.draft)).toMatchObject(gone);
  });

  it("is returned with a note, or discarded, and the entry stays as it was", async () => {
    const { ref, draft, name } = await changing("handling", { ...pages.handling, cautions: [] });
    const form = await bench.presses(metro.supervisor, ["entry.return", draft]);
    await bench.fills(metro.supervisor, form, { note: "Which report says so?" });
    expectSaid(await show(metro.colleague, draft), "Which report says so?");
    expectSaid(await bench.presses(metro.colleague, ["entry.discard", draft]), `Discarded: ${draft}`);
    expect((await bench.finds(cedar.patrol, { name })).open).toEqual([ref]);
    expect(await begin(ref)).toMatch(/^E-/);
  });

  it("never makes it last longer, and shorter if it says so", async () => {
    const long = await changing("sharing", { ...pages.sharing, valid: ["1825"] });
    const before = await bench.row(metro.analyst, long.ref);
    await approve(long.draft);
    expect((await bench.row(metro.analyst, long.ref)).expires_at).toEqual(before.expires_at);
    const short = await changing("sharing", { ...pages.sharing, valid: ["30"] });
    await approve(short.draft);
    const { expires_at, approved_at, review_due_at } = await bench.row(metro.analyst, short.ref);
    const days = (at: Date | null) => ((at?.getTime() ?? 0) - (approved_at?.getTime() ?? 0)) / 86_400_000;
    expect([days(expires_at), days(review_due_at)]).toEqual([expect.closeTo(30, 1), expect.closeTo(30, 1)]);
  });

  it("moves it between what is shown and what is silent, with its approval", async () => {
    const name = freshName();
    const { ref, draft } = await changing(
      "sharing",
      { ...pages.sharing, sensitivity: ["RESTRICTED"] },
      { name, handling: { ...pages.handling, cautions: [] } },
    );
    expect(actionsOf(await show(metro.supervisor, draft))).not.toContain("entry.approve");
    await approve(draft, metro.privacy);
    expect(await bench.finds(cedar.patrol, { name })).toEqual({ open: [], silent: [ref] });
    // And back: a flag is not taken off by those who could not have set it.
    const back = await begin(ref);
    await edit(back, "sharing", pages.sharing);
    expectSaid(await send(back), "It waits for a privacy officer");
    expect(actionsOf(await show(metro.supervisor, back))).not.toContain("entry.approve");
    expect(said(await bench.types(metro.supervisor, "allpoints queue"))).not.toContain(back);
    expectSaid(await bench.types(metro.privacy, "allpoints queue"), back);
    const subject = subjectOf(await show(metro.privacy, back), "entry.approve");
    expectSaid(await bench.presses(metro.supervisor, ["entry.approve", subject]), "needs privacy officer");
    await bench.presses(metro.privacy, ["entry.approve", subject]);
    expect(await bench.finds(cedar.patrol, { name })).toEqual({ open: [ref], silent: [] });
  });

  it("of a hidden caution is signed for anew", async () => {
    const { ref, draft } = await changing("sharing", { ...pages.sharing, sensitivity: ["RESTRICTED"] });
    expect(actionsOf(await show(metro.privacy, draft))).not.toContain("entry.approve");
    const form = await bench.presses(metro.commander, [
      "entry.sign",
      subjectOf(await show(metro.commander, draft), "entry.sign"),
    ]);
    await bench.fills(metro.commander, form, { reason: "An undercover officer lives there." });
    expectSaid(await approve(draft, metro.privacy), `Approved: ${ref}`);
    expect(await bench.row(metro.analyst, ref)).toMatchObject({
      hidden_danger_signed_by: metro.commander.id,
    });
    // Its next change was not what anybody signed for.
    const next = await begin(ref);
    await edit(next, "predicate", { ...pages.predicate, sources: "Case 24-118834, a third statement" });
    await send(next);
    expect(actionsOf(await show(metro.privacy, next))).not.toContain("entry.approve");
  });

  it("to named agencies keeps it from every other", async () => {
    const far = await bench.addAgency();
    const { ref, draft, name } = await changing("sharing", { ...pages.sharing, audience: [cedar.id] });
    expect((await bench.finds(far.patrol, { name })).open).toEqual([ref]);
    await approve(draft);
    expect((await bench.finds(far.patrol, { name })).open).toEqual([]);
    expect((await bench.finds(cedar.patrol, { name })).open).toEqual([ref]);
    expectSaid(await show(metro.analyst, ref), `May match it: ${cedar.name}.`);
  });

  it("of a suspended entry leaves it suspended", async () => {
    const { ref, draft, name } = await changing("handling", { ...pages.handling, cautions: [] });
    await bench.types(metro.analyst, `entry suspend ${ref}`);
    expectSaid(await approve(draft), "a validation brings it back");
    expect(await bench.row(metro.analyst, ref)).toMatchObject({ state: "suspended", version: 2 });
    expect((await bench.finds(cedar.patrol, { name })).open).toEqual([]);
  });

  it("is not approved once the entry is over, before any job has run", async () => {
    const agency = await bench.addAgency();
    const { ref } = await approved(bench, agency, { sharing: { ...pages.sharing, valid: ["30"] } });
    const draft = await begin(ref, agency.colleague);
    await editAs(agency.colleague)(draft, "handling", { ...pages.handling, cautions: [] });
    await send(draft, agency.colleague);
    const subject = subjectOf(await show(agency.supervisor, draft), "entry.approve");
    await bench.db.moveClock("31 days");
    expectSaid(await bench.presses(agency.supervisor, ["entry.approve", subject]), `${ref} is over`);
  });
});

describe("a juvenile", () => {
  it("is whom a birth date makes one that was added later: a privacy officer decides, for 180 days at most", async () => {
    const name = freshName();
    const { ref } = await approved(bench, metro, { name });
    const draft = await begin(ref);
    const asked = await edit(draft, "person", { ...pages.person(name), born: "3/2/1984\n2012-05-01" });
    expectSaid(asked, "Still missing", "at most 180 days");
    expectSaid(await send(draft), "still needs a shorter validity");
    await edit(draft, "sharing", { ...pages.sharing, valid: ["180"] });
    await send(draft);
    expect(actionsOf(await show(metro.supervisor, draft))).not.toContain("entry.approve");
    await approve(draft, metro.privacy);
    const { juvenile, expires_at, approved_at } = await bench.row(metro.analyst, ref);
    expect(juvenile).toBe(true);
    expect(((expires_at?.getTime() ?? 0) - (approved_at?.getTime() ?? 0)) / 86_400_000).toBeCloseTo(180, 0);
  });

  it("who turned eighteen is none any more in a change, which a privacy officer still decides", async () => {
    const agency = await bench.addAgency();
    const name = freshName();
    const now = new Date();
    const { rows } = await bench.db.store.pool.query<{ born: string }>(
      "select to_char(clock.now() - interval '17 years 10 months', 'YYYY-MM-DD') as born",
    );
    const person = { ...pages.person(name), born: rows[0]?.born ?? now.toISOString() };
    const sharing = { ...pages.sharing, valid: ["180"] };
    const { ref } = await approved(bench, agency, { name, person, sharing, by: agency.privacy });
    expect((await bench.row(agency.analyst, ref)).juvenile).toBe(true);
    const young = await begin(ref, agency.colleague);
    await editAs(agency.colleague)(young, "person", { ...person, juvenile: ["no"] });
    expect((await bench.row(agency.analyst, young)).juvenile).toBe(true);
    await bench.db.moveClock("80 days");
    await editAs(agency.colleague)(young, "person", { ...person, juvenile: ["no"] });
    expect((await bench.row(agency.analyst, young)).juvenile).toBe(false);
    await send(young, agency.colleague);
    expect(actionsOf(await show(agency.supervisor, young))).not.toContain("entry.approve");
    expectSaid(await approve(young, agency.privacy), "Changed: juvenile.");
    expect(await bench.row(agency.analyst, ref)).toMatchObject({ juvenile: false, version: 2 });
  });
});

it("a handle is found under its entry's new name only", async () => {
  const other = freshName();
  const { ref, draft, name } = await changing("person", named(other));
  await approve(draft);
  expect((await bench.finds(metro.patrol, { identifiers: handleOf(other) })).open).toEqual([ref]);
  expect((await bench.finds(metro.patrol, { identifiers: handleOf(name) })).open).toEqual([]);
  expect(refIn(await show(metro.analyst, ref))).toBe(ref);
});

it("opens its pages with what the entry says", async () => {
  const { ref, name } = await approved(bench, metro);
  const page = formIn(await bench.presses(metro.colleague, ["entry.person", await begin(ref)]));
  expect(page.fields.find(({ id }) => id === "names")?.value).toBe(name);
});
