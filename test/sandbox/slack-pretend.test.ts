import type { App } from "@slack/bolt";
import { afterEach, describe, expect, it } from "vitest";

import type { PretendApi } from "../../sandbox/pretend.ts";
import { card, connectBolt, diaz, messageIn, openTown } from "./slack-town.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function townWith(prepare: (app: App) => void): Promise<PretendApi> {
  const town = await openTown();
  closing.push(town.close, await connectBolt(town, prepare));
  return town.api;
}

const lee = { ...diaz, user: "U2" };

describe("a command", () => {
  it("is answered in the acknowledgment, or later at the response_url, and only to the one who typed", async () => {
    const api = await townWith((app) => {
      app.command("/tip", async ({ ack, command, respond }) => {
        if (command.text === "now") return ack("Received *T-1* from <@U2>");
        await ack();
        await respond({ text: `later: ${command.text}` });
      });
    });
    const now = await api.type({ ...diaz, line: "/tip now" });
    expect(now).toMatchObject({
      kind: "message",
      message: { onlyFor: "U1", author: "Allpoints", lines: ["Received T-1 from @Ofc Lee (notifies them)"] },
    });
    // People's text arrives escaped, with ids for names, and leaves as typed.
    const later = await api.type({ ...diaz, line: "/tip  <b> & @Ofc Lee in #intake" });
    expect(messageIn(later)).toMatchObject({ lines: ["later: <b> & @Ofc Lee (notifies them) in #intake"] });
    expect(await api.privateAnswers(diaz)).toHaveLength(2);
    expect(await api.privateAnswers(lee)).toEqual([]);
    expect(await api.channel(diaz)).toEqual([]);
  });

  it("fails in the words of Slack when unknown, unanswered or answered with nonsense", async () => {
    const api = await townWith((app) => {
      app.command("/slow", async () => {});
      app.command("/tip", ({ ack }) => ack({ text: "x", blocks: [{ type: "header" }] }));
    });
    expect(await api.type({ ...diaz, line: "/nonsense" })).toMatchObject({
      text: "/nonsense is not a valid command.",
    });
    expect(await api.type({ ...diaz, line: "/tip" })).toMatchObject({
      kind: "error",
      text: '/tip failed with the error "invalid_command_response"',
    });
    // Bolt itself gives up with status 404 in the same moment in which Slack stops waiting.
    expect(await api.type({ ...diaz, line: "/slow" })).toMatchObject({
      kind: "error",
      text: expect.stringMatching(/^\/slow failed with the error "(operation_timeout|dispatch_failed)"$/),
    });
  });

  it("cannot be typed by somebody outside the channel", async () => {
    const api = await townWith(() => {});
    await api.addChannel({ workspace: "T1", id: "C2", name: "desk", members: ["U2"] });
    await expect(api.type({ ...diaz, channel: "C2", line: "/tip" })).rejects.toThrow(
      "Sgt Diaz is not in #desk.",
    );
  });
});

describe("a card in a channel", () => {
  it("is read with its colour and buttons, pressed, changed in place, and answered in its thread", async () => {
    const pressed: unknown[] = [];
    const api = await townWith((app) => {
      app.action("tip.take", async ({ ack, action, body, client, respond }) => {
        await ack();
        pressed.push([action, body.user, "message" in body && body.message?.["ts"]]);
        const ts = "message" in body ? String(body.message?.["ts"]) : "";
        await client.chat.update({ channel: "C1", ts, text: "taken", attachments: [] });
        await client.chat.postMessage({ channel: "C1", thread_ts: ts, text: "Taken by Lee" });
        await respond({ text: "It is yours.", replace_original: false });
      });
      app.command("/tip", async ({ ack, client, command }) => {
        await client.chat.postMessage({
          channel: command.channel_id,
          ...card,
        });
        await ack();
      });
    });
    expect(await api.type({ ...diaz, line: "/tip" })).toEqual({ kind: "nothing" });
    const [message] = await api.channel(diaz);
    expect(message).toMatchObject({
      author: "Allpoints",
      headline: "NEW TIP T-1",
      lines: ["NEW TIP T-1", "NEW TIP T-1", "since Sun 22 Nov 07:14 UTC"],
      buttons: [{ label: "Take it", id: "tip.take|T-1", disabled: false }, { label: "Open" }],
      colour: "#FF8800",
      edited: false,
    });
    const id = message?.id ?? "";
    const shown = await api.press({ workspace: "T1", user: "U2", message: id, button: "Take it" });
    expect(messageIn(shown)).toMatchObject({ onlyFor: "U2", lines: ["It is yours."] });
    expect(pressed).toMatchObject([
      [{ action_id: "tip.take", value: "T-1" }, { id: "U2", team_id: "T1" }, id],
    ]);
    expect(await api.channel(diaz)).toMatchObject([
      { id, lines: ["taken"], buttons: [], edited: true, thread: [{ lines: ["Taken by Lee"] }] },
    ]);
  });

  it("keeps the attachments that an update leaves out", async () => {
    const api = await townWith((app) => {
      app.command("/tip", async ({ ack, client }) => {
        const { ts = "" } = await client.chat.postMessage({
          channel: "C1",
          ...card,
        });
        await client.chat.update({ channel: "C1", ts, text: "changed" });
        await ack("done");
      });
    });
    await api.type({ ...diaz, line: "/tip" });
    expect(await api.channel(diaz)).toMatchObject([
      { headline: "changed", buttons: [{ label: "Take it" }, {}] },
    ]);
  });

  it("says so when the app does not answer a press, or fails", async () => {
    const api = await townWith((app) => {
      app.command("/tip", async ({ ack, respond }) => {
        await ack();
        await respond({ ...card });
      });
      app.action("tip.open", async () => {
        throw new Error("broken on purpose");
      });
    });
    const { id } = messageIn(await api.type({ ...diaz, line: "/tip" }));
    const act = { workspace: "T1", user: "U1", message: id };
    expect(await api.press({ ...act, button: "Open" })).toEqual({
      kind: "error",
      text: "This app responded with status code 500.",
    });
    await expect(api.press({ ...act, user: "U2", button: "Open" })).rejects.toThrow(
      "Ofc Lee sees no message",
    );
  });
});

