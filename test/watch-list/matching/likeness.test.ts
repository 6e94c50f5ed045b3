import { existsSync, readFileSync } from "node:fs";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import "../../support/properties.ts";
import { editDistance } from "../../../src/edit-distance.ts";
import { codesOf, LEVELS, levelOf, sharedKinds } from "../../../src/watch-list/matching/likeness.ts";
import { readName } from "../../../src/watch-list/matching/name-reader.ts";
import { namesakes, shareOf, usualParts } from "../../../src/watch-list/matching/population.ts";
import { skeletonOf, soundsOf, strictSoundOf } from "../../../src/watch-list/matching/sounds.ts";

function alike(asked: string, listed: string): string {
  const distance = Math.min(3, editDistance(asked, listed));
  const level = levelOf({ distance, asked, listed, shared: sharedKinds(codesOf(asked), codesOf(listed)) });
  return LEVELS[level] ?? "unlike";
}

describe("two parts of names are", () => {
  it.each([
    ["smith", "smith", "same"],
    ["smyth", "smith", "one_letter_sounds"],
    ["jon", "john", "one_letter_sounds"],
    ["mohammed", "muhammad", "variant"],
    ["mueller", "muller", "one_letter_sounds"],
    ["joerg", "jorg", "one_letter_sounds"],
    ["alassad", "assad", "variant"],
    ["vandenberg", "denberg", "variant"],
    ["albert", "bert", "nickname"],
    ["mcdonald", "donald", "namesake"],
    ["margret", "margaret", "one_letter_vowel"],
    ["elsayed", "sayyid", "variant"],
    ["macdonald", "mcdonald", "one_letter_sounds"],
    ["hsi", "xi", "variant"],
    ["cheung", "zhang", "variant"],
    ["park", "pak", "variant"],
    ["gim", "kim", "variant"],
    ["youssef", "yusuf", "variant"],
    ["nooristani", "nuristani", "variant"],
    ["bum", "burn", "unlike"],
    ["philipps", "filips", "variant"],
    ["bob", "robert", "nickname"],
    ["robert", "bob", "nickname"],
    ["pepe", "jose", "nickname"],
    ["sasha", "aleksandr", "nickname"],
    ["gosia", "malgorzata", "nickname"],
    ["beppe", "giuseppe", "nickname"],
    ["jorge", "george", "nickname"],
    ["j0hn", "john", "misread"],
    ["bums", "burns", "misread"],
    ["mcc1oud", "mccloud", "misread"],
    ["hendersen", "henderson", "one_letter_vowel"],
    ["hendrson", "henderson", "one_letter_vowel"],
    ["hendergon", "henderson", "one_letter"],
    ["clint", "flint", "one_letter"],
    ["kaba", "kada", "one_letter_short"],
    ["hendregon", "henderson", "two_letters"],
    ["buzek", "budak", "distant"],
    ["allen", "aken", "doubtful"],
    ["ry", "ray", "one_letter_short"],
    ["rodger", "rodgers", "one_letter"],
    ["hook", "huk", "variant"],
    ["hsun", "xun", "variant"],
    ["michael", "micheal", "variant"],
    ["deborah", "debra", "variant"],
    ["hetty", "heather", "doubtful"],
    ["heather", "hetty", "doubtful"],
    ["dobbin", "robert", "doubtful"],
    ["dobbin", "hob", "unlike"],
    ["erin", "aaron", "namesake"],
    ["michael", "michelle", "namesake"],
    ["dennis", "denise", "namesake"],
    ["abbie", "abigail", "nickname"],
    ["eddie", "edmund", "nickname"],
    ["shmt", "shammout", "consonants"],
    ["hsn", "husson", "consonants"],
    ["petronilla", "bitrunila", "distant"],
    ["abdulaziz", "aziz", "part_of"],
    ["j", "john", "initial"],
    ["john", "j", "initial"],
    ["j", "smith", "unlike"],
    ["mario", "maria", "namesake"],
    ["fernandez", "hernandez", "namesake"],
    ["daniel", "danielle", "namesake"],
    ["john", "joan", "namesake"],
    ["li", "lo", "unlike"],
    ["un", "il", "unlike"],
    ["barrett", "burd", "unlike"],
    ["coronado", "grenada", "unlike"],
    ["steve", "henry", "unlike"],
  ])("%s and %s: %s", (asked, listed, level) => {
    expect(alike(asked, listed)).toBe(level);
  });

  it("as alike one way as the other", () => {
    fc.assert(
      fc.property(fc.tuple(usual, usual), ([one, other]) => {
        expect(alike(one, other)).toBe(alike(other, one));
      }),
    );
  });

  it("never alike beyond two edits, without a shared code: an index that looks there misses nothing", () => {
    fc.assert(
      fc.property(fc.tuple(part, part), ([asked, listed]) => {
        fc.pre(asked.length > 1 && listed.length > 1);
        const distance = asked.length <= 4 && listed.length <= 4 ? 2 : 3;
        expect(levelOf({ distance, asked, listed, shared: 0 })).toBe(-1);
      }),
    );
  });
});

