import { createHmac } from "node:crypto";
import { createServer } from "node:http";

import { afterEach, describe, expect, it } from "vitest";

import { closeServer, listenOnLoopback, readBody } from "../../sandbox/shared/http.ts";
import { configurePretendSlack } from "../../sandbox/slack/pretend-slack.ts";
import type { PretendSlackOptions } from "../../sandbox/slack/pretend-slack.ts";
import { openTown } from "./slack-town.ts";
import type { Town } from "./slack-town.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

type Reply = Readonly<Record<string, unknown>> & { readonly ok: boolean; readonly status: number };
type CallApi = (method: string, args?: object, token?: string) => Promise<Reply>;

interface WebTown extends Omit<Town, "call"> {
  readonly call: CallApi;
}

async function open(options: Partial<PretendSlackOptions> = {}): Promise<WebTown> {
  const town = await openTown({ appToken: "xapp-1", ...options });
  closing.push(town.close);
  const { api } = town;
  await api.addWorkspace({ id: "T2", name: "Cedar PD", token: "xoxb-2", botUser: "U0BOT2" });
  await api.addChannel({
    workspace: "T1",
    id: "CPUBLIC",
    name: "public",
    private: false,
    botIsMember: false,
  });
  await api.addChannel({ workspace: "T1", id: "CSECRET", name: "secret", botIsMember: false });
  await api.addChannel({ workspace: "T1", id: "COLD", name: "old", archived: true });
  await api.addChannel({ workspace: "T1", id: "CSMALL", name: "small", members: ["U2"] });
  const call: CallApi = async (method, args = {}, token = "xoxb-1") => {
    const answer = await fetch(`${town.url}/api/${method}`, {
      method: "POST",
      headers: {
        "content-type": "application/json; charset=utf-8",
        ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(args),
    });
    const body: unknown = await answer.json();
    const reply = typeof body === "object" ? body : { body };
    return { ok: false, ...reply, status: answer.status, retryAfter: answer.headers.get("retry-after") };
  };
  return { ...town, call };
}

const text = { text: "x" };

interface Refusal {
  readonly method: string;
  readonly args: object;
  readonly token?: string;
  readonly error: string;
}

const paragraph = { type: "section", text: { type: "plain_text", text: "x".repeat(3_000) } };
const title = { type: "plain_text", text: "Title" };
const hugeView = { type: "modal", title, blocks: Array.from({ length: 90 }, () => paragraph) };

const refusals: readonly (readonly [string, Refusal])[] = [
  ["no token", { method: "auth.test", args: {}, token: "", error: "not_authed" }],
  ["a wrong token", { method: "auth.test", args: {}, token: "xoxb-wrong", error: "invalid_auth" }],
  ["an unknown method", { method: "chat.shout", args: {}, error: "unknown_method" }],
  [
    "another workspace's token",
    {
      method: "chat.postMessage",
      args: { channel: "C1", ...text },
      token: "xoxb-2",
      error: "channel_not_found",
    },
  ],
  ["a bot token for sockets", { method: "apps.connections.open", args: {}, error: "not_allowed_token_type" }],
  [
    "a wrong app token",
    { method: "apps.connections.open", args: {}, token: "xapp-2", error: "invalid_auth" },
  ],
  [
    "an unknown channel",
    { method: "chat.postMessage", args: { channel: "C404", ...text }, error: "channel_not_found" },
  ],
  [
    "a private channel without the bot",
    { method: "chat.postMessage", args: { channel: "CSECRET", ...text }, error: "channel_not_found" },
  ],
  [
    "a public channel without the bot",
    { method: "chat.postMessage", args: { channel: "CPUBLIC", ...text }, error: "not_in_channel" },
  ],
  [
    "an archived channel",
    { method: "chat.postMessage", args: { channel: "COLD", ...text }, error: "is_archived" },
  ],
  [
    "an unknown person",
    { method: "chat.postMessage", args: { channel: "U404", ...text }, error: "channel_not_found" },
  ],
  ["nothing to say", { method: "chat.postMessage", args: { channel: "C1" }, error: "no_text" }],
  [
    "a thread that is not there",
    {
      method: "chat.postMessage",
      args: { channel: "C1", thread_ts: "1.1", ...text },
      error: "cannot_reply_to_message",
    },
  ],
  [
    "blocks that are no JSON",
    { method: "chat.postMessage", args: { channel: "C1", blocks: "[{" }, error: "invalid_blocks_format" },
  ],
  [
    "blocks that are wrong",
    {
      method: "chat.postMessage",
      args: { channel: "C1", blocks: '[{"type":"x"}]' },
      error: "invalid_blocks",
    },
  ],
  [
    "wrong blocks in an attachment",
    {
      method: "chat.postMessage",
      args: { channel: "C1", attachments: [{ blocks: [{}] }] },
      error: "invalid_attachments",
    },
  ],
  [
    "an empty attachment",
    {
      method: "chat.postMessage",
      args: { channel: "C1", attachments: [{ color: "good" }] },
      error: "invalid_attachments",
    },
  ],
  [
    "metadata without a type",
    {
      method: "chat.postMessage",
      args: { channel: "C1", ...text, metadata: { id: 1 } },
      error: "invalid_metadata_schema",
    },
  ],
  [
    "a message that is not there",
    { method: "chat.update", args: { channel: "C1", ts: "1.1", ...text }, error: "message_not_found" },
  ],
  [
    "a message that is not there to delete",
    { method: "chat.delete", args: { channel: "C1", ts: "1.1" }, error: "message_not_found" },
  ],
  [
    "somebody who is not in the channel",
    {
      method: "chat.postEphemeral",
      args: { channel: "CSMALL", user: "U1", ...text },
      error: "user_not_in_channel",
    },
  ],
  [
    "an invented trigger",
    {
      method: "views.open",
      args: { trigger_id: "1", view: { type: "home", blocks: [] } },
      error: "invalid_arguments",
    },
  ],
  [
    "a view above 250 KB",
    { method: "views.open", args: { trigger_id: "1", view: hugeView }, error: "view_too_large" },
  ],
  [
    "a view that is not there",
    { method: "views.update", args: { view_id: "V1", view: {} }, error: "not_found" },
  ],
  [
    "a private channel one cannot see",
    { method: "conversations.info", args: { channel: "CSECRET" }, error: "channel_not_found" },
  ],
  ["an unknown user", { method: "users.info", args: { user: "U404" }, error: "user_not_found" }],
  [
    "a conversation with nobody",
    { method: "conversations.open", args: { users: "" }, error: "users_list_not_supplied" },
  ],
];

describe("the Web API", () => {
  it("tells whose token it is, and what it may", async () => {
    const { url, call } = await open({ scopes: ["commands", "chat:write"] });
    expect(await call("auth.test")).toMatchObject({
      ok: true,
      team_id: "T1",
      user_id: "U0BOT",
      bot_id: "B0BOT",
    });
    const answer = await fetch(`${url}/api/auth.test`, {
      method: "POST",
      headers: { authorization: "Bearer xoxb-1" },
    });
    expect(answer.headers.get("x-oauth-scopes")).toBe("commands,chat:write");
    await answer.body?.cancel();
  });

  it.each(refusals)("refuses %s", async (_name, { method, args, token = "xoxb-1", error }) => {
    const { call } = await open();
    expect(await call(method, args, token)).toMatchObject({ ok: false, error, status: 200 });
  });

  it("explains refused blocks", async () => {
    const { call } = await open();
    expect(await call("chat.postMessage", { channel: "C1", blocks: [{ type: "x" }] })).toMatchObject({
      response_metadata: { messages: ["[ERROR] unsupported type: x [json-pointer:/blocks/0/type]"] },
    });
  });

  it("names the scope that is missing", async () => {
    const { call } = await open({ scopes: ["chat:write", "channels:read"] });
    expect(await call("users.info", { user: "U1" })).toMatchObject({
      error: "missing_scope",
      needed: "users:read",
    });
    expect(await call("conversations.info", { channel: "C1" })).toMatchObject({ needed: "groups:read" });
    expect(await call("conversations.info", { channel: "CPUBLIC" })).toMatchObject({ ok: true });
  });

  it("describes a channel, a person, and opens a direct conversation", async () => {
    const { api, call } = await open();
    await api.changeChannel({ workspace: "T1", id: "C1", sharedOutside: true });
    expect(await call("conversations.info", { channel: "C1" })).toMatchObject({
      channel: { name: "intake", is_private: true, is_ext_shared: true, is_archived: false, is_member: true },
    });
    expect(await call("conversations.info", { channel: "CPUBLIC" })).toMatchObject({
      channel: { is_private: false, is_member: false },
    });
    expect(await call("users.info", { user: "U1" })).toMatchObject({
      user: { real_name: "Sgt Diaz", team_id: "T1" },
    });
    expect(await call("conversations.open", { users: "U1" })).toMatchObject({ channel: { id: "D1" } });
    expect(await call("chat.postMessage", { channel: "D1", ...text })).toMatchObject({
      ok: true,
      channel: "D1",
    });
  });

  it("lets the bot change and delete its own messages only", async () => {
    const { api, call } = await open();
    const { id } = await api.say({ workspace: "T1", user: "U1", channel: "C1", text: "mine" });
    const { ts } = await call("chat.postMessage", { channel: "C1", ...text });
    const reply = await call("chat.postMessage", { channel: "C1", thread_ts: ts, text: "under it" });
    const theirs = { channel: "C1", ts: id, ...text };
    expect(await call("chat.update", theirs)).toMatchObject({ error: "cant_update_message" });
    expect(await call("chat.delete", theirs)).toMatchObject({ error: "cant_delete_message" });
    const own = { channel: "C1", ts };
    expect(await call("chat.update", { ...own, text: "y".repeat(4_001) })).toMatchObject({
      error: "msg_too_long",
    });
    expect(await call("chat.delete", own)).toMatchObject({ ok: true });
    expect(await call("chat.update", { ...own, ...text })).toMatchObject({ error: "message_not_found" });
    const seen = await api.channel({ workspace: "T1", channel: "C1" });
    expect(seen.map((message) => message.lines)).toEqual([["mine"], ["This message was deleted."]]);
    expect(seen[1]?.thread[0]?.id).toBe(reply["ts"]);
    await api.changeChannel({ workspace: "T1", id: "C1", archived: true });
    expect(await call("chat.update", { channel: "C1", ts: reply["ts"], ...text })).toMatchObject({
      error: "is_inactive",
    });
  });

  it("cuts a text at 40,000 characters and says so", async () => {
    const { api, call } = await open();
    expect(await call("chat.postMessage", { channel: "C1", text: "x".repeat(40_001) })).toMatchObject({
      ok: true,
      warning: "message_truncated",
    });
    expect((await api.channel({ workspace: "T1", channel: "C1" }))[0]?.headline).toHaveLength(40_000);
  });

  it("limits messages per channel and calls per method, workspace by workspace", async () => {
    // So slow that nothing comes free while the test runs, on whatever machine.
    const slow = { channelPerSecond: 0.1, workspacePerSecond: 0.1 };
    const { call } = await open({ limits: { tier4PerMinute: 2, workspaceBurst: 3, ...slow } });
    const post = (channel: string): Promise<Reply> => call("chat.postMessage", { channel, ...text });
    expect((await post("C1")).ok && (await post("C1")).ok).toBe(true);
    expect(await post("C1")).toMatchObject({ status: 429, error: "ratelimited" });
    expect(Number((await post("C1"))["retryAfter"])).toBeGreaterThan(1);
    expect(await post("CSMALL")).toMatchObject({ ok: true });
    expect(await post("U1")).toMatchObject({ status: 429 });
    expect(
      (await call("users.info", { user: "U1" })).ok && (await call("users.info", { user: "U1" })).ok,
    ).toBe(true);
    expect(await call("users.info", { user: "U1" })).toMatchObject({ status: 429, retryAfter: "60" });
    expect(await call("users.info", { user: "U1" }, "xoxb-2")).toMatchObject({ error: "user_not_found" });
    expect(await call("api.test")).toMatchObject({ ok: true });
  });

  it("limits nothing when told so", async () => {
    const { call } = await open({ limits: "off" });
    for (let count = 0; count < 30; count += 1)
      expect((await call("chat.postMessage", { channel: "C1", ...text })).ok).toBe(true);
  });

  it("fails as it is told, as often as it is told, before anything is written", async () => {
    const { api, call } = await open();
    const post = (): Promise<Reply> => call("chat.postMessage", { channel: "C1", ...text });
    await api.addFault({ kind: "rate-limited", method: "chat.postMessage", channel: "C1", retryAfter: 7 });
    await api.addFault({ kind: "server-error", workspace: "T1" });
    await api.addFault({ kind: "token-revoked", times: 2 });
    expect(await post()).toMatchObject({ status: 429, retryAfter: "7" });
    expect(await post()).toMatchObject({ status: 500 });
    expect(await post()).toMatchObject({ error: "token_revoked" });
    await api.clearFaults();
    expect(await post()).toMatchObject({ ok: true });
    expect(await api.channel({ workspace: "T1", channel: "C1" })).toHaveLength(1);
    const calls = await api.calls({ method: "chat.postMessage" });
    expect(calls.map(({ status, workspace, token }) => [status, workspace, token])).toEqual([
      [429, "T1", "xoxb-1"],
      [500, "T1", "xoxb-1"],
      [200, "T1", "xoxb-1"],
      [200, "T1", "xoxb-1"],
    ]);
    expect(calls[0]?.body).toEqual({ channel: "C1", text: "x" });
  });

  it("forgets a token when the app is removed", async () => {
    const { api, call } = await open();
    await api.removeApp({ workspace: "T1" });
    expect(await call("auth.test")).toMatchObject({ error: "token_revoked" });
    await api.addWorkspace({ id: "T1", name: "Riverton PD", token: "xoxb-3", botUser: "U0BOT" });
    expect(await call("auth.test", {}, "xoxb-3")).toMatchObject({ ok: true });
    expect(await call("auth.test")).toMatchObject({ error: "invalid_auth" });
  });
});

describe("an event", () => {
  it("is signed, and sent again at once to an app that failed", async () => {
    const { api, url } = await open();
    const heard: unknown[] = [];
    const app = createServer((request, response) => {
      void readBody(request).then((body) => {
        const { headers } = request;
        const timestamp = String(headers["x-slack-request-timestamp"]);
        const signature = createHmac("sha256", "secret").update(`v0:${timestamp}:${body}`).digest("hex");
        heard.push([headers["x-slack-signature"] === `v0=${signature}`, headers["x-slack-retry-num"]]);
        response.writeHead(heard.length === 1 ? 500 : 200).end();
      });
    });
    const requestUrl = await listenOnLoopback(app, 0);
    closing.push(async () => closeServer(app));
    await configurePretendSlack(url, { requestUrl });
    await api.changeChannel({ workspace: "T1", id: "C1", archived: true });
    expect(heard).toEqual([
      [true, undefined],
      [true, "1"],
    ]);
  });
});
