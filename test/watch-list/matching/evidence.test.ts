import fc from "fast-check";
import { describe, expect, it } from "vitest";

import "../../support/properties.ts";
import { comparePair, type Compared } from "../../../bench/names/pair.ts";
import { assign } from "../../../src/watch-list/matching/assignment.ts";
import { dateNumber } from "../../../src/watch-list/matching/birth.ts";
import { emptyListed, emptyWeighed, weigh } from "../../../src/watch-list/matching/evidence.ts";
import { interpretationsOf, type Known } from "../../../src/watch-list/matching/interpretations.ts";
import { judge } from "../../../src/watch-list/matching/judgement.ts";
import { levels } from "../../../src/watch-list/matching/likeness.ts";
import { smooth, usualRarity } from "../../../src/watch-list/matching/rarity.ts";
import { scaleOf, traitsOf } from "../../../src/watch-list/matching/scale.ts";

interface Dates {
  readonly born?: readonly string[];
  readonly listed?: string;
}

function compared(query: string, list: string, { born = [], listed = "" }: Dates = {}): Compared {
  return comparePair({
    query,
    list,
    queryBorn: born.length === 0 ? undefined : { readings: born, years: 0 },
    listBorn: listed === "" ? 0 : dateNumber(listed),
  });
}

describe("what keeps a hit from being strong", () => {
  it.each([
    ["nothing", "Jonathan Okonjo", "Jonathan Okonjo", [], "", "STRONG"],
    ["nothing, with the date", "Jon Smyth", "John Smith", ["1984-03-02"], "1984-03-02", "STRONG"],
    [
      "nothing, with the day and month swapped",
      "Jon Smyth",
      "John Smith",
      ["1984-03-02"],
      "1984-02-03",
      "STRONG",
    ],
    ["a usual name without a date", "John Smith", "John Smith", [], "", "POSSIBLE"],
    ["another suffix", "Jonathan Okonjo Jr", "Jonathan Okonjo Sr", [], "", "POSSIBLE"],
    ["another middle initial", "Jonathan A. Okonjo", "Jonathan B. Okonjo", [], "", "POSSIBLE"],
    [
      "another middle initial, with the date",
      "Jonathan A. Okonjo",
      "Jonathan B. Okonjo",
      ["1984-03-02"],
      "1984-03-02",
      "POSSIBLE",
    ],
    [
      "an initial that another middle name has not",
      "Jonathan A. Okonjo",
      "Jonathan Robert Okonjo",
      [],
      "",
      "POSSIBLE",
    ],
    [
      "another birth date with the whole of a rare name",
      "Jonathan Okonjo",
      "Jonathan Okonjo",
      ["1984-03-02"],
      "1952-11-30",
      "POSSIBLE",
    ],
    [
      "another birth date with a usual name",
      "John Smith",
      "John Smith",
      ["1984-03-02"],
      "1952-11-30",
      undefined,
    ],
    [
      "another birth date with a name that is only alike",
      "Jonathan Okonjo",
      "Jonathon Okonja",
      ["1984-03-02"],
      "1952-11-30",
      undefined,
    ],
    [
      "a surname and the date, with another given name",
      "Maria Okonjo",
      "Jonathan Okonjo",
      ["1984-03-02"],
      "1984-03-02",
      "POSSIBLE",
    ],
    ["a surname alone, with another given name", "Maria Okonjo", "Jonathan Okonjo", [], "", undefined],
    [
      "a usual name that is close to another: somebody else",
      "Mario Okonjo",
      "Maria Okonjo",
      [],
      "",
      undefined,
    ],
    ["the same with the date", "Mario Okonjo", "Maria Okonjo", ["1984-03-02"], "1984-03-02", "POSSIBLE"],
    ["the same with the year", "Mario Okonjo", "Maria Okonjo", ["1984"], "1984-03-02", "POSSIBLE"],
    ["the same with another date", "Mario Okonjo", "Maria Okonjo", ["1984-03-02"], "1952-11-30", undefined],
    ["a name seldom short for the other", "Hetty Okonjo", "Heather Okonjo", [], "", "POSSIBLE"],
    ["a single name without a date", "Hannibal", "Hannibal", [], "", "POSSIBLE"],
    ["a placeholder for a date", "Hannibal", "Hannibal", ["1984-01-01"], "1984-01-01", "POSSIBLE"],
  ] as const)("%s", (...[, query, list, born, listed, band]) => {
    expect(compared(query, list, { born, listed }).band).toBe(band);
  });

  it("a single name with its date needs nothing more", () => {
    expect(compared("Hannibal", "Hannibal", { born: ["1984-03-02"], listed: "1984-03-02" }).band).toBe(
      "STRONG",
    );
  });

  it("more than five groups that fit as well", () => {
    const parts = ["jonathan", "okonjo"];
    const scale = scaleOf({ parts, rarity: parts.map(usualRarity), names: 10_000 });
    const listed = emptyListed();
    const weighed = emptyWeighed();
    listed.parts = 2;
    listed.levels[0] = 0;
    listed.levels[9] = 0;
    weigh(scale, listed, weighed);
    expect(judge(scale, weighed, { listed: parts, born: [] }).band).toBe("STRONG");
    expect(judge(scale, weighed, { listed: parts, born: [], tied: true }).band).toBe("POSSIBLE");
  });

  it("the fewer would fit by chance, the more may be mistaken", () => {
    const parts = ["jonathan", "okonjo"];
    const listed = emptyListed();
    const weighed = emptyWeighed();
    listed.parts = 2;
    listed.levels[0] = levels.distant;
    listed.levels[9] = levels.distant;
    const bandAt = (share: number) => {
      const rarity = parts.map(() => new Float64Array(16).fill(share));
      const scale = scaleOf({ parts, rarity, names: 10_000 });
      weigh(scale, listed, weighed);
      return judge(scale, weighed, { listed: parts, born: [] }).band;
    };
    expect([0.03, 0.0075, 0.005, 0.0001].map(bandAt)).toEqual([undefined, undefined, "POSSIBLE", "POSSIBLE"]);
  });

  it("what was weighed before changes nothing", () => {
    const once = compared("Jonathan Okonjo", "Jonathan Okonjo");
    compared("Maria A B C", "Mario Amy Beth Carl");
    expect(compared("Jonathan Okonjo", "Jonathan Okonjo")).toEqual(once);
    expect(once.band).toBe("STRONG");
  });

  it("a list that grows: the same name says less among more", () => {
    const parts = ["jonathan", "baker"];
    const listed = emptyListed();
    const weighed = emptyWeighed();
    listed.parts = 2;
    listed.levels[0] = 0;
    listed.levels[9] = 0;
    const bandAmong = (names: number) => {
      const scale = scaleOf({ parts, rarity: parts.map(() => new Float64Array(16).fill(1e-4)), names });
      weigh(scale, listed, weighed);
      return judge(scale, weighed, { listed: parts, born: [] }).band;
    };
    expect(bandAmong(100)).toBe("STRONG");
    expect(bandAmong(10_000_000)).toBe("POSSIBLE");
  });

  it("says first-hand that it speaks against", () => {
    expect(
      compared("Jonathan Okonjo", "Jonathan Okonjo", { born: ["1984-03-02"], listed: "1952-11-30" }),
    ).toMatchObject({
      conflict: true,
      why: expect.arrayContaining(["CONFLICT: born 1952-11-30"]),
    });
    expect(compared("Jonathan Okonjo Jr", "Jonathan Okonjo Sr").conflict).toBe(true);
    expect(compared("Jonathan Okonjo", "Jonathan Okonjo Sr").conflict).toBe(false);
  });
});

