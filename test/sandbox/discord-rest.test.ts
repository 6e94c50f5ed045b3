import type { REST } from "discord.js";
import { Routes } from "discord.js";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { Stage } from "./discord-stage.ts";
import {
  application,
  atDesk,
  bot,
  desk,
  diaz,
  guild,
  newRest,
  okafor,
  openStage,
  token,
} from "./discord-stage.ts";

let stage: Stage;
let rest: REST;
beforeEach(async () => {
  stage = await openStage();
  rest = stage.rest;
});
afterEach(async () => {
  vi.useRealTimers();
  await stage.close();
});

const nowhere = "499999999999999999";
const send = async (body: object, channel = desk) =>
  (await rest.post(Routes.channelMessages(channel), { body })) as { id: string; content: string };
const seen = async () => stage.people.channel({ workspace: guild, channel: desk });

test("an enforced nonce makes one message of two, for five minutes", async () => {
  const first = await send({ content: "one", nonce: "n-1", enforce_nonce: true });
  const second = await send({ content: "two", nonce: "n-1", enforce_nonce: true });
  expect(second).toMatchObject({ id: first.id, content: "one", nonce: "n-1" });
  await send({ content: "three", nonce: "n-1" });
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 5 * 60_000 + 1_000 });
  await send({ content: "four", nonce: "n-1", enforce_nonce: true });
  expect((await seen()).map(({ headline }) => headline)).toEqual(["one", "three", "four"]);
});

test("a nonce makes a new message where the first was deleted, and is forgotten with age", async () => {
  const keyed = { nonce: "n-1", enforce_nonce: true };
  const { id } = await send({ content: "one", ...keyed });
  await rest.delete(Routes.channelMessage(desk, id));
  await send({ content: "two", ...keyed });
  await send({ content: "two again", ...keyed });
  await stage.people.age({ workspace: guild, channel: desk, byMs: 5 * 60_000 });
  await send({ content: "three", ...keyed });
  const posts = await stage.people.posts({ workspace: guild });
  expect(posts.map(({ headline, removed, key }) => [headline, removed, key])).toEqual([
    ["one", true, "n-1"],
    ["two", undefined, "n-1"],
    ["three", undefined, "n-1"],
  ]);
});

test("a message older than an hour takes one edit an hour", async () => {
  const { id } = await send({ content: "first", nonce: "n-1" });
  const edit = (content: string) => rest.patch(Routes.channelMessage(desk, id), { body: { content } });
  await edit("young");
  await stage.people.age({ workspace: guild, channel: desk, byMs: 61 * 60_000 });
  await edit("old");
  const refused = await call({ content: "too often" }, Routes.channelMessage(desk, id), "PATCH");
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(3_500);
  expect(await refused.json()).toMatchObject({ code: 30046, global: false });
  await send({ content: "another" });
  expect(await stage.people.posts({})).toMatchObject([
    { headline: "old", edits: 2, key: "n-1" },
    { headline: "another", edits: 0 },
  ]);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 60 * 60_000 });
  expect(await edit("an hour later")).toMatchObject({ content: "an hour later" });
});

test("posts under a message say under which", async () => {
  const { id } = await send({ content: "Bulletin" });
  await rest.post(Routes.threads(desk, id), { body: { name: "B-7K3-M9Q" } });
  await send({ content: "in its thread" }, id);
  await send({ content: "beside it", message_reference: { message_id: id } });
  const posts = await stage.people.posts({ workspace: guild });
  expect(posts.map(({ headline, under }) => [headline, under])).toEqual([
    ["Bulletin", undefined],
    ["in its thread", id],
    ["beside it", id],
  ]);
});

