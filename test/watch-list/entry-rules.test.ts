import { sql, type InsertObject } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { appendAudit } from "../../src/audit/audit-store.ts";
import { newRef } from "../../src/refs.ts";
import { uuidv7 } from "../../src/store/ids.ts";
import type { Database } from "../../src/store/schema.ts";
import { openEntryBench, type Agency, type EntryBench } from "./entry-bench.ts";

// What the database refuses when our own code is not in the way: the bot's role, in a transaction with its audit row.

let bench: EntryBench;
let metro: Agency;
beforeAll(async () => {
  bench = await openEntryBench();
  metro = await bench.addAgency();
});
afterAll(() => bench.db.close());

type Row = InsertObject<Database, "entry">;

const moment = (interval: string) => sql<Date>`clock.now() + ${interval}::interval`;

function active(): Row {
  return {
    id: uuidv7(),
    agency_id: metro.id,
    ref: newRef("entry"),
    state: "active",
    author_id: metro.analyst.id,
    approver_id: metro.supervisor.id,
    approved_at: moment("0"),
    last_validated_at: moment("0"),
    review_due_at: moment("90 days"),
    expires_at: moment("365 days"),
    valid_days: 365,
    content_sealed: Buffer.from("sealed"),
    content_hash: Buffer.from("hash"),
    predicate: "vpf4_expressed_intent_le",
    offence_length: 10,
    facts_length: 80,
    source_length: 3,
    relevance_length: 20,
    direct_relation_length: 0,
    first_amendment: false,
    sensitivity: "OPEN",
    tlp: "amber",
    pap: "red",
    legal_status: "no_warrant",
    requested_action: "contact_originator",
    cautions: ["armed"],
    source_grade: "B",
    information_grade: "3",
    juvenile: false,
    audience: "all",
  };
}

async function insert(change: Partial<Row> = {}): Promise<string> {
  const id = uuidv7();
  const row = { ...active(), ...change, id };
  await bench.as(metro.analyst, async (tx) => {
    await appendAudit(tx, metro.id, { action: "entry.test", subject: `entry:${id}` });
    await tx.insertInto("entry").values(row).execute();
  });
  return id;
}

/** By somebody of this agency, in Metro's name. */
async function insertDraft(agency: Agency): Promise<void> {
  const { id, agency_id, ref, author_id } = active();
  await bench.as(agency.analyst, async (tx) => {
    await appendAudit(tx, agency.id, { action: "entry.test", subject: "entry:draft" });
    await tx.insertInto("entry").values({ id, agency_id, ref, author_id, state: "draft" }).execute();
  });
}

async function update(id: string, change: Partial<Row>): Promise<void> {
  await bench.as(metro.analyst, async (tx) => {
    await appendAudit(tx, metro.id, { action: "entry.test", subject: `entry:${id}` });
    await tx
      .updateTable("entry")
      .set(change as never)
      .where("id", "=", id)
      .execute();
  });
}

/** A tip of this agency, graded or not. */
async function tip(protectedSpeech?: boolean): Promise<string> {
  const id = uuidv7();
  await bench.as(metro.analyst, async (tx) => {
    await appendAudit(tx, metro.id, { action: "tip.test", subject: `tip:${id}` });
    await tx
      .insertInto("tip")
      .values({
        id,
        agency_id: metro.id,
        ref: newRef("tip"),
        submitted_by: metro.patrol.id,
        urgency: "days",
        source: "online",
        priority: "P1",
        words_sealed: Buffer.from("sealed"),
        state: "new",
        retention_until: moment("30 days"),
        ...(protectedSpeech !== undefined && {
          source_grade: "B" as const,
          information_grade: "3" as const,
          threat_to_life: "no" as const,
          protected_speech: protectedSpeech,
          graded_by: metro.analyst.id,
          graded_at: moment("0"),
        }),
      })
      .execute();
  });
  return id;
}

const refused = (constraint: string) => ({ code: "23514", constraint });

