import { afterEach, expect, test } from "vitest";

import type { PretendSlackOptions } from "../../sandbox/slack/pretend-slack.ts";
import { openTown } from "./slack-town.ts";
import type { Town } from "./slack-town.ts";

const readers = ["chat:write", "channels:history", "groups:history", "im:history"];

let town: Town;
afterEach(async () => {
  await town.close();
});

type Reply = Readonly<Record<string, unknown>> & {
  readonly messages?: readonly Readonly<Record<string, unknown>>[];
  readonly response_metadata?: { readonly next_cursor?: string };
};

/** Arguments travel as a form, as the real client sends them. */
async function call(method: string, args: Readonly<Record<string, string>>): Promise<Reply> {
  const answer = await fetch(`${town.url}/api/${method}`, {
    method: "POST",
    headers: { authorization: "Bearer xoxb-1" },
    body: new URLSearchParams(args),
  });
  return (await answer.json()) as Reply;
}

async function open(options: Partial<PretendSlackOptions> = {}): Promise<void> {
  town = await openTown({ scopes: readers, limits: "off", ...options });
}

async function post(text: string, more: Readonly<Record<string, string>> = {}): Promise<string> {
  const { ts } = await call("chat.postMessage", { channel: "C1", text, ...more });
  return String(ts);
}

const keyed = (delivery: string) => ({
  metadata: JSON.stringify({ event_type: "allpoints_delivery", event_payload: { delivery } }),
});
const history = (args: Readonly<Record<string, string>> = {}): Promise<Reply> =>
  call("conversations.history", { channel: "C1", ...args });
const replies = (ts: string, args: Readonly<Record<string, string>> = {}): Promise<Reply> =>
  call("conversations.replies", { channel: "C1", ts, ...args });
const texts = ({ messages = [] }: Reply): unknown[] => messages.map(({ text }) => text);

test("a channel's history is newest first, without threads, in pages", async () => {
  await open();
  const first = await post("one");
  await post("two");
  await post("under one", { thread_ts: first });
  await town.api.say({ workspace: "T1", user: "U1", channel: "C1", text: "three" });
  expect(texts(await history())).toEqual(["three", "two", "one"]);
  const page = await history({ limit: "2" });
  expect([texts(page), page["has_more"]]).toEqual([["three", "two"], true]);
  const rest = await history({ limit: "2", cursor: page.response_metadata?.next_cursor ?? "" });
  expect([texts(rest), rest["has_more"], rest.response_metadata]).toEqual([["one"], false, undefined]);
  expect(rest.messages?.[0]).toMatchObject({ thread_ts: first, reply_count: 1 });
});

test("oldest and latest leave their own message out unless told otherwise", async () => {
  await open();
  const [one, two, three] = [await post("one"), await post("two"), await post("three")];
  expect(texts(await history({ oldest: one }))).toEqual(["three", "two"]);
  expect(texts(await history({ oldest: one, latest: three }))).toEqual(["two"]);
  expect(texts(await history({ oldest: two, inclusive: "true" }))).toEqual(["three", "two"]);
});

test("metadata is shown only to those who ask for it, and outlives an update that leaves it out", async () => {
  await open();
  const ts = await post("before", keyed("delivery-1"));
  expect((await history()).messages?.[0]).not.toHaveProperty("metadata");
  await call("chat.update", { channel: "C1", ts, text: "after" });
  const [message] = (await history({ include_all_metadata: "true" })).messages ?? [];
  expect(message).toMatchObject({ text: "after", metadata: { event_payload: { delivery: "delivery-1" } } });
  expect(await town.api.posts({})).toMatchObject([{ key: "delivery-1", edits: 1, headline: "after" }]);
});

