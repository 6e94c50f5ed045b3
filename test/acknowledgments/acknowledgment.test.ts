import { afterAll, beforeAll, expect, it } from "vitest";

import type { Card } from "../../src/chat.ts";
import {
  cardOf,
  openBench,
  refOn,
  seen,
  subscribe,
  wordsOf,
  write,
  type Bench,
  type Channel,
  type Person,
  type Place,
} from "../bulletins/bulletin-bench.ts";

const press = "Acknowledge for our agency";

let bench: Bench;
let metro: Place;
let riverton: Place;
let analyst: Person;
let lund: Person;
let diaz: Person;
let first: Channel;
let second: Channel;

beforeAll(async () => {
  bench = await openBench();
  metro = await bench.addPlace("Metro");
  riverton = await bench.addPlace("Riverton");
  analyst = await bench.addPerson(metro, ["analyst"], "Det. Okafor");
  lund = await bench.addPerson(metro, ["supervisor"], "Sgt Lund");
  diaz = await bench.addPerson(riverton, ["officer", "supervisor"], "Sgt Diaz");
  first = await bench.addChannel(riverton, "bulletins", "full");
  second = await bench.addChannel(riverton, "bulletins");
  await subscribe(diaz, first);
  await subscribe(diaz, second);
});
afterAll(() => bench.close());

async function sent(): Promise<string> {
  const preview = await write(analyst);
  await analyst.presses(preview, "Send for approval");
  const approval = cardOf(await lund.types("bulletin", `show ${refOn(preview)}`));
  await lund.presses(approval, "Approve and send");
  await bench.deliver();
  return refOn(preview);
}

const copyIn = (channel: Channel, ref: string): Card | undefined =>
  bench.messagesIn(channel).find((one) => one.kind === "bulletin" && one.card.headline.includes(ref))?.card;

const subjectOf = (card: Card | undefined) => card?.buttons?.[0]?.subject ?? "";

it("is recorded with who, in which role, when and what was shown; the thread and every copy say so", async () => {
  const ref = await sent();
  const answer = seen(await diaz.presses(copyIn(first, ref), press));
  expect(answer).toMatch(/^Recorded \w{3} \d+ \w{3} \d\d:\d\d EST/);
  expect(answer).toContain(`${riverton.name} has ${ref} v1. Sgt Diaz, supervisor, shown: full text.`);
  await bench.deliver();
  const line = bench.messagesIn(first).find((one) => one.kind === "acknowledgment");
  expect(line?.card.headline).toMatch(
    /^Acknowledged v1 for Riverton \S+ by Sgt Diaz \(supervisor\), .+Z\), from the full text\.$/,
  );
  expect(bench.messages.get(line?.under ?? "")).toMatchObject({ kind: "bulletin", channel: first.id });
  for (const channel of [first, second]) {
    const copy = copyIn(channel, ref);
    expect(wordsOf(copy)).toContain(`Acknowledged v1 for ${riverton.name} by Sgt Diaz`);
    expect(wordsOf(copy)).not.toContain(press);
  }
  expect(bench.messagesIn(second).filter((one) => one.kind === "acknowledgment")).toEqual([]);
});

it("both agencies can see it in their audit", async () => {
  const ref = await sent();
  await diaz.presses(copyIn(first, ref), press);
  const rows = await bench.database.jobs.transaction({ agency: null, id: "system" }, (tx) =>
    tx
      .selectFrom("audit")
      .select(["agency_id", "actor"])
      .where("action", "=", "bulletin.acknowledge")
      .where("outcome", "=", "ok")
      .orderBy("nr", "desc")
      .limit(2)
      .execute(),
  );
  expect(new Set(rows.map((row) => row.agency_id))).toEqual(new Set([metro.agency, riverton.agency]));
  expect(rows.map((row) => row.actor)).toEqual([diaz.id, diaz.id]);
});

