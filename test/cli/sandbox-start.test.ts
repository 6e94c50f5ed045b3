import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";

import { portRefused } from "../../src/cli-sandbox-page.ts";
import { markRunning, refuseSecond } from "../../src/cli-sandbox-running.ts";
import { headStart } from "../../src/cli-sandbox-since.ts";
import { openBench, type Bench } from "./bench.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let bench: Bench;
beforeEach(() => {
  bench = openBench();
});
afterEach(() => bench.close());

describe("a second sandbox on the same data", () => {
  it("is refused from the first one's page on, long before everything is ready", async () => {
    const first = bench.spawn(["start", "--port", "0", "--no-open"]);
    onTestFinished(() => void first.kill("SIGKILL"));
    const closed = once(first, "close");
    // oxlint-disable-next-line no-await-in-loop
    while (!existsSync(join(bench.data, "running.json"))) await wait(5);
    expect(existsSync(join(bench.data, "pg"))).toBe(false);
    const { code, stderr } = await bench.run(["start", "--port", "0", "--no-open"]);
    expect(code).toBe(69);
    expect(stderr).toMatch(/^A sandbox is running on this data already: http:\/\/127\.0\.0\.1:\d+$/m);
    first.kill("SIGTERM");
    expect(await closed).toEqual([0, null]);
  });

  it("is none where what the first one wrote cannot be read, or nobody runs", async () => {
    const where = { page: "http://127.0.0.1:1", slack: "http://127.0.0.1:2", discord: "http://127.0.0.1:3" };
    const file = join(bench.data, "running.json");
    refuseSecond(bench.data);
    await markRunning(bench.data, where);
    expect(() => refuseSecond(bench.data)).toThrow("A sandbox is running on this data already");
    const whole = readFileSync(file, "utf8");
    for (const text of ["", whole.slice(0, -20), "[]", whole.replace(/"\d+\./, '"4194305.')]) {
      writeFileSync(file, text);
      refuseSecond(bench.data);
    }
  });
});

it("a folder in which nothing can be kept is refused with a sentence", async () => {
  const settings = { ALLPOINTS_DATA: "/dev/null/data" };
  const { code, stdout, stderr } = await bench.run(["start", "--port", "0", "--no-open"], settings);
  expect({ code, stdout }).toEqual({ code: 78, stdout: "" });
  expect(stderr.trim().split("\n")).toEqual([
    "The data folder /dev/null/data/sandbox cannot be used (ENOTDIR).",
    "Set ALLPOINTS_DATA to a folder that the bot may make or write to.",
  ]);
});

describe("a database of DATABASE_URL", () => {
  it.each([["--no-open"], ["--once"]])("is never the sandbox's (start %s)", async (option) => {
    const { code, stdout, stderr } = await bench.run(["start", "--port", "0", option], {
      DATABASE_URL: "postgres://owner:hush@127.0.0.1:1/real",
    });
    expect({ code, stdout }).toEqual({ code: 78, stdout: "" });
    expect(stderr.trim().split("\n")).toEqual([
      "The sandbox does not run on the database of DATABASE_URL: it would fill it with pretend agencies.",
      "Set the platform's tokens, or unset DATABASE_URL to try the sandbox.",
    ]);
  });
});

describe("a port that cannot be had", () => {
  const because = (code: string) => Object.assign(new Error(`listen ${code}`), { code });

  it.each([
    { code: "EADDRINUSE", port: 4600, says: "Port 4600 is in use", other: "4601" },
    { code: "EADDRINUSE", port: 65_535, says: "Port 65535 is in use", other: "4600" },
    { code: "EACCES", port: 80, says: "Port 80 is not for programs of this user", other: "4600" },
  ])("($code, $port) is explained, with one that may do", ({ code, port, says, other }) => {
    const refused = portRefused(because(code), port);
    expect(refused).toMatchObject({
      exitCode: 69,
      message: expect.stringContaining(says),
      fix: expect.stringMatching(new RegExp(`npm start -- --port ${other}$`)),
    });
  });

  it("for a reason of which we know nothing is not", () => {
    expect(portRefused(because("EMFILE"), 4600)).toBeUndefined();
  });
});

describe("npm's head start", () => {
  const stat = (name: string, ticks: number) =>
    `41 (${name}) S 1 41 41 0 -1 4194304 9 0 0 0 31 7 0 0 20 0 11 0 ${ticks} 12582912 901 18446744073709551615\n`;
  const own = { stat: stat("node", 5_050) };

  it.each([
    ["npm start", "npm start", 0.85],
    // A name may look like the fields that follow it.
    ["npm run allpoints start", "x) S 1 (y) 9", 0.85],
    ["npm", "npm", 0.85],
  ])("is counted where the parent is %s", (commandLine, name, ahead) => {
    expect(headStart({ commandLine, stat: stat(name, 4_965) }, own)).toBeCloseTo(ahead, 5);
  });

  it.each([
    ["another program", { commandLine: "/bin/bash\0npm.sh\0", stat: stat("bash", 4_965) }],
    ["one that began after us", { commandLine: "npm start", stat: stat("npm start", 5_051) }],
    ["one that cannot be read", { commandLine: "npm start", stat: "" }],
  ])("is not where the parent is %s", (_, parent) => {
    expect(headStart(parent, own)).toBeUndefined();
  });
});

describe("npm's scripts", () => {
  const { scripts } = JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8")) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  const entry = join(import.meta.dirname, "../../src/cli.ts");

  it.each([
    ["start", ["--roles", "bot"]],
    ["allpoints", ["agency", "list"]],
  ])("%s reads .env where there is one, and says nothing where there is none", (name, args) => {
    const folder = dirname(dirname(bench.data));
    const script = (scripts[name] ?? "").replace("src/cli.ts", entry);
    const run = (more: readonly string[]) =>
      spawnSync("sh", ["-c", `${script} "$@"`, "sh", ...more], {
        cwd: folder,
        env: {
          PATH: process.env["PATH"],
          NODE_COMPILE_CACHE: join(tmpdir(), "allpoints-test-compiled"),
          // Or a script that reads no file would start a sandbox here.
          DATABASE_URL: "postgres://owner@127.0.0.1:1/real",
        },
        encoding: "utf8",
      });
    expect(run(["--help"])).toMatchObject({ status: 0, stderr: "" });
    writeFileSync(join(folder, ".env"), "PORT=harbour\n");
    expect(run(args)).toMatchObject({ status: 78, stderr: expect.stringContaining("PORT is not usable") });
  });
});
