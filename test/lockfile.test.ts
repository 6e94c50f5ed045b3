import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { completed, missingFrom, type Lock } from "../scripts/complete-lock.ts";

const text = readFileSync(new URL("../package-lock.json", import.meta.url), "utf8");
const lock = JSON.parse(text) as Lock;
const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as Record<
  string,
  unknown
>;

describe("package-lock.json", () => {
  it("has every package that any other may need, so that npm ci accepts it everywhere: npm run lock", () => {
    expect(Object.keys(lock.packages).length).toBeGreaterThan(200);
    expect(missingFrom(lock)).toEqual([]);
  });

  it("names no registry", () => {
    const addresses = [
      ...text.matchAll(
        /"resolved":|(?:https?|git|ssh)[\w+]*:\/\/(?!opencollective\.com|github\.com\/sponsors)[^"]*/g,
      ),
    ];
    const funding = Object.values(lock.packages).flatMap((entry) => JSON.stringify(entry["funding"] ?? ""));
    expect(
      addresses.map(([found]) => found).filter((found) => !funding.some((each) => each.includes(found))),
    ).toEqual([]);
  });

  it("pins by integrity what this platform installs", () => {
    const unpinned = Object.entries(lock.packages).filter(
      ([at, entry]) => at !== "" && entry["integrity"] === undefined && entry["optional"] !== true,
    );
    expect(unpinned.map(([at]) => at)).toEqual([]);
  });

  it("is of this package.json", () => {
    const root: Record<string, unknown> = { ...lock.packages[""] };
    for (const field of ["dependencies", "optionalDependencies", "devDependencies", "engines"]) {
      expect(root[field], field).toEqual(manifest[field]);
    }
  });
});

describe("completing a lock", () => {
  const tool = { version: "2.0.0", resolved: "https://registry.example/tool.tgz", dev: true };
  const half: Lock = {
    lockfileVersion: 3,
    packages: {
      "": { devDependencies: { tool: "^2.0.0" } },
      "node_modules/tool": {
        ...tool,
        optionalDependencies: { "@tool/linux-x64-gnu": "2.0.0", "@tool/darwin-arm64": "2.0.0" },
      },
      "node_modules/@tool/linux-x64-gnu": { version: "2.0.0", optional: true },
    },
  };

  it("adds what is missing, for its platform alone, and takes addresses out", () => {
    expect(missingFrom(half).map(({ name }) => name)).toEqual(["@tool/darwin-arm64"]);
    const whole = completed(half);
    expect(whole.packages["node_modules/@tool/darwin-arm64"]).toEqual({
      version: "2.0.0",
      cpu: ["arm64"],
      dev: true,
      optional: true,
      os: ["darwin"],
    });
    expect(missingFrom(whole)).toEqual([]);
    expect(JSON.stringify(whole)).not.toContain("registry.example");
    expect(Object.keys(whole.packages)).toEqual([
      "",
      "node_modules/@tool/darwin-arm64",
      "node_modules/@tool/linux-x64-gnu",
      "node_modules/tool",
    ]);
  });

  it("changes nothing the second time", () => {
    expect(completed(completed(half))).toEqual(completed(half));
  });

  it("sees a package that lies beside its parent or further up, and one that lies elsewhere not", () => {
    const nested = (at: string): Lock => ({
      packages: {
        "node_modules/a/node_modules/b": { version: "1.0.0", dependencies: { c: "1.0.0" } },
        [at]: { version: "1.0.0" },
      },
    });
    expect(missingFrom(nested("node_modules/c"))).toEqual([]);
    expect(missingFrom(nested("node_modules/a/node_modules/c"))).toEqual([]);
    expect(missingFrom(nested("node_modules/d/node_modules/c"))).toHaveLength(1);
  });

  it("puts a second version of the same package under the one that needs it", () => {
    const two: Lock = {
      packages: {
        "node_modules/old": { version: "1.0.0", optionalDependencies: { "bin-linux-x64": "1.0.0" } },
        "node_modules/new": { version: "2.0.0", optionalDependencies: { "bin-linux-x64": "2.0.0" } },
      },
    };
    const { packages } = completed(two);
    expect(packages["node_modules/bin-linux-x64"]?.version).toBe("1.0.0");
    expect(packages["node_modules/new/node_modules/bin-linux-x64"]?.version).toBe("2.0.0");
  });

  it("does not make up what a package needs in earnest, or an inexact version", () => {
    expect(() => completed({ packages: { "": { dependencies: { gone: "1.0.0" } } } })).toThrow(
      "run npm install",
    );
    expect(() => completed({ packages: { "": { optionalDependencies: { gone: "^1.0.0" } } } })).toThrow(
      "run npm install",
    );
  });
});
