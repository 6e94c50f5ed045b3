import { dirname } from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { atTerminal, until } from "./at-terminal.ts";
import { openBench, type Bench } from "./bench.ts";
import { leftOf } from "./left.ts";

vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 });

let bench: Bench;
beforeEach(() => {
  bench = openBench();
});
afterEach(() => bench.close());

/** The folder of the settings; the sandbox keeps its data in one below it. */
const settled = (): string => dirname(bench.data);

describe("a pretend platform that dies", () => {
  it.each([
    {
      platform: "slack",
      args: ["--port", "0", "--no-open"],
      when: "everything ready",
      name: "when all is ready",
    },
    {
      platform: "discord",
      args: ["--port", "0", "--no-open"],
      when: "sandbox: http",
      name: "during the start",
    },
    { platform: "slack", args: ["--once"], when: "1 Who is here", name: "during the story" },
  ] as const)("$name is told of, and all that is left ends in order", async ({ platform, args, when }) => {
    const sandbox = atTerminal(settled(), args);
    await until(() => sandbox.stdout().includes(when));
    process.kill(sandbox.platform(platform), "SIGKILL");
    const { code, stderr } = await sandbox.closed;
    expect(code).toBe(70);
    expect(stderr.trim().split("\n").slice(-2)).toEqual([
      `The pretend ${platform} ended by itself, and everything that was said there with it.`,
      "Start again: npm start",
    ]);
    expect(stderr).not.toContain("    at ");
    expect(leftOf(dirname(settled()))).toEqual([]);
  });
});
