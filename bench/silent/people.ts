import { randomOf } from "../watch/random.ts";

/** Somebody who may be asked about. */
export interface Described {
  readonly name: string;
  /** "1984-03-02" */
  readonly born: string;
  /** "MD ABC1234" */
  readonly plate: string;
}

const given =
  "James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph " +
  "Jessica Thomas Karen Charles Sarah Christopher Lisa Daniel Nancy Matthew Betty Anthony Sandra Mark Margaret Donald " +
  "Ashley Steven Kimberly Andrew Emily Paul Donna Joshua Michelle Kenneth Carol Kevin Amanda Brian Melissa";
const syllables =
  "ba be bo da de do fa fe ga go ha he ka ko la le lo ma me mo na ne no ra re ro sa se ta te to va ve";
const endings = "man son ger ler mer ner rick ston ton ville wick worth berg feld stein zak";

/**
 * People of three kinds, made of the same given names and surnames: on the list, on it and to be kept secret, and on no
 * list. Nobody shares the whole name with anybody else.
 */
export function people(
  seed: number,
  { listed, hidden, unknown }: { readonly listed: number; readonly hidden: number; readonly unknown: number },
): Readonly<Record<"listed" | "hidden" | "unknown", readonly Described[]>> {
  const { pick, below } = randomOf(seed);
  const [first, middle, last] = [given.split(" "), syllables.split(" "), endings.split(" ")];
  const surname = () => {
    const written = pick(middle) + pick(middle) + pick(last);
    return written.charAt(0).toUpperCase() + written.slice(1);
  };
  const names = new Set<string>();
  while (names.size < listed + hidden + unknown) names.add(`${pick(first)} ${surname()}`);
  const letters = (count: number) =>
    Array.from({ length: count }, () => String.fromCodePoint(65 + below(26))).join("");
  // In the order of the numbers no kind has shorter ones than another.
  const all = [...names].map((name, at): Described => {
    const day = new Date(Date.UTC(1940, 0, 1) + below(24_000) * 86_400_000);
    const plate = `MD ${letters(3)}${String(1_000 + (at % 9_000))}`;
    return { name, born: day.toISOString().slice(0, 10), plate };
  });
  return {
    listed: all.slice(0, listed),
    hidden: all.slice(listed, listed + hidden),
    unknown: all.slice(listed + hidden),
  };
}
