import fc from "fast-check";
import { describe, expect, it } from "vitest";

import "../../support/properties.ts";
import { MOST_PARTS, readName } from "../../../src/watch-list/matching/name-reader.ts";

describe("a name is read", () => {
  it.each([
    ["John A. Smyth", ["john", "a", "smyth"]],
    ["SMYTH, JOHN A.", ["john", "a", "smyth"]],
    ["Smyth,John", ["john", "smyth"]],
    ["  John \t Smyth ", ["john", "smyth"]],
    ["Mr. John Smyth", ["john", "smyth"]],
    ["Sgt. Dr. John Smyth", ["john", "smyth"]],
    ["John Smyth, Dr.", ["john", "smyth"]],
    ["Dr", ["dr"]],
    ["O’Brien", ["obrien"]],
    ["O'Brien", ["obrien"]],
    ["O´Brien", ["obrien"]],
    ["Ronald Mc Donald", ["ronald", "mcdonald"]],
    ["José Müller-Lüdenscheidt", ["jose", "muller", "ludenscheidt"]],
    ["Søren Straße", ["soren", "strasse"]],
    ["Łukasz Đorđević", ["lukasz", "dordevic"]],
    ["José de la Cruz García", ["jose", "de", "la", "cruz", "garcia"]],
    ["Ольга Соловьёва", ["olga", "soloveva"]],
    ["Γεώργιος Παπαδόπουλος", ["georgios", "papadopoylos"]],
    ["张伟", ["zhang", "wei"]],
    ["习近平", ["xi", "jinping"]],
    ["欧阳修文", ["ouyang", "xiuwen"]],
    ["김정은", ["gim", "jeong", "eun"]],
    ["バラク・オバマ", ["baraku", "obama"]],
    ["محمد عبد الرحمن", ["mohammed", "abdulrhmn"]],
    ["أسامة بن لادن", ["osama", "bin", "laden"]],
    ["דוד כהן", ["dwd", "khn"]],
    ["Abd al-Rahman", ["abdulrahman"]],
    ["Abdur Rahman", ["abdulrahman"]],
    ["Abdul", ["abdul"]],
    ["ＪＯＨＮ　Smyth", ["john", "smyth"]],
    ["Duran Duran", ["duran"]],
    ["?!", []],
    ["", []],
    ["😀 🕵️", []],
    ["Jo\0hn", ["jo", "hn"]],
  ])("%j as %j", (text, parts) => {
    expect(readName(text)).toEqual({ parts });
  });

  it.each([
    ["Mr. John Smyth, Jr.", ["john", "smyth"], "jr"],
    ["SMYTH JR, JOHN", ["john", "smyth"], "jr"],
    ["Smyth, John, Sr.", ["john", "smyth"], "sr"],
    ["J.R. Ewing III", ["j", "r", "ewing"], "iii"],
    ["John Smyth 2nd", ["john", "smyth"], "ii"],
    ["John Paul Smyth Junior", ["john", "paul", "smyth"], "jr"],
  ])("%j as %j, %s apart", (text, parts, suffix) => {
    expect(readName(text)).toEqual({ parts, suffix });
  });

  it.each(["Junior", "Jr", "Neymar Junior"])("%j keeps what could be a suffix", (text) => {
    expect(readName(text).parts.at(-1)).toBe(text.toLowerCase().split(" ").at(-1));
  });

  it("with at most eight parts of at most 32 letters, however long it is", () => {
    const { parts } = readName(`${"x".repeat(300)} ${"ab cd ef gh ij kl mn op qr".repeat(20)}`);
    expect(parts.length).toBeLessThanOrEqual(MOST_PARTS);
    expect(parts[0]).toBe("x".repeat(32));
  });

  it("the same when read again, whatever was typed", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const { parts } = readName(text);
        expect(parts.every((part) => /^[a-z0-9]{1,32}$/.test(part))).toBe(true);
        expect(new Set(parts).size).toBe(parts.length);
        expect(parts.length).toBeLessThanOrEqual(MOST_PARTS);
      }),
    );
  });

  it("the same whatever the case, the spaces, the marks and the accents", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("José", "Anna", "Müller", "Smyth", "Żukowski", "Ng"), {
          minLength: 1,
          maxLength: 6,
        }),
        (names) => {
          const plain = readName(names.join(" "));
          for (const written of [
            names.join(" ").toUpperCase(),
            names.join("  "),
            names.join("-"),
            `${names.join(" ")}.`,
            names.join(" ").normalize("NFD"),
            names.join(" ").normalize("NFD").replaceAll(/\p{M}/gu, ""),
          ])
            expect(readName(written), written).toEqual(plain);
        },
      ),
    );
  });
});
