import { randomInt } from "node:crypto";

/** What a reference can name, and the letter it starts with. */
const letters = { tip: "T", bulletin: "B", entry: "E", query: "Q", delivery: "D" } as const;
export type RefKind = keyof typeof letters;

/** Crockford's 32: no I, L, O or U, which are misheard and misread. */
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

const kindOf: ReadonlyMap<string, RefKind> = new Map(
  Object.entries(letters).map(([kind, letter]) => [letter, kind as RefKind]),
);

/** Doubling in GF(32), modulo x⁵+x²+1. */
function double(value: number): number {
  return value & 16 ? (value << 1) ^ 0b100101 : value << 1;
}

/**
 * The check character: a weighted sum in GF(32), kind letter included, each place with a weight of its own.
 * Distinct weights are what catches every single wrong character and every swap of two characters,
 * and the sum is always one of the 32. (A sum modulo 37, as Crockford proposes, needs five more signs.)
 */
function checkOf(kindAndFive: string): string {
  const sum = [...kindAndFive].reduce((total, sign) => double(total ^ alphabet.indexOf(sign)), 0);
  return alphabet.charAt(sum);
}

function written(letter: string, six: string): string {
  return `${letter}-${six.slice(0, 3)}-${six.slice(3)}`;
}

/** A fresh reference for people to read, say and type: "T-7K3-M9Q". Uniqueness is the database's to say. */
export function newRef(kind: RefKind): string {
  const letter = letters[kind];
  const five = Array.from({ length: 5 }, () => alphabet.charAt(randomInt(32))).join("");
  return written(letter, five + checkOf(letter + five));
}

export interface ParsedRef {
  readonly kind: RefKind;
  /** As we write it, however it was typed. */
  readonly ref: string;
}

/** Reads a reference as people type it: any case, spaces or dashes anywhere or nowhere, O for 0, I or L for 1. */
export function parseRef(text: string): ParsedRef | undefined {
  if (text.length > 40) return undefined;
  const signs = text
    .normalize("NFKC")
    .replaceAll(/[\s\p{Dash}]/gu, "")
    .toUpperCase()
    .replaceAll("O", "0")
    .replaceAll(/[IL]/g, "1");
  const [, letter = "", five = "", check = ""] = /^([A-Z])([0-9A-Z]{5})([0-9A-Z])$/.exec(signs) ?? [];
  const kind = kindOf.get(letter);
  if (kind === undefined || five.includes("U") || check !== checkOf(letter + five)) return undefined;
  return { kind, ref: written(letter, five + check) };
}

const words: Readonly<Record<string, string>> = Object.fromEntries(
  [
    "zero one two three four five six seven eight nine",
    "alfa bravo charlie delta echo foxtrot golf hotel juliett kilo mike november papa quebec",
    "romeo sierra tango victor whiskey xray yankee zulu",
  ]
    .join(" ")
    .split(" ")
    .map((word, place) => [alphabet.charAt(place), word]),
);

/** How to say a reference on the radio: "Tango, seven kilo three, mike nine quebec". */
export function spoken(ref: string): string {
  const said = ref
    .split("-")
    .map((group) => [...group].map((sign) => words[sign] ?? sign).join(" "))
    .join(", ");
  return said.charAt(0).toUpperCase() + said.slice(1);
}
