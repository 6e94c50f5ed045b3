import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { expect, it } from "vitest";
import { WebSocketServer } from "ws";

import { discordAdapter } from "../../adapters/discord/discord-adapter.ts";

const application = "400000000000000001";
const guild = "500000000000000001";

/** As much of Discord as it takes to say hello and send one command, with a guild that never comes up. */
async function openSilentDiscord() {
  const intents: number[] = [];
  const { promise: answered, resolve } = Promise.withResolvers<{
    readonly path: string;
    readonly body: string;
  }>();
  const http = createServer((request, response) => {
    const path = request.url ?? "";
    let body = "";
    request.on("data", (part) => (body += String(part)));
    request.on("end", () => {
      response.setHeader("content-type", "application/json");
      if (path.endsWith("/gateway/bot")) {
        const { port } = http.address() as AddressInfo;
        const limit = { total: 1000, remaining: 999, reset_after: 0, max_concurrency: 1 };
        response.end(
          JSON.stringify({ url: `ws://127.0.0.1:${port}`, shards: 1, session_start_limit: limit }),
        );
        return;
      }
      if (path.includes("/callback")) resolve({ path, body });
      response.statusCode = 204;
      response.end();
    });
  });
  const gateway = new WebSocketServer({ server: http });
  gateway.on("connection", (socket) => {
    const send = (op: number, d: unknown, dispatched: { readonly t?: string; readonly s?: number } = {}) =>
      socket.send(JSON.stringify({ op, d, t: null, s: null, ...dispatched }));
    send(10, { heartbeat_interval: 45_000 });
    socket.on("message", (data: Buffer) => {
      const { op, d } = JSON.parse(data.toString("utf8")) as { op: number; d: { intents?: number } };
      if (op === 1) send(11, null);
      if (op !== 2) return;
      intents.push(d.intents ?? -1);
      const user = { id: application, username: "allpoints", discriminator: "0", avatar: null, bot: true };
      const ready = {
        v: 10,
        user,
        guilds: [{ id: guild, unavailable: true }],
        session_id: "s",
        resume_gateway_url: "",
      };
      send(0, { ...ready, application: { id: application, flags: 0 } }, { t: "READY", s: 1 });
      send(0, command, { t: "INTERACTION_CREATE", s: 2 });
    });
  });
  http.listen(0, "127.0.0.1");
  await new Promise((listening) => http.once("listening", listening));
  const { port } = http.address() as AddressInfo;
  return {
    apiBaseUrl: `http://127.0.0.1:${port}/api/`,
    intents,
    answered,
    close: () => {
      for (const client of gateway.clients) client.terminate();
      gateway.close();
      http.closeAllConnections();
      http.close();
    },
  };
}

const command = {
  id: "800000000000000001",
  application_id: application,
  type: 2,
  token: "interaction-token",
  version: 1,
  guild_id: guild,
  channel_id: "600000000000000001",
  channel: { id: "600000000000000001", type: 0 },
  member: {
    user: { id: "700000000000000001", username: "reyes", discriminator: "0", avatar: null },
    roles: [],
    permissions: "0",
    joined_at: "2026-01-01T00:00:00Z",
    deaf: false,
    mute: false,
    flags: 0,
  },
  locale: "en-US",
  guild_locale: "en-US",
  app_permissions: "0",
  entitlements: [],
  authorizing_integration_owners: {},
  context: 0,
  data: { id: "900000000000000002", name: "tip", type: 1 },
};

it("asks for guilds and nothing else, and answers before every guild has come up", async () => {
  const discord = await openSilentDiscord();
  const installation = {
    id: "installation-1",
    platform: "discord" as const,
    workspace: guild,
    application,
    botUser: application,
    token: "token",
    apiBaseUrl: discord.apiBaseUrl,
    environment: "commercial" as const,
  };
  const silent = { info: () => {}, warn: () => {}, error: () => {} };
  const adapter = discordAdapter({
    token: "token",
    application,
    apiBaseUrl: discord.apiBaseUrl,
    installations: { find: async () => installation },
    log: silent,
  });
  try {
    await adapter.start({
      receive: async () => ({ kind: "card", card: { headline: "Received", blocks: [] } }),
      news: async () => {},
    });
    const { path, body } = await discord.answered;
    expect(path).toContain("/interactions/800000000000000001/interaction-token/callback");
    expect(body).toContain("Received");
    expect(discord.intents).toEqual([1]);
  } finally {
    await adapter.stop();
    discord.close();
  }
});