test("a thread has its message's id, and a message has one thread", async () => {
  const { id } = await send({ content: "Bulletin" });
  const path = Routes.threads(desk, id);
  expect(await rest.post(path, { body: { name: "B-7K3-M9Q" } })).toMatchObject({
    id,
    type: 11,
    parent_id: desk,
  });
  await expect(rest.post(path, { body: { name: "B-7K3-M9Q" } })).rejects.toMatchObject({ code: 160004 });
  await send({ content: "Acknowledged" }, id);
  expect(await seen()).toMatchObject([
    { lines: ["Bulletin"], thread: [{ lines: ["Acknowledged"], channel: id }] },
  ]);
});

test("an archived thread takes no edits, and wakes up by a message", async () => {
  const { id } = await send({ content: "Bulletin" });
  await rest.post(Routes.threads(desk, id), { body: { name: "thread" } });
  const reply = await send({ content: "reply" }, id);
  await stage.people.changeChannel({ workspace: guild, id, archived: true });
  const edit = () => rest.patch(Routes.channelMessage(id, reply.id), { body: { content: "edited" } });
  await expect(edit()).rejects.toMatchObject({ code: 50083 });
  await send({ content: "another" }, id);
  expect(await edit()).toMatchObject({ content: "edited" });
});

test("edits and deletions reach the app's own messages only", async () => {
  const own = await send({ content: "first" });
  expect(
    await rest.patch(Routes.channelMessage(desk, own.id), { body: { content: "second" } }),
  ).toMatchObject({ content: "second" });
  expect(await seen()).toMatchObject([{ lines: ["second"], edited: true }]);
  const { id } = await stage.people.say({ ...atDesk, text: "hello" });
  const path = Routes.channelMessage(desk, id);
  await expect(rest.patch(path, { body: { content: "mine now" } })).rejects.toMatchObject({
    code: 50005,
    status: 403,
  });
  await expect(rest.delete(path)).rejects.toMatchObject({ code: 50013 });
  await rest.delete(Routes.channelMessage(desk, own.id));
  await expect(rest.get(Routes.channelMessage(desk, own.id))).rejects.toMatchObject({
    code: 10008,
    status: 404,
  });
});

test("the words of others are hidden from a bot without the message-content intent", async () => {
  await send({ content: "ours" });
  await stage.people.say({ ...atDesk, text: "theirs" });
  expect(await rest.get(Routes.channelMessages(desk))).toMatchObject([
    { content: "", author: { id: diaz } },
    { content: "ours", author: { id: bot } },
  ]);
});

test.each([
  [{ private: true, botIsMember: false }, 50001, 50001],
  [{ private: false, botIsMember: false }, "done", 50013],
  [{ archived: true }, 10003, 10003],
])(
  "a channel changed to %o refuses reading with %s and posting with %s",
  async (change, reading, posting) => {
    const { id } = await send({ content: "before" });
    await stage.people.changeChannel({ workspace: guild, id: desk, ...change });
    const attempts = [rest.get(Routes.channelMessage(desk, id)), send({ content: "after" })];
    const ends = await Promise.allSettled(attempts);
    const codes = ends.map((end) =>
      end.status === "fulfilled" ? "done" : (end.reason as { code: number }).code,
    );
    expect(codes).toEqual([reading, posting]);
  },
);

test("a kicked bot has no access to the guild, and comes back by an invitation", async () => {
  await stage.people.removeApp({ workspace: guild });
  await expect(send({ content: "x" })).rejects.toMatchObject({ code: 50001, status: 403 });
  await expect(rest.get(Routes.guild(guild))).rejects.toMatchObject({ code: 10004 });
  await expect(
    rest.put(Routes.applicationGuildCommands(application, guild), { body: [] }),
  ).rejects.toMatchObject({ code: 50001 });
  await stage.people.addWorkspace({ id: guild, name: "Riverton PD", token, botUser: bot });
  expect(await send({ content: "back" })).toMatchObject({ content: "back" });
});

