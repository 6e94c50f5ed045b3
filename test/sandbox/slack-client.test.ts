import type { App } from "@slack/bolt";
import { afterEach, describe, expect, it } from "vitest";

import type { PretendApi } from "../../sandbox/pretend.ts";
import { card, connectBolt, diaz, formIn, openTown, textsOf, tipView, window } from "./slack-town.ts";
import type { Town } from "./slack-town.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function town(prepare?: (app: App) => void): Promise<Town> {
  const opened = await openTown({ limits: "off" });
  closing.push(opened.close);
  if (prepare !== undefined) closing.push(await connectBolt(opened, prepare));
  return opened;
}

const lee = { ...diaz, user: "U2" };
async function sayNumbers(api: PretendApi, count: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let number = 1; number <= count; number += 1)
    ids.push((await api.say({ ...diaz, text: String(number) })).id);
  return ids;
}

describe("a window", () => {
  it("shows the newest, a stretch from a message, and what was before one", async () => {
    const { api } = await town();
    const ids = await sayNumbers(api, 500);
    const newest = await api.read({ ...window, limit: 3 });
    expect(textsOf(newest)).toEqual(["498", "499", "500"]);
    expect(newest).toMatchObject({ earlier: true, later: false });

    const from = await api.read({ ...window, from: ids[99] ?? "", limit: 3 });
    expect(textsOf(from)).toEqual(["100", "101", "102"]);
    expect(from).toMatchObject({ earlier: true, later: true });

    const before = await api.read({ ...window, before: ids[2] ?? "", limit: 3 });
    expect(textsOf(before)).toEqual(["1", "2"]);
    expect(before).toMatchObject({ earlier: false, later: true });

    const last = await api.read({ ...window, from: ids[498] ?? "" });
    expect(textsOf(last)).toEqual(["499", "500"]);
    expect(last).toMatchObject({ earlier: true, later: false });
    expect((await api.read({ ...window, limit: 1_000 })).messages).toHaveLength(200);
  });

  it("has all of a short channel, and nothing of one that is empty", async () => {
    const { api } = await town();
    expect(await api.read(window)).toEqual({ messages: [], earlier: false, later: false });
    const [first = ""] = await sayNumbers(api, 2);
    expect(await api.read(window)).toMatchObject({ earlier: false, later: false });
    expect(await api.read({ ...window, from: first, limit: 2 })).toMatchObject({
      earlier: false,
      later: false,
    });
  });

  it("gives each message as the platform took it, with the names in it", async () => {
    const { api, call } = await town();
    const before = Date.now();
    const { ts } = await call("chat.postMessage", {
      channel: "C1",
      ...card,
      text: "NEW TIP T-1 for <@U2> in <#C1>",
    });
    await api.say({ ...lee, text: "is <b>this</b> ours?" });
    const { messages } = await api.read(window);
    expect(messages).toMatchObject([
      {
        id: ts,
        author: { id: "U0BOT", name: "Allpoints", app: true },
        content: {
          text: "NEW TIP T-1 for <@U2> in <#C1>",
          attachments: [{ blocks: [{}, { block_id: expect.any(String) }] }],
          autoLink: true,
          mrkdwn: true,
        },
        names: { U2: "Ofc Lee", C1: "intake" },
        edited: false,
        deleted: false,
        private: false,
        pending: false,
      },
      {
        author: { name: "Ofc Lee", app: false },
        content: { text: "is &lt;b&gt;this&lt;/b&gt; ours?" },
        names: {},
      },
    ]);
    expect(Object.keys(messages[0]?.names ?? {}).toSorted()).toEqual(["C1", "U2"]);
    const at = messages[0]?.at ?? 0;
    expect(at).toBeGreaterThanOrEqual(before);
    expect(at).toBeLessThanOrEqual(Date.now());
    await call("chat.update", { channel: "C1", ts, text: "taken" });
    expect((await api.read(window)).messages[0]).toMatchObject({ edited: true, content: { text: "taken" } });
  });

  it("keeps threads out of the channel, and shows one when asked", async () => {
    const { api } = await town();
    const [root = "", other = ""] = await sayNumbers(api, 2);
    const replies: string[] = [];
    for (const text of ["a", "b", "c"]) replies.push((await api.say({ ...lee, text, thread: root })).id);
    const channel = await api.read(window);
    expect(textsOf(channel)).toEqual(["1", "2"]);
    const thread = await api.read({ ...window, thread: root });
    expect(channel.messages[0]?.replies).toEqual({ count: 3, lastAt: thread.messages.at(-1)?.at });
    expect(channel.messages[1]?.replies).toBeUndefined();
    expect(textsOf(thread)).toEqual(["1", "a", "b", "c"]);
    expect(thread).toMatchObject({ earlier: false, later: false });
    const stretch = await api.read({ ...window, thread: root, from: replies[0] ?? "", limit: 2 });
    expect(textsOf(stretch)).toEqual(["a", "b"]);
    expect(stretch).toMatchObject({ earlier: true, later: true });
    expect(textsOf(await api.read({ ...window, thread: other }))).toEqual(["2"]);
    expect(textsOf(await api.read({ ...window, thread: replies[0] ?? "" }))).toEqual([]);
  });

  it("leaves a tombstone of a deleted message while it has a thread", async () => {
    const { api, call } = await town();
    const { ts } = await call("chat.postMessage", { channel: "C1", text: "secret <@U2>" });
    const alone = await call("chat.postMessage", { channel: "C1", text: "alone" });
    const reply = await call("chat.postMessage", { channel: "C1", text: "reply", thread_ts: ts });
    for (const each of [ts, alone.ts]) await call("chat.delete", { channel: "C1", ts: each });
    const { messages } = await api.read(window);
    expect(messages).toMatchObject([{ id: ts, deleted: true, replies: { count: 1 }, names: {} }]);
    expect(JSON.stringify(messages)).not.toContain("secret");
    expect(textsOf(await api.read({ ...window, thread: ts }))).toEqual([
      "This message was deleted.",
      "reply",
    ]);
    await call("chat.delete", { channel: "C1", ts: reply.ts });
    expect((await api.read(window)).messages).toEqual([]);
    expect((await api.read({ ...window, thread: ts })).messages).toEqual([]);
  });

  it("weaves private answers in by time, for their person, in their place, and since", async () => {
    const { api, call } = await town();
    const [root = ""] = await sayNumbers(api, 1);
    const whisper = (text: string, more = {}): Promise<unknown> =>
      call("chat.postEphemeral", { channel: "C1", user: "U1", text, ...more });
    await whisper("old");
    await new Promise((resolve) => setTimeout(resolve, 5));
    const privateSince = Date.now();
    await whisper("new");
    await whisper("in the thread", { thread_ts: root });
    await api.say({ ...lee, text: "2" });
    await whisper("last");

    const seen = await api.read(window);
    expect(textsOf(seen)).toEqual(["1", "old", "new", "2", "last"]);
    expect(seen.messages.map((message) => message.private)).toEqual([false, true, true, false, true]);
    expect(textsOf(await api.read({ ...window, privateSince }))).toEqual(["1", "new", "2", "last"]);
    expect(textsOf(await api.read({ ...window, ...lee }))).toEqual(["1", "2"]);
    expect(textsOf(await api.read({ ...window, thread: root }))).toEqual(["1", "in the thread"]);
    const two = await api.read({ ...window, limit: 2 });
    expect(textsOf(two)).toEqual(["2", "last"]);
    const before = await api.read({ ...window, limit: 2, before: two.messages[0]?.id ?? "" });
    expect(textsOf(before)).toEqual(["old", "new"]);
    expect(before).toMatchObject({ earlier: true, later: true });
    const since = await api.read({ ...window, privateSince: Date.now() + 1_000, from: root, limit: 2 });
    expect(textsOf(since)).toEqual(["1", "2"]);
    expect(since).toMatchObject({ earlier: false, later: false });
  });

  it("is refused to whoever is not there", async () => {
    const { api } = await town();
    await api.addChannel({ workspace: "T1", id: "C2", name: "desk", members: ["U2"] });
    await expect(api.read({ ...window, channel: "C2" })).rejects.toThrow("Sgt Diaz is not in #desk.");
    await expect(api.read({ ...window, channel: "C9" })).rejects.toThrow("no channel C9");
  });
});

