import { createServer, type RequestListener } from "node:http";

import { afterEach, describe, expect, it } from "vitest";

import { slackAdapter } from "../../adapters/slack/slack-adapter.ts";
import type { Installation, SendOutcome } from "../../src/chat.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

/** A Slack that answers every call in one way. */
async function answering(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/api/`;
}

const json =
  (body: object): RequestListener =>
  (_request, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
  };

async function slackThat(listener: RequestListener) {
  const apiBaseUrl = await answering(listener);
  const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const adapter = slackAdapter({
    signingSecret: "secret",
    mode: { kind: "http", port: 0, host: "127.0.0.1" },
    installations: { find: () => Promise.resolve(undefined) },
    log: quiet,
    sendTimeoutMs: 300,
  });
  const installation: Installation = {
    id: "i1",
    platform: "slack",
    workspace: "T1",
    application: "A1",
    botUser: "U1",
    token: "xoxb-1",
    apiBaseUrl,
    environment: "commercial",
  };
  return { adapter, installation };
}

const card = { headline: "x", blocks: [] };
const to = { platform: "slack", workspace: "T1", channel: "C1" } as const;

async function posting(listener: RequestListener): Promise<SendOutcome> {
  const { adapter, installation } = await slackThat(listener);
  return adapter.post(installation, { to, card, key: "k" });
}

describe("how a send ended", () => {
  it.each([
    ["is_archived", "channel-gone"],
    ["token_revoked", "tenant-gone"],
    ["msg_blocks_too_long", "payload-invalid"],
    ["as_user_not_supported", "payload-invalid"],
    ["method_deprecated", "payload-invalid"],
    ["fatal_error", "unknown"],
    ["service_unavailable", "unknown"],
    ["ekm_access_denied", "policy-blocked"],
  ])("%s is %s", async (error, kind) => {
    expect(await posting(json({ ok: false, error }))).toEqual({ kind, reason: error });
  });

  it.each([
    ["message_not_found", "message-gone"],
    ["cant_update_message", "edit-refused"],
    ["edit_window_closed", "edit-refused"],
    ["is_inactive", "channel-gone"],
    ["update_failed", "unknown"],
  ])("of an edit: %s is %s", async (error, kind) => {
    const { adapter, installation } = await slackThat(json({ ok: false, error }));
    const outcome = await adapter.edit(installation, { ...to, message: "1.1" }, card);
    expect(outcome).toEqual({ kind, reason: error });
  });

  it.each([
    ["message_not_found", "message-gone"],
    ["cant_delete_message", "edit-refused"],
    ["channel_not_found", "channel-gone"],
  ])("of a deletion: %s is %s", async (error, kind) => {
    const { adapter, installation } = await slackThat(json({ ok: false, error }));
    const outcome = await adapter.remove(installation, { ...to, message: "1.1" });
    expect(outcome).toEqual({ kind, reason: error });
  });

  it.each([
    ["thread_not_found", "message-gone"],
    // The message is there, and so is the channel.
    ["cannot_reply_to_message", "edit-refused"],
    ["restricted_action_thread_locked", "edit-refused"],
    ["restricted_action_non_threadable_channel", "edit-refused"],
  ])("of a reply: %s is %s", async (error, kind) => {
    const { adapter, installation } = await slackThat(json({ ok: false, error }));
    const reply = { to, card, key: "k", threadTitle: "B" };
    const outcome = await adapter.reply(installation, { ...to, message: "1.1" }, reply);
    expect(outcome).toEqual({ kind, reason: error });
  });

  it("keeps the whole answer that it does not know", async () => {
    const answer = { ok: false, error: "brand_new", response_metadata: { messages: ["[ERROR] so there"] } };
    const outcome = await posting(json(answer));
    expect(outcome).toEqual({ kind: "unheard-of", reason: JSON.stringify(answer) });
  });

  it("keeps no more of it than a page", async () => {
    const outcome = await posting(json({ ok: false, error: "brand_new", more: "x".repeat(5_000) }));
    expect(outcome).toMatchObject({ kind: "unheard-of", reason: expect.stringMatching(/^.{2000}$/) });
  });

  it.each([
    [403, { kind: "unheard-of", reason: "HTTP 403: Blocked by the proxy" }],
    [413, { kind: "payload-invalid", reason: "HTTP 413" }],
    [408, { kind: "unknown", reason: "HTTP 408" }],
  ])("understands HTTP %i", async (status, expected) => {
    const outcome = await posting((_request, response) =>
      response.writeHead(status).end("Blocked by the proxy"),
    );
    expect(outcome).toEqual(expected);
  });

  it("says which scope is missing", async () => {
    expect(await posting(json({ ok: false, error: "missing_scope", needed: "chat:write" }))).toEqual({
      kind: "scope-missing",
      reason: "missing_scope; needs chat:write",
    });
  });

  it("waits where Slack says so in the body", async () => {
    expect(await posting(json({ ok: false, error: "ratelimited" }))).toMatchObject({
      kind: "rate-limited",
      afterMs: 30_000,
    });
  });

  it("waits half a minute when a 429 does not say how long", async () => {
    const outcome = await posting((_request, response) => response.writeHead(429).end());
    expect(outcome).toEqual({ kind: "rate-limited", afterMs: 30_000, scope: "workspace" });
  });

  it("does not know after a page instead of an answer", async () => {
    const outcome = await posting((_request, response) =>
      response.writeHead(200).end("<html>Bad gateway</html>"),
    );
    expect(outcome).toMatchObject({ kind: "unknown" });
    expect(JSON.stringify(outcome)).not.toContain("html");
  });

  it("does not know after a silence", async () => {
    expect(await posting(() => undefined)).toMatchObject({ kind: "unknown" });
  });

  it("does not know after a broken connection", async () => {
    expect(await posting((request) => request.socket.destroy())).toMatchObject({ kind: "unknown" });
  });

  it("calls only once", async () => {
    let calls = 0;
    const outcome = await posting((_request, response) => {
      calls += 1;
      response.writeHead(503).end();
    });
    expect(outcome).toEqual({ kind: "unknown", reason: "HTTP 503" });
    expect(calls).toBe(1);
  });
});
