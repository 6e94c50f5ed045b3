import type { App } from "@slack/bolt";
import { afterEach, describe, expect, it, vi } from "vitest";

import { changesOf } from "../../sandbox/client.ts";
import type { Change } from "../../sandbox/client.ts";
import type { PretendApi } from "../../sandbox/pretend.ts";
import {
  card,
  connectBolt,
  diaz,
  formIn,
  messageIn,
  openTown,
  textsOf,
  tipView,
  window,
} from "./slack-town.ts";
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

/** All changes since it listens, without those of its own. */
async function listen({ url, api }: Town): Promise<Change[]> {
  const seen: Change[] = [];
  const stop = new AbortController();
  const done = (async () => {
    for await (const change of changesOf(url, stop.signal)) seen.push(change);
  })().catch(() => {});
  closing.push(async () => {
    stop.abort();
    await done;
  });
  await vi.waitFor(async () => {
    await api.addUser({ workspace: "T1", id: "U1", name: "Sgt Diaz" });
    expect(seen).not.toEqual([]);
  });
  seen.length = 0;
  return seen;
}

async function expectChanges(seen: Change[], expected: readonly object[]): Promise<void> {
  await vi.waitFor(() => expect(seen).toHaveLength(expected.length));
  expect(seen.splice(0)).toEqual(expected);
}

