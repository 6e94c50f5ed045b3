import { randomUUID } from "node:crypto";

import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { indexKeys, readIdentifiers } from "../../src/watch-list/identifier.ts";
import { indexEntry, unindexEntry } from "../../src/watch-list/index-store.ts";
import { INDEX_VERSION, readName } from "../../src/watch-list/matching/name-reader.ts";
import { forgetTokens, tokenNumbers, type Word } from "../../src/watch-list/vocabulary-store.ts";
import { openMatchingBench, type Listed, type MatchingBench } from "./matching/matching-bench.ts";
import { freshName, type Agency } from "./query-bench.ts";

let bench: MatchingBench;
let metro: Agency;
let cedar: Agency;
beforeAll(async () => {
  bench = await openMatchingBench();
  metro = await bench.addAgency();
  cedar = await bench.addAgency();
});
afterAll(() => bench.close());

const made = async (listed: Listed) => {
  const [one] = await bench.addMany(metro, [listed]);
  if (one === undefined) throw new Error("nothing was made");
  return one;
};

/** Rows that lead to an entry, by table and lane, as its own agency sees them. */
async function rowsOf(number: number, agency: Agency = metro) {
  const { rows } = await bench.as(agency.analyst, (tx) =>
    sql<{ place: string; rows: number }>`
      select place, count(*)::int as rows from (
        select 'name ' || lane as place from entry_name where entry_number = ${number}
        union all select 'pair ' || lane from entry_pair where entry_number = ${number}
        union all select 'birth ' || lane from entry_birth where entry_number = ${number}
        union all select 'plate ' || lane from entry_plate where entry_number = ${number}
        union all select 'identifier ' || i.lane from identifier i join entry e on e.id = i.entry_id
                   where e.number = ${number}) as found
       group by 1 order by 1`.execute(tx),
  );
  return Object.fromEntries(rows.map(({ place, rows: count }) => [place, count]));
}

/** Under how many keys identifiers are found. */
const keysOf = (text: string) =>
  new Set(
    readIdentifiers(text).identifiers.flatMap((one) => indexKeys(one).map((key) => `${one.kind} ${key}`)),
  ).size;

const words = (strings: readonly string[]): readonly Word[] =>
  strings.map((string) => ({ kind: "name", string }));
const lastToken = async () =>
  (
    await (
      await bench.db.ownerClient()
    ).query<{ last: string }>("select last_value::text as last from token_id_seq")
  ).rows[0]?.last;

