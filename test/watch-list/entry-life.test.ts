import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { giveRoles } from "../../src/agencies/officer-store.ts";
import { appendAudit } from "../../src/audit/audit-store.ts";
import { expireEntries } from "../../src/watch-list/entry-follow-ups.ts";
import { superuser } from "../support/database.ts";
import {
  actionsOf,
  approved,
  cardIn,
  expectSaid,
  facts,
  openEntryBench,
  pages,
  said,
  subjectOf,
  write,
  writeAndSend,
  type Agency,
  type EntryBench,
} from "./entry-bench.ts";

let bench: EntryBench;
let metro: Agency;
beforeAll(async () => {
  bench = await openEntryBench();
  metro = await bench.addAgency();
});
afterAll(() => bench.db.close());

const row = (ref: string) =>
  bench.as(metro.analyst, (tx) =>
    tx.selectFrom("entry").selectAll().where("ref", "=", ref).executeTakeFirstOrThrow(),
  );

/** Whether rows of the index lead to it: by its name, its birth date, its identifiers. */
const indexed = (ref: string) => bench.indexed(metro.analyst, ref);
const everywhere = { names: true, births: true, identifiers: true };
const nowhere = { names: false, births: false, identifiers: false };

describe("ending an entry", () => {
  it("takes it out of every query in the same moment", async () => {
    const { ref, name } = await approved(bench, metro);
    expect(await indexed(ref)).toEqual(everywhere);
    const done = await bench.types(metro.supervisor, `entry cancel ${ref} reason:wrong_person`);
    expectSaid(done, `Cancelled: ${ref}, wrong person`, "/bulletin cancel");
    expect(await bench.finds(metro.patrol, { name })).toEqual({ open: [], silent: [] });
    expect(await indexed(ref)).toEqual(nowhere);
    expect(await row(ref)).toMatchObject({ state: "cancelled", end_reason: "wrong_person" });
    expectSaid(
      await bench.types(metro.supervisor, `entry cancel ${ref} reason:resolved`),
      "is cancelled already",
    );
    expect(await row(ref)).toMatchObject({ end_reason: "wrong_person" });
  });

  it("needs one of the known reasons, and one person of its own agency", async () => {
    const { ref } = await approved(bench, metro);
    expectSaid(
      await bench.types(metro.analyst, `entry cancel ${ref} reason:expired`),
      "Use one of: resolved, error",
    );
    expectSaid(
      await bench.types(metro.patrol, `entry cancel ${ref} reason:error`),
      "ending a watch-list entry needs",
    );
    const cedar = await bench.addAgency();
    expectSaid(await bench.types(cedar.analyst, `entry cancel ${ref} reason:error`), `I find no ${ref}`);
    expect((await row(ref)).state).toBe("active");
  });

  it("suspends it likewise, and still ends it later", async () => {
    const { ref, name } = await approved(bench, metro);
    expectSaid(await bench.types(metro.analyst, `entry suspend ${ref}`), `Suspended: ${ref}`);
    expect((await bench.finds(metro.patrol, { name })).open).toEqual([]);
    expect(await indexed(ref)).toEqual(nowhere);
    expectSaid(await bench.types(metro.analyst, `entry suspend ${ref}`), "not in force");
    expectSaid(await bench.types(metro.analyst, `entry cancel ${ref} reason:resolved`), `Cancelled: ${ref}`);
  });

  it("deletes the words of what nobody approved", async () => {
    for (const { ref } of [await write(bench, metro.analyst), await writeAndSend(bench, metro)]) {
      // oxlint-disable-next-line no-await-in-loop
      const done = await bench.types(metro.analyst, `entry cancel ${ref} reason:unfounded`);
      expectSaid(done, "its words are deleted");
      // oxlint-disable-next-line no-await-in-loop
      expect(await row(ref)).toMatchObject({
        state: "purged",
        content_sealed: null,
        content_hash: null,
        offence_length: null,
      });
      // oxlint-disable-next-line no-await-in-loop
      expectSaid(await bench.types(metro.analyst, `entry show ${ref}`), `I find no ${ref}`);
    }
  });

  it("is one press for the author of a draft, and no press for what is in force", async () => {
    const { ref } = await write(bench, metro.analyst);
    expectSaid(await bench.presses(metro.analyst, ["entry.discard", ref]), `Discarded: ${ref}`);
    const inForce = await approved(bench, metro);
    expectSaid(
      await bench.presses(metro.analyst, ["entry.discard", inForce.ref]),
      "is active and cannot be edited",
    );
  });
});

