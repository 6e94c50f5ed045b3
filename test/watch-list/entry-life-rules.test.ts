import { sql, type InsertObject } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { appendAudit } from "../../src/audit/audit-store.ts";
import { newRef } from "../../src/refs.ts";
import { uuidv7 } from "../../src/store/ids.ts";
import type { Database } from "../../src/store/schema.ts";
import type { Tx } from "../../src/store/store.ts";
import { openEntryBench, type Agency, type EntryBench, type Person } from "./entry-bench.ts";
import { entryCodes } from "./entry-sample.ts";

// What the database refuses of an approved entry, past our own code: the bot's role, in a transaction with its audit row.
let bench: EntryBench;
let metro: Agency;
beforeAll(async () => {
  bench = await openEntryBench();
  metro = await bench.addAgency();
});
afterAll(() => bench.db.close());

type Row = InsertObject<Database, "entry">;
type Challenge = InsertObject<Database, "entry_challenge">;

const moment = (interval: string) => sql<Date>`clock.now() + ${interval}::interval`;
const refused = (constraint: string) => ({ code: "23514", constraint });

/** In force for a hundred days, by the analyst and the supervisor. */
function approved(change: Partial<Row> = {}): Row & { readonly id: string } {
  return {
    ...entryCodes,
    cautions: ["armed"],
    agency_id: metro.id,
    ref: newRef("entry"),
    state: "active",
    author_id: metro.analyst.id,
    approver_id: metro.privacy.id,
    approved_at: moment("-100 days"),
    last_validated_at: moment("-100 days"),
    review_due_at: moment("-10 days"),
    expires_at: moment("50 days"),
    ...change,
    id: uuidv7(),
  };
}

/** By this person of Metro, with a line in the audit. */
function write<T>(work: (tx: Tx) => Promise<T>, by: Person = metro.analyst): Promise<T> {
  return bench.as(by, async (tx) => {
    await appendAudit(tx, metro.id, { action: "entry.test", subject: "entry:test" });
    return work(tx);
  });
}

async function insert(change: Partial<Row> = {}): Promise<string> {
  const row = approved(change);
  await write((tx) => tx.insertInto("entry").values(row).execute());
  return row.id;
}

const set = (tx: Tx, id: string, change: Partial<Row>) =>
  tx
    .updateTable("entry")
    .set(change as never)
    .where("id", "=", id)
    .execute();

const update = (id: string, change: Partial<Row>) => write((tx) => set(tx, id, change));

const validated = (change: Partial<Row> = {}): Partial<Row> => ({
  state: "active",
  last_validated_at: moment("0"),
  validated_by: metro.supervisor.id,
  validation_sealed: Buffer.from("sealed"),
  // The clock goes on within a statement.
  review_due_at: moment("364 days"),
  expires_at: moment("364 days"),
  ...change,
});

const challengeOf = (entry: string, change: Partial<Challenge> = {}): Challenge => ({
  id: uuidv7(),
  agency_id: metro.id,
  entry_id: entry,
  version: 1,
  opened_by: metro.privacy.id,
  words_sealed: Buffer.from("sealed"),
  ...change,
});

/** A challenge and the mark on its entry, as the bot writes them. */
async function challenged(entry: string): Promise<string> {
  const id = uuidv7();
  const row = challengeOf(entry, { id });
  await write(async (tx) => {
    await tx.insertInto("entry_challenge").values(row).execute();
    await set(tx, entry, { challenged_at: moment("0") });
  });
  return id;
}

const decide = (id: string, change: Partial<Challenge> = {}) =>
  write((tx) =>
    tx
      .updateTable("entry_challenge")
      .set({
        outcome: "rejected",
        decided_at: moment("0"),
        decided_by: metro.privacy.id,
        reason_sealed: Buffer.from("sealed"),
        ...change,
      } as never)
      .where("id", "=", id)
      .execute(),
  );

/** A change of it, written by somebody else and sent. */
async function changeOf(base: string, change: Partial<Row> = {}): Promise<string> {
  const id = uuidv7();
  const row: Row = {
    ...entryCodes,
    cautions: ["armed"],
    id,
    agency_id: metro.id,
    ref: newRef("entry"),
    author_id: metro.colleague.id,
    changes_id: base,
    version: 2,
    content_hash: Buffer.from("other"),
    state: "draft",
    ...change,
  };
  await write((tx) => tx.insertInto("entry").values(row).execute());
  await update(id, { state: "waiting" });
  return id;
}

