import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { noticeWords } from "../../src/agencies/notice.ts";
import { appendAudit } from "../../src/audit/audit-store.ts";
import { newRef } from "../../src/refs.ts";
import { uuidv7 } from "../../src/store/ids.ts";
import { asked, openQueryBench, said, type Agency, type Person, type QueryBench } from "./query-bench.ts";

let bench: QueryBench;
let asking: Agency;
beforeAll(async () => {
  bench = await openQueryBench();
  asking = await bench.addAgency();
});
afterAll(() => bench.db.close());

const ask = (person: Person, platform: "full" | "none" = "full") =>
  bench.screen(platform).form(person, asked({ name: "Jon Smyth", ref: "24-1 for 4A12" }));

/** As if this person had asked so many times more, just now. */
async function haveAsked(person: Person, count: number): Promise<void> {
  const { agency } = person;
  await bench.as(person, async (tx) => {
    const rows = Array.from({ length: count }, () => ({
      id: uuidv7(),
      agency_id: agency,
      ref: newRef("query"),
      officer_id: person.id,
      purpose: "investigation" as const,
      inputs_sealed: Buffer.from("sealed"),
      found_sealed: Buffer.from("sealed"),
    }));
    await tx.insertInto("query").values(rows).execute();
    await appendAudit(tx, agency, { action: "test.asked", subject: `officer:${person.id}` });
  });
}

/** Where notices of the limit lie, and what they say. */
function told(person: Person) {
  return bench.as(person, async (tx) => {
    const rows = await tx
      .selectFrom("notice as n")
      .innerJoin("delivery as d", "d.subject_id", "n.id")
      .innerJoin("channel as c", "c.id", "d.channel_id")
      .select(["n.ref", "c.channel_ref as user"])
      .where("n.kind", "=", "query_limit")
      .where("n.agency_id", "=", person.agency)
      .orderBy("n.at")
      .execute();
    return rows.map(({ ref, user }) => ({ ref, words: noticeWords.query_limit(ref), user }));
  });
}

async function lastRef(person: Person): Promise<string> {
  const { ref } = await bench.as(person, (tx) =>
    tx
      .selectFrom("query")
      .select("ref")
      .where("officer_id", "=", person.id)
      .orderBy("at", "desc")
      .orderBy("id", "desc")
      .executeTakeFirstOrThrow(),
  );
  return ref;
}

function audits(person: Person, action: string) {
  return bench.as(person, async (tx) => {
    const rows = await tx
      .selectFrom("audit")
      .select("detail")
      .where("actor", "=", person.id)
      .where("action", "=", action)
      .execute();
    return rows.map(({ detail }) => detail);
  });
}

function denials(person: Person) {
  return bench.as(person, async (tx) => {
    const rows = await tx
      .selectFrom("audit")
      .select(["action", "detail"])
      .where("actor", "=", person.id)
      .where("outcome", "=", "denied")
      .execute();
    return rows.map(({ action, detail }) => ({ action, detail }));
  });
}

describe("asking often", () => {
  it.each([
    ["officer", 20, 60],
    ["dispatcher", 60, 120],
  ] as const)("as an %s is noticed after %i and stopped at %i in an hour", async (role, soft, hard) => {
    const person = await bench.addPerson(asking, [role]);
    await haveAsked(person, soft - 1);
    expect(said(await ask(person))).not.toContain("in the last hour");
    expect(said(await ask(person))).toContain(`Your queries in the last hour: ${soft + 1}.`);
    await haveAsked(person, hard - soft - 2);
    // The last one that is free, asked twice at once.
    const answers = (await Promise.all([ask(person), ask(person)])).map(said);
    expect(answers.filter((answer) => answer.includes("Nothing to show"))).toHaveLength(1);
    expect(answers.filter((answer) => answer.includes("Not done: too many queries"))).toHaveLength(1);
    expect(await denials(person)).toEqual([{ action: "query.ask", detail: { code: "TOO_MANY" } }]);
    await bench.db.moveClock("61 minutes");
    expect(said(await ask(person))).toContain("Nothing to show");
  });

  it("beyond the limit is told to the auditor once an hour, by a reference", async () => {
    const agency = await bench.addAgency();
    const auditor = await bench.addPerson(agency, ["auditor"]);
    const person = await bench.addPerson(agency, ["officer"]);
    await haveAsked(person, 59);
    expect(said(await ask(person))).toContain("Nothing to show");
    expect(await told(auditor)).toEqual([]);
    for (let more = 0; more < 3; more += 1) {
      // oxlint-disable-next-line no-await-in-loop
      expect(said(await ask(person))).toContain("Not done: too many queries");
    }
    const last = await lastRef(person);
    const [notice, ...others] = await told(auditor);
    expect(others).toEqual([]);
    expect(notice).toEqual({
      ref: last,
      words: `For the auditor: ${last} is the latest of more watch-list queries in an hour than one officer may ask. See who asks so much, and why.`,
      user: auditor.account.user,
    });
    expect(await audits(person, "query.limit")).toEqual([{ query: last, posted: true }]);
    await bench.db.moveClock("61 minutes");
    await haveAsked(person, 60);
    await ask(person);
    expect(await told(auditor)).toHaveLength(2);
  });

  it("in an agency without an auditor is told to its desk", async () => {
    const agency = await bench.addAgency();
    const person = await bench.addPerson(agency, ["officer"]);
    await haveAsked(person, 60);
    await ask(person);
    expect(await told(person)).toMatchObject([{ user: "C1" }]);
  });

  it("by one officer stops no other", async () => {
    const [often, once] = [
      await bench.addPerson(asking, ["officer"]),
      await bench.addPerson(asking, ["officer"]),
    ];
    await haveAsked(often, 60);
    expect(said(await ask(often))).toContain("too many queries");
    expect(said(await ask(once))).toContain("Nothing to show");
  });
});