describe("open clients hear", () => {
  const inC1 = { kind: "message", workspace: "T1", channel: "C1" };

  it("of messages that come, change and go", async () => {
    const opened = await town();
    const { api, call } = opened;
    const seen = await listen(opened);
    const said = await api.say({ ...diaz, text: "hello" });
    await expectChanges(seen, [{ ...inC1, message: said.id, is: "new" }]);
    const { ts } = await call("chat.postMessage", { channel: "C1", text: "root" });
    const reply = await call("chat.postMessage", { channel: "C1", text: "reply", thread_ts: ts });
    await call("chat.update", { channel: "C1", ts, text: "other" });
    await expectChanges(seen, [
      { ...inC1, message: ts, is: "new" },
      { ...inC1, message: reply.ts, thread: ts, is: "new" },
      { ...inC1, message: ts, is: "changed" },
    ]);
    await call("chat.delete", { channel: "C1", ts });
    await call("chat.delete", { channel: "C1", ts: reply.ts });
    await expectChanges(seen, [
      // A tombstone stays for the sake of the thread, and goes with it.
      { ...inC1, message: ts, is: "changed" },
      { ...inC1, message: reply.ts, thread: ts, is: "gone" },
      { ...inC1, message: ts, is: "gone" },
    ]);
  });

  it("of private answers that come, are replaced and go, with whose they are", async () => {
    const opened = await town((app) => {
      app.command("/tip", ({ ack }) => ack(card));
      app.action("tip.take", async ({ ack, respond }) => {
        await ack();
        await respond({ ...card, text: "replaced", replace_original: true });
      });
      app.action("tip.open", async ({ ack, respond }) => {
        await ack();
        await respond({ delete_original: true });
      });
    });
    const { api, call } = opened;
    const seen = await listen(opened);
    const { id } = messageIn(await api.type({ ...diaz, line: "/tip" }));
    const own = { ...inC1, message: id, onlyFor: "U1" };
    await expectChanges(seen, [{ ...own, is: "new" }]);
    await api.press({ ...diaz, message: id, button: "Take it" });
    await expectChanges(seen, [{ ...own, is: "changed" }]);
    expect(textsOf(await api.read(window))).toEqual(["replaced"]);
    await api.press({ ...diaz, message: id, button: "Open" });
    await expectChanges(seen, [{ ...own, is: "gone" }]);
    expect(textsOf(await api.read(window))).toEqual([]);
    const sent = await call("chat.postEphemeral", { channel: "C1", user: "U2", text: "psst" });
    await expectChanges(seen, [{ ...inC1, message: sent["message_ts"], onlyFor: "U2", is: "new" }]);
  });

  it("of a form that the app updates", async () => {
    const opened = await town((app) => {
      app.shortcut("tip", async ({ ack, client, shortcut }) => {
        await client.views.open({ trigger_id: shortcut.trigger_id, view: tipView });
        await ack();
      });
    });
    const { api, call } = opened;
    const seen = await listen(opened);
    const form = formIn(await api.shortcut({ ...diaz, name: "Report a threat" })).id;
    const title = { type: "plain_text", text: "Still there" };
    await call("views.update", { view_id: form, view: { ...tipView, title } });
    await expectChanges(seen, [{ kind: "form", workspace: "T1", user: "U1", form }]);
    expect(formIn(await api.form({ workspace: "T1", user: "U1", form })).title).toBe("Still there");
  });

  it.each<[string, (api: PretendApi) => Promise<unknown>]>([
    ["a workspace", (api) => api.addWorkspace({ id: "T2", name: "Bay PD", token: "b", botUser: "U0B" })],
    ["a channel", (api) => api.addChannel({ workspace: "T1", id: "C2", name: "desk" })],
    ["a change", (api) => api.changeChannel({ workspace: "T1", id: "C1", private: false })],
    ["a removed app", (api) => api.removeApp({ workspace: "T1" })],
    ["a person", (api) => api.addUser({ workspace: "T1", id: "U3", name: "Cmdr Fox" })],
  ])("of %s", async (_name, act) => {
    const opened = await town();
    const seen = await listen(opened);
    await act(opened.api);
    await expectChanges(seen, [{ kind: "places" }]);
  });

  it("of a direct conversation, once, when it opens", async () => {
    const opened = await town();
    const seen = await listen(opened);
    for (const text of ["1", "2"]) await opened.call("chat.postMessage", { channel: "U2", text });
    await vi.waitFor(() => expect(seen).toHaveLength(3));
    expect(seen.map(({ kind }) => kind)).toEqual(["places", "message", "message"]);
  });

  it("of what Slack refused, in its words, but not of rate limits, tokens and faults", async () => {
    const opened = await town();
    const { api, call, url } = opened;
    const seen = await listen(opened);
    await api.addFault({ kind: "rate-limited", method: "chat.postMessage" });
    await call("chat.postMessage", { channel: "C1", text: "later" });
    await fetch(`${url}/api/auth.test`, { method: "POST", headers: { authorization: "Bearer wrong" } });
    await call("chat.postMessage", { channel: "C9", text: "x" });
    const block = { type: "section", text: { type: "mrkdwn", text: "x".repeat(3_001) } };
    await call("chat.postMessage", { channel: "C1", text: "x", blocks: [block] });
    await fetch(`${url}/respond/nowhere`, { method: "POST", body: "{}" });
    await vi.waitFor(() => expect(seen).toHaveLength(3));
    expect(seen).toEqual([
      { kind: "refused", workspace: "T1", method: "chat.postMessage", text: "channel_not_found" },
      {
        kind: "refused",
        workspace: "T1",
        method: "chat.postMessage",
        text: expect.stringMatching(/^invalid_blocks: \[ERROR\] .+\/blocks\/0\/text\/text/),
      },
      { kind: "refused", method: "response_url", text: "expired_url" },
    ]);
  });

  it("nothing of the calls that were too many", async () => {
    const opened = await openTown();
    closing.push(opened.close);
    const seen = await listen(opened);
    const posts = Array.from({ length: 30 }, () =>
      opened.call("chat.postMessage", { channel: "C1", text: "x" }),
    );
    const answers = await Promise.all(posts);
    const taken = answers.filter(({ ok }) => ok === true).length;
    expect(taken).toBeLessThan(30);
    await vi.waitFor(() => expect(seen).toHaveLength(taken));
    expect(seen.filter(({ kind }) => kind !== "message")).toEqual([]);
  });

  it("of an acknowledgment that Slack does not take", async () => {
    const opened = await town((app) => {
      app.command("/tip", ({ ack }) => ack({ text: "x", blocks: [{ type: "header" }] }));
      app.shortcut("tip", async ({ ack, client, shortcut }) => {
        await client.views.open({ trigger_id: shortcut.trigger_id, view: tipView });
        await ack();
      });
      app.view("tip", ({ ack }) =>
        ack({
          response_action: "update",
          view: { ...tipView, title: { type: "plain_text", text: "x".repeat(25) } },
        }),
      );
    });
    const { api } = opened;
    const seen = await listen(opened);
    const refused = { kind: "refused", workspace: "T1", method: "acknowledgment" };
    await api.type({ ...diaz, line: "/tip" });
    await expectChanges(seen, [{ ...refused, text: expect.stringContaining("/blocks/0") }]);
    const form = formIn(await api.shortcut({ ...diaz, name: "Report a threat" })).id;
    const shown = await api.submit({ workspace: "T1", user: "U1", form, values: { said: "words" } });
    expect(shown).toMatchObject({
      kind: "error",
      text: expect.stringContaining("invalid_arguments: [ERROR]"),
    });
    await expectChanges(seen, [{ ...refused, text: expect.stringContaining("/view/title") }]);
  });

  it("that the platform goes away, which waits for none of them", async () => {
    const opened = await openTown();
    await listen(opened);
    await opened.close();
    await closing.pop()?.();
    await expect(fetch(opened.url)).rejects.toThrow("fetch failed");
  });
});