describe("what cannot be approved any more", () => {
  it("is an entry that was discarded while the approver read it", async () => {
    const { ref } = await writeAndSend(bench, metro);
    const subject = subjectOf(await bench.types(metro.supervisor, `entry show ${ref}`), "entry.approve");
    await bench.presses(metro.analyst, ["entry.discard", ref]);
    expectSaid(await bench.presses(metro.supervisor, ["entry.approve", subject]), `I find no ${ref}`);
  });

  it("is an entry whose approver lost the role since it was opened", async () => {
    const agency = await bench.addAgency();
    const { ref } = await writeAndSend(bench, agency);
    const subject = subjectOf(await bench.types(agency.supervisor, `entry show ${ref}`), "entry.approve");
    await bench.as(agency.commander, async (tx) => {
      await appendAudit(tx, agency.id, {
        action: "officer.role",
        subject: `officer:${agency.supervisor.id}`,
      });
      await giveRoles(tx, { agency: agency.id, officer: agency.supervisor.id }, ["analyst"]);
    });
    expectSaid(
      await bench.presses(agency.supervisor, ["entry.approve", subject]),
      "approving a watch-list entry needs",
    );
    expectSaid(await bench.types(agency.supervisor, `entry show ${ref}`), "waits for a second person");
  });
});

describe("another agency", () => {
  it("reads nothing of an entry, by reference, list, queue or completion", async () => {
    const { ref } = await approved(bench, metro);
    const waiting = await writeAndSend(bench, metro);
    const cedar = await bench.addAgency();
    for (const line of [`entry show ${ref}`, `allpoints show ${ref}`, `entry suspend ${ref}`]) {
      // oxlint-disable-next-line no-await-in-loop
      expectSaid(await bench.types(cedar.supervisor, line), `I find no ${ref} that you may see`);
    }
    expectSaid(await bench.types(cedar.supervisor, "entry list"), "no open entries");
    expectSaid(await bench.types(cedar.supervisor, "allpoints queue"), "Nothing waits for you");
    const { workspace, user } = cedar.supervisor;
    const typing = {
      platform: "slack",
      workspace,
      user,
      dedupeKey: ref,
      kind: "complete",
      command: "entry",
    } as const;
    expect(await bench.receive({ ...typing, typed: "E" })).toEqual({ kind: "choices", choices: [] });
    expectSaid(await bench.presses(cedar.privacy, ["entry.return", waiting.ref]), `I find no ${waiting.ref}`);
  });
});

describe("lists", () => {
  it("complete references of the own agency without content", async () => {
    const agency = await bench.addAgency();
    const { ref, name } = await approved(bench, agency);
    const { workspace, user } = agency.analyst;
    const typing = {
      platform: "slack",
      workspace,
      user,
      dedupeKey: ref,
      kind: "complete",
      command: "entry",
    } as const;
    const answer = await bench.receive({ ...typing, typed: "e" });
    expect(answer).toEqual({ kind: "choices", choices: [{ value: ref, label: `${ref} · in force` }] });
    expect(said(answer)).not.toContain(name);
  });

  it("queue what came back to its author, and what waits for those who can decide it", async () => {
    const agency = await bench.addAgency();
    const { ref } = await writeAndSend(bench, agency, {
      sharing: { ...pages.sharing, sensitivity: ["RESTRICTED"] },
    });
    const queue = (seat: "supervisor" | "privacy" | "commander" | "analyst") =>
      bench.types(agency[seat], "allpoints queue");
    expectSaid(await queue("privacy"), ref);
    expectSaid(await queue("commander"), ref);
    expectSaid(await queue("supervisor"), "Nothing waits for you");
    expectSaid(await queue("analyst"), "Nothing waits for you");
    const form = await bench.presses(agency.privacy, ["entry.return", ref]);
    await bench.fills(agency.privacy, form, { note: "Too broad." });
    expectSaid(await queue("analyst"), `${ref}`, "was returned to you");
    expectSaid(await queue("privacy"), "Nothing waits for you");
  });

  it("show what is due within so many days, the next first", async () => {
    const agency = await bench.addAgency();
    const later = await approved(bench, agency);
    const sooner = await approved(bench, agency, { sharing: { ...pages.sharing, valid: ["30"] } });
    const refs = async (line: string) =>
      JSON.stringify(cardIn(await bench.types(agency.analyst, line)).blocks).match(/E-\w{3}-\w{3}/g) ?? [];
    expect(await refs("entry list due:31")).toEqual([sooner.ref]);
    expect(await refs("entry list due:100")).toEqual([sooner.ref, later.ref]);
    expectSaid(await bench.types(agency.analyst, "entry list due:29"), "Nothing is due within 29 days");
  });
});

