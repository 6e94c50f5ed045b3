import type { APIModalInteractionResponseCallbackData } from "discord.js";
import { MessageFlags, Routes } from "discord.js";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import type { ClientWindow } from "../../sandbox/client.ts";
import type { Stage } from "./discord-stage.ts";
import {
  application,
  atDesk,
  bot,
  desk,
  diaz,
  formOf,
  guild,
  okafor,
  openStage,
  token,
} from "./discord-stage.ts";
import type { View } from "./discord-view.ts";
import { commands, onNext, privately, wordsIn, viewOf } from "./discord-view.ts";

const modal: APIModalInteractionResponseCallbackData = {
  custom_id: "m",
  title: "Report a threat",
  components: [{ type: 18, label: "What?", component: { type: 4, custom_id: "what", style: 1 } }],
};

let stage: Stage;
let view: View;
beforeEach(async () => {
  stage = await openStage();
  view = viewOf(stage);
});
afterEach(() => stage.close());

describe("a window", () => {
  const numbers = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, index) => `message ${from + index}`);

  test("shows part of a long channel and says whether there is more on either side", async () => {
    const ids: string[] = [];
    for (const words of numbers(0, 499)) ids.push(await view.say(words));

    const newest = await view.read();
    expect(wordsIn(newest)).toEqual(numbers(450, 499));
    expect(newest).toMatchObject({ earlier: true, later: false });

    const older = await view.read({ before: newest.messages[0]?.id ?? "" });
    expect(wordsIn(older)).toEqual(numbers(400, 449));
    expect(older).toMatchObject({ earlier: true, later: true });

    const middle = await view.read({ from: ids[100] ?? "", limit: 200 });
    expect(wordsIn(middle)).toEqual(numbers(100, 299));
    expect(middle).toMatchObject({ earlier: true, later: true });

    expect(await view.read({ from: ids[0] ?? "", limit: 1 })).toMatchObject({ earlier: false, later: true });
    expect(await view.read({ from: ids[1] ?? "", limit: 1 })).toMatchObject({ earlier: true, later: true });
    expect(await view.read({ from: ids[499] ?? "" })).toMatchObject({ earlier: true, later: false });
    expect(await view.read({ before: ids[0] ?? "" })).toEqual({ messages: [], earlier: false, later: true });
    const beyond = String(BigInt(ids[499] ?? "") + 1n);
    expect(await view.read({ from: beyond })).toEqual({ messages: [], earlier: true, later: false });
  });

  test("of an empty channel is empty", async () => {
    expect(await view.read()).toEqual({ messages: [], earlier: false, later: false });
  });

  test("keeps its edge when the message there is gone", async () => {
    await view.say("one");
    const gone = await view.post({ content: "gone" });
    await view.say("two");
    await stage.rest.delete(Routes.channelMessage(desk, gone));
    expect(wordsIn(await view.read({ from: gone }))).toEqual(["two"]);
    expect(wordsIn(await view.read({ before: gone }))).toEqual(["one"]);
  });

  test.each<[Partial<ClientWindow>, string]>([
    [{ limit: 201 }, "A window holds from 1 to 200 messages."],
    [{ limit: 0 }, "A window holds from 1 to 200 messages."],
    [{ from: "<b>" }, "A window begins or ends at the id of a message."],
    [{ channel: "400000000000000009" }, "There is no channel 400000000000000009"],
    [{ user: "300000000000000009" }, "Nobody with the id 300000000000000009"],
  ])("%j is refused", async (window, sentence) => {
    await expect(view.read(window)).rejects.toThrow(sentence);
  });

  test("on a channel is for its members", async () => {
    await stage.people.changeChannel({ workspace: guild, id: desk, members: [okafor] });
    await expect(view.read()).rejects.toThrow(`${diaz} is not in the channel`);
    expect(await view.read({ user: okafor })).toMatchObject({ messages: [] });
  });

  test("on a thread begins with the message above it, whose replies the channel only counts", async () => {
    const first = await view.say("before");
    const above = await view.openThread(await view.post({ content: "New tip" }));
    expect((await view.read()).messages[1]?.replies).toMatchObject({ count: 0 });
    for (const words of ["one", "two", "three"]) await view.say(words, { thread: above });

    expect(wordsIn(await view.read({ thread: above }))).toEqual(["New tip", "one", "two", "three"]);
    const end = await view.read({ thread: above, limit: 2 });
    expect(wordsIn(end)).toEqual(["two", "three"]);
    expect(end).toMatchObject({ earlier: true, later: false });

    const channel = await view.read();
    expect(wordsIn(channel)).toEqual(["before", "New tip"]);
    expect(channel.messages[1]?.replies).toEqual({ count: 3, lastAt: end.messages[1]?.at });
    expect(channel.messages[0]).not.toHaveProperty("replies");
    expect(wordsIn(await view.read({ thread: first }))).toEqual(["before"]);
  });
});

