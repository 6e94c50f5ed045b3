import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Client } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { appendAudit } from "../../src/audit/audit-store.ts";
import { sealAudit, verifyAudit } from "../../src/audit/sealer.ts";
import { uuidv7 } from "../../src/store/ids.ts";
import { openTestDatabase, superuser, type TestDatabase } from "../support/database.ts";

let db: TestDatabase;
let root: Client;
let checkpoints: string;
let agency: string;
let actor: { readonly agency: string; readonly id: string };

beforeAll(async () => {
  db = await openTestDatabase();
  root = new Client(superuser(String(db.connection.owner.database)));
  await root.connect();
  await root.query("set search_path = allpoints");
});
afterAll(async () => {
  await root.end();
  await db.close();
});
beforeEach(async () => {
  checkpoints = join(mkdtempSync(join(tmpdir(), "allpoints-audit-")), "checkpoints.jsonl");
  agency = uuidv7();
  actor = { agency, id: uuidv7() };
  await write(5);
});

/** This many events, audited as they happen. */
async function write(count: number): Promise<void> {
  for (let at = 0; at < count; at += 1) {
    await db.store.transaction(actor, (tx) =>
      appendAudit(tx, agency, { action: "tip.submit", subject: `tip:${at}`, detail: { b: 2, a: "x" } }),
    );
  }
}

/** As somebody who owns the database would: triggers off, row-level security off. */
async function tamper(statement: string, values: readonly unknown[] = []): Promise<void> {
  await root.query("set session_replication_role = replica");
  await root.query(statement, [...values]);
  await root.query("set session_replication_role = origin");
}

const verify = () => verifyAudit(db.jobs, db.keyring, checkpoints);

async function sealedRow(seq: number): Promise<string> {
  const { rows } = await root.query<{ audit_id: string }>(
    "select audit_id from audit_seal where chain_id = $1 and seq = $2",
    [agency, seq],
  );
  return rows[0]?.audit_id ?? "";
}

/** Puts everything back, because the tests share one database and a broken chain stays broken. */
async function forget(): Promise<void> {
  await tamper("delete from audit_seal where chain_id = $1", [agency]);
  await tamper("delete from audit_head where chain_id = $1", [agency]);
  await tamper("delete from audit_waiting where agency_id = $1", [agency]);
  await tamper("delete from audit where agency_id = $1", [agency]);
}

