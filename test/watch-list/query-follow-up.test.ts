import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { queryFollowUp } from "../../src/watch-list/query-follow-up.ts";
import { listUnfollowed, takeUnfollowed } from "../../src/watch-list/query-hit-store.ts";
import { renderHit } from "../../src/watch-list/query-notice.ts";
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
  officer = await bench.addPerson(asking, ["officer"]);
});
afterAll(() => bench.db.close());

const follow = () => queryFollowUp.run(bench.db.jobs, bench.db.keyring);

function hitsOn({ id }: EntryMade, reader = owner) {
  return bench.as(reader.analyst, (tx) =>
    tx.selectFrom("hit").selectAll().where("entry_id", "=", id).execute(),
  );
}
function given(entry: EntryMade, reader = owner) {
  return bench.as(reader.analyst, (tx) =>
    tx
      .selectFrom("dissemination")
      .select(["kind", "level", "reason", "tlp", "agency_id", "officer_id"])
      .where("object", "=", `entry:${entry.id}`)
      .execute(),
  );
}

async function hitOn(sensitivity: "OPEN" | "AGENCY_ONLY" | "RESTRICTED") {
  const name = freshName();
  const entry = await bench.addEntry(owner, { names: [name], sensitivity });
  await bench.screen().form(officer, asked({ name, ref: "24-118833 for 4A12" }));
  const { wake } = await follow();
  const [hit] = await hitsOn(entry);
  if (hit === undefined) throw new Error("there was no hit");
  return { entry, hit, wake };
}

describe("after a query", () => {
  it.each([
    ["OPEN", "full", "They were shown its cautions"],
    ["AGENCY_ONLY", "owner_only", "They were shown your number and nothing else."],
    ["RESTRICTED", "nothing", "do not know that it exists"],
  ] as const)(
    "the owner of an %s entry is told, and the record says %s",
    async (sensitivity, level, words) => {
      const { entry, hit, wake } = await hitOn(sensitivity);
      expect(hit).toMatchObject({ sensitivity, shown: level, purpose: "traffic_stop", agency_id: asking.id });
      expect(await given(entry)).toEqual([
        {
          kind: "query_hit",
          level,
          reason: "traffic_stop",
          tlp: "amber",
          agency_id: asking.id,
          officer_id: officer.id,
        },
      ]);
      expect(wake).toHaveLength(1);
      const [delivery] = await bench.as(owner.analyst, (tx) =>
        tx.selectFrom("delivery").selectAll().where("subject_id", "=", hit.id).execute(),
      );
      expect(delivery).toMatchObject({
        kind: "hit",
        state: "pending",
        urgency: 2,
        agency_id: owner.id,
        owner_agency_id: owner.id,
      });

      const { card } = await bench.db.jobs.transaction({ agency: owner.id, id: "system" }, (tx) =>
        renderHit(tx, {
          id: delivery?.id ?? "",
          ref: delivery?.ref ?? "",
          kind: "hit",
          subjectId: hit.id,
          ownerAgency: owner.id,
          agency: owner.id,
          zone: "UTC",
          platform: "slack",
          level: null,
          repeated: false,
        }),
      );
      expect(card.headline).toBe(`There was a query on ${entry.ref}`);
      const text = JSON.stringify(card);
      expect(text).toContain(words);
      expect(text).toContain(`call ${asking.name} watch 555-0142, 24 h, quote ${hit.query_ref}`);
      expect(text).not.toContain(`Ofc. ${officer.account.user}`);
    },
  );

  it("the asker's agency can read what it was given, and nothing about a silent hit", async () => {
    const open = await hitOn("OPEN");
    expect(await hitsOn(open.entry, asking)).toHaveLength(1);
    expect(await given(open.entry, asking)).toHaveLength(1);
    const silent = await hitOn("RESTRICTED");
    expect(await hitsOn(silent.entry, asking)).toEqual([]);
    expect(await given(silent.entry, asking)).toEqual([]);
    const told = (reader: Agency) =>
      bench.as(reader.analyst, (tx) =>
        tx.selectFrom("audit").select("action").where("subject", "=", `hit:${silent.hit.id}`).execute(),
      );
    expect(await told(owner)).toEqual([{ action: "hit.notified" }]);
    expect(await told(asking)).toEqual([]);
  });

  it("who asked is shown to the owner's analysts where the platform may be told, and is written down", async () => {
    const { hit } = await hitOn("OPEN");
    const press = (level: "full" | "none", person = owner.analyst) =>
      bench.screen(level).press(person, "hit.who", hit.id);
    const name = `Ofc. ${officer.account.user}`;
    expect(said(await press("full"))).toContain(name);
    expect(said(await press("full"))).toContain("traffic stop, CAD 24-118833, for 4A12");
    expect(said(await press("none"))).not.toContain(name);
    expect(said(await press("none"))).toContain(`Call ${asking.name} watch 555-0142`);
    // The asker's own agency may see the row, but the notice is the owner's.
    expect(said(await press("full", asking.analyst))).toContain("I find no query that you may see.");
    const reads = await bench.as(owner.analyst, (tx) =>
      tx
        .selectFrom("audit")
        .select("id")
        .where("subject", "=", `hit:${hit.id}`)
        .where("action", "=", "hit.read")
        .execute(),
    );
    expect(reads).toHaveLength(4);
  });

  it("without a hit, it is followed all the same", async () => {
    await bench.screen().form(officer, asked({ name: freshName() }));
    await follow();
    const left = await bench.as(officer, (tx) =>
      tx.selectFrom("query").select("id").where("followed_at", "is", null).execute(),
    );
    expect(left).toEqual([]);
    expect(await follow()).toEqual({ wake: [], again: false });
  });

  it("two processes at once tell an owner once", async () => {
    const name = freshName();
    const entry = await bench.addEntry(owner, { names: [name] });
    await bench.screen().form(officer, asked({ name }));
    await Promise.all([follow(), follow(), follow()]);
    expect(await hitsOn(entry)).toHaveLength(1);
  });

  it("is taken once, however late another process comes", async () => {
    await follow();
    await bench.screen().form(officer, asked({ name: freshName() }));
    const system = { agency: asking.id, id: "system" };
    const waiting = await bench.db.jobs.transaction(system, (tx) => listUnfollowed(tx, 5));
    const id = waiting[0]?.id ?? "";
    const take = () => bench.db.jobs.transaction(system, (tx) => takeUnfollowed(tx, bench.db.keyring, id));
    expect(waiting).toHaveLength(1);
    expect((await take())?.id).toBe(id);
    expect(await take()).toBeUndefined();
  });

  it("that cannot be read, others are followed and it is heard of", async () => {
    await follow();
    const [unread, name] = [freshName(), freshName()];
    await bench.screen().form(officer, asked({ name: unread }));
    await bench.as(officer, async (tx) => {
      const last = tx
        .selectFrom("query")
        .select("id")
        .where("officer_id", "=", officer.id)
        .orderBy("at", "desc")
        .limit(1);
      await tx
        .updateTable("query")
        .set({ found_sealed: Buffer.from("broken") })
        .where("id", "=", last)
        .execute();
    });
    const entry = await bench.addEntry(owner, { names: [name] });
    await bench.screen().form(officer, asked({ name }));
    await expect(follow()).rejects.toThrow("the follow-up of a query failed");
    expect(await hitsOn(entry)).toHaveLength(1);
  });
});
