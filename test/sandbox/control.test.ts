import { request, type RequestOptions } from "node:http";

import { afterAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";

import { startPretendDiscord } from "../../sandbox/discord/pretend-discord.ts";
import { startPretendSlack } from "../../sandbox/slack/pretend-slack.ts";

const slack = await startPretendSlack({ signingSecret: "pretend" });
const discord = await startPretendDiscord({
  applicationId: "900000000000000001",
  token: "pretend",
  botUser: "900000000000000001",
});
afterAll(async () => {
  await slack.close();
  await discord.close();
});

async function statusOf(url: string, { headers, ...options }: RequestOptions): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const asked = request(url, { ...options, agent: false, headers: headers ?? {} }, (answer) => {
    answer.destroy();
    resolve(answer.statusCode ?? 0);
  });
  asked.on("error", reject);
  asked.end(options.method === "POST" ? "{}" : undefined);
  return promise;
}

async function socketTo(url: string, headers: Record<string, string>): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = new WebSocket(url.replace("http:", "ws:"), { headers });
  socket.on("open", () => resolve("open"));
  socket.on("error", reject);
  return promise.finally(() => socket.terminate());
}

describe.each([
  ["Slack", slack.url],
  ["Discord", discord.url],
])("the control API of the pretend %s", (_name, url) => {
  const places = `${url}/_pretend/places`;
  const changes = `${url}/_pretend/changes`;

  it("answers programs on this machine", async () => {
    expect(await statusOf(places, { method: "POST" })).toBe(200);
    expect(await statusOf(changes, { method: "GET" })).toBe(200);
  });

  it.each([
    ["another site's page", { origin: "http://evil.example" }],
    ["a page that sends no origin", { "sec-fetch-site": "cross-site" }],
    ["a name that was made to lead here", { host: "evil.example:80" }],
  ])("refuses %s", async (_who, headers) => {
    expect(await statusOf(places, { method: "POST", headers })).toBe(403);
    expect(await statusOf(changes, { method: "GET", headers })).toBe(403);
    expect(await statusOf(`${url}/api/auth.test`, { method: "POST", headers })).toBe(403);
  });

  it("lets no page onto its line to the app", async () => {
    const line = `${url}/?v=10&encoding=json`;
    await expect(socketTo(line, { origin: "https://evil.example" })).rejects.toThrow(
      /40[13]|hang up|ECONNRESET/,
    );
  });
});

it("lets the app onto the gateway of the pretend Discord", async () => {
  await expect(socketTo(`${discord.url}/?v=10&encoding=json`, {})).resolves.toBe("open");
});
