import { randomBytes, randomUUID } from "node:crypto";

import type { Client } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { askToLink, invite, linkWithCode, takeLinkRequest } from "../src/agencies/invitation-store.ts";
import { appendAudit } from "../src/audit/audit-store.ts";
import { keepDraft } from "../src/bot/draft-store.ts";
import { rememberMade } from "../src/bot/inbound-store.ts";
import { openFollowUps } from "../src/features.ts";
import { housekeeping } from "../src/housekeeping.ts";
import { queryFollowUp } from "../src/watch-list/query-follow-up.ts";
import { askedBytes, readInputs } from "../src/watch-list/query.ts";
import {
  asked,
  freshName,
  openQueryBench,
  said,
  type Agency,
  type EntryMade,
  type Person,
  type QueryBench,
} from "./watch-list/query-bench.ts";

let bench: QueryBench;
let root: Client;
let owner: Agency;
let asking: Agency;
let officer: Person;
beforeAll(async () => {
  bench = await openQueryBench();
  root = await bench.db.ownerClient();
  owner = await bench.addAgency();
  asking = await bench.addAgency();
});
beforeEach(async () => {
  officer = await bench.addPerson(asking, ["officer"]);
});
afterAll(() => bench.db.close());

const sweep = () => housekeeping.run(bench.db.jobs, bench.db.keyring);

it("is done by every process that does what falls due", () => {
  expect(openFollowUps()).toContain(housekeeping);
});

function words() {
  return bench.as(officer, (tx) =>
    tx
      .selectFrom("query")
      .select(["id", "ref", "purpose", "inputs_sealed", "found_sealed", "inputs_hash"])
      .where("officer_id", "=", officer.id)
      .executeTakeFirstOrThrow(),
  );
}
function hitOn({ id }: EntryMade) {
  return bench.as(owner.analyst, (tx) =>
    tx
      .selectFrom("hit")
      .select(["id", "asker_sealed", "purpose"])
      .where("entry_id", "=", id)
      .executeTakeFirstOrThrow(),
  );
}
function purges({ analyst }: Agency, subject: string) {
  return bench.as(analyst, (tx) =>
    tx
      .selectFrom("audit")
      .select(["action", "actor"])
      .where("subject", "=", subject)
      .where("action", "like", "%.purge")
      .execute(),
  );
}

describe("a query", () => {
  async function hit(sensitivity: "OPEN" | "RESTRICTED") {
    const name = freshName();
    const entry = await bench.addEntry(owner, { names: [name], sensitivity });
    await bench.screen().form(officer, asked({ name, born: "3/2/1984", identifiers: "MD ABC1234" }));
    await queryFollowUp.run(bench.db.jobs, bench.db.keyring);
    return { entry, name };
  }

  it("keeps its words for a year, and then only its purpose and a keyed hash of them", async () => {
    const { entry, name } = await hit("OPEN");
    await bench.db.moveClock("364 days");
    await sweep();
    expect((await words()).inputs_hash).toBeNull();
    expect((await hitOn(entry)).asker_sealed).not.toBeNull();
    await bench.db.moveClock("3 days");
    // Two processes at once: one of them deletes.
    await Promise.all([sweep(), sweep()]);
    const query = await words();
    expect(query).toMatchObject({ purpose: "traffic_stop", inputs_sealed: null, found_sealed: null });

    const [first = "", last = ""] = name.split(" ");
    const inputs = {
      name: `${last.toUpperCase()}, ${first}`,
      born: "1984-03-02",
      identifiers: "md abc-1234",
    };
    const hashOf = (agency: string, given: typeof inputs) =>
      bench.db.keyring.mac("query", askedBytes(agency, readInputs(given)));
    expect(query.inputs_hash).toEqual(hashOf(asking.id, inputs));
    expect(query.inputs_hash).not.toEqual(hashOf(asking.id, { ...inputs, born: "1984-03-03" }));
    expect(query.inputs_hash).not.toEqual(hashOf(owner.id, inputs));

    const shown = await bench
      .screen()
      .command(officer, "allpoints", { kind: "words", words: `show ${query.ref}` });
    expect(said(shown)).toContain(`I find no ${query.ref}`);
    expect(await purges(asking, `query:${query.id}`)).toEqual([{ action: "query.purge", actor: "system" }]);
  });

  it("takes with it who asked, for the owner of what it hit, and tells the asker's audit nothing of a hit", async () => {
    const { entry } = await hit("RESTRICTED");
    await bench.db.moveClock("367 days");
    await sweep();
    const { id, asker_sealed, purpose } = await hitOn(entry);
    expect({ asker_sealed, purpose }).toEqual({ asker_sealed: null, purpose: "traffic_stop" });
    expect(await purges(owner, `hit:${id}`)).toEqual([{ action: "hit.purge", actor: "system" }]);
    expect(await purges(asking, `hit:${id}`)).toEqual([]);
    const opened = said(await bench.screen().press(owner.analyst, "hit.who", id));
    expect(opened).toContain("not kept for more than a year");
    expect(opened).toContain(asking.name);
    expect(opened).not.toContain("24-118833");
  });

  it("that cannot be opened keeps no other's words for longer", async () => {
    await bench.screen().form(officer, asked({ name: freshName() }));
    const { id } = await words();
    await bench.as(officer, async (tx) => {
      await appendAudit(tx, asking.id, { action: "test.break", subject: `query:${id}` });
      const broken = { inputs_sealed: Buffer.from("broken"), found_sealed: Buffer.from("broken") };
      await tx.updateTable("query").set(broken).where("id", "=", id).execute();
    });
    const later = await bench.addPerson(asking, ["officer"]);
    await bench.screen().form(later, asked({ name: freshName() }));
    await bench.db.moveClock("367 days");
    const { failed } = await sweep();
    expect(failed?.map(({ subject }) => subject)).toEqual([id]);
    officer = later;
    expect((await words()).inputs_sealed).toBeNull();
  });
});

