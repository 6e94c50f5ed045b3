import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { afterEach, beforeEach, expect, it } from "vitest";

import { slackAdapter } from "../../adapters/slack/slack-adapter.ts";
import type { Installation, MessageRef } from "../../src/chat.ts";
import { openSlack } from "./slack-subject.ts";

type Fields = Readonly<Record<string, unknown>>;

let answers: readonly Fields[] = [];
let asked: { readonly method: string; readonly args: Fields }[] = [];
/** A Slack that gives one answer after the other, and the last one for ever. */
const server = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk: Buffer) => (body += chunk.toString()));
  request.on("end", () => {
    const method = request.url?.replace("/api/", "") ?? "";
    const answer = answers[Math.min(asked.length, answers.length - 1)];
    asked.push({ method, args: Object.fromEntries(new URLSearchParams(body)) });
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
  });
});
beforeEach(async () => {
  asked = [];
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

const to = { platform: "slack", workspace: "T1", channel: "C1" } as const;
const since = new Date("2026-11-25T07:00:00Z");
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

async function finding(given: readonly Fields[], under?: MessageRef) {
  answers = given;
  const adapter = slackAdapter({
    signingSecret: "secret",
    mode: { kind: "http", port: 0, host: "127.0.0.1" },
    installations: { find: () => Promise.resolve(undefined) },
    log: quiet,
  });
  const installation: Installation = {
    id: "i1",
    platform: "slack",
    workspace: "T1",
    application: "A1",
    botUser: "U1",
    token: "xoxb-1",
    apiBaseUrl: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/api/`,
    environment: "commercial",
  };
  return adapter.find(installation, { to, key: "wanted", since, ...(under && { under }) });
}

const event = { event_type: "allpoints_delivery", event_payload: { delivery: "wanted" } };
const page = (messages: readonly Fields[], next?: string) => ({
  ok: true,
  messages,
  has_more: next !== undefined,
  response_metadata: { next_cursor: next ?? "" },
});
const chatter = { user: "U9", ts: "9.9", text: "Good morning" };

it("reads on, page by page, from a minute before the intent", async () => {
  const found = await finding([
    page([chatter], "second"),
    page([{ user: "U1", ts: "5.5", metadata: event }]),
  ]);
  expect(found).toEqual({ kind: "found", message: { ...to, message: "5.5" } });
  const first = { channel: "C1", oldest: "1795589940", limit: "200", include_all_metadata: "true" };
  expect(asked).toEqual([
    { method: "conversations.history", args: first },
    { method: "conversations.history", args: { ...first, cursor: "second" } },
  ]);
});

it("does not read for ever", async () => {
  expect(await finding([page([chatter], "on and on")])).toMatchObject({ kind: "cannot" });
  expect(asked).toHaveLength(5);
});

it("reads the thread of a reply", async () => {
  const under = { ...to, channel: "C2", message: "1.1" };
  const found = await finding([page([{ user: "U1", ts: "5.5", metadata: event }])], under);
  expect(found).toEqual({ kind: "found", message: { ...under, message: "5.5" } });
  expect(asked).toMatchObject([{ method: "conversations.replies", args: { channel: "C2", ts: "1.1" } }]);
});

it.each<[string, Fields]>([
  ["another application's message with our metadata", { user: "U9", app_id: "A9", metadata: event }],
  ["a message of ours with another event", { user: "U1", metadata: { ...event, event_type: "task" } }],
  ["a message of ours without metadata", { user: "U1" }],
])("takes no notice of %s", async (_name, forged) => {
  expect(await finding([page([{ ts: "5.5", ...forged }])])).toEqual({ kind: "absent" });
});

it.each([
  [
    { ok: false, error: "missing_scope", needed: "channels:history" },
    "missing_scope; needs channels:history",
  ],
  [{ ok: false, error: "is_archived" }, "is_archived"],
  [{ ok: false, error: "invalid_auth" }, "invalid_auth"],
  [{ ok: false, error: "brand_new" }, `{"ok":false,"error":"brand_new","response_metadata":{}}`],
  [{ ok: true }, "Slack named no messages."],
])("cannot tell after %j", async (answer, reason) => {
  expect(await finding([answer])).toEqual({ kind: "cannot", reason });
});

it("asks again later when Slack is in trouble", async () => {
  expect(await finding([{ ok: false, error: "ratelimited" }])).toMatchObject({
    kind: "later",
    afterMs: 30_000,
  });
  expect(await finding([{ ok: false, error: "internal_error" }])).toMatchObject({ kind: "later" });
});

it("cannot look where reading was not granted, and says what it takes", async () => {
  await using opened = await openedSlack();
  const { adapter, installation, channel, user, pretend } = opened.slack;
  await pretend.setScopes({ scopes: ["commands", "chat:write", "channels:read", "groups:read"] });
  const sought = { to: channel, key: "wanted", since: new Date() };
  expect(await adapter.find(installation, sought)).toEqual({
    kind: "cannot",
    reason: "missing_scope; needs groups:history",
  });
  expect(
    await adapter.find(installation, { ...sought, to: { ...channel, channel: user, direct: true } }),
  ).toMatchObject({ kind: "cannot", reason: expect.stringMatching(/^missing_scope; needs im:write/) });
});

async function openedSlack() {
  const slack = await openSlack();
  return { slack, [Symbol.asyncDispose]: async () => slack.close() };
}
