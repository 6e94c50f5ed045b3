import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, describe, expect, it, vi } from "vitest";

import { createKeyFile } from "../../src/store/key-file.ts";
import { openBench } from "./bench.ts";

vi.setConfig({ testTimeout: 60_000 });

const bench = openBench();
afterAll(() => bench.close());

describe("what cannot start", () => {
  it("in the sandbox says why, and leaves nothing running that would keep it from ending", async () => {
    const { code, stderr } = await bench.run(["start", "--port", "0", "--no-open"], {
      REDIS_URL: "redis://127.0.0.1:1",
    });
    expect(code).toBe(69);
    expect(stderr).toContain("Redis does not answer at REDIS_URL.");
  });

  it("with another installation's keyring seals nothing with it", async () => {
    expect((await bench.run(["agency", "list"])).code).toBe(0);
    const file = join(bench.data, "keyring.json");
    const right = readFileSync(file);
    const other = join(bench.data, "other.json");
    createKeyFile(other);
    writeFileSync(file, readFileSync(other));
    const { code, stderr } = await bench.run(["agency", "list"]);
    expect(code).toBe(78);
    expect(stderr).toContain("is not the one this database was run with");
    writeFileSync(file, right);
    expect((await bench.run(["agency", "list"])).code).toBe(0);
  });

  it("on a folder that cannot be written to says so", async () => {
    const { code, stderr } = await bench.run(["agency", "list"], { ALLPOINTS_DATA: "/dev/null/data" });
    expect(code).toBe(78);
    expect(stderr).toContain("Set ALLPOINTS_DATA to a folder");
  });
});
