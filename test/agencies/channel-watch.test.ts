import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { clearChannel } from "../../src/agencies/channel-store.ts";
import { channelRefresh, hearNews } from "../../src/agencies/channel-watch.ts";
import { appendAudit } from "../../src/audit/audit-store.ts";
import type { ChannelFacts, ChannelRef } from "../../src/chat.ts";
import { openQueryBench, type Agency, type QueryBench } from "../watch-list/query-bench.ts";

let bench: QueryBench;
beforeAll(async () => {
  bench = await openQueryBench();
});
afterAll(() => bench.db.close());

const facts: ChannelFacts = {
  name: "desk",
  private: true,
  sharedOutside: false,
  archived: false,
  canPost: true,
};

/** An agency with a channel that its privacy officer signed for everything. */
async function signedChannel(): Promise<Agency> {
  const agency = await bench.addAgency();
  const { id } = await stored(agency);
  const officer = agency.supervisor.id;
  await bench.as(agency.supervisor, async (tx) => {
    await clearChannel(tx, { channel: id, officer, level: "full" });
    await appendAudit(tx, agency.id, { action: "channel.clear", subject: `channel:${id}` });
  });
  expect(await clearance(agency)).toBe("full");
  return agency;
}

function stored({ analyst }: Agency) {
  return bench.as(analyst, (tx) =>
    tx
      .selectFrom("channel")
      .select(["id", "private", "can_post", "facts_at", "cleared_for", "cleared_by"])
      .executeTakeFirstOrThrow(),
  );
}

/** What the next bulletin may show in its channel. */
async function clearance({ analyst }: Agency, tlp = "amber"): Promise<unknown> {
  const { rows } = await bench.as(analyst, (tx) =>
    sql<{ level: string }>`select clearance(c, ${tlp}) as level from channel c`.execute(tx),
  );
  return rows[0]?.level;
}

function changed(agency: Agency, now: ChannelFacts | undefined): Promise<void> {
  const { workspace } = agency;
  return hearNews(bench.db.jobs, async () => now, {
    kind: "channel-changed",
    platform: "slack",
    workspace,
    channel: "C1",
  });
}

function actions({ analyst }: Agency) {
  return bench.as(analyst, (tx) =>
    tx
      .selectFrom("audit")
      .select(["action", "detail"])
      .where("action", "in", ["channel.facts", "installation.gone"])
      .orderBy("at")
      .execute(),
  );
}

describe("a channel that the platform says changed", () => {
  it.each([
    ["public", { private: false }],
    ["shared with another organisation", { sharedOutside: true }],
  ])("to %s gets a pointer at the very next bulletin, and needs a new signature", async (_how, change) => {
    const agency = await signedChannel();
    await changed(agency, { ...facts, ...change });
    expect(await clearance(agency)).toBe("pointer");
    await changed(agency, facts);
    expect(await clearance(agency)).toBe("summary");
    expect((await stored(agency)).cleared_by).toBeNull();
    expect(await actions(agency)).toEqual([
      {
        action: "channel.facts",
        detail: { private: true, sharedOutside: false, archived: false, ...change },
      },
      { action: "channel.facts", detail: { private: true, sharedOutside: false, archived: false } },
    ]);
  });

  it("in nothing that matters keeps its signature", async () => {
    const agency = await signedChannel();
    await changed(agency, { ...facts, name: "renamed" });
    expect(await clearance(agency)).toBe("full");
  });

  it("and that has no use here is nobody's concern", async () => {
    const agency = await bench.addAgency();
    const elsewhere = { kind: "channel-changed", platform: "slack", channel: "C9" } as const;
    await hearNews(bench.db.jobs, () => expect.unreachable(), { ...elsewhere, workspace: agency.workspace });
    expect(await actions(agency)).toEqual([]);
  });

  it("so that the bot cannot see it keeps the age of what was known", async () => {
    const agency = await signedChannel();
    const before = await stored(agency);
    await bench.db.moveClock("23 hours");
    await changed(agency, undefined);
    expect(await stored(agency)).toEqual({ ...before, can_post: false });
    expect(await clearance(agency)).toBe("full");
    await bench.db.moveClock("2 hours");
    expect(await clearance(agency)).toBe("pointer");
  });
});

it("an app that was removed has no installation, and its agency's audit says so, once", async () => {
  const [agency, other] = [await bench.addAgency(), await bench.addAgency()];
  const { workspace } = agency;
  const removed = () =>
    hearNews(bench.db.jobs, () => expect.unreachable(), { kind: "removed", platform: "slack", workspace });
  await removed();
  await removed();
  const state = ({ analyst }: Agency) =>
    bench.as(analyst, (tx) => tx.selectFrom("installation").select("state").executeTakeFirst());
  expect(await state(agency)).toEqual({ state: "gone" });
  expect(await state(other)).toEqual({ state: "active" });
  expect(await actions(agency)).toEqual([{ action: "installation.gone", detail: {} }]);
});

describe("looking at every channel", () => {
  /** Refreshes what is due, and says how often the platform was asked for each workspace's channel. */
  async function refresh(answer: (channel: ChannelRef) => ChannelFacts | undefined) {
    const looked: string[] = [];
    const followUp = channelRefresh(async (channel) => {
      looked.push(channel.workspace);
      return answer(channel);
    });
    const followed = await followUp.run(bench.db.jobs, bench.db.keyring);
    return {
      ...followed,
      looks: ({ workspace }: Agency) => looked.filter((one) => one === workspace).length,
    };
  }
  const settle = () => refresh(() => facts);

  it("happens once in twelve hours", async () => {
    await settle();
    const agency = await bench.addAgency();
    expect((await refresh(() => facts)).looks(agency)).toBe(0);
    await bench.db.moveClock("13 hours");
    expect((await refresh(() => ({ ...facts, private: false }))).looks(agency)).toBe(1);
    expect((await stored(agency)).private).toBe(false);
    expect((await refresh(() => facts)).looks(agency)).toBe(0);
  });

  it("finds one that cannot be seen no more often than the others, and sees it when it is back", async () => {
    await settle();
    const agency = await signedChannel();
    await bench.db.moveClock("13 hours");
    const before = await stored(agency);
    expect((await refresh(() => undefined)).looks(agency)).toBe(1);
    expect((await refresh(() => undefined)).looks(agency)).toBe(0);
    expect((await stored(agency)).facts_at).toEqual(before.facts_at);
    await bench.db.moveClock("13 hours");
    expect(await clearance(agency)).toBe("pointer");
    expect((await refresh(() => facts)).looks(agency)).toBe(1);
    expect(await clearance(agency)).toBe("full");
  });

  it("goes on behind one for which the platform gives no answer", async () => {
    await settle();
    const [silent, agency] = [await bench.addAgency(), await bench.addAgency()];
    await bench.db.moveClock("13 hours");
    const { failed, looks } = await refresh(({ workspace }) => {
      if (workspace === silent.workspace) throw new Error("no answer");
      return facts;
    });
    expect(failed?.map(({ subject }) => subject)).toEqual([(await stored(silent)).id]);
    expect(looks(agency)).toBe(1);
  });
});