describe("on Discord", () => {
  const command = (person: Person, level: "full" | "summary" | "none", words = "watch") =>
    bench.screen(level).command(person, words === "watch" ? "watch" : "allpoints", {
      kind: "options",
      verb: words === "watch" ? "" : words,
      options: {},
    });

  it("nothing is asked until the agency's privacy officer allowed it, and the attempt is written down", async () => {
    const agency = await bench.addAgency();
    const person = await bench.addPerson(agency, ["officer"], "discord");
    const off = "your agency does not allow the watch-list on Discord";
    expect(said(await command(person, "full"))).toContain(off);
    expect(said(await ask(person))).toContain(off);
    expect(await denials(person)).toEqual(
      Array.from({ length: 2 }, () => ({ action: "query.ask", detail: { code: "WATCH_OFF" } })),
    );
    await bench.allowDiscord(agency);
    expect((await command(person, "full")).kind).toBe("form");
  });

  it("a hit and no hit look alike where nothing may be shown, and the answer waits in Slack", async () => {
    const agency = await bench.addAgency();
    await bench.allowDiscord(agency);
    const person = await bench.addPerson(agency, ["officer"], "discord");
    const miss = said(await ask(person, "none"));
    await bench.addEntry(agency, { names: ["Jon Smyth"], audience: [agency] });
    const hit = said(await ask(person, "none"));
    const alike = (text: string) => text.replace(/Q-[0-9A-Z]{3}-[0-9A-Z]{3}/, "Q");
    expect(alike(hit)).toBe(alike(miss));
    expect(hit).toContain("waits: /allpoints again in Slack, or call your watch desk.");
    expect(said(await command(person, "full", "again"))).toMatch(/(?:STRONG|POSSIBLE) match/);
  });

  it("a summary repeats nothing of what was asked", async () => {
    const agency = await bench.addAgency();
    await bench.allowDiscord(agency);
    const person = await bench.addPerson(agency, ["officer"], "discord");
    const screen = bench.screen("summary");
    const answer = await screen.form(
      person,
      asked({ name: "Xaver Quill", born: "1984-03-02", identifiers: "MD SUM1234\nred truck" }),
    );
    expect(said(answer)).toContain("Searched: a name · a birth date · plate. Similar spellings");
    expect(said(answer)).not.toMatch(/Quill|1984|SUM1234|truck/i);
    await bench.addEntry(agency, { names: ["Xaver Quill"] });
    const hit = said(await screen.form(person, asked({ name: "Xaver Quill" })));
    expect(hit).toContain("Why it fits may not be shown on this platform.");
    expect(hit).not.toMatch(/Xaver|Quill/i);
    const [change] = answer.kind === "card" ? (answer.card.buttons ?? []) : [];
    const opened = await screen.press(person, "query.change", change?.subject ?? "");
    const values = opened.kind === "form" ? opened.form.fields.map(({ value }) => value) : [];
    expect(values).toEqual([["traffic_stop"], undefined, undefined, undefined, undefined]);
  });
});