test("unknown things are refused by name", async () => {
  await expect(send({ content: "x" }, nowhere)).rejects.toMatchObject({ code: 10003, status: 404 });
  await expect(send({ content: "x" }, "desk")).rejects.toMatchObject({ code: 50035 });
  await expect(
    rest.patch(Routes.channelMessage(desk, nowhere), { body: { content: "x" } }),
  ).rejects.toMatchObject({ code: 10008 });
  await expect(rest.get("/nothing")).rejects.toMatchObject({ status: 404 });
  await expect(newRest(stage.platform, "other").get(Routes.user())).rejects.toMatchObject({ status: 401 });
});

test("a client that does not say what it is gets nowhere", async () => {
  const headers = { authorization: `Bot ${token}` };
  const answer = await fetch(`${stage.platform.url}/api/v10/users/@me`, { headers });
  expect([answer.status, await answer.json()]).toMatchObject([403, { code: 40333 }]);
});

test("a direct message reaches a person of a common guild", async () => {
  const open = (recipient_id: string) =>
    rest.post(Routes.userChannels(), { body: { recipient_id } }) as Promise<{ id: string }>;
  const { id } = await open(okafor);
  expect((await open(okafor)).id).toBe(id);
  await send({ content: "<t:1763795640:f>" }, id);
  const read = await stage.people.directMessages({ workspace: guild, user: okafor });
  expect(read.map(({ lines }) => lines)).toEqual([["Sat 22 Nov 01:14 CST"]]);
  await expect(open(nowhere)).rejects.toMatchObject({ code: 50033 });
  await stage.people.removeApp({ workspace: guild });
  await expect(send({ content: "x" }, id)).rejects.toMatchObject({ code: 50007 });
});

test("permissions can be computed from roles and overwrites as on Discord", async () => {
  const client = await stage.connect();
  const may = () => {
    const channel = client.guilds.cache.get(guild)?.channels.cache.get(desk);
    const me = client.guilds.cache.get(guild)?.members.me;
    return me
      ? channel
          ?.permissionsFor(me)
          .has(["ViewChannel", "SendMessages", "EmbedLinks", "SendMessagesInThreads"])
      : undefined;
  };
  expect(may()).toBe(true);
  const heard = new Promise((resolve) => client.once("channelUpdate", resolve));
  await stage.people.changeChannel({ workspace: guild, id: desk, botIsMember: false });
  await heard;
  expect(may()).toBe(false);
});

test("faults meet the calls they name, as often as they say", async () => {
  const method = "POST /channels/:id/messages";
  await stage.people.addFault({ kind: "server-error", method, channel: desk });
  await stage.people.addFault({ kind: "rate-limited", method, workspace: guild, retryAfter: 2 });
  expect(await rest.get(Routes.channel(desk))).toMatchObject({ id: desk });
  await expect(send({ content: "a" })).rejects.toMatchObject({ status: 500 });
  await expect(send({ content: "b" })).rejects.toMatchObject({ retryAfter: 2_000, global: false });
  await send({ content: "c" });
  await stage.people.addFault({ kind: "token-revoked" });
  await expect(rest.get(Routes.channel(desk))).rejects.toMatchObject({ status: 401 });
  expect((await seen()).map(({ headline }) => headline)).toEqual(["c"]);
  expect(
    (await stage.people.calls({ method })).map(({ status, workspace, token: used }) => ({
      status,
      workspace,
      used,
    })),
  ).toEqual([
    { status: 500, workspace: guild, used: token },
    { status: 429, workspace: guild, used: token },
    { status: 200, workspace: guild, used: token },
  ]);
});

