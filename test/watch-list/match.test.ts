import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { match, type AskedBeside, type Identified } from "../../src/watch-list/match.ts";
import type { Band, Group, Judgement, LaneFound } from "../../src/watch-list/matching/question.ts";

const asked: AskedBeside = { name: true, born: true };
const nothing: AskedBeside = { name: false, born: false };

function judgement(band: Band | undefined, why: readonly string[], more: Partial<Judgement> = {}): Judgement {
  return { band, bits: 10, chance: 1, why, conflict: false, ...more };
}
function group(numbers: readonly number[], band: Band, more: Partial<Group> = {}): Group {
  const judged = judgement(band, ["same name"]);
  return { ...judged, band, entries: numbers.length, agencies: 1, numbers, kept: [], ...more };
}
function lane(groups: readonly Group[], judged: readonly (readonly [number, Judgement])[] = []): LaneFound {
  return { groups, judged: new Map(judged) };
}
const plate = (number: number, fit: Identified["fit"]): Identified => ({ number, kind: "plate", fit });

/** Entry 1, found by an identifier, with what the matcher says of its name and birth date. */
function one(fit: Identified["fit"], name?: Judgement, beside = asked) {
  const judged = name === undefined ? [] : [[1, name] as const];
  return match(beside, lane([], judged), { identified: [plate(1, fit)], most: 5 }).fitting[0];
}
const conflict = judgement(undefined, ["same name", "CONFLICT: born 1952-11-30"], { conflict: true });

describe("an identifier", () => {
  it.each<[string, Parameters<typeof one>, Band | undefined, readonly string[]]>([
    [
      "alone, whole",
      ["whole", undefined, nothing],
      "STRONG",
      ["same plate and state", "name not given", "birth date not given"],
    ],
    [
      "alone, without its state",
      ["issuer_unknown", undefined, nothing],
      "POSSIBLE",
      ["same plate, state not known on one side", "name not given", "birth date not given"],
    ],
    [
      "that looks alike, with a strong name",
      ["look_alike", judgement("STRONG", ["same name", "same birth date"])],
      "STRONG",
      ["a plate that looks alike: check the plate by eye", "same name", "same birth date"],
    ],
    [
      "in part, with a possible name",
      ["partial", judgement("POSSIBLE", ["name sounds alike", "birth date not on record"])],
      "POSSIBLE",
      [
        "a plate that fits the part you gave: check the plate by eye",
        "name sounds alike",
        "birth date not on record",
      ],
    ],
    [
      "of somebody with another name",
      ["whole", judgement(undefined, ["another name"])],
      "STRONG",
      ["same plate and state", "another name"],
    ],
    [
      "of somebody whose name is quoted no further than it was asked",
      [
        "whole",
        judgement(undefined, [
          '"zzz" is not in the listed name',
          'the listed name has an extra "smith"',
          "birth date not on record",
        ]),
      ],
      "STRONG",
      ["same plate and state", "another name, or written quite differently", "birth date not on record"],
    ],
    [
      "of somebody born on another day",
      ["whole", conflict],
      "POSSIBLE",
      ["CONFLICT: born 1952-11-30", "same plate and state", "same name"],
    ],
    ["known in part, of somebody born on another day", ["issuer_unknown", conflict], undefined, []],
    [
      "known in part, of somebody born on another day who is shown by name",
      ["issuer_unknown", { ...conflict, band: "POSSIBLE" }],
      "POSSIBLE",
      ["CONFLICT: born 1952-11-30", "same plate, state not known on one side", "same name"],
    ],
  ])("%s", (...[_what, found, band, why]) => {
    const fitting = one(...found);
    expect(fitting?.band).toBe(band);
    expect(fitting?.why ?? []).toEqual(why);
  });

  it("is said once for each kind, as it fits best", () => {
    const identified: readonly Identified[] = [
      plate(1, "look_alike"),
      plate(1, "whole"),
      { number: 1, kind: "phone", fit: "last_seven" },
      { number: 1, kind: "handle", fit: "other_issuer" },
    ];
    expect(match(nothing, lane([]), { identified, most: 5 }).fitting[0]?.why.slice(0, 3)).toEqual([
      "same plate and state",
      "same last seven digits of the phone number, area code not the same or not known",
      "same handle on another platform",
    ]);
  });

  it("takes an entry out of its group, so that it is shown once", () => {
    const found = lane([group([1, 2], "POSSIBLE")], [[1, judgement("POSSIBLE", ["same name"])]]);
    const { fitting } = match(asked, found, { identified: [plate(1, "whole")], most: 5 });
    expect(fitting.map(({ number, band }) => [number, band])).toEqual([
      [1, "STRONG"],
      [2, "POSSIBLE"],
    ]);
  });
});