test("a thread is its root and then the replies, oldest first, in pages that each begin with the root", async () => {
  await open();
  const root = await post("root");
  await post("elsewhere");
  const [first] = [await post("1", { thread_ts: root }), await post("2", { thread_ts: root })];
  expect(texts(await replies(root))).toEqual(["root", "1", "2"]);
  expect(texts(await replies(first))).toEqual(["root", "1", "2"]);
  expect(texts(await replies(root, { oldest: first }))).toEqual(["root", "2"]);
  const page = await replies(root, { limit: "1" });
  expect([texts(page), page["has_more"]]).toEqual([["root", "1"], true]);
  expect(texts(await replies(root, { cursor: page.response_metadata?.next_cursor ?? "" }))).toEqual([
    "root",
    "2",
  ]);
  expect(await replies("1.1")).toMatchObject({ error: "thread_not_found" });
  expect(await town.api.posts({})).toMatchObject([{}, {}, { under: root }, { under: root }]);
});

test("what was deleted is gone, or leaves a stone where its thread hangs", async () => {
  await open();
  const root = await post("root");
  await post("reply", { thread_ts: root });
  const alone = await post("alone");
  for (const ts of [root, alone])
    expect(await call("chat.delete", { channel: "C1", ts })).toMatchObject({ ok: true });
  expect((await history()).messages).toMatchObject([{ subtype: "tombstone", ts: root }]);
  expect(texts(await replies(root))).toEqual(["This message was deleted.", "reply"]);
  expect(await replies(alone)).toMatchObject({ error: "thread_not_found" });
  expect((await town.api.posts({})).map(({ headline, removed }) => [headline, removed])).toEqual([
    ["root", true],
    ["reply", undefined],
    ["alone", true],
  ]);
});

test("reading takes the scope for the kind of conversation, and membership", async () => {
  await open({ scopes: ["chat:write"] });
  const { api } = town;
  await api.addChannel({ workspace: "T1", id: "CPUBLIC", name: "public", private: false });
  await api.addChannel({ workspace: "T1", id: "COUT", name: "out", private: false, botIsMember: false });
  await call("chat.postMessage", { channel: "U1", text: "to a person" });
  const needs = { C1: "groups:history", CPUBLIC: "channels:history", D1: "im:history" };
  for (const [channel, needed] of Object.entries(needs)) {
    for (const method of ["conversations.history", "conversations.replies"])
      expect(await call(method, { channel, ts: "1.1" })).toMatchObject({ error: "missing_scope", needed });
    await api.setScopes({ scopes: ["chat:write", needed] });
    expect(await history({ channel })).toMatchObject({ ok: true });
    await api.setScopes({ scopes: ["chat:write"] });
  }
  await api.setScopes({ scopes: readers });
  expect(await history({ channel: "COUT" })).toMatchObject({ error: "not_in_channel" });
  expect(await history({ channel: "C404" })).toMatchObject({ error: "channel_not_found" });
  await api.changeChannel({ workspace: "T1", id: "C1", archived: true });
  expect(await history()).toMatchObject({ ok: true });
});

test("reading is not granted to an app by itself", async () => {
  town = await openTown();
  expect(await history()).toMatchObject({ error: "missing_scope" });
});

test.each([
  [{ oldest: "yesterday" }, "invalid_ts_oldest"],
  [{ latest: "x" }, "invalid_ts_latest"],
  [{ limit: "0" }, "invalid_limit"],
  [{ limit: "1000" }, "invalid_limit"],
  [{ cursor: "bm9uc2Vuc2U=" }, "invalid_cursor"],
])("history with %o is refused as %s", async (args, error) => {
  await open();
  expect(await history(args as Readonly<Record<string, string>>)).toMatchObject({ ok: false, error });
});

test("history is limited as a tier of its own, where limits are on", async () => {
  await open({ limits: { tier3PerMinute: 2 } });
  expect([(await history())["ok"], (await history())["ok"]]).toEqual([true, true]);
  expect(await history()).toMatchObject({ error: "ratelimited" });
  expect(await replies("1.1")).toMatchObject({ error: "thread_not_found" });
  expect(await town.api.counts()).toMatchObject([
    { method: "conversations.history", calls: 3, rateLimited: 1 },
    { method: "conversations.replies", calls: 1, rateLimited: 0 },
  ]);
});
