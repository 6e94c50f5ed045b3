import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { afterEach, beforeEach, expect, it } from "vitest";

import { discordAdapter } from "../../adapters/discord/discord-adapter.ts";
import type { Installation, SendOutcome } from "../../src/chat.ts";

/** What Discord, or something on the way to it, says to one call after the other. */
type Say = (response: ServerResponse) => void;

let says: Say[] = [];
let calls: string[] = [];
const server = createServer((request, response) => {
  calls.push(`${String(request.method)} ${String(request.url)} ${String(request.headers.authorization)}`);
  request.resume().on("end", () => {
    (says.shift() ?? json(500, {}))(response);
  });
});
beforeEach(async () => {
  says = [];
  calls = [];
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

const json = (status: number, body: unknown, headers: Record<string, string> = {}): Say => {
  return (response) =>
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
};
const html = (status: number): Say => {
  return (response) =>
    response.writeHead(status, { "content-type": "text/html" }).end("<html>Cloudflare</html>");
};
const error = (status: number, code: number) =>
  json(status, { code, message: `Discord's words for ${String(code)}` });
const made = json(200, { id: "800000000000000001", channel_id: "600000000000000001" });

const channel = {
  platform: "discord",
  workspace: "500000000000000001",
  channel: "600000000000000001",
} as const;
const nothing = () => undefined;
const card = { headline: "B-1", blocks: [] };
const reply = { to: channel, card: { headline: "Acknowledged", blocks: [] }, key: "r", threadTitle: "B-1" };

function subject({ sendTimeoutMs = 200 } = {}) {
  const apiBaseUrl = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/api/`;
  const adapter = discordAdapter({
    token: "t",
    application: "400000000000000001",
    apiBaseUrl,
    installations: { find: async () => undefined },
    log: { info: nothing, warn: nothing, error: nothing },
    sendTimeoutMs,
  });
  const installation: Installation = {
    id: "1",
    platform: "discord",
    workspace: channel.workspace,
    application: "400000000000000001",
    botUser: "400000000000000001",
    token: "t",
    apiBaseUrl,
    environment: "commercial",
  };
  const post = async () => adapter.post(installation, { to: channel, card, key: "delivery" });
  return { adapter, installation, post };
}

it.each<[name: string, says: Say[], expected: Partial<SendOutcome>]>([
  ["a message", [made], { kind: "sent", message: { ...channel, message: "800000000000000001" } }],
  ["something that is no message", [html(200)], { kind: "unknown" }],
  [
    "half of an answer",
    [(response) => response.writeHead(200, { "content-type": "application/json" }).end('{"id":')],
    { kind: "unknown" },
  ],
  ["500", [json(500, {})], { kind: "unknown" }],
  ["502 from a proxy", [html(502)], { kind: "unknown" }],
  ["503, overloaded", [error(503, 130000)], { kind: "unknown" }],
  ["sending is switched off", [error(403, 40004)], { kind: "unavailable" }],
  [
    "429 with a delay",
    [json(429, { retry_after: 3.2, global: false }, { "retry-after": "4" })],
    { kind: "rate-limited", scope: "channel" },
  ],
  [
    "429 for the whole application",
    [json(429, { global: true }, { "retry-after": "4", "x-ratelimit-global": "true" })],
    { kind: "rate-limited", scope: "application" },
  ],
  ["429 without any header", [html(429)], { kind: "rate-limited", afterMs: 1_000 }],
  [
    "slow mode",
    [json(400, { code: 20016, message: "slow", retry_after: 7 })],
    { kind: "rate-limited", afterMs: 7_000 },
  ],
  ["401", [error(401, 0)], { kind: "tenant-gone" }],
  ["no such channel", [error(404, 10003)], { kind: "channel-gone" }],
  [
    "no access, guild there",
    [error(403, 50001), json(200, { id: channel.workspace })],
    { kind: "channel-gone" },
  ],
  ["no access, guild gone", [error(403, 50001), error(404, 10004)], { kind: "tenant-gone" }],
  ["no permission, guild closed to us", [error(403, 50013), error(403, 50001)], { kind: "tenant-gone" }],
  ["no permission, guild cannot be asked", [error(403, 50013), json(500, {})], { kind: "channel-gone" }],
  ["a form it does not accept", [error(400, 50035)], { kind: "payload-invalid" }],
  ["a scope is missing", [error(403, 50026)], { kind: "scope-missing" }],
  ["AutoMod", [error(400, 200000)], { kind: "policy-blocked" }],
  ["a User-Agent that Cloudflare refuses", [error(403, 40333)], { kind: "payload-invalid" }],
  ["a closed thread as the channel", [error(400, 160005)], { kind: "channel-gone" }],
  [
    "a code nobody knows",
    [error(400, 999999)],
    {
      kind: "unheard-of",
      reason: `HTTP 400: {"code":999999,"message":"Discord's words for 999999"}`,
    },
  ],
  ["403 from a firewall", [html(403)], { kind: "unheard-of", reason: "HTTP 403: <html>Cloudflare</html>" }],
  ["413 from a proxy", [html(413)], { kind: "payload-invalid" }],
  ["nothing, in time", [nothing], { kind: "unknown", reason: "timed out" }],
  ["nothing, and hangs up", [(response) => response.destroy()], { kind: "unknown" }],
])("understands %s", async (_name, answers, expected) => {
  says = answers;
  expect(await subject().post()).toMatchObject(expected);
  expect(calls.filter((call) => call.startsWith("POST"))).toHaveLength(1);
});

it("waits at least as long as Discord asks", async () => {
  says = [
    json(
      429,
      { global: false },
      { "retry-after": "4", "x-ratelimit-reset-after": "0.2", "x-ratelimit-remaining": "0" },
    ),
  ];
  const outcome = await subject().post();
  expect(outcome.kind === "rate-limited" && outcome.afterMs).toBeGreaterThanOrEqual(4_000);
});

const budget = (remaining: number, resetAfter: number) => ({
  "x-ratelimit-limit": "5",
  "x-ratelimit-remaining": String(remaining),
  "x-ratelimit-reset-after": String(resetAfter),
});
const message = { ...channel, message: "800000000000000001" };

it("says how long the channel has to rest when its budget is used up", async () => {
  says = [
    json(200, { id: message.message }, budget(1, 3)),
    json(200, { id: message.message }, budget(0, 1.25)),
  ];
  const { post } = subject();
  expect(await post()).toEqual({ kind: "sent", message });
  expect(await post()).toEqual({ kind: "sent", message, restMs: 1_250 });
});

it("says so after edits and deletions too", async () => {
  says = [
    json(200, { id: message.message }, budget(0, 0.5)),
    (response) => response.writeHead(204, budget(0, 2)).end(),
  ];
  const { adapter, installation } = subject();
  expect(await adapter.edit(installation, message, card)).toMatchObject({ kind: "sent", restMs: 500 });
  expect(await adapter.remove(installation, message)).toMatchObject({ kind: "sent", restMs: 2_000 });
});

it("gives each of the calls under way its own budget", async () => {
  // Every channel has used up as many seconds as its own id ends with.
  says = Array.from({ length: 8 }, () => (response: ServerResponse) => {
    const seconds = Number(/(\d)\/messages$/.exec(response.req.url ?? "")?.[1]);
    json(200, { id: message.message }, budget(0, seconds))(response);
  });
  const { adapter, installation } = subject();
  const ends = [1, 2, 3, 4, 5, 6, 7, 8];
  const outcomes = await Promise.all(
    ends.map(async (end) =>
      adapter.post(installation, {
        to: { ...channel, channel: `60000000000000000${String(end)}` },
        card,
        key: String(end),
      }),
    ),
  );
  expect(outcomes).toMatchObject(ends.map((end) => ({ kind: "sent", restMs: end * 1_000 })));
});

it("does not call again before the time Discord gave has passed, and says how long that is", async () => {
  says = [json(200, { id: message.message }, budget(0, 1)), made];
  const { post } = subject();
  const first = await post();
  const refusal = await post();
  expect(refusal).toMatchObject({ kind: "rate-limited", scope: "channel" });
  const afterMs = refusal.kind === "rate-limited" ? refusal.afterMs : 0;
  expect(afterMs).toBeGreaterThan(500);
  expect(afterMs).toBeLessThanOrEqual(1_000);
  expect(calls).toHaveLength(1);
  await new Promise((done) => setTimeout(done, first.kind === "sent" ? first.restMs : 0));
  expect(await post()).toMatchObject({ kind: "sent" });
});

it("keeps every channel back while the whole application is limited", async () => {
  says = [json(429, { global: true }, { "retry-after": "4", "x-ratelimit-global": "true" })];
  const { adapter, installation, post } = subject();
  await post();
  const to = { ...channel, channel: "600000000000000002" };
  const outcome = await adapter.post(installation, { to, card, key: "2" });
  expect(outcome).toMatchObject({ kind: "rate-limited", scope: "application" });
  expect(calls).toHaveLength(1);
});

it.each([
  [404, 10008, "message-gone"],
  [403, 50005, "edit-refused"],
  [400, 50083, "edit-refused"],
  [400, 160005, "edit-refused"],
  [403, 50021, "edit-refused"],
  [404, 10003, "channel-gone"],
])("of an edit and of a deletion: %i with code %i is %s", async (status, code, kind) => {
  says = [error(status, code), error(status, code)];
  const { adapter, installation } = subject();
  expect(await adapter.edit(installation, message, card)).toMatchObject({ kind });
  expect(await adapter.remove(installation, message)).toMatchObject({ kind });
});

it("waits with edits when too many old messages were edited", async () => {
  says = [json(429, { code: 30046, message: "old", retry_after: 9 }, { "retry-after": "9" })];
  const { adapter, installation } = subject();
  const outcome = await adapter.edit(installation, message, card);
  expect(outcome).toMatchObject({ kind: "rate-limited", scope: "channel" });
  expect(outcome.kind === "rate-limited" && outcome.afterMs).toBeGreaterThanOrEqual(9_000);
});

it("does not take the channel for gone when it only has no room for a thread", async () => {
  const { adapter, installation } = subject();
  for (const [status, code] of [
    [403, 50013],
    [403, 50024],
    [400, 160006],
  ] as const) {
    says = [error(status, code)];
    expect(await adapter.reply(installation, message, reply)).toMatchObject({ kind: "edit-refused" });
  }
});

it("is done with a send in its time, however many calls it takes", async () => {
  const slowly: Say = (response) => void setTimeout(() => json(200, {})(response), 400);
  says = [slowly, nothing];
  const { adapter, installation } = subject({ sendTimeoutMs: 500 });
  const began = performance.now();
  expect(await adapter.reply(installation, message, reply)).toMatchObject({ kind: "unknown" });
  expect(performance.now() - began).toBeLessThan(850);
});

it("does not let a call wait behind another one beyond its own time", async () => {
  says = [nothing, nothing, nothing];
  const { post } = subject({ sendTimeoutMs: 500 });
  const began = performance.now();
  const outcomes = await Promise.all([post(), post(), post()]);
  expect(performance.now() - began).toBeLessThan(950);
  for (const { kind } of outcomes) expect(kind).toMatch(/^(unknown|unavailable)$/);
});

it("sends the token again after it was refused once", async () => {
  says = [error(401, 0), made];
  const { post } = subject();
  expect(await post()).toMatchObject({ kind: "tenant-gone" });
  expect(await post()).toMatchObject({ kind: "sent" });
  expect(calls.every((call) => call.endsWith("Bot t"))).toBe(true);
});

it("sends each installation's own token", async () => {
  says = [made, made, made];
  const { adapter, installation, post } = subject();
  await post();
  await adapter.post(
    { ...installation, token: "other" },
    { to: channel, card: { headline: "B", blocks: [] }, key: "2" },
  );
  await post();
  expect(calls.map((call) => call.slice(call.indexOf("Bot ")))).toEqual(["Bot t", "Bot other", "Bot t"]);
});

it("uses the thread that is there already", async () => {
  says = [error(400, 160004), json(200, { id: "800000000000000002" })];
  const { adapter, installation } = subject();
  expect(await adapter.reply(installation, message, reply)).toEqual({
    kind: "sent",
    message: { ...channel, channel: "800000000000000001", message: "800000000000000002" },
  });
});

it("throws on its own bugs instead of blaming Discord", async () => {
  const { adapter, installation } = subject();
  const button = { action: "a".repeat(60), subject: "b".repeat(60), label: "x" };
  const card = { headline: "B", blocks: [], buttons: [button] };
  await expect(adapter.post(installation, { to: channel, card, key: "k" })).rejects.toThrow(RangeError);
});