describe("the audit chain", () => {
  it("is whole after it was sealed, says how long it is, and exports a checkpoint", async () => {
    const found = await verify();
    expect(found.broken).toEqual([]);
    expect(found.rows).toBeGreaterThanOrEqual(5);
    expect(readFileSync(checkpoints, "utf8")).toContain(`"chain":"${agency}","seq":5`);
    await write(2);
    expect((await verify()).broken).toEqual([]);
    expect(readFileSync(checkpoints, "utf8")).toContain(`"chain":"${agency}","seq":7`);
    await forget();
  });

  it("is sealed by one sealer at a time: two at once leave one chain", async () => {
    await Promise.all([sealAudit(db.jobs, db.keyring), sealAudit(db.jobs, db.keyring)]);
    expect((await verify()).broken).toEqual([]);
    await forget();
  });

  it.each([
    ["who did it", "update audit set actor = 'system' where id = $1"],
    ["when", "update audit set at = at - interval '1 hour' where id = $1"],
    ["what", "update audit set action = 'tip.read' where id = $1"],
    ["the outcome", "update audit set outcome = 'denied' where id = $1"],
    ["the detail", `update audit set detail = '{"a":"y"}' where id = $1`],
    ["whose it is", "update audit set agency_id = gen_random_uuid() where id = $1"],
  ])("names the row in which somebody changed %s", async (_what, statement) => {
    await verify();
    await tamper(statement, [await sealedRow(3)]);
    expect((await verify()).broken.join("\n")).toContain(`agency ${agency}: row 3 edited`);
    await tamper("delete from audit where id = $1", [await sealedRow(3)]);
    await forget();
  });

  it("names a removed row, whether its link was removed with it or not", async () => {
    await verify();
    await tamper("delete from audit where id = $1", [await sealedRow(2)]);
    expect((await verify()).broken).toContain(`agency ${agency}: row 2 removed`);
    await tamper("delete from audit_seal where chain_id = $1 and seq = 2", [agency]);
    expect((await verify()).broken).toContain(`agency ${agency}: row 2 removed`);
    await forget();
  });

  it("names the place where the end was cut off", async () => {
    await verify();
    await tamper("delete from audit_seal where chain_id = $1 and seq > 3", [agency]);
    const { broken } = await verify();
    expect(broken).toContain(`agency ${agency}: cut after row 3; the head says 5`);
    await forget();
  });

  it("is whole while the jobs go on sealing, between any two looks", async () => {
    const busy: TestDatabase["jobs"] = {
      ...db.jobs,
      async transaction(who, work) {
        const result = await db.jobs.transaction(who, work);
        await write(1);
        await sealAudit(db.jobs, db.keyring);
        return result;
      },
    };
    expect((await verifyAudit(busy, db.keyring, checkpoints)).broken).toEqual([]);
  });

  it("finds a head that was put back, so that its end could be cut unseen", async () => {
    await verify();
    await tamper(
      `update audit_head set seq = 3, hash = (select hash from audit_seal where chain_id = $1 and seq = 3)
        where chain_id = $1`,
      [agency],
    );
    expect((await verify()).broken).toContain(`agency ${agency}: the head does not fit row 5`);
    await forget();
  });

  it("finds by the checkpoint that end and head were cut together", async () => {
    await verify();
    const third = await root.query<{ hash: Buffer }>(
      "select hash from audit_seal where chain_id = $1 and seq = 3",
      [agency],
    );
    await tamper(
      "delete from audit where id in (select audit_id from audit_seal where chain_id = $1 and seq > 3)",
      [agency],
    );
    await tamper("delete from audit_seal where chain_id = $1 and seq > 3", [agency]);
    await tamper("update audit_head set seq = 3, hash = $2 where chain_id = $1", [
      agency,
      third.rows[0]?.hash,
    ]);
    expect((await verify()).broken).toContain(`agency ${agency}: cut before row 5, which a checkpoint has`);
    await forget();
  });

  it("finds two rows that changed places, and a row that was slipped in", async () => {
    await verify();
    const [first, second] = [await sealedRow(1), await sealedRow(2)];
    await tamper("delete from audit_seal where chain_id = $1 and seq = 2", [agency]);
    await tamper("update audit_seal set audit_id = $2 where chain_id = $1 and seq = 1", [agency, second]);
    await tamper(
      "insert into audit_seal select chain_id, 2, $2, hash from audit_seal where chain_id = $1 and seq = 3",
      [agency, first],
    );
    const { broken } = await verify();
    expect(broken.join("\n")).toContain(`agency ${agency}: row 1 edited or out of order`);
    await tamper(
      "insert into audit (event_id, agency_id, at, actor, action, subject, outcome, detail) values (gen_random_uuid(), $1, now(), 'system', 'x', 'y', 'ok', '{}')",
      [agency],
    );
    expect((await verify()).broken).toContain("1 rows were written past the audit's own function");
    await forget();
  });

  it("cannot be changed through the product's own roles at all", async () => {
    const change = (role: TestDatabase["store"]) =>
      role.transaction(actor, async (tx) => {
        await tx.updateTable("audit").set({ action: "x" }).where("agency_id", "=", agency).execute();
      });
    await expect(change(db.store)).rejects.toThrow(/permission denied/);
    await expect(change(db.jobs)).rejects.toThrow(/permission denied/);
    await expect(root.query("update audit set action = 'x' where agency_id = $1", [agency])).rejects.toThrow(
      /never changed/,
    );
    await forget();
  });

  it("refuses an audit row of nobody, and a change of state without an audit row", async () => {
    await expect(
      db.store.transaction({ agency: null, id: "operator" }, async (tx) => {
        await tx
          .insertInto("agency")
          .values({
            id: uuidv7(),
            name: `Unaudited ${agency}`,
            state: "active",
            time_zone: "UTC",
            contact_name: "x",
            contact_phone: "x",
            areas: ["x"],
          })
          .execute();
      }),
    ).rejects.toThrow(/changed without an audit row/);
    await forget();
  });
});
