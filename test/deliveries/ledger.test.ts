import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { appendAudit } from "../../src/audit/audit-store.ts";
import { planDeliveries } from "../../src/bulletins/bulletin-life-store.ts";
import { urgencyOf } from "../../src/bulletins/bulletin.ts";
import type { MessageRef } from "../../src/chat.ts";
import { releaseClaims, type Claimed } from "../../src/deliveries/claim-store.ts";
import {
  deliveryCounts,
  endDeliveries,
  requestInChannels,
  requestToPerson,
  wantNew,
} from "../../src/deliveries/delivery-store.ts";
import { holdClaims } from "../../src/deliveries/held-store.ts";
import { recordPending } from "../../src/deliveries/result-store.ts";
import { arrive, buryUnreachable } from "../../src/deliveries/settle.ts";
import { expireLeases } from "../../src/deliveries/sweep-store.ts";
import { uuidv7 } from "../../src/store/ids.ts";
import type { Tx } from "../../src/store/store.ts";
import { lifted, openLedgerBench, type LedgerBench, type Place } from "./ledger-bench.ts";

let bench: LedgerBench;
beforeAll(async () => {
  bench = await openLedgerBench();
});
afterAll(() => bench.database.close());

const message: MessageRef = { platform: "slack", workspace: "W", channel: "C", message: "1.1" };

async function claim(place: Place): Promise<Claimed> {
  const [first] = await bench.take(place);
  if (first === undefined) throw new Error("nothing was due");
  return first;
}
async function intend(one: Claimed): Promise<void> {
  expect(await bench.announce([one])).toHaveLength(1);
}
const held = (one: Claimed) => bench.asSystem((tx) => holdClaims(tx, [one]));
async function applied(one: Claimed, version = 1) {
  const [settled] = await bench.asSystem((tx) => arrive(tx, [{ claim: one, version, message }]));
  return settled;
}
async function onlyRow(subjectId: string) {
  const [row, ...more] = await bench.rows(subjectId);
  if (row === undefined || more.length > 0) throw new Error("not one row");
  return row;
}
/** One card of the agency's own, on its way. */
async function oneCard(use: Partial<Parameters<LedgerBench["request"]>[1]> = {}) {
  const place = await bench.addPlace();
  const channelId = await bench.addChannel(place);
  const subjectId = await bench.request(place, { channelId, ...use });
  return { place, channelId, subjectId };
}
/** Changing a channel or an account needs a word in the audit; whose, is not the point here. */
async function appendAuditRow(tx: Tx, { agency }: Place): Promise<void> {
  await appendAudit(tx, agency, { action: "test.change", subject: "test:1" });
}
/** The first that is due, where there is room for one only. */
async function claimOne(place: Place): Promise<Claimed> {
  const slack = { ...lifted.slack, posts: { everyMs: 60_000, burst: 1 } };
  const [one, ...more] = await bench.take(place, { ...lifted, slack });
  if (one === undefined || more.length > 0) throw new Error("not one");
  return one;
}
const bySize = (a: readonly unknown[], b: readonly unknown[]) => a.length - b.length;
const audit = { action: "delivery.applied", agency_id: expect.any(String) };

