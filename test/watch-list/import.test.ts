import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { settleBatches } from "../../src/watch-list/import/batch-follow-up.ts";
import { listDecided } from "../../src/watch-list/import/batch-settling-store.ts";
import { actionsOf, cardIn, expectSaid, formIn, said, subjectOf, type Person } from "./entry-bench.ts";
import { batchesIn, csv, openImportBench, type Batches, type ImportBench } from "./import-bench.ts";

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

describe("a file", () => {
  it("is understood alike with a BOM, CRLF, blank lines, and its columns in another order", async () => {
    const agency = await bench.addAgency();
    const hashOf = async (content: string) => (await bench.look(bench.file(content), agency)).hash;
    const plain = csv([{}, { cautions: "armed; violent", born: "3/2/1984" }]);
    const hash = await hashOf(plain);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(await hashOf(`\uFEFF${plain.replaceAll("\n", "\r\n")}`)).toBe(hash);
    expect(
      await hashOf(plain.replace("armed; violent", " Violent;ARMED ").replace("3/2/1984", "1984-03-02")),
    ).toBe(hash);
    expect(await hashOf(`${plain}\n\n`)).toBe(hash);
    const swapped = plain.split("\n").map((text) => text.replace(/^([^,]*),([^,]*),/, "$2,$1,"));
    expect(await hashOf(swapped.join("\n"))).toBe(hash);
    expect(await hashOf(plain.replace("18 USC 115", "18 USC 116"))).not.toBe(hash);
    expect((await bench.look(bench.file(plain), await bench.addAgency())).hash).not.toBe(hash);
  });

  it("is refused where a second reading differs from the first", async () => {
    const agency = await bench.addAgency();
    const { store, keyring } = bench.db;
    const { importFile } = await import("../../src/watch-list/import/importer.ts");
    const { openFile } = await import("../../src/watch-list/import/import-file.ts");
    const [one, other] = [
      await openFile(bench.file(csv([{}]))),
      await openFile(bench.file(csv([{ offence: "18 USC 111" }]))),
    ];
    let readings = 0;
    const file = { ...one, rows: () => ((readings += 1) === 1 ? one.rows() : other.rows()) };
    const outcome = await importFile(
      {
        store,
        keyring,
        file,
        agency: agency.id,
        agencies: new Map(),
        onRow: () => {},
        onProgress: () => {},
        signal: new AbortController().signal,
      },
      agency.analyst.id,
    );
    expect(outcome.refusal).toBe("file-changed");
    expect(await batches(agency)).toEqual(["filling"]);
  });
});

