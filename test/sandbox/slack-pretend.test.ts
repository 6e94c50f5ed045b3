import type { App, types } from "@slack/bolt";
import { afterEach, describe, expect, it, vi } from "vitest";

import type { PretendApi } from "../../sandbox/pretend.ts";
import { card, connectBolt, diaz, formIn, messageIn, openTown, tipView } from "./slack-town.ts";

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
    const later = await api.type({ ...diaz, line: "/tip  <b> & @Ofc Lee" });
    expect(messageIn(later)).toMatchObject({ lines: ["later: <b> & @Ofc Lee (notifies them)"] });
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

describe("a form", () => {
  it("goes through refusal, problems and receipt, and keeps what was entered", async () => {
    const submitted: unknown[] = [];
    const api = await townWith((app) => {
      app.command("/tip", async ({ ack, client, command }) => {
        await ack();
        await client.views.open({ trigger_id: command.trigger_id, view: tipView });
      });
      app.view("tip", async ({ ack, view }) => {
        submitted.push(view.state.values);
        if (view.state.values["said"]?.["v"]?.value === "x")
          return ack({ response_action: "errors", errors: { said: "More, please." } });
        const text = "T-7K3-M9Q, &lt;kept&gt;";
        return ack({
          response_action: "update",
          view: {
            type: "modal",
            title: { type: "plain_text", text: "Received" },
            blocks: [{ type: "section", text: { type: "mrkdwn", text } }],
          },
        });
      });
    });
    const opened = formIn(await api.type({ ...diaz, line: "/tip" }));
    expect(opened.fields.map(({ id, kind, required }) => [id, kind, required])).toEqual([
      ["said", "text", true],
      ["soon", "choice", false],
    ]);
    const act = { workspace: "T1", user: "U1", form: opened.id };
    const empty = formIn(await api.submit({ ...act, values: {} }));
    expect(empty.fields[0]?.problem).toBe("Please complete this required field.");
    const long = formIn(await api.submit({ ...act, values: { said: "a".repeat(101) } }));
    expect(long.fields[0]?.problem).toContain("too long");
    expect(submitted).toEqual([]);

    const refused = formIn(await api.submit({ ...act, values: { "What was said?": "x", soon: "Days" } }));
    expect(refused.fields).toMatchObject([{ problem: "More, please.", value: "x" }, { value: ["days"] }]);
    expect(submitted[0]).toMatchObject({
      said: { v: { type: "plain_text_input", value: "x" } },
      soon: { v: { type: "static_select", selected_option: { value: "days" } } },
    });

    const receipt = formIn(await api.submit({ ...act, values: { said: "I will shoot" } }));
    expect(receipt).toMatchObject({ title: "Received", fields: [], lines: ["T-7K3-M9Q, <kept>"] });
    await expect(api.submit({ ...act, values: {} })).rejects.toThrow("nothing to submit");
    await expect(api.press({ ...act, message: opened.id, button: "Nope" })).rejects.toThrow('called "Nope"');
  });

  it("closes after an empty acknowledgment, uncovers the one beneath, and tells of closing when asked to", async () => {
    const told: string[] = [];
    const second = { ...tipView, callback_id: "second", notify_on_close: true };
    const api = await townWith((app) => {
      app.shortcut("tip", async ({ ack, client, shortcut }) => {
        await client.views.open({ trigger_id: shortcut.trigger_id, view: tipView });
        await ack();
      });
      app.view("tip", ({ ack }) => ack({ response_action: "push", view: second }));
      app.view("second", ({ ack }) => ack());
      app.view({ callback_id: "second", type: "view_closed" }, async ({ ack, view }) => {
        told.push(view.id);
        await ack();
      });
    });
    const values = { said: "words" };
    const who = { workspace: "T1", user: "U1" };
    const first = formIn(await api.shortcut({ ...diaz, name: "Report a threat" }));
    const pushed = formIn(await api.submit({ ...who, form: first.id, values }));
    await expect(api.submit({ ...who, form: first.id, values })).rejects.toThrow("Another form covers");
    expect(formIn(await api.submit({ ...who, form: pushed.id, values })).id).toBe(first.id);

    const again = formIn(await api.submit({ ...who, form: first.id, values }));
    expect(formIn(await api.press({ ...who, message: again.id, button: "Cancel" })).id).toBe(first.id);
    expect(told).toEqual([again.id]);
    expect(await api.press({ ...who, message: first.id, button: "Cancel" })).toEqual({ kind: "nothing" });
    await expect(api.submit({ ...who, form: first.id, values })).rejects.toThrow("no form");
  });

  it("shows trouble instead of a broken acknowledgment", async () => {
    const api = await townWith((app) => {
      app.shortcut("tip", async ({ ack, client, shortcut }) => {
        await ack();
        await client.views.open({ trigger_id: shortcut.trigger_id, view: tipView });
      });
      app.view("tip", ({ ack }) => ack({ response_action: "errors", errors: { elsewhere: "?" } }));
    });
    const opened = formIn(await api.shortcut({ ...diaz, name: "Report a threat" }));
    const shown = await api.submit({
      workspace: "T1",
      user: "U1",
      form: opened.id,
      values: { said: "words" },
    });
    expect(shown).toMatchObject({ kind: "error", text: expect.stringContaining("elsewhere") });
  });

  it("returns what the app shows after the form closed, in the channel or in direct messages", async () => {
    const api = await townWith((app) => {
      app.shortcut("tip", async ({ ack, client, shortcut }) => {
        await ack();
        await client.views.open({ trigger_id: shortcut.trigger_id, view: tipView });
      });
      app.view("tip", async ({ ack, client, body }) => {
        await ack();
        await client.chat.postMessage({
          channel: body.user.id,
          text: "Received <!date^1795331640^{time}|07:14Z>",
        });
      });
    });
    const opened = formIn(await api.shortcut({ ...diaz, name: "Report a threat" }));
    const shown = await api.submit({
      workspace: "T1",
      user: "U1",
      form: opened.id,
      values: { said: "words" },
    });
    expect(messageIn(shown).lines).toEqual(["Received 02:14 EST"]);
    expect(await api.directMessages(diaz)).toMatchObject([{ channel: "D1", lines: ["Received 02:14 EST"] }]);
    expect(await api.directMessages(lee)).toEqual([]);
  });
});

