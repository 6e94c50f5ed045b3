import { randomUUID } from "node:crypto";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { asMessage, expectNoWords, expectWords, refIn, type Values } from "../../sandbox/cast.ts";
import type { Store } from "../../src/store/store.ts";
import { findQuery } from "../../src/watch-list/query-store.ts";
import { MOST_COUNTED, MOST_SHOWN, MOST_SILENT, packFound, padded } from "../../src/watch-list/query.ts";
import { retroHits } from "../../src/watch-list/retro-follow-up.ts";
import { listRetroWaiting } from "../../src/watch-list/retro-store.ts";
import { openRetroScene, type RetroScene } from "./retro-scene.ts";

// An entry came after a question, and something else happened at the same time, in between, or very often.

let scene: RetroScene;
let town: RetroScene["town"];
beforeAll(async () => {
  scene = await openRetroScene();
  ({ town } = scene);
}, 60_000);
afterAll(() => scene.close());

const system = { agency: null, id: "system" } as const;
const hale = () => town.person("riverton", "hale");
const born = { "Birth date": "1984-03-02" };

/** The own agency's record of a question. */
async function recordOf(ref: string) {
  const [row] = await scene.rows(
    "select id, agency_id as agency, officer_id as officer from query where ref = $1",
    ref,
  );
  const who = { agency: String(row?.["agency"]), id: String(row?.["officer"]) };
  const query = await town.db.store.transaction(who, (tx) => findQuery(tx, town.db.keyring, ref));
  if (query === undefined) throw new Error(`there is no ${ref}`);
  return query;
}
/** What the buttons that ask an owner are about, place by place. */
async function places(ref: string): Promise<readonly string[]> {
  const { buttons } = asMessage(await hale().types(`/allpoints show ${ref}`));
  return buttons
    .filter(({ label }) => label.includes("Ask owner"))
    .map(({ id }) => /[0-9a-f-]{36}\.(\d+)/.exec(id)?.[1] ?? "none");
}

const SUSPENDED = "state = 'suspended', suspended_reason = 'by_hand', suspended_at = now()";
const HIDDEN = "sensitivity = 'RESTRICTED', hidden_danger_signed_by = approver_id";

describe("where an entry that came later stands in the question's record", () => {
  it("tells nothing of how many silent ones there are, moves none that was shown, and there is always room", async () => {
    const query = await scene.asks(hale(), { Name: "Fulvio Fullhouse", ...born });
    await scene.compared();
    const { id, agency } = await recordOf(query);
    const found = Array.from({ length: MOST_SHOWN + MOST_SILENT }, (_none, place) => ({
      entryId: randomUUID(),
      sensitivity: place < MOST_SHOWN ? ("OPEN" as const) : ("RESTRICTED" as const),
      band: "STRONG" as const,
    }));
    const counted = Array.from({ length: MOST_COUNTED }, () => ({ entries: 9_999_999, agencies: 99_999 }));
    const place = { table: "query", column: "found_sealed", row: id, agency };
    await scene.untouched(
      "update query set found_sealed = $1 where id = $2",
      town.db.keyring.seal(place, padded({ found: packFound(found), counted })),
      id,
    );
    const late: string[] = [];
    for (let count = 1; count <= 3; count += 1) {
      // oxlint-disable-next-line no-await-in-loop
      late.push(await scene.enters({ name: "Fulvio Fullhouse" }));
      // oxlint-disable-next-line no-await-in-loop
      expect(await scene.toldOf(hale(), query)).toHaveLength(count);
    }
    const after = (await recordOf(query)).found;
    expect(after.slice(0, MOST_SHOWN)).toEqual(found.slice(0, MOST_SHOWN));
    expect(after.slice(MOST_SHOWN + 3)).toEqual(found.slice(MOST_SHOWN));
    expect((await places(query)).toSorted()).toEqual(["5", "6", "7"]);
    const asked = asMessage(await hale().types(`/allpoints show ${query}`));
    const button = asked.buttons.find(({ id }) => id.startsWith("confirm.ask") && id.endsWith(".5"));
    await hale().presses(asked, button?.label ?? "");
    expect(await scene.rows("select entry_ref from confirmation where query_ref = $1", query)).toEqual([
      { entry_ref: late[0] },
    ]);
  });
});