describe("places and what is offered there", () => {
  it("lists workspaces with people, channels and direct conversations", async () => {
    const { api, call } = await town();
    await api.addUser({ workspace: "T1", id: "U3", name: "Cmdr Fox", timeZone: "America/Chicago" });
    await call("chat.postMessage", { channel: "U2", text: "for you" });
    await api.changeChannel({ workspace: "T1", id: "C1", archived: true });
    expect(await api.places()).toEqual([
      {
        id: "T1",
        name: "Riverton PD",
        installed: true,
        people: [
          { id: "U1", name: "Sgt Diaz", timeZone: "America/New_York" },
          { id: "U2", name: "Ofc Lee", timeZone: "America/New_York" },
          { id: "U3", name: "Cmdr Fox", timeZone: "America/Chicago" },
        ],
        channels: [
          { id: "C1", name: "intake", kind: "channel", private: true, sharedOutside: false, archived: true },
          {
            id: "D2",
            name: "Allpoints",
            kind: "direct",
            private: true,
            sharedOutside: false,
            archived: false,
            members: ["U2"],
          },
        ],
      },
    ]);
    expect(textsOf(await api.read({ ...window, ...lee, channel: "D2" }))).toEqual(["for you"]);
    await expect(api.read({ ...window, channel: "D2" })).rejects.toThrow("not in");
  });

  it("offers commands with their hints and shortcuts, but not to guests nor without the app", async () => {
    const { api } = await town(() => {});
    expect(await api.commands(diaz)).toEqual({
      commands: [
        { line: "/tip", description: "Report a threat", hint: "[ref] | show", options: [] },
        { line: "/slow", description: "", options: [] },
      ],
      shortcuts: [
        { name: "Report a threat", on: "anywhere" },
        { name: "Make a tip from this", on: "message" },
      ],
    });
    const none = { commands: [], shortcuts: [] };
    await api.addWorkspace({ id: "T2", name: "Bay PD", token: "xoxb-2", botUser: "U0BOT2" });
    await api.addUser({ workspace: "T2", id: "U9", name: "Guest" });
    expect(await api.commands({ workspace: "T1", user: "U9" })).toEqual(none);
    await api.removeApp({ workspace: "T1" });
    expect(await api.commands(diaz)).toEqual(none);
    expect(await api.places()).toMatchObject([{ installed: false }, { installed: true }]);
  });
});