const call = (body: object | undefined, path: string, method = body ? "POST" : "GET") =>
  fetch(`${stage.platform.url}/api/v10${path}`, {
    method,
    headers: {
      authorization: `Bot ${token}`,
      "user-agent": "DiscordBot (test, 1)",
      "content-type": "application/json",
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });

test("the sixth message to a channel within five seconds has to wait", async () => {
  await stage.close();
  stage = await openStage("real");
  const post = () => call({ content: "x" }, Routes.channelMessages(desk));
  const remaining: (string | null)[] = [];
  for (let count = 0; count < 5; count += 1) {
    const answer = await post();
    remaining.push(answer.headers.get("x-ratelimit-remaining"));
  }
  expect(remaining).toEqual(["4", "3", "2", "1", "0"]);
  const refused = await post();
  const body = (await refused.json()) as { retry_after: number; global: boolean };
  expect(refused.status).toBe(429);
  expect(refused.headers.get("retry-after")).toBe(String(Math.ceil(body.retry_after)));
  expect(refused.headers.get("x-ratelimit-scope")).toBe("user");
  expect(body.global).toBe(false);
  expect(body.retry_after).toBeGreaterThan(0);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 5_000 });
  expect((await post()).status).toBe(200);
});

test("a bucket is whole again at the moment its headers name, and not a call before", async () => {
  await stage.close();
  stage = await openStage("real");
  vi.useFakeTimers({ toFake: ["Date"] });
  const post = () => call({ content: "x" }, Routes.channelMessages(desk));
  const first = await post();
  vi.setSystemTime(Date.now() + 4_000);
  for (let count = 0; count < 4; count += 1) await post();
  const last = await post();
  expect(first.headers.get("x-ratelimit-reset-after")).toBe("5.000");
  expect(last.status).toBe(429);
  expect(last.headers.get("x-ratelimit-reset-after")).toBe("1.000");
  expect(last.headers.get("x-ratelimit-reset")).toBe(first.headers.get("x-ratelimit-reset"));
  vi.setSystemTime(Date.now() + 1_000);
  expect((await post()).headers.get("x-ratelimit-remaining")).toBe("4");
  expect(await stage.people.counts()).toMatchObject([{ calls: 7, rateLimited: 1 }]);
});

test("fifty requests fit into any second, wherever it begins", async () => {
  await stage.close();
  stage = await openStage("real");
  const began = Date.now();
  vi.useFakeTimers({ toFake: ["Date"], now: began });
  const channels = Array.from({ length: 40 }, (_, index) => `5${String(index).padStart(17, "0")}`);
  const allowed = async () => {
    const answers = await Promise.all(channels.map((id) => call(undefined, Routes.channel(id))));
    return answers.filter(({ status }) => status === 404).length;
  };
  expect(await allowed()).toBe(40);
  vi.setSystemTime(began + 900);
  expect(await allowed()).toBe(10);
  vi.setSystemTime(began + 1_000);
  expect(await allowed()).toBe(40);
  vi.setSystemTime(began + 1_899);
  expect(await allowed()).toBe(0);
});

test("a fault of the whole application says so", async () => {
  await stage.people.addFault({ kind: "rate-limited", global: true, retryAfter: 3 });
  const answer = await call({ content: "x" }, Routes.channelMessages(desk));
  expect([answer.headers.get("x-ratelimit-scope"), await answer.json()]).toEqual([
    "global",
    { message: "You are being rate limited.", retry_after: 3, global: true },
  ]);
});

test("an application has fifty requests a second, interaction answers aside", async () => {
  await stage.close();
  stage = await openStage("real");
  vi.useFakeTimers({ toFake: ["Date"] });
  const ids = Array.from({ length: 51 }, (_, index) => `5${String(index).padStart(17, "0")}`);
  const answers = await Promise.all(ids.map((id) => call(undefined, Routes.channel(id))));
  expect(answers.filter(({ status }) => status === 404)).toHaveLength(50);
  const refused = answers.find(({ status }) => status === 429);
  expect(refused?.headers.get("x-ratelimit-global")).toBe("true");
  expect(await refused?.json()).toMatchObject({ global: true });
  const answer = await call({ type: 4 }, Routes.interactionCallback(nowhere, "token"));
  expect(answer.status).toBe(404);
});