describe("what contradicts", () => {
  it("comes after what is only missing", () => {
    const dates = { born: ["1984-03-02"], listed: "1984-03-02" };
    const [missing, another] = ["Okonjo", "Maria Okonjo"].map((name) =>
      compared(name, "Jonathan Okonjo", dates),
    );
    expect(another?.bits).toBeLessThan(missing?.bits ?? 0);
  });
});

describe("why, in sentences that stay the same", () => {
  it.each([
    [
      "smyth jon",
      "Smith, John Robert",
      [],
      "",
      [
        "smyth ≈ smith — one letter different and sounds alike; 1 name in 100 is this close",
        "jon ≈ john — one letter different and sounds alike; 1 name in 42 is this close",
        'the listed name has an extra "robert"',
        "order swapped",
      ],
    ],
    [
      "Bob Okonjo",
      "Robert Okonjo",
      ["1984-02-03", "1984-03-02"],
      "1984-03-02",
      [
        "bob ≈ robert — short form or the same name in another language; 1 name in 41 is this close",
        "okonjo = okonjo — fewer than 1 name in 50,000",
        "born 1984-03-02 = 1984-03-02 — 1 in 24,820 by chance (read as 1984-03-02)",
      ],
    ],
    [
      "J. Okonjo",
      "Jonathan Okonjo",
      ["1984-03-02"],
      "",
      [
        "j ≈ jonathan — initial; 1 name in 4 is this close",
        "okonjo = okonjo — fewer than 1 name in 50,000",
        "birth date not on record",
      ],
    ],
    [
      "Jonathan Ruiz Okonjo",
      "Jonathan Okonjo",
      ["1984-03-02"],
      "1985-03-02",
      [
        "jonathan = jonathan — 1 name in 450",
        '"ruiz" is not in the listed name',
        "okonjo = okonjo — fewer than 1 name in 50,000",
        "born 1984-03-02 ≈ 1985-03-02 — one year apart, same day",
      ],
    ],
  ] as const)("%s, %s", (...[query, list, born, listed, why]) => {
    expect(compared(query, list, { born, listed }).why).toEqual(why);
  });

  it("how rare a part is, is said of all people and never of the list, which holds what the asker may not know", () => {
    const parts = ["jonathan", "okonjo"];
    const listed = emptyListed();
    const weighed = emptyWeighed();
    listed.parts = 2;
    listed.levels[0] = 0;
    listed.levels[9] = 0;
    const said = [1e-6, 1e-3].map((share) => {
      const rarity = parts.map(() => new Float64Array(16).fill(share));
      const scale = scaleOf({ parts, rarity, names: 10_000 });
      weigh(scale, listed, weighed);
      return judge(scale, weighed, { listed: parts, born: [] }).why;
    });
    expect(said[0]).toEqual(said[1]);
    expect(said[0]).toEqual([
      "jonathan = jonathan — 1 name in 450",
      "okonjo = okonjo — fewer than 1 name in 50,000",
    ]);
  });

  it("never with a percentage, bits or a score", () => {
    for (const [query, list] of [
      ["Jon Smyth", "John Smith"],
      ["Ali Hassan", "Aly Hasan"],
      ["x", "y z"],
    ] as const)
      expect(compared(query, list).why.join(" ")).not.toMatch(/%|\bbits?\b|score|NaN|undefined|Infinity/);
  });
});