describe("a batch", () => {
  it("shows what it is to whoever may decide, and nothing about anybody to the desk", async () => {
    const rows = [
      {},
      { predicate: "active_case", sensitivity: "AGENCY_ONLY" },
      { valid_days: "30", names: "Zebulon Quagmire" },
    ];
    const { agency, hash, waiting } = await imported(rows);
    expect(waiting).toBe(3);
    const card = await show(agency.supervisor, hash);
    expectSaid(
      card,
      "An import of 3 entries waits",
      hash.slice(0, 16),
      "2 · Seriously expressed intent",
      "1 · Open criminal case",
    );
    expectSaid(card, "1 · AGENCY_ONLY", "30 to 365 days", "Approve all 3");
    expect(actionsOf(card)).toEqual(["import.approve", "import.sample", "import.return"]);
    expect(said(card)).not.toMatch(/Zebulon|N-3/);
    const desk = await deskCard(agency, hash);
    expect(desk.headline).toBe("An import of 3 entries waits for a second person.");
    expect(JSON.stringify(desk)).not.toMatch(/Zebulon|Jon Example|N-1|predicate/i);
    expect(await kindsFor(agency)).toEqual(["import_waiting", "import_yours"]);
  });

  it("stands in the queue of those who may decide, once, and fills no list with its entries", async () => {
    const { agency } = await imported([{}, {}, {}]);
    const queue = await bench.types(agency.supervisor, "allpoints queue");
    expectSaid(queue, "An import of 3 entries");
    expect(said(queue)).not.toContain("waits for a second person: /entry show");
    expect(said(await bench.types(agency.analyst, "allpoints queue"))).not.toContain("An import");
    expect(said(await bench.types(agency.analyst, "entry list"))).not.toMatch(/E-\w{3}-\w{3}/);
  });

  it("of one entry is said in the singular", async () => {
    const { agency, hash } = await imported([{}]);
    expectSaid(await bench.types(agency.supervisor, "allpoints queue"), `"An import of 1 entry"`);
    const subject = subjectOf(await show(agency.supervisor, hash), "import.approve");
    const approved = await bench.presses(agency.supervisor, ["import.approve", subject]);
    expect(said(approved)).toMatch(/Approved: an import of 1 entry\b/);
  });

  it("is read at random: ten entries, each opened like any other and on record", async () => {
    const { agency, hash } = await imported(Array.from({ length: 30 }, () => ({})));
    const sample = await bench.presses(agency.supervisor, ["import.sample", hash.slice(0, 16)]);
    const buttons = cardIn(sample).buttons ?? [];
    expect(buttons.length).toBe(10);
    expect(new Set(buttons.map(({ subject }) => subject)).size).toBe(10);
    expectSaid(sample, "your number N-");
    const opened = await bench.presses(agency.supervisor, ["entry.open", buttons[0]?.subject ?? ""]);
    expectSaid(opened, "Jon Example");
    const summary = await bench.presses(agency.supervisor, ["import.sample", hash.slice(0, 16)], "summary");
    expect(said(summary)).not.toContain("your number");
  });

  it("is put in force as a whole by a second person, found at once, and says how far it is", async () => {
    const { agency, hash } = await imported([
      { identifiers: "@importedone" },
      { valid_days: "", expires: "2027-06-01" },
      { valid_days: "30" },
    ]);
    const subject = subjectOf(await show(agency.supervisor, hash), "import.approve");
    expectSaid(
      await bench.presses(agency.supervisor, ["import.approve", subject]),
      "Approved: an import of 3 entries",
    );
    // Pressed again at once: not one more than are in force.
    expectSaid(
      await bench.presses(agency.supervisor, ["import.approve", subject]),
      "0 of 3 active",
      "Nothing changed",
    );
    expectSaid(await show(agency.supervisor, hash), "0 of 3 active", "Look again");
    expect((await deskCard(agency, hash)).headline).toContain("0 of 3 active");
    expect(await states(agency)).toEqual(["waiting", "waiting", "waiting"]);
    await bench.settle();
    const entries = await bench.entriesOf(agency);
    expect(entries.map(({ state, approver_id: by }) => [state, by])).toEqual(
      Array.from({ length: 3 }, () => ["active", agency.supervisor.id]),
    );
    const [year, day, month] = entries.map(({ expires_at: end, approved_at: at }) => ({ end, at }));
    expect(days(year)).toBeCloseTo(365, 3);
    expect(days(month)).toBeCloseTo(30, 3);
    // The end of that day, in New York.
    expect(day?.end?.toISOString()).toBe("2027-06-02T04:00:00.000Z");
    expect((await bench.finds(agency.analyst, { identifiers: "@importedone" })).open).toEqual([
      entries[0]?.ref,
    ]);
    expect(await batches(agency)).toEqual(["active"]);
    expectSaid(await show(agency.supervisor, hash), "was approved and is in force");
    expect(await kindsFor(agency)).toEqual(["import_waiting", "import_yours", "import_approved"]);
    const again = await bench.presses(agency.supervisor, ["import.approve", subject]);
    expectSaid(again, "is in force", "Nothing changed");
    const verified = await bench.as(agency.analyst, (tx) =>
      tx
        .selectFrom("audit")
        .select(["actor", "action", "detail"])
        .where("action", "like", "import.a%")
        .orderBy("at")
        .execute(),
    );
    expect(verified.map(({ actor, action }) => [actor, action])).toEqual([
      [agency.supervisor.id, "import.approve"],
      ["system", "import.activate"],
    ]);
    expect(JSON.stringify(verified[0]?.detail)).toContain(hash);
  });

  it("is not decided by its author, by nobody's second person, or where words may not be shown", async () => {
    const { agency, hash } = await imported([{}, {}]);
    const subject = subjectOf(await show(agency.supervisor, hash), "import.approve");
    expectSaid(await show(agency.analyst, hash), "somebody else decides");
    for (const person of [agency.analyst, agency.colleague, agency.patrol]) {
      // oxlint-disable-next-line no-await-in-loop
      expectSaid(await bench.presses(person, ["import.approve", subject]), "Not done");
    }
    const hidden = await show(agency.supervisor, hash, "summary");
    expectSaid(hidden, "cannot be decided here");
    expect(actionsOf(hidden)).toEqual(["import.sample"]);
    expectSaid(await bench.presses(agency.supervisor, ["import.approve", subject], "summary"), "Not done");
    const stranger = await bench.addAgency();
    expectSaid(await show(stranger.supervisor, hash), "I find no import");
    expectSaid(await bench.presses(stranger.supervisor, ["import.approve", subject]), "I find no import");
    expect(await batches(agency)).toEqual(["waiting"]);
  });

  it.each([
    ["a RESTRICTED row", { sensitivity: "RESTRICTED", cautions: "" }],
    ["a juvenile", { juvenile: "yes", valid_days: "90" }],
    ["protected speech", { first_amendment: "yes", direct_relation: "He named the officer he would shoot." }],
  ] as const)("with %s is a privacy officer's", async (_, row) => {
    const { agency, hash } = await imported([{}, row]);
    const seen = await show(agency.supervisor, hash);
    expectSaid(seen, "It waits for privacy officer");
    expect(actionsOf(seen)).toEqual(["import.sample"]);
    const subject = subjectOf(await show(agency.privacy, hash), "import.approve");
    expectSaid(await bench.presses(agency.supervisor, ["import.approve", subject]), "Not done");
    expectSaid(await bench.presses(agency.privacy, ["import.approve", subject]), "Approved");
    await bench.settle();
    expect(await states(agency)).toEqual(["active", "active"]);
  });

  it("cannot be approved by the wrong person past the command either", async () => {
    const { agency } = await imported([{ sensitivity: "RESTRICTED", cautions: "" }]);
    const approveAs = (person: Person) =>
      bench.as(person, (tx) =>
        tx
          .updateTable("import_batch")
          .set({ state: "approved", approver_id: person.id, decided_at: new Date() })
          .execute(),
      );
    await expect(approveAs(agency.analyst)).rejects.toMatchObject({
      constraint: expect.stringMatching(/^import_/),
    });
    await expect(approveAs(agency.supervisor)).rejects.toMatchObject({ constraint: "import_role" });
  });

  it("that changed since it was shown is refused, and approved once it was imported anew", async () => {
    const { agency, hash } = await imported([{}, {}, {}]);
    const shown = subjectOf(await show(agency.supervisor, hash), "import.approve");
    const [, second] = await bench.entriesOf(agency);
    // The author takes one back to change it in chat.
    const page = await bench.presses(agency.analyst, ["entry.predicate", second?.ref ?? ""]);
    await bench.fills(agency.analyst, page, {
      predicate: ["active_case"],
      offence: "18 USC 111",
      facts:
        "On 20 Nov he wrote to two people that he will shoot the next cop he sees at the Elm St station.",
      sources: "Case 24-118833",
      relevance: "He moves between three counties of the region.",
    });
    expectSaid(
      await bench.presses(agency.supervisor, ["import.approve", shown]),
      "Not done: this import is not what its hash says",
    );
    const again = await bench.takeIn(bench.file(csv([{}, {}, {}])), agency);
    expect(again).toMatchObject({ hash, waiting: 2, counts: { unchanged: 2, edited: 1 } });
    expectSaid(await bench.presses(agency.supervisor, ["import.approve", shown]), "Not done");
    const anew = subjectOf(await show(agency.supervisor, hash), "import.approve");
    expectSaid(
      await bench.presses(agency.supervisor, ["import.approve", anew]),
      "Approved: an import of 2 entries",
    );
    await bench.settle();
    expect(await states(agency)).toEqual(["active", "draft", "active"]);
  });

  it("comes back to its author with a note, and waits again when the file is corrected", async () => {
    const { agency, hash } = await imported([{}, {}]);
    const form = await bench.presses(agency.supervisor, ["import.return", hash.slice(0, 16)]);
    expect(formIn(form).title).toBe("Return an import");
    expectSaid(
      await bench.fills(agency.supervisor, form, { note: "Row 3 has the wrong statute." }),
      "Returned",
    );
    await bench.settle();
    expect(await states(agency)).toEqual(["draft", "draft"]);
    expectSaid(await show(agency.analyst, hash), "Row 3 has the wrong statute.");
    expect(await bench.dump()).not.toContain("wrong statute");
    expect(await kindsFor(agency)).toContain("import_returned");
    const next = await bench.takeIn(bench.file(csv([{}, { offence: "18 USC 111" }])), agency);
    expect(next).toMatchObject({ waiting: 2, counts: { unchanged: 1, changed: 1 } });
    expect(await states(agency)).toEqual(["waiting", "waiting"]);
  });

  it("is in force once, however many processes put it there, and after one of them broke off", async () => {
    const { agency, hash } = await imported(Array.from({ length: 1300 }, () => ({})));
    const subject = subjectOf(await show(agency.supervisor, hash), "import.approve");
    await bench.presses(agency.supervisor, ["import.approve", subject]);
    // One chunk by a process that then dies, and one that dies in the middle of its own.
    const { jobs, keyring } = bench.db;
    await settleBatches.run(jobs, keyring);
    expect((await states(agency)).filter((state) => state === "active").length).toBe(500);
    expectSaid(await show(agency.supervisor, hash), "500 of 1,300 active");
    const dying = {
      ...keyring,
      open: () => {
        throw new Error("killed");
      },
    } as typeof keyring;
    expect((await settleBatches.run(jobs, dying)).failed?.length).toBe(1);
    expect((await states(agency)).filter((state) => state === "active").length).toBe(500);
    await Promise.all(
      [1, 2, 3].map(async () => {
        for (let round = 0; round < 4; round += 1) {
          // oxlint-disable-next-line no-await-in-loop
          const { failed } = await settleBatches.run(jobs, keyring);
          if (failed !== undefined && failed.length > 0) throw failed[0]?.error;
        }
      }),
    );
    await vi.waitFor(async () => {
      await settleBatches.run(jobs, keyring);
      expect(await batches(agency)).toEqual(["active"]);
    }, 20_000);
    expect(new Set(await states(agency))).toEqual(new Set(["active"]));
    const due = await jobs.transaction({ agency: null, id: "system" }, (tx) =>
      listDecided(tx, { limit: 9, except: [] }),
    );
    expect(due.filter((one) => one.agency === agency.id)).toEqual([]);
  });
});

