import { afterAll, describe, expect, it } from "vitest";

import { appendAudit } from "../../src/audit/audit-store.ts";
import { isUrgent, purposes, type Purpose } from "../../src/watch-list/query.ts";
import { neglected, openConfirmationDuo, type HitMade } from "./confirmation-bench.ts";
import { freshName, said } from "./query-bench.ts";

const { bench, owner, asking, officer, press, asked, notices, suspendOfficer } = await openConfirmationDuo();
afterAll(() => bench.db.close());

const NOT_FOUND = "I find no query that you may see.";

describe("asking", () => {
  it.each(Object.keys(purposes) as Purpose[])("for %s has its own time", async (purpose) => {
    const hit = await asked(owner, { purpose });
    const row = await bench.requestOf(owner, hit);
    const minutes = isUrgent(purpose) ? 10 : 60;
    expect(row).toMatchObject({ wait_minutes: minutes, state: "asked", purpose, asked_by: officer.id });
    expect(Number(row?.due_at) - Number(row?.asked_at)).toBe(minutes * 60_000);
    expect(said(hit.answer)).toContain(minutes === 10 ? "After 10 min" : "After 60 min");
  });

  it("says by when, what then, that a call is faster, and that the hit alone is nothing to act on", async () => {
    const { answer: told, entry, query } = await asked();
    const words = said(told);
    for (const part of [
      `${entry.ref} of ${owner.name}`,
      "an answer is due by",
      `A phone call is faster: ${owner.name} watch 555-0142, 24 h`,
      `quote ${query.ref}`,
      "asked once more",
      "watch commander is told",
      "Not probable cause",
      "/allpoints queue",
    ]) {
      expect(words).toContain(part);
    }
    // Line 1 names nobody, and fits.
    const headline = told.kind === "card" ? told.card.headline : "";
    expect(headline).toMatch(/^Q-\S+: asked to confirm, due /);
    // In the agency's own zone, with Zulu.
    expect(words).toMatch(/E[SD]T \(.*\d\d:\d\dZ\)/);
  });

  it("an owner that keeps the details is asked to call, and nothing is told of its entry", async () => {
    const { answer: told, entry, query } = await asked(owner, { sensitivity: "AGENCY_ONLY" });
    expect(said(told)).toContain(`${query.ref}: asked to call, due`);
    expect(said(told)).toContain(`The record of ${owner.name}`);
    expect(said(told)).not.toContain(entry.ref);
  });

  it("twice, and three times at once, is asking once: it says how it stands", async () => {
    const hit = await bench.hit(owner, officer);
    const answers = await Promise.all([press(hit), press(hit), press(hit)]);
    for (const one of answers) expect(said(one)).toContain("an answer is due by");
    await bench.follow();
    expect(said(await press(hit))).toContain("an answer is due by");
    const rows = await bench.as(owner.analyst, (tx) =>
      tx.selectFrom("confirmation").select("id").where("query_id", "=", hit.query.id).execute(),
    );
    expect(rows).toHaveLength(1);
    const asks = await bench.audits(owner, `confirmation:${rows[0]?.id}`);
    expect(asks.filter(({ action }) => action === "confirmation.ask")).toHaveLength(1);
    await bench.follow();
    const cards = await bench.cards(owner, "confirmation");
    expect(cards.filter(({ subject }) => subject === rows[0]?.id)).toHaveLength(1);
  });

  it("before the owner was told of the hit works as well", async () => {
    const { entry, name } = await bench.hit(owner, officer);
    const query = await bench.ask(officer, name, "field_contact");
    await press({ subject: `${query.id}.0` });
    expect(await bench.requestOf(owner, { query })).toMatchObject({ entry_id: entry.id, state: "asked" });
    await bench.follow();
    const [card] = (await bench.cards(owner, "confirmation")).slice(-1);
    expect(card?.card.buttons?.map(({ action }) => action)).toEqual(["confirm.answer", "hit.who"]);
  });

  it("is written down for both agencies, in codes", async () => {
    const { id } = await asked();
    const detail = { purpose: "traffic_stop", minutes: 10 };
    for (const agency of [owner, asking]) {
      expect((await bench.audits(agency, `confirmation:${id}`))[0]).toEqual({
        action: "confirmation.ask",
        outcome: "ok",
        detail,
      });
    }
  });

  it("is for those who may ask the watch-list, about their own question", async () => {
    const hit = await bench.hit(owner, officer);
    const colleague = await bench.addPerson(asking, ["officer"]);
    const admin = await bench.addPerson(asking, ["agency_admin", "auditor", "privacy_officer"]);
    expect(said(await press(hit, colleague))).toContain(NOT_FOUND);
    expect(said(await press(hit, owner.analyst))).toContain(NOT_FOUND);
    expect(said(await press(hit, admin))).toContain("Not done: asking the watch-list needs");
    expect(await bench.requestOf(owner, hit)).toBeUndefined();
  });

  it("by somebody suspended is refused", async () => {
    const hit = await bench.hit(owner, officer);
    const gone = await bench.addPerson(asking, ["officer"]);
    await suspendOfficer(gone);
    expect(said(await press(hit, gone))).toContain("Your access is suspended");
  });

  it("about a record that is over asks nothing, and says not to rely on it", async () => {
    const hit = await bench.hit(owner, officer);
    await bench.endEntry(owner, hit.entry, "suspended");
    expect(said(await press(hit))).toContain("Do not rely on it; ask once more: /watch.");
    expect(await bench.requestOf(owner, hit)).toBeUndefined();
    const old = await bench.hit(owner, officer);
    await bench.db.moveClock("24 hours 1 minute");
    expect(said(await press(old))).toContain("more than a day ago");
    expect(await bench.requestOf(owner, old)).toBeUndefined();
  });

  it.each(neglected)(
    "about a record %s asks nothing, whether or not a job was there",
    async (...[, field]) => {
      const hit = await bench.hit(owner, officer);
      await bench.neglect(hit.entry, field);
      expect(said(await press(hit))).toContain(`Nothing was asked for ${hit.query.ref}.`);
      expect(await bench.requestOf(owner, hit)).toBeUndefined();
    },
  );

  it("where a private answer may show nothing says nothing of a hit", async () => {
    const hit = await asked();
    const blind = bench.screen("none");
    const other = await bench.hit(owner, officer);
    const unknown = await blind.press(officer, "confirm.ask", `${other.query.id}.7`);
    const known = await blind.press(officer, "confirm.ask", other.subject);
    expect(known).toEqual(unknown);
    expect(await bench.requestOf(owner, other)).toBeUndefined();
    const waiting = await blind.command(officer, "allpoints", { kind: "words", words: "queue" });
    expect(said(waiting)).toContain(`An answer for ${hit.query.ref} waits`);
    expect(said(waiting)).not.toContain(hit.entry.ref);
    expect(said(waiting)).not.toContain(owner.name);
  });
});