/** What an approval of that change writes. */
const applied = (change: Partial<Row> = {}): Partial<Row> => ({
  version: 2,
  author_id: metro.colleague.id,
  approver_id: metro.supervisor.id,
  approved_at: moment("0"),
  content_hash: Buffer.from("other"),
  ...change,
});

describe("a validation", () => {
  it("is taken from a second person with the role, so that the refusals below are for their one reason", async () => {
    await expect(update(await insert(), validated())).resolves.toBeDefined();
    await expect(
      update(await insert({ state: "suspended" }), validated({ validated_by: metro.commander.id })),
    ).resolves.toBeDefined();
  });

  const rules: readonly (readonly [string, string, Partial<Row>, () => Partial<Row>])[] = [
    ["by nobody", "inv_02_validator", {}, () => ({ validated_by: null })],
    ["by somebody without the role", "inv_02_validator", {}, () => ({ validated_by: metro.colleague.id })],
    [
      "of protected speech by a supervisor",
      "inv_02_validator",
      { first_amendment: true },
      () => ({ validated_by: metro.supervisor.id }),
    ],
    [
      "of a hidden record by a supervisor",
      "inv_02_validator",
      { sensitivity: "RESTRICTED", cautions: [] },
      () => ({}),
    ],
    [
      "of a juvenile by a supervisor",
      "inv_02_validator",
      { juvenile: true, expires_at: moment("10 days") },
      () => ({ expires_at: moment("10 days") }),
    ],
    [
      "of a juvenile for over 180 days",
      "juvenile_180_end",
      { juvenile: true, expires_at: moment("10 days") },
      () => ({ validated_by: metro.privacy.id, expires_at: moment("181 days") }),
    ],
    ["for over five years", "inv_03_expiry", {}, () => ({ expires_at: moment("5 years 1 day") })],
    [
      "with its next review in over a year",
      "inv_03_review",
      {},
      () => ({ review_due_at: moment("366 days"), expires_at: moment("400 days") }),
    ],
    ["without a reason", "validated_with_reason", {}, () => ({ validation_sealed: null })],
    ["in advance", "validated_ahead", {}, () => ({ last_validated_at: moment("1 day") })],
    ["of what is over", "validated_late", { expires_at: moment("-1 day") }, () => ({})],
  ];
  it.each(rules)("is refused %s", async (...[, constraint, before, change]) => {
    await expect(update(await insert(before), validated(change()))).rejects.toMatchObject(
      refused(constraint),
    );
  });

  it("is refused by its author, whatever their roles", async () => {
    const id = await insert({ author_id: metro.supervisor.id });
    await expect(update(id, validated())).rejects.toMatchObject(refused("inv_02_validator"));
    await expect(update(id, validated({ validated_by: metro.commander.id }))).resolves.toBeDefined();
  });

  it("is refused while a challenge is open, and taken once that is decided", async () => {
    const id = await insert();
    const challenge = await challenged(id);
    await expect(update(id, validated())).rejects.toMatchObject(refused("challenge_undecided"));
    // Nor in the same breath.
    await expect(update(id, validated({ challenged_at: null }))).rejects.toMatchObject(
      refused("challenge_undecided"),
    );
    await decide(challenge);
    await update(id, { challenged_at: null });
    await expect(update(id, validated())).resolves.toBeDefined();
  });

  it("alone makes an entry last longer, or its review later", async () => {
    const id = await insert();
    await expect(update(id, { expires_at: moment("51 days") })).rejects.toMatchObject(
      refused("inv_03_extended"),
    );
    await expect(update(id, { review_due_at: moment("20 days") })).rejects.toMatchObject(
      refused("inv_03_extended"),
    );
    await expect(update(id, { expires_at: moment("40 days") })).resolves.toBeDefined();
  });

  it("alone brings a suspended entry back, and nothing one that is over", async () => {
    const id = await insert({ state: "suspended" });
    await expect(update(id, { state: "active" })).rejects.toMatchObject(refused("suspended_returns"));
    await update(id, { state: "cancelled", end_reason: "error" });
    await expect(update(id, validated())).rejects.toMatchObject(refused("state_forward"));
    await expect(update(await insert(), { state: "draft" })).rejects.toMatchObject(refused("state_forward"));
  });

  it("is not written without a line in the audit", async () => {
    const id = await insert();
    await expect(bench.as(metro.supervisor, (tx) => set(tx, id, validated()))).rejects.toThrow(
      "without an audit row",
    );
  });
});

