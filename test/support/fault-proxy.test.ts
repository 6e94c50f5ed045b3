import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";

import { Client } from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";

import { superuser } from "./database.ts";
import { openFaultProxy, type FaultProxy } from "./fault-proxy.ts";

const clients: Socket[] = [];
const served: Socket[] = [];
let closeEcho: () => Promise<unknown>;
let proxy: FaultProxy;

beforeEach(async () => {
  const echo = createServer((socket) => {
    served.push(socket);
    socket.on("error", () => {}).pipe(socket);
  });
  echo.listen(0, "127.0.0.1");
  await once(echo, "listening");
  const address = echo.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  closeEcho = async () => {
    for (const socket of served.splice(0)) socket.destroy();
    echo.close();
  };
  proxy = await openFaultProxy({ to: { host: "127.0.0.1", port: address.port } });
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await proxy.close();
  await closeEcho();
});

async function enter(): Promise<Socket> {
  const client = connect(proxy.port, proxy.host);
  clients.push(client);
  await once(client, "connect");
  return client;
}

/** With what code the connection breaks. */
function broken(client: Socket): Promise<unknown> {
  return new Promise((resolve) => {
    client.on("error", (error: NodeJS.ErrnoException) => resolve(error.code));
  });
}

/** What comes back within a moment, or the code of the error that came instead. */
async function say(client: Socket, words: string): Promise<string> {
  const heard = Promise.withResolvers<string>();
  const timer = setTimeout(() => heard.resolve("nothing"), 150);
  client.once("data", (bytes) => heard.resolve(bytes.toString()));
  client.once("error", (error: NodeJS.ErrnoException) => heard.resolve(error.code ?? error.message));
  client.write(words);
  const answer = await heard.promise;
  clearTimeout(timer);
  return answer;
}

test("passes on what both sides say, and that one hangs up", async () => {
  const client = await enter();
  client.end("hello");
  expect(await text(client)).toBe("hello");
});

test("refuses: nobody gets in and who was in is thrown out, until it passes again on the same port", async () => {
  const client = await enter();
  const thrownOut = broken(client);
  await proxy.set("refuse");
  expect(await thrownOut).toBe("ECONNRESET");
  await expect(enter()).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await proxy.set("refuse");
  await proxy.set("pass");
  expect(await say(await enter(), "again")).toBe("again");
});

test("resets who is in, and lets the next one in", async () => {
  const client = await enter();
  expect(await say(client, "hello")).toBe("hello");
  const thrownOut = broken(client);
  await proxy.set("reset");
  expect(await thrownOut).toBe("ECONNRESET");
  await expect.poll(() => served[0]?.destroyed).toBe(true);
  expect(await say(await enter(), "next")).toBe("next");
});

test("is a black hole for those who are in and those who come, until it passes on what was said", async () => {
  const before = await enter();
  expect(await say(before, "hello")).toBe("hello");
  await proxy.set("black-hole");
  const during = await enter();
  expect(await Promise.all([say(before, "a"), say(during, "b")])).toEqual(["nothing", "nothing"]);
  const heard = Promise.all([before, during].map(async (client) => String((await once(client, "data"))[0])));
  await proxy.set("pass");
  expect(await heard).toEqual(["a", "b"]);
});

test("delays both ways, and keeps the order when the delay ends", async () => {
  await proxy.set({ delayMs: 60 });
  const client = await enter();
  const began = performance.now();
  expect(await say(client, "hello")).toBe("hello");
  expect(performance.now() - began).toBeGreaterThanOrEqual(115);
  let heard = "";
  client.on("data", (bytes) => (heard += bytes.toString()));
  client.write("first ");
  await pause(20);
  await proxy.set("pass");
  client.write("second");
  await expect.poll(() => heard).toBe("first second");
});

test("stands before PostgreSQL's socket", async () => {
  const { host, port, ...rest } = superuser();
  const before = await openFaultProxy({ to: { host: host ?? "", port: port ?? 0 } });
  const client = new Client({ ...rest, host: before.host, port: before.port });
  const gone = new Promise((resolve) => client.on("error", resolve));
  await client.connect();
  expect((await client.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  await before.set("reset");
  expect(await gone).toBeInstanceOf(Error);
  await before.close();
});