describe("asking for a card", () => {
  it("twice asks once", async () => {
    const { place, channelId, subjectId } = await oneCard();
    await bench.request(place, { channelId, subjectId });
    expect(await bench.rows(subjectId)).toHaveLength(1);
  });

  it("in every channel of a use makes one in each, and says whom to wake", async () => {
    const place = await bench.addPlace();
    const subjectId = uuidv7();
    await bench.addChannel(place, "desk");
    await bench.addChannel(place, "desk");
    await bench.addChannel(place, "bulletins");
    const card = { kind: "approval", subjectId, agency: place.agency, urgency: 4 } as const;
    expect(await bench.as(place, (tx) => requestInChannels(tx, { ...card, use: "desk" }))).toEqual([
      place.installation,
    ]);
    expect(await bench.rows(subjectId)).toHaveLength(2);
    expect(await bench.as(place, (tx) => requestInChannels(tx, { ...card, use: "intake" }))).toEqual([]);
  });

  it("for a person goes to where they were linked last, and to nobody who is not linked", async () => {
    const place = await bench.addPlace();
    const subjectId = uuidv7();
    const card = {
      kind: "notice",
      subjectId,
      agency: place.agency,
      officerId: place.officer,
      urgency: 4,
    } as const;
    expect(await bench.as(place, (tx) => requestToPerson(tx, card))).toEqual([]);
    await bench.as(place, async (tx) => {
      await tx
        .insertInto("chat_account")
        .values({
          platform: "slack",
          workspace: place.workspace,
          user_id: "U1",
          agency_id: place.agency,
          officer_id: place.officer,
        })
        .execute();
      await appendAuditRow(tx, place);
    });
    const twice = await bench.as(place, async (tx) => {
      await appendAuditRow(tx, place);
      return [await requestToPerson(tx, card), await requestToPerson(tx, card)];
    });
    expect(twice).toEqual([[place.installation], [place.installation]]);
    expect(await bench.rows(subjectId)).toHaveLength(1);
    expect(await held(await claim(place))).toMatchObject([
      { channel: "U1", direct: true, zone: "America/New_York" },
    ]);
  });

  it("is refused for another agency's channel and subject alike", async () => {
    const [mine, other] = [await bench.addPlace(), await bench.addPlace()];
    const channelId = await bench.addChannel(other);
    await expect(
      bench.as(mine, (tx) =>
        requestInChannels(tx, {
          kind: "intake",
          subjectId: uuidv7(),
          agency: other.agency,
          use: "bulletins",
          urgency: 4,
        }),
      ),
    ).resolves.toEqual([]);
    await expect(
      bench.request(mine, { channelId, agency: other.agency, ownerAgency: other.agency }),
    ).rejects.toThrow("row-level security");
  });
});

