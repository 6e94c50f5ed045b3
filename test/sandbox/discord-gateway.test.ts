import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

import { afterEach, beforeEach, expect, test } from "vitest";
import { WebSocket } from "ws";

import type { Stage } from "./discord-stage.ts";
import { application, bot, desk, diaz, guild, openStage, token } from "./discord-stage.ts";

let stage: Stage;
const sockets: WebSocket[] = [];
beforeEach(async () => {
  stage = await openStage();
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await stage.close();
});

interface Frame {
  readonly op: number;
  readonly t?: string;
  readonly s?: number;
  readonly d: Record<string, unknown>;
}

/** A bare connection: every frame it hears, and the code it is closed with. */
function dial(query = "?v=10&encoding=json") {
  const socket = new WebSocket(`${stage.platform.url.replace("http", "ws")}/${query}`);
  sockets.push(socket);
  const frames: Frame[] = [];
  const waiting: { readonly wanted: (frame: Frame) => boolean; readonly resolve: (frame: Frame) => void }[] =
    [];
  socket.on("message", (raw: Buffer) => {
    const frame = JSON.parse(raw.toString("utf8")) as Frame;
    frames.push(frame);
    for (const { resolve } of waiting.filter(({ wanted }) => wanted(frame))) resolve(frame);
  });
  const hear = (wanted: (frame: Frame) => boolean): Promise<Frame> => {
    const heard = frames.find(wanted);
    return heard ? Promise.resolve(heard) : new Promise((resolve) => waiting.push({ wanted, resolve }));
  };
  const say = (op: number, d: unknown): void => socket.send(JSON.stringify({ op, d }));
  const closed = once(socket, "close").then(([code]) => Number(code));
  return { socket, frames, hear, say, closed };
}

const event = (name: string) => (frame: Frame) => frame.t === name;
const identity = { token, intents: 1, properties: {} };

test("a client hears of its guilds after it identified", async () => {
  const { hear, say, frames } = dial();
  await hear(({ op }) => op === 10);
  say(1, null);
  await hear(({ op }) => op === 11);
  say(2, identity);
  const { d } = await hear(event("GUILD_CREATE"));
  expect(frames.find(event("READY"))?.d).toMatchObject({
    v: 10,
    guilds: [{ id: guild, unavailable: true }],
    user: { id: bot },
  });
  expect(d).toMatchObject({ id: guild, channels: [{ id: desk }] });
});

test.each([
  ["a wrong token", { op: 2, d: { ...identity, token: "other" } }, 4004],
  ["a privileged intent", { op: 2, d: { ...identity, intents: 1 | (1 << 15) } }, 4014],
  ["an unknown intent", { op: 2, d: { ...identity, intents: 2 ** 30 } }, 4013],
  ["a shard beyond the last", { op: 2, d: { ...identity, shard: [2, 2] } }, 4010],
  ["another word before identifying", { op: 3, d: {} }, 4003],
])("%s closes the connection", async (_name, { op, d }, code) => {
  const { hear, say, closed } = dial();
  await hear((frame) => frame.op === 10);
  say(op, d);
  expect(await closed).toBe(code);
});

test("another version of the gateway is not spoken", async () => {
  expect(await dial("?v=9&encoding=json").closed).toBe(4012);
});

test("what happened during a lost connection arrives when the session resumes", async () => {
  const first = dial();
  await first.hear(({ op }) => op === 10);
  first.say(2, identity);
  const { s: seq } = await first.hear(event("GUILD_CREATE"));
  const session = first.frames.find(event("READY"))?.d["session_id"];
  first.socket.terminate();
  await first.closed;
  await stage.people.changeChannel({ workspace: guild, id: desk, name: "new-desk" });

  const second = dial();
  await second.hear(({ op }) => op === 10);
  second.say(6, { token, session_id: session, seq });
  await second.hear(event("RESUMED"));
  expect(second.frames.find(event("CHANNEL_UPDATE"))?.d).toMatchObject({ id: desk, name: "new-desk" });
});

test("a session that was given up cannot be resumed", async () => {
  const first = dial();
  await first.hear(({ op }) => op === 10);
  first.say(2, identity);
  const { s: seq } = await first.hear(event("GUILD_CREATE"));
  const session = first.frames.find(event("READY"))?.d["session_id"];
  first.socket.close(1_000);
  await first.closed;
  const second = dial();
  await second.hear(({ op }) => op === 10);
  second.say(6, { token, session_id: session, seq });
  expect(await second.hear(({ op }) => op === 9)).toMatchObject({ d: false });
});

test("the real client hears of kicks, deleted channels and new ones", async () => {
  const client = await stage.connect();
  const heard: string[] = [];
  client.on("channelCreate", ({ name }) => heard.push(`created ${name}`));
  client.on("channelDelete", ({ id }) => heard.push(`deleted ${id}`));
  const kicked = new Promise<string>((resolve) => client.once("guildDelete", ({ id }) => resolve(id)));
  await stage.people.addChannel({
    workspace: guild,
    id: "400000000000000002",
    name: "bulletins",
    members: [diaz],
  });
  await stage.people.changeChannel({ workspace: guild, id: desk, archived: true });
  await stage.people.removeApp({ workspace: guild });
  expect(await kicked).toBe(guild);
  expect(heard).toEqual(["created bulletins", `deleted ${desk}`]);
  expect(
    await stage.people.type({ workspace: guild, user: diaz, channel: "400000000000000002", line: "/tip" }),
  ).toMatchObject({ kind: "error" });
});

test("as its own process it says where it is, and ends with whoever started it", async () => {
  const options = JSON.stringify({ applicationId: application, token, botUser: bot });
  const child = spawn(process.execPath, ["sandbox/discord/main.ts", options], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const { url } = JSON.parse(line) as { url: string };
  expect(await (await fetch(`${url}/_pretend/calls`, { method: "POST" })).json()).toEqual([]);
  child.stdin.end();
  expect(await once(child, "exit")).toEqual([0, null]);
});