describe("forms", () => {
  it("are shown as they stand, and closing one uncovers what is beneath", async () => {
    const { api } = await town((app) => {
      app.shortcut("tip", async ({ ack, client, shortcut }) => {
        await client.views.open({ trigger_id: shortcut.trigger_id, view: tipView });
        await ack();
      });
      app.view("tip", ({ ack }) =>
        ack({ response_action: "push", view: { ...tipView, callback_id: "second" } }),
      );
    });
    const who = { workspace: "T1", user: "U1" };
    const first = formIn(await api.shortcut({ ...diaz, name: "Report a threat" }));
    expect(await api.form({ ...who, form: first.id })).toEqual(first);
    const second = formIn(await api.submit({ ...who, form: first.id, values: { said: "words" } }));
    const covered = formIn(await api.form({ ...who, form: first.id }));
    expect(covered.fields[0]?.value).toBe("words");
    await expect(api.close({ ...who, form: first.id })).rejects.toThrow("Another form covers");
    expect(formIn(await api.close({ ...who, form: second.id })).id).toBe(first.id);
    expect(await api.form({ ...who, form: second.id })).toEqual({ kind: "nothing" });
    expect(await api.close({ ...who, form: first.id })).toEqual({ kind: "nothing" });
    expect(await api.close({ ...who, form: first.id })).toEqual({ kind: "nothing" });
    expect(await api.form({ ...who, user: "U2", form: first.id })).toEqual({ kind: "nothing" });
  });
});

describe("what somebody types", () => {
  it("is refused when it is too long or empty, and taken up to the limit", async () => {
    const { api } = await town();
    await expect(api.say({ ...diaz, text: "x".repeat(12_001) })).rejects.toThrow(
      "Message too long: it has 12,001 characters, and Slack takes 12,000.",
    );
    await expect(api.type({ ...diaz, line: "x".repeat(50_000) })).rejects.toThrow("50,000 characters");
    await expect(api.say({ ...diaz, text: " \n" })).rejects.toThrow("Message empty");
    expect((await api.read(window)).messages).toEqual([]);
    await api.say({ ...diaz, text: "&".repeat(12_000) });
    expect((await api.read(window)).messages).toHaveLength(1);
  });

  it("goes into a thread, but not under what is gone or a reply", async () => {
    const { api, call } = await town();
    const { ts } = await call("chat.postMessage", { channel: "C1", text: "root" });
    expect(await api.type({ ...diaz, line: "typed", thread: ts })).toEqual({ kind: "nothing" });
    const reply = await api.say({ ...diaz, text: "said", thread: ts });
    expect(textsOf(await api.read({ ...window, thread: ts }))).toEqual(["root", "typed", "said"]);
    await expect(api.say({ ...diaz, text: "x", thread: reply.id })).rejects.toThrow("is itself a reply");
    await call("chat.delete", { channel: "C1", ts });
    await expect(api.say({ ...diaz, text: "x", thread: ts })).rejects.toThrow("is gone");
    await expect(api.say({ ...diaz, text: "x", thread: "1.2" })).rejects.toThrow("is gone");
  });

  it("is no command in a thread", async () => {
    const heard: string[] = [];
    const { api } = await town((app) => {
      app.command("/tip", async ({ ack, command }) => {
        heard.push(command.text);
        await ack("ok");
      });
    });
    const [thread = ""] = await sayNumbers(api, 1);
    expect(await api.type({ ...diaz, line: "/tip there", thread })).toEqual({
      kind: "error",
      text: "/tip is not supported in threads. Sorry!",
    });
    expect(await api.type({ ...diaz, line: "/foo", thread })).toMatchObject({
      text: "/foo is not a valid command.",
    });
    await api.type({ ...diaz, line: "/tip here" });
    expect(heard).toEqual(["here"]);
  });
});
