import { randomUUID } from "node:crypto";

import { sql } from "kysely";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { findNames } from "../../../src/watch-list/matching-store.ts";
import type { Matcher } from "../../../src/watch-list/matching/question.ts";
import { openHits, type Opening } from "../../../src/watch-list/open-hits-store.ts";
import { superuser } from "../../support/database.ts";
import { freshName, type Agency, type Person } from "../query-bench.ts";
import { numbersOf, openMatchingBench, searchOf, type Made, type MatchingBench } from "./matching-bench.ts";

let bench: MatchingBench;
let metro: Agency;
let cedar: Agency;
let officer: Person;
beforeAll(async () => {
  bench = await openMatchingBench();
  metro = await bench.addAgency();
  cedar = await bench.addAgency();
  officer = await bench.addPerson(cedar, ["officer"]);
});
afterAll(() => bench.close());

const opening = (said: Partial<Opening>): Opening => ({
  query: randomUUID(),
  action: "query.ask",
  purpose: "traffic_stop",
  inputs: ["name"],
  tells: true,
  open: [],
  restricted: [],
  ...said,
});
const opened = (said: Partial<Opening>, person = officer) =>
  bench.as(person, (tx) => openHits(tx, opening(said)));

/** What the asker's agency has in its audit about a query. */
async function auditOf(query: string) {
  const rows = await bench.as(officer, (tx) =>
    tx
      .selectFrom("audit")
      .select(["action", "actor", "outcome", "detail"])
      .where("subject", "=", `query:${query}`)
      .execute(),
  );
  return rows;
}

/** What must never be shown, whatever the index still says. */
const endings = {
  suspended: (one: Made) =>
    update(one, sql`state = 'suspended', suspended_at = clock.now(), suspended_reason = 'by_hand'`),
  cancelled: (one: Made) =>
    update(one, sql`state = 'cancelled', end_reason = 'error', ended_at = clock.now()`),
  "said to be expired": (one: Made) =>
    update(one, sql`state = 'expired', end_reason = 'expired', ended_at = clock.now()`),
  purged: async (one: Made) => {
    await update(one, sql`state = 'cancelled', end_reason = 'error', ended_at = clock.now()`);
    await update(one, sql`state = 'purged', content_sealed = null, content_hash = null`);
  },
  "kept from this agency": (one: Made) => force(one, "audience = 'named'"),
  "made an exercise": (one: Made) => force(one, "exercise = true"),
};

function update({ id }: Made, set: ReturnType<typeof sql>) {
  return bench.as(metro.analyst, async (tx) => {
    await sql`select append_audit(gen_random_uuid(), array[${metro.id}]::uuid[], 'entry.test', ${`entry:${id}`}, 'ok', '{}')`.execute(
      tx,
    );
    await sql`update entry set ${set} where id = ${id}`.execute(tx);
  });
}

/** What the database lets nobody do to an approved entry. */
async function force({ id }: Made, set: string): Promise<void> {
  const root = new Client({
    ...superuser(String(bench.db.connection.owner.database)),
    options: "-c search_path=allpoints -c session_replication_role=replica",
  });
  await root.connect();
  await root.query(`update entry set ${set} where id = $1`, [id]);
  await root.end();
}

describe("with an index that knows of nothing that happened since it was read", () => {
  let stale: Matcher;
  const people = new Map<string, { readonly name: string; readonly made: Made }>();
  beforeAll(async () => {
    const names = [...Object.keys(endings), "over"];
    const made = await bench.addMany(
      metro,
      names.map((ending) => {
        const name = freshName();
        people.set(ending, { name, made: { id: "", ref: "", number: 0 } });
        return { names: [name], days: ending === "over" ? 1 : 90 };
      }),
    );
    for (const [place, ending] of names.entries()) {
      const person = people.get(ending);
      const one = made[place];
      if (person !== undefined && one !== undefined) people.set(ending, { ...person, made: one });
    }
    stale = await bench.matcherOf({ follows: false });
  });
  const known = (ending: string) => {
    const person = people.get(ending);
    if (person === undefined) throw new Error("nobody");
    return person;
  };

  it.each(Object.entries(endings))("an entry that was %s is not shown", async (ending, end) => {
    const { name, made } = known(ending);
    const found = async () => numbersOf((await stale.search(searchOf(officer, { name }))).open);
    expect(await found()).toEqual([made.number]);
    expect((await opened({ open: await found() })).open).toMatchObject([{ entryId: made.id, ref: made.ref }]);
    await end(made);
    // The index still has it: what is shown is what the database says.
    expect(await found()).toEqual([made.number]);
    expect(await opened({ open: await found() })).toEqual({ open: [], silent: [], more: false });
  });

  it("an entry whose time is over is not shown, although no job has said so yet", async () => {
    const { name, made } = known("over");
    const { rows } = await bench.db.store.pool.query<{ now: Date }>("select clock.now() as now");
    const later = new Date((rows[0]?.now.getTime() ?? 0) + 26 * 3_600_000);
    expect(numbersOf((await stale.search(searchOf(officer, { name }))).open)).toEqual([made.number]);
    expect(numbersOf((await stale.search(searchOf(officer, { name, now: later }))).open)).toEqual([]);
    await bench.db.moveClock("26 hours");
    expect((await opened({ open: [made.number] })).open).toEqual([]);
  });
});

