import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import {
  approved,
  expectSaid,
  openEntryBench,
  pages,
  said,
  type Agency,
  type EntryBench,
} from "./entry-bench.ts";

let bench: EntryBench;
let agency: Agency;
beforeAll(async () => {
  bench = await openEntryBench();
});
beforeEach(async () => {
  agency = await bench.addAgency();
});
afterAll(() => bench.db.close());

describe("the list", () => {
  it("tells drafts apart without a name: predicate, age and how many names", async () => {
    const { analyst } = agency;
    const first = await bench.types(analyst, "entry new");
    await bench.fills(analyst, first, { ...pages.person("Jon Listed"), names: "Jon Listed\nJonny L." });
    await bench.db.moveClock("3 days");
    const { ref } = await approved(bench, agency);
    const draft = /E-\w{3}-\w{3}/.exec(said(await bench.types(analyst, "entry list")))?.[0];
    const list = said(await bench.types(analyst, "entry list"));
    expect(list).toContain("draft · no predicate yet · 3 d · 2 names");
    expect(list).not.toContain("Listed");
    const page = await bench.presses(analyst, ["entry.predicate", draft ?? ""]);
    await bench.fills(analyst, page, pages.predicate);
    expectSaid(await bench.types(analyst, "entry list"), "draft · expressed intent · 3 d · 2 names");
    const { workspace, user } = analyst;
    const typing = {
      platform: "slack",
      workspace,
      user,
      dedupeKey: ref,
      kind: "complete",
      command: "entry",
    } as const;
    expect(await bench.receive({ ...typing, typed: "e" })).toEqual({
      kind: "choices",
      choices: [
        { value: draft, label: `${draft} · draft · expressed intent · 3 d · 2 names` },
        { value: ref, label: `${ref} · in force` },
      ],
    });
  });

  it("says of a change what it changes", async () => {
    const { ref } = await approved(bench, agency);
    await bench.presses(agency.colleague, ["entry.change", ref]);
    expectSaid(await bench.types(agency.analyst, "entry list"), `draft, changes ${ref}`);
  });
});
