import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { setTimeout as wait } from "node:timers/promises";

import { Redis } from "ioredis";

export interface RedisServer {
  readonly url: string;
  /** One of its numbered databases. */
  readonly database: (nr: number) => string;
  readonly flush: () => Promise<void>;
  /** It stands still: connections stay open, and nothing is answered until the returned function is called. */
  readonly freeze: () => () => void;
  /** As if its machine had gone: it is not there any more. */
  readonly kill: () => Promise<void>;
  /** Again on the same port, empty. */
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const DATABASES = 2_000;

const installed = spawnSync("redis-server", ["--version"]).status === 0;
const required = process.env["CI"] !== undefined || process.env["REQUIRE_REDIS"] !== undefined;
/** Where Redis is required its absence fails; elsewhere its tests are skipped, with a word on how to run them. */
export const haveRedis = installed || required;
export const withoutRedis = "redis-server is not there: apt-get install redis-server";

/** A server of the caller's own, on loopback, that keeps nothing on disk. */
export async function startRedis(): Promise<RedisServer> {
  if (!installed) throw new Error(withoutRedis);
  const port = await freePort();
  const options = `--port ${port} --bind 127.0.0.1 --databases ${DATABASES} --appendonly no --save`.split(
    " ",
  );
  const launch = () => spawn("redis-server", [...options, ""], { stdio: "ignore", cwd: tmpdir() });
  let server = launch();
  // Also where this process ends by a mistake of its own.
  process.once("exit", () => server.kill("SIGKILL"));
  const url = `redis://127.0.0.1:${port}`;
  await answers(url);
  const end = async (signal: "SIGTERM" | "SIGKILL") => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const gone = once(server, "exit");
    server.kill(signal);
    await gone;
  };
  return {
    url,
    database: (nr) => `${url}/${nr}`,
    flush: () => withClient(url, async (client) => void (await client.flushall())),
    freeze() {
      const frozen = server;
      frozen.kill("SIGSTOP");
      return () => void frozen.kill("SIGCONT");
    },
    kill: () => end("SIGKILL"),
    async start() {
      server = launch();
      await answers(url);
    },
    stop: () => end("SIGTERM"),
  };
}

async function answers(url: string, triesLeft = 100): Promise<void> {
  try {
    await withClient(url, async (client) => void (await client.ping()));
  } catch (error) {
    if (triesLeft === 0) throw error;
    await wait(50);
    await answers(url, triesLeft - 1);
  }
}

async function withClient(url: string, work: (client: Redis) => Promise<void>): Promise<void> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
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