describe("what must not be noticed", () => {
  /** A question with one silent hit. */
  async function silent() {
    return bench.hit(owner, officer, { sensitivity: "RESTRICTED" });
  }
  /** Everything the asking agency has of this, but the one subject that differs. */
  async function traces(hit: HitMade, subject: string) {
    return bench.as(asking.analyst, async (tx) => {
      const audit = await tx
        .selectFrom("audit")
        .select(["action", "outcome", "detail"])
        .where("subject", "=", subject)
        .execute();
      const rows = await tx
        .selectFrom("confirmation")
        .select("id")
        .where("query_id", "=", hit.query.id)
        .execute();
      const said = await tx.selectFrom("outcome").select("id").where("query_id", "=", hit.query.id).execute();
      return { audit, rows, said };
    });
  }

  it.each(["confirm.ask", "outcome.not_same", "outcome.ask"])(
    "%s: a silent place is like a place that is none",
    async (action) => {
      const hit = await silent();
      const forged = await bench.screen().press(officer, action, hit.subject);
      const unknown = await bench.screen().press(officer, action, `${hit.query.id}.1`);
      expect(said(forged)).toContain(NOT_FOUND);
      expect(forged).toEqual(unknown);
      const [of, other] = [
        await traces(hit, `press:${hit.subject}`),
        await traces(hit, `press:${hit.query.id}.1`),
      ];
      expect(of).toEqual(other);
      expect(of.audit).toEqual([{ action, outcome: "denied", detail: { code: "NOT_FOUND" } }]);
      expect(of.rows).toEqual([]);
    },
  );

  it("a record hidden since is not asked about, and its owner is not disturbed", async () => {
    const hit = await bench.hit(owner, officer);
    await hide(hit);
    expect(said(await press(hit))).toContain("The record is no longer shown");
    expect(said(await bench.screen().press(officer, "outcome.not_same", hit.subject))).toContain(NOT_FOUND);
    expect(await bench.requestOf(owner, hit)).toBeUndefined();
  });

  it.each(["", "x", "Q.0", ".0", "00000000-0000-7000-8000-000000000000.0"])(
    "“%s” is no hit",
    async (subject) => {
      expect(said(await press({ subject }))).toContain(NOT_FOUND);
    },
  );

  it("an exercise is never confirmed for real", async () => {
    const hit = await bench.hit(owner, officer);
    const client = await bench.db.ownerClient();
    await client.query("alter table entry disable trigger user");
    await client.query("set row_security = off; alter table entry no force row level security");
    await client.query("update entry set exercise = true where id = $1", [hit.entry.id]);
    await client.query("alter table entry force row level security; alter table entry enable trigger user");
    expect(said(await press(hit))).toContain("The record is no longer shown");
    expect(said(await bench.screen().press(officer, "outcome.not_same", hit.subject))).toContain(NOT_FOUND);
    expect(await bench.requestOf(owner, hit)).toBeUndefined();
  });

  async function hide({ entry }: HitMade) {
    const client = await bench.db.ownerClient();
    await client.query("alter table entry disable trigger user");
    await client.query("alter table entry no force row level security");
    await client.query("update entry set sensitivity = 'RESTRICTED' where id = $1", [entry.id]);
    await client.query("alter table entry force row level security; alter table entry enable trigger user");
  }
});

