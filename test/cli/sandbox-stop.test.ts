import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

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

const names = (folder: string): readonly string[] => (existsSync(folder) ? readdirSync(folder) : []);

describe("Ctrl-C", () => {
  it("while the database is being made ends the start in order, and the next one works", async () => {
    const first = atTerminal(settled(), ["--port", "0", "--no-open"]);
    // A folder with something in it: initdb is at work.
    const made = () => names(bench.data).find((name) => /^pg\.new-.*(?<!\.password)$/.test(name));
    await until(() => names(join(bench.data, made() ?? "nothing yet")).length > 0);
    expect(await first.interrupt()).toEqual({ code: 0, stderr: "Stopping…\n" });
    expect(first.stdout()).not.toContain("everything ready");
    expect(leftOf(bench.data)).toEqual([]);
    expect(names(bench.data).filter((name) => name.includes(".new-"))).toEqual([]);
    expect(await bench.run(["agency", "list"])).toMatchObject({ code: 0, stderr: "" });
  });

  it("while people move in leaves nobody waiting", async () => {
    const first = atTerminal(settled(), ["--port", "0", "--no-open"]);
    await until(() => /^Allpoints' sandbox: /m.test(first.stdout()));
    const url = /http:\S+/.exec(first.stdout())?.[0] ?? "";
    const page = async (): Promise<string> => (await fetch(url)).text();
    // oxlint-disable-next-line no-await-in-loop
    while (!(await page()).includes("Everybody moves in")) await wait(20);
    expect(await first.interrupt()).toEqual({ code: 0, stderr: "Stopping…\n" });
    expect(first.stdout()).not.toContain("everything ready");
    expect(leftOf(bench.data)).toEqual([]);
  });

  it("in the middle of the story ends it soon, with everything it made", async () => {
    const story = atTerminal(settled(), ["--once"]);
    const folder = dirname(settled());
    await until(() => story.stdout().includes("1 Who is here"));
    expect(names(folder).filter((name) => name.startsWith("allpoints-once-"))).toHaveLength(1);
    const from = performance.now();
    expect(await story.interrupt()).toEqual({ code: 130, stderr: "Stopping…\n" });
    expect(performance.now() - from).toBeLessThan(15_000);
    expect(story.stdout()).not.toContain("Every step showed what it should.");
    expect(names(folder).filter((name) => name.startsWith("allpoints-once-"))).toEqual([]);
    expect(leftOf(folder)).toEqual([]);
  });
});
