import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { asMessage, expectNoWords, expectWords, refIn, type Values } from "../../sandbox/cast.ts";
import { entryPages } from "../../sandbox/story.ts";
import { openTown, type Town } from "../support/town.ts";

let town: Town;
beforeAll(async () => {
  town = await openTown();
}, 60_000);
afterAll(() => town.close());

const words: Values = {
  "What was said or seen?": "He will shoot at the station",
  "How soon?": "Days",
  "How do you know?": "Online",
};

async function tip(): Promise<string> {
  const reyes = town.person("metro", "reyes");
  const ref = refIn(await reyes.submits(await reyes.types("/tip"), words), "T");
  await town.channel("metro", "intake").shows(ref);
  return ref;
}

async function stored(ref: string) {
  const { metro } = await agencies();
  return town.db.store.transaction({ agency: metro, id: "system" }, (tx) =>
    tx.selectFrom("tip").select(["state", "words_sealed"]).where("ref", "=", ref).executeTakeFirstOrThrow(),
  );
}
async function agencies(): Promise<{ readonly metro: string }> {
  const row = await town.db.store.transaction({ agency: null, id: "operator" }, (tx) =>
    tx.selectFrom("agency").select("id").where("name", "=", "Metro Fusion Center").executeTakeFirstOrThrow(),
  );
  return { metro: row.id };
}

describe("an entry's time", () => {
  it("ends by the clock: no query finds it, and a day later its words are deleted", async () => {
    const [okafor, lund] = [town.person("metro", "okafor"), town.person("metro", "lund")];
    const pages = [...entryPages, { Source: "B", Information: "3" }];
    const draft = asMessage(await okafor.fills(await okafor.types("/entry new"), pages));
    const ref = refIn(draft, "E");
    await okafor.presses(draft, "Send for approval");
    const waiting = asMessage(await lund.types(`/entry show ${ref}`));
    expectWords(await lund.presses(waiting, "Approve"), `Approved: ${ref}`);
    await town.pass("91 days");
    expectWords(await okafor.types(`/entry show ${ref}`), "expired");
    await town.pass("25 hours");
    expectWords(await okafor.types(`/entry show ${ref}`), `I find no ${ref}`);
    const { metro } = await agencies();
    const row = await town.db.store.transaction({ agency: metro, id: "system" }, (tx) =>
      tx
        .selectFrom("entry")
        .select(["state", "content_sealed", "end_reason"])
        .where("ref", "=", ref)
        .executeTakeFirst(),
    );
    expect(row).toEqual({ state: "purged", content_sealed: null, end_reason: "expired" });
  });
});

describe("a tip's time", () => {
  it("of 30 days unread ends with the desk being told; the words stay until somebody read them", async () => {
    const ref = await tip();
    await town.pass("29 days");
    const before = await town.channel("metro", "desk").read();
    expect(before.map(({ headline }) => headline).join()).not.toContain(ref);
    await town.pass("2 days");
    expectWords(await town.channel("metro", "desk").shows(ref), `${ref} has waited 30 days without a grade`);
    expect((await stored(ref)).state).toBe("new");
  });

  it("ends after it was closed: the words are deleted, a tombstone and its audit stay", async () => {
    const ref = await tip();
    const okafor = town.person("metro", "okafor");
    const card = await town.channel("metro", "intake").shows(ref);
    await okafor.submits(await okafor.presses(card, "Close…"), {
      "What became of it?": "Information only: no act is threatened",
      "Why?": "An insult, no act",
    });
    await town.pass("8 days");
    expect(await stored(ref)).toEqual({ state: "purged", words_sealed: null });
    expectWords(await okafor.types(`/allpoints show ${ref}`), `I find no ${ref}`);
    const gone = await town.channel("metro", "intake").shows("deleted when its time was over");
    expectNoWords(gone, "station");
    expect((await town.verifyAudit()).broken).toEqual([]);
  });
});
