import fc from "fast-check";
import { describe, expect, it } from "vitest";

import "../../support/properties.ts";
import {
  bornAsked,
  bornLevel,
  bornLevels,
  bornReading,
  dateNumber,
  dateText,
} from "../../../src/watch-list/matching/birth.ts";

function compared(asked: string, listed: string, years = 0): string | undefined {
  const born = bornAsked({ readings: asked.split(" or "), years });
  return born === undefined ? undefined : bornLevels[bornLevel(born, dateNumber(listed))];
}

describe("a birth date asked, beside one on record", () => {
  it.each([
    ["1984-03-02", "1984-03-02", "same"],
    ["1984-03-02", "1984-02-03", "swapped"],
    ["1984-03-02", "1985-02-03", "conflict"],
    ["1984-03-02", "1984-03-01", "day_off"],
    ["1984-03-01", "1984-02-29", "day_off"],
    ["1984-12-31", "1985-01-01", "unknown"],
    ["1984-12-30", "1984-12-31", "day_off"],
    ["1984-03-02", "1985-03-02", "year_off"],
    ["1984-03-02", "1983-03-02", "year_off"],
    ["1984-03-02", "1984-03", "month"],
    ["1984-03", "1984-03-02", "month"],
    ["1984-03", "1984-04-02", "conflict"],
    ["1984", "1984-03-02", "year"],
    ["1984-03-02", "1984", "year"],
    ["1984", "1985", "conflict"],
    ["1984-03-02", "1984-08-02", "digit"],
    ["1984-03-02", "1948-03-02", "digit"],
    ["1984-03-02", "1994-03-02", "digit"],
    ["1984-03-02", "1952-11-30", "conflict"],
    ["1984-03-02", "", "unknown"],
    ["1984-03-02", "1900-01-01", "unknown"],
    ["1984-03-02", "1984-01-01", "year"],
    ["1984-03-02", "1986-01-01", "unknown"],
    ["1984-01-01", "1984-01-01", "year"],
    ["1984-02-03 or 1984-03-02", "1984-03-02", "same"],
  ])("%s beside %j: %s", (asked, listed, level) => {
    expect(compared(asked, listed)).toBe(level);
  });

  it("fits within the years asked, and not beyond", () => {
    expect(compared("1984-03-02", "1986-07-09", 2)).toBe("in_range");
    expect(compared("1984", "1986", 2)).toBe("in_range");
    expect(compared("1984-03-02", "1987-07-09", 2)).toBe("conflict");
    expect(compared("1984-03-02", "1984-03-02", 2)).toBe("same");
  });

  it("says which reading fits", () => {
    const born = bornAsked({ readings: ["1984-02-03", "1984-03-02"], years: 0 });
    expect(born && dateText(bornReading(born, 19_840_302))).toBe("1984-03-02");
  });

  it("is not compared when nothing readable was asked", () => {
    expect(bornAsked(undefined)).toBeUndefined();
    expect(bornAsked({ readings: ["soon"], years: 0 })).toBeUndefined();
  });

  it("fits as well from either side", () => {
    const date = fc.date({ min: new Date("1930-01-01"), max: new Date("2010-12-31"), noInvalidDate: true });
    fc.assert(
      fc.property(date, date, (one, other) => {
        const [a, b] = [one.toISOString().slice(0, 10), other.toISOString().slice(0, 10)];
        expect(compared(a, b)).toBe(compared(b, a));
        expect(dateText(dateNumber(a))).toBe(a);
      }),
    );
  });
});
