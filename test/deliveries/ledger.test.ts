import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { appendAudit } from "../../src/audit/audit-store.ts";
import { planDeliveries } from "../../src/bulletins/bulletin-life-store.ts";
import { urgencyOf } from "../../src/bulletins/bulletin.ts";
import type { MessageRef } from "../../src/chat.ts";
import {
  claimChunk,
  holdClaim,
  recordChecking,
  recordIntent,
  recordPending,
  releaseClaims,
  type Claim,
} from "../../src/deliveries/claim-store.ts";
import {
  deliveryCounts,
  endDeliveries,
  requestInChannels,
  requestToPerson,
  wantNew,
} from "../../src/deliveries/delivery-store.ts";
import { arrive, buryUnreachable, settleQuiet } from "../../src/deliveries/settle.ts";
import { expireLeases } from "../../src/deliveries/sweep-store.ts";
import { uuidv7 } from "../../src/store/ids.ts";
import type { Tx } from "../../src/store/store.ts";
import { openLedgerBench, type LedgerBench, type Place } from "./ledger-bench.ts";

let bench: LedgerBench;
beforeAll(async () => {
  bench = await openLedgerBench();
});
afterAll(() => bench.database.close());

const message: MessageRef = { platform: "slack", workspace: "W", channel: "C", message: "1.1" };

async function claim(place: Place): Promise<Claim> {
  const [first] = await bench.asSystem((tx) => claimChunk(tx, place.installation, 50));
  if (first === undefined) throw new Error("nothing was due");
  return first;
}
async function intend(one: Claim): Promise<void> {
  await bench.asSystem((tx) => recordIntent(tx, one, null));
}
async function applied(one: Claim, version = 1) {
  return bench.asSystem((tx) => arrive(tx, one, { version, message }));
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
    const held = await bench.asSystem(async (tx) => {
      const [one] = await claimChunk(tx, place.installation, 1);
      return one && holdClaim(tx, one);
    });
    expect(held).toMatchObject({ channel: "U1", direct: true, zone: "America/New_York" });
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
    const [first, second] = await Promise.all([
      bench.asSystem((tx) => claimChunk(tx, place.installation, 2)),
      bench.asSystem((tx) => claimChunk(tx, place.installation, 2)),
    ]);
    const ids = [...first, ...second].map(({ id }) => id);
    expect(new Set(ids).size).toBe(3);
    const order = await Promise.all([critical, routine, later].map(async (one) => (await onlyRow(one)).id));
    const chunk = first.length === 2 ? first : second;
    expect(chunk.map(({ id }) => id)).toEqual(order.slice(0, 2));
  });

  it("passes by what another worker is just taking", async () => {
    const place = await bench.addPlace();
    const ask = async () => bench.request(place, { channelId: await bench.addChannel(place) });
    await ask();
    await ask();
    const taking = (
      await bench.asSystem(async (tx) => {
        const mine = await claimChunk(tx, place.installation, 1);
        // Before the first has committed.
        const others = await bench.asSystem((other) => claimChunk(other, place.installation, 50));
        return [...mine, ...others];
      })
    ).map(({ id }) => id);
    expect(new Set(taking).size).toBe(2);
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
    const chunk = await bench.asSystem((tx) => claimChunk(tx, place.installation, 50));
    const kinds = new Map(
      [...(await bench.rows(subjectId)), ...(await bench.rows(other))].map((row) => [row.id, row.kind]),
    );
    expect(chunk.map(({ id }) => kinds.get(id))).toEqual(["bulletin", "correction", "intake"]);
  });

  it("leaves alone what is not due, and a reply whose message is not there yet", async () => {
    const { place, channelId, subjectId } = await oneCard();
    const { id } = await onlyRow(subjectId);
    await bench.request(place, { channelId, kind: "acknowledgment", underId: id });
    const chunk = await bench.asSystem((tx) => claimChunk(tx, place.installation, 50));
    expect(chunk.map((one) => one.id)).toEqual([id]);
    const [one] = chunk;
    if (one === undefined) throw new Error("not claimed");
    await bench.asSystem((tx) => recordPending(tx, one, { afterMs: 60_000, error: null }));
    expect(await bench.asSystem((tx) => claimChunk(tx, place.installation, 50))).toEqual([]);
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
    expect(await bench.asSystem((tx) => holdClaim(tx, stale))).toBeUndefined();
    await intend(current);
    expect(await applied(stale)).toBeUndefined();
    expect(await onlyRow(subjectId)).toMatchObject({ state: "sending", applied_version: 0 });
    expect(await applied(current)).toMatchObject({ state: "applied" });
  });

  it("does not send when its own lease has run out, even if nobody noticed", async () => {
    const { place, subjectId } = await oneCard();
    const one = await claim(place);
    await bench.letPass(subjectId, "9 seconds");
    expect(await bench.asSystem((tx) => holdClaim(tx, one))).toBeUndefined();
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

describe("an unknown outcome after its quiet time", () => {
  async function unknown(urgency: number) {
    const card = await oneCard({ urgency });
    const one = await claim(card.place);
    await intend(one);
    await bench.asSystem((tx) => recordChecking(tx, one, "timeout"));
    await bench.asSystem(settleQuiet);
    expect(await onlyRow(card.subjectId)).toMatchObject({ state: "checking" });
    await bench.letPass(card.subjectId, "11 seconds");
    await bench.asSystem(settleQuiet);
    return { ...card, one };
  }

  it("waits for a person where the card is routine", async () => {
    const { subjectId, one } = await unknown(5);
    expect(await onlyRow(subjectId)).toMatchObject({ state: "dead", reason: "outcome_unknown" });
    expect(await bench.audited(one.id)).toEqual([{ ...audit, action: "delivery.dead" }]);
  });

  it("is repeated, and marked, where the card is critical", async () => {
    const { place, subjectId } = await unknown(2);
    expect(await onlyRow(subjectId)).toMatchObject({ state: "pending", repeated: true });
    // And from now on a recall cannot claim that nothing went out.
    const ended = await bench.as(place, (tx) => endDeliveries(tx, { subjectId, kind: "intake" }));
    expect(ended).toMatchObject({ toRecall: 1, blocked: 0 });
    expect(await onlyRow(subjectId)).toMatchObject({ state: "dead", reason: "outcome_unknown" });
    const counts = await bench.as(place, (tx) => deliveryCounts(tx, { subjectId, kind: "intake" }));
    expect(counts).toMatchObject({ copies: 1, recalled: 0 });
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
    const [claimed] = await bench.asSystem((tx) => claimChunk(tx, place.installation, 1));
    if (claimed === undefined) throw new Error("not claimed");
    const ended = await bench.as(place, (tx) => endDeliveries(tx, { subjectId, kind: "intake" }));
    expect(ended).toEqual({ toRecall: 0, blocked: 2, installations: [] });
    expect(await bench.asSystem((tx) => holdClaim(tx, claimed))).toBeUndefined();
    expect(await bench.asSystem((tx) => claimChunk(tx, place.installation, 50))).toEqual([]);
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
  expect(await bench.asSystem((tx) => claimChunk(tx, place.installation, 50))).toEqual([]);
  await bench.asSystem(buryUnreachable);
  await bench.asSystem(buryUnreachable);
  expect((await bench.rows(subjectId)).map(({ state, reason }) => [state, reason])).toEqual([
    ["dead", "channel_released"],
    ["dead", "channel_released"],
  ]);
});
