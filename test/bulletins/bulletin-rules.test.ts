import { sql, type InsertObject } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { appendAudit } from "../../src/audit/audit-store.ts";
import { newRef } from "../../src/refs.ts";
import { uuidv7 } from "../../src/store/ids.ts";
import type { Database } from "../../src/store/schema.ts";
import type { Tx } from "../../src/store/store.ts";
import { openBench, type Bench, type Person, type Place } from "./bulletin-bench.ts";

// What the database refuses when our own code is not in the way: the bot's role, in a transaction with its audit row.

let bench: Bench;
let metro: Place;
let analyst: Person;
let lund: Person;
let ortiz: Person;
let entry: string;
beforeAll(async () => {
  bench = await openBench();
  metro = await bench.addPlace("Metro");
  analyst = await bench.addPerson(metro, ["analyst"]);
  lund = await bench.addPerson(metro, ["supervisor"]);
  ortiz = await bench.addPerson(metro, ["watch_commander"]);
  const ref = await bench.addEntry(metro, analyst.id, lund.id);
  entry = await bench.database.store.transaction({ agency: metro.agency, id: lund.id }, async (tx) => {
    const { id } = await tx.selectFrom("entry").select("id").where("ref", "=", ref).executeTakeFirstOrThrow();
    return id;
  });
});
afterAll(() => bench.close());

type Row = InsertObject<Database, "bulletin">;

const moment = (interval: string) => sql<Date>`clock.now() + ${interval}::interval`;
const hash = Buffer.from("hash");

/** Sent, situational, approved by a supervisor. */
function sent(): Omit<Row, "id"> {
  return {
    agency_id: metro.agency,
    ref: newRef("bulletin"),
    basis: "situational",
    type: "situational",
    severity: "severe",
    content_sealed: Buffer.from("sealed"),
    content_hash: hash,
    personal: false,
    legal_status: "no_warrant",
    requested_action: "awareness",
    cautions: [],
    tlp: "green",
    pap: "clear",
    areas: ["riverton"],
    valid_hours: 72,
    state: "sent",
    author_id: analyst.id,
    approver_id: lund.id,
    approved_hash: hash,
    sent_at: moment("0"),
    expires_at: moment("72 hours"),
  };
}
const emergency = () => ({
  basis: "emergency" as const,
  author_id: ortiz.id,
  approver_id: null,
  approved_hash: null,
  danger_length: 20,
  review_due_at: moment("30 minutes"),
});
const waiting = { state: "waiting", approver_id: null, approved_hash: null, sent_at: null } as const;

const write = <T>(work: (tx: Tx) => Promise<T>, subject = "bulletin:x") =>
  bench.database.store.transaction({ agency: metro.agency, id: analyst.id }, async (tx) => {
    await appendAudit(tx, metro.agency, { action: "bulletin.test", subject });
    return work(tx);
  });

async function insert(change: Partial<Row> = {}): Promise<string> {
  const id = uuidv7();
  const row = { ...sent(), id, ...change };
  await write((tx) => tx.insertInto("bulletin").values(row).execute(), `bulletin:${id}`);
  return id;
}
const update = (id: string, change: Partial<Row>) =>
  write(
    (tx) =>
      tx
        .updateTable("bulletin")
        .set(change as never)
        .where("id", "=", id)
        .execute(),
    `bulletin:${id}`,
  );

const refused = (constraint: string) => ({ code: "23514", constraint });

describe("the database takes", () => {
  it("a bulletin with everything it needs, so that the refusals below are for their one reason", async () => {
    await expect(insert()).resolves.toEqual(expect.any(String));
    await expect(insert(emergency())).resolves.toEqual(expect.any(String));
    await expect(insert({ basis: "entry", entry_id: entry, personal: true })).resolves.toEqual(
      expect.any(String),
    );
    await expect(insert({ tip_id: await tip(false) })).resolves.toEqual(expect.any(String));
  });
});

async function tip(speech?: boolean): Promise<string> {
  const id = uuidv7();
  await write(async (tx) => {
    await tx
      .insertInto("tip")
      .values({
        id,
        agency_id: metro.agency,
        ref: newRef("tip"),
        submitted_by: analyst.id,
        urgency: "days",
        source: "online",
        priority: "P2",
        words_sealed: Buffer.from("sealed"),
        state: "new",
        retention_until: moment("30 days"),
      })
      .execute();
    if (speech !== undefined) await grade(tx, id, speech);
  }, `tip:${id}`);
  return id;
}
const grade = (tx: Tx, id: string, speech: boolean) =>
  tx
    .updateTable("tip")
    .set({
      source_grade: "B",
      information_grade: "3",
      threat_to_life: "no",
      protected_speech: speech,
      graded_by: analyst.id,
      graded_at: moment("0"),
    })
    .where("id", "=", id)
    .execute();