describe("an entry that came later, and is not to be shown when it is opened", () => {
  it.each([
    { name: "Opal Hiddenson", gone: HIDDEN, back: "sensitivity = 'OPEN'" },
    { name: "Quentin Suspendova", gone: SUSPENDED, back: "state = 'active'" },
    { name: "Xaver Elsewhereman", gone: "audience = 'named'", back: "audience = 'all'" },
  ])("$gone: is as if it had never come", async ({ name, gone, back }) => {
    const query = await scene.asks(hale(), { Name: name, ...born });
    const entry = await scene.enters({ name });
    expect(await scene.toldOf(hale(), query)).toHaveLength(1);
    expectWords(await hale().types("/allpoints queue"), query);
    await scene.untouched(`update entry set ${gone} where ref = $1`, entry);
    expectNoWords(await hale().types("/allpoints queue"), query);
    const shown = await hale().types(`/allpoints show ${query}`);
    expectWords(shown, "Nothing to show for this query");
    expectNoWords(shown, "came after", entry);
    await town.pass("16 minutes");
    expectWords(await hale().types(`/allpoints show ${query}`), "was more than 15 minutes ago");
    // Nothing of it was read.
    await scene.untouched(`update entry set ${back} where ref = $1`, entry);
    expectWords(await hale().types("/allpoints queue"), query);
    expectWords(await hale().types(`/allpoints show ${query}`), "It came after you asked", entry);
    expectNoWords(await hale().types("/allpoints queue"), query);
  });
});

it("a question that was under way when the entry was committed is met when it has ended", async () => {
  const query = await scene.asks(hale(), { Name: "Undine Underway", ...born });
  const { id } = await recordOf(query);
  // What is kept of it cannot be seen yet.
  await scene.rows("create temporary table aside as select * from retro_key where query_id = $1", id);
  await scene.rows("delete from retro_key where query_id = $1", id);
  await scene.enters({ name: "Undine Underway" });
  await town.jobs.sweep();
  await scene.rows("insert into retro_key select * from aside");
  expect(await scene.toldOf(hale(), query)).toHaveLength(1);
});

it("where nobody asked for five days nothing is compared, and nothing waits", async () => {
  await scene.enters({ name: "Norbert Nobodyasked" });
  await scene.rows("create temporary table kept as select * from retro_key");
  await scene.rows("delete from retro_key");
  await town.jobs.sweep();
  expect(await scene.rows("select from retro_waiting")).toHaveLength(1);
  await scene.compared();
  expect(await scene.rows("select from retro_waiting")).toEqual([]);
  await scene.rows("insert into retro_key select * from kept");
});

/** The jobs' store, where something happens just before a transaction of this agency's, the n-th. */
function interrupted(agency: string, nth: number, happens: () => Promise<void>): Store {
  let seen = 0;
  return {
    ...town.db.jobs,
    async transaction(who, work) {
      if (who.agency === agency && (seen += 1) === nth) await happens();
      return town.db.jobs.transaction(who, work);
    },
  };
}

describe("an entry that many asked about before", () => {
  it.each([
    ["Mid Suspensky", "is suspended", SUSPENDED],
    ["Way Restrictov", "becomes RESTRICTED", HIDDEN],
    ["Yon Audienceman", "is another audience's", "audience = 'named'"],
  ])("%s, that %s meanwhile, is told to nobody else", async (name, _what, change) => {
    const [early, late] = [
      await scene.asks(hale(), { Name: name, ...born }),
      await scene.asks(hale(), { Name: name, ...born }),
    ];
    const { agency } = await recordOf(early);
    const entry = await scene.enters({ name });
    await scene.ripen();
    const store = interrupted(agency, 2, () =>
      scene.untouched(`update entry set ${change} where ref = $1`, entry),
    );
    expect((await retroHits.run(store, town.db.keyring)).failed).toEqual([]);
    const hits = await scene.rows("select query_ref from hit where entry_ref = $1 and shown = 'full'", entry);
    expect(hits).toEqual([{ query_ref: late }]);
    expect(await scene.toldOf(hale(), early)).toEqual([]);
  });

  it("is told to all the others where one of them cannot be compared, and to that one when it can", async () => {
    const name = "Frida Failson";
    const queries: string[] = [];
    for (let count = 1; count <= 3; count += 1) {
      // oxlint-disable-next-line no-await-in-loop
      queries.push(await scene.asks(hale(), { Name: name, ...born }));
    }
    const [first = "", broken = "", last = ""] = queries;
    // What breaks below is the comparison alone: what follows every question has been done.
    await expect.poll(() => scene.rows("select from query where followed_at is null")).toEqual([]);
    const [sealed] = await scene.rows("select inputs_sealed from query where ref = $1", broken);
    await scene.untouched("update query set inputs_sealed = '\\x00' where ref = $1", broken);
    const entry = await scene.enters({ name });
    await scene.ripen();
    const told = async () =>
      (await scene.rows("select query_ref as ref from hit where entry_ref = $1", entry)).map(
        ({ ref }) => ref,
      );
    const { failed } = await retroHits.run(town.db.jobs, town.db.keyring);
    expect(failed).toHaveLength(1);
    expect(new Set(await told())).toEqual(new Set([first, last]));
    await scene.untouched(
      "update query set inputs_sealed = $1 where ref = $2",
      sealed?.["inputs_sealed"],
      broken,
    );
    // Not at once: what failed is left alone for a while.
    await expect
      .poll(async () => (await retroHits.run(town.db.jobs, town.db.keyring), (await told()).length), {
        timeout: 15_000,
        interval: 1_000,
      })
      .toBe(3);
    for (const query of queries) {
      // oxlint-disable-next-line no-await-in-loop
      expect(await scene.toldOf(hale(), query)).toHaveLength(1);
    }
  });
});