describe("a message", () => {
  test("comes as the platform took it, with its author and the names it mentions", async () => {
    await stage.people.addChannel({
      workspace: guild,
      id: "400000000000000002",
      name: "hidden",
      members: [okafor],
    });
    const embeds = [{ title: "T-1", description: `seen by <@${okafor}>`, color: 0xff_00_00 }];
    const content = `<#${desk}> <#400000000000000002> <@${bot}> <@300000000000000009> <script>`;
    const id = await view.post({ content, embeds, flags: 4_096 });
    await view.say("theirs", { user: okafor });
    const [ours, theirs] = (await view.read()).messages;
    expect(ours).toEqual({
      id,
      at: expect.any(Number),
      author: { id: bot, name: "Allpoints", app: true },
      content: { content, embeds, flags: 4_096 },
      edited: false,
      deleted: false,
      private: false,
      pending: false,
      names: { [desk]: "desk", [bot]: "Allpoints", [okafor]: "Det. Okafor" },
    });
    expect(theirs?.author).toEqual({ id: okafor, name: "Det. Okafor", app: false });
    await stage.rest.patch(Routes.channelMessage(desk, id), { body: { content: "Taken" } });
    expect((await view.read()).messages[0]).toMatchObject({
      edited: true,
      content: { content: "Taken", embeds },
    });
  });

  test("that is private is woven in for its reader, as long as the client remembers it", async () => {
    const client = await view.connected();
    await view.say("before");
    const done = onNext(client, privately("Only you"));
    await stage.people.type({ ...atDesk, line: "/tip" });
    await done;
    await view.say("after");
    const mine = await view.read();
    expect(wordsIn(mine)).toEqual(["before", "Only you", "after"]);
    expect(mine.messages.map((message) => message.private)).toEqual([false, true, false]);
    expect(wordsIn(await view.read({ user: okafor }))).toEqual(["before", "after"]);
    expect(wordsIn(await view.read({ from: mine.messages[1]?.id ?? "" }))).toEqual(["Only you", "after"]);
    expect(wordsIn(await view.read({ limit: 2 }))).toEqual(["Only you", "after"]);
    const since = (mine.messages[1]?.at ?? 0) + 1;
    expect(wordsIn(await view.read({ privateSince: since }))).toEqual(["before", "after"]);
    expect(wordsIn(await view.read({ privateSince: since - 1 }))).toContain("Only you");
  });

  test("that answers in a thread is seen in that thread only", async () => {
    const client = await view.connected();
    const thread = await view.openThread(await view.post({ content: "New tip" }));
    const done = onNext(client, privately("Only you"));
    const under = { ...atDesk, thread, line: "/tip" };
    await stage.people.type(under);
    await done;
    expect(wordsIn(await view.read({ thread }))).toEqual(["New tip", "Only you"]);
    expect(wordsIn(await view.read())).toEqual(["New tip"]);
  });

  test("that is deferred is pending until it is filled in", async () => {
    const client = await view.connected();
    const filling = Promise.withResolvers<void>();
    const done = onNext(client, async (interaction) => {
      if (!interaction.isChatInputCommand()) throw new Error("not a command");
      await interaction.deferReply({ flags: MessageFlags.Ephemeral });
      await filling.promise;
      await interaction.editReply("Received");
    });
    const typed = stage.people.type({ ...atDesk, line: "/tip" });
    const waiting = await vi.waitFor(async () => {
      const { messages } = await view.read();
      expect(messages).toMatchObject([{ pending: true, private: true, edited: false, content: {} }]);
      return messages;
    });
    filling.resolve();
    await Promise.all([typed, done]);
    expect((await view.read()).messages).toMatchObject([
      { id: waiting[0]?.id, pending: false, private: true, edited: false, content: { content: "Received" } },
    ]);
  });

  test("says which command it answers, or which message", async () => {
    const client = await view.connected();
    const said = await view.say("**he** will\nshoot", { user: okafor });
    for (const deed of [
      () => stage.people.type({ ...atDesk, line: "/bulletin cancel B-1" }),
      () => stage.people.shortcut({ ...atDesk, name: "Make a tip from this", message: said }),
    ]) {
      const done = onNext(client, privately("Done"));
      await deed();
      await done;
    }
    await view.post({ content: "Noted", message_reference: { message_id: said } });
    expect((await view.read()).messages.map(({ answers }) => answers)).toEqual([
      undefined,
      { name: "Sgt Diaz", what: "/bulletin cancel" },
      { name: "Sgt Diaz", what: "Make a tip from this" },
      { name: "Det. Okafor", what: "he will" },
    ]);
  });

  test("that follows a press stands by itself", async () => {
    const client = await view.connected();
    const components = [
      { type: 1, components: [{ type: 2, style: 1, custom_id: "take", label: "Take it" }] },
    ];
    const message = await view.post({ content: "New tip", components });
    const done = onNext(client, privately("Yours"));
    await stage.people.press({ workspace: guild, user: diaz, message, button: "Take it" });
    await done;
    const [, answer] = (await view.read()).messages;
    expect(answer).toMatchObject({ private: true });
    expect(answer).not.toHaveProperty("answers");
  });

  test("of somebody's hidden channel is not told by a reply to it", async () => {
    const hidden = "400000000000000002";
    await stage.people.addChannel({ workspace: guild, id: hidden, name: "hidden", members: [okafor] });
    const secret = await view.post({ content: "secret" }, hidden);
    await view.post({ content: "Noted", message_reference: { message_id: secret } });
    expect((await view.read()).messages[0]).not.toHaveProperty("answers");
    expect((await view.read({ user: okafor })).messages[0]?.answers?.what).toBe("secret");
  });
});