describe("the vocabulary", () => {
  it("gives a word one number, to whichever agency and however often, and uses up no other", async () => {
    const { keyring } = bench.db;
    const [word] = words([randomUUID()]);
    if (word === undefined) throw new Error("no word");
    const numberFor = (agency: Agency) =>
      bench.as(agency.analyst, async (tx) => (await tokenNumbers(tx, keyring, [word, word]))(word));
    const first = await numberFor(metro);
    expect(await numberFor(cedar)).toBe(first);
    expect(await lastToken()).toBe(String(first));
  });

  it("is added to by two at once, in whatever order, without either failing", async () => {
    const { keyring } = bench.db;
    const strings = words(Array.from({ length: 50 }, () => randomUUID()));
    const add = (wanted: readonly Word[]) =>
      bench.as(metro.analyst, async (tx) => {
        const number = await tokenNumbers(tx, keyring, wanted);
        return strings.map(number);
      });
    const [one, other] = await Promise.all([add(strings), add(strings.toReversed())]);
    expect(new Set(one).size).toBe(50);
    expect(other).toEqual(one);
  });

  it("keeps parts of names, dates and plates apart", async () => {
    const string = "1984";
    const all = (["name", "date", "plate"] as const).map((kind) => ({ kind, string }));
    const numbers = await bench.as(metro.analyst, async (tx) => {
      const number = await tokenNumbers(tx, bench.db.keyring, all);
      return all.map(number);
    });
    expect(new Set(numbers).size).toBe(3);
  });

  it("forgets a plate with the last entry that has it", async () => {
    const plate = `Q${String(Math.floor(Math.random() * 900_000) + 100_000)}`;
    const one = await made({ identifiers: `plate ${plate}` });
    const other = await made({ identifiers: `MD ${plate}` });
    const plates = () =>
      bench.as(metro.analyst, async (tx) => {
        const { rows } = await sql<{ token: number }>`
          select distinct t.id::int as token from token t join entry_plate p on p.token = t.id
           where p.entry_number = any(${[one.number, other.number]}::int[])`.execute(tx);
        return rows.map(({ token }) => token);
      });
    const [token] = await plates();
    const isThere = async () =>
      (await bench.as(metro.analyst, (tx) => sql`select from token where id = ${token}`.execute(tx))).rows
        .length;
    await bench.as(metro.analyst, (tx) => unindexEntry(tx, one.id));
    await forget();
    expect(await isThere()).toBe(1);
    await bench.as(metro.analyst, (tx) => unindexEntry(tx, other.id));
    await forget();
    expect(await isThere()).toBe(0);
  });

  it("forgets names and dates with the last entry that has them, and no other", async () => {
    const [gone, stays] = [freshName(), freshName()];
    const birthDates = [`19${String(Math.floor(Math.random() * 90) + 10)}-01-07`];
    const one = await made({ names: [gone, stays], birthDates });
    const other = await made({ names: [stays] });
    const numbers = await numbersOf([gone, stays], birthDates);
    expect(await left(numbers)).toEqual(numbers);
    await forget();
    expect(await left(numbers)).toEqual(numbers);
    await bench.as(metro.analyst, (tx) => unindexEntry(tx, one.id));
    await forget();
    const kept = await numbersOf([stays], []);
    expect(await left(numbers)).toEqual(kept);
    // A change that takes a name off.
    const entry = { id: other.id, agency: metro.id, sensitivity: "OPEN" as const };
    await bench.as(metro.analyst, (tx) =>
      indexEntry(tx, bench.db.keyring, { ...entry, names: [freshName()], birthDates: [], identifiers: [] }),
    );
    await forget();
    expect(await left(numbers)).toEqual([]);
  });

  it("keeps a word that an entry takes up while it is forgotten", async () => {
    const { keyring } = bench.db;
    for (let round = 0; round < 15; round += 1) {
      const name = freshName();
      // oxlint-disable-next-line no-await-in-loop
      const one = await made({ names: [name] });
      // oxlint-disable-next-line no-await-in-loop
      await bench.as(metro.analyst, (tx) => unindexEntry(tx, one.id));
      // oxlint-disable-next-line no-await-in-loop
      const [other] = await Promise.all([made({ names: [name] }), forget(), forget()]);
      // oxlint-disable-next-line no-await-in-loop
      const { rows } = await bench.as(metro.analyst, (tx) =>
        sql<{ token: number; known: boolean }>`
          select k.token, exists (select from token t where t.id = k.token) as known
            from entry_name n cross join unnest(n.tokens) as k(token) where n.entry_number = ${other.number}`.execute(
          tx,
        ),
      );
      expect(rows.map(({ known }) => known)).toEqual([true, true]);
    }
    // Held by a transaction that has not given it to anybody yet.
    const [word] = words(readName(freshName()).parts);
    if (word === undefined) throw new Error("no word");
    const one = await made({ names: [word.string] });
    await bench.as(metro.analyst, (tx) => unindexEntry(tx, one.id));
    const number = await bench.as(metro.analyst, async (tx) => {
      const held = (await tokenNumbers(tx, keyring, [word]))(word);
      await forget();
      return held;
    });
    expect(await left([number])).toEqual([number]);
    await forget();
    expect(await left([number])).toEqual([]);
  });
});

/** What the jobs do every now and then. */
async function forget(): Promise<void> {
  await bench.db.jobs.transaction({ agency: null, id: "system" }, async (tx) => {
    while ((await forgetTokens(tx, 50)) === 50);
  });
}
async function left(numbers: readonly number[]): Promise<readonly number[]> {
  const { rows } = await bench.as(metro.analyst, (tx) =>
    sql<{
      id: number;
    }>`select id::int as id from token where id = any(${numbers}::bigint[]) order by 1`.execute(tx),
  );
  return rows.map(({ id }) => id);
}
/** Of every word, in order. */
function numbersOf(names: readonly string[], dates: readonly string[]): Promise<readonly number[]> {
  return bench.as(metro.analyst, async (tx) => {
    const parts = names.flatMap((name) => readName(name).parts);
    const all: readonly Word[] = [
      ...words(parts),
      ...dates.map((string) => ({ kind: "date", string }) as const),
    ];
    const number = await tokenNumbers(tx, bench.db.keyring, all);
    return all.map(number).toSorted((one, other) => one - other);
  });
}

it("a plate whose last entry ends just as another one takes it up is kept for that", async () => {
  for (let round = 0; round < 12; round += 1) {
    const identifiers = `plate QX${String(Math.floor(Math.random() * 900_000) + 100_000)}`;
    // oxlint-disable-next-line no-await-in-loop
    const one = await made({ identifiers });
    // oxlint-disable-next-line no-await-in-loop
    const [other] = await Promise.all([
      made({ identifiers }),
      bench.as(metro.analyst, (tx) => unindexEntry(tx, one.id)),
    ]);
    // oxlint-disable-next-line no-await-in-loop
    expect(await rowsOf(other.number)).toMatchObject({ "plate open": 1 });
  }
});