describe("the database refuses, whatever the bot says,", () => {
  it("an approval by somebody without the role, inserted or updated", async () => {
    const other = await bench.addPerson(metro, ["analyst", "privacy_officer"]);
    await expect(insert({ approver_id: other.id })).rejects.toMatchObject(refused("inv_02_role"));
    const id = await insert({ ...waiting, expires_at: null });
    const { approver_id: _approver, ...rest } = { ...sent() };
    const { approved_hash, state, sent_at, expires_at } = rest;
    const approval = { approved_hash, state, sent_at, expires_at };
    await expect(update(id, { ...approval, approver_id: other.id })).rejects.toMatchObject(
      refused("inv_02_role"),
    );
    await expect(update(id, { ...approval, approver_id: ortiz.id })).resolves.toBeDefined();
  });

  it("an emergency that anybody but a watch commander sends", async () => {
    await expect(insert({ ...emergency(), author_id: lund.id })).rejects.toMatchObject(
      refused("emergency_role"),
    );
  });

  it("a review by somebody without the role", async () => {
    const id = await insert(emergency());
    const reviewed_at = moment("0");
    await expect(update(id, { reviewed_by: analyst.id, reviewed_at })).rejects.toMatchObject(
      refused("second_reviewer_role"),
    );
    await expect(update(id, { reviewed_by: lund.id, reviewed_at })).resolves.toBeDefined();
  });

  it("one about an entry that is not active, inserted as sent", async () => {
    const ended = await bench.addEntry(metro, analyst.id, lund.id);
    const entry_id = await write(async (tx) => {
      const { id } = await tx
        .updateTable("entry")
        .set({ state: "suspended" })
        .where("ref", "=", ended)
        .returning("id")
        .executeTakeFirstOrThrow();
      return id;
    });
    await expect(insert({ basis: "entry", entry_id, personal: true })).rejects.toMatchObject(
      refused("basis_entry_active"),
    );
  });

  it("one about an entry that claims to name nobody", async () => {
    await expect(insert({ basis: "entry", entry_id: entry, personal: false })).rejects.toMatchObject(
      refused("basis_entry"),
    );
  });

  it("without limit what names a person", async () => {
    const named = { basis: "entry", entry_id: entry, personal: true, tlp: "clear" } as const;
    await expect(insert(named)).rejects.toMatchObject(refused("clear_names_nobody"));
    await expect(insert({ ...emergency(), personal: true, tlp: "clear" })).rejects.toMatchObject(
      refused("clear_names_nobody"),
    );
    await expect(insert({ tlp: "clear" })).resolves.toEqual(expect.any(String));
  });

  it("INV-21: one from a tip that is only opinion or protest, or that nobody graded", async () => {
    await expect(insert({ tip_id: await tip(true) })).rejects.toMatchObject(refused("inv_21_tip"));
    await expect(insert({ tip_id: await tip() })).rejects.toMatchObject(refused("inv_21_tip"));
  });

  it("INV-21: sending after its tip was graded anew as opinion or protest", async () => {
    const tip_id = await tip(false);
    const id = await insert({ ...waiting, expires_at: null, tip_id });
    await write((tx) => grade(tx, tip_id, true), `tip:${tip_id}`);
    const { approver_id, approved_hash, state, sent_at, expires_at } = sent();
    await expect(
      update(id, { approver_id, approved_hash, state, sent_at, expires_at } as Partial<Row>),
    ).rejects.toMatchObject(refused("inv_21_tip"));
  });

  it("another agency's tip", async () => {
    const cedar = await bench.addPlace("Cedar");
    const id = uuidv7();
    const officer = await bench.addPerson(cedar, ["analyst"]);
    await bench.database.store.transaction({ agency: cedar.agency, id: officer.id }, async (tx) => {
      await appendAudit(tx, cedar.agency, { action: "tip.add", subject: `tip:${id}` });
      await tx
        .insertInto("tip")
        .values({
          id,
          agency_id: cedar.agency,
          ref: newRef("tip"),
          submitted_by: officer.id,
          urgency: "days",
          source: "online",
          priority: "P2",
          words_sealed: Buffer.from("sealed"),
          state: "new",
          retention_until: moment("30 days"),
          source_grade: "B",
          information_grade: "3",
          threat_to_life: "no",
          protected_speech: false,
          graded_by: officer.id,
          graded_at: moment("0"),
        })
        .execute();
    });
    await expect(insert({ tip_id: id })).rejects.toMatchObject(refused("inv_21_tip"));
  });

  it("another text in what was sent, an emergency's too", async () => {
    const id = await insert(emergency());
    await expect(update(id, { content_hash: Buffer.from("other") })).rejects.toMatchObject(
      refused("sent_content"),
    );
  });
});