it("candidates that SQL finds are in force, and those that the asking agency may match", async () => {
  const made = await bench.addMany(metro, [
    { names: [freshName()] },
    { names: [freshName()], audience: [] },
    { names: [freshName()], audience: [cedar] },
    { names: [freshName()], sensitivity: "RESTRICTED" },
    { names: [freshName()], days: 1 },
    { names: [freshName()] },
  ]);
  const [all, own, named, restricted, , suspended] = made;
  if (suspended === undefined) throw new Error("nobody");
  await endings.suspended(suspended);
  const nothing = { pairs: [], single: [], anyDate: 0, limit: 10, dates: [], parts: [] };
  const find = async (person: Person, days: number) => {
    const { rows } = await bench.as(person, (tx) =>
      sql<{ now: Date }>`select clock.now() as now`.execute(tx),
    );
    const now = new Date((rows[0]?.now.getTime() ?? 0) + days * 86_400_000);
    const also = made.map(({ number }) => number);
    const found = await bench.as(person, (tx) => findNames(tx, { lookUps: [nothing, nothing], also, now }));
    return found.map(({ lane, number }) => `${lane} ${number - (all?.number ?? 0)}`).toSorted();
  };
  const place = (one: Made | undefined) => (one?.number ?? 0) - (all?.number ?? 0);
  const rest = ["open 0", `open ${place(named)}`, `restricted ${place(restricted)}`];
  expect(await find(officer, 2)).toEqual(rest);
  expect(await find(officer, 0)).toEqual([...rest, "open 4"].toSorted());
  expect(await find(metro.analyst, 2)).toEqual([...rest, `open ${place(own)}`].toSorted());
});