describe("claiming", () => {
  it("takes the urgent first, then in the order planned, and nothing twice", async () => {
    const place = await bench.addPlace();
    const ask = async (urgency: number) =>
      bench.request(place, { channelId: await bench.addChannel(place), urgency });
    const [routine, critical, later] = [await ask(5), await ask(2), await ask(5)];
    const [first, second] = await Promise.all([bench.take(place), bench.take(place)]);
    const order = await Promise.all([critical, routine, later].map(async (one) => (await onlyRow(one)).id));
    expect([first, second].map((chunk) => chunk.map(({ id }) => id)).toSorted(bySize)).toEqual([[], order]);
  });

  it("passes by what somebody else is just changing", async () => {
    const place = await bench.addPlace();
    const ask = async () => bench.request(place, { channelId: await bench.addChannel(place) });
    const [changing, other] = [await ask(), await ask()];
    const taken = await bench.as(place, async (tx) => {
      await wantNew(tx, { subjectId: changing });
      // Before that has committed.
      return bench.take(place);
    });
    expect(taken.map(({ id }) => id)).toEqual([(await onlyRow(other)).id]);
  });

  it("puts a recall before a new card of the same urgency", async () => {
    const place = await bench.addPlace();
    const recalled = await bench.request(place, { channelId: await bench.addChannel(place) });
    const one = await claim(place);
    await intend(one);
    await applied(one);
    await bench.request(place, { channelId: await bench.addChannel(place) });
    await bench.as(place, (tx) => endDeliveries(tx, { subjectId: recalled, kind: "intake" }));
    expect((await claim(place)).id).toBe(one.id);
  });

  it("puts the recall of a bulletin before its correction, and both before what is no more urgent", async () => {
    const place = await bench.addPlace();
    const subjectId = await bench.addBulletin(place);
    const urgency = urgencyOf("severe");
    const ask = async (use: Parameters<typeof bench.request>[1]) =>
      bench.request(place, { urgency, channelId: await bench.addChannel(place), ...use });
    await ask({ kind: "bulletin", subjectId, level: "full" });
    const copy = await claim(place);
    await intend(copy);
    await applied(copy);
    const other = await ask({ kind: "intake" });
    await bench.as(place, (tx) => endDeliveries(tx, { subjectId, kind: "bulletin" }));
    await bench.as(place, (tx) => planDeliveries(tx, { id: subjectId, kind: "correction", urgency }));
    const chunk = await bench.take(place);
    const kinds = new Map(
      [...(await bench.rows(subjectId)), ...(await bench.rows(other))].map((row) => [row.id, row.kind]),
    );
    expect(chunk.map(({ id }) => kinds.get(id))).toEqual(["bulletin", "correction", "intake"]);
  });

  it("leaves alone what is not due, and a reply whose message is not there yet", async () => {
    const { place, channelId, subjectId } = await oneCard();
    const { id } = await onlyRow(subjectId);
    await bench.request(place, { channelId, kind: "acknowledgment", underId: id });
    const chunk = await bench.take(place);
    expect(chunk.map((one) => one.id)).toEqual([id]);
    const [one] = chunk;
    if (one === undefined) throw new Error("not claimed");
    await bench.asSystem((tx) => recordPending(tx, one, { afterMs: 60_000, error: "later" }));
    expect(await bench.take(place)).toEqual([]);
  });

  it("that was not tried can be given back", async () => {
    const { place, subjectId } = await oneCard();
    const one = await claim(place);
    await bench.asSystem((tx) => releaseClaims(tx, [one]));
    expect(await onlyRow(subjectId)).toMatchObject({ state: "pending", lease_until: null });
    const again = await claim(place);
    await intend(again);
    await bench.asSystem((tx) => releaseClaims(tx, [again]));
    expect(await onlyRow(subjectId)).toMatchObject({ state: "sending" });
  });
});

describe("a worker that comes late", () => {
  it("does not send what somebody else has claimed since, and records nothing", async () => {
    const { place, subjectId } = await oneCard();
    const stale = await claim(place);
    await bench.letPass(subjectId, "9 seconds");
    expect(await bench.asSystem(expireLeases)).toBeGreaterThan(0);
    // It had not said that it would send, so it has not.
    expect(await onlyRow(subjectId)).toMatchObject({ state: "pending" });
    const current = await claim(place);
    expect(await held(stale)).toEqual([]);
    await intend(current);
    expect(await applied(stale)).toBeUndefined();
    expect(await onlyRow(subjectId)).toMatchObject({ state: "sending", applied_version: 0 });
    expect(await applied(current)).toMatchObject({ state: "applied" });
  });

  it("does not send when its own lease has run out, even if nobody noticed", async () => {
    const { place, subjectId } = await oneCard();
    const one = await claim(place);
    await bench.letPass(subjectId, "9 seconds");
    expect(await held(one)).toEqual([]);
  });

  it("that died after its intent leaves an unknown outcome, which its late answer still settles", async () => {
    const { place, subjectId } = await oneCard();
    const one = await claim(place);
    await intend(one);
    await bench.letPass(subjectId, "9 seconds");
    await bench.asSystem(expireLeases);
    expect(await onlyRow(subjectId)).toMatchObject({ state: "checking", lease_until: null });
    expect(await applied(one)).toMatchObject({ state: "applied" });
    expect(await bench.audited(one.id)).toEqual([audit]);
  });
});

