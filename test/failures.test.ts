import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";
import { z } from "zod";

import { otherChaos, points } from "./chaos/points.ts";

// Everything that can go wrong with a delivery, each with the invariants it endangers and the one test that owns it.

const registry = z
  .array(
    z.strictObject({
      id: z.string(),
      what: z.string().min(10),
      invariants: z.array(z.string().regex(/^I([1-9]|1[0-2])$/)).min(1),
      /** Where the crash matrix brings it about. */
      points: z.array(z.enum(points)),
      /** "test/….test.ts > the test's own name", or "chaos: " and a point or what else befalls a system. */
      owner: z.string(),
    }),
  )
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, "failures.json"), "utf8")));

const MOST = 27;
const root = join(import.meta.dirname, "..");

describe("the registry of failures", () => {
  it("has every failure, once and in order", () => {
    expect(registry.map(({ id }) => id)).toEqual(Array.from({ length: MOST }, (_, nr) => `F${nr + 1}`));
  });

  it.each(registry)("$id ($what) has an owner that exists", ({ owner }) => {
    expect(ownerProblem(owner)).toBeUndefined();
  });

  it("an owner that is not there is noticed", () => {
    expect(ownerProblem("test/failures.test.ts > no such test")).toBe("no such test");
    expect(ownerProblem("test/no-such.test.ts > a test")).toBe("no such file");
    expect(ownerProblem("chaos: nowhere")).toBe("no such chaos");
    expect(ownerProblem("somebody")).toBe("no owner");
  });

  it("every crash point of the matrix is there for a failure", () => {
    expect(points.filter((point) => !registry.some((failure) => failure.points.includes(point)))).toEqual([]);
  });

  it("a failure that a crash point owns names that point", () => {
    const wrong = registry.filter(({ owner, points: own }) => {
      const point = points.find((one) => owner === `chaos: ${one}`);
      return point !== undefined && !own.includes(point);
    });
    expect(wrong).toEqual([]);
  });

  it("a test that says it is a failure's owner is named as that", () => {
    const source = readFileSync(join(root, "test/chaos/failures.test.ts"), "utf8");
    const claimed = [...source.matchAll(/\bit\("(F\d+): /g)].map(([, id]) => id);
    const owned = registry.filter(({ owner }) => owner.startsWith("test/chaos/failures.test.ts > "));
    expect(claimed).toEqual(owned.map(({ id }) => id));
  });
});

function ownerProblem(owner: string): string | undefined {
  const [, chaos] = /^chaos: (.+)$/.exec(owner) ?? [];
  if (chaos !== undefined)
    return [...points, ...otherChaos].includes(chaos as never) ? undefined : "no such chaos";
  const [, file, name] = /^(test\/\S+\.test\.ts) > (.+)$/.exec(owner) ?? [];
  if (file === undefined || name === undefined) return "no owner";
  if (!existsSync(join(root, file))) return "no such file";
  const source = readFileSync(join(root, file), "utf8");
  const called =
    source.includes(`it(${JSON.stringify(name)}`) || source.includes(`test(${JSON.stringify(name)}`);
  return called ? undefined : "no such test";
}
