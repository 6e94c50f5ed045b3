import { expect, test } from "vitest";

import { exhaustive, filled, search, searchSql, tokens, type Person } from "./exhaustive.ts";

const size = 10_000;

/** The same numbers every time. */
function drawing(): (below: number) => number {
  let state = 20_261_122;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const given =
  "james john robert michael william david mary patricia linda jose maria ali muhammad ivan wei anna katherine".split(
    " ",
  );
const heads =
  "smi joh will bro dav garc rodri mar ande tay tho jack whi har mart thomp leb okaf nguy kowal".split(" ");
const tails =
  "th son iams wn is ia guez tinez rson lor mas te ris in ski en ez man berg ing ton ley ova".split(" ");

test(
  `memory, SQL and looking at everything give the same first ten among ${size} entries`,
  { timeout: 120_000 },
  () => {
    const below = drawing();
    const pick = (from: readonly string[]): string => from[below(from.length)] ?? "";
    const surname = (): string => pick(heads) + pick(tails);
    const people = Array.from({ length: size }, (_none, place): Person => {
      const middle = ["", "", pick(given), pick(given).charAt(0)][below(4)] ?? "";
      const name = `${pick(given)} ${middle} ${surname()}`;
      return {
        number: size - place,
        names: below(4) === 0 ? [name, `${pick(given)} ${surname()}`] : [name],
        dates: below(6) === 0 ? [] : [(1940 + below(60)) * 10_000 + (1 + below(12)) * 100 + 1 + below(28)],
        owner: pick(["a", "b"]),
        lane: below(20) === 0 ? "restricted" : "open",
      };
    });
    const known = tokens();
    const rows = people.map(known.rowOf);
    const engine = filled(people, known);
    const everything = exhaustive(people, known);
    let answered = 0;
    for (let round = 0; round < 40; round += 1) {
      const meant = people[below(size)];
      const name = edited(meant?.names[0] ?? "", below);
      const year = String(meant?.dates?.[0] ?? 19500607);
      const dated = { readings: [`${year.slice(0, 4)}-${year.slice(4, 6)}-${year.slice(6)}`], years: 0 };
      const asked = search({
        name,
        born: round % 2 === 0 ? dated : undefined,
        also: [meant?.number ?? 0, 77],
      });
      const found = everything(asked);
      expect(engine.search(asked), name).toEqual(found);
      expect(searchSql(engine, rows, asked), name).toEqual(found);
      answered += Number(found.open.groups.length > 0);
    }
    expect(answered).toBeGreaterThan(25);
  },
);

/** Zero to two letters wrong, or two parts in one. */
function edited(name: string, below: (limit: number) => number): string {
  let text = name;
  for (let edits = below(3); edits > 0; edits -= 1) {
    const at = below(text.length);
    text = text.slice(0, at) + ["", "x", text.charAt(at).repeat(2)][below(3)] + text.slice(at + 1);
  }
  return below(8) === 0 ? text.replace(/ +/, "") : text;
}
