import { spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";

import { stopChild, supervise, type Supervised } from "../../src/cli-sandbox-roles.ts";
import { openBench, type Bench } from "./bench.ts";
import { leftOf } from "./left.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let bench: Bench;
beforeEach(() => {
  bench = openBench();
});
afterEach(() => bench.close());

/** The bot, with a Slack that is never asked anything. */
function superviseBot(onRestart: () => Promise<void>): Promise<Supervised> {
  const env = {
    PATH: process.env["PATH"],
    ALLPOINTS_DATA: bench.data,
    SLACK_SIGNING_SECRET: "not-asked-for",
    SLACK_API_URL: "http://127.0.0.1:1/api/",
    PORT: "0",
    HEALTH_PORT: "0",
    LOG_LEVEL: "error",
    NODE_COMPILE_CACHE: join(tmpdir(), "allpoints-test-compiled"),
  };
  return supervise({ role: "bot", env, ground: Promise.resolve(), onRestart });
}

describe("a supervised process", () => {
  it("that is being started again when all is stopped ends too, whoever is still being told of it", async () => {
    const up = Promise.withResolvers<void>();
    const bot = await superviseBot(() => {
      up.resolve();
      return new Promise(() => {});
    });
    await bot.kill();
    await up.promise;
    expect(bot.standing()).toMatchObject({ state: "restarting", restarts: 0 });
    expect(leftOf(bench.data)).not.toEqual([]);
    await bot.stop();
    expect(leftOf(bench.data)).toEqual([]);
  });
});

describe("a process that is asked to end", () => {
  const deaf = `process.on("SIGTERM", () => console.log("heard")); setInterval(() => {}, 1000); console.log("up");`;

  it("and does not, is ended when patience is over", async () => {
    const child = spawn(process.execPath, ["-e", deaf], { stdio: ["ignore", "pipe", "ignore"] });
    onTestFinished(() => void child.kill("SIGKILL"));
    await once(child.stdout, "data");
    const heard = once(child.stdout, "data");
    const stopped = stopChild(child, 500);
    expect(String(await heard)).toContain("heard");
    await stopped;
    expect(child.signalCode).toBe("SIGKILL");
  });
});
