import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { queryFollowUp } from "../../src/watch-list/query-follow-up.ts";
import {
  asked,
  freshName,
  openQueryBench,
  said,
  type Agency,
  type Person,
  type QueryBench,
} from "./query-bench.ts";

let bench: QueryBench;
let owner: Agency;
let asking: Agency;
beforeAll(async () => {
  bench = await openQueryBench();
  owner = await bench.addAgency();
  asking = await bench.addAgency();
});
afterAll(() => bench.db.close());

/** All that one officer's question leaves behind, as their own agency's people can see it. */
function traces(person: Person) {
  return bench.as(person, async (tx) => {
    const queries = await tx.selectFrom("query").selectAll().where("officer_id", "=", person.id).execute();
    const ids = queries.map(({ id }) => id);
    const of = <Row extends Record<string, unknown>>(rows: readonly Row[]) =>
      rows.map((row) =>
        Object.fromEntries(
          Object.entries(row).map(([name, value]) => [
            name,
            Buffer.isBuffer(value) ? value.length : JSON.stringify(value)?.length,
          ]),
        ),
      );
    const audits = await tx
      .selectFrom("audit")
      .select(["action", "subject", "outcome", "detail"])
      .where("actor", "=", person.id)
      .orderBy("at")
      .execute();
    return {
      query: of(queries),
      audit: of(audits),
      details: audits.map(({ detail }) => detail),
      hit: await tx.selectFrom("hit").select("id").where("query_id", "in", ids).execute(),
      dissemination: await tx
        .selectFrom("dissemination")
        .select("id")
        .where("officer_id", "=", person.id)
        .execute(),
      delivery: await tx.selectFrom("delivery").select("id").execute(),
    };
  });
}

/** What differs between any two questions: the reference, the id, the minute. */
function withoutOwn(text: string): string {
  return text
    .replaceAll(/Q-[0-9A-Z]{3}-[0-9A-Z]{3}/g, "Q")
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "id")
    .replaceAll(/\d\d:\d\d E[SD]T/g, "time");
}

const everything = { born: "1984-03-02", identifiers: "MD SIL1234\n+1 410 555 0142" };

describe.each([
  ["a name", {}, "", 1],
  ["everything", everything, everything.identifiers, 2],
])("a RESTRICTED hit by %s", (...[_what, more, identifiers, entries]) => {
  it("is answered with the very bytes of no hit, and leaves the very same behind", async () => {
    const name = freshName();
    const [nobody, somebody] = [
      await bench.addPerson(asking, ["officer"]),
      await bench.addPerson(asking, ["officer"]),
    ];
    const values = asked({ name, ...more });
    const miss = await bench.screen().form(nobody, values);
    for (let made = 0; made < entries; made += 1) {
      // oxlint-disable-next-line no-await-in-loop
      await bench.addEntry(owner, {
        names: [name],
        birthDates: ["1984-03-02"],
        identifiers,
        sensitivity: "RESTRICTED",
      });
    }
    const silent = await bench.screen().form(somebody, values);

    expect(said(miss)).toContain("Nothing to show for this query.");
    expect(withoutOwn(said(silent))).toBe(withoutOwn(said(miss)));
    expect(JSON.stringify(silent)).toHaveLength(JSON.stringify(miss).length);
    expect(await traces(somebody)).toEqual(await traces(nobody));

    const { query } = await traces(somebody);
    await queryFollowUp.run(bench.db.jobs, bench.db.keyring);
    expect(await traces(somebody)).toEqual(await traces(nobody));
    expect(withoutOwn(said(await bench.screen().command(somebody, "allpoints", again)))).toBe(
      withoutOwn(said(await bench.screen().command(nobody, "allpoints", again))),
    );
    expect(query).toHaveLength(1);
    const told = await bench.as(owner.analyst, (tx) =>
      tx.selectFrom("hit").select(["sensitivity", "shown"]).where("asked_by", "=", somebody.id).execute(),
    );
    expect(told).toEqual(
      Array.from({ length: entries }, () => ({ sensitivity: "RESTRICTED", shown: "nothing" })),
    );
  });
});
const again = { kind: "words", words: "again" } as const;

describe("a RESTRICTED entry beside an open one", () => {
  it("changes nothing about the answer: neither its order nor its count", async () => {
    const name = freshName();
    const person = await bench.addPerson(asking, ["officer"]);
    for (let made = 0; made < 5; made += 1) {
      // oxlint-disable-next-line no-await-in-loop
      await bench.addEntry(owner, { names: [name] });
    }
    const before = await bench.screen().form(person, asked({ name, born: "1984-03-02" }));
    await bench.addEntry(owner, { names: [name], birthDates: ["1984-03-02"], sensitivity: "RESTRICTED" });
    const after = await bench.screen().form(person, asked({ name, born: "1984-03-02" }));
    expect(said(before)).toContain("POSSIBLE match");
    expect(withoutOwn(said(after))).toBe(withoutOwn(said(before)));
  });
});