describe("a suspension", () => {
  it("has one of the known reasons, and says by hand where nobody gave one", async () => {
    const id = await insert();
    await expect(
      update(id, { state: "suspended", suspended_reason: "because" as never }),
    ).rejects.toMatchObject(refused("entry_suspended_reason_check"));
    await update(id, { state: "suspended" });
    const read = () =>
      bench.as(metro.analyst, (tx) =>
        tx.selectFrom("entry").select("suspended_reason").where("id", "=", id).executeTakeFirst(),
      );
    expect(await read()).toEqual({ suspended_reason: "by_hand" });
    for (const reason of ["review_missed", "challenge_undecided", "confirmations_unanswered"] as const) {
      // oxlint-disable-next-line no-await-in-loop
      await update(id, { suspended_reason: reason });
      // oxlint-disable-next-line no-await-in-loop
      expect(await read()).toEqual({ suspended_reason: reason });
    }
    await update(id, validated());
    expect(await read()).toEqual({ suspended_reason: null });
  });
});

describe("a change", () => {
  it("becomes the entry's next version as it waits, so that the refusals below are for their one reason", async () => {
    const id = await insert();
    await changeOf(id);
    await expect(update(id, applied())).resolves.toBeDefined();
  });

  it.each([
    ["other words", () => ({ content_hash: Buffer.from("third") })],
    ["another caution", () => ({ cautions: ["violent"] })],
    ["another sensitivity", () => ({ sensitivity: "AGENCY_ONLY" as const })],
    ["another audience", () => ({ audience: "named" as const })],
    ["another author", () => ({ author_id: metro.analyst.id })],
    ["the same version", () => ({ version: 1 })],
    ["a version left out", () => ({ version: 3 })],
    ["the old approval", () => ({ approved_at: undefined, approver_id: undefined })],
  ])("is not applied with %s", async (_what, change) => {
    const id = await insert();
    await changeOf(id);
    await expect(update(id, applied(change()))).rejects.toMatchObject(refused("approved_content"));
  });

  it("is not applied while nobody sent it, nor to another entry", async () => {
    const [id, other] = [await insert(), await insert()];
    const change = await changeOf(id);
    await expect(update(other, applied())).rejects.toMatchObject(refused("approved_content"));
    await update(change, { state: "draft" });
    await expect(update(id, applied())).rejects.toMatchObject(refused("approved_content"));
  });

  it.each([
    ["its author", "inv_02_second_person", "supervisor", "supervisor"],
    ["somebody without the role", "inv_02_role", "colleague", "analyst"],
  ] as const)("is not approved by %s", async (...[, constraint, author, approver]) => {
    const id = await insert();
    await changeOf(id, { author_id: metro[author].id });
    const change = applied({ author_id: metro[author].id, approver_id: metro[approver].id });
    await expect(update(id, change)).rejects.toMatchObject(refused(constraint));
  });

  it("of protected speech is a privacy officer's, also where it takes the flag off", async () => {
    const id = await insert({ first_amendment: true });
    await changeOf(id);
    await expect(update(id, applied({ first_amendment: false }))).rejects.toMatchObject(
      refused("inv_02_role"),
    );
    await expect(
      update(id, applied({ first_amendment: false, approver_id: metro.privacy.id })),
    ).resolves.toBeDefined();
  });

  it("approved by the same person as before is judged anew", async () => {
    const id = await insert({ approver_id: metro.supervisor.id });
    await changeOf(id, { first_amendment: true });
    await expect(update(id, applied({ first_amendment: true }))).rejects.toMatchObject(
      refused("inv_02_role"),
    );
  });

  it("is reviewed within 90 days of its approval, however lately the entry was validated", async () => {
    const id = await insert();
    await changeOf(id);
    await update(id, validated());
    await expect(update(id, applied())).rejects.toMatchObject(refused("inv_03_review"));
  });

  it("is begun of an approved entry only, once at a time, and is never in force itself", async () => {
    const id = await insert();
    const change = await changeOf(id);
    await expect(changeOf(id)).rejects.toMatchObject({ code: "23505" });
    await expect(changeOf(change)).rejects.toMatchObject(refused("change_of_approved"));
    const waiting = {
      approver_id: metro.supervisor.id,
      approved_at: moment("0"),
      last_validated_at: moment("0"),
    };
    await expect(
      update(change, {
        ...waiting,
        state: "active",
        review_due_at: moment("9 days"),
        expires_at: moment("9 days"),
      }),
    ).rejects.toMatchObject(refused("change_stays_draft"));
    await expect(update(change, { changes_id: null })).rejects.toMatchObject(refused("change_of_approved"));
    const ended = await insert();
    await update(ended, { state: "cancelled", end_reason: "error" });
    await expect(changeOf(ended)).rejects.toMatchObject(refused("change_of_approved"));
  });

  it("is the only way to edit what was approved, the codes as little as the words", async () => {
    const id = await insert();
    for (const change of [
      { content_hash: Buffer.from("other") },
      { cautions: [] },
      { requested_action: "locate" },
      { first_amendment: true },
      { valid_days: 1825 },
      { author_id: metro.colleague.id },
      { approver_id: metro.supervisor.id },
      { version: 2 },
    ] satisfies readonly Partial<Row>[]) {
      // oxlint-disable-next-line no-await-in-loop
      await expect(update(id, change), JSON.stringify(change)).rejects.toMatchObject(
        refused("approved_content"),
      );
    }
  });
});