test("the places are the guilds with their people and channels, direct conversations among them", async () => {
  await stage.people.addChannel({
    workspace: guild,
    id: "400000000000000002",
    name: "bulletins",
    private: false,
    members: [diaz],
  });
  await stage.people.addChannel({ workspace: guild, id: "400000000000000003", name: "gone", archived: true });
  await view.openThread(await view.post({ content: "New tip" }));
  const direct = (await stage.rest.post(Routes.userChannels(), { body: { recipient_id: okafor } })) as {
    id: string;
  };
  const other = "200000000000000002";
  await stage.people.addWorkspace({ id: other, name: "Elsewhere", token, botUser: bot });
  await stage.people.removeApp({ workspace: other });
  const open = { kind: "channel", sharedOutside: false, archived: false };
  expect(await stage.people.places()).toEqual([
    {
      id: guild,
      name: "Riverton PD",
      installed: true,
      people: [
        { id: diaz, name: "Sgt Diaz", timeZone: "America/New_York" },
        { id: okafor, name: "Det. Okafor", timeZone: "America/Chicago" },
      ],
      channels: [
        { ...open, id: desk, name: "desk", private: true },
        { ...open, id: "400000000000000002", name: "bulletins", private: false, members: [diaz] },
        { ...open, id: direct.id, name: "Allpoints", kind: "direct", private: true, members: [okafor] },
      ],
    },
    { id: other, name: "Elsewhere", installed: false, people: [], channels: [] },
  ]);

  await view.post({ content: "Shown in a query" }, direct.id);
  await stage.people.say({ ...atDesk, user: okafor, channel: direct.id, text: "Thanks" });
  expect(wordsIn(await view.read({ channel: direct.id, user: okafor }))).toEqual([
    "Shown in a query",
    "Thanks",
  ]);
  await expect(view.read({ channel: direct.id })).rejects.toThrow(`${diaz} is not in the channel`);
});

test("commands are listed by sub-command, with what they take", async () => {
  await stage.rest.put(Routes.applicationCommands(application), { body: commands });
  const own = [{ name: "tip", description: "Report a threat here" }];
  await stage.rest.put(Routes.applicationGuildCommands(application, guild), { body: own });
  const who = { workspace: guild, user: diaz };
  const free = { required: false, choices: [], completes: false };
  expect(await stage.people.commands(who)).toEqual({
    commands: [
      { line: "/tip", description: "Report a threat here", options: [] },
      {
        line: "/bulletin cancel",
        description: "Cancel one",
        options: [
          { ...free, name: "ref", description: "The ref", required: true, completes: true },
          {
            ...free,
            name: "reason",
            description: "The reason",
            choices: [{ value: "wrong_person", label: "Wrong person" }],
          },
        ],
      },
      { line: "/bulletin draft list", description: "List them", options: [] },
    ],
    shortcuts: [{ name: "Make a tip from this", on: "message" }],
  });
  await stage.people.removeApp({ workspace: guild });
  expect(await stage.people.commands(who)).toEqual({ commands: [], shortcuts: [] });
});

