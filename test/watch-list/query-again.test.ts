import { randomUUID } from "node:crypto";

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import {
  asked,
  freshName,
  openQueryBench,
  said,
  type Agency,
  type EntryMade,
  type Person,
  type QueryBench,
} from "./query-bench.ts";

let bench: QueryBench;
let owner: Agency;
let asking: Agency;
let officer: Person;
beforeAll(async () => {
  bench = await openQueryBench();
  owner = await bench.addAgency();
  asking = await bench.addAgency();
});
beforeEach(async () => {
  officer = await bench.addPerson(asking, ["officer"]);
});
afterAll(() => bench.db.close());

const words = (text: string) => ({ kind: "words", words: text }) as const;
const again = (person = officer) => bench.screen().command(person, "allpoints", words("again"));

async function lastQuery(person = officer) {
  return bench.as(person, (tx) =>
    tx
      .selectFrom("query")
      .select(["id", "ref"])
      .where("officer_id", "=", person.id)
      .orderBy("at", "desc")
      .executeTakeFirstOrThrow(),
  );
}

describe("an answer", () => {
  it("is shown again for fifteen minutes, and no longer", async () => {
    const name = freshName();
    await bench.addEntry(owner, { names: [name] });
    const first = await bench.screen().form(officer, asked({ name }));
    expect(await again()).toEqual(first);
    expect(await bench.screen().press(officer, "query.again", (await lastQuery()).id)).toEqual(first);
    await bench.db.moveClock("16 minutes");
    expect(said(await again())).toContain("You asked nothing in the last 15 minutes.");
    expect(said(await bench.screen().press(officer, "query.again", (await lastQuery()).id))).toContain(
      "more than 15 minutes ago",
    );
  });

  it("is nobody else's, not even a colleague's", async () => {
    await bench.screen().form(officer, asked({ name: freshName() }));
    const { id } = await lastQuery();
    const colleague = await bench.addPerson(asking, ["officer", "auditor"]);
    for (const other of [colleague, owner.analyst]) {
      // oxlint-disable-next-line no-await-in-loop
      expect(said(await bench.screen().press(other, "query.again", id))).toContain(
        "I find no query that you may see.",
      );
      // oxlint-disable-next-line no-await-in-loop
      expect(said(await bench.screen().press(other, "query.change", id))).toContain(
        "I find no query that you may see.",
      );
    }
  });

  it("is gone with the role that asked, by its button, its reference and the platform's retry alike", async () => {
    const name = freshName();
    const values = asked({ name });
    const retried = randomUUID();
    await bench.addEntry(owner, { names: [name] });
    const first = await bench.screen().form(officer, values, retried);
    const { id, ref } = await lastQuery();
    const show = () => bench.screen().command(officer, "allpoints", words(`show ${ref}`));
    expect(await show()).toEqual(first);
    await bench.setRoles(officer, ["auditor"]);
    expect(said(await show())).toContain(`I find no ${ref} that you may see.`);
    expect(said(await bench.screen().press(officer, "query.again", id))).toContain("needs officer");
    expect(said(await bench.screen().form(officer, values, retried))).toContain("needs officer");
  });

  it("no longer shows what has ended since, and nothing that was found only since", async () => {
    const name = freshName();
    const entry = await bench.addEntry(owner, { names: [name] });
    await bench.screen().form(officer, asked({ name }));
    await bench.endEntry(owner, entry, "cancelled");
    await bench.addEntry(owner, { names: [name] });
    expect(said(await again())).toContain("Nothing to show for this query.");
  });

  it("shows whoever was found then, however many of the same name came since", async () => {
    const name = freshName();
    // Its number is higher than those of the others: it is not among the first of the group.
    const others: EntryMade[] = [];
    // oxlint-disable-next-line no-await-in-loop
    while (others.length < 12) others.push(await bench.addEntry(owner, { names: [freshName()] }));
    const entry = await bench.addEntry(owner, { names: [name] });
    await bench.screen().form(officer, asked({ name }));
    for (const other of others) {
      // oxlint-disable-next-line no-await-in-loop
      await bench.setSensitivity(owner, other, { to: "OPEN", name });
    }
    const shown = said(await again());
    expect(shown).toContain(entry.ref);
    expect(shown).toContain("STRONG match");
    for (const other of others) expect(shown).not.toContain(other.ref);
  });

  it("is as secret as it was then, and as it is now", async () => {
    const [hidden, opened] = [freshName(), freshName()];
    const was = await bench.addEntry(owner, { names: [hidden], sensitivity: "RESTRICTED" });
    await bench.screen().form(officer, asked({ name: hidden }));
    await bench.setSensitivity(owner, was, { to: "OPEN", name: hidden });
    expect(said(await bench.screen().form(officer, asked({ name: hidden })))).toContain(was.ref);
    const [first] = await bench.as(officer, (tx) =>
      tx.selectFrom("query").select("id").where("officer_id", "=", officer.id).orderBy("at").execute(),
    );
    const press = (id = "") => bench.screen().press(officer, "query.again", id);
    expect(said(await press(first?.id))).toContain("Nothing to show for this query.");

    const now = await bench.addEntry(owner, { names: [opened] });
    await bench.screen().form(officer, asked({ name: opened }));
    await bench.setSensitivity(owner, now, { to: "AGENCY_ONLY", name: opened });
    const second = said(await press((await lastQuery()).id));
    expect(second).toContain("A record may match.");
    expect(second).not.toContain(now.ref);
    await bench.setSensitivity(owner, now, { to: "RESTRICTED", name: opened });
    expect(said(await press((await lastQuery()).id))).toContain("Nothing to show for this query.");
    const again = await bench.as(officer, (tx) =>
      tx
        .selectFrom("audit")
        .select("detail")
        .where("actor", "=", officer.id)
        .where("action", "=", "query.again")
        .orderBy("at")
        .execute(),
    );
    expect(again.map(({ detail }) => detail)).toEqual([
      { entries: [], owners: [] },
      { entries: [], owners: [owner.id] },
      { entries: [], owners: [] },
    ]);
  });

  it("leads to the form with what was asked in it", async () => {
    await bench
      .screen()
      .form(
        officer,
        asked({ name: "Jon Smyth", born: "1984-03-02", ref: "24-7 for 4A12", purpose: ["warrant_service"] }),
      );
    const changed = await bench.screen().press(officer, "query.change", (await lastQuery()).id);
    const values = changed.kind === "form" ? changed.form.fields.map(({ value }) => value) : [];
    expect(values).toEqual([["warrant_service"], "24-7 for 4A12", "Jon Smyth", "1984-03-02", undefined]);
  });

  it("is not in the history, which has references, times and purposes", async () => {
    const name = freshName();
    await bench.screen().form(officer, asked({ name, purpose: ["investigation"] }));
    const shown = said(await bench.screen().command(officer, "allpoints", words("history")));
    expect(shown).toContain((await lastQuery()).ref);
    expect(shown).toContain("Investigation");
    expect(shown.toLowerCase()).not.toContain(name.split(" ")[0]?.toLowerCase());
  });
});

describe("the form", () => {
  it("has the purpose of last time in it, and what the command said", async () => {
    await bench.screen().form(officer, asked({ name: freshName(), purpose: ["field_contact"] }));
    const opened = await bench.screen().command(officer, "watch", words("for:4A12"));
    expect(opened.kind === "form" && opened.form.fields.map(({ id, value }) => [id, value])).toEqual([
      ["purpose", ["field_contact"]],
      ["ref", "NONE for 4A12"],
      ["name", undefined],
      ["born", undefined],
      ["identifiers", undefined],
    ]);
    const chosen = await bench.screen().command(officer, "watch", words("purpose:traffic_stop ref:24-9"));
    expect(chosen.kind === "form" && chosen.form.fields.slice(0, 2).map(({ value }) => value)).toEqual([
      ["traffic_stop"],
      "24-9",
    ]);
  });
});
