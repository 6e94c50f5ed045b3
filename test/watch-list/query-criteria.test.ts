import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { FormValues } from "../../src/chat.ts";
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

// What finds an entry, through the form as an officer fills it in.

let bench: QueryBench;
let owner: Agency;
let asking: Agency;
let officer: Person;
let entry: EntryMade;
const family = freshName().split(" ").at(-1) ?? "";
beforeAll(async () => {
  bench = await openQueryBench();
  owner = await bench.addAgency();
  asking = await bench.addAgency();
  officer = await bench.addPerson(asking, ["dispatcher"]);
  entry = await bench.addEntry(owner, {
    names: [`Yevgeny Robert ${family}`],
    birthDates: ["1984-03-02"],
    identifiers:
      "MD OBZ1561\n+1 410 555 0142\niron.jack@gmail.com\n@ironjack (x)\n1M8GDM9AXKP042788\nplate QQX7781",
  });
});
afterAll(() => bench.db.close());

const ask = (values: FormValues) =>
  bench.screen().form(officer, asked({ ref: "24-118833 for 4A12", ...values }));

/** "STRONG" or "POSSIBLE" if that entry is shown. */
async function band(values: FormValues): Promise<string | undefined> {
  const answer = said(await ask(values));
  expect(answer).toMatch(/ANSWER TO YOUR QUERY|Nothing to show/);
  if (!answer.includes(entry.ref)) return undefined;
  return /(STRONG|POSSIBLE) match/.exec(answer)?.[1];
}

describe("an identifier finds", () => {
  it.each([
    ["the plate", "md obz-1561", "STRONG", "same plate and state"],
    ["the plate without its state", "plate OBZ1561", "POSSIBLE", "state not known on one side"],
    ["a plate on record without a state", "MD QQX7781", "POSSIBLE", "state not known on one side"],
    ["a plate that looks alike", "MD 08215GI", "POSSIBLE", "check the plate by eye"],
    ["part of a plate, any sign", "MD OBZ1?61", "POSSIBLE", "fits the part you gave"],
    ["part of a plate, any number of signs", "*BZ15*", "POSSIBLE", "fits the part you gave"],
    ["part of a plate without its state on record", "MD QQX*", "POSSIBLE", "fits the part you gave"],
    ["the phone", "(410) 555-0142", "STRONG", "same phone number"],
    ["the phone with another area code", "202 555 0142", "POSSIBLE", "same last seven digits"],
    ["the address", "Iron.Jack@Gmail.com", "STRONG", "same e-mail address"],
    ["the address with other dots", "ironjack+list@googlemail.com", "POSSIBLE", "same mailbox"],
    ["the handle", "https://twitter.com/IronJack", "STRONG", "same handle on the same platform"],
    ["the handle without a platform", "@ironjack", "POSSIBLE", "platform not known on one side"],
    ["the handle elsewhere", "@ironjack (instagram)", "POSSIBLE", "same handle on another platform"],
    ["a handle that looks alike", "@lrоn_jасk", "POSSIBLE", "a handle that looks alike"],
    ["the VIN", "1M8GDM9AXKPO42788", "STRONG", "same VIN"],
  ])("by %s", async (...[_what, identifiers, sure, why]) => {
    const answer = said(await ask({ identifiers }));
    expect(answer).toContain(entry.ref);
    expect(answer).toContain(`${sure} match`);
    expect(answer).toContain(why);
    expect(answer).toContain("name not given; birth date not given");
  });

  it.each([
    ["the plate of another state", "VA OBZ1561"],
    ["part of it in another state", "VA OBZ1?61"],
    ["a plate that looks alike in another state", "VA 08215GI"],
    ["another plate", "MD OBZ1571"],
    ["another phone", "410 555 0143"],
    ["another handle", "@ironjill (x)"],
  ])("nobody by %s", async (_what, identifiers) => {
    expect(await band({ identifiers })).toBeUndefined();
  });

  it("whom a name finds too, each reported by itself", async () => {
    const answer = said(await ask({ name: `Yevgeny ${family}`, identifiers: "MD OBZ1561" }));
    expect(answer).toMatch(/Why: same plate and state; .*; birth date not given\. Make sure/);
    expect(answer.split(entry.ref)).toHaveLength(2);
  });

  it("and the name finds others beside: neither stands in for the other", async () => {
    const namesake = await bench.addEntry(owner, { names: [`Yevgeny Robert ${family}`] });
    const answer = said(await ask({ name: `Yevgeny Robert ${family}`, identifiers: "MD OBZ1561" }));
    expect(answer).toContain(entry.ref);
    expect(answer).toContain(namesake.ref);
    expect(said(await ask({ identifiers: "MD OBZ1561" }))).not.toContain(namesake.ref);
    await bench.endEntry(owner, namesake, "cancelled");
  });

  it("somebody born on another day, and says that first", async () => {
    const answer = said(await ask({ born: "1952-11-30", identifiers: "MD OBZ1561" }));
    expect(answer).toContain("POSSIBLE match");
    expect(answer).toMatch(/Why: CONFLICT: [^;]+; same plate and state/);
  });
});