describe("what only machines read", () => {
  async function count(table: string, where = "true"): Promise<number> {
    const { rows } = await root.query<{ count: number }>(
      `select count(*)::int as count from ${table} where ${where}`,
    );
    return rows[0]?.count ?? 0;
  }

  it("arrivals stay for two days of the real clock", async () => {
    const keys = ["old", "new"].map((age) => `${age}-${randomUUID()}`);
    for (const dedupeKey of keys) {
      await bench.as(officer, (tx) => rememberMade(tx, { platform: "slack", dedupeKey }, "tip:1"));
    }
    const age = (key: string | undefined, interval: string) =>
      root.query("update inbound_seen set at = at - $2::interval where dedupe_key = $1", [key, interval]);
    await age(keys[0], "49 hours");
    await age(keys[1], "47 hours");
    await bench.db.moveClock("3 days");
    await sweep();
    expect(await count("inbound_seen", `dedupe_key = '${keys[0]}'`)).toBe(0);
    expect(await count("inbound_seen", `dedupe_key = '${keys[1]}'`)).toBe(1);
  });

  it("codes stay for thirty days after they were used or ran out", async () => {
    await sweep();
    const { keyring } = bench.db;
    const account = () => ({ platform: "slack", workspace: asking.workspace, user: randomUUID() }) as const;
    const nobody = { agency: null, id: "stranger" };
    const used = await bench.as(asking.supervisor, async (tx) => {
      await appendAudit(tx, asking.id, { action: "officer.invite", subject: "invitation:1" });
      const person = { agency: asking.id, name: "Ofc. New", roles: ["officer"] } as const;
      await invite(tx, keyring, person);
      return invite(tx, keyring, person);
    });
    await bench.db.store.transaction(nobody, async (tx) => {
      await linkWithCode(tx, keyring, { code: used.code, account: account() });
      await askToLink(tx, keyring, account());
    });
    const taken = await bench.db.store.transaction(nobody, (tx) => askToLink(tx, keyring, account()));
    await bench.as(asking.supervisor, (tx) => takeLinkRequest(tx, keyring, taken));

    const left = async () => [await invitations(), await count("link_request")];
    expect(await left()).toEqual([2, 2]);
    await bench.db.moveClock("29 days 23 hours");
    await sweep();
    expect(await left()).toEqual([2, 2]);
    await bench.db.moveClock("2 hours");
    await sweep();
    // What was used is gone; what nobody used ran out later.
    expect(await left()).toEqual([1, 1]);
    await bench.db.moveClock("7 days");
    await sweep();
    expect(await left()).toEqual([0, 0]);
  });

  function invitations(): Promise<number> {
    return bench.as(asking.supervisor, async (tx) => {
      const rows = await tx.selectFrom("invitation").select("id").execute();
      return rows.length;
    });
  }

  it("drafts go when their fifteen minutes are over, of every agency", async () => {
    const keep = (person: Person, agency: Agency) =>
      bench.as(person, (tx) =>
        keepDraft(tx, {
          officer: { ...person, agencyName: "", name: "", roles: [], zone: "UTC", agency: agency.id },
          keyring: bench.db.keyring,
          draft: { form: "tip", subject: randomBytes(4).toString("hex") },
          values: { said: "words" },
        }),
      );
    await keep(officer, asking);
    await keep(owner.analyst, owner);
    const kept = (person: Person) =>
      bench.as(person, (tx) => tx.selectFrom("form_draft").select("id").execute());
    await bench.db.moveClock("14 minutes");
    await sweep();
    expect([await kept(officer), await kept(owner.analyst)].map(({ length }) => length)).toEqual([1, 1]);
    await bench.db.moveClock("2 minutes");
    await sweep();
    expect([await kept(officer), await kept(owner.analyst)].map(({ length }) => length)).toEqual([0, 0]);
  });

  it("is deleted a chunk at a time", async () => {
    await root.query(
      "insert into inbound_seen (platform, dedupe_key, at) select 'slack', 'many-' || n, clock_timestamp() - interval '3 days' from generate_series(1, 501) n",
    );
    expect((await sweep()).again).toBe(true);
    expect(await count("inbound_seen", "dedupe_key like 'many-%'")).toBe(1);
    expect((await sweep()).again).toBe(false);
    expect(await count("inbound_seen", "dedupe_key like 'many-%'")).toBe(0);
  });
});