describe("the index of an entry", () => {
  it("has each name in order, every pair of its parts, its dates, plates and identifiers", async () => {
    const { number } = await made({
      names: ["Anna Maria Vera", "Anna Vera Jr.", "Solo"],
      birthDates: ["1984-03-02", "1984-03", "1984-03-02"],
      identifiers: "MD ABC1234\n555-555-0199",
    });
    expect(await rowsOf(number)).toEqual({
      "birth open": 2,
      "identifier open": keysOf("MD ABC1234\n555-555-0199"),
      "name open": 3,
      // anna-maria, anna-vera (once), maria-vera, solo-solo
      "pair open": 4,
      "plate open": 1,
    });
    const { rows } = await bench.as(metro.analyst, (tx) =>
      sql<{ parts: number; suffix: string | null }>`
        select cardinality(tokens) as parts, suffix from entry_name where entry_number = ${number} order by place`.execute(
        tx,
      ),
    );
    expect(rows).toEqual([
      { parts: 3, suffix: null },
      { parts: 2, suffix: "jr" },
      { parts: 1, suffix: null },
    ]);
  });

  it("of a RESTRICTED one is in partitions of its own, also when it was open before", async () => {
    const { id, number } = await made({ names: [freshName()], identifiers: "@ironjack (x)" });
    const entry = {
      id,
      agency: metro.id,
      sensitivity: "RESTRICTED" as const,
      names: [freshName()],
      birthDates: ["1984-03-02"],
      identifiers: readIdentifiers("MD XYZ999").identifiers,
    };
    await bench.as(metro.analyst, (tx) => indexEntry(tx, bench.db.keyring, entry));
    expect(await rowsOf(number)).toEqual({
      "birth restricted": 1,
      "identifier restricted": keysOf("MD XYZ999"),
      "name restricted": 1,
      "pair restricted": 1,
      "plate restricted": 1,
    });
  });

  it("is gone once it is taken out, and says by which reading it was made while it is there", async () => {
    const { id, number } = await made({
      names: [freshName()],
      birthDates: ["1999"],
      identifiers: "MD XYZ999",
    });
    const entry = () =>
      bench.as(metro.analyst, (tx) =>
        tx
          .selectFrom("entry")
          .select(["index_version", "index_line"])
          .where("id", "=", id)
          .executeTakeFirstOrThrow(),
      );
    expect(await entry()).toEqual({
      index_version: INDEX_VERSION,
      index_line: expect.stringMatching(/^\d+ \d+;\d+$/),
    });
    await bench.as(metro.analyst, (tx) => unindexEntry(tx, id));
    expect(await rowsOf(number)).toEqual({});
    expect(await entry()).toEqual({ index_version: null, index_line: null });
  });

  it("takes what the version before this one wrote with it", async () => {
    const { id } = await made({ names: [freshName()] });
    const row = { lane: "open" as const, entry_id: id, agency_id: metro.id };
    await bench.as(metro.analyst, async (tx) => {
      await tx
        .insertInto("name_pair")
        .values({ ...row, a: "1", b: "2", name_id: randomUUID(), tokens: 2 })
        .execute();
      await tx
        .insertInto("entry_date")
        .values({ ...row, date_id: "1" })
        .execute();
      await unindexEntry(tx, id);
    });
    const left = await bench.as(metro.analyst, async (tx) => [
      ...(await tx.selectFrom("name_pair").select("a").where("entry_id", "=", id).execute()),
      ...(await tx.selectFrom("entry_date").select("date_id").where("entry_id", "=", id).execute()),
    ]);
    expect(left).toEqual([]);
  });

  it("can be neither read nor changed nor forged by another agency", async () => {
    const { id, number } = await made({
      names: [freshName()],
      birthDates: ["1999"],
      identifiers: "MD XYZ999",
    });
    const before = await rowsOf(number);
    expect(await rowsOf(number, cedar)).toEqual({});
    await bench.as(cedar.analyst, (tx) => unindexEntry(tx, id));
    expect(await rowsOf(number)).toEqual(before);
    const forged = { entry_number: number, a: 1, b: 2, lane: "open" as const };
    await expect(
      bench.as(cedar.analyst, (tx) =>
        tx
          .insertInto("entry_pair")
          .values({ ...forged, agency_id: metro.id })
          .execute(),
      ),
    ).rejects.toThrow("row-level security");
    // Nor as a row of its own that leads to another's entry.
    await expect(
      bench.as(cedar.analyst, (tx) =>
        tx
          .insertInto("entry_pair")
          .values({ ...forged, agency_id: cedar.id })
          .execute(),
      ),
    ).rejects.toThrow("foreign key");
    await expect(
      bench.as(cedar.analyst, (tx) =>
        indexEntry(tx, bench.db.keyring, {
          id,
          agency: cedar.id,
          sensitivity: "OPEN",
          names: ["Somebody Else"],
          birthDates: [],
          identifiers: [],
        }),
      ),
    ).rejects.toThrow("not there");
  });
});
