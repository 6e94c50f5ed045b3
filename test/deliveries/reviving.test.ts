import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { channelFeature } from "../../src/agencies/channel-command.ts";
import { addOfficer } from "../../src/agencies/officer-store.ts";
import { appendAudit } from "../../src/audit/audit-store.ts";
import { createBot } from "../../src/bot/bot.ts";
import { tableOf } from "../../src/bot/routes.ts";
import { shrinkUnreviewed } from "../../src/bulletins/bulletin-follow-ups.ts";
import type { SendOutcome } from "../../src/chat.ts";
import { endDeliveries, wantNew } from "../../src/deliveries/delivery-store.ts";
import { reviveEnded } from "../../src/deliveries/reviving-store.ts";
import { settle } from "../../src/deliveries/settle.ts";
import { openLog } from "../../src/log.ts";
import { connect } from "../../src/operator.ts";
import { noMatcher } from "../support/matcher.ts";
import { openLedgerBench, type LedgerBench, type Place } from "./ledger-bench.ts";

let bench: LedgerBench;
beforeAll(async () => {
  bench = await openLedgerBench();
});
afterAll(() => bench.database.close());

const message = { platform: "slack", workspace: "W", channel: "C", message: "1.1" } as const;
const sent: SendOutcome = { kind: "sent", message };

/** Everything that is due in this workspace is tried once, and ends like this. */
async function attempt(place: Place, outcome: SendOutcome): Promise<number> {
  const chunk = await bench.take(place);
  const held = await bench.announce(chunk);
  const calls = held.map((one) => ({ held: one, outcome, removing: false, troubled: false }));
  await bench.asSystem((tx) => settle(tx, calls));
  return chunk.length;
}

/** A bulletin of one agency in another's channel. */
async function delivered(basis: "situational" | "emergency" = "situational") {
  const [owner, place] = [await bench.addPlace(), await bench.addPlace()];
  const subjectId = await bench.addBulletin(owner, basis);
  const channelId = await bench.addChannel(place);
  const to = { kind: "bulletin", subjectId, channelId, ownerAgency: owner.agency, level: "summary" } as const;
  await bench.request(place, to);
  await attempt(place, sent);
  const copy = async () => {
    const [row] = await bench.rows(subjectId);
    if (row === undefined) throw new Error("no copy");
    return row;
  };
  return { owner, place, subjectId, channelId, copy };
}

/** A copy whose tombstone could not be brought to its channel any more. */
async function stranded(outcome: SendOutcome) {
  const town = await delivered();
  const { owner, place, subjectId } = town;
  await bench.as(owner, (tx) => endDeliveries(tx, { subjectId, kind: "bulletin" }));
  await attempt(place, outcome);
  expect(await town.copy()).toMatchObject({ state: "dead", applied_version: 1, ended_version: 2 });
  return town;
}

describe("an emergency that nobody reviewed", () => {
  it("shrinks in the channel where its last change failed, too", async () => {
    const { place, subjectId, copy } = await delivered("emergency");
    await bench.as(place, (tx) => wantNew(tx, { subjectId }));
    await attempt(place, { kind: "policy-blocked", reason: "restricted_action" });
    expect(await copy()).toMatchObject({ state: "dead", reason: "policy_blocked" });
    // Somebody acknowledges elsewhere: no reason to try again here.
    await bench.as(place, (tx) => wantNew(tx, { subjectId }));
    expect(await copy()).toMatchObject({ state: "dead" });

    await bench.database.moveClock("25 hours");
    const { wake } = await shrinkUnreviewed.run(bench.database.jobs, bench.database.keyring);
    await bench.database.moveClock("-25 hours");
    expect(wake).toEqual([place.installation]);
    expect(await copy()).toMatchObject({ state: "pending", reason: null });
    expect(await attempt(place, sent)).toBe(1);
    expect(await copy()).toMatchObject({ state: "applied", applied_version: 3 });
  });

  it("is not posted anew by that where it never arrived", async () => {
    const place = await bench.addPlace();
    const subjectId = await bench.addBulletin(place, "emergency");
    const to = { kind: "bulletin", subjectId, channelId: await bench.addChannel(place) } as const;
    await bench.request(place, to);
    await attempt(place, { kind: "policy-blocked", reason: "restricted_action" });
    const again = await bench.as(place, (tx) => wantNew(tx, { subjectId, reviving: true }));
    expect(again).toEqual([]);
    expect(await attempt(place, sent)).toBe(0);
  });
});

