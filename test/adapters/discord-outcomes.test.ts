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

function subject(apiBaseUrl = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/api/`) {
  const adapter = discordAdapter({
    token: "t",
    application: "400000000000000001",
    apiBaseUrl,
    installations: { find: async () => undefined },
    log: { info: nothing, warn: nothing, error: nothing },
    sendTimeoutMs: 200,
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
  const post = async () =>
    adapter.post(installation, { to: channel, card: { headline: "B-1", blocks: [] }, key: "delivery" });
  return { adapter, installation, post };
}

it.each<[name: string, says: Say[], expected: Partial<SendOutcome>]>([
  ["a message", [made], { kind: "sent", message: { ...channel, message: "800000000000000001" } }],
  ["something that is no message", [html(200)], { kind: "unknown" }],
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
  [
    "a code nobody knows",
    [error(400, 999999)],
    { kind: "policy-blocked", reason: "HTTP 400, code 999999: Discord's words for 999999" },
  ],
  ["403 from a firewall", [html(403)], { kind: "policy-blocked" }],
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

it("does not call again before the time Discord gave has passed", async () => {
  const headers = { "x-ratelimit-limit": "1", "x-ratelimit-remaining": "0", "x-ratelimit-reset-after": "3" };
  says = [json(200, { id: "800000000000000001" }, headers)];
  const { post } = subject();
  expect(await post()).toMatchObject({ kind: "sent" });
  expect(await post()).toMatchObject({ kind: "rate-limited", scope: "channel" });
  expect(calls).toHaveLength(1);
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
  const under = { ...channel, message: "800000000000000001" };
  const reply = { to: channel, card: { headline: "Acknowledged", blocks: [] }, key: "r", threadTitle: "B-1" };
  expect(await adapter.reply(installation, under, reply)).toEqual({
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