describe("a private answer", () => {
  it("is replaced and deleted through its response_url, five times at most", async () => {
    const statuses: number[] = [];
    const api = await townWith((app) => {
      app.command("/tip", ({ ack }) => ack({ ...card }));
      app.action("tip.open", async ({ ack, respond, body }) => {
        await ack();
        expect(body).not.toHaveProperty("message");
        await respond({ replace_original: true, text: "opened" });
      });
      app.action("tip.take", async ({ ack, body }) => {
        await ack();
        const url = "response_url" in body ? body.response_url : "";
        const headers = { "content-type": "application/json" };
        for (let attempt = 0; attempt < 6; attempt += 1) {
          const text = JSON.stringify(attempt === 0 ? { delete_original: true } : { text: "again" });
          statuses.push((await fetch(url, { method: "POST", headers, body: text })).status);
        }
      });
    });
    const first = messageIn(await api.type({ ...diaz, line: "/tip" }));
    const act = { workspace: "T1", user: "U1" };
    const opened = messageIn(await api.press({ ...act, message: first.id, button: "Open" }));
    expect(opened).toMatchObject({ id: first.id, lines: ["opened"], edited: true });

    const second = messageIn(await api.type({ ...diaz, line: "/tip" }));
    await api.press({ ...act, message: second.id, button: "tip.take|T-1" });
    await expect.poll(() => statuses).toEqual([200, 200, 200, 200, 200, 404]);
    const left = (await api.privateAnswers(diaz)).map((answer) => answer.lines[0]);
    expect(left).toEqual(["opened", "again", "again", "again", "again"]);
  });
});

describe("people among themselves", () => {
  it("post messages, from which a message shortcut makes a tip", async () => {
    const api = await townWith((app) => {
      app.shortcut("tip-from", async ({ ack, shortcut, respond }) => {
        await ack();
        if (shortcut.type === "message_action") await respond(`from ${shortcut.message.text ?? ""}`);
      });
    });
    const { id } = await api.say({ ...lee, text: "he said <!channel> & left" });
    const shown = await api.shortcut({ ...diaz, name: "Make a tip from this", message: id });
    expect(messageIn(shown).lines).toEqual(["from he said <!channel> & left"]);
    expect(await api.channel(diaz)).toMatchObject([
      { author: "Ofc Lee", lines: ["he said <!channel> & left"] },
    ]);
    await expect(api.shortcut({ ...diaz, name: "Nothing" })).rejects.toThrow("no shortcut");
  });

  it("come from other workspaces in a shared channel: they press, but have no commands", async () => {
    const homes: unknown[] = [];
    const api = await townWith((app) => {
      app.command("/tip", async ({ ack, client }) => {
        await client.chat.postMessage({ channel: "C9", ...card });
        await ack("posted");
      });
      app.action("tip.open", async ({ ack, body, respond }) => {
        homes.push([body.user.id, "team_id" in body.user && body.user.team_id, body.team?.id]);
        await ack();
        await respond("Not for you.");
      });
    });
    await api.addWorkspace({ id: "T2", name: "Cedar PD", token: "xoxb-2", botUser: "U0BOT2" });
    await api.addUser({ workspace: "T2", id: "U9", name: "Stranger" });
    await api.addChannel({ workspace: "T1", id: "C9", name: "joint", sharedOutside: true });
    await api.type({ ...diaz, line: "/tip" });
    const stranger = { workspace: "T1", user: "U9", channel: "C9" };
    const [message] = await api.channel(stranger);
    const shown = await api.press({ ...stranger, message: message?.id ?? "", button: "Open" });
    expect(messageIn(shown).lines).toEqual(["Not for you."]);
    expect(homes).toEqual([["U9", "T2", "T1"]]);
    expect(await api.type({ ...stranger, line: "/tip" })).toMatchObject({
      text: "/tip is not a valid command.",
    });
    await expect(api.press({ ...stranger, message: "none", button: "Open" })).rejects.toThrow(
      "sees no message",
    );
  });
});

describe("what changes on the platform", () => {
  it("is told as events, and the token of a removed app is dead", async () => {
    const heard: unknown[] = [];
    const api = await townWith((app) => {
      app.event(
        /.*/,
        async ({ event }) => void heard.push([event.type, "channel" in event ? event.channel : ""]),
      );
    });
    await api.addChannel({ workspace: "T1", id: "C2", name: "open", private: false });
    await api.changeChannel({ workspace: "T1", id: "C1", archived: true });
    await api.changeChannel({ workspace: "T1", id: "C1", archived: false, sharedOutside: true });
    await api.changeChannel({ workspace: "T1", id: "C2", botIsMember: false });
    await api.changeChannel({ workspace: "T1", id: "C2", botIsMember: true, archived: true });
    await api.removeApp({ workspace: "T1" });
    await expect
      .poll(() => heard)
      .toEqual([
        ["group_archive", "C1"],
        ["group_unarchive", "C1"],
        ["channel_shared", "C1"],
        ["channel_left", "C2"],
        ["channel_archive", "C2"],
        ["member_joined_channel", "C2"],
        ["tokens_revoked", ""],
        ["app_uninstalled", ""],
      ]);
    expect(await api.type({ ...diaz, line: "/tip" })).toMatchObject({ kind: "error" });
  });
});
