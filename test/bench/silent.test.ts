import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { distance, farthestByChance } from "../../bench/silent/kolmogorov.ts";
import { people } from "../../bench/silent/people.ts";

const sample = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 60 });

describe("the distance of two samples", () => {
  it("is the farthest that their shares below any value are apart", () => {
    const share = (values: readonly number[], at: number) =>
      values.filter((value) => value <= at).length / values.length;
    fc.assert(
      fc.property(sample, sample, (one, other) => {
        const apart = Array.from({ length: 21 }, (_none, at) => Math.abs(share(one, at) - share(other, at)));
        expect(distance(one, other)).toBeCloseTo(Math.max(...apart), 10);
      }),
    );
  });

  it("of a thousand values each is hardly ever more than 0.061 by chance", () => {
    expect(farthestByChance(1_000, 1_000)).toBeCloseTo(0.0607, 4);
  });
});

describe("the people of the silent bench", () => {
  it("share no whole name between the kinds, and are the same every time", () => {
    const size = { listed: 200, hidden: 100, unknown: 100 };
    const cast = people(7, size);
    expect(people(7, size)).toEqual(cast);
    const names = Object.values(cast)
      .flat()
      .map(({ name }) => name);
    expect(new Set(names).size).toBe(400);
  });
});
