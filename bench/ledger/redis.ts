import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

import { Redis } from "ioredis";

export interface OwnRedis {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** A Redis of the bench's own, that keeps nothing. */
export async function startRedis(folder: string): Promise<OwnRedis> {
  if (spawnSync("redis-server", ["--version"]).status !== 0) {
    throw new Error("There is no redis-server on this machine: apt-get install redis-server");
  }
  const port = await freePort();
  const options = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
  const server = spawn("redis-server", options, { stdio: "ignore", cwd: folder });
  await untilReady(port);
  return {
    url: `redis://127.0.0.1:${port}`,
    close: async () => {
      const exited = once(server, "exit");
      server.kill("SIGTERM");
      await exited;
    },
  };
}

async function untilReady(port: number, triesLeft = 100): Promise<void> {
  const client = new Redis({ port, lazyConnect: true, retryStrategy: () => null });
  client.on("error", () => {});
  try {
    await client.connect();
  } catch (error) {
    if (triesLeft === 0) throw error;
    await wait(50);
    return await untilReady(port, triesLeft - 1);
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