describe("what is opened", () => {
  it("is the first five in force, in the order given, and whether there are more", async () => {
    const made = await bench.addMany(
      metro,
      Array.from({ length: 8 }, () => ({ names: [freshName()] })),
    );
    const [first, second] = made;
    if (first === undefined || second === undefined) throw new Error("nobody");
    await endings.suspended(second);
    const numbers = made.map(({ number }) => number).toReversed();
    const { open, more } = await opened({ open: [...numbers, first.number, 999_999] });
    expect(open.map(({ number }) => number)).toEqual(numbers.slice(0, 5));
    expect(more).toBe(true);
    expect((await opened({ open: numbers.slice(0, 5) })).more).toBe(false);
  });

  it("says what a card needs", async () => {
    const [made] = await bench.addMany(metro, [{ names: [freshName()] }]);
    if (made === undefined) throw new Error("nobody");
    const { open } = await opened({ open: [made.number] });
    expect(open).toMatchObject([
      {
        number: made.number,
        entryId: made.id,
        ref: made.ref,
        ownerAgency: metro.id,
        sensitivity: "OPEN",
        cautions: ["armed"],
        legalStatus: "no_warrant",
        requestedAction: "contact_originator",
        tlp: "amber",
        pap: "red",
        sourceGrade: "B",
        informationGrade: "3",
        challenged: false,
        reviewDue: false,
      },
    ]);
    expect(open[0]?.expiresAt).toBeInstanceOf(Date);
    await force(made, "challenged_at = clock.now(), review_due_at = clock.now() - interval '1 second'");
    expect((await opened({ open: [made.number] })).open).toMatchObject([
      { challenged: true, reviewDue: true },
    ]);
  });

  it("is as secret as the entry is now, whatever the lane it was found in", async () => {
    const [label, agency, restricted, named, own] = await bench.addMany(metro, [
      { names: [freshName()], tlp: "red" },
      { names: [freshName()], sensitivity: "AGENCY_ONLY" },
      { names: [freshName()], sensitivity: "RESTRICTED" },
      { names: [freshName()], audience: [cedar] },
      { names: [freshName()], audience: [] },
    ]);
    const numbers = [label, agency, restricted, named, own].map((one) => one?.number ?? 0);
    const found = await opened({ open: numbers });
    expect(found.open.map(({ ref, sensitivity }) => [ref, sensitivity])).toEqual([
      [label?.ref, "AGENCY_ONLY"],
      [agency?.ref, "AGENCY_ONLY"],
      [named?.ref, "OPEN"],
    ]);
    expect(found.silent.map(({ ref }) => ref)).toEqual([restricted?.ref]);
    const inSilence = await opened({ restricted: [label?.number ?? 0] });
    expect(inSilence).toMatchObject({ open: [], silent: [{ ref: label?.ref, sensitivity: "RESTRICTED" }] });
    expect((await opened({ open: [own?.number ?? 0] }, metro.analyst)).open).toHaveLength(1);
  });

  it("again is only what was found before, and no less secret than it was", async () => {
    const [one, other, third] = await bench.addMany(
      metro,
      Array.from({ length: 3 }, () => ({ names: [freshName()] })),
    );
    const open = [one, other, third].map((made) => made?.number ?? 0);
    const before = [
      { entryId: other?.id ?? "", sensitivity: "AGENCY_ONLY" as const },
      { entryId: third?.id ?? "", sensitivity: "OPEN" as const },
    ];
    const query = randomUUID();
    const found = await opened({ query, action: "query.again", purpose: undefined, open, before });
    expect(found.open.map(({ ref, sensitivity }) => [ref, sensitivity])).toEqual([
      [other?.ref, "AGENCY_ONLY"],
      [third?.ref, "OPEN"],
    ]);
    expect(await auditOf(query)).toMatchObject([
      { action: "query.again", detail: { entries: [third?.ref], owners: [metro.id] } },
    ]);
    // Secret then: nobody sees it again.
    const hidden = [{ entryId: third?.id ?? "", sensitivity: "RESTRICTED" as const }];
    expect((await opened({ open, before: hidden })).open).toEqual([]);
  });
});

describe("the asker's audit", () => {
  it("says what was shown, in the same statement, and nothing of what was not", async () => {
    const [first, agency, restricted] = await bench.addMany(metro, [
      { names: [freshName()] },
      { names: [freshName()], sensitivity: "AGENCY_ONLY" },
      { names: [freshName()], sensitivity: "RESTRICTED" },
    ]);
    const query = randomUUID();
    await opened({
      query,
      open: [first?.number ?? 0, agency?.number ?? 0],
      restricted: [restricted?.number ?? 0],
      inputs: ["name", "born"],
    });
    expect(await auditOf(query)).toEqual([
      {
        action: "query.ask",
        actor: officer.id,
        outcome: "ok",
        detail: {
          purpose: "traffic_stop",
          inputs: ["name", "born"],
          entries: [first?.ref],
          owners: [metro.id],
        },
      },
    ]);
  });

  it("is the same row whether a secret entry was there or nothing at all", async () => {
    const [restricted] = await bench.addMany(metro, [{ names: [freshName()], sensitivity: "RESTRICTED" }]);
    const [silent, nothing] = [randomUUID(), randomUUID()];
    await opened({ query: silent, restricted: [restricted?.number ?? 0] });
    await opened({ query: nothing });
    const rows = await auditOf(nothing);
    expect(rows).toMatchObject([{ detail: { entries: [], owners: [] } }]);
    expect(await auditOf(silent)).toEqual(rows);
  });

  it("says nothing where the platform shows nothing", async () => {
    const [first] = await bench.addMany(metro, [{ names: [freshName()] }]);
    const query = randomUUID();
    expect((await opened({ query, tells: false, open: [first?.number ?? 0] })).open).toHaveLength(1);
    expect(await auditOf(query)).toMatchObject([{ detail: { entries: [], owners: [] } }]);
  });

  it("cannot be had without an agency, nor the answer without it", async () => {
    const [first] = await bench.addMany(metro, [{ names: [freshName()] }]);
    const nobody = bench.db.store.transaction({ agency: null, id: "stranger" }, (tx) =>
      openHits(tx, opening({ open: [first?.number ?? 0] })),
    );
    expect(await nobody.catch((error: unknown) => String(error))).not.toMatchObject({ open: [{}] });
  });
});