describe("the assignment", () => {
  it("is the best there is", () => {
    const table = fc.array(fc.integer({ min: -3, max: 9 }), { minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(
        table,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        (values, asked, listed) => {
          const worth = new Float64Array(64);
          for (let one = 0; one < 4; one += 1)
            for (let other = 0; other < 4; other += 1) worth[one * 8 + other] = values[one * 4 + other] ?? 0;
          const matches = new Int8Array(8);
          assign(asked, listed, { worth, matches });
          const taken = Array.from(matches.subarray(0, asked)).filter((place) => place >= 0);
          expect(new Set(taken).size).toBe(taken.length);
          const sum = Array.from({ length: asked }, (_, one) =>
            (matches[one] ?? -1) < 0 ? 0 : (worth[one * 8 + (matches[one] ?? 0)] ?? 0),
          );
          expect(sum.reduce((one, other) => one + other, 0)).toBe(bestOf({ worth, asked, listed }));
        },
      ),
    );
  });

  interface Table {
    readonly worth: Float64Array;
    readonly asked: number;
    readonly listed: number;
  }

  function bestOf(table: Table, one = 0, used = 0): number {
    if (one === table.asked) return 0;
    let best = bestOf(table, one + 1, used);
    for (let other = 0; other < table.listed; other += 1) {
      const bits = table.worth[one * 8 + other] ?? 0;
      if (bits <= 0 || (used & (1 << other)) !== 0) continue;
      best = Math.max(best, bits + bestOf(table, one + 1, used | (1 << other)));
    }
    return best;
  }
});

describe("joined and split", () => {
  const listOf = (...names: readonly string[]): Known => {
    const known = (part: string): boolean => names.includes(part);
    return { known, strange: (part) => !names.some((name) => name.length === part.length) };
  };

  it("parts are read otherwise only where somebody has such a name", () => {
    const known = listOf("maryann", "jong", "un");
    expect(interpretationsOf(["mary", "ann", "smith"], known)).toEqual([
      ["mary", "ann", "smith"],
      ["maryann", "smith"],
    ]);
    expect(interpretationsOf(["kim", "jongun"], known)).toEqual([
      ["kim", "jongun"],
      ["kim", "jong", "un"],
    ]);
    expect(interpretationsOf(["jc", "juncker"], known)).toEqual([
      ["jc", "juncker"],
      ["j", "c", "juncker"],
    ]);
    expect(interpretationsOf([], known)).toEqual([[]]);
  });

  it("what is strange is taken apart where one half is somebody's name, the most usual first", () => {
    const known = listOf("ada", "adam", "keplinger", "smith");
    expect(interpretationsOf(["adamkeqplinger"], known)).toEqual([
      ["adamkeqplinger"],
      ["adam", "keqplinger"],
      ["ada", "mkeqplinger"],
    ]);
    expect(interpretationsOf(["adxmkeplinger"], known)).toEqual([["adxmkeplinger"], ["adxm", "keplinger"]]);
    // Both misspelt: only where it is all there is.
    expect(interpretationsOf(["adxmkeplingxr"], known)).toContainEqual(["adxm", "keplingxr"]);
    expect(interpretationsOf(["adxmkeplingxr", "smith"], known)).toEqual([["adxmkeplingxr", "smith"]]);
    expect(interpretationsOf(["keplinxer"], known)).toEqual([["keplinxer"]]);
  });

  it("halves of a misspelt part are joined where somebody has one like it", () => {
    expect(interpretationsOf(["adam", "kepl", "ingxr"], listOf("adam", "keplinger"))).toContainEqual([
      "adam",
      "keplingxr",
    ]);
    expect(interpretationsOf(["adam", "kepl", "ingxr"], listOf("adam"))).toEqual([["adam", "kepl", "ingxr"]]);
  });
});

describe("rarity", () => {
  it("grows with the levels and stays a share", () => {
    for (const part of ["smith", "okonjo", "j", "mohammed", "x1"]) {
      const shares = usualRarity(part);
      expect(
        shares.every((share, level) => share > 0 && share <= 1 && share >= (shares[level - 1] ?? 0)),
        part,
      ).toBe(true);
    }
    expect(usualRarity("smith")[0]).toBeGreaterThan(0.009);
    expect(usualRarity("okonjo")[0]).toBeLessThan(0.0001);
  });

  it("of a list of three does not find everything usual, of a large one is the list's own", () => {
    const little = smooth(new Float64Array(16).fill(1 / 3), "smith", 3);
    expect(little[0]).toBeLessThan(0.02);
    const large = smooth(new Float64Array(16).fill(0.3), "smith", 10_000_000);
    expect(large[0]).toBeCloseTo(0.3, 2);
  });
});

describe("a particle", () => {
  it("is no evidence, there or not", () => {
    expect(traitsOf("bin") & 64).toBe(64);
    expect(traitsOf("binder") & 64).toBe(0);
    const plain = compared("Jose Cruz", "Jose Cruz");
    for (const [query, list] of [
      ["Jose Cruz", "Jose de la Cruz"],
      ["Jose de la Cruz", "Jose Cruz"],
      ["Jose de Cruz", "Jose la Cruz"],
    ] as const)
      expect(compared(query, list)).toMatchObject({ band: plain.band, score: plain.score });
  });
});
