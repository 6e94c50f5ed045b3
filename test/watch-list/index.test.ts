import { randomUUID } from "node:crypto";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { indexEntry, orderedPair, tokenIds, unindexEntry } from "../../src/watch-list/index-store.ts";
import { approved, freshName, openEntryBench, type Agency, type EntryBench } from "./entry-bench.ts";

let bench: EntryBench;
let metro: Agency;
beforeAll(async () => {
  bench = await openEntryBench();
  metro = await bench.addAgency();
});
afterAll(() => bench.db.close());

const digits = () => String(Math.floor(Math.random() * 9000) + 1000);

/** An entry that is in force, found by exactly these. */
async function indexed(said: {
  readonly names?: readonly string[];
  readonly plate?: { readonly value: string; readonly issuer?: string };
  readonly sensitivity?: "OPEN" | "RESTRICTED";
}) {
  const { ref } = await approved(bench, metro);
  const { names = [], plate, sensitivity = "OPEN" } = said;
  const { keyring } = bench.db;
  const id = await bench.as(metro.analyst, async (tx) => {
    const row = await tx.selectFrom("entry").select("id").where("ref", "=", ref).executeTakeFirstOrThrow();
    const identifiers = plate === undefined ? [] : [{ kind: "plate" as const, shown: "", ...plate }];
    await indexEntry(tx, keyring, {
      id: row.id,
      agency: metro.id,
      sensitivity,
      names,
      birthDates: [],
      identifiers,
    });
    return row.id;
  });
  return { id, ref };
}

describe("the vocabulary", () => {
  it("gives a token one id, to whichever agency and however often", async () => {
    const { keyring } = bench.db;
    const string = randomUUID();
    const wanted = { kind: "name", strings: [string, string], create: true } as const;
    const first = await bench.as(metro.analyst, (tx) => tokenIds(tx, keyring, wanted));
    const second = await bench.as((await bench.addAgency()).analyst, (tx) => tokenIds(tx, keyring, wanted));
    expect(first.size).toBe(1);
    expect(second).toEqual(first);
  });

  it("is added to by two at once without either failing", async () => {
    const { keyring } = bench.db;
    const strings = Array.from({ length: 20 }, () => randomUUID());
    const add = (wanted: readonly string[]) =>
      bench.as(metro.analyst, (tx) => tokenIds(tx, keyring, { kind: "name", strings: wanted, create: true }));
    const [one, other] = await Promise.all([add(strings), add(strings.toReversed())]);
    expect(one.size).toBe(20);
    expect(new Map(other)).toEqual(new Map(one));
  });

  it("grows by no question", async () => {
    const { keyring } = bench.db;
    const ids = await bench.as(metro.analyst, (tx) =>
      tokenIds(tx, keyring, { kind: "name", strings: [randomUUID()], create: false }),
    );
    expect(ids.size).toBe(0);
  });

  it("orders pairs as numbers", () => {
    expect(orderedPair("10", "9")).toEqual(["9", "10"]);
    expect(orderedPair("9", "9")).toEqual(["9", "9"]);
  });
});

describe("the index", () => {
  it("finds a name whatever its order, titles and marks, and not by half of it", async () => {
    const name = freshName();
    const { ref } = await indexed({ names: [name] });
    const [given = "", family = ""] = name.split(" ");
    expect((await bench.finds(metro.patrol, { name: `Mr. ${family.toUpperCase()}, ${given}` })).open).toEqual(
      [ref],
    );
    expect((await bench.finds(metro.patrol, { name: family })).open).toEqual([]);
    expect((await bench.finds(metro.patrol, { name: `${given} Q ${family}` })).open).toEqual([]);
  });

  it("finds a plate with its state or without, never with another one's", async () => {
    const value = `ZQ${digits()}${digits()}`.slice(0, 8);
    const { ref } = await indexed({ plate: { value, issuer: "MD" } });
    expect((await bench.finds(metro.patrol, { identifiers: `MD ${value}` })).open).toEqual([ref]);
    expect((await bench.finds(metro.patrol, { identifiers: `plate ${value}` })).open).toEqual([ref]);
    expect((await bench.finds(metro.patrol, { identifiers: `VA ${value}` })).open).toEqual([]);
  });

  it("keeps RESTRICTED entries in a lane of their own", async () => {
    const name = freshName();
    const { ref, id } = await indexed({ names: [name], sensitivity: "RESTRICTED" });
    expect(await bench.finds(metro.patrol, { name })).toEqual({ open: [], silent: [ref] });
    const { rows } = await (
      await bench.db.ownerClient()
    ).query(
      "select count(*)::int as n from pg_class where relname in ('name_pair_open', 'name_pair_restricted')",
    );
    expect(rows).toEqual([{ n: 2 }]);
    const lanes = await bench.as(metro.analyst, (tx) =>
      tx.selectFrom("name_pair").select("lane").distinct().where("entry_id", "=", id).execute(),
    );
    expect(lanes).toEqual([{ lane: "restricted" }]);
  });

  it("is replaced when an entry is indexed again, and empty once it is taken out", async () => {
    const [before, after] = [freshName(), freshName()];
    const { id, ref } = await indexed({ names: [before] });
    const { keyring } = bench.db;
    await bench.as(metro.analyst, (tx) =>
      indexEntry(tx, keyring, {
        id,
        agency: metro.id,
        sensitivity: "OPEN",
        names: [after],
        birthDates: [],
        identifiers: [],
      }),
    );
    expect((await bench.finds(metro.patrol, { name: before })).open).toEqual([]);
    expect((await bench.finds(metro.patrol, { name: after })).open).toEqual([ref]);
    await bench.as(metro.analyst, (tx) => unindexEntry(tx, id));
    expect((await bench.finds(metro.patrol, { name: after })).open).toEqual([]);
  });

  it("holds no row of another agency's entry that this agency could read or write", async () => {
    const { id } = await indexed({ names: [freshName()] });
    const cedar = await bench.addAgency();
    const read = await bench.as(cedar.analyst, (tx) =>
      tx.selectFrom("name_pair").select("a").where("entry_id", "=", id).execute(),
    );
    expect(read).toEqual([]);
    await bench.as(cedar.analyst, (tx) => unindexEntry(tx, id));
    const left = await bench.as(metro.analyst, (tx) =>
      tx.selectFrom("name_pair").select("a").where("entry_id", "=", id).execute(),
    );
    expect(left).toHaveLength(1);
    const row = {
      lane: "open",
      a: "1",
      b: "2",
      name_id: randomUUID(),
      entry_id: id,
      agency_id: metro.id,
      tokens: 2,
    } as const;
    await expect(
      bench.as(cedar.analyst, (tx) => tx.insertInto("name_pair").values(row).execute()),
    ).rejects.toThrow("row-level security");
  });
});