describe("a newer version", () => {
  it("is wanted of what is there and of what is under way, not of what is over", async () => {
    const { place, subjectId } = await oneCard();
    const one = await claim(place);
    await intend(one);
    expect(await bench.as(place, (tx) => wantNew(tx, { subjectId }))).toEqual([place.installation]);
    // Version 1 arrives after version 2 was asked for: it is not the end.
    expect(await applied(one, 1)).toMatchObject({ state: "pending" });
    const again = await claim(place);
    await intend(again);
    expect(await applied(again, 2)).toMatchObject({ state: "applied" });
    expect(await bench.as(place, (tx) => wantNew(tx, { subjectId, kinds: ["bulletin"] }))).toEqual([]);
    await bench.as(place, (tx) => wantNew(tx, { subjectId, kinds: ["intake"], agency: place.agency }));
    expect(await onlyRow(subjectId)).toMatchObject({
      state: "pending",
      wanted_version: 3,
      applied_version: 2,
    });
  });

  it("is not another agency's to ask for", async () => {
    const { subjectId } = await oneCard();
    const stranger = await bench.addPlace();
    expect(await bench.as(stranger, (tx) => wantNew(tx, { subjectId }))).toEqual([]);
    expect(await onlyRow(subjectId)).toMatchObject({ wanted_version: 1 });
  });
});

describe("ending", () => {
  it("INV-17: what was not sent is never sent, at whatever point it is found", async () => {
    const place = await bench.addPlace();
    const subjectId = uuidv7();
    for (let count = 0; count < 2; count += 1) {
      // oxlint-disable-next-line no-await-in-loop
      await bench.request(place, { subjectId, channelId: await bench.addChannel(place) });
    }
    // One of the two is taken, the other waits.
    const claimed = await claimOne(place);
    const ended = await bench.as(place, (tx) => endDeliveries(tx, { subjectId, kind: "intake" }));
    expect(ended).toEqual({ toRecall: 0, blocked: 2, installations: [] });
    expect(await held(claimed)).toEqual([]);
    expect(await bench.take(place)).toEqual([]);
    expect(await bench.audited(claimed.id)).toEqual([{ ...audit, action: "delivery.blocked" }]);
  });

  it("counts exactly: recalled when the platform has confirmed it, and not before", async () => {
    const { place, subjectId } = await oneCard();
    const counts = () => bench.as(place, (tx) => deliveryCounts(tx, { subjectId, kind: "intake" }));
    const one = await claim(place);
    await intend(one);
    // Under way at this moment: it may arrive, so it counts as a copy.
    const end = async () => bench.as(place, (tx) => endDeliveries(tx, { subjectId, kind: "intake" }));
    expect(await end()).toEqual({ toRecall: 1, blocked: 0, installations: [] });
    expect(await counts()).toMatchObject({ copies: 1, recalled: 0 });
    expect(await applied(one, 1)).toMatchObject({ state: "pending" });
    expect(await counts()).toMatchObject({ copies: 1, recalled: 0, delivered: 1 });
    const tombstone = await claim(place);
    await intend(tombstone);
    await applied(tombstone, 2);
    expect(await counts()).toMatchObject({ copies: 1, recalled: 1, open: 0, dead: [] });
    expect(await end()).toEqual({ toRecall: 0, blocked: 0, installations: [] });
    expect(await onlyRow(subjectId)).toMatchObject({ wanted_version: 2, ended_version: 2 });
  });
});

it("a card for a channel that is gone dies, so that somebody hears of it", async () => {
  const { place, channelId, subjectId } = await oneCard();
  const { id } = await onlyRow(subjectId);
  await bench.request(place, { channelId, subjectId, kind: "acknowledgment", underId: id });
  await bench.as(place, async (tx) => {
    await tx.updateTable("channel").set({ state: "released" }).where("id", "=", channelId).execute();
    await appendAuditRow(tx, place);
  });
  expect(await bench.take(place)).toEqual([]);
  await bench.asSystem(buryUnreachable);
  await bench.asSystem(buryUnreachable);
  expect((await bench.rows(subjectId)).map(({ state, reason }) => [state, reason])).toEqual([
    ["dead", "channel_released"],
    ["dead", "channel_released"],
  ]);
});
