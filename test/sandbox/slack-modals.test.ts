import type { App, types } from "@slack/bolt";
import { afterEach, describe, expect, it, vi } from "vitest";

import type { PretendApi } from "../../sandbox/pretend.ts";
import { connectBolt, diaz, formIn, messageIn, openTown, tipView } from "./slack-town.ts";

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
    const tried: unknown[] = [];
    const api = await townWith((app) => {
      app.command("/tip", async ({ ack, client, command }) => {
        await ack();
        await client.views.open({ trigger_id: command.trigger_id, view: tipView });
      });
      app.view("tip", async ({ ack, client, view: { id, hash } }) => {
        const view = { ...tipView, blocks: [...tipView.blocks, longer] };
        for (const view_id of [id, id, "V404"]) {
          const update = client.views.update({ view_id, hash, view });
          tried.push(
            await update.then(() => "ok").catch((error: Error) => error.message.replace(/^.*: /, "")),
          );
        }
        await ack({ response_action: "errors", errors: { who: "Please." } });
      });
    });
    const opened = formIn(await api.type({ ...diaz, line: "/tip" }));
    const act = { workspace: "T1", user: "U1", form: opened.id };
    await expect(api.submit({ ...act, values: { "Who?": "" } })).rejects.toThrow('0 fields called "Who?"');
    const updated = formIn(await api.submit({ ...act, values: { said: "words" } }));
    expect(updated.fields).toMatchObject([{ value: "words" }, {}, { value: "nobody", problem: "Please." }]);
    expect(tried).toEqual(["ok", "hash_conflict", "not_found"]);
  });
});