it("a copy that is revived has all its tries again", async () => {
  const { owner, place, subjectId } = await stranded({ kind: "policy-blocked", reason: "x" });
  await bench.as(owner, (tx) => wantNew(tx, { subjectId, reviving: true }));
  const [claimed] = await bench.take(place);
  expect(claimed).toMatchObject({ attempts: 0 });
});

const gone = { kind: "channel-gone", reason: "is_archived" } as const;

describe("a recalled copy in a channel that was gone", () => {
  it("is tried again when the agency says what the channel is for, and both agencies can read that", async () => {
    const { owner, place, channelId, copy } = await stranded(gone);
    const { store, keyring } = bench.database;
    const where = await bench.as(place, (tx) =>
      tx.selectFrom("channel").select("channel_ref").where("id", "=", channelId).executeTakeFirstOrThrow(),
    );
    const account = { platform: "slack", workspace: place.workspace, user: "UADMIN" } as const;
    const { agency } = place;
    await store.transaction({ agency, id: "system" }, async (tx) => {
      await addOfficer(tx, keyring, { agency, name: "Admin", roles: ["agency_admin"], account });
      await appendAudit(tx, agency, { action: "officer.add", subject: "officer:new" });
    });
    const kicked: string[] = [];
    const facts = { name: "c", private: true, sharedOutside: false, archived: false, canPost: true };
    const bot = createBot({
      store,
      table: tableOf([channelFeature]),
      log: openLog({ to: { write: () => {} } }),
      kick: (installations) => void kicked.push(...installations),
      news: () => Promise.resolve(),
      stranger: () => Promise.resolve(undefined),
      tools: {
        keyring,
        matcher: noMatcher,
        privateLevel: { slack: "full", discord: "none" },
        inspect: () => Promise.resolve(facts),
      },
    });
    const answer = await bot.receive({
      kind: "command",
      ...account,
      channel: where.channel_ref,
      dedupeKey: "channel-use",
      command: "allpoints",
      input: { kind: "words", words: "channel use:bulletins" },
    });
    expect(answer).toMatchObject({ kind: "card", card: { headline: "This channel is now for: bulletins" } });
    expect(kicked).toContain(place.installation);
    expect(await copy()).toMatchObject({ state: "pending", reason: null });
    const told = (await bench.audited((await copy()).id)).filter(({ action }) => action.endsWith("revived"));
    expect(new Set(told.map(({ agency_id }) => agency_id))).toEqual(new Set([owner.agency, agency]));
    await attempt(place, sent);
    expect(await copy()).toMatchObject({ state: "applied", applied_version: 2 });
  });

  it("is not another agency's to try again, nor where the channel is still gone", async () => {
    const { place, channelId, copy } = await stranded(gone);
    const stranger = await bench.addPlace();
    expect(await bench.as(place, (tx) => reviveEnded(tx, { channelId }))).toEqual([]);
    await bench.as(place, async (tx) => {
      await tx.updateTable("channel").set({ state: "active" }).where("id", "=", channelId).execute();
      await appendAudit(tx, place.agency, { action: "test.change", subject: "test:1" });
    });
    expect(await bench.as(stranger, (tx) => reviveEnded(tx, { channelId }))).toEqual([]);
    const { installation: installationId } = place;
    expect(await bench.as(place, (tx) => reviveEnded(tx, { installationId }))).toEqual([]);
    expect(await copy()).toMatchObject({ state: "dead" });
  });
});

it("a recalled copy in a workspace that was gone is tried again when that is connected again", async () => {
  const { place, copy } = await stranded({ kind: "tenant-gone", reason: "token_revoked" });
  const living = await bench.request(place, { channelId: await bench.addChannel(place) });
  const { store: app, keyring } = bench.database;
  const office = { app, keyring };
  await connect(office, {
    agency: place.agency,
    platform: "slack",
    workspace: place.workspace,
    application: "A1",
    botUser: "UBOT",
    token: "token-2",
    apiBaseUrl: "http://127.0.0.1:9/",
    environment: "commercial",
  });
  expect(await copy()).toMatchObject({ state: "pending", reason: null });
  expect(await attempt(place, sent)).toBe(2);
  expect(await copy()).toMatchObject({ state: "applied", applied_version: 2 });
  expect(await bench.rows(living)).toMatchObject([{ state: "applied" }]);
});