it("two at the same moment: one record, and the other is told who was first", async () => {
  const ref = await sent();
  const ruiz = await bench.addPerson(riverton, ["watch_commander"], "Lt Ruiz");
  const card = copyIn(first, ref);
  const answers = (
    await Promise.all([diaz.presses(card, press), ruiz.presses(copyIn(second, ref), press)])
  ).map(seen);
  const [won] = answers.filter((answer) => answer.startsWith("Recorded"));
  const [lost] = answers.filter((answer) => answer.startsWith("Already"));
  const winner = won?.includes("Sgt Diaz") === true ? "Sgt Diaz" : "Lt Ruiz";
  expect(lost).toContain(`Already acknowledged by ${winner} at `);
  expect(lost).toContain("Nothing more to do.");
  await bench.deliver();
  expect(seen(await analyst.types("bulletin", `status ${ref}`))).toContain(
    "Acknowledged by 1 of 1 agencies.",
  );
});

it("the platform's repeat of one press is answered with the same receipt", async () => {
  const card = copyIn(first, await sent());
  const once = seen(await diaz.presses(card, press, "repeat"));
  expect(seen(await diaz.presses(card, press, "repeat"))).toBe(once);
});

it("an officer without the role and a supervisor of another agency are refused in the same words, and audited", async () => {
  // The owner gets its own bulletin too, and still cannot acknowledge for somebody else.
  const own = await bench.addChannel(metro, "bulletins");
  await subscribe(lund, own);
  const ref = await sent();
  await subscribe(lund, own, { state: ["stopped"] });
  const card = copyIn(first, ref);
  const patrol = await bench.addPerson(riverton, ["officer", "analyst"]);
  const guest = await bench.addPerson(await bench.addPlace("Guest"), ["supervisor"]);
  for (const somebody of [patrol, guest, lund]) {
    // oxlint-disable-next-line no-await-in-loop
    expect(seen(await somebody.presses(card, press))).toBe(
      "Not done: acknowledging needs supervisor or watch commander of the agency that owns this channel. Nothing changed; the attempt is logged. See /allpoints whoami, or call your watch desk.",
    );
  }
  expect(await bench.audit(`press:${subjectOf(card)}`)).toMatchObject(
    [patrol, guest, lund].map(({ id, agency }) => ({ actor: id, agency_id: agency, outcome: "denied" })),
  );
  expect(seen(await analyst.types("bulletin", `status ${ref}`))).toContain(
    "Acknowledged by 0 of 2 agencies.",
  );
});

it("a note can be added, by the agency that acknowledged only; the thread says that there is one", async () => {
  const ref = await sent();
  const receipt = cardOf(await diaz.presses(copyIn(first, ref), press));
  const page = await diaz.presses(receipt, "Add note");
  expect(seen(await diaz.fills(page, { note: "Night shift was briefed." }))).toContain("Note added");
  expect(seen(await lund.presses(receipt, "Add note"))).toContain("I find no acknowledgment");
  await bench.deliver();
  const lines = bench.messagesIn(first).filter((one) => one.kind === "acknowledgment");
  expect(wordsOf(lines.at(-1)?.card)).toContain("With a note.");
  expect(lines.map((one) => wordsOf(one.card)).join("\n")).not.toContain("briefed");
  expect(seen(await analyst.types("bulletin", `status ${ref}`))).toContain("Night shift was briefed.");
});

it("from a pointer: either button acknowledges, and the record says that only a pointer was shown", async () => {
  const cedar = await bench.addPlace("Cedar", "discord");
  const channel = await bench.addChannel(cedar, "bulletins");
  const chief = await bench.addPerson(cedar, ["supervisor", "watch_commander"], "Chief Bo");
  await subscribe(chief, channel);
  const ref = await sent();
  const card = copyIn(channel, ref);
  expect(card?.buttons?.map(({ label }) => label)).toEqual([
    "Received, we will call",
    "We have the full text",
  ]);
  expect(seen(await chief.presses(card, "We have the full text"))).toContain(
    "Chief Bo, watch commander, shown: pointer.",
  );
  expect(seen(await chief.presses(card, "Received, we will call"))).toContain(
    "Already acknowledged by Chief Bo",
  );
});

it("what is recorded cannot be changed or removed", async () => {
  await diaz.presses(copyIn(first, await sent()), press);
  const change = (what: string) =>
    bench.database.store.transaction({ agency: riverton.agency, id: diaz.id }, async (tx) => {
      const table = tx.updateTable("acknowledgment").set({ role: "officer" });
      await (what === "update" ? table.execute() : tx.deleteFrom("acknowledgment").execute());
    });
  await expect(change("update")).rejects.toThrow(/permission denied/);
  await expect(change("delete")).rejects.toThrow(/permission denied/);
});
