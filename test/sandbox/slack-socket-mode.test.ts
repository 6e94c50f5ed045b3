import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

import { App, SocketModeReceiver } from "@slack/bolt";
import { afterEach, describe, expect, it } from "vitest";

import { diaz, formIn, messageIn, openTown, silent, tipView } from "./slack-town.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

describe("Socket Mode", () => {
  it("brings commands, answers and forms over a socket, and nothing without one", async () => {
    const town = await openTown({ appToken: "xapp-1" });
    closing.push(town.close);
    const { api } = town;
    expect(await api.type({ ...diaz, line: "/tip" })).toMatchObject({
      text: expect.stringContaining("dispatch_failed"),
    });

    const slackApiUrl = `${town.url}/api/`;
    const receiver = new SocketModeReceiver({
      appToken: "xapp-1",
      logger: silent,
      installerOptions: { clientOptions: { slackApiUrl } },
    });
    const app = new App({
      receiver,
      convoStore: false,
      logger: silent,
      authorize: async () => ({ botToken: "xoxb-1", botId: "B0BOT", botUserId: "U0BOT" }),
      clientOptions: { slackApiUrl },
    });
    app.command("/watch", ({ ack }) => ack("Nothing to show."));
    app.command("/tip", async ({ ack, client, command }) => {
      await ack();
      await client.views.open({ trigger_id: command.trigger_id, view: tipView });
    });
    app.view("tip", ({ ack }) => ack({ response_action: "errors", errors: { said: "More, please." } }));
    await app.start();
    closing.push(() => app.stop());

    expect(messageIn(await api.type({ ...diaz, line: "/watch" })).lines).toEqual(["Nothing to show."]);
    const opened = formIn(await api.type({ ...diaz, line: "/tip" }));
    const refused = await api.submit({ workspace: "T1", user: "U1", form: opened.id, values: { said: "x" } });
    expect(formIn(refused).fields[0]?.problem).toBe("More, please.");
    expect(await api.calls({ method: "apps.connections.open" })).toHaveLength(1);
  });
});

describe("a connection", () => {
  it("needs a ticket, is greeted, and is asked to come back", async () => {
    const town = await openTown({ appToken: "xapp-1" });
    closing.push(town.close);
    const answer = await fetch(`${town.url}/api/apps.connections.open`, {
      method: "POST",
      headers: { authorization: "Bearer xapp-1" },
    });
    const { url } = JSON.parse(await answer.text());
    const heard: unknown[] = [];
    const socket = new WebSocket(url);
    socket.addEventListener("message", ({ data }) => void heard.push(JSON.parse(String(data))));
    await expect.poll(() => heard).toMatchObject([{ type: "hello", num_connections: 1 }]);

    const again = new WebSocket(url);
    await once(again, "error");
    await fetch(`${town.url}/_pretend/refreshSockets`, { method: "POST" });
    await expect.poll(() => heard).toMatchObject([{}, { type: "disconnect", reason: "refresh_requested" }]);
    await expect.poll(() => socket.readyState).toBe(WebSocket.CLOSED);
  });
});

describe("the pretend Slack as its own process", () => {
  it("says where it is and goes when its parent goes", async () => {
    const options = JSON.stringify({ signingSecret: "secret" });
    const child = spawn(process.execPath, ["sandbox/slack/main.ts", options], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    closing.push(async () => child.kill());
    const lines = createInterface({ input: child.stdout });
    const [line] = await once(lines, "line");
    const { url } = JSON.parse(String(line));
    const answer = await fetch(`${url}/api/api.test`, {
      method: "POST",
      headers: { authorization: "Bearer x" },
    });
    expect(await answer.json()).toMatchObject({ error: "invalid_auth" });

    const gone = once(child, "exit");
    child.stdin.end();
    expect(await gone).toEqual([0, null]);
  });
});