describe("the database takes", () => {
  it("an entry with everything it needs, so that the refusals below are for their one reason", async () => {
    await expect(insert()).resolves.toEqual(expect.any(String));
  });

  it("an empty draft", async () => {
    await expect(insertDraft(metro)).resolves.toBeUndefined();
  });
});

describe("the database refuses, whatever the bot says,", () => {
  const rules: readonly (readonly [string, string, Partial<Row>])[] = [
    ["INV-01: no predicate", "inv_01_predicate", { predicate: null }],
    ["INV-01: no definable offence", "inv_01_predicate", { offence_length: 2 }],
    ["INV-01: facts of under 80 characters", "inv_01_predicate", { facts_length: 79 }],
    ["INV-01: no supporting document", "inv_01_predicate", { source_length: 2 }],
    ["INV-01: no relevance", "inv_01_predicate", { relevance_length: 19 }],
    ["INV-01: no grade", "inv_01_predicate", { source_grade: null }],
    ["INV-01: nobody's approval", "inv_01_approved", { approver_id: null, approved_at: null }],
    ["INV-03: no expiry", "inv_03_expiry", { expires_at: null }],
    [
      "INV-03: an expiry over five years after validation",
      "inv_03_expiry",
      { expires_at: moment("5 years 1 day") },
    ],
    ["INV-03: an expiry before it begins", "inv_03_expiry", { expires_at: moment("-1 day") }],
    ["INV-03: no review", "inv_03_expiry", { review_due_at: null }],
    ["INV-21: protected speech without its direct relation", "inv_21_speech", { first_amendment: true }],
    ["F6 alone", "f6_alone", { source_grade: "F", information_grade: "6" }],
    ["a juvenile for over 180 days", "juvenile_180", { juvenile: true, valid_days: 181 }],
    ["a juvenile without an end", "juvenile_180", { juvenile: true, valid_days: null }],
  ];
  // Some of these need a privacy officer as well, which another rule is about.
  it.each(rules)("%s", async (_rule, constraint, change) => {
    const approver = change.approver_id === null ? {} : { approver_id: metro.privacy.id };
    await expect(insert({ ...approver, ...change })).rejects.toMatchObject(refused(constraint));
  });

  it("INV-02: an approval by the author", async () => {
    await expect(insert({ author_id: metro.supervisor.id })).rejects.toMatchObject(
      refused("inv_02_second_person"),
    );
  });

  it.each([
    ["an analyst's approval", {}, "analyst"],
    [
      "a supervisor's approval of protected speech",
      { first_amendment: true, direct_relation_length: 30 },
      "supervisor",
    ],
    ["a supervisor's approval of a juvenile", { juvenile: true, valid_days: 180 }, "supervisor"],
    ["a supervisor's approval of a hidden record", { sensitivity: "RESTRICTED", cautions: [] }, "supervisor"],
  ] as const)("%s", async (_rule, change, seat) => {
    const approver_id = seat === "analyst" ? metro.colleague.id : metro[seat].id;
    await expect(insert({ ...change, cautions: [], approver_id })).rejects.toMatchObject(
      refused("inv_02_role"),
    );
  });

  it("a hidden caution that no watch commander signed for", async () => {
    const hidden = {
      sensitivity: "RESTRICTED",
      cautions: ["violent"],
      approver_id: metro.privacy.id,
    } as const;
    await expect(insert({ ...hidden, cautions: ["violent"] })).rejects.toMatchObject(
      refused("hidden_danger"),
    );
    const signed = { ...hidden, cautions: ["violent"], hidden_danger_signed_by: metro.supervisor.id };
    await expect(insert(signed)).rejects.toMatchObject(refused("hidden_danger_role"));
    await expect(insert({ ...signed, hidden_danger_signed_by: metro.commander.id })).resolves.toEqual(
      expect.any(String),
    );
  });

  it("INV-03: a first review later than 90 days after its approval, also with a validation that never was", async () => {
    for (const review_due_at of [moment("91 days"), moment("364 days")]) {
      // oxlint-disable-next-line no-await-in-loop
      await expect(insert({ review_due_at })).rejects.toMatchObject(refused("inv_03_review"));
    }
    const earlier = { approved_at: moment("-1 day"), review_due_at: moment("91 days") };
    await expect(insert(earlier)).rejects.toMatchObject(refused("inv_03_review"));
    const pretended = { validated_by: metro.supervisor.id, validation_sealed: Buffer.from("sealed") };
    await expect(insert({ ...earlier, ...pretended })).rejects.toMatchObject(refused("inv_02_validator"));
    await expect(insert({ review_due_at: moment("90 days") })).resolves.toEqual(expect.any(String));
  });

  it("a hidden caution that its author signed for, whatever their roles", async () => {
    const signed = {
      sensitivity: "RESTRICTED",
      cautions: ["violent"],
      approver_id: metro.privacy.id,
      hidden_danger_signed_by: metro.commander.id,
    } as const;
    const own = { ...signed, cautions: ["violent"], author_id: metro.commander.id };
    await expect(insert(own)).rejects.toMatchObject(refused("hidden_danger_second_person"));
    // Nor is it made theirs afterwards.
    const waiting = { state: "waiting", approver_id: null, approved_at: null } as const;
    const id = await insert({ ...signed, cautions: ["violent"], ...waiting });
    await expect(update(id, { author_id: metro.commander.id })).rejects.toMatchObject(
      refused("hidden_danger_second_person"),
    );
  });

  it("INV-21: an entry from a tip that is only opinion or protest, or that nobody graded", async () => {
    await expect(insert({ tip_id: await tip(true) })).rejects.toMatchObject(refused("inv_21_tip"));
    await expect(insert({ tip_id: await tip() })).rejects.toMatchObject(refused("inv_21_tip"));
    await expect(insert({ tip_id: await tip(false) })).resolves.toEqual(expect.any(String));
  });

  it("INV-21: an approval after its tip was graded anew as opinion or protest", async () => {
    const tip_id = await tip(false);
    const waiting = {
      approver_id: null,
      approved_at: null,
      expires_at: null,
      state: "waiting",
      tip_id,
    } as const;
    const id = await insert(waiting);
    await bench.as(metro.analyst, async (tx) => {
      await appendAudit(tx, metro.id, { action: "tip.grade", subject: `tip:${tip_id}` });
      await tx.updateTable("tip").set({ protected_speech: true }).where("id", "=", tip_id).execute();
    });
    const { approver_id, approved_at, expires_at } = active();
    await expect(update(id, { state: "active", approver_id, approved_at, expires_at })).rejects.toMatchObject(
      refused("inv_21_tip"),
    );
  });

  it("INV-21: a validation after its tip was graded anew as opinion or protest", async () => {
    const tip_id = await tip(false);
    const id = await insert({ tip_id, last_validated_at: moment("-1 hour") });
    const validated = {
      last_validated_at: moment("0"),
      validated_by: metro.supervisor.id,
      validation_sealed: Buffer.from("sealed"),
    };
    await update(id, validated);
    await bench.as(metro.analyst, async (tx) => {
      await appendAudit(tx, metro.id, { action: "tip.grade", subject: `tip:${tip_id}` });
      await tx.updateTable("tip").set({ protected_speech: true }).where("id", "=", tip_id).execute();
    });
    await expect(update(id, validated)).rejects.toMatchObject(refused("inv_21_tip"));
  });

  it("another text under an old approval", async () => {
    const id = await insert();
    await expect(update(id, { content_hash: Buffer.from("other") })).rejects.toMatchObject(
      refused("approved_content"),
    );
  });

  it("a new entry without a line in the audit", async () => {
    const added = bench.as(metro.analyst, (tx) => tx.insertInto("entry").values(active()).execute());
    await expect(added).rejects.toThrow("without an audit row");
  });

  it("an entry in another agency's name", async () => {
    await expect(insertDraft(await bench.addAgency())).rejects.toThrow("row-level security");
  });

  it("to show another agency an entry, by whatever column", async () => {
    const id = await insert();
    const cedar = await bench.addAgency();
    const seen = await bench.as(cedar.supervisor, (tx) =>
      tx.selectFrom("entry").selectAll().where("id", "=", id).execute(),
    );
    expect(seen).toEqual([]);
  });
});