describe("a trigger", () => {
  it("opens one modal, within three seconds, and modals lie three deep at most", async () => {
    const tried: unknown[] = [];
    const more = { type: "button", text: { type: "plain_text", text: "More" }, action_id: "more" } as const;
    const view: types.ModalView = {
      ...tipView,
      blocks: [...tipView.blocks, { type: "actions", elements: [more] }],
    };
    const api = await townWith((app) => {
      const attempt = async (work: Promise<unknown>): Promise<void> => {
        tried.push(await work.then(() => "ok").catch((error: Error) => error.message.replace(/^.*: /, "")));
      };
      app.command("/tip", async ({ ack, client, command: { trigger_id, text } }) => {
        await ack();
        if (text === "late") vi.setSystemTime(Date.now() + 3_001);
        await attempt(client.views.open({ trigger_id, view }));
        await attempt(client.views.open({ trigger_id, view }));
        await attempt(client.views.push({ trigger_id: "1.2.3", view }));
      });
      app.action("more", async ({ ack, client, body }) => {
        await ack();
        if ("trigger_id" in body) await attempt(client.views.push({ trigger_id: body.trigger_id, view }));
      });
    });
    vi.useFakeTimers({ toFake: ["Date"] });
    closing.push(async () => vi.useRealTimers());
    const who = { workspace: "T1", user: "U1", button: "More" };
    const first = formIn(await api.type({ ...diaz, line: "/tip" }));
    const second = formIn(await api.press({ ...who, message: first.id }));
    const third = formIn(await api.press({ ...who, message: second.id }));
    expect(await api.press({ ...who, message: third.id })).toEqual({ kind: "nothing" });
    expect(await api.type({ ...diaz, line: "/tip late" })).toEqual({ kind: "nothing" });
    expect(tried).toEqual([
      "ok",
      "exchanged_trigger_id",
      "invalid_trigger_id",
      "ok",
      "ok",
      "push_limit_reached",
      "expired_trigger_id",
      "expired_trigger_id",
      "invalid_trigger_id",
    ]);
  });

  it("is not needed to update an open modal, which keeps what was typed into fields that stay", async () => {
    const longer: types.KnownBlock = {
      type: "input",
      block_id: "who",
      optional: true,
      label: { type: "plain_text", text: "Who?" },
      element: { type: "plain_text_input", action_id: "v", initial_value: "nobody" },
    };
    const api = await townWith((app) => {
      app.command("/tip", async ({ ack, client, command }) => {
        await ack();
        await client.views.open({ trigger_id: command.trigger_id, view: tipView });
      });
      app.view("tip", async ({ ack, client, view }) => {
        await ack({ response_action: "errors", errors: { said: "Wait." } });
        const next = { ...tipView, blocks: [...tipView.blocks, longer] };
        await client.views.update({ view_id: view.id, hash: view.hash, view: next });
        await expect(client.views.update({ view_id: view.id, hash: view.hash, view: next })).rejects.toThrow(
          "hash_conflict",
        );
      });
    });
    const opened = formIn(await api.type({ ...diaz, line: "/tip" }));
    const act = { workspace: "T1", user: "U1", form: opened.id };
    await api.submit({ ...act, values: { said: "words" } });
    const updated = async (): Promise<unknown> => formIn(await api.submit({ ...act, values: { Who: "" } }));
    await expect(updated()).rejects.toThrow('0 fields called "Who"');
    await expect
      .poll(async () => formIn(await api.submit({ ...act, values: {} })).fields.map((field) => field.value))
      .toEqual(["words", undefined, "nobody"]);
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
