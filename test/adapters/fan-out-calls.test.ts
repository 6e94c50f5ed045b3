import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

import { afterEach, describe, expect, it } from "vitest";

import { discordAdapter } from "../../adapters/discord/discord-adapter.ts";
import { slackAdapter } from "../../adapters/slack/slack-adapter.ts";
import type { ChatAdapter, Installation, SendOutcome } from "../../src/chat.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

async function listening(listener: RequestListener) {
  const sockets: unknown[] = [];
  const server = createServer(listener).on("connection", (socket) => sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });
  return { root: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/api/`, sockets };
}

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const installations = { find: async () => undefined };
const subjects: readonly {
  readonly name: "slack" | "discord";
  readonly made: object;
  readonly open: (apiBaseUrl: string) => ChatAdapter;
}[] = [
  {
    name: "slack",
    made: { ok: true, channel: "C1", ts: "1.1" },
    open: () =>
      slackAdapter({
        signingSecret: "s",
        mode: { kind: "http", port: 0, host: "127.0.0.1" },
        installations,
        log: quiet,
      }),
  },
  {
    name: "discord",
    made: { id: "800000000000000001" },
    open: (apiBaseUrl) =>
      discordAdapter({
        token: "t",
        application: "400000000000000001",
        apiBaseUrl,
        installations,
        log: quiet,
      }),
  },
];

describe.each(subjects)("a fan-out over $name", ({ name, made, open }) => {
  const sending = (root: string) => {
    const adapter = open(root);
    const installation: Installation = {
      id: "1",
      platform: name,
      workspace: "500000000000000001",
      application: "400000000000000001",
      botUser: "400000000000000001",
      token: "t",
      apiBaseUrl: root,
      environment: "commercial",
    };
    return async (index: number): Promise<SendOutcome> =>
      adapter.post(installation, {
        to: {
          platform: name,
          workspace: installation.workspace,
          channel: String(600_000_000_000_000_000n + BigInt(index)),
        },
        card: { headline: "B-1", blocks: [] },
        key: String(index),
      });
  };

  it("holds no send back behind others", async () => {
    const waiting: (() => void)[] = [];
    const { root } = await listening((request, response) => {
      request.resume();
      waiting.push(() => {
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(made));
      });
      // Nobody is answered before everybody has asked.
      if (waiting.length === 150) for (const answer of waiting) answer();
    });
    const send = sending(root);
    const outcomes = await Promise.all(Array.from({ length: 150 }, async (_, index) => send(index)));
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(["sent"]));
  });

  it("uses its connections again", async () => {
    const { root, sockets } = await listening((request, response) => {
      request.resume();
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(made));
    });
    const send = sending(root);
    const indexes = Array.from({ length: 300 }, (_, index) => index).values();
    const inTurn = async () => {
      for (const index of indexes) expect(await send(index)).toMatchObject({ kind: "sent" });
    };
    await Promise.all(Array.from({ length: 10 }, inTurn));
    expect(sockets.length).toBeLessThanOrEqual(30);
  });
});
