import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

import { Redis } from "ioredis";

export interface RedisServer {
  /** A numbered database of it. */
  readonly url: (database?: number) => string;
  readonly kill: () => Promise<void>;
  /** Again on the same port, empty. */
  readonly start: () => Promise<void>;
  readonly flush: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** A Redis that keeps nothing on disk. */
export async function startRedis(): Promise<RedisServer> {
  const port = await freePort();
  const launch = () =>
    spawn(
      "redis-server",
      `--port ${port} --bind 127.0.0.1 --databases 2000 --appendonly no`.split(" ").concat("--save", ""),
      { stdio: "ignore", cwd: "/tmp" },
    );
  let server = launch();
  // Also where this process ends by a mistake of its own.
  process.once("exit", () => server.kill("SIGKILL"));
  await answers(port);
  const end = async (signal: "SIGKILL" | "SIGTERM") => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const gone = once(server, "exit");
    server.kill(signal);
    await gone;
  };
  return {
    url: (database = 0) => `redis://127.0.0.1:${port}/${database}`,
    kill: () => end("SIGKILL"),
    async start() {
      server = launch();
      await answers(port);
    },
    flush: () => withClient(port, async (client) => void (await client.flushall())),
    stop: () => end("SIGTERM"),
  };
}

async function answers(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    try {
      // oxlint-disable-next-line no-await-in-loop
      await withClient(port, async (client) => void (await client.ping()));
      return;
    } catch {
      // oxlint-disable-next-line no-await-in-loop
      await wait(50);
    }
  }
  throw new Error("redis-server does not answer: apt-get install redis-server");
}

async function withClient(port: number, work: (client: Redis) => Promise<void>): Promise<void> {
  const client = new Redis({ port, host: "127.0.0.1", lazyConnect: true, retryStrategy: () => null });
  client.on("error", () => {});
  try {
    await client.connect();
    await work(client);
  } finally {
    client.disconnect();
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
