import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { giveRoles } from "../../src/agencies/officer-store.ts";
import { appendAudit } from "../../src/audit/audit-store.ts";
import type { Role } from "../../src/bot/policy.ts";
import {
  beginSuspension,
  findSuspension,
  holdAgency,
} from "../../src/watch-list/confirmation-suspension-store.ts";
import { findSuspensionSince, listDecided } from "../../src/watch-list/import/batch-settling-store.ts";
import { expectSaid, said, subjectOf, type Agency, type Person } from "./entry-bench.ts";
import { batchesIn, csv, openImportBench, type Batches, type ImportBench } from "./import-bench.ts";

// What stands between a batch's approval and its entries.

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
let bench: ImportBench;
let imported: Batches["imported"];
let show: Batches["show"];
let states: Batches["states"];
let batches: Batches["batches"];
let kindsFor: Batches["kindsFor"];
let deskCard: Batches["deskCard"];
beforeAll(async () => {
  bench = await openImportBench();
  ({ imported, show, states, batches, kindsFor, deskCard } = batchesIn(bench));
});
afterAll(() => bench.close());

const setRoles = ({ id, agency }: Person, roles: readonly Role[]) =>
  bench.db.store.transaction({ agency, id }, async (tx) => {
    await appendAudit(tx, agency, { action: "officer.roles", subject: `officer:${id}` });
    await giveRoles(tx, { agency, officer: id }, roles);
  });
/** As after requests to confirm that stayed unanswered. */
const suspendAgency = ({ id: agency }: Agency) =>
  bench.db.jobs.transaction({ agency, id: "system" }, async (tx) => {
    await appendAudit(tx, agency, { action: "agency.suspend-entries", subject: "suspension:test" });
    await beginSuspension(tx, agency);
  });

