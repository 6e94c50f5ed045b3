import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { newRef, parseRef, spoken } from "../src/refs.ts";

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".split("");
const kinds = ["tip", "bulletin", "entry", "query", "delivery"] as const;

// newRef draws at random; building references from fast-check's own draws keeps failures repeatable.
const refs = fc
  .tuple(
    fc.constantFrom("T", "B", "E", "Q", "D"),
    fc.array(fc.constantFrom(...alphabet), { minLength: 5, maxLength: 5 }),
  )
  .map(([letter, five]) => {
    const found = alphabet.flatMap((check) => parseRef(letter + five.join("") + check) ?? []);
    if (found.length !== 1)
      throw new Error(`${letter}${five.join("")} has ${String(found.length)} check characters`);
    return found[0]?.ref ?? "";
  });

const typing = fc.record({ lower: fc.boolean(), gap: fc.constantFrom("", "", " ", "-", "–", "\u00A0") });
const places = [0, 2, 3, 4, 6, 7, 8] as const;
function put(ref: string, place: number, sign: string): string {
  return ref.slice(0, place) + sign + ref.slice(place + 1);
}

describe("a reference", () => {
  it.each(kinds)("made for a %s is read back as one", (kind) => {
    for (let i = 0; i < 200; i += 1) {
      const ref = newRef(kind);
      expect(ref).toMatch(/^[TBEQD](-[0-9A-HJKMNP-TV-Z]{3}){2}$/);
      expect(parseRef(ref)).toEqual({ kind, ref });
    }
  });

  it("is not the same twice in a row", () => {
    expect(new Set(Array.from({ length: 100 }, () => newRef("tip"))).size).toBeGreaterThan(95);
  });

  it("with any one character wrong is refused", () => {
    fc.assert(
      fc.property(refs, fc.constantFrom(...places), fc.constantFrom(...alphabet), (ref, place, sign) => {
        fc.pre(ref[place] !== sign);
        expect(parseRef(put(ref, place, sign))).toBeUndefined();
      }),
      { numRuns: 2000 },
    );
  });

  it("with any two different characters swapped is refused", () => {
    fc.assert(
      fc.property(refs, fc.constantFrom(...places), fc.constantFrom(...places), (ref, a, b) => {
        fc.pre(ref[a] !== ref[b]);
        const swapped = put(put(ref, a, ref[b] ?? ""), b, ref[a] ?? "");
        expect(parseRef(swapped)).toBeUndefined();
      }),
      { numRuns: 2000 },
    );
  });

  it("is read in any case, with or without spaces and dashes, with O for 0 and I or L for 1", () => {
    fc.assert(
      fc.property(
        refs,
        fc.array(typing, { minLength: 7, maxLength: 7 }),
        fc.constantFrom("I", "L"),
        (ref, habits, one) => {
          const typed = ref
            .replaceAll("-", "")
            .split("")
            .map((sign) => ({ "0": "O", "1": one })[sign] ?? sign)
            .map((sign, i) => (habits[i]?.lower ? sign.toLowerCase() : sign) + (habits[i]?.gap ?? ""))
            .join("");
          expect(parseRef(typed)?.ref).toBe(ref);
        },
      ),
    );
  });

  it.each([
    "",
    "T",
    "T-7K3",
    "T-7K3-M9C-2",
    "X-7K3-M9C",
    "T-7K3-M9U",
    "T_7K3_M9C",
    "7K3-M9C",
    "T".repeat(10_000),
  ])("is not %j", (text) => expect(parseRef(text)).toBeUndefined());
});

// Written out: a change of the check character would orphan every reference on paper.
it.each(["T-7K3-M9C", "B-7K3-M9Q", "E-4QX-2MK", "Q-9D2-T4V", "D-4QX-2MD"])("%s stays valid", (ref) => {
  expect(parseRef(ref)?.ref).toBe(ref);
});

it("is said in the words of the radio", () => {
  expect(spoken("T-7K3-M9Q")).toBe("Tango, seven kilo three, mike nine quebec");
  expect(spoken("Q-0AZ-HJ1")).toBe("Quebec, zero alfa zulu, hotel juliett one");
});
