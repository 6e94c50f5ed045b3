import { afterAll, beforeAll, expect, it } from "vitest";

import type { FormValues } from "../../src/chat.ts";
import {
  openBench,
  seen,
  subscribe,
  wordsOf,
  write,
  type Bench,
  type Channel,
  type Person,
  type Place,
} from "../bulletins/bulletin-bench.ts";

let bench: Bench;
let riverton: Place;
let diaz: Person;
let analyst: Person;
let channel: Channel;

beforeAll(async () => {
  bench = await openBench();
  riverton = await bench.addPlace("Riverton");
  diaz = await bench.addPerson(riverton, ["supervisor"]);
  analyst = await bench.addPerson(await bench.addPlace("Metro"), ["analyst"]);
  channel = await bench.addChannel(riverton, "bulletins");
});
afterAll(() => bench.close());

it("proposes officer-safety and BOLO, MEDIUM up, the own area, AMBER", async () => {
  const page = await diaz.types("subscribe", "", await bench.addChannel(riverton, "bulletins"));
  expect(page).toMatchObject({
    kind: "form",
    form: {
      fields: [
        { id: "types", value: ["officer_safety", "bolo_person", "bolo_vehicle"] },
        { id: "severity", value: ["moderate"] },
        { id: "areas", value: "Riverton" },
        { id: "tlp", value: ["amber"] },
        { id: "state", value: ["active"] },
      ],
    },
  });
});

it("again changes it; the form then shows what is set", async () => {
  await subscribe(diaz, channel);
  expect(wordsOf(await subscribe(diaz, channel, { state: ["paused"], severity: ["severe"] }))).toContain(
    "Paused",
  );
  expect(await diaz.types("subscribe", "", channel)).toMatchObject({
    form: {
      fields: expect.arrayContaining([expect.objectContaining({ id: "severity", value: ["severe"] })]),
    },
  });
  const rows = await bench.database.store.transaction({ agency: riverton.agency, id: diaz.id }, (tx) =>
    tx.selectFrom("subscription").select("state").where("channel_id", "=", channel.id).execute(),
  );
  expect(rows).toEqual([{ state: "paused" }]);
});

it("only a supervisor or the administrator may, and only in a bulletins channel of their own agency", async () => {
  const officer = await bench.addPerson(riverton, ["officer", "analyst"]);
  expect(seen(await officer.types("subscribe", "", channel))).toContain("needs supervisor or agency admin");
  const desk = await bench.addChannel(riverton, "desk");
  const refused = "An administrator of your agency makes it one with /allpoints channel use:bulletins";
  expect(seen(await diaz.types("subscribe", "", desk))).toContain(refused);
  const guest = await bench.addPerson(await bench.addPlace("Guest"), ["supervisor"]);
  expect(seen(await guest.types("subscribe", "", channel))).toContain(refused);
  const page = await diaz.types("subscribe", "", channel);
  expect(
    seen(
      await guest.fills(page, {
        types: ["situational"],
        severity: ["minor"],
        tlp: ["amber"],
        state: ["active"],
      }),
    ),
  ).toContain(refused);
});

it("refuses to save without a kind of bulletin", async () => {
  const page = await diaz.types("subscribe", "", channel);
  expect(await diaz.fills(page, { severity: ["minor"], tlp: ["amber"], state: ["active"] })).toMatchObject({
    problems: { types: "Choose at least one kind of bulletin." },
  });
});

const wishes: readonly (readonly [string, FormValues, number])[] = [
  ["what it asked for", {}, 1],
  ["every area when none is named", { areas: "" }, 1],
  ["an area however it is written", { areas: "  RIVERTON , Cedar County" }, 1],
  ["nothing of another area", { areas: "Cedar County" }, 0],
  ["nothing below its severity", { severity: ["extreme"] }, 0],
  ["nothing of another type", { types: ["situational"] }, 0],
  ["nothing above its label", { tlp: ["green"] }, 0],
  ["nothing while paused", { state: ["paused"] }, 0],
  ["nothing once stopped", { state: ["stopped"] }, 0],
];

it.each(wishes)("a channel gets %s", async (_what, wish, count) => {
  await subscribe(diaz, channel, wish);
  const preview = wordsOf(await write(analyst));
  expect(preview).toContain(
    count === 1 ? "Goes to 1 channel of 1 agency: 0 full, 1 summary" : "Nobody gets this",
  );
});