describe("a batch", () => {
  it("is not approved by whoever wrote some of it, though it is in somebody else's name", async () => {
    const agency = await bench.addAgency();
    await setRoles(agency.colleague, ["analyst", "supervisor"]);
    await bench.takeIn(bench.file(csv([{}])), agency, agency.colleague.id);
    // Unchanged rows keep their author when a longer file takes them over.
    const { hash = "" } = await bench.takeIn(bench.file(csv([{}, {}])), agency);
    const subject = subjectOf(await show(agency.colleague, hash), "import.approve");
    expectSaid(
      await bench.presses(agency.colleague, ["import.approve", subject]),
      "Not done: approving entries you wrote yourself",
    );
    expect(await batches(agency)).toEqual(["replaced", "waiting"]);
    expectSaid(await bench.presses(agency.supervisor, ["import.approve", subject]), "Approved");
  });

  it("comes back, told why, when its approver loses the role before it is in force; another one takes over", async () => {
    const { agency, hash } = await imported([{}, { identifiers: "@takenover" }]);
    const subject = subjectOf(await show(agency.supervisor, hash), "import.approve");
    await bench.presses(agency.supervisor, ["import.approve", subject]);
    await setRoles(agency.supervisor, ["analyst"]);
    await bench.settle();
    expect(await states(agency)).toEqual(["draft", "draft"]);
    expect(await batches(agency)).toEqual(["returned"]);
    const why = "2 not in force";
    expectSaid(await show(agency.privacy, hash), why, "whoever approved them may not do so any more");
    const desk = await deskCard(agency, hash);
    expect(desk.headline).toBe("An import of 2 entries was returned.");
    expect(JSON.stringify(desk)).toContain(why);
    expect(JSON.stringify(desk)).not.toMatch(/Jon Example|takenover/i);
    expect(await kindsFor(agency)).toContain("import_returned");
    // The same file, and a second person who still may.
    const again = await bench.takeIn(bench.file(csv([{}, { identifiers: "@takenover" }])), agency);
    expect(again).toMatchObject({ hash, waiting: 2 });
    const anew = await show(agency.privacy, hash);
    expect(said(anew)).not.toContain("not in force");
    await bench.presses(agency.privacy, ["import.approve", subjectOf(anew, "import.approve")]);
    await bench.settle();
    expect(await states(agency)).toEqual(["active", "active"]);
    expect((await bench.finds(agency.analyst, { identifiers: "@takenover" })).open).toHaveLength(1);
    expectSaid(await show(agency.privacy, hash), "was approved and is in force");
  });

  it("is in force but for the row that a rule refuses: that one is back with its author, and said", async () => {
    const { agency, hash } = await imported([{}, { identifiers: "@hiddenone" }, {}]);
    const subject = subjectOf(await show(agency.supervisor, hash), "import.approve");
    await bench.presses(agency.supervisor, ["import.approve", subject]);
    const [, second] = await bench.entriesOf(agency);
    // As if a rule had come since it was approved.
    await bench.untouched("update entry set sensitivity = 'RESTRICTED' where id = $1", second?.id);
    await bench.settle();
    expect(await states(agency)).toEqual(["active", "draft", "active"]);
    expect(await batches(agency)).toEqual(["active"]);
    expect((await deskCard(agency, hash)).headline).toBe(
      "An import of 3 entries was approved: 2 of 3 came into force.",
    );
    expectSaid(await show(agency.analyst, hash), "1 not in force", "back to their author");
    expect(await bench.audited(agency.analyst, "import.activate")).toMatchObject([
      { detail: { entries: 2, left: 1, kept_out: 1, over: true } },
    ]);
    expect((await bench.finds(agency.privacy, { identifiers: "@hiddenone" })).silent).toEqual([]);
  });

  it("is suspended at once where the agency's entries were, after its approval", async () => {
    const { agency, hash } = await imported([{ identifiers: "@toolate" }, {}]);
    const subject = subjectOf(await show(agency.supervisor, hash), "import.approve");
    await bench.presses(agency.supervisor, ["import.approve", subject]);
    await suspendAgency(agency);
    await bench.settle();
    expect(await states(agency)).toEqual(["suspended", "suspended"]);
    expect((await bench.finds(agency.analyst, { identifiers: "@toolate" })).open).toEqual([]);
    const [row] = await bench.entriesOf(agency);
    expect((await bench.row(agency.analyst, row?.ref ?? "")).suspended_reason).toBe(
      "confirmations_unanswered",
    );
    expect(await bench.indexed(agency.analyst, row?.ref ?? "")).toEqual({
      names: false,
      births: false,
      identifiers: false,
    });
    expectSaid(await show(agency.supervisor, hash), "0 of 2 came into force", "stayed unanswered");
    const open = await bench.as(agency.analyst, (tx) => findSuspension(tx, agency.id));
    expect(open).toMatchObject({ entries: 2 });
    // Approved since, by somebody who knows: like an entry that is approved by itself.
    const since = await bench.takeIn(bench.file(csv([{ number: "N-9", identifiers: "@since" }])), agency);
    const anew = subjectOf(await show(agency.supervisor, since.hash ?? ""), "import.approve");
    await bench.presses(agency.supervisor, ["import.approve", anew]);
    await bench.settle();
    expect((await bench.finds(agency.analyst, { identifiers: "@since" })).open).toHaveLength(1);
  });

  it("and a suspension that begins while a chunk is put in force waits for that chunk", async () => {
    const { agency, hash } = await imported([{}]);
    const subject = subjectOf(await show(agency.supervisor, hash), "import.approve");
    await bench.presses(agency.supervisor, ["import.approve", subject]);
    const { jobs } = bench.db;
    const [due] = await jobs.transaction({ agency: null, id: "system" }, (tx) =>
      listDecided(tx, { limit: 9, except: [] }),
    );
    if (due?.agency !== agency.id) throw new Error("another batch is not settled");
    const { begun } = await jobs.transaction({ agency: agency.id, id: "system" }, async (tx) => {
      expect(await findSuspensionSince(tx, due)).toBeUndefined();
      const beginning = jobs.transaction({ agency: agency.id, id: "system" }, (other) =>
        holdAgency(other, agency.id),
      );
      const first = await Promise.race([
        beginning.then(() => "begun"),
        new Promise((done) => setTimeout(done, 200, "waits")),
      ]);
      expect(first).toBe("waits");
      return { begun: beginning };
    });
    await begun;
    await bench.settle();
  });
});