describe("the request", () => {
  it("lies in the owner's desk channel: two references, a deadline, and nothing of who, why and whom", async () => {
    const { id, name, entry, query } = await asked();
    const made = (await bench.cards(owner, "confirmation")).find(({ subject }) => subject === id);
    if (made === undefined) throw new Error("there is no card");
    const { card, ...place } = made;
    expect(place).toMatchObject({ use: "desk", urgency: 1 });
    expect(card.headline).toMatch(
      new RegExp(`^URGENT: does ${entry.ref} hold\\? Asked in ${query.ref}. Answer by .*UTC`),
    );
    expect(card.headline.length).toBeLessThanOrEqual(150);
    for (const word of [
      ...name.split(" "),
      officer.account.user,
      asking.name,
      "traffic",
      "24-118833",
      "armed",
    ]) {
      expect(JSON.stringify(card)).not.toContain(word);
    }
    const [answering, who] = card.buttons ?? [];
    expect(answering).toMatchObject({ action: "confirm.answer", subject: id });
    const opened = await bench.screen().press(owner.analyst, "hit.who", who?.subject ?? "");
    expect(said(opened)).toContain(`Ofc. ${officer.account.user}`);
  });

  it("goes where tips arrive if there is no desk, and else to the watch commander in person", async () => {
    const other = await bench.addAgency();
    const moveDesk = (change: { readonly use: "intake" } | { readonly state: "released" }) =>
      bench.as(other.analyst, async (tx) => {
        await appendAudit(tx, other.id, { action: "channel.use", subject: "channel:desk" });
        await tx.updateTable("channel").set(change).where("use", "!=", "person").execute();
      });
    await moveDesk({ use: "intake" });
    const first = await asked(other);
    expect(await bench.cards(other, "confirmation")).toMatchObject([{ use: "intake", subject: first.id }]);
    await moveDesk({ state: "released" });
    const second = await asked(other);
    expect((await bench.cards(other, "confirmation")).slice(1)).toMatchObject([
      { use: "person", subject: second.id, channelRef: other.supervisor.account.user },
    ]);
  });

  it("sent late, because nobody could send it, gets its whole time, and the asker hears of it", async () => {
    const hit = await bench.hit(owner, officer);
    await press(hit);
    await bench.pass("25 minutes");
    const row = await bench.requestOf(owner, hit);
    expect(row?.state).toBe("asked");
    expect(Number(row?.due_at) - Number(row?.posted_at)).toBe(10 * 60_000);
    expect(await notices(hit)).toBe(1);
  });
});

// Last: the clock runs past everything that was asked before.
describe("a hit that came days after its question", () => {
  it("can be asked about for a day after they were told of it", async () => {
    const late = await bench.addAgency();
    const name = freshName();
    const query = await bench.ask(officer, name, "traffic_stop");
    await bench.follow();
    await bench.db.moveClock("3 days");
    const hits = [
      await bench.addEntry(late, { names: [name] }),
      await bench.addEntry(late, { names: [name] }),
    ];
    for (const entry of hits) {
      // oxlint-disable-next-line no-await-in-loop
      await bench.hitLate({ id: query.id, officer }, entry);
    }
    const at = (place: number) => press({ subject: `${query.id}.${place}` });
    await bench.db.moveClock("23 hours");
    expect(said(await at(0))).toContain("asked to confirm");
    expect(await bench.requestOf(late, { query })).toMatchObject({ state: "asked" });
    await bench.db.moveClock("61 minutes");
    expect(said(await at(1))).toContain("more than a day ago");
    // What came of it is said when it is known.
    const outcome = await bench.screen().press(officer, "outcome.not_same", `${query.id}.1`);
    expect(said(outcome)).toContain("Recorded for");
  });
});