describe("a row that is there already", () => {
  it("in force with other words needs a change with approval, and stays", async () => {
    const { agency, hash } = await imported([{}, {}]);
    const subject = subjectOf(await show(agency.supervisor, hash), "import.approve");
    await bench.presses(agency.supervisor, ["import.approve", subject]);
    const changed = bench.file(csv([{}, { offence: "18 USC 111" }]));
    // Approved and not in force yet is the same.
    expect((await bench.look(changed, agency)).verdicts).toEqual(["unchanged", "in_force"]);
    await bench.settle();
    const before = await bench.everything();
    const outcome = await bench.takeIn(changed, agency);
    expect(outcome.counts).toMatchObject({ unchanged: 1, in_force: 1, changed: 0 });
    expect(outcome.waiting).toBeUndefined();
    expect(await bench.everything()).toBe(before);
  });

  it("whose entry has ended never comes back by an old file", async () => {
    const { agency, hash } = await imported([{ identifiers: "@ended" }]);
    const subject = subjectOf(await show(agency.supervisor, hash), "import.approve");
    await bench.presses(agency.supervisor, ["import.approve", subject]);
    await bench.settle();
    const [entry] = await bench.entriesOf(agency);
    await bench.types(agency.analyst, `entry cancel ${entry?.ref} reason:wrong_person`);
    const old = bench.file(csv([{ identifiers: "@ended" }]));
    expect((await bench.look(old, agency)).verdicts).toEqual(["ended"]);
    await bench.takeIn(old, agency);
    expect(await states(agency)).toEqual(["cancelled"]);
    expect((await bench.finds(agency.analyst, { identifiers: "@ended" })).open).toEqual([]);
  });

  it("and was discarded before anybody approved it may be imported again", async () => {
    const { agency } = await imported([{}]);
    const [entry] = await bench.entriesOf(agency);
    await bench.presses(agency.analyst, ["entry.discard", entry?.ref ?? ""]);
    const outcome = await bench.takeIn(bench.file(csv([{}])), agency);
    expect(outcome).toMatchObject({ waiting: 1, counts: { new: 1 } });
    expect(await states(agency)).toEqual(["waiting"]);
  });
});

function days(entry: { readonly end: Date | null; readonly at: Date | null } | undefined): number {
  return ((entry?.end?.getTime() ?? 0) - (entry?.at?.getTime() ?? 0)) / 86_400_000;
}