describe("a name finds", () => {
  it.each([
    ["in another order", `${family.toUpperCase()}, Robert Yevgeny`],
    ["without its middle", `Yevgeny ${family}`],
    ["with a letter wrong", `Yevgeny Robert ${family.slice(0, -2)}${family.slice(-1)}`],
    ["in another script", `Евгений Robert ${family}`],
    ["with marks and signs", `yévgény "Robert" ${family}…`],
  ])("%s", async (_how, name) => {
    expect(await band({ name, born: "1984-03-02" })).toBeDefined();
  });

  it("nobody else", async () => {
    expect(await band({ name: freshName(), born: "1984-03-02" })).toBeUndefined();
  });
});

describe("a birth date finds", () => {
  const name = `Yevgeny Robert ${family}`;

  it.each([
    ["whole", "1984-03-02"],
    ["month first", "3/2/1984"],
    ["day first", "02.03.1984"],
    ["in other digits", "١٩٨٤-٠٣-٠٢"],
    ["in part", "March 1984"],
    ["as a year", "1984"],
    ["about", "about 1985"],
    ["give or take", "1985-03-02 ±1"],
  ])("%s", async (_how, born) => {
    expect(await band({ name, born })).toBeDefined();
  });

  it("by both readings, and says so", async () => {
    const answer = said(await ask({ name, born: "02/03/1984" }));
    expect(answer).toContain(entry.ref);
    expect(answer).toContain("born 1984-02-03 or 1984-03-02 (02/03 read as 3 February and 2 March)");
  });

  it("nobody born another day of whose name but a part is given", async () => {
    expect(await band({ name: `Yevgeny ${family}`, born: "1952-11-30" })).toBeUndefined();
  });

  it("whoever has it with one part of the name, which alone is too little", async () => {
    expect(await band({ name: family, born: "1984-03-02" })).toBeDefined();
    expect((await ask({ name: family })).kind).toBe("problems");
  });
});

describe("too many of one name", () => {
  const name = freshName();
  let first: Person;
  beforeAll(async () => {
    first = await bench.addPerson(asking, ["officer"]);
    for (let made = 0; made < 7; made += 1) {
      // oxlint-disable-next-line no-await-in-loop
      await bench.addEntry(made % 2 === 0 ? owner : asking, { names: [name] });
    }
    await bench.addEntry(owner, { names: [name], sensitivity: "RESTRICTED" });
  });

  it("are counted, and none of them is shown or told about", async () => {
    const answer = said(await bench.screen().form(first, asked({ name })));
    expect(answer).toContain(
      `${name.toUpperCase()}: 7 entries at 2 agencies. Too many to tell apart: add a birth date or a middle name.`,
    );
    expect(answer).not.toMatch(/E-[0-9A-Z]{3}-|Ask owner/);
    const audit = await bench.as(first, (tx) =>
      tx
        .selectFrom("audit")
        .select(["action", "detail"])
        .where("actor", "=", first.id)
        .orderBy("at")
        .execute(),
    );
    expect(audit).toMatchObject([
      { action: "query.ask", detail: { entries: [], owners: [] } },
      { action: "query.count", detail: { groups: ["7 of 2"] } },
    ]);
  });

  it("are counted alike when the answer is shown again, whoever was added since", async () => {
    const answer = said(await bench.screen().form(first, asked({ name })));
    await bench.addEntry(owner, { names: [name] });
    const again = await bench.screen().command(first, "allpoints", { kind: "words", words: "again" });
    expect(said(again)).toBe(answer);
  });

  it("are counted without those whose number is their owner's to tell, who is named once", async () => {
    const keeper = await bench.addAgency();
    for (let made = 0; made < 3; made += 1) {
      // oxlint-disable-next-line no-await-in-loop
      await bench.addEntry(keeper, {
        names: [name],
        ...(made === 0 ? { tlp: "red" } : { sensitivity: "AGENCY_ONLY" }),
      });
    }
    const answer = said(await bench.screen().form(first, asked({ name })));
    expect(answer).toContain(`${name.toUpperCase()}: 8 entries at 2 agencies.`);
    expect(answer.match(/Its owner keeps the details/g)).toHaveLength(1);
    expect(answer).toContain(`${keeper.name} watch`);
    // The owner itself may count them.
    const own = said(await bench.screen().form(await bench.addPerson(keeper, ["officer"]), asked({ name })));
    expect(own).toContain(`${name.toUpperCase()}: 11 entries at 3 agencies.`);
  });

  it("keep whom they were shown beside them", async () => {
    const born = await bench.addEntry(owner, { names: [name], birthDates: ["1984-03-02"] });
    const answer = said(await bench.screen().form(first, asked({ name, born: "1984-03-02" })));
    expect(answer).toContain(born.ref);
    expect(answer).toContain("add a middle name or an identifier");
  });
});