describe("a challenge", () => {
  it.each([
    ["by somebody else than a privacy officer", "challenge_role", () => ({ opened_by: metro.supervisor.id })],
    ["of another version", "challenge_of_approved", () => ({ version: 2 })],
    ["without words", "challenge_words", () => ({ words_sealed: null })],
  ])("is not taken %s", async (_rule, constraint, change) => {
    const row = challengeOf(await insert(), change());
    await expect(write((tx) => tx.insertInto("entry_challenge").values(row).execute())).rejects.toMatchObject(
      refused(constraint),
    );
  });

  it("is one at a time, of what is not over", async () => {
    const id = await insert();
    await challenged(id);
    await expect(challenged(id)).rejects.toMatchObject({ code: "23505" });
    const over = await insert();
    await update(over, { state: "cancelled", end_reason: "error" });
    await expect(challenged(over)).rejects.toMatchObject(refused("challenge_of_approved"));
  });

  it("and the mark on its entry come and go together", async () => {
    const id = await insert();
    await expect(update(id, { challenged_at: moment("0") })).rejects.toMatchObject(
      refused("challenged_while_open"),
    );
    await challenged(id);
    await expect(update(id, { challenged_at: null })).rejects.toMatchObject(refused("challenged_while_open"));
  });

  it.each([
    [
      "by somebody else than a privacy officer",
      "challenge_role",
      () => ({ decided_by: metro.supervisor.id }),
    ],
    ["without a reason", "challenge_role", () => ({ reason_sealed: null })],
    ["by nobody", "challenge_role", () => ({ decided_by: null })],
    [
      "as corrected where nothing was changed",
      "challenge_corrected",
      () => ({ outcome: "corrected" as const }),
    ],
    ["as ended while its entry lives", "challenge_ended", () => ({ outcome: "ended" as const })],
    ["without an outcome", "challenge_decided", () => ({ outcome: null })],
  ])("is not decided %s", async (_rule, constraint, change) => {
    const challenge = await challenged(await insert());
    await expect(decide(challenge, change())).rejects.toMatchObject(refused(constraint));
  });

  it("is decided once, as corrected after a change, and by nobody who wrote the entry", async () => {
    const id = await insert();
    const challenge = await challenged(id);
    await changeOf(id);
    await update(id, applied());
    await decide(challenge, { outcome: "corrected" });
    await expect(decide(challenge, { outcome: "rejected" })).rejects.toMatchObject(refused("challenge_once"));
    const own = await challenged(
      await insert({ author_id: metro.privacy.id, approver_id: metro.supervisor.id }),
    );
    await expect(decide(own)).rejects.toMatchObject(refused("challenge_role"));
  });

  it("is read by no other agency", async () => {
    const id = await challenged(await insert());
    const cedar = await bench.addAgency();
    const seen = await bench.as(cedar.privacy, (tx) =>
      tx.selectFrom("entry_challenge").selectAll().where("id", "=", id).execute(),
    );
    expect(seen).toEqual([]);
  });
});