const names = Array.from(usualParts(), ([name]) => name);
const usual = fc.constantFrom(...names);
const part = fc.stringMatching(/^[a-z]{1,9}$/);

describe("the codes of a part", () => {
  it("are unsigned 32-bit numbers, each once, a dozen or so", () => {
    for (const name of names) {
      const codes = codesOf(name);
      expect(new Set(codes).size, name).toBe(codes.length);
      expect(codes.length, name).toBeLessThanOrEqual(24);
      expect(codes.every((code) => Number.isInteger(code) && code >= 0 && code < 2 ** 32)).toBe(true);
    }
  });

  it("hold the sounds and the consonants", () => {
    expect(soundsOf("smyth")).toEqual(soundsOf("smith"));
    expect(soundsOf("burd")).toEqual(soundsOf("byrd"));
    expect(strictSoundOf("philip")).toBe(strictSoundOf("filip"));
    expect(strictSoundOf("john")).not.toBe(strictSoundOf("joan"));
    expect(skeletonOf("mohammed")).toBe(skeletonOf("mhmd"));
  });
});

describe("the tables", () => {
  it("link short forms both ways, and never two long names by one short form", () => {
    expect(alike("ted", "edward")).toBe("nickname");
    expect(alike("ted", "theodore")).toBe("nickname");
    expect(alike("edward", "theodore")).toBe("unlike");
    expect(alike("alexander", "alexandra")).not.toBe("nickname");
  });

  it("hold nothing but names as they are read, and usual ones with a share", () => {
    for (const name of names) {
      expect(readName(name).parts.join(" ") || name, name).toMatch(/^[a-z]+$/);
      expect(shareOf(name)).toBeGreaterThan(0);
    }
    expect(namesakes("bob").nicknames).toContain("robert");
    expect(namesakes("nobody in particular")).toEqual({ nicknames: [], variants: [], seldom: [] });
  });
});

const arabic = "../shared/data/ar2en/ar2en-train.txt";
describe.skipIf(!existsSync(arabic))(
  "Arabic writing and its usual Latin form (skipped without ../shared/data)",
  () => {
    it("have the same consonants in nine of ten pairs, and are found alike in eight", () => {
      const pairs = readFileSync(arabic, "utf8")
        .trim()
        .split("\n")
        .map((line) => line.split("\t"));
      const one = (text = ""): string => readName(text).parts.join("");
      const bare = (text: string): string => skeletonOf(text.replace(/^al(?=....)/, ""));
      const same = pairs.filter(([written, latin]) => bare(one(written)) === bare(one(latin)));
      const found = pairs.filter(([written, latin]) => alike(one(written), one(latin)) !== "unlike");
      expect(same.length / pairs.length).toBeGreaterThan(0.89);
      expect(found.length / pairs.length).toBeGreaterThan(0.8);
    });
  },
);
