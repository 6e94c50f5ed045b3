import { draw, randomOf, type Random } from "./random.ts";
import type { Locale, Sources } from "./sources.ts";

/** Somebody on the list. */
export interface Entity {
  /** As listed; the first one is the name, others are aliases. */
  readonly names: readonly Written[];
  /** "1984-03-02" */
  readonly born: string | undefined;
}

export interface Written {
  readonly given: readonly string[];
  readonly surnames: readonly string[];
  readonly suffix?: string;
  /** The same name in another script, part by part. */
  readonly otherScript?: readonly string[];
}

/** dirty: four in ten entities have a part that nobody else has, two letters wrong. */
export type Mode = "clean" | "dirty";

export interface Generator {
  /** A pure function of the seed and the place. */
  readonly entity: (place: number) => Entity;
}

export function textOf({ given, surnames, suffix }: Written): string {
  return [...given, ...surnames, ...(suffix === undefined ? [] : [suffix])].join(" ");
}

export function generatorOf(sources: Sources, seed: number, mode: Mode): Generator {
  return {
    entity: (place) => {
      const random = randomOf(seed, 1, place);
      const name = nameOf(sources, random);
      const aliases = random.next();
      const count = aliases < 0.08 ? 2 : Number(aliases < 0.33);
      const names = [name, ...Array.from({ length: count }, () => aliasOf(sources, name, random))];
      const born = random.chance(85) ? dateOf(random) : undefined;
      return { names: mode === "dirty" && random.chance(40) ? dirtied(names, random) : names, born };
    },
  };
}

function nameOf(sources: Sources, random: Random): Written {
  const kind = random.next() * 100;
  if (kind < 80) return americanName(sources, random);
  if (kind < 93) return foreignName(random.pick(sources.foreign), random);
  return kind < 97 ? arabicName(sources, random) : russianName(sources, random);
}

function americanName({ surnames, givenNames }: Sources, random: Random): Written {
  const given = givenNames[random.below(2) === 0 ? 0 : 1];
  const first = draw(given, random);
  const middle = random.next() * 100;
  const second = draw(given, random);
  const last = random.chance(3)
    ? [`${draw(surnames, random)}-${draw(surnames, random)}`]
    : [draw(surnames, random)];
  const middles = middle < 35 ? [second] : middle < 65 ? [second.charAt(0)] : [];
  const name = { given: [first, ...middles], surnames: last };
  return random.chance(2) ? { ...name, suffix: random.pick(["Jr", "Sr", "II", "III"]) } : name;
}

function foreignName({ given, surnames, double }: Locale, random: Random): Written {
  const two = double && random.chance(70);
  return {
    given: [random.pick(given)],
    surnames: two ? [random.pick(surnames), random.pick(surnames)] : [random.pick(surnames)],
  };
}

function arabicName({ arabic }: Sources, random: Random): Written {
  const parts = Array.from({ length: random.chance(40) ? 3 : 2 }, () => random.pick(arabic));
  const latin = parts.map(([, one]) => one);
  return { given: latin.slice(0, -1), surnames: latin.slice(-1), otherScript: parts.map(([one]) => one) };
}

function russianName({ russian }: Sources, random: Random): Written {
  const { given, surnames } = russian[random.below(2) === 0 ? 0 : 1];
  const parts = [random.pick(given), random.pick(surnames)];
  const latin = parts.map(romanised);
  const [written, other] = random.chance(50) ? [parts, latin] : [latin, parts];
  return { given: written.slice(0, 1), surnames: written.slice(1), otherScript: other };
}

const cyrillic: Readonly<Record<string, string>> = Object.fromEntries(
  "а a,б b,в v,г g,д d,е e,ё e,ж zh,з z,и i,й i,к k,л l,м m,н n,о o,п p,р r,с s,т t,у u,ф f,х kh,ц ts,ч ch,ш sh,щ shch,ъ ie,ы y,ь ,э e,ю iu,я ia"
    .split(",")
    .map((pair) => pair.split(" ")),
);

/** As passports write it. */
function romanised(name: string): string {
  const latin = [...name.toLowerCase()].map((letter) => cyrillic[letter] ?? letter).join("");
  return latin.charAt(0).toUpperCase() + latin.slice(1);
}

/** A short form, another surname, or no middle name. */
function aliasOf(sources: Sources, name: Written, random: Random): Written {
  const kind = random.next();
  const short = sources.nicknames.get(name.given[0]?.toLowerCase() ?? "");
  const { otherScript: _left, ...rest } = name;
  if (kind < 0.5 && short !== undefined) {
    const called = random.pick(short);
    return { ...rest, given: [called.charAt(0).toUpperCase() + called.slice(1), ...name.given.slice(1)] };
  }
  if (kind < 0.8 || name.given.length === 1) return { ...rest, surnames: [draw(sources.surnames, random)] };
  return { ...rest, given: name.given.slice(0, 1) };
}

function dateOf(random: Random): string {
  const day = new Date(Date.UTC(1940 + random.below(68), 0, 1 + random.below(365)));
  return day.toISOString().slice(0, 10);
}

const letters = "abcdefghijklmnopqrstuvwxyz";

/** Two letters of the surname are others, or more than there were. */
function dirtied(names: readonly Written[], random: Random): readonly Written[] {
  const [name, ...aliases] = names;
  const surname = name?.surnames.at(-1);
  if (name === undefined || surname === undefined) return names;
  let wrong = surname.toLowerCase();
  for (let round = 0; round < 2; round += 1) {
    const at = 1 + random.below(wrong.length);
    wrong = wrong.slice(0, at) + letters.charAt(random.below(26)) + wrong.slice(at + random.below(2));
  }
  const { otherScript: _left, ...rest } = name;
  return [
    { ...rest, surnames: [...name.surnames.slice(0, -1), wrong.charAt(0).toUpperCase() + wrong.slice(1)] },
    ...aliases,
  ];
}