describe("what is stored", () => {
  it("has no word about the person in any column of any table", async () => {
    const reason = "An undercover officer lives there.";
    const note = "Ask the landlord about the garage.";
    const written = await writeAndSend(bench, metro, {
      handling: {
        ...pages.handling,
        speech: ["yes"],
        relation: "At the rally he named the officer and the day.",
      },
      sharing: { ...pages.sharing, sensitivity: ["RESTRICTED"] },
    });
    const show = () => bench.types(metro.commander, `entry show ${written.ref}`);
    const form = await bench.presses(metro.commander, ["entry.sign", subjectOf(await show(), "entry.sign")]);
    await bench.fills(metro.commander, form, { reason });
    const back = await bench.presses(metro.privacy, ["entry.return", written.ref]);
    await bench.fills(metro.privacy, back, { note });
    await approved(bench, metro, { name: written.name });
    const stored = await everything(bench);
    expect(stored).toContain(written.ref);
    const [given = "", family = ""] = written.name.split(" ");
    const secrets = [
      given,
      family,
      "1984-03-02",
      "scar on",
      facts.slice(0, 30),
      "Case 24-118833",
      "three counties",
    ];
    for (const secret of [...secrets, "At the rally", reason, note]) {
      expect(stored.toLowerCase(), secret).not.toContain(secret.toLowerCase());
      expect(stored, secret).not.toContain(Buffer.from(secret).toString("hex"));
      expect(stored, secret).not.toContain(Buffer.from(secret.toLowerCase()).toString("hex"));
    }
  });
});

describe("when its time is over", () => {
  it("no query finds it before any job has run, and the follow-up then says so, once", async () => {
    const agency = await bench.addAgency();
    const short = await approved(bench, agency, { sharing: { ...pages.sharing, valid: ["30"] } });
    const suspended = await approved(bench, agency, { sharing: { ...pages.sharing, valid: ["30"] } });
    await bench.types(agency.analyst, `entry suspend ${suspended.ref}`);
    const long = await approved(bench, agency);
    await bench.db.moveClock("31 days");
    expect((await bench.finds(agency.patrol, { name: short.name })).open).toEqual([]);
    expect((await bench.finds(agency.patrol, { name: long.name })).open).toEqual([long.ref]);
    const { jobs, keyring } = bench.db;
    await Promise.all([expireEntries.run(jobs, keyring), expireEntries.run(jobs, keyring)]);
    const states = await bench.as(agency.analyst, (tx) =>
      tx.selectFrom("entry").select(["ref", "state", "end_reason"]).orderBy("id").execute(),
    );
    expect(states).toEqual([
      { ref: short.ref, state: "expired", end_reason: "expired" },
      { ref: suspended.ref, state: "expired", end_reason: "expired" },
      { ref: long.ref, state: "active", end_reason: null },
    ]);
    const audit = await bench.as(agency.analyst, (tx) =>
      tx.selectFrom("audit").select("actor").where("action", "=", "entry.expire").execute(),
    );
    expect(audit).toEqual([{ actor: "system" }, { actor: "system" }]);
    expect(await bench.indexed(agency.analyst, short.ref)).toEqual(nowhere);
    expect(await bench.indexed(agency.analyst, long.ref)).toEqual(everywhere);
    expect(actionsOf(await bench.types(agency.analyst, `entry show ${short.ref}`))).toEqual([]);
  });

  it("a review that is long overdue is listed with its year", async () => {
    const agency = await bench.addAgency();
    await approved(bench, agency);
    expect(said(await bench.types(agency.analyst, "entry list"))).toContain("review due");
    await bench.db.moveClock("300 days");
    expect(said(await bench.types(agency.analyst, "entry list"))).toMatch(
      /review due since \w{3} \d+ \w{3} 20\d\d \d\d:\d\d E[DS]T/,
    );
  });
});

/** Every row of every table of ours, as text. */
async function everything({ db }: EntryBench): Promise<string> {
  const { database } = db.connection.owner;
  const client = new Client({ ...superuser(database), options: "-c search_path=allpoints" });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      "select tablename as name from pg_tables where schemaname = 'allpoints'",
    );
    const texts: string[] = [];
    for (const { name } of tables) {
      // oxlint-disable-next-line no-await-in-loop
      const { rows } = await client.query<{ line: string }>(
        `select t::text as line from allpoints."${name}" t`,
      );
      texts.push(...rows.map(({ line }) => line));
    }
    return texts.join("\n");
  } finally {
    await client.end();
  }
}
