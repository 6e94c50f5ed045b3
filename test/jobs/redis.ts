import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

import { Redis } from "ioredis";

export interface TestRedis {
  readonly url: string;
  readonly flush: () => Promise<void>;
  /** It stands still: connections stay open, and nothing is answered until the returned function is called. */
  readonly freeze: () => () => void;
  /** As if its machine had gone: it is not there any more. */
  readonly kill: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const installed = spawnSync("redis-server", ["--version"]).status === 0;
const required = process.env["CI"] !== undefined || process.env["REQUIRE_REDIS"] !== undefined;
/** Where Redis is required its absence fails; elsewhere its tests are skipped, with a word on how to run them. */
export const haveRedis = installed || required;
export const withoutRedis = "redis-server is not there: apt-get install redis-server";

/** A server of the test file's own, in memory, on loopback. */
export async function startRedis(): Promise<TestRedis> {
  if (!installed) throw new Error(withoutRedis);
  const port = await freePort();
  const options = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
  const server = spawn("redis-server", options, { stdio: "ignore", cwd: "/tmp" });
  const url = `redis://127.0.0.1:${port}`;
  const client = await connect(url);
  const end = async (signal: "SIGTERM" | "SIGKILL") => {
    client.disconnect();
    if (server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, "exit");
    server.kill(signal);
    await exited;
  };
  return {
    url,
    async flush() {
      await client.flushall();
    },
    freeze() {
      server.kill("SIGSTOP");
      return () => void server.kill("SIGCONT");
    },
    kill: () => end("SIGKILL"),
    stop: () => end("SIGTERM"),
  };
}

async function connect(url: string, triesLeft = 100): Promise<Redis> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
  client.on("error", () => {});
  try {
    await client.connect();
    return client;
  } catch (error) {
    client.disconnect();
    if (triesLeft === 0) throw error;
    await wait(50);
    return connect(url, triesLeft - 1);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