it("of very many entries after a question the first are told; their owners are told of all", async () => {
  const query = await scene.asks(hale(), { Name: "Tobias Toomany", ...born });
  await scene.enters({ name: "Tobias Toomany" });
  expect(await scene.toldOf(hale(), query)).toHaveLength(1);
  /** So many more, as the rows say it. */
  const more = (count: number) =>
    scene.untouched(
      `insert into hit (id, owner_agency_id, agency_id, query_id, query_ref, entry_id, entry_ref, sensitivity, purpose,
                        shown, asked_by, asked_at, retro)
       select gen_random_uuid(), owner_agency_id, agency_id, query_id, query_ref, gen_random_uuid(), entry_ref,
              sensitivity, purpose, shown, asked_by, asked_at, true
         from hit, generate_series(1, $2::int) where query_ref = $1 and asker_sealed is not null`,
      query,
      count,
    );
  await more(8);
  await scene.enters({ name: "Tobias Toomany" });
  expect(await scene.toldOf(hale(), query)).toHaveLength(2);
  const last = await scene.enters({ name: "Tobias Toomany" });
  expect(await scene.toldOf(hale(), query)).toHaveLength(2);
  expectWords(await scene.whoAsked(last), query, "They were shown nothing and do not know that it exists");
});

/** A colleague changes an entry in force, page by page, and somebody else approves it. */
async function changes(ref: string, page: string, values: Values): Promise<void> {
  const lund = town.person("metro", "lund");
  const okafor = town.person("metro", "okafor");
  const draft = asMessage(
    await okafor.presses(asMessage(await okafor.types(`/entry show ${ref}`)), "Change"),
  );
  const edited = asMessage(await okafor.submits(await okafor.presses(draft, page), values));
  await okafor.presses(edited, "Send for approval");
  const shown = asMessage(await lund.types(`/entry show ${refIn(draft, "E")}`));
  expectWords(await lund.presses(shown, "Approve"), `Approved: ${ref}, version 2`);
}

describe("an entry that is changed after it was approved", () => {
  it("is told to who asked about what it says now, once", async () => {
    const query = await scene.asks(hale(), { Name: "Chandra Changeling", ...born });
    const entry = await scene.enters({ name: "Zeno Otherwise" });
    expect(await scene.toldOf(hale(), query)).toEqual([]);
    await changes(entry, "Edit person", { Names: "Chandra Changeling" });
    expect(await scene.toldOf(hale(), query)).toHaveLength(1);
    expectWords(await hale().types(`/allpoints show ${query}`), "It came after you asked", entry);
    expect(await scene.toldOf(hale(), query)).toHaveLength(1);
  });

  it("and hidden by that is told to nobody who asked, though it was not when it came", async () => {
    const name = "Rosalind Rehidden";
    const query = await scene.asks(hale(), { Name: name, ...born });
    const entry = await scene.enters({ name });
    await changes(entry, "Edit handling", { "Cautions, as reported": [] });
    await scene.untouched("update entry set sensitivity = 'RESTRICTED' where ref = $1", entry);
    expect(await scene.toldOf(hale(), query)).toEqual([]);
    expectWords(await scene.whoAsked(entry), query, "RESTRICTED", "do not know that it exists");
  });
});

it("an entry that somebody approved by hand goes before all of an import", async () => {
  await scene.compared();
  const imported = await scene.enters({
    name: "Ivo Imported",
    before: (ref) =>
      scene.untouched(
        `insert into entry_import (entry_id, agency_id, batch_id, place, number_blind)
         select id, agency_id, gen_random_uuid(), 1, 'x' from entry where ref = $1`,
        ref,
      ),
  });
  const byHand = await scene.enters({ name: "Hanna Byhand" });
  await scene.ripen();
  const waiting = await town.db.jobs.transaction(system, (tx) =>
    listRetroWaiting(tx, { limit: 1, except: [] }),
  );
  const refs = await scene.rows(
    "select ref from entry where id = any($1)",
    waiting.map(({ id }) => id),
  );
  expect(refs).toEqual([{ ref: byHand }]);
  const [before] = await scene.rows(
    "select w.imported from retro_waiting w join entry e on e.id = entry_id where ref = $1",
    imported,
  );
  expect(before).toEqual({ imported: true });
  await scene.compared();
  expect(await scene.rows("select from retro_waiting")).toEqual([]);
});
