import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { readBorn } from "../../src/watch-list/born-reader.ts";

const now = new Date("2026-11-22T12:00:00Z");
const read = (text: string) => readBorn(text, now);

describe("a birth date", () => {
  it.each([
    ["1984-03-02", ["1984-03-02"], 0],
    ["1984/3/2", ["1984-03-02"], 0],
    ["1984.03.02", ["1984-03-02"], 0],
    ["19840302", ["1984-03-02"], 0],
    ["2 Mar 1984", ["1984-03-02"], 0],
    ["2nd of March 1984", ["1984-03-02"], 0],
    ["March 2, 1984", ["1984-03-02"], 0],
    ["Mar. 2 1984", ["1984-03-02"], 0],
    ["1984 Mar 2", ["1984-03-02"], 0],
    ["born 1984-03-02", ["1984-03-02"], 0],
    ["DOB: 1984-03-02", ["1984-03-02"], 0],
    ["3/25/1984", ["1984-03-25"], 0],
    ["25.3.1984", ["1984-03-25"], 0],
    ["3/3/1984", ["1984-03-03"], 0],
    ["1984", ["1984"], 0],
    ["1984-03", ["1984-03"], 0],
    ["03/1984", ["1984-03"], 0],
    ["March 1984", ["1984-03"], 0],
    ["1984-03-00", ["1984-03"], 0],
    ["1984-xx-xx", ["1984"], 0],
    ["1984-03-02 ±1", ["1984-03-02"], 1],
    ["1984 +-2", ["1984"], 2],
    ["1984 +/- 2 years", ["1984"], 2],
    ["1984±1yr", ["1984"], 1],
    ["about 1984", ["1984"], 2],
    ["~1984", ["1984"], 2],
    ["ca. 1984-03", ["1984-03"], 2],
    ["about 1984 ±1", ["1984"], 1],
    ["١٩٨٤-٠٣-٠٢", ["1984-03-02"], 0],
    ["۱۹۸۴/۳/۲", ["1984-03-02"], 0],
    ["१९८४", ["1984"], 0],
    ["１９８４－０３－０２", ["1984-03-02"], 0],
    ["1984年3月2日", ["1984-03-02"], 0],
    ["1984 – 03 – 02".replaceAll(" ", ""), ["1984-03-02"], 0],
  ] as const)("%s is read", (text, readings, years) => {
    expect(read(text)).toMatchObject({ readings, years });
  });

  it.each([
    ["3/2/1984", "03/02"],
    ["03.02.1984", "03/02"],
    ["3-2-1984", "03/02"],
    ["3 2 1984", "03/02"],
    ["03021984", "03/02"],
  ])("%s is searched both ways, and says so", (text, written) => {
    expect(read(text)).toEqual({
      readings: ["1984-03-02", "1984-02-03"],
      years: 0,
      shown: `born 1984-03-02 or 1984-02-03 (${written} read as 2 March and 3 February)`,
    });
  });

  it("of two readings is the one that has been, where the other is still to come", () => {
    expect(read("12/3/2026")).toMatchObject({ readings: ["2026-03-12"] });
  });

  it.each([
    ["1984 ±1", "born 1984 ±1 year"],
    ["about March 1984", "born 1984-03 ±2 years"],
    ["3/2/1984 ±1", "born 1984-03-02 or 1984-02-03 ±1 year (03/02 read as 2 March and 3 February)"],
  ])("%s is repeated as it was understood", (text, shown) => {
    expect(read(text)).toMatchObject({ shown });
  });

  it.each([
    ["2199-01-01", "still to come"],
    ["2199", "still to come"],
    ["2026-12", "still to come"],
    ["12/30/2026", "still to come"],
    ["0084-03-02", "all four digits"],
    ["0084", "all four digits"],
    ["3/2/0084", "all four digits"],
    ["1884-03-02", "born in 1884"],
    ["1899", "born in 1899"],
    ["3/2/84", "four digits"],
    ["84-03-02", "four digits"],
    ["84", "four digits"],
    ["'84", "four digits"],
    ["2 Mar 84", "four digits"],
    ["Mar 84", "four digits"],
    ["1984-02-31", "no such day"],
    ["2/30/1984", "no such day"],
    ["1985-02-29", "no such day"],
    ["1984-13", "no such day"],
    ["1984 ±40", "at most ±5 years"],
    ["1984 ± 3 days", "write years"],
    ["1984 ±", "write years"],
    ["age 40", "An age is no birth date"],
    ["40 years old", "An age is no birth date"],
    ["1984-123", "cannot read"],
    ["1984123", "cannot read"],
    ["yesterday", "cannot read"],
    ["🎂", "cannot read"],
    ["!!", "cannot read"],
    ["13 Foo 1984", "cannot read"],
  ])("%s is asked about: %s", (text, sentence) => {
    expect(read(text)).toEqual({ problem: expect.stringContaining(sentence) });
  });

  it("written in any of our ways is the same day", () => {
    const days = fc.date({ min: new Date("1900-01-01"), max: new Date("2026-11-21"), noInvalidDate: true });
    fc.assert(
      fc.property(days, (day) => {
        const iso = day.toISOString().slice(0, 10);
        const [year = "", month = "", date = ""] = iso.split("-");
        const word = day.toLocaleString("en-US", { month: "long", timeZone: "UTC" });
        const ways = [
          iso,
          `${year}${month}${date}`,
          `${Number(date)} ${word} ${year}`,
          `${word} ${date}, ${year}`,
        ];
        for (const way of ways) expect(read(way)).toMatchObject({ readings: [iso], years: 0 });
        const slashed = read(`${Number(month)}/${Number(date)}/${year}`);
        expect("readings" in slashed && slashed.readings[0]).toBe(iso);
      }),
    );
  });

  it("never throws, whatever is typed", () => {
    const signs = fc.string({
      unit: fc.constantFrom(..."0123456789-/.±+ ~abmarx'年".split("")),
      maxLength: 30,
    });
    fc.assert(
      fc.property(fc.oneof(signs, fc.string({ unit: "binary", maxLength: 30 })), (text) => {
        const one = read(text);
        const said = "problem" in one ? one.problem : one.shown;
        expect(said).toMatch("problem" in one ? /\.$/ : /^born \d{4}/);
      }),
    );
  });
});
