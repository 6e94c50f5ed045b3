import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { FormValues } from "../../src/chat.ts";
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

interface Case {
  readonly what: string;
  /** What is asked; of an entry of this name. */
  readonly asks: (name: string) => FormValues;
  /** What is on record besides the name and the birth date. */
  readonly identifiers?: string;
  readonly entries?: number;
}
const cases: readonly Case[] = [
  { what: "a name", asks: (name) => ({ name }) },
  {
    what: "a name spelled otherwise",
    asks: (name) => ({ name: name.toUpperCase().replace("SMYTH", "smith") }),
  },
  { what: "a name and part of a birth date", asks: (name) => ({ name, born: "about 1984" }) },
  {
    what: "everything",
    asks: (name) => ({ name, born: "1984-03-02", identifiers: "MD SIL1234\n+1 410 555 0142" }),
    identifiers: "MD SIL1234\n+1 410 555 0142",
    entries: 2,
  },
  { what: "a plate", asks: () => ({ identifiers: "MD SLA1230" }), identifiers: "MD SLA1230" },
  {
    what: "a plate that looks alike",
    asks: () => ({ identifiers: "MD SLB123O" }),
    identifiers: "MD SLB1230",
  },
  { what: "part of a plate", asks: () => ({ identifiers: "SLC?2*\nMD *LC99" }), identifiers: "MD SLC1299" },
  {
    what: "a phone's seven digits",
    asks: (name) => ({ name, identifiers: "777-0143" }),
    identifiers: "+14107770143",
  },
  { what: "a handle elsewhere", asks: () => ({ identifiers: "@s1lent (x)" }), identifiers: "@silent (gab)" },
];

describe.each(cases)("a RESTRICTED hit by $what", ({ asks, identifiers = "", entries = 1 }) => {
  it("is answered with the very bytes of no hit, and leaves the very same behind", async () => {
    const name = freshName();
    const [nobody, somebody] = [
      await bench.addPerson(asking, ["officer"]),
      await bench.addPerson(asking, ["officer"]),
    ];
    const values = asked(asks(name));
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
  it.each([
    ["its name", {}, ""],
    ["its plate", { identifiers: "MD SLX1234" }, "MD SLX1234"],
    ["part of its plate", { identifiers: "SLY?2*" }, "MD SLY1234"],
  ])("found by %s changes nothing about an answer that shows the other", async (_by, more, identifiers) => {
    const name = freshName();
    const [before, after] = [
      await bench.addPerson(asking, ["officer"]),
      await bench.addPerson(asking, ["officer"]),
    ];
    await bench.addEntry(owner, { names: [name], birthDates: ["1984-03-02"] });
    const values = asked({ name, born: "1984-03-02", ...more });
    const one = await bench.screen().form(before, values);
    const hidden = { names: [name], birthDates: ["1984-03-02"], sensitivity: "RESTRICTED" } as const;
    await bench.addEntry(owner, { ...hidden, identifiers });
    const other = await bench.screen().form(after, values);
    expect(said(one)).toContain("ANSWER TO YOUR QUERY");
    expect(withoutOwn(said(other))).toBe(withoutOwn(said(one)));
    expect(await traces(after)).toEqual(await traces(before));
    await queryFollowUp.run(bench.db.jobs, bench.db.keyring);
    const told = await bench.as(owner.analyst, (tx) =>
      tx
        .selectFrom("hit")
        .select("sensitivity")
        .where("asked_by", "=", after.id)
        .orderBy("sensitivity")
        .execute(),
    );
    expect(told.map(({ sensitivity }) => sensitivity)).toEqual(["OPEN", "RESTRICTED"]);
    await bench.db.moveClock("1 hour");
  });

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
    expect(said(before)).toMatch(/(?:STRONG|POSSIBLE) match/);
    expect(withoutOwn(said(after))).toBe(withoutOwn(said(before)));
  });
});
