import { MessageFlags, Routes } from "discord.js";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { Change } from "../../sandbox/client.ts";
import { changesOf } from "../../sandbox/client.ts";
import type { Stage } from "./discord-stage.ts";
import {
  atDesk,
  bot,
  desk,
  diaz,
  guild,
  messageOf,
  newRest,
  okafor,
  openStage,
  token,
} from "./discord-stage.ts";
import type { View } from "./discord-view.ts";
import { onNext, viewOf } from "./discord-view.ts";

let stage: Stage;
let view: View;
beforeEach(async () => {
  stage = await openStage();
  view = viewOf(stage);
});
afterEach(() => stage.close());

let stop: AbortController;
let heard: Change[];
/** What was heard since the last time, as soon as it is so much. */
const news = async (count: number): Promise<readonly Change[]> => {
  await vi.waitUntil(() => heard.length >= count);
  return heard.splice(0);
};
const message = (id: string, is: string, more: object = {}) => ({
  kind: "message",
  workspace: guild,
  channel: desk,
  message: id,
  is,
  ...more,
});
const places = { kind: "places" };

beforeEach(async () => {
  stop = new AbortController();
  heard = [];
  const hear = async (): Promise<void> => {
    for await (const change of changesOf(stage.platform.url, stop.signal)) heard.push(change);
  };
  hear().catch(() => undefined);
  await vi.waitUntil(async () => {
    await view.say("Is anybody there?");
    return heard.length > 0;
  });
  const last = await view.say("There is.");
  await vi.waitUntil(() => heard.some((one) => one.kind === "message" && one.message === last));
  heard = [];
});
afterEach(() => stop.abort());

test("clients hear of messages that come, change and go", async () => {
  const said = await view.say("hello");
  expect(await news(1)).toEqual([message(said, "new")]);
  const posted = await view.post({ content: "New tip" });
  expect(await news(1)).toEqual([message(posted, "new")]);
  await stage.rest.patch(Routes.channelMessage(desk, posted), { body: { content: "Taken" } });
  expect(await news(1)).toEqual([message(posted, "changed")]);
  await stage.rest.delete(Routes.channelMessage(desk, posted));
  expect(await news(1)).toEqual([message(posted, "gone")]);
});

test("clients hear of threads, also at the message above", async () => {
  const above = await view.post({ content: "New tip" });
  expect(await news(1)).toEqual([message(above, "new")]);
  await view.openThread(above);
  expect(await news(1)).toEqual([message(above, "changed")]);
  const said = await view.say("one", { thread: above });
  expect(await news(2)).toEqual([message(said, "new", { thread: above }), message(above, "changed")]);
  const posted = await view.post({ content: "two" }, above);
  expect(await news(2)).toEqual([message(posted, "new", { thread: above }), message(above, "changed")]);
  await stage.rest.patch(Routes.channelMessage(above, posted), { body: { content: "2" } });
  expect(await news(1)).toEqual([message(posted, "changed", { thread: above })]);
  await stage.rest.delete(Routes.channelMessage(above, posted));
  expect(await news(2)).toEqual([message(posted, "gone", { thread: above }), message(above, "changed")]);
  await stage.rest.patch(Routes.channel(above), { body: { archived: true } });
  expect(await news(1)).toEqual([message(above, "changed")]);
  const last = await view.say("three", { thread: above });
  expect(await news(3)).toEqual([
    message(above, "changed"),
    message(last, "new", { thread: above }),
    message(above, "changed"),
  ]);
});

test("clients hear of private answers, also while they are pending", async () => {
  const client = await view.connected();
  expect(await news(1)).toEqual([places]);
  const done = onNext(client, async (interaction) => {
    if (!interaction.isChatInputCommand()) throw new Error("not a command");
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    await interaction.editReply("Received");
    await interaction.deleteReply();
  });
  const { id } = messageOf(await stage.people.type({ ...atDesk, line: "/tip" }));
  await done;
  const mine = { onlyFor: diaz };
  expect(await news(3)).toEqual([
    message(id, "new", mine),
    message(id, "changed", mine),
    message(id, "gone", mine),
  ]);
  expect((await view.read()).messages).not.toContainEqual(expect.objectContaining({ id }));
});