describe("names", () => {
  it("that cannot be told apart are counted, and never some of them shown", () => {
    const many = group([1, 2, 3, 4, 5, 6], "POSSIBLE", { entries: 184, agencies: 9 });
    const found = match(asked, lane([group([7], "STRONG"), many]), { identified: [], most: 5 });
    expect(found.fitting.map(({ number }) => number)).toEqual([7]);
    expect(found.crowds).toMatchObject([{ entries: 184, agencies: 9, numbers: [1, 2, 3, 4, 5, 6] }]);
  });

  it("say what was not asked", () => {
    const found = lane([group([1], "POSSIBLE")]);
    const { fitting } = match({ name: true, born: false }, found, { identified: [], most: 5 });
    expect(fitting[0]?.why).toEqual(["same name", "birth date not given"]);
  });

  it("say what speaks against them first", () => {
    const why = ["same name", "CONFLICT: JR, not SR", "same birth date"];
    const found = lane([group([1], "POSSIBLE", { why, conflict: true })]);
    expect(match(asked, found, { identified: [], most: 5 }).fitting[0]?.why[0]).toBe("CONFLICT: JR, not SR");
  });
});

const bands = fc.constantFrom<Band>("STRONG", "POSSIBLE");
const fits = fc.constantFrom<Identified["fit"]>("whole", "issuer_unknown", "look_alike", "partial");
const found = fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 20 }).chain((numbers) =>
  fc.record({
    groups: fc
      .array(fc.record({ band: bands, bits: fc.integer({ min: -9, max: 40 }) }), {
        minLength: numbers.length,
        maxLength: numbers.length,
      })
      .map((all) => all.map(({ band, bits }, at) => group([numbers[at] ?? 0], band, { bits }))),
    judged: fc.constant(numbers.map((number) => [number, judgement(undefined, ["another name"])] as const)),
    identified: fc.array(fc.record({ number: fc.constantFrom(0, ...numbers), fit: fits })),
  }),
);

describe("what is shown", () => {
  const of = ({ groups, judged, identified }: typeof found extends fc.Arbitrary<infer One> ? One : never) =>
    match(asked, lane(groups, judged), {
      identified: identified.map(({ number, fit }) => plate(number, fit)),
      most: 5,
    });

  it("does not depend on the order of what was found", () => {
    fc.assert(
      fc.property(found, (one) => {
        const turned = { ...one, groups: one.groups.toReversed(), identified: one.identified.toReversed() };
        expect(of(turned)).toEqual(of(one));
      }),
    );
  });

  it("has every strong match before any possible one, and everybody once", () => {
    fc.assert(
      fc.property(found, (one) => {
        const { fitting } = of(one);
        const shown = fitting.map(({ band }) => band);
        expect(shown).toEqual(shown.toSorted().toReversed());
        expect(new Set(fitting.map(({ number }) => number)).size).toBe(fitting.length);
      }),
    );
  });

  it("is judged entry by entry: what else was found changes nothing about one", () => {
    fc.assert(
      fc.property(found, fc.integer({ min: 1, max: 40 }), (one, hidden) => {
        const without = {
          groups: one.groups.filter(({ numbers }) => !numbers.includes(hidden)),
          judged: one.judged.filter(([number]) => number !== hidden),
          identified: one.identified.filter(({ number }) => number !== hidden),
        };
        expect(of(without).fitting).toEqual(of(one).fitting.filter(({ number }) => number !== hidden));
      }),
    );
  });
});
