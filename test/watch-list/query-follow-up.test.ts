import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { appendAudit } from "../../src/audit/audit-store.ts";
import { newRef } from "../../src/refs.ts";
import { uuidv7 } from "../../src/store/ids.ts";
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

/** As if this many questions had been asked whose answers nothing can open. */
async function unreadable(count: number): Promise<readonly string[]> {
  const ids = Array.from({ length: count }, uuidv7);
  await bench.as(officer, async (tx) => {
    await tx
      .insertInto("query")
      .values(
        ids.map((id) => ({
          id,
          agency_id: asking.id,
          ref: newRef("query"),
          officer_id: officer.id,
          purpose: "audit" as const,
          inputs_sealed: Buffer.from("broken"),
          found_sealed: Buffer.from("broken"),
        })),
      )
      .execute();
    await appendAudit(tx, asking.id, { action: "query.ask", subject: "query:broken" });
  });
  return ids;
}

/** The card as the owner's desk channel gets it. */
async function posted(subjectId: string) {
  const { card } = await bench.db.jobs.transaction({ agency: owner.id, id: "system" }, (tx) =>
    renderHit(tx, {
      id: subjectId,
      ref: "D",
      kind: "hit",
      subjectId,
      ownerAgency: owner.id,
      agency: owner.id,
      zone: "UTC",
      platform: "slack",
      level: null,
      repeated: false,
    }),
  );
  return card;
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

      // The channel keeps it for years: the same words for all of them.
      expect(await posted(hit.id)).toEqual({
        headline: `Somebody asked about ${entry.ref}: open it privately.`,
        blocks: [],
        buttons: [{ action: "hit.who", subject: hit.id, label: "Who asked" }],
      });
      const opened = said(await bench.screen().press(owner.analyst, "hit.who", hit.id));
      expect(opened).toContain(words);
      expect(opened).toContain(`${entry.ref}, ${sensitivity}`);
      expect(opened).toContain(asking.name);
      expect(opened).toContain(`Call ${asking.name} watch 555-0142, 24 h, quote ${hit.query_ref}`);
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
    const press = (level: "full" | "summary" | "none", person = owner.analyst) =>
      bench.screen(level).press(person, "hit.who", hit.id);
    const name = `Ofc. ${officer.account.user}`;
    expect(said(await press("full"))).toContain(name);
    expect(said(await press("full"))).toContain("traffic stop, CAD 24-118833, for 4A12");
    expect(said(await press("summary"))).toContain("OPEN");
    expect(said(await press("summary"))).not.toContain(name);
    expect(said(await press("summary"))).not.toContain("24-118833");
    const elsewhere = said(await press("none"));
    expect(elsewhere).toContain(`call ${asking.name} watch 555-0142, 24 h, quote ${hit.query_ref}`);
    for (const word of [name, "OPEN", "traffic stop"]) expect(elsewhere).not.toContain(word);
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
    expect(reads).toHaveLength(6);
  });

  it("without a hit, it is followed all the same", async () => {
    await bench.screen().form(officer, asked({ name: freshName() }));
    await follow();
    const left = await bench.as(officer, (tx) =>
      tx.selectFrom("query").select("id").where("followed_at", "is", null).execute(),
    );
    expect(left).toEqual([]);
    expect(await follow()).toEqual({ wake: [], again: false, failed: [] });
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
    const waiting = await bench.db.jobs.transaction(system, (tx) =>
      listUnfollowed(tx, { limit: 5, except: [] }),
    );
    const id = waiting[0]?.id ?? "";
    const take = () => bench.db.jobs.transaction(system, (tx) => takeUnfollowed(tx, bench.db.keyring, id));
    expect(waiting).toHaveLength(1);
    expect((await take())?.id).toBe(id);
    expect(await take()).toBeUndefined();
  });

  it("fifty that cannot be read are heard of, and keep no newer one from being followed", async () => {
    await follow();
    const broken = await unreadable(50);
    const name = freshName();
    const entry = await bench.addEntry(owner, { names: [name] });
    await bench.screen().form(officer, asked({ name }));
    const first = await follow();
    expect(first.again).toBe(true);
    expect(first.failed?.map(({ subject }) => subject).toSorted()).toEqual(broken.toSorted());
    expect(await hitsOn(entry)).toEqual([]);
    const second = await follow();
    expect(second).toMatchObject({ again: false, failed: [] });
    expect(await hitsOn(entry)).toHaveLength(1);
  });
});