test("clients hear of direct conversations in the guilds of their person", async () => {
  const elsewhere = "200000000000000002";
  await stage.people.addWorkspace({ id: elsewhere, name: "Elsewhere", token, botUser: bot });
  const body = { recipient_id: okafor };
  const { id: channel } = (await stage.rest.post(Routes.userChannels(), { body })) as { id: string };
  expect(await news(2)).toEqual([places, places]);
  const posted = await view.post({ content: "Shown in a query" }, channel);
  expect(await news(1)).toEqual([message(posted, "new", { channel })]);
});

test("clients hear of other places", async () => {
  const id = "400000000000000002";
  await stage.people.addWorkspace({ id: guild, name: "Riverton Police", token, botUser: bot });
  expect(await news(1)).toEqual([places]);
  await stage.people.addUser({ workspace: guild, id: "300000000000000003", name: "Ofc. Lee" });
  expect(await news(1)).toEqual([places]);
  await stage.people.addChannel({ workspace: guild, id, name: "new" });
  expect(await news(1)).toEqual([places]);
  await stage.people.changeChannel({ workspace: guild, id, archived: true });
  expect(await news(1)).toEqual([places]);
  await stage.people.removeApp({ workspace: guild });
  expect(await news(1)).toEqual([places]);
});

test("clients hear what the platform refused, in its own words", async () => {
  await expect(
    view.post({ content: "x".repeat(2_001), embeds: [{ title: "x".repeat(257) }] }),
  ).rejects.toThrow("Invalid Form Body");
  expect(await news(1)).toEqual([
    {
      kind: "refused",
      workspace: guild,
      method: "POST /channels/:id/messages",
      text:
        "Invalid Form Body (50035): content: Must be 2000 or fewer in length. [BASE_TYPE_MAX_LENGTH]; " +
        "embeds.0.title: Must be 256 or fewer in length. [BASE_TYPE_MAX_LENGTH]",
    },
  ]);
  await expect(view.post({ content: "x" }, "400000000000000009")).rejects.toThrow("Unknown Channel");
  expect(await news(1)).toEqual([
    {
      kind: "refused",
      method: "POST /channels/:id/messages",
      text: "Unknown Channel (10003)",
    },
  ]);
});

test("clients hear nothing of limits, faults and wrong tokens", async () => {
  const old = await view.post({ content: "New tip" });
  await stage.people.age({ workspace: guild, channel: desk, byMs: 2 * 60 * 60_000 });
  const edit = () => stage.rest.patch(Routes.channelMessage(desk, old), { body: { content: "Taken" } });
  await edit();
  expect(await news(2)).toEqual([message(old, "new"), message(old, "changed")]);
  await expect(edit()).rejects.toHaveProperty("retryAfter");
  await stage.people.addFault({ kind: "rate-limited" });
  await expect(view.post({ content: "x" })).rejects.toHaveProperty("retryAfter");
  await stage.people.addFault({ kind: "token-revoked" });
  await expect(view.post({ content: "x" })).rejects.toMatchObject({ status: 401 });
  const stranger = newRest(stage.platform, "other");
  await expect(stranger.post(Routes.channelMessages(desk), { body: { content: "x" } })).rejects.toThrow(
    "401",
  );
  const last = await view.say("hello");
  expect(await news(1)).toEqual([message(last, "new")]);
});

test("clients hear the line end when Discord is closed", async () => {
  const other = await openStage();
  let count = 0;
  const hear = async (): Promise<string> => {
    for await (const _change of changesOf(other.platform.url, stop.signal)) count += 1;
    return "ended";
  };
  const hearing = hear().catch(() => "ended");
  await vi.waitUntil(async () => {
    await other.people.say({ ...atDesk, text: "Is anybody there?" });
    return count > 0;
  });
  await other.close();
  expect(await hearing).toBe("ended");
});