test("a form is looked at and closed by whoever has it open", async () => {
  const client = await view.connected();
  const done = onNext(client, async (interaction) => {
    if (interaction.isChatInputCommand()) await interaction.showModal(modal);
  });
  const shown = formOf(await stage.people.type({ ...atDesk, line: "/tip" }));
  await done;
  const mine = { workspace: guild, user: diaz, form: shown.id };
  const nothing = { kind: "nothing" };
  expect(await stage.people.form(mine)).toEqual(shown);
  expect(await stage.people.form({ ...mine, user: okafor })).toEqual(nothing);
  expect(await stage.people.close({ ...mine, user: okafor })).toEqual(nothing);
  expect(await stage.people.form(mine)).toEqual(shown);
  expect(await stage.people.close(mine)).toEqual(nothing);
  expect(await stage.people.form(mine)).toEqual(nothing);
  expect(await stage.people.close(mine)).toEqual(nothing);
  await expect(stage.people.submit({ ...mine, values: { what: "x" } })).rejects.toThrow("no such form open");
});

describe("what a person writes", () => {
  test.each([
    ["", "Discord sends no empty message."],
    [" \n ", "Discord sends no empty message."],
    [
      "x".repeat(2_001),
      "Your message is too long: it has 2,001 characters, and Discord takes at most 2,000.",
    ],
  ])("is refused when it does not fit: %#", async (words, sentence) => {
    await expect(view.say(words)).rejects.toThrow(sentence);
    expect((await view.read()).messages).toEqual([]);
  });

  test("may have 2,000 characters, whatever they are", async () => {
    await view.say("🚨".repeat(2_000));
    expect((await view.read()).messages).toHaveLength(1);
  });

  test("goes under a thread that is there, and wakes it", async () => {
    const above = await view.post({ content: "New tip" });
    await expect(view.say("one", { thread: above })).rejects.toThrow(
      "There is no thread under this message yet.",
    );
    await view.openThread(above);
    await stage.rest.patch(Routes.channel(above), { body: { archived: true } });
    await view.say("one", { thread: above });
    expect(await stage.rest.get(Routes.channel(above))).toMatchObject({
      thread_metadata: { archived: false },
    });
    const elsewhere = "400000000000000002";
    await stage.people.addChannel({ workspace: guild, id: elsewhere, name: "elsewhere" });
    await expect(
      stage.people.say({ ...atDesk, channel: elsewhere, text: "two", thread: above }),
    ).rejects.toThrow("There is no thread under this message yet.");
  });

  test.each([
    [`/${"x".repeat(50_000)}`, `There is no command "/${"x".repeat(59)}…" here.`],
    [`${"🚨".repeat(25_000)}`, `There is no command "${"🚨".repeat(60)}…" here.`],
    [`/bulletin cancel ref:B-1 reason:${"x".repeat(50_000)}`, `"reason" offers no "${"x".repeat(60)}…".`],
    [`/bulletin cancel ${"x".repeat(50_000)}`, '"ref" takes at most 6000 characters.'],
    [
      `/bulletin cancel ref:B-1 ${"x".repeat(49_000)}:y`,
      `There is no option "${"x".repeat(60)}…" left to fill in.`,
    ],
    [`/tip ${"x ".repeat(25_000)}`, 'Nothing can follow: "x".'],
  ])("as a line of 50,000 characters is answered with a sentence: %#", async (line, sentence) => {
    const client = await view.connected();
    const reached = vi.fn<() => void>();
    client.on("interactionCreate", reached);
    const shown = await stage.people.type({ ...atDesk, line });
    expect(shown).toEqual({ kind: "error", text: expect.stringContaining(sentence) });
    expect(JSON.stringify(shown).length).toBeLessThan(300);
    expect(reached).not.toHaveBeenCalled();
    expect((await view.read()).messages).toEqual([]);
  });
});
